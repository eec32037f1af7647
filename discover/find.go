package discover

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"golang.org/x/mod/module"

	"github.com/gotempest/tempest/internal/lazyregexp"
)

// finder builds an inventory.
type finder struct {
	o   Options
	g   *graph
	inv *Inventory

	broken []Package // packages of the suite that cannot be built
}

// Find reads the inventory of the main module around o.Dir. What is wrong with
// a plugin is in the inventory; what ends everything is an [*Error].
func Find(ctx context.Context, o Options) (*Inventory, error) {
	if t, bad := badTag(o.Tags); bad {
		return nil, &Error{Reason: BadTag, Message: fmt.Sprintf("%q is no build tag", t), Remedy: tagRemedy}
	}
	ov, err := newOverlay(ctx, o)
	if err != nil {
		return nil, err
	}
	g := &graph{overlay: ov, goEnv: o.Env}
	for _, a := range o.Adopt {
		g.wanted = append(g.wanted, a.Module)
	}
	if err := g.load(ctx); err != nil {
		return nil, err
	}
	f := &finder{o: o, g: g, inv: &Inventory{
		Modules: g.modules, WorkDir: o.WorkDir,
		BuildFlags: ov.buildFlags(ov.copy, false), Env: ov.extraEnv(ov.copy),
		env: o.Env, root: ov.root(),
	}}
	if err := f.modules(); err != nil {
		return nil, err
	}
	if err := f.narrow(); err != nil {
		return nil, err
	}
	f.clashes()
	f.tags()
	if err := f.tests(ctx); err != nil {
		return nil, err
	}
	if o.Locked {
		if err := f.checkLocked(ctx); err != nil {
			return nil, err
		}
	}
	return f.inv, nil
}

// tests adds the packages, and what can be said of the suite as a whole.
func (f *finder) tests(ctx context.Context) error {
	if f.o.SkipTests {
		return nil
	}
	if err := f.scan(ctx); err != nil {
		return err
	}
	f.duplicateIDs()
	return f.restrict()
}

// modules lists the plugins among the main and the required modules.
func (f *finder) modules() error {
	required := make(map[string]bool)
	for _, r := range f.g.reqs {
		required[r.path] = true
	}
	adopted := make(map[string]Adoption)
	for _, a := range f.o.Adopt {
		if _, twice := adopted[a.Module]; twice {
			return &Error{
				Reason: BadAdoption, Message: "module " + a.Module + " is adopted twice",
				Remedy: "write one [[adopt]] with the patterns and tags of both",
			}
		}
		adopted[a.Module] = a
	}
	for i, m := range f.inv.Modules {
		if m.Main { // the go command names the overlay
			m.GoMod = filepath.Join(m.Dir, "go.mod")
			f.inv.Modules[i] = m
		}
		if m.Path == TestlibModule {
			f.inv.Testlib = &Testlib{Module: m, Protocol: readProtocol(m.Dir)}
		}
		if m.Main && m.Dir == f.g.root() {
			f.inv.Main = m
		}
		a, isAdopted := adopted[m.Path]
		delete(adopted, m.Path)
		if !m.Main && !required[m.Path] && !isAdopted {
			continue
		}
		if err := f.module(m, a, isAdopted); err != nil {
			return err
		}
	}
	for _, a := range f.o.Adopt {
		if _, left := adopted[a.Module]; left {
			return &Error{
				Reason: BadAdoption, Place: f.g.source,
				Message: "adopted module " + a.Module + " is not required", Remedy: "require it with: go get " + a.Module,
			}
		}
	}
	f.nameSuites()
	f.sort()
	return nil
}

// module adds the plugin that m is, if it is one.
func (f *finder) module(m Module, a Adoption, isAdopted bool) error {
	p := Plugin{
		Name: m.Path, Module: m.Path, Version: m.Version, Replace: m.Replace, Sum: m.Sum, Dir: m.Dir,
		Main: m.Main, InTree: m.Path == TestlibModule, Adopted: isAdopted,
	}
	fault, dropped := f.g.dropped[m.Path]
	marked := !dropped && m.Dir != "" && isFolder(filepath.Join(m.Dir, markerFolder))
	switch {
	case isAdopted && marked:
		return &Error{
			Reason: BadAdoption, Place: filepath.Join(m.Dir, markerFolder),
			Message: "adopted module " + m.Path + " is a plugin by itself", Remedy: "remove it from [[adopt]]",
		}
	case isAdopted:
		if err := adopt(&p, a); err != nil {
			return err
		}
	case marked:
		f.mark(&p, m)
	case m.Main:
		p.Name, p.Patterns = "", []string{"./..."} // named when the other names are known
	case !dropped:
		return nil
	}
	if dropped {
		p.Dir, p.Replace = "", f.g.folderOf(m.Path) // not the stub
		fault.Plugin = p.Name
		p.Faults = append(p.Faults, fault)
	}
	f.inv.Plugins = append(f.inv.Plugins, p)
	return nil
}

func isFolder(name string) bool {
	st, err := os.Stat(name)
	return err == nil && st.IsDir()
}

// adopt fills p with what the configuration says of it.
func adopt(p *Plugin, a Adoption) error {
	p.Name = cmp.Or(a.Name, suiteName(a.Module))
	p.Patterns, p.Tags = slices.Clone(a.Tests), slices.Clone(a.Tags)
	if len(p.Patterns) == 0 {
		p.Patterns = []string{"./..."}
	}
	if !pluginName().MatchString(p.Name) {
		return &Error{
			Reason: BadAdoption, Message: fmt.Sprintf("adopted module %s: %q is no plugin name", a.Module, p.Name),
			Remedy: "use lower-case letters, digits and dashes, a letter first",
		}
	}
	if t, bad := badTag(p.Tags); bad {
		return &Error{
			Reason: BadAdoption, Message: fmt.Sprintf("adopted module %s: %q is no build tag", a.Module, t),
			Remedy: tagRemedy,
		}
	}
	for _, pattern := range p.Patterns {
		if !localPattern(pattern) {
			return &Error{
				Reason:  BadAdoption,
				Message: fmt.Sprintf("adopted module %s: %q is not below its root", a.Module, pattern),
				Remedy:  `write it as "./folder/..."`,
			}
		}
	}
	return nil
}

// mark fills p with what its marker says.
func (f *finder) mark(p *Plugin, m Module) {
	mk := readMarker(filepath.Join(m.Dir, markerFolder), m.GoVersion, f.g.buildContext([]string{Tag}))
	p.Name = cmp.Or(mk.name, p.Module)
	p.API, p.Patterns, p.Tags, p.Groups = mk.api, mk.patterns, mk.tags, mk.groups
	p.Collections = mk.lists
	if mk.problem != nil {
		p.Faults = append(p.Faults, mk.problem.fault(p.Name, p.Module))
	}
}

var notInName = lazyregexp.New(`[^a-z0-9-]+`)

// suiteName is the plugin name that a module path suggests.
func suiteName(modPath string) string {
	prefix, _, _ := module.SplitPathVersion(modPath)
	name := notInName().ReplaceAllString(strings.ToLower(path.Base(cmp.Or(prefix, modPath))), "-")
	name = strings.Trim(strings.TrimLeft(name, "0123456789-"), "-")
	return cmp.Or(name, "main")
}

// nameSuites names the suites of main modules without a marker. They yield to
// plugins: a name that is taken gives way to the module path.
func (f *finder) nameSuites() {
	taken := make(map[string]bool)
	for _, p := range f.inv.Plugins {
		taken[p.Name] = true
	}
	for i := range f.inv.Plugins {
		p := &f.inv.Plugins[i]
		if p.Name != "" {
			continue
		}
		if p.Name = suiteName(p.Module); taken[p.Name] {
			p.Name = p.Module
		}
		taken[p.Name] = true
	}
}

// sort puts the main module first, then those of its workspace, then the
// in-tree suite, then the others by name.
func (f *finder) sort() {
	rank := func(p Plugin) int {
		switch {
		case p.Module == f.inv.Main.Path:
			return 0
		case p.Main:
			return 1
		case p.InTree:
			return 2
		}
		return 3
	}
	slices.SortFunc(f.inv.Plugins, func(a, b Plugin) int {
		return cmp.Or(rank(a)-rank(b), strings.Compare(a.Name, b.Name), strings.Compare(a.Module, b.Module))
	})
}

// narrow disables plugins as Only and Disable say.
func (f *finder) narrow() error {
	for _, list := range [][]string{f.o.Only, f.o.Disable} {
		for _, name := range list {
			if !slices.ContainsFunc(f.inv.Plugins, func(p Plugin) bool { return p.is(name) }) {
				return f.unknown(name)
			}
		}
	}
	if err := f.refuse(); err != nil {
		return err
	}
	for i := range f.inv.Plugins {
		p := &f.inv.Plugins[i]
		if len(f.o.Only) > 0 && !slices.ContainsFunc(f.o.Only, p.is) || slices.ContainsFunc(f.o.Disable, p.is) {
			p.Disabled, p.Faults = true, nil
		}
	}
	return nil
}

// Allowed says whether [Options.Allow] lets the plugin of a module take part.
func Allowed(patterns []string, path string) bool {
	return len(patterns) == 0 || module.MatchPrefixPatterns(strings.Join(patterns, ","), path)
}

// refuse disables the plugins of modules that Allow does not name.
func (f *finder) refuse() error {
	for _, pattern := range f.o.Allow {
		if _, err := path.Match(pattern, ""); err != nil || !modulePattern(pattern) {
			return &Error{
				Reason: Refused, Message: fmt.Sprintf("plugins.allow: %q is no pattern of module paths", pattern),
				Remedy: `write a module path, in which * and ? may stand for parts, as "example.com/cloud/*"`,
			}
		}
	}
	own := f.g.around()
	for i := range f.inv.Plugins {
		p := &f.inv.Plugins[i]
		if p.Module == own || p.InTree || p.Adopted || Allowed(f.o.Allow, p.Module) {
			continue
		}
		p.Disabled, p.Refused, p.Faults = true, true, nil
	}
	return f.refused()
}

// modulePattern says whether some module path could match: what looks like a pattern of packages or an address would
// match none, and without a word.
func modulePattern(s string) bool {
	return s != "" && !strings.ContainsAny(s, ", \t") && !strings.Contains(s, "...") && !strings.Contains(s, "://")
}

// refused is an error when Only asks for a plugin that is refused: a run without it would not be what was asked for.
// One that has merely taken the name of a plugin that may run does not count.
func (f *finder) refused() error {
	for _, name := range f.o.Only {
		called := func(p Plugin) bool { return p.is(name) }
		if slices.ContainsFunc(f.inv.Plugins, func(p Plugin) bool { return called(p) && !p.Refused }) {
			continue
		}
		if i := slices.IndexFunc(f.inv.Plugins, called); i >= 0 {
			p := f.inv.Plugins[i]
			return &Error{
				Reason:  Refused,
				Message: fmt.Sprintf("plugin %s is refused: plugins.allow does not name its module %s", p.Name, p.Module),
				Remedy:  fmt.Sprintf("add %q to allow in [plugins] of the configuration", p.Module),
			}
		}
	}
	return nil
}

// is says whether name is the name or the module path of p.
func (p *Plugin) is(name string) bool { return p.Name == name || p.Module == name }

func (f *finder) unknown(name string) *Error {
	e := &Error{Reason: UnknownPlugin, Message: fmt.Sprintf("there is no plugin %q", name)}
	var names []string
	for _, p := range f.inv.Plugins {
		names = append(names, p.Name)
	}
	if len(names) == 0 {
		e.Remedy = "there is none at all: add one with go get MODULE"
	} else {
		e.Remedy = "known are " + strings.Join(names, ", ")
	}
	return e
}

const tagRemedy = "tags have letters, digits, underscores and dots"

// badTag returns the first of tags that no build constraint could name. The go
// command takes it without a word, and nothing would be switched on by it.
func badTag(tags []string) (string, bool) {
	i := slices.IndexFunc(tags, func(t string) bool { return !tagWord().MatchString(t) })
	if i < 0 {
		return "", false
	}
	return tags[i], true
}

// tags settles the build tags of the invocation.
func (f *finder) tags() {
	tags := slices.Concat(f.g.flags.tags, f.o.Tags)
	for _, p := range f.inv.Plugins {
		if p.Adopted && p.usable() {
			tags = append(tags, p.Tags...)
		}
	}
	tags = slices.DeleteFunc(tags, func(t string) bool { return t == Tag })
	slices.Sort(tags)
	f.inv.Tags = append([]string{Tag}, slices.Compact(tags)...)
}

// usable says whether packages of p are looked for.
func (p *Plugin) usable() bool { return !p.Disabled && len(p.Faults) == 0 }

// workers is how many packages are read at once.
func workers() int { return max(runtime.GOMAXPROCS(0), 2) }
