package remote

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"time"

	"golang.org/x/crypto/ssh"
)

// A Client is logged in to a host. Its methods may be called concurrently.
type Client struct {
	conn *ssh.Client
	o    Options

	closing context.CancelCauseFunc
	watched chan struct{} // closed when the keep-alive has ended

	mu   sync.Mutex
	lost error // why the keep-alive closed the connection
}

// silences is how many questions may stay without an answer.
const silences = 3

func newClient(ctx context.Context, conn *ssh.Client, o Options) *Client {
	c := &Client{conn: conn, o: o, watched: make(chan struct{})}
	life, closing := context.WithCancelCause(context.WithoutCancel(ctx))
	c.closing = closing
	interval := o.KeepAlive
	if interval == 0 {
		interval = DefaultKeepAlive
	}
	if interval < 0 {
		close(c.watched)
		return c
	}
	go c.keepAlive(life, interval)
	return c
}

// Close logs out. What is running fails. A second Close does nothing.
func (c *Client) Close() error {
	c.closing(net.ErrClosed)
	err := c.conn.Close()
	<-c.watched
	if errors.Is(err, net.ErrClosed) || errors.Is(err, io.EOF) { // it has been closed before
		return nil
	}
	if err != nil {
		return fmt.Errorf("logging out of %s: %w", c.o.String(), err)
	}
	return nil
}

// String names the user and the host.
func (c *Client) String() string { return c.o.String() }

// GoString returns the same as String: %#v prints no password.
func (c *Client) GoString() string { return c.String() }

// keepAlive asks the host whether it is there, until the client is closed or the host is silent.
func (c *Client) keepAlive(ctx context.Context, interval time.Duration) {
	defer close(c.watched)
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	answered := make(chan error, 1)
	pending := 0
	for {
		select {
		case <-ctx.Done():
			return
		case err := <-answered:
			pending = 0
			if err != nil { // the connection has ended
				return
			}
		case <-ticker.C:
			if pending == 0 {
				go func() {
					_, _, err := c.conn.SendRequest("keepalive@openssh.com", true, nil)
					answered <- err
				}()
			}
			if pending++; pending > silences {
				c.lose(fmt.Errorf("host %s has not answered for %s", c.o.Address, silences*interval))
				return
			}
		}
	}
}

func (c *Client) lose(err error) {
	c.mu.Lock()
	c.lost = err
	c.mu.Unlock()
	c.conn.Close()
}

// explain adds to an error of the connection why it was closed.
func (c *Client) explain(err error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err != nil && c.lost != nil {
		return fmt.Errorf("%w: %w", c.lost, err)
	}
	return err
}

func (c *Client) isLost() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.lost != nil
}

func (c *Client) log(format string, args ...any) {
	if c.o.Log != nil {
		c.o.Log("%s", c.hide(fmt.Sprintf(format, args...)))
	}
}

// hide removes the password from a text.
func (c *Client) hide(text string) string {
	if c.o.Password == "" {
		return text
	}
	return strings.ReplaceAll(text, c.o.Password, "***")
}
