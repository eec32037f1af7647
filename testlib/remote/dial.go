package remote

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"strings"
	"syscall"
	"time"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"

	"github.com/gotempest/tempest/testlib/wait"
)

// Defaults of [Options].
const (
	DefaultAttempt   = 20 * time.Second
	DefaultKeepAlive = 15 * time.Second
	DefaultOutput    = 1 << 20
)

const sshPort = "22"

// Options says how to log in to a host. Printing it prints no secrets.
type Options struct {
	// Address is "host" or "host:port", the port of SSH by default. Required.
	Address string

	// User is who logs in. Required.
	User string

	// Password is offered, also when the host asks for it by itself. Empty means none.
	Password string

	// Keys are offered one after the other.
	Keys []*Key

	// Agent offers the keys of the agent at SSH_AUTH_SOCK.
	Agent bool

	// Via is a host through which this one is reached. Closing it closes this connection too. Nil means directly.
	Via *Client

	// HostKeys remembers the keys of hosts. Share one within a test. Nil remembers nothing beyond this connection.
	HostKeys *HostKeys

	// Wait says how long the host is waited for while it boots: until it can be reached, speaks SSH, and takes the
	// login. Its Log is told what the host does in between.
	Wait wait.Options

	// Console returns what the server has written to its console. It is asked for when nobody could log in, and
	// its last lines are in the error. Nil means that there is nothing to ask.
	Console func(context.Context) (string, error)

	// Attempt bounds each try to log in. 0 means DefaultAttempt.
	Attempt time.Duration

	// KeepAlive is how often a host is asked whether it is still there. After three times without an answer the
	// connection is closed, and what waits for it fails. 0 means DefaultKeepAlive, less means never.
	KeepAlive time.Duration

	// Prologue stands before each command, as "set -eu;". It is in no error and no log. Empty means none.
	Prologue string

	// Output is how many bytes of each stream [Client.Run] keeps. 0 means DefaultOutput.
	Output int

	// OldAlgorithms also takes algorithms that are no longer held safe, for images from before 2016.
	OldAlgorithms bool

	// Log is told the commands that are run, with how they ended, as t.Logf. Nil discards them.
	Log func(format string, args ...any)
}

// String names the user and the host.
func (o Options) String() string { return o.User + "@" + o.Address }

// GoString returns the same as String: %#v prints no password.
func (o Options) GoString() string { return o.String() }

// A Phase is how far a login came.
type Phase string

// Phases of a login, in their order.
const (
	Unreachable    Phase = "unreachable"          // nothing answers
	Refused        Phase = "refusing connections" // the host answers, but nothing listens on the port
	NotSSH         Phase = "not speaking SSH"     // something listens, but there is no SSH (yet)
	LoginRefused   Phase = "refusing the login"   // SSH works, but the user, key or password is not taken (yet)
	HostKeyChanged Phase = "another host"         // the host has not the key that it had before
	connected      Phase = "logged in"
)

// A DialError says why nobody could log in.
type DialError struct {
	Address string // as in [Options]
	User    string // who tried to log in
	Phase   Phase  // how far the last try came
	Err     error  // why that ended
	Wait    error  // the [*wait.Error], or nil when nothing was tried
	Console string // the end of the console, or why it could not be had; empty if nobody asked
}

// Error says what was tried, for how long, and how the last try ended.
func (e *DialError) Error() string {
	s := fmt.Sprintf("logging in to %s@%s: ", e.User, e.Address)
	if w, ok := errors.AsType[*wait.Error](e.Wait); ok {
		s += fmt.Sprintf("%s after %s and %d tries: ", e.Phase, w.Elapsed.Round(time.Millisecond), w.Polls)
		if !errors.Is(w.Cause, wait.ErrTimeout) && !errors.Is(w.Cause, wait.ErrBadState) {
			s += w.Cause.Error() + ": "
		}
	}
	s += e.Err.Error()
	if e.Console != "" {
		s += "\nthe end of its console:\n" + e.Console
	}
	return s
}

// Unwrap returns how the last try ended, and why no other followed.
func (e *DialError) Unwrap() []error {
	if e.Wait == nil {
		return []error{e.Err}
	}
	return []error{e.Err, e.Wait}
}

// try is one try to log in.
type try struct {
	conn  *ssh.Client
	phase Phase
	err   error
}

// Dial logs in to a host. It tries again until the host takes the login, o.Wait is over, or ctx ends. The
// error is a [*DialError].
func Dial(ctx context.Context, o Options) (*Client, error) {
	if o.Address == "" || o.User == "" {
		return nil, &DialError{Address: o.Address, User: o.User, Err: errors.New("want an address and a user")}
	}
	if o.HostKeys == nil {
		o.HostKeys = &HostKeys{}
	}
	d := dialer{o: o, address: withPort(o.Address)}
	config, done, err := d.config(ctx)
	if err != nil {
		return nil, &DialError{Address: o.Address, User: o.User, Err: err}
	}
	defer done()
	last, err := wait.For(ctx, wait.Poll[try, Phase]{
		What:  "login to " + o.String(),
		Get:   func(ctx context.Context) (try, error) { return d.try(ctx, config), nil },
		State: func(t try) Phase { return t.phase },
		Want:  []Phase{connected},
		Bad:   []Phase{HostKeyChanged},
	}, o.Wait)
	if err != nil {
		return nil, d.failed(ctx, last, err)
	}
	return newClient(ctx, last.conn, o), nil
}

// failed makes the error. A try that the end of ctx cut short says nothing.
func (d dialer) failed(ctx context.Context, last try, err error) error {
	if last.err == nil {
		last.phase, last.err = Unreachable, errors.New("no try came to an end")
	}
	return &DialError{
		Address: d.o.Address, User: d.o.User, Phase: last.phase, Err: last.err, Wait: err, Console: d.console(ctx),
	}
}

// Limits of what is told of a console.
const (
	consoleTimeout = 20 * time.Second
	consoleLines   = 25
	consoleBytes   = 4 << 10
)

// console returns the last lines of the server's console.
func (d dialer) console(ctx context.Context) string {
	if d.o.Console == nil {
		return ""
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), consoleTimeout)
	defer cancel()
	text, err := d.o.Console(ctx)
	if err != nil {
		return "asking for it: " + err.Error()
	}
	lines := strings.Split(strings.TrimSpace(text), "\n")
	end := strings.Join(lines[max(len(lines)-consoleLines, 0):], "\n")
	end = strings.ToValidUTF8(end[max(len(end)-consoleBytes, 0):], "")
	if d.o.Password != "" {
		end = strings.ReplaceAll(end, d.o.Password, "***")
	}
	return end
}

// withPort adds the port of SSH to an address without one.
func withPort(address string) string {
	if _, _, err := net.SplitHostPort(address); err == nil {
		return address
	}
	return net.JoinHostPort(strings.Trim(address, "[]"), sshPort)
}

type dialer struct {
	o       Options
	address string
}

// config returns how to log in. done closes the connection to the agent.
func (d dialer) config(ctx context.Context) (_ *ssh.ClientConfig, done func(), err error) {
	done = func() {}
	safe := ssh.SupportedAlgorithms()
	config := &ssh.ClientConfig{
		User: d.o.User, HostKeyCallback: d.o.HostKeys.check, HostKeyAlgorithms: safe.HostKeys,
	}
	if d.o.OldAlgorithms {
		old := ssh.InsecureAlgorithms()
		config.KeyExchanges = slices.Concat(safe.KeyExchanges, old.KeyExchanges)
		config.Ciphers = slices.Concat(safe.Ciphers, old.Ciphers)
		config.MACs = slices.Concat(safe.MACs, old.MACs)
		config.HostKeyAlgorithms = slices.Concat(safe.HostKeys, old.HostKeys)
	}
	if len(d.o.Keys) > 0 {
		signers := make([]ssh.Signer, len(d.o.Keys))
		for i, k := range d.o.Keys {
			signers[i] = k.signer
		}
		config.Auth = append(config.Auth, ssh.PublicKeys(signers...))
	}
	if d.o.Agent {
		conn, err := new(net.Dialer).DialContext(ctx, "unix", os.Getenv("SSH_AUTH_SOCK"))
		if err != nil {
			return nil, nil, fmt.Errorf("asking the agent at SSH_AUTH_SOCK: %w", err)
		}
		done = func() { conn.Close() }
		config.Auth = append(config.Auth, ssh.PublicKeysCallback(agent.NewClient(conn).Signers))
	}
	if d.o.Password != "" {
		config.Auth = append(config.Auth, ssh.Password(d.o.Password), ssh.KeyboardInteractive(d.answer))
	}
	if len(config.Auth) == 0 {
		return nil, nil, errors.New("want a password, keys or the agent")
	}
	return config, done, nil
}

// answer gives the password to a host that asks questions.
func (d dialer) answer(_, _ string, questions []string, _ []bool) ([]string, error) {
	answers := make([]string, len(questions))
	for i := range answers {
		answers[i] = d.o.Password
	}
	return answers, nil
}

// try tries once to log in.
func (d dialer) try(ctx context.Context, config *ssh.ClientConfig) try {
	limit := d.o.Attempt
	if limit <= 0 {
		limit = DefaultAttempt
	}
	ctx, cancel := context.WithTimeoutCause(ctx, limit, fmt.Errorf("no answer within %s", limit))
	defer cancel()
	conn, err := d.connect(ctx)
	if err != nil {
		return try{phase: connectPhase(err), err: err}
	}
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	with := *config
	with.HostKeyAlgorithms = d.o.HostKeys.prefer(d.address, with.HostKeyAlgorithms)
	c, channels, requests, err := ssh.NewClientConn(conn, d.address, &with)
	if !stop() { // the time is over: what the closed connection said is of no interest
		conn.Close()
		return try{phase: NotSSH, err: context.Cause(ctx)}
	}
	if err != nil {
		conn.Close()
		return try{phase: loginPhase(err), err: err}
	}
	return try{phase: connected, conn: ssh.NewClient(c, channels, requests)}
}

func (d dialer) connect(ctx context.Context) (net.Conn, error) {
	if d.o.Via != nil {
		return d.o.Via.conn.DialContext(ctx, "tcp", d.address)
	}
	return new(net.Dialer).DialContext(ctx, "tcp", d.address)
}

// connectPhase tells a host that refuses from one that is not there. A host on the way says it in words.
func connectPhase(err error) Phase {
	refused := errors.Is(err, syscall.ECONNREFUSED)
	if via, ok := errors.AsType[*ssh.OpenChannelError](err); ok {
		refused = strings.Contains(strings.ToLower(via.Message), "refused")
	}
	if refused {
		return Refused
	}
	return Unreachable
}

// loginPhase tells a host that does not speak SSH from one that refuses the login.
func loginPhase(err error) Phase {
	if _, ok := errors.AsType[*HostKeyError](err); ok {
		return HostKeyChanged
	}
	if strings.Contains(err.Error(), "unable to authenticate") { // the package has no type for it
		return LoginRefused
	}
	return NotSSH
}
