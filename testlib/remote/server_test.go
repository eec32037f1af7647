package remote_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/gotempest/tempest/testlib/remote"
	"github.com/gotempest/tempest/testlib/wait"
)

// sshServer is a host. It runs commands with the shell of this machine, as the user of the test.
type sshServer struct {
	t        *testing.T
	address  string
	listener net.Listener

	hostKey   *remote.Key
	user      string
	password  string        // empty: refused
	asks      bool          // for the password, by keyboard-interactive
	public    string        // authorized_keys; empty: refused
	refusals  atomic.Int32  // logins that are still refused
	drop      atomic.Int32  // connections that are still closed before SSH
	silent    atomic.Bool   // answers no keep-alive
	abrupt    atomic.Bool   // ends commands without a status
	stubborn  atomic.Bool   // passes no signals on, and lets commands end by themselves
	asked     chan struct{} // one for each keep-alive, up to some
	forwarded chan string   // addresses that were connected to
	conns     sync.WaitGroup

	// answers are what is printed for commands that contain a text, which are then not run. One that begins with "!" is
	// printed to standard error, and the command fails.
	answers map[string]string
	ran     chan string // such commands
}

// startServer starts a host that s describes, and ends it with the test.
func startServer(t *testing.T, s *sshServer) *sshServer {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.t, s.listener, s.address = t, l, l.Addr().String()
	s.forwarded, s.asked = make(chan string, 10), make(chan struct{}, 10)
	if s.hostKey == nil {
		s.hostKey = newKey(t, remote.Ed25519)
	}
	s.conns.Go(func() { s.accept(s.config()) })
	t.Cleanup(func() {
		l.Close()
		s.conns.Wait()
	})
	return s
}

// rsaKey makes one key for all tests.
var rsaKey = sync.OnceValues(func() (*remote.Key, error) { return remote.NewKey(remote.RSA) })

func newKey(t *testing.T, kind remote.KeyType) *remote.Key {
	t.Helper()
	makeKey := func() (*remote.Key, error) { return remote.NewKey(kind) }
	if kind == remote.RSA { // which takes long to make
		makeKey = rsaKey
	}
	k, err := makeKey()
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func (s *sshServer) config() *ssh.ServerConfig {
	refused := errors.New("refused")
	late := func() bool { return s.refusals.Add(-1) >= 0 }
	check := func(ok bool) error {
		if !ok || late() {
			return refused
		}
		return nil
	}
	config := &ssh.ServerConfig{
		PasswordCallback: func(c ssh.ConnMetadata, p []byte) (*ssh.Permissions, error) {
			return nil, check(!s.asks && s.password != "" && c.User() == s.user && string(p) == s.password)
		},
		PublicKeyCallback: func(c ssh.ConnMetadata, k ssh.PublicKey) (*ssh.Permissions, error) {
			line := strings.TrimSpace(string(ssh.MarshalAuthorizedKey(k)))
			return nil, check(s.public != "" && c.User() == s.user && line == s.public)
		},
		KeyboardInteractiveCallback: func(_ ssh.ConnMetadata, ask ssh.KeyboardInteractiveChallenge) (
			*ssh.Permissions, error) {
			answers, err := ask("", "", []string{"Password: "}, []bool{false})
			return nil, check(err == nil && s.asks && len(answers) == 1 && answers[0] == s.password)
		},
	}
	private, err := s.hostKey.Private()
	if err != nil {
		s.t.Fatal(err)
	}
	signer, err := ssh.ParsePrivateKey(private)
	if err != nil {
		s.t.Fatal(err)
	}
	config.AddHostKey(signer)
	return config
}

func (s *sshServer) accept(config *ssh.ServerConfig) {
	for {
		conn, err := s.listener.Accept()
		if err != nil {
			return
		}
		if s.drop.Add(-1) >= 0 {
			conn.Close()
			continue
		}
		s.conns.Go(func() { s.serve(conn, config) })
	}
}

func (s *sshServer) serve(conn net.Conn, config *ssh.ServerConfig) {
	defer conn.Close()
	c, channels, requests, err := ssh.NewServerConn(conn, config)
	if err != nil {
		return
	}
	s.t.Cleanup(func() { c.Close() })
	gone := make(chan struct{})
	defer close(gone)
	go func() {
		for r := range requests {
			select {
			case s.asked <- struct{}{}:
			default:
			}
			if !s.silent.Load() && r.WantReply {
				_ = r.Reply(false, nil)
			}
		}
	}()
	for ch := range channels {
		switch ch.ChannelType() {
		case "session":
			go s.session(ch, gone)
		case "direct-tcpip":
			go s.forward(ch)
		default:
			_ = ch.Reject(ssh.UnknownChannelType, "unknown")
		}
	}
}

// session runs one command.
func (s *sshServer) session(ch ssh.NewChannel, gone <-chan struct{}) {
	channel, requests, err := ch.Accept()
	if err != nil {
		return
	}
	defer channel.Close()
	kill := make(chan struct{})
	for r := range requests {
		if r.Type != "exec" {
			_ = r.Reply(false, nil)
			continue
		}
		var command struct{ Line string }
		if ssh.Unmarshal(r.Payload, &command) != nil {
			return
		}
		_ = r.Reply(true, nil)
		go func() { // signals, and the end of the client
			for r := range requests {
				if r.Type == "signal" && !s.stubborn.Load() {
					break
				}
			}
			if s.stubborn.Load() {
				<-gone
			}
			close(kill)
		}()
		if !s.answer(channel, command.Line) {
			s.exec(channel, command.Line, kill)
		}
		return
	}
}

// answer prints what is to be printed for a command, if that is not to be run.
func (s *sshServer) answer(channel ssh.Channel, line string) bool {
	for part, out := range s.answers {
		if !strings.Contains(line, part) {
			continue
		}
		s.ran <- line
		status := uint32(0)
		if failure, ok := strings.CutPrefix(out, "!"); ok {
			status = 1
			_, _ = io.WriteString(channel.Stderr(), failure)
		} else {
			_, _ = io.WriteString(channel, out)
		}
		_, _ = channel.SendRequest("exit-status", false, ssh.Marshal(struct{ Status uint32 }{status}))
		return true
	}
	return false
}

func (s *sshServer) exec(channel ssh.Channel, line string, kill <-chan struct{}) {
	cmd := exec.Command("/bin/sh", "-c", line) //nolint:noctx // ends with the channel
	cmd.Stdout, cmd.Stderr = channel, channel.Stderr()
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return
	}
	go func() {
		_, _ = io.Copy(stdin, channel)
		stdin.Close()
	}()
	if err := cmd.Start(); err != nil {
		return
	}
	done := make(chan struct{})
	go func() {
		select {
		case <-kill:
			_ = cmd.Process.Kill()
		case <-done:
		}
	}()
	err = cmd.Wait()
	close(done)
	if s.abrupt.Load() {
		return
	}
	exit, _ := errors.AsType[*exec.ExitError](err)
	if exit != nil {
		if w, ok := exit.Sys().(syscall.WaitStatus); ok && w.Signaled() {
			_, _ = channel.SendRequest("exit-signal", false, ssh.Marshal(struct {
				Signal     string
				Dumped     bool
				Error, Tag string
			}{Signal: strings.TrimPrefix("SIGKILL", "SIG")}))
			return
		}
	}
	status := 0
	if exit != nil {
		status = exit.ExitCode()
	}
	_, _ = channel.SendRequest("exit-status", false, ssh.Marshal(struct{ Status uint32 }{uint32(status)}))
}

// forward connects on behalf of the client.
func (s *sshServer) forward(ch ssh.NewChannel) {
	var to struct {
		Host   string
		Port   uint32
		Origin string
		From   uint32
	}
	if ssh.Unmarshal(ch.ExtraData(), &to) != nil {
		return
	}
	address := (&net.TCPAddr{IP: net.ParseIP(to.Host), Port: int(to.Port)}).String()
	conn, err := new(net.Dialer).DialContext(s.t.Context(), "tcp", address)
	if err != nil {
		_ = ch.Reject(ssh.ConnectionFailed, "Connection refused")
		return
	}
	s.forwarded <- address
	channel, requests, err := ch.Accept()
	if err != nil {
		conn.Close()
		return
	}
	go ssh.DiscardRequests(requests)
	go func() {
		defer conn.Close()
		_, _ = io.Copy(conn, channel)
	}()
	_, _ = io.Copy(channel, conn)
	channel.Close()
}

// quick are waits that are over soon.
var quick = wait.Options{Timeout: 30 * time.Second, Interval: 20 * time.Millisecond}

// brief are waits in vain.
var brief = wait.Options{Timeout: 500 * time.Millisecond, Interval: 20 * time.Millisecond}

// dial logs in to a new host as root, and returns both.
func dial(t *testing.T, o remote.Options) (*remote.Client, *sshServer) {
	t.Helper()
	return dialTo(t, o, &sshServer{user: "root"})
}

// dialTo logs in to a host that s describes.
func dialTo(t *testing.T, o remote.Options, s *sshServer) (*remote.Client, *sshServer) {
	t.Helper()
	s.password, s.ran = "geheim-4711", make(chan string, 10)
	startServer(t, s)
	o.Address, o.User, o.Password, o.Wait = s.address, s.user, s.password, quick
	c, err := remote.Dial(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return c, s
}

// logged is what an Options.Log was told.
type logged struct {
	mu sync.Mutex
	b  bytes.Buffer
}
