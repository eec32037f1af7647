// Package glance simulates the OpenStack Image service, API version 2.15, as
// Glance of the Zed release serves it, in memory: the same paths, status codes,
// bodies, headers and error texts.
//
// It has the default access rules and settings of Zed, one store called file,
// the import methods glance-direct, web-download and copy-image, and neither a
// cache nor limits in Keystone nor locations that clients may see. It checks no
// signatures of images.
//
// Where Glance takes its time, this does not: staged data is imported when the
// import is answered. What is fetched from the web takes as long as it takes,
// and the image is importing at once, where Glance shows it queued for a moment.
package glance

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/gotempest/tempest/testlib/embedded/keystone"
)

const requestIDHeader = "X-Openstack-Request-Id"

// Options configures [New].
type Options struct {
	// BaseURL is where the service is reached, without a version, as in
	// "http://127.0.0.1:9292".
	BaseURL string

	// IdentityURL is where the identity service is reached, without a version.
	// Who comes without a token is told.
	IdentityURL string

	// LocalImports lets images be fetched from this machine too, at any port,
	// as if Glance's filter of imports named it.
	LocalImports bool

	// Now tells the time. Nil means [time.Now].
	Now func() time.Time

	// Authenticate reads the token of a request. It is false when there is
	// none or it is not valid.
	Authenticate func(*http.Request) (keystone.TokenInfo, bool)
}

// Service is the simulated service. It is safe for concurrent use.
type Service struct {
	Options
	router  router
	schemas *schemas

	work   sync.WaitGroup // what goes on without a client
	closed chan struct{}  // closed to end it
	fetch  func(ctx context.Context, uri string) ([]byte, error)

	mu sync.RWMutex // guards what follows
	store
}

// New returns a service that holds nothing yet.
func New(o Options) (*Service, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	schemas, err := loadSchemas()
	if err != nil {
		return nil, err
	}
	s := &Service{Options: o, schemas: schemas, closed: make(chan struct{}), store: newStore()}
	s.types = seededTypes(s.now())
	s.fetch = s.download
	s.imageRoutes(&s.router)
	s.infoRoutes(&s.router)
	s.schemaRoutes(&s.router)
	s.definitionRoutes(&s.router)
	s.taskRoutes(&s.router)
	return s, nil
}

// ServeHTTP answers one request.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	id := w.Header().Get(requestIDHeader) // of what is in front
	w.Header().Del(requestIDHeader)
	if r.Method == http.MethodOptions {
		w.WriteHeader(http.StatusOK)
		return
	}
	if r.URL.Path == "/healthcheck" {
		serveHealth(w, r)
		return
	}
	version, rest, _ := strings.Cut(strings.TrimLeft(r.URL.Path, "/"), "/")
	switch {
	case version == "versions":
		s.serveVersions(w, http.StatusOK)
		return
	case !slices.Contains(versionPrefixes(), version):
		s.serveVersions(w, http.StatusMultipleChoices)
		return
	}
	token, ok := s.Authenticate(r)
	if !ok {
		w.Header().Set("Www-Authenticate", `Keystone uri="`+s.IdentityURL+`"`)
		writeError(w, r, statusError(http.StatusUnauthorized))
		return
	}
	w.Header().Set(requestIDHeader, requestID(r, id))
	if rest == "" && !strings.HasSuffix(r.URL.Path, "/") {
		w.Header().Set("Location", s.BaseURL+"/v2/")
		w.Header().Set("Content-Type", "text/plain; charset=utf8")
		w.WriteHeader(http.StatusFound)
		return
	}
	s.serve(w, r, "/"+rest, newCaller(token))
}

// requestID is the id of a request: the client's, or given, or a new one.
func requestID(r *http.Request, given string) string {
	id := r.Header.Get(requestIDHeader)
	switch {
	case id == "" && given == "":
		return "req-" + uuid.NewString()
	case id == "":
		return given
	case strings.HasPrefix(id, "req-"):
		return id
	}
	return "req-" + id
}

func newCaller(token keystone.TokenInfo) caller {
	c := caller{user: token.UserID, project: token.ProjectID, roles: token.Roles}
	c.admin = slices.ContainsFunc(token.Roles, func(role string) bool { return strings.EqualFold(role, "admin") })
	return c
}

// now is the time as the database keeps it.
func (s *Service) now() time.Time { return s.Now().UTC().Truncate(time.Second) }

// timestamp formats t as the API does.
func timestamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }
