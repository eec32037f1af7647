package discover

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/semver"

	"github.com/gotempest/tempest/internal/gocmd"
	"github.com/gotempest/tempest/internal/modgraph"
)

// Explanation says why the packages of a plugin do not build in this module
// graph.
type Explanation struct {
	Plugin, Module string

	// Raised are the modules that the graph has in another version than the
	// plugin itself requires, by path.
	Raised []Raise

	// Alone says that the plugin's test packages compile with the versions the
	// plugin itself requires. False for a main module: it has no other graph.
	Alone bool

	// AloneOutput is what the go command said when they do not.
	AloneOutput string
}

// Raise is a module in a later version than a plugin asked for.
type Raise struct {
	Module   string
	Required string   // version that the plugin requires
	Selected string   // version in the graph, or what replaces it
	Chain    []string // "path@version" from the main module to the selected one
}

// maxRaised is how many raised modules the message of a fault names.
const maxRaised = 5

// Fault is the fault that x amounts to: a version clash when the plugin
// compiles alone, else a plugin that does not compile.
func (x *Explanation) Fault() Fault {
	f := Fault{Kind: DoesNotCompile, Plugin: x.Plugin, Module: x.Module, Message: "its test packages do not compile"}
	if !x.Alone {
		if x.AloneOutput != "" {
			f.Message += ", not even alone: " + compilerError(x.AloneOutput)
		}
		return f
	}
	if len(x.Raised) == 0 { // no version can be to blame
		f.Message = "its test packages do not build in this run, although they compile alone"
		return f
	}
	f.Kind = VersionClash
	f.Remedy = "use a version of " + x.Module + " that goes with the other requirements, or disable one of the plugins"
	var raised []string
	for _, r := range x.Raised[:min(len(x.Raised), maxRaised)] {
		s := fmt.Sprintf("%s %s instead of %s", r.Module, r.Selected, r.Required)
		if len(r.Chain) > 0 {
			s += " (" + strings.Join(r.Chain, " requires ") + ")"
		}
		raised = append(raised, s)
	}
	if more := len(x.Raised) - len(raised); more > 0 {
		raised = append(raised, fmt.Sprintf("%d more", more))
	}
	f.Message = "it compiles alone, and not with " + list(raised)
	return f
}

// VetFault is the fault of a package of p whose build ended with output, if it
// is go vet that refused it: it compiles, and there is nothing to [Explain].
func VetFault(p *Plugin, output string) (Fault, bool) {
	vetted := false
	for line := range strings.Lines(output) {
		switch {
		case strings.HasPrefix(line, "vet: "): // it does not compile, says vet
			return Fault{}, false
		case strings.HasPrefix(line, "# ["):
			vetted = true
		}
	}
	return Fault{
		Kind: DoesNotCompile, Plugin: p.Name, Module: p.Module,
		Message: "go vet refuses it: " + compilerError(output),
		Remedy:  "correct the test, or run without -vet",
	}, vetted
}

// compilerError is the first line of what the compiler printed, without the
// package that it is about.
func compilerError(output string) string {
	for line := range strings.Lines(output) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "# ") {
			return line
		}
	}
	return oneLine(output)
}

// Explain looks into why packages of the named plugin do not build. Call it
// after a build failure: it compiles the plugin alone.
func Explain(ctx context.Context, inv *Inventory, plugin string) (*Explanation, error) {
	p := inv.Plugin(plugin)
	if p == nil {
		return nil, fmt.Errorf("explaining a build failure: there is no plugin %q", plugin)
	}
	x := &Explanation{Plugin: p.Name, Module: p.Module}
	var err error
	if x.Raised, err = inv.raised(ctx, p); err != nil {
		return nil, fmt.Errorf("explaining why %s does not build: %w", p.Name, err)
	}
	if p.Main || len(p.Packages) == 0 {
		return x, nil
	}
	if x.Alone, x.AloneOutput, err = inv.compileAlone(ctx, p); err != nil {
		return nil, fmt.Errorf("compiling %s alone: %w", p.Name, err)
	}
	return x, nil
}

// raised compares what the go.mod of p requires with the build list.
func (inv *Inventory) raised(ctx context.Context, p *Plugin) ([]Raise, error) {
	i := slices.IndexFunc(inv.Modules, func(m Module) bool { return m.Path == p.Module })
	if i < 0 || inv.Modules[i].GoMod == "" {
		return nil, nil
	}
	own, err := readMember(p.Dir, inv.Modules[i].GoMod)
	if err != nil {
		return nil, err
	}
	selected := make(map[string]Module, len(inv.Modules))
	for _, m := range inv.Modules {
		selected[m.Path] = m
	}
	var raised []Raise
	for _, r := range own.mod.Require {
		m, ok := selected[r.Mod.Path]
		switch {
		case !ok || m.Main:
		case m.Replace != "":
			raised = append(raised, Raise{Module: m.Path, Required: r.Mod.Version, Selected: m.Replace})
		case semver.Compare(m.Version, r.Mod.Version) > 0:
			raised = append(raised, Raise{Module: m.Path, Required: r.Mod.Version, Selected: m.Version})
		}
	}
	if len(raised) == 0 {
		return nil, nil
	}
	slices.SortFunc(raised, func(a, b Raise) int { return strings.Compare(a.Module, b.Module) })
	return raised, inv.addChains(ctx, raised)
}

// addChains looks up who requires the selected versions.
func (inv *Inventory) addChains(ctx context.Context, raised []Raise) error {
	args := []string{"mod", "graph"}
	for _, f := range inv.BuildFlags {
		if strings.HasPrefix(f, "-modfile=") { // go mod graph knows no -mod
			args = append(args, f)
		}
	}
	out, err := gocmd.Cmd{Args: args, Dir: inv.root, Env: inv.env, Extra: inv.Env}.Output(ctx)
	if err != nil {
		return err
	}
	g := modgraph.Parse(out)
	for i := range raised {
		raised[i].Chain = g.Chain(raised[i].Module + "@" + raised[i].Selected)
	}
	return nil
}

// compileAlone compiles the test packages of p in a module that requires p and
// nothing else.
func (inv *Inventory) compileAlone(ctx context.Context, p *Plugin) (ok bool, output string, err error) {
	dir, err := os.MkdirTemp(inv.WorkDir, "alone-*")
	if err != nil {
		return false, "", err
	}
	defer os.RemoveAll(dir)
	if err := inv.writeAlone(filepath.Join(dir, "go.mod"), p); err != nil {
		return false, "", err
	}
	// -export compiles, -test takes the tests along; nothing is linked.
	args := []string{"list", "-e", "-export", "-test", "-json=ImportPath,Error", "-mod=mod",
		"-tags=" + strings.Join(inv.Tags, ",")}
	for _, pkg := range p.Packages {
		args = append(args, pkg.Path)
	}
	extra := append(slices.Clone(inv.Env), "GOWORK=off")
	out, err := gocmd.Cmd{Args: args, Dir: dir, Env: inv.env, Extra: extra}.Output(ctx)
	if ge, failed := errors.AsType[*gocmd.Error](err); failed {
		return false, firstLine(ge.Stderr), nil
	} else if err != nil {
		return false, "", err
	}
	listed, err := decodePackages(out)
	if err != nil {
		return false, "", err
	}
	var said []string
	for _, l := range listed {
		if l.Error != nil {
			said = append(said, strings.TrimSpace(l.Error.Err))
		}
	}
	slices.Sort(said)
	return len(said) == 0, strings.Join(slices.Compact(said), "\n"), nil
}

func (inv *Inventory) writeAlone(file string, p *Plugin) error {
	var f modfile.File
	if err := f.AddModuleStmt("tempest.invalid/alone"); err != nil {
		return err
	}
	goVersion := "1.21"
	for _, m := range inv.Modules {
		if m.Path == p.Module && m.GoVersion != "" {
			goVersion = m.GoVersion
		}
	}
	if err := errors.Join(f.AddGoStmt(goVersion), f.AddRequire(p.Module, p.Version)); err != nil {
		return err
	}
	if p.Replace != "" {
		path, version, _ := strings.Cut(p.Replace, " ")
		if version == "" {
			path = p.Dir
		}
		if err := f.AddReplace(p.Module, "", path, version); err != nil {
			return err
		}
	}
	f.Cleanup()
	return os.WriteFile(file, modfile.Format(f.Syntax), 0o600)
}
