// Package embedded is a small OpenStack cloud inside the process: a simulator
// of the services that tests talk to when no real cloud is configured, on a
// loopback port.
//
// It holds the services Identity v3, Image v2 and Object Store v1, as Keystone,
// Glance and Swift of the Zed release serve them (see the packages below this
// one), each on a port of its own, in the state of a new cloud: what
// "keystone-manage bootstrap" makes, and Swift's roles. Other services can be
// added as fakes, see [Cloud.Handle], and calls can be made to fail, see
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

	"github.com/gotempest/tempest/testlib/embedded/glance"
	"github.com/gotempest/tempest/testlib/embedded/keystone"
	"github.com/gotempest/tempest/testlib/embedded/swift"
)

const (
	defaultAddr     = "127.0.0.1:0"
	defaultPassword = "secret"
)

// Options configures [Start]. The zero value works.
type Options struct {
	// Addr is the address at which the identity service listens. Empty means
	// a free port of 127.0.0.1. The other services take free ports of the same
	// host.
	Addr string

	// AdminPassword is the password of the user admin. Empty means "secret".
	AdminPassword string

	// EnforceScope makes the policies of the identity service ask for the right
	// scope: the administrator of a domain is none of the cloud then. By default
	// they do not, as those of a new Keystone of this release.
	EnforceScope bool

	// LocalImports lets the image service fetch images from this machine, at
	// any port. By default it refuses that, as Glance does.
	LocalImports bool

	// Now tells the time, for tokens and what else expires. Nil means
	// [time.Now].
	Now func() time.Time
}

// Cloud is a running embedded cloud. Its methods may be called concurrently.
type Cloud struct {
	base     string // http://127.0.0.1:PORT of the identity service
	password string
	identity *keystone.Service
	images   *glance.Service
	servers  []*server
	release  func() bool // forgets about the context

	mu     sync.RWMutex
	fakes  map[string]http.Handler // by first part of the path
	faults []*fault
}

// Start starts a cloud. It ends with ctx or with [Cloud.Close].
func Start(ctx context.Context, o Options) (*Cloud, error) {
	c := &Cloud{password: o.AdminPassword, fakes: map[string]http.Handler{}}
	if c.password == "" {
		c.password = defaultPassword
	}
	if err := c.start(ctx, o); err != nil {
		for _, s := range c.servers {
			_ = s.listener.Close() // what is told is why there is no cloud
		}
		return nil, fmt.Errorf("starting the embedded cloud: %w", err)
	}
	for _, s := range c.servers {
		go s.serve()
	}
	c.release = context.AfterFunc(ctx, func() { _ = c.closeServers() }) // Close reports why they stopped
	return c, nil
}

// start makes the services and their listeners.
func (c *Cloud) start(ctx context.Context, o Options) error {
	addr := o.Addr
	if addr == "" {
		addr = defaultAddr
	}
	main, err := c.listen(ctx, addr)
	if err != nil {
		return err
	}
	c.base = main.base
	c.identity, err = keystone.New(keystone.Options{
		BaseURL: c.base, AdminPassword: c.password, EnforceScope: o.EnforceScope, Now: o.Now,
	})
	if err != nil {
		return err
	}
	main.Handler = c
	host, _, _ := net.SplitHostPort(main.listener.Addr().String())
	return errors.Join(
		c.addGlance(ctx, net.JoinHostPort(host, "0"), o),
		c.addSwift(ctx, net.JoinHostPort(host, "0"), o.Now),
	)
}

func (c *Cloud) addGlance(ctx context.Context, addr string, o Options) error {
	s, err := c.listen(ctx, addr)
	if err != nil {
		return err
	}
	const serviceType = "image"
	c.images, err = glance.New(glance.Options{
		BaseURL: s.base, IdentityURL: c.base, LocalImports: o.LocalImports, Now: o.Now,
		Authenticate: c.authenticator(serviceType),
	})
	if err != nil {
		return err
	}
	s.Handler = c.front(serviceType, c.images)
	_, err = c.identity.RegisterService(serviceType, "glance", s.base)
	return err
}

func (c *Cloud) addSwift(ctx context.Context, addr string, now func() time.Time) error {
	s, err := c.listen(ctx, addr)
	if err != nil {
		return err
	}
	const serviceType = "object-store"
	objects, err := swift.New(swift.Options{
		IdentityURL: c.base, Now: now, Authenticate: c.authenticator(serviceType),
	})
	if err != nil {
		return err
	}
	s.Handler = c.front(serviceType, objects)
	for _, role := range swift.Roles() {
		c.identity.AddRole(role)
	}
	_, err = c.identity.RegisterService(serviceType, "swift", s.base+"/v1/AUTH_%(project_id)s")
	return err
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
	err := c.closeServers()
	for _, s := range c.servers {
		err = errors.Join(err, s.wait())
	}
	c.images.Close()
	if err != nil {
		return fmt.Errorf("stopping the embedded cloud: %w", err)
	}
	return nil
}

func (c *Cloud) closeServers() error {
	var err error
	for _, s := range c.servers {
		err = errors.Join(err, s.Close())
	}
	return err
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
	info, ok := c.authenticator(service)(r)
	if !ok {
		return Token{}, ErrUnauthorized
	}
	return Token(info), nil
}

// authenticator returns what reads the token of a request to a service.
func (c *Cloud) authenticator(serviceType string) func(*http.Request) (keystone.TokenInfo, bool) {
	return func(r *http.Request) (keystone.TokenInfo, bool) {
		return c.identity.Token(r.Header.Get("X-Auth-Token"), keystone.Call{
			Service: serviceType, Method: r.Method, Path: r.URL.Path,
		})
	}
}

// Handle adds a fake service to the cloud: it registers the service with its
// endpoints in the catalogue and returns the address at which h is reached,
// which is the endpoint. h sees paths below that address, as "/v1/secrets".
// A fake takes the place of the image or the object-store service that the
// cloud has. A service type can be added once.
func (c *Cloud) Handle(serviceType, name string, h http.Handler) (string, error) {
	if serviceType == "" || url.PathEscape(serviceType) != serviceType || serviceType == "v3" {
		return "", fmt.Errorf("adding a fake service: %q is not usable as a service type", serviceType)
	}
	address := c.base + "/" + serviceType
	c.mu.Lock()
	defer c.mu.Unlock()
	register := c.identity.RegisterService
	if c.fakes[serviceType] == nil && serviceType != "identity" {
		register = c.identity.ReplaceService
	}
	if _, err := register(serviceType, name, address); err != nil {
		return "", fmt.Errorf("adding a fake %s: %w", serviceType, err)
	}
	c.fakes[serviceType] = h
	return address, nil
}

// ServeHTTP answers a request to the identity service or to a fake. Every
// answer has a request id, those of fakes and faults too.
func (c *Cloud) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	first, rest, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	c.mu.RLock()
	fake := c.fakes[first]
	c.mu.RUnlock()
	if fake == nil {
		c.front("identity", c.identity).ServeHTTP(w, r)
		return
	}
	c.front(first, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		below := r.Clone(r.Context())
		below.URL.Path = "/" + rest
		below.URL.RawPath = strings.TrimPrefix(r.URL.RawPath, "/"+first)
		fake.ServeHTTP(w, below)
	})).ServeHTTP(w, r)
}

// front puts in front of a service what all of them have: a request id, and the
// faults that were ordered.
func (c *Cloud) front(serviceType string, service http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Openstack-Request-Id", "req-"+uuid.NewString())
		if c.breakRequest(w, r, serviceType) {
			return
		}
		service.ServeHTTP(w, r)
	})
}
