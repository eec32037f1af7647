package remote

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"time"
)

// WriteFile copies what r has to a file on the host, with the permissions of mode. The file is there
// when all of it is; one that was there before is replaced.
func (c *Client) WriteFile(ctx context.Context, path string, r io.Reader, mode fs.FileMode) error {
	to, temporary := Quote(path), Quote(path+".tempest-part")
	stderr := &head{limit: shownStderr}
	err := withStderr(c.Stream(ctx, "umask 077; cat >"+temporary, r, nil, stderr), stderr)
	if err == nil {
		_, err = c.Run(ctx, fmt.Sprintf("chmod %04o %s && mv -f %s %s", mode.Perm(), temporary, temporary, to))
	}
	if err != nil {
		c.discard(ctx, temporary)
		return fmt.Errorf("writing %s on %s: %w", path, c, err)
	}
	return nil
}

// discardTimeout bounds removing a file that was not finished.
const discardTimeout = 10 * time.Second

func (c *Client) discard(ctx context.Context, quoted string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), discardTimeout)
	defer cancel()
	_, _ = c.Run(ctx, "rm -f "+quoted) // the first error says more
}

// ReadFile copies a file of the host to w.
func (c *Client) ReadFile(ctx context.Context, path string, w io.Writer) error {
	stderr := &head{limit: shownStderr}
	if err := c.Stream(ctx, "cat -- "+Quote(path), nil, w, stderr); err != nil {
		return fmt.Errorf("reading %s on %s: %w", path, c, withStderr(err, stderr))
	}
	return nil
}

// withStderr adds what a command printed.
func withStderr(err error, stderr *head) error {
	if err == nil {
		return nil
	}
	if said := strings.TrimSpace(stderr.String()); said != "" {
		return fmt.Errorf("%w: %s", err, said)
	}
	return err
}

// Quote makes s one word for a POSIX shell, whatever is in it.
func Quote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
