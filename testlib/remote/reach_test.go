package remote_test

import (
	"context"
	"errors"
	"net"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/gotempest/tempest/testlib/remote"
	"github.com/gotempest/tempest/testlib/wait"
)

func TestGuestPings(t *testing.T) {
	t.Parallel()
	const all = "3 packets transmitted, 3 packets received, 0% packet loss\n"
	tests := map[string]struct {
		host    string
		o       remote.PingOptions
		prints  string
		command string // how it begins after the path
		want    int
		fails   string
	}{
		"usually": {"10.0.0.1", remote.PingOptions{}, all, "ping -c 3 -w 8 -s 56 '10.0.0.1'", 3, ""},
		"with everything": {
			"host", remote.PingOptions{Count: 5, Size: 1400, Interface: "eth0", Whole: true}, all,
			"ping -c 5 -w 10 -s 1400 -I 'eth0' -M do 'host'", 3, "",
		},
		"IPv6": {"fe80::1", remote.PingOptions{}, all, "$(command -v ping6 || echo ping -6) -c 3", 3, ""},
		"in vain": {
			"10.0.0.1", remote.PingOptions{}, "3 packets transmitted, 0 received\n", "ping", 0, "none of 3 came back",
		},
		"not at all": {"host", remote.PingOptions{}, "!ping: bad address 'host'", "ping", 0, "bad address"},
		"nonsense":   {"host", remote.PingOptions{}, "hello", "ping", 0, "not one that is understood"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, s := dialTo(t, remote.Options{}, &sshServer{user: cirros, answers: map[string]string{"": tt.prints}})
			r, err := c.Ping(t.Context(), tt.host, tt.o)
			if r.Received != tt.want || !failsWith(err, tt.fails) {
				t.Errorf("Ping = %+v, %v; want %d, %q", r, err, tt.want, tt.fails)
			}
			if got := <-s.ran; !strings.Contains(got, "; "+tt.command) {
				t.Errorf("ran %s, want %s", got, tt.command)
			}
		})
	}
}

// failsWith reports whether err is as wanted: nil for an empty text, else one with it.
func failsWith(err error, text string) bool {
	if text == "" {
		return err == nil
	}
	return err != nil && strings.Contains(err.Error(), text)
}

func TestGuestReaches(t *testing.T) {
	t.Parallel()
	c, s := dial(t, remote.Options{})
	open := deafPort(t)
	if err := c.TCP(t.Context(), open); err != nil || <-s.forwarded != open {
		t.Errorf("TCP(%s): %v", open, err)
	}
	closed := closedPort(t)
	if err := c.TCP(t.Context(), closed); err == nil || !strings.Contains(err.Error(), closed) {
		t.Errorf("TCP(%s): %v", closed, err)
	}

	tests := map[string]struct{ prints, want, fails string }{
		"an answer":             {"pong", "pong", ""},
		"no answer":             {"", "", "no answer"},
		"no answer and a fault": {"!nc: timed out", "", "timed out"},
	}
	for name, tt := range tests {
		c, s := dialTo(t, remote.Options{}, &sshServer{user: cirros, answers: map[string]string{"nc -u": tt.prints}})
		got, err := c.UDP(t.Context(), "[2001:db8::1]:7", "it's me")
		if got != tt.want || !failsWith(err, tt.fails) {
			t.Errorf("%s: UDP = %q, %v", name, got, err)
		}
		if ran := <-s.ran; !strings.HasPrefix(ran, `host='2001:db8::1' port='7' payload='it'\''s me' wait=3`) {
			t.Errorf("%s: ran %s", name, ran)
		}
	}
	if got, err := c.UDP(t.Context(), echo(t), "it's me"); err != nil || got != "it's me" {
		if _, missing := exec.LookPath("bash"); missing == nil {
			t.Errorf("UDP = %q, %v", got, err)
		}
	}
	if _, err := c.UDP(t.Context(), "nowhere", ""); err == nil {
		t.Error("UDP took an address without a port")
	}
}

func TestTestReachesPorts(t *testing.T) {
	t.Parallel()
	open, closed := deafPort(t), closedPort(t)
	if err := remote.WaitTCP(t.Context(), open, quick); err != nil {
		t.Error(err)
	}
	err := remote.WaitTCP(t.Context(), closed, brief)
	e, ok := errors.AsType[*wait.Error](err)
	if !ok || !strings.Contains(e.Reason.Message, "refused") || !strings.Contains(err.Error(), "port "+closed) {
		t.Errorf("WaitTCP of a closed port: %v", err)
	}
	opened := make(chan net.Listener, 1)
	time.AfterFunc(50*time.Millisecond, func() {
		l, _ := new(net.ListenConfig).Listen(t.Context(), "tcp", closed)
		opened <- l
	})
	if err := remote.WaitTCP(t.Context(), closed, quick); err != nil {
		t.Errorf("WaitTCP of a port that opens: %v", err)
	}
	if l := <-opened; l != nil {
		l.Close()
	}
}

func TestTestPings(t *testing.T) {
	t.Parallel()
	for _, host := range []string{"127.0.0.1", "::1", "localhost"} {
		start := time.Now()
		r, err := remote.Ping(t.Context(), host, remote.PingOptions{Count: 2, Size: 100})
		if errors.Is(err, remote.ErrNoPing) {
			t.Skip(err)
		}
		if host == "::1" && err != nil {
			continue // without IPv6
		}
		if err != nil || r != (remote.PingResult{Sent: 2, Received: 2}) || time.Since(start) > 4*time.Second {
			t.Errorf("Ping(%s) = %+v, %v after %s", host, r, err, time.Since(start))
		}
		if err := remote.WaitPing(t.Context(), host, quick); err != nil {
			t.Errorf("WaitPing(%s): %v", host, err)
		}
	}
	if _, err := remote.Ping(t.Context(), "nowhere.invalid", remote.PingOptions{}); err == nil {
		t.Error("a host that is none was pinged")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	// 240.0.0.1 is reserved: nobody answers, or the system refuses at once.
	if r, err := remote.Ping(ctx, "240.0.0.1", remote.PingOptions{}); err == nil {
		t.Errorf("Ping of nobody = %+v", r)
	}
}

// echo starts a host that sends datagrams back.
func echo(t *testing.T) string {
	t.Helper()
	conn, err := new(net.ListenConfig).ListenPacket(t.Context(), "udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	go func() {
		buf := make([]byte, 1500)
		for {
			n, from, err := conn.ReadFrom(buf)
			if err != nil {
				return
			}
			_, _ = conn.WriteTo(buf[:n], from)
		}
	}()
	return conn.LocalAddr().String()
}
