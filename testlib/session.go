package testlib

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"sync"

	"github.com/gotempest/tempest/internal/cloud"
	"github.com/gotempest/tempest/internal/protocol"
	"github.com/gotempest/tempest/testlib/config"
)

// session is what the tests of one process share: the configuration and the connection to
// the cloud.
type session struct {
	*cloud.Session

	values   *config.Values
	turns    *turns
	life     *lifetime
	running  running
	found    found // by options that name resources
	tally    tally
	accounts provider
	calls    callFile
	ledger   layer // between retries and the call log of every client; nil for none
	books    *books

	asked asked

	mu       sync.Mutex
	fakes    map[string]bool // service types, as in the catalogue
	declared []declaration   // options of plugins
	warned   int             // warnings of values that are in the log of a test
}

// process holds the session of this process. It is the one variable of the
// package, because a test function gets nothing but its *testing.T: what tests
// share can hang on nothing else.
var process struct {
	once    sync.Once
	session *session
	err     error

	options []Option // of Main, before the first test
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
	core.Auth.AccountsFile = values.Resolve(core.Auth.AccountsFile)
	s := &session{values: values, life: newLifetime(ctx), fakes: map[string]bool{}}
	s.Session, err = cloud.Open(s.life.ctx, core) //nolint:contextcheck // derived from ctx
	if err != nil {
		return nil, err
	}
	s.Values = values
	if s.accounts, err = newProvider(s); err != nil {
		return nil, err
	}
	s.openCalls()
	s.openLedger()
	if s.turns, err = s.newTurns(); err != nil {
		return nil, err
	}
	s.life.watch()
	return s, nil
}
