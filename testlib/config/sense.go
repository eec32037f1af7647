package config

import (
	"fmt"
	"net/netip"
	"net/url"
	"os"
	"strconv"
	"strings"

	"github.com/gotempest/tempest/internal/lazyregexp"
)

// sense returns what is wrong with the values of core that are each allowed.
func (v *Values) sense(core Core) []Problem {
	var problems []Problem
	add := func(option, format string, args ...any) {
		group, name, _ := strings.Cut(option, ".")
		at, _ := v.Lookup(group, name)
		problems = append(problems, Problem{at, option + ": " + fmt.Sprintf(format, args...)})
	}
	v.senseAccounts(core, add)
	for group, bounds := range map[string][2]string{
		"compute":   {core.Compute.MinMicroversion, core.Compute.MaxMicroversion},
		"volume":    {core.Volume.MinMicroversion, core.Volume.MaxMicroversion},
		"placement": {core.Placement.MinMicroversion, core.Placement.MaxMicroversion},
	} {
		senseRange(group, bounds, add)
	}
	n := core.Network
	senseSubnets("network.project_cidr", "network.project_mask_bits",
		n.ProjectCIDR, n.ProjectMaskBits, netip.Addr.Is4, add)
	senseSubnets("network.project_ipv6_cidr", "network.project_ipv6_mask_bits",
		n.ProjectIPv6CIDR, n.ProjectIPv6MaskBits, netip.Addr.Is6, add)
	if text := core.Image.HTTPImage; text != "" {
		if u, err := url.Parse(text); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
			add("image.http_image", "%q is no URL that begins with http:// or https://", text)
		}
	}
	return problems
}

// adder notes that an option is wrong.
type adder func(option, format string, args ...any)

func (v *Values) senseAccounts(core Core, add adder) {
	switch path := v.Resolve(core.Auth.AccountsFile); {
	case path == "" && !core.Auth.DynamicCredentials:
		add("auth.dynamic_credentials", "false, and auth.accounts_file names no accounts file: set one of them")
	case path != "":
		if info, err := os.Stat(path); err != nil {
			add("auth.accounts_file", "there is no file %s", path)
		} else if info.IsDir() {
			add("auth.accounts_file", "%s is a folder", path)
		}
	}
}

var microversion = lazyregexp.New(`^([0-9]{1,5})\.([0-9]{1,5})$`)

func senseRange(group string, bounds [2]string, add adder) {
	var numbers [2]int
	for i, name := range []string{".min_microversion", ".max_microversion"} {
		if bounds[i] == "" || bounds[i] == "latest" {
			continue
		}
		m := microversion().FindStringSubmatch(bounds[i])
		if m == nil {
			add(group+name, `%q is no microversion such as "2.60", and not "latest"`, bounds[i])
			return
		}
		const minors = 100_000 // more than the expression takes
		major, _ := strconv.Atoi(m[1])
		minor, _ := strconv.Atoi(m[2])
		numbers[i] = major*minors + minor
	}
	switch {
	case bounds[0] == "latest" && numbers[1] > 0, numbers[0] > 0 && numbers[1] > 0 && numbers[0] > numbers[1]:
		add(group+".min_microversion", "%s is above max_microversion %s", bounds[0], bounds[1])
	}
}

func senseSubnets(option, bits, cidr string, length int, family func(netip.Addr) bool, add adder) {
	p, err := netip.ParsePrefix(cidr)
	switch {
	case err != nil || !family(p.Addr()):
		add(option, "%q is no range such as that of the default", cidr)
	case p != p.Masked():
		add(option, "%q has bits behind its prefix: write %q", cidr, p.Masked().String())
	case length < p.Bits():
		add(bits, "a subnet with /%d does not fit into %s, %s", length, option, cidr)
	}
}
