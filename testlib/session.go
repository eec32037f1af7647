package testlib

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"sync"

	"github.com/gotempest/tempest/internal/protocol"
	"github.com/gotempest/tempest/testlib/config"
)

// session is what the tests of one process share: the configuration, the
// connection pool, the administrator's token and the catalogue.
type session struct {
	core config.Core
	net  *http.Transport
	cloud

	embedded *struct{}

	// admin is the administrator, once someone has asked for it.
	admin func() (*admin, error)
}

// current returns the session of this process. It is the only variable of the package: test
// functions get nothing but a *testing.T, so what they share can hang on nothing else.
var currentSession = sync.OnceValues(newSession)

func newSession() (*session, error) {
	if v := os.Getenv(protocol.EnvVersion); v != "" && v != strconv.Itoa(protocol.Version) {
		return nil, fmt.Errorf("this test speaks version %d of tempest's protocol, the tempest command version %s: "+
			"run the command of the same module, `go tool tempest`", protocol.Version, v)
	}
	core, err := config.Load[config.Core](config.Options{})
	if err != nil {
		return nil, err
	}
	return openSession(core)
}

func openSession(core config.Core) (*session, error) {
	c, err := chooseCloud(core)
	if err != nil {
		return nil, err
	}
	s := &session{core: core, cloud: c, net: newTransport(core, c.tls)}
	s.admin = sync.OnceValues(func() (*admin, error) { return s.logIn(context.Background()) })
	return s, nil
}

func (s *session) authURL() string { return s.auth.IdentityEndpoint }
