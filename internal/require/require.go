// Package require changes what a main module requires. It works on copies of go.mod and go.sum, and puts them into
// their place when all went well: a failure, an interrupt or a full disk leaves the module as it was.
package require

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
	"golang.org/x/mod/semver"

	"github.com/gotempest/tempest/internal/gocmd"
	"github.com/gotempest/tempest/internal/modgraph"
	"github.com/gotempest/tempest/internal/replace"
)

// Editor changes one main module. It is not for concurrent use.
type Editor struct {
	// Dir is the root folder of the module, and Path its module path.
	Dir, Path string

	work   string            // the folder with the copies
	before map[string]string // version by module path
	opened map[string][]byte // go.mod and go.sum as they were
}

// Open begins to change the main module around dir. work is an empty folder for the copies, which the caller
// removes.
func Open(ctx context.Context, dir, work string) (*Editor, error) {
	file, err := moduleFile(ctx, dir)
	if err != nil {
		return nil, err
	}
	e := &Editor{Dir: filepath.Dir(file), work: work, opened: map[string][]byte{}}
	for _, name := range []string{"go.mod", "go.sum"} {
		data, err := e.read(name)
		if err != nil {
			return nil, err
		}
		e.opened[name] = data
		if err := os.WriteFile(filepath.Join(work, name), data, 0o600); err != nil {
			return nil, fmt.Errorf("copying what the module requires: %w", err)
		}
	}
	mod, err := e.mod()
	if err != nil {
		return nil, err
	}
	if mod.Module == nil {
		return nil, fmt.Errorf("%s names no module", file)
	}
	e.Path = mod.Module.Mod.Path
	e.before, err = e.versions(ctx)
	return e, err
}

// moduleFile is the go.mod of the module around dir, which must be the one that all go commands use.
func moduleFile(ctx context.Context, dir string) (string, error) {
	out, err := gocmd.Cmd{Args: []string{"env", "GOMOD", "GOFLAGS"}, Dir: dir, Extra: []string{"GOWORK=off"}}.Output(ctx)
	if err != nil {
		return "", err
	}
	file, flags, _ := strings.Cut(string(out), "\n")
	if file == "" || file == os.DevNull {
		return "", errors.New("there is no go.mod here or above: go to your module, or make one with 'tempest init'")
	}
	for _, flag := range gocmd.SplitFlags(flags) {
		if strings.HasPrefix(strings.TrimLeft(gocmd.Unquote(flag), "-"), "modfile=") {
			return "", fmt.Errorf("GOFLAGS has %s, another file than %s, which is what is changed here; take it out of GOFLAGS",
				flag, file)
		}
	}
	return file, nil
}

// read returns what go.mod or go.sum of the module holds. A go.sum that is not there is empty.
func (e *Editor) read(name string) ([]byte, error) {
	data, err := os.ReadFile(filepath.Join(e.Dir, name))
	if errors.Is(err, fs.ErrNotExist) && name == "go.sum" {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading what the module requires: %w", err)
	}
	return data, nil
}

// noWorkspace keeps a go.work out: what is changed is one module.
func noWorkspace() []string { return []string{"GOWORK=off", "GOFLAGS=-mod=mod"} }

// Go runs the go command on the copies.
func (e *Editor) Go(ctx context.Context, args ...string) ([]byte, error) {
	return e.run(ctx, noWorkspace(), args...)
}

// run runs the go command on the copies. What it says of them is about the originals.
func (e *Editor) run(ctx context.Context, env []string, args ...string) ([]byte, error) {
	work := filepath.Join(e.work, "go.mod")
	args = slices.Insert(slices.Clone(args), verbWords(args), "-modfile="+work)
	out, err := gocmd.Cmd{Args: args, Dir: e.Dir, Extra: env}.Output(ctx)
	if ge, ok := errors.AsType[*gocmd.Error](err); ok {
		original := filepath.Join(e.Dir, "go.mod")
		ge.Stderr = strings.ReplaceAll(ge.Stderr, work, original)
		if short, err := filepath.Rel(e.Dir, work); err == nil { // as the go command writes it where that is shorter
			ge.Stderr = strings.ReplaceAll(ge.Stderr, short, original)
		}
	}
	return out, err
}

// verbWords is how many words the verb has: one in "get", two in "mod graph".
func verbWords(args []string) int {
	if args[0] == "mod" {
		return 2
	}
	return 1
}

// mod reads the copy of go.mod.
func (e *Editor) mod() (*modfile.File, error) {
	data, err := os.ReadFile(filepath.Join(e.work, "go.mod"))
	if err != nil {
		return nil, err
	}
	return modfile.Parse(filepath.Join(e.Dir, "go.mod"), data, nil)
}

// Requires returns the version in which go.mod requires a module, directly or not; empty when it does not.
func (e *Editor) Requires(path string) (version string, err error) {
	mod, err := e.mod()
	if err != nil {
		return "", err
	}
	i := slices.IndexFunc(mod.Require, func(r *modfile.Require) bool { return r.Mod.Path == path })
	if i < 0 {
		return "", nil
	}
	return mod.Require[i].Mod.Version, nil
}

// Replaced says whether go.mod replaces a module, whatever its version.
func (e *Editor) Replaced(path string) (bool, error) {
	mod, err := e.mod()
	if err != nil {
		return false, err
	}
	return slices.ContainsFunc(mod.Replace, func(r *modfile.Replace) bool { return r.Old.Path == path }), nil
}

// Get requires a module in a version, as "v1.2.3" or "latest", and notes it as a direct requirement. Without a version
// it is the one that a replace stands for.
func (e *Editor) Get(ctx context.Context, path, version string) error {
	if version == "" {
		var err error
		if version, err = e.folderVersion(ctx, path); err != nil {
			return err
		}
	}
	query := path
	if version != "" {
		query += "@" + version
	}
	if _, err := e.Go(ctx, "get", query); err != nil {
		return err
	}
	return e.edit(func(mod *modfile.File) error {
		mod.SetRequireSeparateIndirect(direct(mod.Require, path))
		return nil
	})
}

// folderVersion is the version to require of a module for which a folder stands, whatever its version: the one that is
// selected already, or the one for what has none. Without a version the go command would ask the proxy for a list, by a
// name that may be nobody's business, and fail where there is none. It is empty when no folder stands for the module.
func (e *Editor) folderVersion(ctx context.Context, path string) (string, error) {
	mod, err := e.mod()
	if err != nil {
		return "", err
	}
	if !slices.ContainsFunc(mod.Replace, func(r *modfile.Replace) bool {
		return r.Old == module.Version{Path: path} && r.New.Version == ""
	}) {
		return "", nil
	}
	if out, err := e.Go(ctx, "list", "-m", "-f", "{{.Version}}", path); err == nil {
		return strings.TrimSpace(string(out)), nil
	}
	_, major, _ := module.SplitPathVersion(path)
	return module.ZeroPseudoVersion(module.PathMajorPrefix(major)), ctx.Err()
}

// direct returns the requirements, that of path without "// indirect".
func direct(list []*modfile.Require, path string) []*modfile.Require {
	out := make([]*modfile.Require, len(list))
	for i, r := range list {
		out[i] = &modfile.Require{Mod: r.Mod, Indirect: r.Indirect && r.Mod.Path != path, Syntax: r.Syntax}
	}
	return out
}

// Replace lets a folder stand for a module.
func (e *Editor) Replace(path, folder string) error {
	return e.edit(func(mod *modfile.File) error { return mod.AddReplace(path, "", folder, "") })
}

// Drop removes the requirement of a module from go.mod. Others may still require it.
func (e *Editor) Drop(path string) error {
	return e.edit(func(mod *modfile.File) error { return mod.DropRequire(path) })
}

func (e *Editor) edit(change func(*modfile.File) error) error {
	mod, err := e.mod()
	if err != nil {
		return err
	}
	if err := change(mod); err != nil {
		return err
	}
	mod.Cleanup()
	data, err := mod.Format()
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(e.work, "go.mod"), data, 0o600)
}

// Module is a module as the go command lists it.
type Module struct {
	Path, Version, Dir string
}

// Module returns a module of the build list, downloaded. The result is nil when it is not in there.
func (e *Editor) Module(ctx context.Context, path string) (*Module, error) {
	m, err := e.listed(ctx, path)
	if m == nil || err != nil || m.Dir != "" {
		return m, err
	}
	if _, err := e.Go(ctx, "mod", "download", path); err != nil {
		return nil, err
	}
	return e.listed(ctx, path)
}

// listed returns what is known of a module of the build list without the network, nil when it is not in there.
func (e *Editor) listed(ctx context.Context, path string) (*Module, error) {
	out, err := e.Go(ctx, "list", "-m", "-e", "-json", path)
	if err != nil {
		return nil, err
	}
	var m struct {
		Module
		Error *struct{}
	}
	if err := json.Unmarshal(out, &m); err != nil {
		return nil, fmt.Errorf("reading go list -m: %w", err)
	}
	if m.Error != nil && m.Version == "" {
		return nil, nil
	}
	return &m.Module, nil
}

// ModuleOf returns the path of the module of the build list that has a package of this path, as far as names tell.
func (e *Editor) ModuleOf(ctx context.Context, path string) (string, error) {
	versions, err := e.versions(ctx)
	if err != nil {
		return "", err
	}
	longest := ""
	for module := range versions {
		if strings.HasPrefix(path, module+"/") && len(module) > len(longest) {
			longest = module
		}
	}
	return longest, nil
}

// versions is the build list: what is selected of each module, or what replaces it: a folder, or a module by its path
// unless that is the same.
func (e *Editor) versions(ctx context.Context) (map[string]string, error) {
	const format = "{{if not .Main}}{{.Path}}\t{{with .Replace}}{{if not .Version}}{{.Path}}" +
		"{{else if eq .Path $.Path}}{{.Version}}{{else}}{{.Path}}@{{.Version}}{{end}}{{else}}{{.Version}}{{end}}{{end}}"
	// -e: the date of a version, which nobody asks for, may not be had.
	out, err := e.Go(ctx, "list", "-m", "-e", "-f", format, "all")
	if err != nil {
		return nil, err
	}
	versions := map[string]string{}
	for line := range bytes.Lines(out) {
		if path, version, ok := strings.Cut(strings.TrimSpace(string(line)), "\t"); ok {
			versions[path] = version
		}
	}
	return versions, nil
}

// Change is a module whose version another requirement has changed.
type Change struct {
	Module string   `json:"module"`
	Before string   `json:"before,omitempty"` // empty for a new one
	After  string   `json:"after,omitempty"`  // empty for one that is gone
	Chain  []string `json:"chain,omitempty"`  // "path@version" from the main module to After
}

// Raised says whether the module was there before, and is in a later version now.
func (c Change) Raised() bool {
	return c.Before != "" && c.After != "" && semver.Compare(c.After, c.Before) > 0
}

// Changes are the modules that have changed since [Open], by path. Where the module graph cannot be read, because of
// another requirement that was there before, they have no chains.
func (e *Editor) Changes(ctx context.Context) ([]Change, error) {
	after, err := e.versions(ctx)
	if err != nil {
		return nil, err
	}
	changes := []Change{}
	for path, version := range after {
		if e.before[path] != version {
			changes = append(changes, Change{Module: path, Before: e.before[path], After: version})
		}
	}
	for path, version := range e.before {
		if _, there := after[path]; !there {
			changes = append(changes, Change{Module: path, Before: version})
		}
	}
	slices.SortFunc(changes, func(a, b Change) int { return strings.Compare(a.Module, b.Module) })
	g, err := e.Graph(ctx)
	if _, unreadable := errors.AsType[*gocmd.Error](err); unreadable {
		return changes, nil
	}
	if err != nil {
		return nil, err
	}
	for i, c := range changes {
		if c.After != "" {
			changes[i].Chain = g.Chain(c.Module + "@" + c.After)
		}
	}
	return changes, nil
}

// Graph is the module graph of the copies.
func (e *Editor) Graph(ctx context.Context) (*modgraph.Graph, error) {
	out, err := e.run(ctx, []string{"GOWORK=off", "GOFLAGS="}, "mod", "graph")
	if err != nil {
		return nil, err
	}
	return modgraph.Parse(out), nil
}

// Commit puts the copies into their place, together with other files of the module by their names relative to Dir: all
// of them or none. It is an error when somebody else has changed go.mod or go.sum since [Open].
func (e *Editor) Commit(more map[string][]byte) error {
	files := map[string][]byte{}
	for _, name := range []string{"go.mod", "go.sum"} {
		now, err := e.read(name)
		if err != nil {
			return err
		}
		if !bytes.Equal(now, e.opened[name]) {
			return fmt.Errorf("%s was changed meanwhile, by another command; run this one again", name)
		}
		data, err := os.ReadFile(filepath.Join(e.work, name))
		if err != nil {
			return fmt.Errorf("reading the copy of %s: %w", name, err)
		}
		files[name] = data
	}
	for name, data := range more {
		files[name] = data
	}
	if err := replace.All(e.Dir, files); err != nil {
		return fmt.Errorf("writing what the module requires: %w", err)
	}
	return nil
}
