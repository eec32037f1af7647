package remote

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"time"
)

// sudo makes a command one of root. What the user may do without a password works; root needs nothing.
func (c *Client) sudo(command string) string {
	if c.o.User == "root" {
		return command
	}
	return "sudo -n sh -c " + Quote(command)
}

// output runs a command and returns what it printed.
func (c *Client) output(ctx context.Context, command string) (string, error) {
	out, err := c.Run(ctx, command)
	return out.Stdout, err
}

// read runs a command and has its output read.
func read[T any](ctx context.Context, c *Client, what, command string, parse func(string) (T, error)) (T, error) {
	var none T
	out, err := c.output(ctx, command)
	if err != nil {
		return none, fmt.Errorf("%s: %w", what, err)
	}
	v, err := parse(out)
	if err != nil {
		return none, fmt.Errorf("%s of %s: %w", what, c, err)
	}
	return v, nil
}

// Uptime returns how long the host has been up.
func (c *Client) Uptime(ctx context.Context) (time.Duration, error) {
	return read(ctx, c, "uptime", "cat /proc/uptime", parseUptime)
}

// BootTime returns when the host was booted, by its own clock, to the second. It tells whether it was rebooted
// in between, which Uptime does not when much time has passed.
func (c *Client) BootTime(ctx context.Context) (time.Time, error) {
	return read(ctx, c, "time of boot", "cat /proc/stat", parseBootTime)
}

// Hostname returns the name that the host has given itself.
func (c *Client) Hostname(ctx context.Context) (string, error) {
	return read(ctx, c, "host name", "hostname", func(s string) (string, error) { return strings.TrimSpace(s), nil })
}

// Disks returns the block devices of the host, each before its partitions. Without lsblk the type is disk or part.
func (c *Client) Disks(ctx context.Context) ([]Disk, error) {
	return read(ctx, c, "disks", "lsblk -J -b -o NAME,SIZE,TYPE,MOUNTPOINT 2>/dev/null || "+
		"{ cat /proc/partitions; echo ---; cat /proc/mounts; }", parseDisks)
}

// Interfaces returns the network interfaces of the host.
func (c *Client) Interfaces(ctx context.Context) ([]Interface, error) {
	return read(ctx, c, "interfaces", path+"ip -j addr 2>/dev/null || ip addr 2>/dev/null || ifconfig -a", parseInterfaces)
}

// path finds the tools of root, which the users of some distributions have not in their path.
const path = "PATH=$PATH:/usr/sbin:/sbin; "

// InterfaceOf returns the interface with a hardware address, such as that of a port of the network service.
func (c *Client) InterfaceOf(ctx context.Context, mac string) (Interface, error) {
	all, err := c.Interfaces(ctx)
	if err != nil {
		return Interface{}, err
	}
	for _, i := range all {
		if strings.EqualFold(i.MAC, mac) {
			return i, nil
		}
	}
	return Interface{}, fmt.Errorf("interfaces of %s: none has the hardware address %s", c, mac)
}

// DefaultRoute returns the default route of IPv4. The error says when there is none.
func (c *Client) DefaultRoute(ctx context.Context) (Route, error) {
	return read(ctx, c, "default route", path+"ip -4 route show 2>/dev/null || cat /proc/net/route", parseRoute)
}

// DefaultRoute6 returns the default route of IPv6.
func (c *Client) DefaultRoute6(ctx context.Context) (Route, error) {
	return read(ctx, c, "default route of IPv6", path+"ip -6 route show", parseRoute)
}

// Nameservers returns those of /etc/resolv.conf.
func (c *Client) Nameservers(ctx context.Context) ([]netip.Addr, error) {
	return read(ctx, c, "name servers", "cat /etc/resolv.conf", func(s string) ([]netip.Addr, error) {
		return parseResolvConf(s), nil
	})
}

// MakeFilesystem makes a file system of a type, as "ext4", on a device, as "vdb". What was there is lost.
func (c *Client) MakeFilesystem(ctx context.Context, device, fstype string) error {
	return c.asRoot(ctx, "making a file system", fmt.Sprintf(path+"mkfs -t %s %s", Quote(fstype), devicePath(device)))
}

// Mount mounts a device, as "vdb", on a folder, which is made if it is not there.
func (c *Client) Mount(ctx context.Context, device, folder string) error {
	return c.asRoot(ctx, "mounting", fmt.Sprintf("mkdir -p %[2]s && mount %[1]s %[2]s", devicePath(device), Quote(folder)))
}

// Unmount unmounts a folder, after what was written is on the device.
func (c *Client) Unmount(ctx context.Context, folder string) error {
	return c.asRoot(ctx, "unmounting", "sync && umount "+Quote(folder))
}

// devicePath returns the quoted path of a device that is named as in [Disk], or by a path.
func devicePath(device string) string {
	if strings.HasPrefix(device, "/") {
		return Quote(device)
	}
	return Quote("/dev/" + device)
}

// timestampFile is what WriteTimestamp writes in a folder.
const timestampFile = "/timestamp"

// WriteTimestamp writes the time of the host into a file in a folder, such as one that a volume is mounted on, has it
// brought to the device, and returns what was written.
func (c *Client) WriteTimestamp(ctx context.Context, folder string) (string, error) {
	file := Quote(strings.TrimSuffix(folder, "/") + timestampFile)
	return c.timestamp(ctx, "writing a timestamp", fmt.Sprintf("date '+%%s %%N' >%[1]s && sync && cat %[1]s", file))
}

// ReadTimestamp reads what WriteTimestamp has written, maybe on another host.
func (c *Client) ReadTimestamp(ctx context.Context, folder string) (string, error) {
	return c.timestamp(ctx, "reading a timestamp", "cat "+Quote(strings.TrimSuffix(folder, "/")+timestampFile))
}

func (c *Client) timestamp(ctx context.Context, what, command string) (string, error) {
	return read(ctx, c, what, c.sudo(command), func(s string) (string, error) { return strings.TrimSpace(s), nil })
}

// WriteConsole writes a line to the console of the host, where the compute service finds it.
func (c *Client) WriteConsole(ctx context.Context, line string) error {
	return c.asRoot(ctx, "writing to the console", fmt.Sprintf("printf '%%s\\n' %s >/dev/console", Quote(line)))
}

// RenewLease has the DHCP client of the host ask for a new lease for an interface. It knows udhcpc, dhcpcd and
// dhclient.
func (c *Client) RenewLease(ctx context.Context, nic string) error {
	command := fmt.Sprintf(path+`nic=%s
if [ -r "/var/run/udhcpc.$nic.pid" ]; then kill -USR1 "$(cat "/var/run/udhcpc.$nic.pid")"
elif command -v dhcpcd >/dev/null; then dhcpcd -n "$nic"
elif command -v dhclient >/dev/null; then dhclient -r "$nic"; dhclient "$nic"
else echo "no DHCP client is known here" >&2; exit 1; fi`, Quote(nic))
	return c.asRoot(ctx, "renewing the lease of "+nic, command)
}

func (c *Client) asRoot(ctx context.Context, what, command string) error {
	if _, err := c.Run(ctx, c.sudo(command)); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}
