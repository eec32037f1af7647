package discover

import (
	"context"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/gotempest/tempest/internal/gocmd"
)

// isNetwork says whether s tells of a network that does not answer, as opposed
// to a server that answers no.
func isNetwork(s string) bool {
	for _, sign := range []string{
		"dial tcp", "no such host", "connection refused", "connection reset", "i/o timeout", "TLS handshake",
		"network is unreachable", "GOPROXY=off", "proxyconnect", "Could not resolve host", "context deadline exceeded",
	} {
		if strings.Contains(s, sign) {
			return true
		}
	}
	return false
}

// noNetwork says whether s tells of proxies that do not answer. A module whose
// own host is not there is just gone when a proxy has been asked before.
func (g *graph) noNetwork(s string) bool {
	if !isNetwork(s) {
		return false
	}
	asked := false
	for proxy := range strings.FieldsFuncSeq(g.env.GOPROXY, func(c rune) bool { return c == ',' || c == '|' }) {
		if proxy == "off" && strings.Contains(s, "GOPROXY=off") {
			return true
		}
		u, err := url.Parse(proxy)
		if err != nil || u.Host == "" {
			continue
		}
		asked = true
		if strings.Contains(s, u.Hostname()) {
			return true
		}
	}
	return !asked
}

// listRequired lists the requirements without the rest of the graph, for which
// the module cache is enough more often: go mod download leaves it so, and the
// go command itself loads no more than packages need. What the cache lacks is
// dropped. ge is why the whole graph cannot be had.
func (g *graph) listRequired(ctx context.Context, ge *gocmd.Error) ([]Module, error) {
	args := append([]string{"list", "-m", "-e", "-json"}, g.buildFlags(g.copy, false)...)
	for _, m := range g.members {
		args = append(args, m.mod.Module.Mod.Path)
	}
	for _, r := range g.reqs {
		args = append(args, r.path)
	}
	out, err := g.cmd(args...).Output(ctx)
	if err != nil {
		return nil, err
	}
	listed, err := decodeListed(out)
	if err != nil {
		return nil, err
	}
	bad := make(map[string]string)
	for _, l := range listed {
		if len(l.Error) > 0 && g.canDrop(l.Path) {
			bad[l.Path] = l.message()
			if !strings.Contains(bad[l.Path], l.Path+"@") {
				bad[l.Path] = l.Path + "@" + l.Version + ": " + bad[l.Path]
			}
		}
	}
	if err := g.dropAll(bad); err != nil {
		return nil, err
	}
	if g.cutOff() {
		return nil, g.networkError(bad[slices.Min(slices.Collect(maps.Keys(bad)))], ge)
	}
	if len(bad) > 0 {
		return g.listRequired(ctx, ge) // with the empty modules in their place
	}
	return modulesOf(listed), nil
}

// cutOff says whether everything that had to come over the network failed to.
func (g *graph) cutOff() bool {
	some := false
	for _, r := range g.reqs {
		if r.folder != "" {
			continue
		}
		f, dropped := g.dropped[r.path]
		if !dropped || !isNetwork(f.Message) {
			return false
		}
		some = true
	}
	return some
}

// offline is an error when downloads failed for the network and no required
// module is there.
func (g *graph) offline() error {
	var example string
	for _, r := range g.reqs {
		f, ok := g.dropped[r.path]
		if !ok && r.folder == "" {
			return nil
		}
		if ok && isNetwork(f.Message) {
			example = f.Message
		}
	}
	if example == "" {
		return nil
	}
	return g.networkError(example, nil)
}

// networkError is the error for modules that cannot be downloaded; example is
// what the go command says of one.
func (g *graph) networkError(example string, err error) *Error {
	return &Error{
		Reason: NoNetwork, Place: g.source,
		Message: "required modules are not in the module cache and cannot be downloaded: " + example,
		Remedy:  "check the network and GOPROXY, then try: go mod download", Err: err,
	}
}
