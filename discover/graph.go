package discover

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/module"

	"github.com/gotempest/tempest/internal/gocmd"
	"github.com/gotempest/tempest/internal/lazyregexp"
)

// graph is the build list of the overlay, and what had to be dropped from it.
type graph struct {
	*overlay
	goEnv   []string // Options.Env
	wanted  []string // modules to download though no go.mod requires them
	modules []Module
	reqs    []requirement
	dropped map[string]Fault // by module path
}

// load asks for the build list. A requirement that breaks it is dropped from
// the overlay, until the rest can be loaded.
func (g *graph) load(ctx context.Context) error {
	g.reqs = g.requirements()
	g.dropped = make(map[string]Fault)
	for range len(g.reqs) + 2 {
		mods, err := g.list(ctx, "all")
		if ge, ok := errors.AsType[*gocmd.Error](err); ok && g.noNetwork(ge.Stderr) {
			mods, err = g.listRequired(ctx, ge)
		}
		if e, ok := errors.AsType[*Error](err); ok { // which may wrap a gocmd.Error
			return e
		}
		if ge, ok := errors.AsType[*gocmd.Error](err); ok {
			if err := g.isolate(ctx, ge); err != nil {
				return err
			}
			continue
		}
		if err != nil {
			return fmt.Errorf("loading the module graph: %w", err)
		}
		bad := g.tampered(mods)
		if len(bad) == 0 {
			g.modules = mods
			return g.download(ctx)
		}
		if err := g.dropAll(bad); err != nil {
			return err
		}
	}
	return &Error{Reason: BadModule, Place: g.source, Message: "no requirement can be loaded"}
}

func (g *graph) cmd(args ...string) gocmd.Cmd {
	return gocmd.Cmd{Args: args, Dir: g.root(), Env: g.goEnv, Extra: g.extraEnv(g.copy)}
}

// list runs go list -m -json on the overlay.
func (g *graph) list(ctx context.Context, what ...string) ([]Module, error) {
	args := append([]string{"list", "-m", "-json"}, g.buildFlags(g.copy, false)...)
	out, err := g.cmd(append(args, what...)...).Output(ctx)
	if err != nil {
		return nil, err
	}
	listed, err := decodeListed(out)
	return modulesOf(listed), err
}

// listedModule is an element of the output of go list -m -json and go mod
// download -json.
type listedModule struct {
	Path, Version, Dir, GoMod, GoVersion, Sum string
	Main, Indirect                            bool
	Replace                                   *listedModule
	Error                                     json.RawMessage
}

// message is the error of m: go list writes a struct, go mod download a string.
func (m listedModule) message() string {
	var s struct{ Err string }
	if json.Unmarshal(m.Error, &s.Err) == nil || json.Unmarshal(m.Error, &s) == nil {
		return s.Err
	}
	return string(m.Error)
}

func modulesOf(listed []listedModule) []Module {
	mods := make([]Module, 0, len(listed))
	for _, l := range listed {
		m := Module{
			Path: l.Path, Version: l.Version, Sum: l.Sum, Dir: l.Dir, GoMod: l.GoMod,
			GoVersion: l.GoVersion, Main: l.Main, Indirect: l.Indirect,
		}
		if l.Replace != nil {
			m.Replace = strings.TrimSpace(l.Replace.Path + " " + l.Replace.Version)
			m.Sum = cmp.Or(m.Sum, l.Replace.Sum)
			m.Dir, m.GoMod = cmp.Or(m.Dir, l.Replace.Dir), cmp.Or(m.GoMod, l.Replace.GoMod)
		}
		mods = append(mods, m)
	}
	return mods
}

func decodeListed(out []byte) ([]listedModule, error) {
	var list []listedModule
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var m listedModule
		switch err := dec.Decode(&m); {
		case errors.Is(err, io.EOF):
			return list, nil
		case err != nil:
			return list, fmt.Errorf("reading the list of modules: %w", err)
		}
		list = append(list, m)
	}
}

// isolate drops the requirements that ge complains of. The error is an
// [*Error] when none can be named.
func (g *graph) isolate(ctx context.Context, ge *gocmd.Error) error {
	if needsNewerGo(ge.Stderr) && strings.Contains(ge.Stderr, "go.mod requires go") {
		return toolchainError(g.source, ge)
	}
	bad := g.culprits(ge.Stderr)
	if len(bad) == 0 {
		var err error
		if bad, err = g.probe(ctx); err != nil {
			return err
		}
	}
	if len(bad) == 0 {
		return g.graphError(ge)
	}
	return g.dropAll(bad)
}

// dropAll drops modules, given with the reasons.
func (g *graph) dropAll(bad map[string]string) error {
	for _, path := range slices.Sorted(maps.Keys(bad)) {
		if err := g.drop(path, bad[path]); err != nil {
			return err
		}
	}
	return nil
}

// drop takes the module path out of the graph and records why.
func (g *graph) drop(path, why string) error {
	why, _, _ = strings.Cut(why, " SECURITY ERROR") // which goes on for a screen
	f := Fault{Kind: Unresolvable, Plugin: path, Module: path, Message: why, Place: g.placeOf(path)}
	switch {
	case needsNewerGo(why):
		f.Kind = NeedsNewerGo
		f.Remedy = "install that Go, or require an earlier version of " + path
	case isNetwork(why):
		f.Remedy = "check the network and GOPROXY, or remove the requirement"
	case strings.Contains(why, "checksum mismatch"):
		f.Remedy = "find out why its content has changed before you run it; see: go help module-auth"
	case g.folderOf(path) != "":
		f.Remedy = "mend " + g.folderOf(path) + ", or remove the replace that names it"
	default:
		f.Remedy = "require a version that exists: go get " + path + "@latest"
	}
	g.dropped[path] = f
	return g.stub(path)
}

// placeOf is where path is required, the module file when nothing says so.
func (g *graph) placeOf(path string) string {
	for _, r := range g.reqs {
		if r.path == path {
			return r.place
		}
	}
	return g.source
}

// folderOf is the folder that replaces a required module; empty when none does.
func (g *graph) folderOf(path string) string {
	for _, r := range g.reqs {
		if r.path == path {
			return r.folder
		}
	}
	return ""
}

// graphError is the error for a module graph that cannot be loaded.
func (g *graph) graphError(ge *gocmd.Error) *Error {
	if isNetwork(ge.Stderr) {
		return g.networkError(firstLine(ge.Stderr), ge)
	}
	return &Error{
		Reason: BadModule, Place: g.source, Message: "loading the module graph: " + firstLine(ge.Stderr), Err: ge,
	}
}

// atVersion finds modules as the go command names them in messages.
var atVersion = lazyregexp.New(`([^\s@:()]+)@v[0-9][^\s:,;()]*`)

// culprits maps requirements that stderr names to what it says of them. Of a
// chain "a requires b requires c", a is the one: it is what go.mod asks for.
func (g *graph) culprits(stderr string) map[string]string {
	bad := make(map[string]string)
	for _, msg := range splitMessages(stderr) {
		for _, m := range atVersion().FindAllStringSubmatch(msg, -1) {
			if g.canDrop(m[1]) {
				bad[m[1]] = oneLine(msg)
				break
			}
		}
	}
	return bad
}

// canDrop says whether path is a requirement that was not dropped yet.
func (g *graph) canDrop(path string) bool {
	_, dropped := g.dropped[path]
	return !dropped && slices.ContainsFunc(g.reqs, func(r requirement) bool { return r.path == path })
}

// splitMessages splits what the go command printed into messages: each begins
// with "go: " and may go on over several lines. Progress is left out.
func splitMessages(stderr string) []string {
	var msgs []string
	for line := range strings.SplitSeq(stderr, "\n") {
		text, first := strings.CutPrefix(line, "go: ")
		switch {
		case first && (strings.HasPrefix(text, "downloading ") || strings.HasPrefix(text, "finding ")):
		case first || len(msgs) == 0:
			msgs = append(msgs, text)
		default:
			msgs[len(msgs)-1] += "\n" + line
		}
	}
	return msgs
}

// oneLine joins the lines of a message.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// firstLine is the first message in what the go command printed.
func firstLine(stderr string) string {
	if msgs := splitMessages(stderr); len(msgs) > 0 {
		return oneLine(msgs[0])
	}
	return "it does not say why"
}

func needsNewerGo(s string) bool {
	return strings.Contains(s, "requires go >=") || strings.Contains(s, "toolchain not available") ||
		strings.Contains(s, "requires newer Go version")
}

// toolchainError is the error for a main module that asks for another Go.
func toolchainError(place string, ge *gocmd.Error) *Error {
	message := firstLine(ge.Stderr)
	who, needs, ok := strings.Cut(message, " requires go >= ")
	if ok && filepath.Base(who) == "go.mod" { // the copy of the one at place
		message = "it requires go >= " + needs
	}
	return &Error{
		Reason: BadModule, Place: place, Message: message,
		Remedy: "install that Go, or set GOTOOLCHAIN=auto", Err: ge,
	}
}

// download gets the required modules that are not in the module cache: without
// their folder nobody can tell whether they are plugins.
func (g *graph) download(ctx context.Context) error {
	missing := g.missing()
	if len(missing) == 0 {
		return nil
	}
	args := []string{"mod", "download", "-json"}
	if g.work == nil {
		args = append(args, "-modfile="+g.copy)
	}
	out, err := g.cmd(append(args, missing...)...).Output(ctx)
	if _, ok := errors.AsType[*gocmd.Error](err); err != nil && !ok {
		return fmt.Errorf("downloading modules: %w", err)
	}
	listed, derr := decodeListed(out)
	if derr != nil || len(listed) == 0 {
		return fmt.Errorf("downloading modules: %w", cmp.Or(err, derr, errors.New("the go command says nothing")))
	}
	got := make(map[string]listedModule)
	for _, l := range listed {
		got[l.Path] = l
	}
	summed := g.summed()
	for i := range g.modules {
		m := &g.modules[i]
		l, ok := got[m.Path]
		switch {
		case !ok:
		case len(l.Error) > 0 && g.neverUsed(m.Path, summed):
			// Nobody can have meant it as a plugin.
		case len(l.Error) > 0:
			g.dropped[m.Path] = g.dropFault(m.Path, l.message())
		default:
			m.Dir, m.Sum = l.Dir, l.Sum
		}
	}
	return g.offline()
}

func (g *graph) dropFault(path, why string) Fault {
	return Fault{
		Kind: Unresolvable, Plugin: path, Module: path, Message: "downloading: " + oneLine(why),
		Remedy: "try: go mod download " + path, Place: g.placeOf(path),
	}
}

// missing are the requirements to download.
func (g *graph) missing() []string {
	required := make(map[string]bool, len(g.reqs))
	for _, r := range g.reqs {
		required[r.path] = true
	}
	var paths []string
	for _, m := range g.modules {
		wanted := required[m.Path] || m.Path == TestlibModule || slices.Contains(g.wanted, m.Path)
		if wanted && m.Dir == "" && !m.Main {
			paths = append(paths, m.Path)
		}
	}
	return paths
}

// tampered are the modules whose content in the module cache is not what go.sum
// says. The go command would find out too, and end the whole run.
func (g *graph) tampered(mods []Module) map[string]string {
	bad := make(map[string]string)
	for _, m := range mods {
		path, version := m.Path, m.Version
		if m.Replace != "" {
			path, version, _ = strings.Cut(m.Replace, " ")
		}
		escPath, perr := module.EscapePath(path)
		escVersion, verr := module.EscapeVersion(version)
		if m.Sum == "" || version == "" || perr != nil || verr != nil {
			continue
		}
		file := filepath.Join(g.env.GOMODCACHE, "cache", "download", filepath.FromSlash(escPath), "@v", escVersion+".ziphash")
		sum, err := os.ReadFile(file)
		if err == nil && strings.TrimSpace(string(sum)) != m.Sum {
			bad[m.Path] = fmt.Sprintf("%s@%s: checksum mismatch: go.sum has %s, the module cache %s",
				path, version, m.Sum, strings.TrimSpace(string(sum)))
		}
	}
	return bad
}

// neverUsed says whether no go get and no build ever looked into a module: it
// is required indirectly, and go.sum has no sum for the content of any version.
func (g *graph) neverUsed(path string, summed map[string]bool) bool {
	return !summed[path] && slices.ContainsFunc(g.reqs, func(r requirement) bool {
		return r.path == path && r.indirect
	})
}
