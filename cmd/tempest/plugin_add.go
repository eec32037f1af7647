package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
	"golang.org/x/mod/semver"

	"github.com/gotempest/tempest/discover"
	"github.com/gotempest/tempest/internal/gocmd"
	"github.com/gotempest/tempest/testlib/config"
)

func newPluginAdd(std stdio, signals <-chan os.Signal) *cobra.Command {
	var f requireFlags
	cmd := &cobra.Command{
		Use:   "add MODULE[@VERSION]…",
		Short: "Require plugins, and say what that changes",
		Long: `add requires plugins in go.mod, and imports their markers in plugins.go, so that
go mod tidy keeps them. MODULE is a module path, in its latest version unless
@VERSION says another, or the folder of a module, as ./octavia. What else changes
its version is told, with the requirements that lead to it.

Either all of it is done, or go.mod, go.sum and plugins.go stay as they are.`,
		Example: "  tempest plugin add example.com/octavia-tests\n  tempest plugin add ../octavia-tests",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef("plugin add takes the module paths of plugins")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return editRequirements(cmd.Context(), std, signals, f, func(ctx context.Context, e *editing) error {
				for _, arg := range args {
					if err := e.add(ctx, arg); err != nil {
						return err
					}
				}
				return nil
			})
		},
	}
	f.register(cmd)
	return cmd
}

// add requires one plugin.
func (e *editing) add(ctx context.Context, arg string) error {
	path, version, err := e.wanted(arg)
	if err != nil {
		return err
	}
	if err := e.allowed(path); err != nil {
		return err
	}
	return e.get(ctx, path, version)
}

// wanted returns the module path and the version that an argument names. A folder becomes a replacement.
func (e *editing) wanted(arg string) (path, version string, err error) {
	if isFolderArg(arg) {
		return e.replace(arg)
	}
	path, version, given := strings.Cut(arg, "@")
	if err := module.CheckPath(path); err != nil {
		return "", "", usagef("%q is no module path: %s%s", arg, reason(err), hint(path))
	}
	if semver.IsValid(path) {
		return "", "", usagef("%s is no module path; write a version behind its module, as MODULE@%s", arg, path)
	}
	if given && (version == "" || version == "none") {
		return "", "", usagef("%s: want a version, as @v1.2.3 or @latest; 'tempest plugin remove' removes a plugin", arg)
	}
	if path == e.editor.Path {
		return "", "", usagef("%s is this module: its own tests run in any case", path)
	}
	return path, version, nil
}

// hint says what may have been meant by what is no module path.
func hint(arg string) string {
	if info, err := os.Stat(arg); err == nil && info.IsDir() {
		return "; for the folder write ./" + filepath.ToSlash(arg)
	}
	if _, rest, ok := strings.Cut(arg, "://"); ok {
		return "; a module path has no scheme: " + rest
	}
	return ""
}

// isFolderArg says whether an argument names a folder rather than a module.
func isFolderArg(arg string) bool {
	return arg == "." || arg == ".." || filepath.IsAbs(arg) ||
		strings.HasPrefix(arg, "./") || strings.HasPrefix(arg, "../")
}

// replace makes the module in a folder stand for its path.
func (e *editing) replace(folder string) (path, version string, err error) {
	data, err := os.ReadFile(filepath.Join(folder, "go.mod"))
	if err != nil {
		return "", "", usagef("%s is no module: %w", folder, err)
	}
	if path = modfile.ModulePath(data); path == "" {
		return "", "", usagef("%s names no module", filepath.Join(folder, "go.mod"))
	}
	if path == e.editor.Path {
		return "", "", usagef("%s is this module: its own tests run in any case", folder)
	}
	to, err := e.folderFrom(folder)
	if err != nil {
		return "", "", err
	}
	if err := e.editor.Replace(path, to); err != nil {
		return "", "", fmt.Errorf("replacing %s: %w", path, err)
	}
	return path, "", nil
}

// folderFrom is a folder as go.mod names it: relative to the module when the user said it so.
func (e *editing) folderFrom(folder string) (string, error) {
	abs, err := filepath.Abs(folder)
	if err != nil || filepath.IsAbs(folder) {
		return abs, err
	}
	rel, err := filepath.Rel(e.editor.Dir, abs)
	if err != nil {
		return abs, nil //nolint:nilerr // the absolute name does as well
	}
	if rel = filepath.ToSlash(rel); !strings.HasPrefix(rel, "../") {
		rel = "./" + rel
	}
	return rel, nil
}

// allowed refuses a plugin that would be listed as refused.
func (e *editing) allowed(path string) error {
	core, _, err := config.LoadCore(e.flags.source())
	if err != nil {
		return usageError{err}
	}
	if !discover.Allowed(core.Plugins.Allow, path) {
		return usagef("%s: plugins.allow does not name this module; add %q to allow in [plugins] of the configuration first",
			path, path)
	}
	return nil
}

// get requires a plugin in a version, and imports its marker. Without a version it is the latest, or what a replace
// of go.mod says.
func (e *editing) get(ctx context.Context, path, version string) error {
	if version == "" {
		version = "latest"
		replaced, err := e.editor.Replaced(path)
		if err != nil {
			return err
		}
		if replaced {
			version = ""
		}
	}
	if err := e.editor.Get(ctx, path, version); err != nil {
		if used := e.usedByWork(ctx, path); used != nil {
			return used
		}
		return usageError{fmt.Errorf("requiring %s: %w", path, plainGo(err))}
	}
	m, err := e.editor.Module(ctx, path)
	if err != nil {
		return usageError{fmt.Errorf("downloading %s: %w", path, plainGo(err))}
	}
	if m == nil {
		return e.noModule(ctx, path)
	}
	if err := checkMarker(m.Path, m.Dir); err != nil {
		return usageError{err}
	}
	e.report.Plugins = append(e.report.Plugins, &requirement{Module: path, Before: m.Version, After: m.Version})
	return e.addImport(path)
}

// usedByWork says when a module that cannot be required is one of the workspace.
func (e *editing) usedByWork(ctx context.Context, path string) error {
	inv, err := e.plugins(ctx)
	if err != nil {
		return nil //nolint:nilerr // what is wrong with the requirement says more
	}
	if i := slices.IndexFunc(inv.Modules, func(m discover.Module) bool { return m.Path == path && m.Main }); i < 0 {
		return nil
	}
	return usagef("%s is a module that go.work uses: its tests run in any case", path)
}

// noModule says which module has the package that was meant to be one.
func (e *editing) noModule(ctx context.Context, path string) error {
	module, err := e.editor.ModuleOf(ctx, path)
	if err != nil {
		return usageError{plainGo(err)}
	}
	return usagef("%s is a package of %s; require that module", path, module)
}

// checkMarker says what a module without a marker is.
func checkMarker(path, dir string) error {
	const marker = "tempestplugin"
	if info, err := os.Stat(filepath.Join(dir, marker)); err == nil && info.IsDir() {
		return nil
	}
	elsewhere := ""
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && d.Name() == marker {
			elsewhere, err = filepath.Rel(dir, name)
			return errors.Join(err, fs.SkipAll)
		}
		return err
	})
	if err != nil && !errors.Is(err, fs.SkipAll) {
		return err
	}
	if elsewhere != "" {
		return fmt.Errorf("%s is no plugin: its folder %s is not at its root, where a marker must be; "+
			"its authors can mend that", path, filepath.ToSlash(elsewhere))
	}
	return fmt.Errorf("%s is no plugin: it has no package tempestplugin at its root; "+
		"'go get %s' and [[adopt]] in tempest.toml run the tests of a module without one", path, path)
}

// newerGo is how the go command ends what it says of a module that needs another.
const newerGo = "; GOTOOLCHAIN=local)"

// plainGo is what the go command said, in one line and without what it downloaded.
func plainGo(err error) error {
	ge, ok := errors.AsType[*gocmd.Error](err)
	if !ok || ge.Stderr == "" {
		return err
	}
	var said []string
	for line := range strings.Lines(ge.Stderr) {
		text := strings.TrimPrefix(strings.TrimSpace(line), "go: ")
		switch {
		case text == "" || strings.HasPrefix(text, "downloading "):
		case strings.HasPrefix(line, "\t") && len(said) > 0: // goes on
			said[len(said)-1] += " " + text
		default:
			said = append(said, text)
		}
	}
	text := strings.Join(said, "; ")
	if strings.HasSuffix(text, newerGo) {
		text += "; install that Go, or set GOTOOLCHAIN=auto"
	}
	return errors.New(text)
}
