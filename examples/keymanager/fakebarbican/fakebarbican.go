// Package fakebarbican is a key manager in memory that answers as OpenStack's
// Barbican does: secrets with their payloads, metadata and ACLs, containers
// with their ACLs and consumers, under the API's microversion 1.0.
//
// Status codes, bodies and the order of the checks (token, path, method, role,
// content type, body) are those seen on Barbican 15.0 (Zed) that enforces its
// new default policies: a member of the project may do all, a reader nothing,
// and an ACL opens a secret to users of other projects.
//
// Orders, quotas, secret stores, transport keys and consumers of secrets are
// missing: their paths answer 404. Payloads are kept as they are; nothing is
// encrypted. It is for tests, never for secrets.
package fakebarbican

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// Limits of Barbican 15.0. Source: barbican/common/config.py.
const (
	// DefaultMaxPayload is the largest payload in bytes.
	DefaultMaxPayload = 20000

	maxRequest   = 25000 // bytes of a body that are read; the rest is cut off
	defaultLimit = 10    // entries of a page
	maxLimit     = 100
)

// A Caller is who sent a request, as its token says.
type Caller struct {
	UserID    string
	ProjectID string // empty for a token without a project
	Roles     []string
}

func (c Caller) is(role string) bool { return slices.Contains(c.Roles, role) }

// Options configures [New].
type Options struct {
	// Authenticate tells who sent a request. An error is answered with 401. It
	// must be set, and may be called concurrently.
	Authenticate func(*http.Request) (Caller, error)

	// MaxPayload is the largest payload in bytes. 0 means [DefaultMaxPayload].
	MaxPayload int

	// Now is the clock. Nil means time.Now.
	Now func() time.Time
}

// A Server is one key manager. Its methods may be called concurrently.
type Server struct {
	options Options

	mu         sync.Mutex
	secrets    map[string]*secret
	containers map[string]*container
}

// New returns a key manager without secrets.
func New(o Options) *Server {
	if o.MaxPayload == 0 {
		o.MaxPayload = DefaultMaxPayload
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Server{
		options:    o,
		secrets:    map[string]*secret{},
		containers: map[string]*container{},
	}
}

// now returns the time as the database keeps it: UTC, in whole seconds.
func (s *Server) now() time.Time { return s.options.Now().UTC().Truncate(time.Second) }

// A resource is what one path names: its operations by HTTP method, and under
// [otherMethods] what it says of those that it lacks.
type resource map[string]operation

// otherMethods are refused in HTML, and with 406 to a caller who does not accept
// that, unless a resource has an entry for them: then like its operations.
const otherMethods = ""

// An operation is one method of a resource.
type operation struct {
	title     string   // opens the text of its errors: "Secret creation"
	allow     rule     // policy
	types     []string // content types that the request may have; none means any
	anyAccept bool     // any Accept header will do, not only JSON
	do        func(*call) (reply, error)
}

// find returns the resource that the path of c names, and notes the secret or
// container that it belongs to in c.
func (s *Server) find(c *call) (resource, error) {
	path := strings.Split(strings.TrimSuffix(c.path, "/"), "/")
	switch {
	case c.path == "":
		return s.version(), nil
	case path[0] == "secrets" && len(path) == 1:
		return s.secretList(), nil
	case path[0] == "secrets":
		return s.findSecret(c, path[1], path[2:])
	case path[0] == "containers" && len(path) == 1:
		return s.containerList(), nil
	case path[0] == "containers":
		return s.findContainer(c, path[1], path[2:])
	}
	return nil, &problem{status: http.StatusNotFound}
}

func (s *Server) version() resource {
	return resource{http.MethodGet: {title: "Version retrieval", allow: anyone, do: func(c *call) (reply, error) {
		return reply{body: map[string]any{"version": versionInfo(c)}}, nil
	}}}
}

// versionInfo describes the one version there is.
func versionInfo(c *call) map[string]any {
	return map[string]any{
		"id":     "v1",
		"status": "stable",
		"links": []map[string]any{
			{"rel": "self", "href": c.base + "/v1/"},
			{"rel": "describedby", "type": "text/html", "href": "https://docs.openstack.org/"},
		},
		"media-types": []map[string]any{
			{"base": jsonType, "type": "application/vnd.openstack.key-manager-v1+json"},
		},
	}
}
