// Package embedded is a small OpenStack cloud inside the process: a simulator
// of the services that tests talk to when no real cloud is configured, on a
// loopback port.
//
// It holds OpenStack Identity, API version 3, as Keystone of the Zed release
// serves it (see package keystone below this one), in the state in which
// "keystone-manage bootstrap" leaves a new cloud. Other services can be added
// as fakes, see [Cloud.Handle], and calls can be made to fail, see
// [Cloud.Inject]. Everything is in memory and gone with [Cloud.Close].
//
// It is for tests. It does not replace a cloud: what counts is that the same
// tests pass on both.
package embedded

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/gotempest/tempest/testlib/embedded/keystone"
)

const (
	defaultAddr     = "127.0.0.1:0"
	defaultPassword = "secret"

	// headerTimeout bounds how long a client may take to send its headers.
	headerTimeout = 10 * time.Second
)

// Options configures [Start]. The zero value works.
type Options struct {
	// Addr is the address to listen on. Empty means a free port of 127.0.0.1.
	Addr string

	// AdminPassword is the password of the user admin. Empty means "secret".
	AdminPassword string

	// Now tells the time, for tokens and what else expires. Nil means
	// [time.Now].
	Now func() time.Time
}

// Cloud is a running embedded cloud. Its methods may be called concurrently.
type Cloud struct {
	base     string // http://127.0.0.1:PORT
	password string
	identity *keystone.Service
	server   *http.Server
	done     chan struct{} // closed when the server has stopped
	serveErr error         // why it stopped; read after done
	release  func() bool   // forgets about the context

	mu     sync.RWMutex
	fakes  map[string]http.Handler // by first part of the path
	faults []*fault
}

// Start starts a cloud. It ends with ctx or with [Cloud.Close].
func Start(ctx context.Context, o Options) (*Cloud, error) {
	addr, password := o.Addr, o.AdminPassword
	if addr == "" {
		addr = defaultAddr
	}
	if password == "" {
		password = defaultPassword
	}
	var lc net.ListenConfig
	listener, err := lc.Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("starting the embedded cloud: %w", err)
	}
	base := "http://" + reachable(listener.Addr())
	identity, err := keystone.New(keystone.Options{BaseURL: base, AdminPassword: password, Now: o.Now})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("starting the embedded cloud: %w", err), listener.Close())
	}
	c := &Cloud{
		base: base, password: password, identity: identity,
		done: make(chan struct{}), fakes: map[string]http.Handler{},
	}
	c.server = &http.Server{Handler: c, ReadHeaderTimeout: headerTimeout}
	go func() {
		defer close(c.done)
		if err := c.server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			c.serveErr = err
		}
	}()
	c.release = context.AfterFunc(ctx, func() { _ = c.server.Close() }) // Close reports why it stopped
	return c, nil
}

// reachable returns the host and port at which this machine reaches addr, which
// may stand for all interfaces.
func reachable(addr net.Addr) string {
	if tcp, ok := addr.(*net.TCPAddr); ok && tcp.IP.IsUnspecified() {
		return fmt.Sprintf("127.0.0.1:%d", tcp.Port)
	}
	return addr.String()
}

// AuthURL is the address of the identity service, as in
// "http://127.0.0.1:43210/v3".
func (c *Cloud) AuthURL() string { return c.base + "/v3" }

// AdminPassword is the password of the user admin in the domain Default, who
// has the role admin on the project admin and on the system.
func (c *Cloud) AdminPassword() string { return c.password }

// Close stops the cloud and cuts what connections are left. It may be called
// more than once.
func (c *Cloud) Close() error {
	c.release()
	err := c.server.Close()
	<-c.done
	if err = errors.Join(err, c.serveErr); err != nil {
		return fmt.Errorf("stopping the embedded cloud: %w", err)
	}
	return nil
}

// CloudsYAML is the text of a clouds.yaml with this cloud, called name, and its
// administrator.
func (c *Cloud) CloudsYAML(name string) []byte {
	return fmt.Appendf(nil, `clouds:
  %q:
    region_name: RegionOne
    identity_api_version: "3"
    auth:
      auth_url: %q
      username: admin
      password: %q
      project_name: admin
      user_domain_name: Default
      project_domain_name: Default
`, name, c.AuthURL(), c.password)
}

// ExpireTokens makes every token that was issued so far expire now.
func (c *Cloud) ExpireTokens() { c.identity.ExpireTokens() }

// Token is what a valid token stands for. Of ProjectID, DomainID and System at
// most one is set: the scope.
type Token struct {
	UserID, UserName, UserDomainID string // who has it
	ProjectID, ProjectName         string // empty for another scope
	ProjectDomainID                string // domain of the project
	DomainID                       string
	System                         bool
	Roles                          []string // names, sorted
}

// ErrUnauthorized is returned by [Cloud.Authenticate] for a request without a
// valid token.
var ErrUnauthorized = errors.New("no valid token")

// Authenticate reads the X-Auth-Token of a request to a fake service. The
// error is [ErrUnauthorized] when there is none, it is not valid, or it is of
// an application credential whose access rules do not allow the request. The
// fake should answer that with 401.
func (c *Cloud) Authenticate(r *http.Request) (Token, error) {
	service, _, _ := strings.Cut(strings.TrimPrefix(r.RequestURI, "/"), "/")
	info, ok := c.identity.Token(r.Header.Get("X-Auth-Token"), keystone.Call{
		Service: service, Method: r.Method, Path: r.URL.Path,
	})
	if !ok {
		return Token{}, ErrUnauthorized
	}
	return Token(info), nil
}

// Handle adds a fake service to the cloud: it registers the service with its
// endpoints in the catalogue and returns the address at which h is reached,
// which is the endpoint. h sees paths below that address, as "/v1/secrets".
// A service type can be added once.
func (c *Cloud) Handle(serviceType, name string, h http.Handler) (string, error) {
	if serviceType == "" || url.PathEscape(serviceType) != serviceType || serviceType == "v3" {
		return "", fmt.Errorf("adding a fake service: %q is not usable as a service type", serviceType)
	}
	address := c.base + "/" + serviceType
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, err := c.identity.RegisterService(serviceType, name, address); err != nil {
		return "", fmt.Errorf("adding a fake %s: %w", serviceType, err)
	}
	c.fakes[serviceType] = h
	return address, nil
}

// ServeHTTP answers a request to any service of the cloud. Every answer has a
// request id, those of fakes and faults too.
func (c *Cloud) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-Openstack-Request-Id", "req-"+uuid.NewString())
	if c.breakRequest(w, r) {
		return
	}
	first, rest, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	c.mu.RLock()
	fake := c.fakes[first]
	c.mu.RUnlock()
	if fake == nil {
		c.identity.ServeHTTP(w, r)
		return
	}
	below := r.Clone(r.Context())
	below.URL.Path = "/" + rest
	below.URL.RawPath = strings.TrimPrefix(r.URL.RawPath, "/"+first)
	fake.ServeHTTP(w, below)
}
