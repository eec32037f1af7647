package remote_test

import (
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gotempest/tempest/testlib/remote"
)

// The checks are made on this machine, whose answers are compared with what Go knows of it.
func TestChecksOfThisMachine(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("guests run Linux")
	}
	c, _ := dial(t, remote.Options{})
	ctx := t.Context()
	up, err := c.Uptime(ctx)
	if err != nil || up <= 0 {
		t.Errorf("Uptime = %s, %v", up, err)
	}
	boot, err := c.BootTime(ctx)
	if err != nil || boot.After(time.Now()) || time.Since(boot) < up-time.Minute {
		t.Errorf("BootTime = %s, %v, %s after it", boot, err, up)
	}
	want, err := os.Hostname()
	if name, err2 := c.Hostname(ctx); err != nil || err2 == nil && name != want {
		t.Errorf("Hostname = %q, %v; want %q, %v", name, err2, want, err)
	}
	if _, err := c.Disks(ctx); err != nil { // a container may have none
		t.Errorf("Disks: %v", err)
	}
	if _, err := c.Nameservers(ctx); err != nil {
		t.Errorf("Nameservers: %v", err)
	}
	if r, err := c.DefaultRoute(ctx); err == nil && r.Interface == "" {
		t.Errorf("DefaultRoute = %+v", r)
	}
}

func TestInterfacesOfThisMachine(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("guests run Linux")
	}
	c, _ := dial(t, remote.Options{})
	got, err := c.Interfaces(t.Context())
	if err != nil {
		t.Skipf("no tool for it here: %v", err)
	}
	want, err := net.Interfaces()
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range want {
		i := slices.IndexFunc(got, func(g remote.Interface) bool { return g.Name == w.Name })
		if i < 0 {
			t.Errorf("no interface %s in %+v", w.Name, got)
			continue
		}
		if got[i].MTU != w.MTU || got[i].Up != (w.Flags&net.FlagUp != 0) {
			t.Errorf("interface %+v, want %+v", got[i], w)
		}
		if mac := w.HardwareAddr.String(); got[i].MAC != "" && got[i].MAC != mac {
			t.Errorf("%s has MAC %s, want %s", w.Name, got[i].MAC, mac)
		}
	}
}

const cirros = "cirros"

func TestChecksOfCirrOS(t *testing.T) {
	t.Parallel()
	c, _ := dialTo(t, remote.Options{}, &sshServer{user: cirros, answers: map[string]string{
		"lsblk":       "major minor  #blocks  name\n\n 252        0    1048576 vdb\n---\n",
		"ip -j":       "2: eth0: <UP> mtu 1442 qdisc noop\n    link/ether fa:16:3e:1a:2b:3c brd ff:ff:ff:ff:ff:ff\n",
		"ip -4":       "default via 10.0.0.1 dev eth0 \n",
		"ip -6":       "",
		"resolv.conf": "nameserver 192.0.2.53\n",
	}})
	ctx := t.Context()
	if d, err := c.Disks(ctx); err != nil || len(d) != 1 || d[0].Name != "vdb" || d[0].Size != 1<<30 {
		t.Errorf("Disks = %+v, %v", d, err)
	}
	if i, err := c.InterfaceOf(ctx, "FA:16:3E:1A:2B:3C"); err != nil || i.Name != "eth0" {
		t.Errorf("InterfaceOf = %+v, %v", i, err)
	}
	const nobody = "fa:16:3e:00:00:00"
	if i, err := c.InterfaceOf(ctx, nobody); err == nil || !strings.Contains(err.Error(), nobody) {
		t.Errorf("InterfaceOf another = %+v, %v", i, err)
	}
	route, err := c.DefaultRoute(ctx)
	if err != nil || route.Gateway != netip.MustParseAddr("10.0.0.1") {
		t.Errorf("DefaultRoute = %+v, %v", route, err)
	}
	if r, err := c.DefaultRoute6(ctx); err == nil || !strings.Contains(err.Error(), "there is no default route") {
		t.Errorf("DefaultRoute6 = %+v, %v", r, err)
	}
	if s, err := c.Nameservers(ctx); err != nil || len(s) != 1 {
		t.Errorf("Nameservers = %v, %v", s, err)
	}
}

func TestChangesAreMadeAsRoot(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	tests := map[string]struct {
		do   func(*remote.Client) error
		want string // part of the command
	}{
		"file system": {
			func(c *remote.Client) error { return c.MakeFilesystem(ctx, "vdb", "ext4") }, `mkfs -t 'ext4' '/dev/vdb'`,
		},
		"mount": {
			func(c *remote.Client) error { return c.Mount(ctx, "/dev/disk/by-id/x", "/mnt/a b") },
			`mkdir -p '/mnt/a b' && mount '/dev/disk/by-id/x' '/mnt/a b'`,
		},
		"unmount": {func(c *remote.Client) error { return c.Unmount(ctx, "/mnt") }, `sync && umount '/mnt'`},
		"console": {
			func(c *remote.Client) error { return c.WriteConsole(ctx, "it's me") }, `printf '%s\n' 'it'\''s me' >/dev/console`,
		},
		"lease": {func(c *remote.Client) error { return c.RenewLease(ctx, "eth0") }, `nic='eth0'`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			user, s := dialTo(t, remote.Options{}, &sshServer{user: cirros, answers: map[string]string{"": "done"}})
			if err := tt.do(user); err != nil {
				t.Error(err)
			}
			if got, want := <-s.ran, "sudo -n sh -c "; !strings.HasPrefix(got, want) ||
				!strings.Contains(got, strings.ReplaceAll(tt.want, "'", `'\''`)) {
				t.Errorf("as cirros: %s", got)
			}
			root, s := dialTo(t, remote.Options{}, &sshServer{user: "root", answers: map[string]string{"": "!no such device"}})
			err := tt.do(root)
			if err == nil || !strings.Contains(err.Error(), "no such device") {
				t.Errorf("when it fails: %v", err)
			}
			if got := <-s.ran; strings.Contains(got, "sudo") || !strings.Contains(got, tt.want) {
				t.Errorf("as root: %s", got)
			}
		})
	}
}

func TestTimestamps(t *testing.T) {
	t.Parallel()
	c, _ := dial(t, remote.Options{})
	folder := filepath.Join(t.TempDir(), "it's mounted")
	if _, err := c.WriteTimestamp(t.Context(), folder); err == nil {
		t.Error("WriteTimestamp wrote where nothing is")
	}
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	wrote, err := c.WriteTimestamp(t.Context(), folder)
	if err != nil || wrote == "" {
		t.Fatalf("WriteTimestamp = %q, %v", wrote, err)
	}
	if read, err := c.ReadTimestamp(t.Context(), folder+"/"); err != nil || read != wrote {
		t.Errorf("ReadTimestamp = %q, %v; want %q", read, err, wrote)
	}
}
