package embedded

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"
)

// headerTimeout bounds how long a client may take to send its headers.
const headerTimeout = 10 * time.Second

// server serves one of the services of a cloud on a port of its own.
type server struct {
	http.Server
	listener net.Listener
	base     string        // http://127.0.0.1:PORT
	done     chan struct{} // closed when it has stopped
	err      error         // why it stopped; read after done
}

// listen adds a server, which serves once its handler is there.
func (c *Cloud) listen(ctx context.Context, addr string) (*server, error) {
	var lc net.ListenConfig
	listener, err := lc.Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	s := &server{listener: listener, base: "http://" + reachable(listener.Addr()), done: make(chan struct{})}
	s.ReadHeaderTimeout = headerTimeout
	c.servers = append(c.servers, s)
	return s, nil
}

func (s *server) serve() {
	defer close(s.done)
	if err := s.Serve(s.listener); !errors.Is(err, http.ErrServerClosed) {
		s.err = err
	}
}

// wait waits until s has stopped and returns why, unless it was told to.
func (s *server) wait() error {
	<-s.done
	return s.err
}

// reachable returns the host and port at which this machine reaches addr, which
// may stand for all interfaces.
func reachable(addr net.Addr) string {
	if tcp, ok := addr.(*net.TCPAddr); ok && tcp.IP.IsUnspecified() {
		return fmt.Sprintf("127.0.0.1:%d", tcp.Port)
	}
	return addr.String()
}
