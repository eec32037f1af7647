package remote_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"

	"github.com/gotempest/tempest/testlib/remote"
	"github.com/gotempest/tempest/testlib/wait"
)

func TestDialLogsIn(t *testing.T) {
	t.Parallel()
	for _, kind := range []remote.KeyType{remote.Ed25519, remote.ECDSA, remote.RSA} {
		t.Run("with a key "+string(kind), func(t *testing.T) {
			t.Parallel()
			key := newKey(t, kind)
			s := startServer(t, &sshServer{user: "cirros", public: key.Public(), hostKey: newKey(t, kind)})
			keys := []*remote.Key{newKey(t, remote.Ed25519), key}
			checkDial(t, remote.Options{Address: s.address, User: "cirros", Keys: keys, Wait: quick})
		})
	}
	t.Run("with a password", func(t *testing.T) {
		t.Parallel()
		s := startServer(t, &sshServer{user: "cirros", password: "gocubsgo"})
		checkDial(t, remote.Options{Address: s.address, User: "cirros", Password: "gocubsgo", Wait: quick})
	})
	t.Run("with a password that is asked for", func(t *testing.T) {
		t.Parallel()
		s := startServer(t, &sshServer{user: "cirros", password: "gocubsgo", asks: true})
		checkDial(t, remote.Options{Address: s.address, User: "cirros", Password: "gocubsgo", Wait: quick})
	})
	t.Run("with old algorithms too", func(t *testing.T) {
		t.Parallel()
		s := startServer(t, &sshServer{user: "cirros", password: "gocubsgo"})
		o := remote.Options{Address: s.address, User: "cirros", Password: "gocubsgo", Wait: quick, OldAlgorithms: true}
		checkDial(t, o)
	})
}

// checkDial logs in and out.
func checkDial(t *testing.T, o remote.Options) {
	t.Helper()
	c, err := remote.Dial(t.Context(), o)
	if err != nil {
		t.Fatalf("Dial: %v", err)
	}
	if out, err := c.Run(t.Context(), "echo hello"); err != nil || out.Stdout != "hello\n" {
		t.Errorf("Run = %+v, %v", out, err)
	}
	if err := c.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
	if err := c.Close(); err != nil {
		t.Errorf("the second Close: %v", err)
	}
}

func TestDialWithAgent(t *testing.T) {
	key := newKey(t, remote.Ed25519)
	private, err := key.Private()
	if err != nil {
		t.Fatal(err)
	}
	raw, err := ssh.ParseRawPrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	keyring := agent.NewKeyring()
	if err := keyring.Add(agent.AddedKey{PrivateKey: raw}); err != nil {
		t.Fatal(err)
	}
	socket := filepath.Join(t.TempDir(), "agent")
	l, err := new(net.ListenConfig).Listen(t.Context(), "unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		if conn, err := l.Accept(); err == nil {
			_ = agent.ServeAgent(keyring, conn)
		}
	}()
	t.Setenv("SSH_AUTH_SOCK", socket)
	s := startServer(t, &sshServer{user: "cirros", public: key.Public()})

	checkDial(t, remote.Options{Address: s.address, User: "cirros", Agent: true, Wait: quick})

	t.Setenv("SSH_AUTH_SOCK", socket+"-not")
	_, err = remote.Dial(t.Context(), remote.Options{Address: s.address, User: "cirros", Agent: true})
	if !errors.Is(err, os.ErrNotExist) || !strings.Contains(err.Error(), "SSH_AUTH_SOCK") {
		t.Errorf("without an agent: %v", err)
	}
}

func TestDialWaitsForAHostThatBoots(t *testing.T) {
	t.Parallel()
	s := &sshServer{user: "cirros", password: "gocubsgo"}
	s.drop.Store(2)
	s.refusals.Store(2)
	startServer(t, s)
	var said []string
	o := remote.Options{Address: s.address, User: "cirros", Password: "gocubsgo", Wait: quick}
	o.Wait.Log = func(f string, args ...any) { said = append(said, fmt.Sprintf(f, args...)) }

	checkDial(t, o)

	all := strings.Join(said, "\n")
	want := []string{": not speaking SSH", ": refusing the login", ": logged in"}
	saysIt := func(line, part string) bool { return strings.Contains(line, part) }
	if !slices.EqualFunc(said, want, saysIt) || strings.Contains(all, "gocubsgo") {
		t.Errorf("log:\n%s", all)
	}
}

// closedPort returns an address that refuses connections.
func closedPort(t *testing.T) string {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// deafPort returns an address that takes connections and says nothing.
func deafPort(t *testing.T) string {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l.Addr().String()
}

func TestDialSaysHowFarItCame(t *testing.T) {
	t.Parallel()
	const secret = "geheim-4711"
	s := startServer(t, &sshServer{user: "cirros", password: "another"})
	tests := map[string]struct {
		o    remote.Options
		want remote.Phase
		text string
	}{
		"refused":       {remote.Options{Address: closedPort(t)}, remote.Refused, "refusing connections after"},
		"login refused": {remote.Options{Address: s.address}, remote.LoginRefused, "unable to authenticate"},
		"not a host":    {remote.Options{Address: "nowhere.invalid"}, remote.Unreachable, "unreachable after"},
		"deaf": {
			remote.Options{Address: deafPort(t), Attempt: 30 * time.Millisecond}, remote.NotSSH, "no answer within 30ms",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tt.o.User, tt.o.Password, tt.o.Wait = "cirros", secret, brief
			_, err := remote.Dial(t.Context(), tt.o)
			e, ok := errors.AsType[*remote.DialError](err)
			if !ok || e.Phase != tt.want || !strings.Contains(err.Error(), tt.text) {
				t.Errorf("Dial error = %v (phase %q), want phase %q and %q", err, e.Phase, tt.want, tt.text)
			}
			w, ok := errors.AsType[*wait.Error](err)
			if !ok || !errors.Is(err, wait.ErrTimeout) || w.Last != string(tt.want) {
				t.Errorf("it wraps %v", w)
			}
			if strings.Contains(fmt.Sprintf("%v %+v %#v", err, err, err), secret) {
				t.Errorf("the password is in %#v", err)
			}
		})
	}
}

func TestDialTellsTheConsole(t *testing.T) {
	t.Parallel()
	const secret = "geheim-4711"
	o := remote.Options{Address: closedPort(t), User: "cirros", Password: secret, Wait: brief}
	o.Console = func(context.Context) (string, error) {
		return strings.Repeat("booting\n", 100) + "password is " + secret + "\nkernel panic\n", nil
	}
	_, err := remote.Dial(t.Context(), o)
	if got := err.Error(); !strings.HasSuffix(got, "booting\npassword is ***\nkernel panic") ||
		strings.Count(got, "booting") != 23 || !strings.Contains(got, "\nthe end of its console:\n") {
		t.Errorf("Dial error = %s", got)
	}
	o.Console = func(context.Context) (string, error) { return "", errors.New("no such server") }
	_, err = remote.Dial(t.Context(), o)
	if !strings.HasSuffix(err.Error(), "asking for it: no such server") {
		t.Errorf("Dial error = %v", err)
	}
}

func TestDialNeedsCredentials(t *testing.T) {
	t.Parallel()
	for _, o := range []remote.Options{
		{}, {Address: "192.0.2.1"}, {User: "cirros", Password: "x"}, {Address: "192.0.2.1", User: "cirros"},
	} {
		if _, err := remote.Dial(t.Context(), o); err == nil {
			t.Errorf("Dial took %v", o)
		}
	}
}

func TestDialEndsWithItsContext(t *testing.T) {
	t.Parallel()
	interrupt := errors.New("the run was interrupted")
	ctx, cancel := context.WithCancelCause(t.Context())
	time.AfterFunc(50*time.Millisecond, func() { cancel(interrupt) })
	_, err := remote.Dial(ctx, remote.Options{Address: deafPort(t), User: "cirros", Password: "x"})
	if !errors.Is(err, interrupt) || !strings.Contains(err.Error(), interrupt.Error()) {
		t.Errorf("Dial error = %v, want %v", err, interrupt)
	}
}

func TestHostKeysAreVerified(t *testing.T) {
	t.Parallel()
	known := &remote.HostKeys{}
	first := startServer(t, &sshServer{user: "cirros", password: "gocubsgo"})
	o := remote.Options{Address: first.address, User: "cirros", Password: "gocubsgo", Wait: quick, HostKeys: known}
	checkDial(t, o)
	checkDial(t, o)

	first.listener.Close()
	second := &sshServer{user: "cirros", password: "gocubsgo", hostKey: newKey(t, remote.ECDSA)}
	replace(t, first.address, second)
	start := time.Now()
	_, err := remote.Dial(t.Context(), o)
	e, ok := errors.AsType[*remote.HostKeyError](err)
	if !ok || e.Was != first.hostKey.Fingerprint() && !strings.Contains(err.Error(), "host key") {
		t.Errorf("Dial error = %v, want a *HostKeyError", err)
	}
	if d := time.Since(start); d > 10*time.Second {
		t.Errorf("it took %s to see that another host is there", d)
	}

	known.Forget(first.address)
	checkDial(t, o)
}

// replace starts another host at an address.
func replace(t *testing.T, address string, s *sshServer) {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	s.t, s.listener, s.address, s.forwarded = t, l, address, make(chan string, 1)
	s.conns.Go(func() { s.accept(s.config()) })
	t.Cleanup(func() {
		l.Close()
		s.conns.Wait()
	})
}

func TestDialThroughAnotherHost(t *testing.T) {
	t.Parallel()
	jump, between := dial(t, remote.Options{})
	s := startServer(t, &sshServer{user: "cirros", password: "gocubsgo"})
	checkDial(t, remote.Options{Address: s.address, User: "cirros", Password: "gocubsgo", Via: jump, Wait: quick})
	if got := <-between.forwarded; got != s.address {
		t.Errorf("the host between connected to %s, want %s", got, s.address)
	}

	o := remote.Options{Address: closedPort(t), User: "cirros", Password: "x", Via: jump, Wait: brief}
	_, err := remote.Dial(t.Context(), o)
	if e, ok := errors.AsType[*remote.DialError](err); !ok || e.Phase != remote.Refused {
		t.Errorf("Dial error = %v, want phase %q", err, remote.Refused)
	}
}

func TestKeys(t *testing.T) {
	t.Parallel()
	for _, kind := range []remote.KeyType{remote.Ed25519, remote.ECDSA, remote.RSA} {
		k := newKey(t, kind)
		private, err := k.Private()
		if err != nil {
			t.Fatal(err)
		}
		again, err := remote.ParseKey(private)
		if err != nil || again.Public() != k.Public() {
			t.Errorf("%s: ParseKey(Private()) = %v, %v", kind, again, err)
		}
		if strings.ContainsAny(k.Public(), "\n") || len(strings.Fields(k.Public())) != 2 {
			t.Errorf("%s: Public() = %q", kind, k.Public())
		}
		for _, format := range []string{"%v", "%+v", "%#v", "%s"} {
			if got := fmt.Sprintf(format, k); got != k.String() || !strings.Contains(got, "SHA256:") {
				t.Errorf("%s prints %s", format, got)
			}
		}
	}
	if _, err := remote.NewKey("dsa"); err == nil || !strings.Contains(err.Error(), `"dsa"`) {
		t.Errorf("NewKey(dsa): %v", err)
	}
	if _, err := remote.ParseKey([]byte("-----BEGIN nothing-----")); err == nil {
		t.Error("ParseKey read nonsense")
	}
}

func TestOptionsPrintNoSecret(t *testing.T) {
	t.Parallel()
	o := remote.Options{Address: "192.0.2.1", User: "cirros", Password: "geheim-4711"}
	for _, format := range []string{"%v", "%+v", "%#v", "%s"} {
		if got := fmt.Sprintf(format, o); got != "cirros@192.0.2.1" {
			t.Errorf("%s prints %s", format, got)
		}
	}
}
