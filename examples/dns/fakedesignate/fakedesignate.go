// Package fakedesignate is a DNS service in memory that answers as OpenStack's
// Designate does: zones, sets of records and quotas of the API's version 2.
//
// Status codes, types of errors and the policy are those seen on Designate 15.0
// (Zed) that enforces its new default policies: a member of the project may do
// all in it, a reader only read, and an administrator sees all projects and
// sets quotas. A zone is PENDING in the answer that makes it and ACTIVE when it
// is asked for, and one that is deleted is gone at once.
//
// There is no nameserver. Pools, TSIG keys, transfers, imports, reverse names
// and updates are missing: their paths answer 404. It is for tests.
package fakedesignate

import (
	"net/http"
	"slices"
	"sync"
	"time"
)

// A Caller is who sent a request, as its token says.
type Caller struct {
	ProjectID string // empty for a token without a project
	Roles     []string
}

// Server is one DNS service. It may be used concurrently.
type Server struct {
	authenticate func(*http.Request) (Caller, error)
	routes       *http.ServeMux

	mu     sync.Mutex
	zones  map[string]*zone          // by ID
	quotas map[string]map[string]int // what was set, by project
}

// New returns a DNS service without zones. authenticate tells who sent a
// request; an error is answered with 401. It may be called concurrently.
func New(authenticate func(*http.Request) (Caller, error)) *Server {
	s := &Server{
		authenticate: authenticate, routes: http.NewServeMux(),
		zones: map[string]*zone{}, quotas: map[string]map[string]int{},
	}
	for pattern, h := range map[string]handler{
		"POST /v2/zones":                           s.createZone,
		"GET /v2/zones":                            s.listZones,
		"GET /v2/zones/{zone}":                     s.showZone,
		"PATCH /v2/zones/{zone}":                   s.updateZone,
		"DELETE /v2/zones/{zone}":                  s.deleteZone,
		"POST /v2/zones/{zone}/recordsets":         s.createRecords,
		"GET /v2/zones/{zone}/recordsets":          s.listRecords,
		"GET /v2/zones/{zone}/recordsets/{set}":    s.showRecords,
		"PUT /v2/zones/{zone}/recordsets/{set}":    s.updateRecords,
		"DELETE /v2/zones/{zone}/recordsets/{set}": s.deleteRecords,
		"GET /v2/quotas/{project}":                 s.showQuotas,
		"PATCH /v2/quotas/{project}":               s.updateQuotas,
		"DELETE /v2/quotas/{project}":              s.resetQuotas,
	} {
		s.routes.HandleFunc(pattern, s.serve(h))
	}
	return s
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.routes.ServeHTTP(w, r) }

// A call is one request with its caller.
type call struct {
	*http.Request
	Caller
	all bool // asks for all projects
}

func (c *call) is(role string) bool { return slices.Contains(c.Roles, role) }

// sees says whether the caller may know of what belongs to a project.
func (c *call) sees(project string) bool { return c.all || project == c.ProjectID }

// mayWrite says whether the caller may change what belongs to its project.
func (c *call) mayWrite() bool { return c.is("member") || c.is("admin") }

// now is the time as the API writes it.
func now() string { return time.Now().UTC().Format("2006-01-02T15:04:05.000000") }
