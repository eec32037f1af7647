// Package swift simulates the OpenStack Object Store service, API version 1, as Swift of
// the Zed release serves it, in memory.
package swift

import (
	"net/http"
	"time"

	"github.com/gotempest/tempest/testlib/embedded/keystone"
)

// Options configures [New].
type Options struct {
	// BaseURL is where the service is reached, without a version, as in
	// "http://127.0.0.1:8080".
	BaseURL string

	// Now tells the time. Nil means [time.Now].
	Now func() time.Time

	// Authenticate reads the token of a request. It is false when there is
	// none or it is not valid.
	Authenticate func(*http.Request) (keystone.TokenInfo, bool)
}

// Service is the simulated service. It is safe for concurrent use.
type Service struct {
	Options
}

// New returns a service that holds nothing yet.
func New(o Options) (*Service, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Service{Options: o}, nil
}

// Roles are the roles that a deployment of Swift adds to the cloud: the
// operators of accounts, and who may touch every account.
func Roles() []string { return []string{"swiftoperator", "ResellerAdmin"} }

// ServeHTTP answers one request.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	http.NotFound(w, r)
}
