// Package swift simulates the OpenStack Object Store service, API version 1, as
// Swift of the Zed release serves it: the same paths, status codes, headers,
// bodies and error texts, in memory.
//
// It is the object store of the embedded cloud. As in Swift's proxy, a request
// passes a pipeline of middlewares, each of which may answer it, change it, or
// make requests of its own to those behind it; the proxy stands at the end. A
// [Service] answers the requests of clients; everything else is for inside.
//
// It has the middlewares of a usual proxy: access by Keystone's roles and by
// access lists, copies, quotas, static and dynamic large objects, both ways to
// keep versions, links, temporary URLs, forms, static sites, bulk operations.
// It has one storage policy, one replica, and nothing that works behind the
// scenes but the removal of what has expired: containers are not copied to other
// clusters, and not spread.
//
// Where Swift takes its time, this does not: an account knows at once what its
// containers hold, and a quota counts from the next request on. A Swift tells
// accounts some seconds later, and its proxy remembers accounts and containers
// for up to a minute.
package swift

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/gotempest/tempest/testlib/embedded/keystone"
)

// Options configures [New].
type Options struct {
	// IdentityURL is where the identity service is reached, as in
	// "http://127.0.0.1:5000". The answer to a request without a valid token
	// says so.
	IdentityURL string

	// CrossDomainPolicy is what /crossdomain.xml tells players of Flash, as
	// elements of XML: <allow-access-from domain="*" secure="false" />, for
	// example. Empty means that there is no such file.
	CrossDomainPolicy string

	// Now tells the time. Nil means [time.Now].
	Now func() time.Time

	// Authenticate reads the token of a request. It is false when there is
	// none or it is not valid. Nil means that no token is valid.
	Authenticate func(*http.Request) (keystone.TokenInfo, bool)
}

// Service is the simulated service. It is safe for concurrent use.
type Service struct {
	Options
	store
	handle handler
}

// New returns a service that holds nothing yet.
func New(o Options) (*Service, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	s := &Service{Options: o, store: store{accounts: map[string]*account{}, now: o.Now}}
	s.handle = s.pipeline()
	return s, nil
}

// Roles are the roles that a deployment of Swift adds to the cloud: the
// operators of accounts, and who may touch every account.
func Roles() []string { return []string{"swiftoperator", "ResellerAdmin"} }

// ServeHTTP answers one request.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	req := newRequest(r, s.newTransID(r.Header.Get("X-Trans-Id-Extra")))
	resp := s.handle(req)
	if to := resp.header.Get("Location"); strings.HasPrefix(to, "/") && !resp.relative {
		resp.header.Set("Location", "http://"+req.host+to)
	}
	resp.header.Set("X-Trans-Id", req.transID)
	resp.header.Set("X-Openstack-Request-Id", req.transID)
	resp.send(w, req)
}

// newTransID makes an id for a request.
func (s *Service) newTransID(extra string) string {
	const idLength, extraLength = 21, 32
	id := strings.ReplaceAll(uuid.NewString(), "-", "")[:idLength]
	text := fmt.Sprintf("tx%s-%010x", id, s.Now().Unix())
	if extra != "" {
		text += "-" + quote(extra[:min(len(extra), extraLength)])
	}
	return text
}
