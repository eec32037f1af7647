package remote

import (
	"bufio"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gotempest/tempest/internal/lazyregexp"
)

// A Disk is a block device of a host.
type Disk struct {
	Name       string // as "vda1"; the device is /dev/ and this
	Size       int64  // in bytes
	Type       string // as lsblk has it: disk, part, rom, loop, lvm …
	Parent     string // the disk that a partition is on; empty for a disk
	Mountpoint string // empty when it is not mounted
}

// errNoOutput says that there was nothing to read.
var errNoOutput = errors.New("the output is not one that is understood")

// parseDisks reads what [Client.Disks] asks for: lsblk's JSON, or /proc/partitions, an empty line, and /proc/mounts.
func parseDisks(out string) ([]Disk, error) {
	if strings.HasPrefix(strings.TrimSpace(out), "{") {
		return parseLsblk(out)
	}
	partitions, mounts, _ := strings.Cut(out, "\n---\n")
	return parsePartitions(partitions, mounts)
}

// device is one of lsblk's. Older versions print numbers as strings, and one mount point instead of a list.
type device struct {
	Name        string      `json:"name"`
	Size        json.Number `json:"size"`
	Type        string      `json:"type"`
	Mountpoint  *string     `json:"mountpoint"`
	Mountpoints []*string   `json:"mountpoints"`
	Children    []device    `json:"children"`
}

func parseLsblk(out string) ([]Disk, error) {
	var tree struct {
		Devices []device `json:"blockdevices"`
	}
	if err := json.Unmarshal([]byte(out), &tree); err != nil {
		return nil, fmt.Errorf("the output of lsblk: %w", err)
	}
	var disks []Disk
	var walk func(list []device, parent string) error
	walk = func(list []device, parent string) error {
		for _, d := range list {
			size, err := d.Size.Int64()
			if err != nil || size < 0 {
				return fmt.Errorf("the output of lsblk: size %q of %s is no number of bytes", d.Size, d.Name)
			}
			disks = append(disks, Disk{Name: d.Name, Size: size, Type: d.Type, Parent: parent, Mountpoint: d.mounted()})
			if err := walk(d.Children, d.Name); err != nil {
				return err
			}
		}
		return nil
	}
	return disks, walk(tree.Devices, "")
}

func (d device) mounted() string {
	for _, m := range append([]*string{d.Mountpoint}, d.Mountpoints...) {
		if m != nil && *m != "" {
			return *m
		}
	}
	return ""
}

// partitionBlock is the unit of /proc/partitions.
const partitionBlock = 1024

// parsePartitions reads /proc/partitions and /proc/mounts.
func parsePartitions(partitions, mounts string) ([]Disk, error) {
	var disks []Disk
	for line := range strings.Lines(partitions) {
		f := strings.Fields(line)
		const columns = 4
		if len(f) != columns || f[0] == "major" {
			continue
		}
		blocks, err := strconv.ParseInt(f[2], 10, 64)
		if err != nil || blocks < 0 || blocks > math.MaxInt64/partitionBlock {
			return nil, fmt.Errorf("/proc/partitions: %q is no number of blocks of %s", f[2], f[3])
		}
		d := Disk{Name: f[3], Size: blocks * partitionBlock, Type: "disk"}
		if p := partOf(d.Name, disks); p != "" {
			d.Type, d.Parent = "part", p
		}
		disks = append(disks, d)
	}
	if len(disks) == 0 && !strings.Contains(partitions, "major") {
		return nil, errNoOutput
	}
	for line := range strings.Lines(mounts) {
		f := strings.Fields(line)
		if len(f) < 2 {
			continue
		}
		at := func(d Disk) bool { return "/dev/"+d.Name == f[0] }
		if i := slices.IndexFunc(disks, at); i >= 0 && disks[i].Mountpoint == "" {
			disks[i].Mountpoint = unescapeMount(f[1])
		}
	}
	return disks, nil
}

// partOf returns the disk that a name is a partition of: vda1 of vda, nvme0n1p1 of nvme0n1.
func partOf(name string, disks []Disk) string {
	for _, d := range disks {
		rest, ok := strings.CutPrefix(name, d.Name)
		if !ok || rest == "" || d.Parent != "" {
			continue
		}
		if last := d.Name[len(d.Name)-1]; last >= '0' && last <= '9' {
			if rest, ok = strings.CutPrefix(rest, "p"); !ok {
				continue
			}
		}
		if _, err := strconv.ParseUint(rest, 10, 16); err == nil {
			return d.Name
		}
	}
	return ""
}

var octal = lazyregexp.New(`\\[0-3][0-7]{2}`)

// unescapeMount undoes what the kernel does to spaces in /proc/mounts.
func unescapeMount(s string) string {
	return octal().ReplaceAllStringFunc(s, func(e string) string {
		n, _ := strconv.ParseUint(e[1:], 8, 8)
		return string([]byte{byte(n)})
	})
}

// An Interface is a network interface of a host.
type Interface struct {
	Name      string         // as "eth0"
	MAC       string         // as "fa:16:3e:00:00:01"; empty when it has none
	MTU       int            // in bytes
	Up        bool           // switched on; not whether a cable is in
	Addresses []netip.Prefix // each with the length of its network's prefix
}

// parseInterfaces reads what `ip -j addr`, `ip addr` or `ifconfig -a` print, of iproute2, busybox and net-tools.
func parseInterfaces(out string) ([]Interface, error) {
	trimmed := strings.TrimSpace(out)
	switch {
	case strings.HasPrefix(trimmed, "["):
		return parseIPJSON(trimmed)
	case ipLine().MatchString(out):
		return parseIP(out)
	case ifconfigLine().MatchString(out):
		return parseIfconfig(out)
	}
	return nil, errNoOutput
}

func parseIPJSON(out string) ([]Interface, error) {
	var list []struct {
		Name    string   `json:"ifname"`
		Flags   []string `json:"flags"`
		MTU     int      `json:"mtu"`
		Address string   `json:"address"`
		Info    []struct {
			Local  string `json:"local"`
			Length int    `json:"prefixlen"`
		} `json:"addr_info"`
	}
	if err := json.Unmarshal([]byte(out), &list); err != nil {
		return nil, fmt.Errorf("the output of ip -j addr: %w", err)
	}
	var all []Interface
	for _, l := range list {
		if l.Name == "" { // what old versions print for what they leave out
			continue
		}
		i := Interface{Name: l.Name, MAC: hardware(l.Address), MTU: l.MTU, Up: slices.Contains(l.Flags, "UP")}
		for _, a := range l.Info {
			p, err := prefix(a.Local, strconv.Itoa(a.Length))
			if err != nil {
				return nil, fmt.Errorf("the output of ip -j addr: interface %s: %w", l.Name, err)
			}
			i.Addresses = append(i.Addresses, p)
		}
		all = append(all, i)
	}
	return all, nil
}

var (
	ipLine  = lazyregexp.New(`(?m)^\d+: ([^\s:@]+)(?:@\S+)?: <([^>]*)>(?:.* mtu (\d+))?`)
	ipAddr  = lazyregexp.New(`^\s+inet6? ([0-9a-fA-F.:]+)(?: peer [0-9a-fA-F.:]+)?/(\d+)`)
	ipPeer  = lazyregexp.New(`^\s+inet6? ([0-9a-fA-F.:]+) peer`)
	ipLink  = lazyregexp.New(`^\s+link/\S+ ([0-9a-fA-F:]+)`)
	ipPlain = lazyregexp.New(`^\s+inet6? ([0-9a-fA-F.:]+) `)
)

// parseIP reads the text of ip addr.
func parseIP(out string) ([]Interface, error) {
	var all []Interface
	for line := range strings.Lines(out) {
		if m := ipLine().FindStringSubmatch(line); m != nil {
			mtu, _ := strconv.Atoi(m[3])
			all = append(all, Interface{Name: m[1], MTU: mtu, Up: slices.Contains(strings.Split(m[2], ","), "UP")})
			continue
		}
		if len(all) == 0 {
			continue
		}
		i := &all[len(all)-1]
		if m := ipLink().FindStringSubmatch(line); m != nil {
			i.MAC = hardware(m[1])
		}
		if err := i.addIP(line); err != nil {
			return nil, fmt.Errorf("the output of ip addr: interface %s: %w", i.Name, err)
		}
	}
	return all, nil
}

// addIP adds the address of a line of ip addr, if it has one. Without a length it is that of one host.
func (i *Interface) addIP(line string) error {
	address, length := "", ""
	if m := ipAddr().FindStringSubmatch(line); m != nil {
		address, length = m[1], m[2]
	} else if m := ipPlain().FindStringSubmatch(line); m != nil {
		address = m[1]
	} else {
		return nil
	}
	if ipPeer().MatchString(line) { // the length is the peer's
		length = ""
	}
	p, err := prefix(address, length)
	if err != nil {
		return err
	}
	i.Addresses = append(i.Addresses, p)
	return nil
}

var (
	ifconfigLine = lazyregexp.New(`(?m)^([^\s:]+(?::\d+)?):?\s+(?:Link encap|flags=)`)
	ifconfigMAC  = lazyregexp.New(`(?:HWaddr|ether) ([0-9a-fA-F:]{17})`)
	ifconfigMTU  = lazyregexp.New(`(?i)mtu[ :](\d+)`)
	ifconfigUp   = lazyregexp.New(`<(?:[A-Z,]*,)?UP[,>]|^\s+UP `)
	ifconfigV4   = lazyregexp.New(`inet (?:addr:)?([0-9.]+).*(?:Mask:|netmask )([0-9.]+)`)
	ifconfigV6   = lazyregexp.New(`inet6 (?:addr: ?)?([0-9a-fA-F:]+)(?:%\S+)?(?:/|\s+prefixlen )(\d+)`)
)

// parseIfconfig reads the text of ifconfig, of busybox and of net-tools.
func parseIfconfig(out string) ([]Interface, error) {
	var all []Interface
	for line := range strings.Lines(out) {
		if m := ifconfigLine().FindStringSubmatch(line); m != nil {
			all = append(all, Interface{Name: m[1]})
		}
		if len(all) == 0 {
			continue
		}
		i := &all[len(all)-1]
		if m := ifconfigMAC().FindStringSubmatch(line); m != nil {
			i.MAC = hardware(m[1])
		}
		if m := ifconfigMTU().FindStringSubmatch(line); m != nil {
			i.MTU, _ = strconv.Atoi(m[1])
		}
		i.Up = i.Up || ifconfigUp().MatchString(line)
		if err := i.addIfconfig(line); err != nil {
			return nil, fmt.Errorf("the output of ifconfig: interface %s: %w", i.Name, err)
		}
	}
	return all, nil
}

func (i *Interface) addIfconfig(line string) error {
	if m := ifconfigV4().FindStringSubmatch(line); m != nil {
		mask := net.ParseIP(m[2]).To4()
		ones, bits := net.IPMask(mask).Size()
		if bits == 0 {
			return fmt.Errorf("%q is no netmask", m[2])
		}
		p, err := prefix(m[1], strconv.Itoa(ones))
		if err != nil {
			return err
		}
		i.Addresses = append(i.Addresses, p)
	}
	if m := ifconfigV6().FindStringSubmatch(line); m != nil {
		p, err := prefix(m[1], m[2])
		if err != nil {
			return err
		}
		i.Addresses = append(i.Addresses, p)
	}
	return nil
}

// hardware returns a hardware address as it is usually written, empty for none.
func hardware(s string) string {
	mac, err := net.ParseMAC(s)
	if err != nil || strings.Trim(mac.String(), "0:") == "" { // that of lo
		return ""
	}
	return mac.String()
}

// prefix makes an address with a length; an empty one is that of one host.
func prefix(address, length string) (netip.Prefix, error) {
	a, err := netip.ParseAddr(address)
	if err != nil {
		return netip.Prefix{}, fmt.Errorf("%q is no address", address)
	}
	if length == "" {
		return netip.PrefixFrom(a, a.BitLen()), nil
	}
	bits, err := strconv.Atoi(length)
	if err != nil || bits < 0 || bits > a.BitLen() {
		return netip.Prefix{}, fmt.Errorf("%q is no length of a prefix of %s", length, a)
	}
	return netip.PrefixFrom(a, bits), nil
}

// A Route is where a host sends what is not for its own networks.
type Route struct {
	Gateway   netip.Addr // invalid when the interface itself is the way
	Interface string     // its name
}

var (
	routeVia = lazyregexp.New(`\bvia (?:inet6? )?([0-9a-fA-F.:]+)`)
	routeDev = lazyregexp.New(`\bdev (\S+)`)
)

// parseRoute reads the first default route of `ip route`, or of /proc/net/route.
func parseRoute(out string) (Route, error) {
	for line := range strings.Lines(out) {
		f := strings.Fields(line)
		if len(f) > 0 && f[0] == "default" {
			var r Route
			if m := routeVia().FindStringSubmatch(line); m != nil {
				r.Gateway, _ = netip.ParseAddr(m[1])
			}
			if m := routeDev().FindStringSubmatch(line); m != nil {
				r.Interface = m[1]
			}
			return r, nil
		}
		const destination, mask, fields = 1, 7, 8
		if len(f) >= fields && f[destination] == "00000000" && f[mask] == "00000000" {
			return kernelRoute(f)
		}
	}
	return Route{}, errors.New("there is no default route")
}

// kernelRoute reads a line of /proc/net/route. Its addresses are in the order of bytes of the machine, which is little
// endian wherever OpenStack runs but on s390x.
func kernelRoute(f []string) (Route, error) {
	b, err := hex.DecodeString(f[2])
	if err != nil || len(b) != net.IPv4len {
		return Route{}, fmt.Errorf("/proc/net/route: %q is no address", f[2])
	}
	var a [net.IPv4len]byte
	binary.LittleEndian.PutUint32(a[:], binary.BigEndian.Uint32(b))
	r := Route{Interface: f[0], Gateway: netip.AddrFrom4(a)}
	if r.Gateway.IsUnspecified() {
		r.Gateway = netip.Addr{}
	}
	return r, nil
}

// parseResolvConf returns the name servers of /etc/resolv.conf.
func parseResolvConf(out string) []netip.Addr {
	var all []netip.Addr
	for line := range strings.Lines(out) {
		f := strings.Fields(line)
		if len(f) < 2 || f[0] != "nameserver" {
			continue
		}
		if a, err := netip.ParseAddr(f[1]); err == nil {
			all = append(all, a)
		}
	}
	return all
}

// parseUptime reads /proc/uptime.
func parseUptime(out string) (time.Duration, error) {
	f := strings.Fields(out)
	if len(f) == 0 {
		return 0, errNoOutput
	}
	seconds, err := strconv.ParseFloat(f[0], 64)
	if err != nil || !(seconds >= 0 && seconds < math.MaxInt32) {
		return 0, fmt.Errorf("/proc/uptime: %q is no number of seconds", f[0])
	}
	return time.Duration(seconds * float64(time.Second)), nil
}

// parseBootTime reads the line btime of /proc/stat.
func parseBootTime(out string) (time.Time, error) {
	s := bufio.NewScanner(strings.NewReader(out))
	for s.Scan() {
		value, ok := strings.CutPrefix(s.Text(), "btime ")
		if !ok {
			continue
		}
		seconds, err := strconv.ParseInt(strings.TrimSpace(value), 10, 64)
		if err != nil {
			return time.Time{}, fmt.Errorf("/proc/stat: %q is no time of boot", value)
		}
		return time.Unix(seconds, 0), nil
	}
	return time.Time{}, errNoOutput
}

var pingTotals = lazyregexp.New(`(\d+) packets transmitted, (\d+) (?:packets )?received`)

// parsePing reads the last lines of ping, of iputils, busybox, BSD and macOS.
func parsePing(out string) (PingResult, error) {
	m := pingTotals().FindStringSubmatch(out)
	if m == nil {
		return PingResult{}, errNoOutput
	}
	sent, err := strconv.Atoi(m[1])
	received, err2 := strconv.Atoi(m[2])
	if err := errors.Join(err, err2); err != nil {
		return PingResult{}, fmt.Errorf("the output of ping: %w", err)
	}
	return PingResult{Sent: sent, Received: received}, nil
}
