package main

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/semver"

	"github.com/gotempest/tempest/runner"
)

// toolPackage is the package of this command.
const toolPackage = tempestModule + "/cmd/tempest"

// noVersion is what go.mod requires where a folder takes the place of every
// version.
const noVersion = "v0.0.0"

// tempestSource says which tempest a workspace requires.
type tempestSource struct {
	version string
	replace string // folder of a checkout; empty for a published version
}

// addCommands are the commands that add tempest to a module.
func (s tempestSource) addCommands() []string {
	if s.replace == "" {
		return []string{"go get -tool " + toolPackage + "@" + s.version}
	}
	return []string{runner.Shell(nil, []string{
		"go", "mod", "edit", "-require=" + tempestModule + "@" + s.version,
		"-replace=" + tempestModule + "=" + s.replace, "-tool=" + toolPackage,
	})}
}

// findTempest returns what a workspace at the absolute path at requires: what
// the user asked for, or what this command is.
func findTempest(at, asked string) (tempestSource, error) {
	if asked == "" {
		if version := publishedVersion(); version != "" {
			return tempestSource{version: version}, nil
		}
		root := sourceFolder()
		if root == "" {
			return tempestSource{}, usagef("this tempest was not built from a published version, and its source is not known; " +
				"name a version or the folder of a checkout with --tempest")
		}
		return checkout(at, root)
	}
	if !strings.ContainsAny(asked, `/\`) && semver.IsValid(asked) {
		if asked != semver.Canonical(asked) {
			return tempestSource{}, usagef("--tempest %s is no whole version; write it as v1.2.3", asked)
		}
		return tempestSource{version: asked}, nil
	}
	root, err := filepath.Abs(asked)
	if err != nil {
		return tempestSource{}, usagef("--tempest %s: %w", asked, err)
	}
	data, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if errors.Is(err, os.ErrNotExist) {
		return tempestSource{}, usagef("--tempest %s is neither a version, as v1.2.3, nor a folder with a go.mod", asked)
	}
	if err != nil {
		return tempestSource{}, usagef("--tempest %s: reading its go.mod: %w", asked, errors.Unwrap(err))
	}
	if path := modfile.ModulePath(data); path != tempestModule {
		return tempestSource{}, usagef("--tempest %s is a checkout of %s, want %s", asked, path, tempestModule)
	}
	return checkout(at, root)
}

// publishedVersion is the version of this command when the go command
// downloaded it, which the checksum tells, and "" when it was built from a
// folder.
func publishedVersion() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	modules := append([]*debug.Module{&info.Main}, info.Deps...)
	for _, m := range modules {
		if m.Path != tempestModule {
			continue
		}
		if m.Replace == nil && m.Sum != "" && semver.IsValid(m.Version) {
			return m.Version
		}
		return ""
	}
	return ""
}

// sourceFolder is the folder that this command was built from, "" when it is
// not there any more or was not recorded.
func sourceFolder() string {
	_, file, _, ok := runtime.Caller(0)
	if !ok || !filepath.IsAbs(file) {
		return "" // -trimpath
	}
	root := filepath.Dir(filepath.Dir(filepath.Dir(file)))
	data, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil || modfile.ModulePath(data) != tempestModule {
		return ""
	}
	return root
}

// checkout is the source that the folder root holds. The path to it is
// relative, so that both folders can be moved together; where symbolic links
// make a relative path mean two things it is absolute.
func checkout(at, root string) (tempestSource, error) {
	logical, err := filepath.Rel(at, root)
	if err == nil {
		var physical string
		physical, err = filepath.Rel(resolve(at), resolve(root))
		if physical != logical {
			logical = root
		}
	}
	if err != nil { // another drive
		logical = root
	}
	switch {
	case logical == ".":
		return tempestSource{}, usagef("this is the checkout of tempest itself, where 'go run ./cmd/tempest run' " +
			"works as it is; name another folder")
	case !filepath.IsAbs(logical) && logical != ".." && !strings.HasPrefix(logical, ".."+string(filepath.Separator)):
		logical = "." + string(filepath.Separator) + logical // replace wants a path to look like one
	}
	return tempestSource{version: noVersion, replace: filepath.ToSlash(logical)}, nil
}

// resolve follows the symbolic links of a path of which only the beginning may
// exist.
func resolve(at string) string {
	if real, err := filepath.EvalSymlinks(at); err == nil {
		return real
	}
	parent := filepath.Dir(at)
	if parent == at {
		return at
	}
	return filepath.Join(resolve(parent), filepath.Base(at))
}
