package remote

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strings"
	"syscall"
	"time"

	"golang.org/x/net/icmp"
	"golang.org/x/net/ipv4"
	"golang.org/x/net/ipv6"

	"github.com/gotempest/tempest/testlib/wait"
)

// PingOptions configures pings. The zero value sends three of the usual size.
type PingOptions struct {
	// Count is how many are sent, a second apart. 0 means 3.
	Count int

	// Size is the number of bytes after the header of ICMP. 0 means 56. The packet is 28 bytes larger, with IPv6 48.
	Size int

	// Interface is the one of the guest to send from. Empty leaves it to the routes. [Ping] does not take it.
	Interface string

	// Whole forbids to send a packet in pieces, so that it only comes through if it fits the MTU. Guests need
	// iputils for it. [Ping] does not take it.
	Whole bool
}

// PingResult counts pings.
type PingResult struct {
	Sent, Received int // requests, and answers to them
}

// Limits of pings.
const (
	defaultPings    = 3
	defaultPingSize = 56
	pingInterval    = time.Second
	pingWait        = 5 * time.Second // for answers after the last
)

func (o PingOptions) count() int {
	if o.Count > 0 {
		return o.Count
	}
	return defaultPings
}

func (o PingOptions) size() int {
	if o.Size > 0 {
		return o.Size
	}
	return defaultPingSize
}

// Ping sends pings from the guest to a host, and returns how many came back. That none does is an error.
func (c *Client) Ping(ctx context.Context, host string, o PingOptions) (PingResult, error) {
	command := fmt.Sprintf(path+"ping -c %d -w %d -s %d", o.count(), o.count()+int(pingWait/time.Second), o.size())
	if o.Interface != "" {
		command += " -I " + Quote(o.Interface)
	}
	if o.Whole {
		command += " -M do"
	}
	if a, err := netip.ParseAddr(host); err == nil && a.Is6() {
		command = strings.Replace(command, "ping ", "$(command -v ping6 || echo ping -6) ", 1)
	}
	out, err := c.Run(ctx, command+" "+Quote(host))
	if _, failed := errors.AsType[*ExitError](err); err != nil && !failed {
		return PingResult{}, err
	}
	r, parseErr := parsePing(out.Stdout)
	switch {
	case parseErr != nil && err != nil:
		return r, err
	case parseErr != nil:
		return r, fmt.Errorf("pinging %s from %s: %w", host, c, parseErr)
	case r.Received == 0:
		return r, fmt.Errorf("pinging %s from %s: none of %d came back", host, c, r.Sent)
	}
	return r, nil
}

// TCP connects from the guest to "host:port", and closes the connection. The guest needs no tools for it; its SSH
// server must forward connections, as it does by default.
func (c *Client) TCP(ctx context.Context, address string) error {
	conn, err := c.conn.DialContext(ctx, "tcp", address)
	if err != nil {
		return fmt.Errorf("connecting to %s from %s: %w", address, c, c.explain(err))
	}
	conn.Close()
	return nil
}

// udpWait is how many seconds the guest waits for an answer.
const udpWait = 3

// udpScript sends a datagram and prints the answer, with an nc that knows UDP, or with bash.
const udpScript = `host=%s port=%s payload=%s wait=%d
if (nc -h 2>&1 || true) | grep -- '-u.*[Uu][Dd][Pp]' >/dev/null
then { printf %%s "$payload"; sleep 1; } | nc -u -w "$wait" "$host" "$port"
else bash -c 'exec 3<>"/dev/udp/$1/$2" && printf %%s "$3" >&3 && timeout "$4" dd bs=65535 count=1 <&3 2>/dev/null' \
	bash "$host" "$port" "$payload" "$wait"
fi`

// UDP sends a datagram from the guest to "host:port", and returns the answer. That there is none is an error. The guest
// needs an nc that knows UDP, or bash.
func (c *Client) UDP(ctx context.Context, address, payload string) (string, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return "", fmt.Errorf("sending a datagram from %s: %w", c, err)
	}
	out, err := c.Run(ctx, fmt.Sprintf(udpScript, Quote(host), Quote(port), Quote(payload), udpWait))
	if out.Stdout != "" {
		return out.Stdout, nil // nc may then end with 1, because its time is over
	}
	if err != nil {
		return "", fmt.Errorf("sending a datagram to %s: %w", address, err)
	}
	return "", fmt.Errorf("sending a datagram to %s from %s: no answer", address, c)
}

// TCP connects to "host:port" from where the test runs, and closes the connection.
func TCP(ctx context.Context, address string) error {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", address)
	if err != nil {
		return err // says what was tried
	}
	return conn.Close()
}

// WaitTCP waits until "host:port" takes connections from where the test runs.
func WaitTCP(ctx context.Context, address string, o wait.Options) error {
	return reached(ctx, "port "+address, o, func(ctx context.Context) error { return TCP(ctx, address) })
}

// WaitPing waits until a host answers a ping from where the test runs.
func WaitPing(ctx context.Context, host string, o wait.Options) error {
	return reached(ctx, "host "+host, o, func(ctx context.Context) error {
		_, err := Ping(ctx, host, PingOptions{Count: 1})
		return err
	})
}

// reached waits until reach has no error. [ErrNoPing] will not go away.
func reached(ctx context.Context, what string, o wait.Options, reach func(context.Context) error) error {
	const there, never = "reachable", "not to be tried from here"
	var last error
	_, err := wait.For(ctx, wait.Poll[error, string]{
		What: what, Want: []string{there}, Bad: []string{never},
		Get: func(ctx context.Context) (error, error) {
			ctx, cancel := context.WithTimeout(ctx, reachTimeout)
			defer cancel()
			last = reach(ctx)
			return last, nil
		},
		State: func(err error) string {
			switch {
			case err == nil:
				return there
			case errors.Is(err, ErrNoPing):
				return never
			}
			return "unreachable"
		},
		Explain: func(_ context.Context, err error) wait.Reason {
			if err == nil {
				return wait.Reason{}
			}
			return wait.Reason{Message: err.Error()}
		},
	}, o)
	if errors.Is(last, ErrNoPing) {
		return last
	}
	return err
}

// reachTimeout bounds one try.
const reachTimeout = 10 * time.Second

// ErrNoPing says that the test may not send pings: on Linux, net.ipv4.ping_group_range leaves its group out, and
// it is not root.
var ErrNoPing = errors.New("this process may not send pings")

// Ping sends pings from where the test runs, and returns how many came back. That none does is an error. It needs no
// rights on macOS, and on Linux a sysctl that most distributions set, or to be root; the error is [ErrNoPing] where it
// may not.
func Ping(ctx context.Context, host string, o PingOptions) (PingResult, error) {
	address, err := resolve(ctx, host)
	if err != nil {
		return PingResult{}, fmt.Errorf("pinging %s: %w", host, err)
	}
	p, err := newPinger(address)
	if err != nil {
		return PingResult{}, fmt.Errorf("pinging %s: %w", host, err)
	}
	defer p.conn.Close()
	stop := context.AfterFunc(ctx, func() { p.conn.Close() })
	defer stop()
	r, err := p.ping(ctx, o)
	switch {
	case ctx.Err() != nil && r.Received == 0:
		return r, fmt.Errorf("pinging %s: %w", host, context.Cause(ctx))
	case err != nil:
		return r, fmt.Errorf("pinging %s: %w", host, err)
	case r.Received == 0:
		return r, fmt.Errorf("pinging %s: none of %d came back", host, r.Sent)
	}
	return r, nil
}

func resolve(ctx context.Context, host string) (netip.Addr, error) {
	if a, err := netip.ParseAddr(host); err == nil {
		return a, nil
	}
	list, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return netip.Addr{}, err
	}
	return list[0].Unmap(), nil
}

// pinger sends pings to one address.
type pinger struct {
	conn        *icmp.PacketConn
	to          net.Addr
	ask, answer icmp.Type
	protocol    int
	id          int
	raw         bool
}

// newPinger opens a socket for pings: one that needs no rights, else a raw one.
func newPinger(a netip.Addr) (*pinger, error) {
	const protocolICMP, protocolICMPv6 = 1, 58
	p := &pinger{ask: ipv4.ICMPTypeEcho, answer: ipv4.ICMPTypeEchoReply, protocol: protocolICMP, id: os.Getpid() & 0xffff}
	network, rawNetwork, local := "udp4", "ip4:icmp", "0.0.0.0"
	if a.Is6() {
		p.ask, p.answer, p.protocol = ipv6.ICMPTypeEchoRequest, ipv6.ICMPTypeEchoReply, protocolICMPv6
		network, rawNetwork, local = "udp6", "ip6:ipv6-icmp", "::"
	}
	conn, err := icmp.ListenPacket(network, local)
	if err != nil {
		p.raw = true
		conn, err = icmp.ListenPacket(rawNetwork, local)
	}
	if errors.Is(err, os.ErrPermission) || errors.Is(err, syscall.EPROTONOSUPPORT) {
		return nil, fmt.Errorf("%w: %w", ErrNoPing, err)
	}
	if err != nil {
		return nil, err
	}
	p.conn = conn
	p.to = &net.UDPAddr{IP: a.AsSlice(), Zone: a.Zone()}
	if p.raw {
		p.to = &net.IPAddr{IP: a.AsSlice(), Zone: a.Zone()}
	}
	return p, nil
}

// ping sends them one by one, and takes the answers.
func (p *pinger) ping(ctx context.Context, o PingOptions) (PingResult, error) {
	var r PingResult
	payload := make([]byte, o.size()) // random, because some systems give the answers to the pings of others too
	_, _ = rand.Read(payload)
	for seq := range o.count() {
		if err := ctx.Err(); err != nil {
			return r, err
		}
		message := icmp.Message{Type: p.ask, Body: &icmp.Echo{ID: p.id, Seq: seq, Data: payload}}
		packet, err := message.Marshal(nil)
		if err != nil {
			return r, err
		}
		r.Sent++
		until := time.Now().Add(pingInterval)
		if seq == o.count()-1 {
			until = time.Now().Add(pingWait)
		}
		if _, err := p.conn.WriteTo(packet, p.to); err != nil {
			return r, err
		}
		answered, err := p.await(seq, payload, until)
		if err != nil {
			return r, err
		}
		if answered {
			r.Received++
		}
	}
	return r, nil
}

// await reads until the answer to a ping is there, or the time is over.
func (p *pinger) await(seq int, payload []byte, until time.Time) (bool, error) {
	if err := p.conn.SetReadDeadline(until); err != nil {
		return false, err
	}
	buf := make([]byte, 1<<16)
	for {
		n, _, err := p.conn.ReadFrom(buf)
		if errors.Is(err, os.ErrDeadlineExceeded) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		m, err := icmp.ParseMessage(p.protocol, buf[:n])
		if err != nil || m.Type != p.answer {
			continue
		}
		// Without rights the kernel may choose another id.
		if e, ok := m.Body.(*icmp.Echo); ok && e.Seq == seq && bytes.Equal(e.Data, payload) {
			return true, nil
		}
	}
}
