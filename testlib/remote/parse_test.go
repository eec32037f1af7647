package remote

import (
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// Outputs of CirrOS 0.6 (busybox 1.35) and Debian 12 (util-linux 2.38, iproute2 6.1, net-tools 2.10), shortened.
const (
	cirrosPartitions = `major minor  #blocks  name

 252        0    1048576 vda
 252        1    1036288 vda1
 252       15       8192 vda15
 259        0       1024 nvme0n1
 259        1        512 nvme0n1p1
  11        0     497664 sr0
---
/dev/vda1 / ext3 rw,relatime 0 0
/dev/vda15 /boot/efi vfat rw 0 0
/dev/nvme0n1p1 /mnt/my\040disk ext4 rw 0 0
proc /proc proc rw 0 0
`
	debianLsblk = `{
   "blockdevices": [
      {"name": "sr0", "size": 509607936, "type": "rom", "mountpoint": null},
      {"name": "vda", "size": 10737418240, "type": "disk", "mountpoint": null,
         "children": [
            {"name": "vda1", "size": 10602151424, "type": "part", "mountpoint": "/"},
            {"name": "vda15", "size": 130023424, "type": "part", "mountpoint": "/boot/efi"}
         ]
      }
   ]
}`
	oldLsblk = `{"blockdevices": [{"name": "vdb", "size": "1073741824", "type": "disk", "mountpoint": ""}]}`
	newLsblk = `{"blockdevices": [{"name": "vdb", "size": 1, "type": "disk", "mountpoints": [null, "/mnt"]}]}`

	debianIPJSON = `[{"ifindex":1,"ifname":"lo","flags":["LOOPBACK","UP","LOWER_UP"],"mtu":65536,
		"address":"00:00:00:00:00:00","addr_info":[{"family":"inet","local":"127.0.0.1","prefixlen":8},
		{"family":"inet6","local":"::1","prefixlen":128}]},{},
		{"ifindex":2,"ifname":"ens3","flags":["BROADCAST","MULTICAST"],"mtu":1442,
		"address":"fa:16:3e:1a:2b:3c","addr_info":[]}]`
	cirrosIP = `1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue qlen 1000
    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00
    inet 127.0.0.1/8 scope host lo
       valid_lft forever preferred_lft forever
    inet6 ::1/128 scope host 
       valid_lft forever preferred_lft forever
2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1442 qdisc pfifo_fast qlen 1000
    link/ether fa:16:3e:1a:2b:3c brd ff:ff:ff:ff:ff:ff
    inet 10.0.0.12/24 brd 10.0.0.255 scope global dynamic noprefixroute eth0
       valid_lft 42903sec preferred_lft 37503sec
    inet6 fe80::f816:3eff:fe1a:2b3c/64 scope link 
       valid_lft forever preferred_lft forever
3: eth0.100@eth0: <BROADCAST,MULTICAST> mtu 1500 qdisc noop state DOWN
    link/ether fa:16:3e:1a:2b:3c brd ff:ff:ff:ff:ff:ff
4: tun0: <POINTOPOINT,UP> mtu 1400
    link/none 
    inet 192.0.2.1 peer 192.0.2.2/32 scope global tun0
`
	busyboxIfconfig = `eth0      Link encap:Ethernet  HWaddr FA:16:3E:1A:2B:3C  
          inet addr:10.0.0.12  Bcast:10.0.0.255  Mask:255.255.255.0
          inet6 addr: fe80::f816:3eff:fe1a:2b3c/64 Scope:Link
          UP BROADCAST RUNNING MULTICAST  MTU:1442  Metric:1
          RX packets:140 errors:0 dropped:0 overruns:0 frame:0

eth1      Link encap:Ethernet  HWaddr FA:16:3E:00:00:01  
          BROADCAST MULTICAST  MTU:1500  Metric:1
`
	netToolsIfconfig = `ens3: flags=4163<UP,BROADCAST,RUNNING,MULTICAST>  mtu 1442
        inet 10.0.0.12  netmask 255.255.255.0  broadcast 10.0.0.255
        inet6 fe80::f816:3eff:fe1a:2b3c  prefixlen 64  scopeid 0x20<link>
        ether fa:16:3e:1a:2b:3c  txqueuelen 1000  (Ethernet)

ens4: flags=4098<BROADCAST,MULTICAST>  mtu 1500
        ether fa:16:3e:00:00:01  txqueuelen 1000  (Ethernet)
`
)

// prefixes reads addresses with lengths.
func prefixes(list ...string) []netip.Prefix {
	all := make([]netip.Prefix, len(list))
	for i, s := range list {
		all[i] = netip.MustParsePrefix(s)
	}
	return all
}

// compared compares addresses by their values.
var compared = cmp.Comparer(func(a, b netip.Prefix) bool { return a == b })

func TestParseDisks(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		in   string
		want []Disk
	}{
		"CirrOS": {cirrosPartitions, []Disk{
			{Name: "vda", Size: 1 << 30, Type: "disk"},
			{Name: "vda1", Size: 1036288 << 10, Type: "part", Parent: "vda", Mountpoint: "/"},
			{Name: "vda15", Size: 8 << 20, Type: "part", Parent: "vda", Mountpoint: "/boot/efi"},
			{Name: "nvme0n1", Size: 1 << 20, Type: "disk"},
			{Name: "nvme0n1p1", Size: 512 << 10, Type: "part", Parent: "nvme0n1", Mountpoint: "/mnt/my disk"},
			{Name: "sr0", Size: 497664 << 10, Type: "disk"},
		}},
		"Debian": {debianLsblk, []Disk{
			{Name: "sr0", Size: 509607936, Type: "rom"},
			{Name: "vda", Size: 10737418240, Type: "disk"},
			{Name: "vda1", Size: 10602151424, Type: "part", Parent: "vda", Mountpoint: "/"},
			{Name: "vda15", Size: 130023424, Type: "part", Parent: "vda", Mountpoint: "/boot/efi"},
		}},
		"numbers in quotes": {oldLsblk, []Disk{{Name: "vdb", Size: 1 << 30, Type: "disk"}}},
		"more mount points": {newLsblk, []Disk{{Name: "vdb", Size: 1, Type: "disk", Mountpoint: "/mnt"}}},
		"no disks at all":   {"major minor  #blocks  name\n---\n", nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := parseDisks(tt.in)
			if diff := cmp.Diff(tt.want, got); err != nil || diff != "" {
				t.Errorf("parseDisks: %v (-want +got):\n%s", err, diff)
			}
		})
	}
	for _, bad := range []string{
		"", "sh: lsblk: not found", "{", `{"blockdevices": [{"name": "a", "size": "1G"}]}`,
		`{"blockdevices": [{"name": "a", "size": -1}]}`, `{"blockdevices": [{"name": "a"}]}`,
		"1 1 x vda", "1 1 9223372036854775807 vda", "1 1 -5 vda",
	} {
		if got, err := parseDisks(bad); err == nil {
			t.Errorf("parseDisks(%q) = %v", bad, got)
		}
	}
}

func TestParseInterfaces(t *testing.T) {
	t.Parallel()
	lo := Interface{Name: "lo", MTU: 65536, Up: true, Addresses: prefixes("127.0.0.1/8", "::1/128")}
	eth := Interface{
		Name: "eth0", MAC: "fa:16:3e:1a:2b:3c", MTU: 1442, Up: true,
		Addresses: prefixes("10.0.0.12/24", "fe80::f816:3eff:fe1a:2b3c/64"),
	}
	ens := eth
	ens.Name = "ens3"
	tests := map[string]struct {
		in   string
		want []Interface
	}{
		"iproute2's JSON": {debianIPJSON, []Interface{lo, {Name: "ens3", MAC: "fa:16:3e:1a:2b:3c", MTU: 1442}}},
		"busybox's ip": {cirrosIP, []Interface{
			lo, eth, {Name: "eth0.100", MAC: "fa:16:3e:1a:2b:3c", MTU: 1500},
			{Name: "tun0", MTU: 1400, Up: true, Addresses: prefixes("192.0.2.1/32")},
		}},
		"busybox's ifconfig":  {busyboxIfconfig, []Interface{eth, {Name: "eth1", MAC: "fa:16:3e:00:00:01", MTU: 1500}}},
		"net-tools' ifconfig": {netToolsIfconfig, []Interface{ens, {Name: "ens4", MAC: "fa:16:3e:00:00:01", MTU: 1500}}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := parseInterfaces(tt.in)
			if diff := cmp.Diff(tt.want, got, compared); err != nil || diff != "" {
				t.Errorf("parseInterfaces: %v (-want +got):\n%s", err, diff)
			}
		})
	}
	for _, bad := range []string{
		"", "sh: ip: not found", "[", `[{"ifname": "a", "addr_info": [{"local": "x"}]}]`,
		`[{"ifname": "a", "addr_info": [{"local": "192.0.2.1", "prefixlen": 33}]}]`,
		"1: a: <UP> mtu 1\n    inet 300.0.0.1/8 scope\n", "1: a: <UP> mtu 1\n    inet 192.0.2.1/99 scope\n",
		"a         Link encap:X\n          inet addr:10.0.0.1  Mask:255.0.255.0\n",
		"a         Link encap:X\n          inet addr:10.0.0.1  Mask:255.0.255\n",
	} {
		if got, err := parseInterfaces(bad); err == nil {
			t.Errorf("parseInterfaces(%q) = %v", bad, got)
		}
	}
}

func TestParseRoute(t *testing.T) {
	t.Parallel()
	kernel := "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n" +
		"eth0\t0000000A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n"
	tests := map[string]struct {
		in, gateway, nic string // both empty: an error
	}{
		"iproute2": {
			"192.0.2.0/24 dev eth1\ndefault via 10.0.0.1 dev ens3 proto dhcp src 10.0.0.12 metric 100\n",
			"10.0.0.1", "ens3",
		},
		"busybox": {
			"default via 10.0.0.1 dev eth0 \n10.0.0.0/24 dev eth0 scope link  src 10.0.0.12 \n",
			"10.0.0.1", "eth0",
		},
		"IPv6": {
			"default via fe80::1 dev eth0 proto ra metric 1024 expires 1790sec pref medium\n",
			"fe80::1", "eth0",
		},
		"IPv6 gateway": {"default via inet6 fe80::1 dev eth0\n", "fe80::1", "eth0"},
		"no gateway":   {"default dev tun0 scope link\n", "", "tun0"},
		"the kernel's": {
			kernel + "eth0\t00000000\t0100000A\t0003\t0\t0\t0\t00000000\t0\t0\t0\n",
			"10.0.0.1", "eth0",
		},
		"the kernel's, 0": {
			kernel + "tun0\t00000000\t00000000\t0001\t0\t0\t0\t00000000\t0\t0\t0\n",
			"", "tun0",
		},
		"none":              {kernel, "", ""},
		"nothing":           {"", "", ""},
		"broken":            {kernel + "eth0\t00000000\t01000A\t0003\t0\t0\t0\t00000000\t0\t0\t0\n", "", ""},
		"half of a default": {kernel + "eth0\t00000000\t0100000A\t0003\t0\t0\t0\t00000080\t0\t0\t0\n", "", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := parseRoute(tt.in)
			want := Route{Interface: tt.nic}
			if tt.gateway != "" {
				want.Gateway = netip.MustParseAddr(tt.gateway)
			}
			if got != want || (err != nil) != (tt.nic == "") {
				t.Errorf("parseRoute = %+v, %v; want %+v", got, err, want)
			}
		})
	}
}

func TestParseTheRest(t *testing.T) {
	t.Parallel()
	servers := parseResolvConf("# by dhcp\nsearch openstacklocal\nnameserver 192.0.2.53\nnameserver\n" +
		"nameserver fe80::1%eth0\nnameserver none\nnameservers 1.1.1.1\n")
	if len(servers) != 2 || servers[0].String() != "192.0.2.53" || servers[1].String() != "fe80::1%eth0" {
		t.Errorf("name servers = %v", servers)
	}
	if up, err := parseUptime("350735.47 234388.90\n"); err != nil || up != 350735470*time.Millisecond {
		t.Errorf("uptime = %v, %v", up, err)
	}
	boot, err := parseBootTime("cpu  1 2 3\nbtime 1769904000\nprocesses 7\n")
	if err != nil || !boot.Equal(time.Unix(1769904000, 0)) {
		t.Errorf("time of boot = %v, %v", boot, err)
	}
	for _, bad := range []string{"", "soon", "-1 2", "NaN 1", "1e300 1", "+Inf 1"} {
		if up, err := parseUptime(bad); err == nil {
			t.Errorf("parseUptime(%q) = %v", bad, up)
		}
	}
	for _, bad := range []string{"", "btime soon", "btime\n"} {
		if boot, err := parseBootTime(bad); err == nil {
			t.Errorf("parseBootTime(%q) = %v", bad, boot)
		}
	}
}

func TestParsePing(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		in   string
		want PingResult
		fail bool
	}{
		"busybox": {
			"--- 10.0.0.1 ping statistics ---\n3 packets transmitted, 2 packets received, 33% packet loss\n",
			PingResult{3, 2}, false,
		},
		"iputils": {"3 packets transmitted, 3 received, 0% packet loss, time 2003ms\n", PingResult{3, 3}, false},
		"errors": {
			"3 packets transmitted, 0 received, +3 errors, 100% packet loss, time 2051ms\n",
			PingResult{3, 0}, false,
		},
		"macOS":   {"3 packets transmitted, 3 packets received, 0.0% packet loss\n", PingResult{3, 3}, false},
		"nothing": {"ping: bad address 'x'\n", PingResult{}, true},
		"huge":    {"99999999999999999999 packets transmitted, 3 received\n", PingResult{}, true},
	}
	for name, tt := range tests {
		got, err := parsePing(tt.in)
		if got != tt.want || (err != nil) != tt.fail {
			t.Errorf("%s: parsePing = %+v, %v", name, got, err)
		}
	}
}

// Nothing that a guest prints may break a test, and what is read must make sense.
func FuzzParse(f *testing.F) {
	for _, s := range []string{
		cirrosPartitions, debianLsblk, oldLsblk, newLsblk, debianIPJSON, cirrosIP, busyboxIfconfig, netToolsIfconfig,
		"default via 10.0.0.1 dev eth0", "btime 1", "1.5 2", "3 packets transmitted, 3 received", "nameserver ::1",
		"eth0\t00000000\t0100000A\t0003\t0\t0\t0\t00000000\t0\t0\t0\n",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		disks, err := parseDisks(s)
		for _, d := range disks {
			if err == nil && d.Size < 0 {
				t.Errorf("disk %+v", d)
			}
		}
		interfaces, err := parseInterfaces(s)
		for _, i := range interfaces {
			invalid := func(a netip.Prefix) bool { return !a.IsValid() }
			if err == nil && (i.Name == "" || slices.ContainsFunc(i.Addresses, invalid)) {
				t.Errorf("interface %+v", i)
			}
		}
		if up, err := parseUptime(s); err == nil && up < 0 {
			t.Errorf("uptime %s", up)
		}
		_, _ = parseRoute(s)
		_, _ = parseBootTime(s)
		_, _ = parsePing(s)
		parseResolvConf(s)
	})
}
