//go:build tempest

package remote_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gotempest/tempest/testlib/data"
	"github.com/gotempest/tempest/testlib/remote"
)

// These tests use the SSH server and the busybox of this machine, where it has them. They need no cloud.

// program returns the path of a program, or skips the test.
func program(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skipf("this machine has no %s", name)
	}
	return path
}

// startOpenSSH starts sshd for the user of the test, who logs in with key, and returns its address.
func startOpenSSH(t *testing.T, key *remote.Key) string {
	t.Helper()
	sshd := program(t, "sshd")
	dir := t.TempDir()
	host, err := newKey(t, remote.RSA).Private()
	if err != nil {
		t.Fatal(err)
	}
	address := closedPort(t)
	addr := netip.MustParseAddrPort(address)
	for name, content := range map[string]string{
		"host": string(host), "keys": key.Public() + "\n",
		"config": fmt.Sprintf("Port %d\nListenAddress %s\nHostKey %s/host\nAuthorizedKeysFile %s/keys\nStrictModes no\n"+
			"PidFile none\nUsePAM no\nPasswordAuthentication no\n", addr.Port(), addr.Addr(), dir, dir),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	check := exec.CommandContext(t.Context(), sshd, "-t", "-f", filepath.Join(dir, "config"))
	if out, err := check.CombinedOutput(); err != nil {
		t.Skipf("sshd does not start here: %s", out)
	}
	var said bytes.Buffer
	cmd := exec.CommandContext(t.Context(), sshd, "-D", "-e", "-f", filepath.Join(dir, "config"))
	cmd.Stderr, cmd.WaitDelay = &said, 5*time.Second
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Wait()
		if t.Failed() {
			t.Logf("sshd: %s", &said)
		}
	})
	return address
}

func TestOpenSSH(t *testing.T) {
	key := newKey(t, remote.Ed25519)
	address := startOpenSSH(t, key)
	user, err := exec.CommandContext(t.Context(), "id", "-un").Output()
	if err != nil {
		t.Fatal(err)
	}
	o := remote.Options{
		Address: address, User: strings.TrimSpace(string(user)), Keys: []*remote.Key{key}, Wait: quick, Log: t.Logf,
		HostKeys: &remote.HostKeys{},
	}
	c, err := remote.Dial(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	checkFiles(t, c)
	checkMachine(t, c)
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if _, err := c.Run(ctx, "sleep 20"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Run = %v", err)
	}
	if err := c.TCP(t.Context(), address); err != nil {
		t.Error(err)
	}
	inner := o
	inner.Via = c
	checkDial(t, inner)

	o.Keys, o.Wait = []*remote.Key{newKey(t, remote.ECDSA)}, brief
	_, err = remote.Dial(t.Context(), o)
	if e, ok := errors.AsType[*remote.DialError](err); !ok || e.Phase != remote.LoginRefused {
		t.Errorf("with another key: %v", err)
	}
}

func checkFiles(t *testing.T, c *remote.Client) {
	t.Helper()
	blob := data.NewBlob(data.New(1, t.Name()), 5<<20)
	path := filepath.Join(t.TempDir(), "a file")
	if err := c.WriteFile(t.Context(), path, blob.Reader(), 0o600); err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	if err := c.ReadFile(t.Context(), path, &got); err != nil || int64(got.Len()) != blob.Size() {
		t.Errorf("ReadFile: %d bytes, %v", got.Len(), err)
	}
}

// checkMachine asks for everything, and compares it with what Go knows.
func checkMachine(t *testing.T, c *remote.Client) {
	t.Helper()
	ctx := t.Context()
	up, err := c.Uptime(ctx)
	if err != nil || up <= 0 {
		t.Errorf("Uptime = %s, %v", up, err)
	}
	if _, err := c.BootTime(ctx); err != nil {
		t.Error(err)
	}
	disks, err := c.Disks(ctx)
	if err != nil {
		t.Error(err)
	}
	t.Logf("disks: %+v", disks)
	got, err := c.Interfaces(ctx)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("interfaces: %+v", got)
	want, err := net.Interfaces()
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range want {
		i := slices.IndexFunc(got, func(g remote.Interface) bool { return g.Name == w.Name })
		if i < 0 || got[i].MTU != w.MTU || got[i].Up != (w.Flags&net.FlagUp != 0) || !sameAddresses(t, w, got[i]) {
			t.Errorf("interface %+v is not in %+v", w, got)
		}
	}
	route, err := c.DefaultRoute(ctx)
	t.Logf("default route: %+v, %v", route, err)
	if r, err := c.Ping(ctx, "127.0.0.1", remote.PingOptions{Count: 1}); err != nil {
		t.Logf("ping: %+v, %v", r, err) // some machines have none
	}
}

// sameAddresses compares the addresses of an interface.
func sameAddresses(t *testing.T, w net.Interface, got remote.Interface) bool {
	t.Helper()
	addrs, err := w.Addrs()
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, a := range addrs {
		want = append(want, a.String())
	}
	var have []string
	for _, a := range got.Addresses {
		have = append(have, a.String())
	}
	slices.Sort(want)
	slices.Sort(have)
	return slices.Equal(want, have)
}

// With nothing but busybox in the path, as in CirrOS.
func TestBusybox(t *testing.T) {
	busybox := program(t, "busybox")
	bin := t.TempDir()
	for _, applet := range []string{"cat", "ip", "ping", "sync", "date", "hostname", "rm", "mv", "chmod", "sh", "sleep"} {
		if err := os.Symlink(busybox, filepath.Join(bin, applet)); err != nil {
			t.Fatal(err)
		}
	}
	c, _ := dial(t, remote.Options{Prologue: "PATH=" + bin + ";", Log: t.Logf})
	checkMachine(t, c)
	if _, err := c.WriteTimestamp(t.Context(), t.TempDir()); err != nil {
		t.Error(err)
	}
	if r, err := c.Ping(t.Context(), "127.0.0.1", remote.PingOptions{Count: 2}); err != nil || r.Received != 2 {
		t.Errorf("Ping = %+v, %v", r, err)
	}
}
