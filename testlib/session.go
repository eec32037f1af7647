package testlib

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"os"
	"strconv"
	"sync"
	"time"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/gotempest/tempest/internal/protocol"
	"github.com/gotempest/tempest/testlib/config"
	"github.com/gotempest/tempest/testlib/embedded"
)

// session is what the tests of one process share: the configuration, the
// connections, the administrator's token and the catalogue.
type session struct {
	values  *config.Values
	core    config.Core
	cloud   cloud
	net     *http.Transport
	secrets *secrets
	slots   *slots
	life    *lifetime
	running running

	embedded *embedded.Cloud // nil on any other cloud

	mu       sync.Mutex
	fakes    map[string]bool // service types, as in the catalogue
	admin    *admin          // nil until someone asks
	adminErr error           // why there is none: not tried again
}

// process holds the session of this process. It is the one variable of the
// package, because a test function gets nothing but its *testing.T: what tests
// share can hang on nothing else.
var process struct {
	once    sync.Once
	session *session
	err     error
}

// currentSession returns the session of the process, which the first test
// opens.
func currentSession(ctx context.Context) (*session, error) {
	process.once.Do(func() {
		process.session, process.err = newSession(context.WithoutCancel(ctx))
	})
	return process.session, process.err
}

// underTempest reports whether the tests were started by the tempest command.
func underTempest() bool { return os.Getenv(protocol.EnvVersion) != "" }

// newSession reads the configuration. It does not talk to the cloud.
func newSession(ctx context.Context) (*session, error) {
	if v := os.Getenv(protocol.EnvVersion); v != "" && v != strconv.Itoa(protocol.Version) {
		return nil, fmt.Errorf("the tempest command and the testlib of go.mod are of different versions "+
			"(protocol %s and %d): run the command of the same module with `go tool tempest`", v, protocol.Version)
	}
	values, err := config.Read(config.Options{})
	if err != nil {
		return nil, err
	}
	core, err := config.Decode[config.Core](values)
	if err != nil {
		return nil, err
	}
	s, err := openSession(ctx, core)
	if err != nil {
		return nil, err
	}
	s.values = values
	if s.slots, err = newSlots(os.Getenv(protocol.EnvSlots)); err != nil {
		return nil, err
	}
	s.life.watch()
	return s, nil
}

// openSession chooses the cloud, and starts the embedded one when it is that.
func openSession(ctx context.Context, core config.Core) (*session, error) {
	c, err := chooseCloud(core)
	if err != nil {
		return nil, err
	}
	s := &session{core: core, cloud: c, secrets: &secrets{}, life: newLifetime(ctx), fakes: map[string]bool{}}
	if c.isEmbedded {
		if s.embedded, err = embedded.Start(ctx, embedded.Options{}); err != nil {
			return nil, err
		}
		s.cloud.auth = embeddedAuth(s.embedded)
	}
	s.net = newTransport(core, c.tls)
	s.secrets.pin(s.cloud.auth.Password)
	s.secrets.pin(s.cloud.auth.ApplicationCredentialSecret)
	s.secrets.pin(s.cloud.auth.TokenID)
	return s, nil
}

func embeddedAuth(c *embedded.Cloud) gophercloud.AuthOptions {
	return gophercloud.AuthOptions{
		IdentityEndpoint: c.AuthURL(), Username: "admin", Password: c.AdminPassword(), DomainName: "Default",
		Scope: &gophercloud.AuthScope{ProjectName: "admin", DomainName: "Default"}, AllowReauth: true,
	}
}

// newTransport returns the connections of a session. They are kept alive
// between calls and between tests.
func newTransport(core config.Core, tlsConfig *tls.Config) *http.Transport {
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
