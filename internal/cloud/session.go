package cloud

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/gotempest/tempest/internal/secret"
	"github.com/gotempest/tempest/testlib/config"
	"github.com/gotempest/tempest/testlib/embedded"
)

// Session is the connection of one process to the cloud. Its methods may be called
// concurrently.
type Session struct {
	Core     config.Core
	Values   *config.Values // for the options of services that Core does not have; may be nil
	Cloud    Cloud
	Secrets  *secret.Scrubber
	Embedded *embedded.Cloud // nil on any other cloud

	ctx  context.Context // kept, because it is the life of the process
	net  *http.Transport
	stop context.CancelFunc // of the embedded cloud

	mu       sync.Mutex
	admin    *Admin // nil until someone asks
	adminErr error  // why there is none: not tried again

	endpoints atomic.Pointer[[]endpoint] // of the catalogue, nil until the administrator has logged in
}

// Open finds the cloud that the configuration and the environment name, and starts the
// embedded one when it is that; it does not talk to any other. When ctx ends, nobody can log in
// any more; the embedded cloud goes on until [Session.Close], because clean-ups still need it.
func Open(ctx context.Context, core config.Core) (*Session, error) {
	c, err := Choose(core)
	if err != nil {
		return nil, err
	}
	s := &Session{Core: core, Cloud: c, Secrets: &secret.Scrubber{}, ctx: ctx}
	life, stop := context.WithCancel(context.WithoutCancel(ctx))
	s.stop = stop
	if c.IsEmbedded {
		if s.Embedded, err = embedded.Start(life, embedded.Options{
			EnforceScope: core.IdentityFeatureEnabled.EnforceScope, LocalImports: true,
		}); err != nil {
			stop()
			return nil, err
		}
		s.Cloud.Auth = EmbeddedAuth(s.Embedded)
	}
	s.net = NewTransport(core, c.TLS)
	s.Secrets.Pin(s.Cloud.Auth.Password)
	s.Secrets.Pin(s.Cloud.Auth.ApplicationCredentialSecret)
	s.Secrets.Pin(s.Cloud.Auth.TokenID)
	return s, nil
}

// Transport returns the connections of the session, which all clients share.
func (s *Session) Transport() http.RoundTripper { return s.net }

// Close closes the connections that are not in use, and ends the embedded cloud.
func (s *Session) Close() {
	s.net.CloseIdleConnections()
	s.stop()
}

// EmbeddedAuth returns how the administrator of an embedded cloud logs in.
func EmbeddedAuth(c *embedded.Cloud) gophercloud.AuthOptions {
	return gophercloud.AuthOptions{
		IdentityEndpoint: c.AuthURL(), Username: "admin", Password: c.AdminPassword(), DomainName: "Default",
		Scope: &gophercloud.AuthScope{ProjectName: "admin", DomainName: "Default"}, AllowReauth: true,
	}
}

// NewTransport returns connections with the time limits of the configuration. They are
// kept alive between calls.
func NewTransport(core config.Core, tlsConfig *tls.Config) *http.Transport {
	return &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: core.Auth.ConnectTimeout}).DialContext,
		TLSClientConfig:       tlsConfig,
		TLSHandshakeTimeout:   core.Auth.ConnectTimeout,
		ResponseHeaderTimeout: core.Auth.RequestTimeout,
		MaxIdleConnsPerHost:   maxIdleConns,
		IdleConnTimeout:       idleTimeout,
	}
}

const (
	maxIdleConns = 64 // connections to one service that are kept for the next call
	idleTimeout  = 30 * time.Second
)
