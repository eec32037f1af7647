package discover

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gotempest/tempest/internal/gocmd"
)

// checkImports finds packages that import what no module provides. What looks
// missing from here is for the go command to judge: it may know a module that
// go.mod does not name yet.
func (f *finder) checkImports(ctx context.Context, jobs []job) error {
	l := lookup{suspects: make(map[string]bool), reasons: make(map[string]string)}
	exists := f.importable()
	for i := range jobs {
		if j := &jobs[i]; j.pkg != nil && j.problem == nil {
			f.suspect(j, exists, &l)
		}
	}
	if len(l.suspects) > 0 {
		if err := f.missing(ctx, &l); err != nil {
			return err
		}
	}
	for i := range jobs {
		j := &jobs[i]
		if j.pkg == nil || j.problem != nil {
			continue
		}
		for _, ref := range j.imports {
			if why, gone := l.reasons[ref.path]; gone {
				j.problem = &problem{
					kind: MissingImport, place: ref.place,
					message: "imports " + ref.path + ": " + why, remedy: f.importRemedy(ref.path),
				}
				break
			}
		}
	}
	return nil
}

// lookup is about imports that may be missing.
type lookup struct {
	suspects  map[string]bool   // import paths for the go command to judge
	importers []string          // packages that import them
	reasons   map[string]string // why an import path is gone for certain
}

// suspect adds to l what j imports and nobody seems to provide.
func (f *finder) suspect(j *job, exists func(string) bool, l *lookup) {
	importer := false
	for _, ref := range j.imports {
		if exists(ref.path) {
			continue
		}
		if d := f.droppedModule(ref.path); d != nil {
			l.reasons[ref.path] = d.Module + " was left out: " + d.Message
			continue
		}
		l.suspects[ref.path], importer = true, true
	}
	if importer {
		l.importers = append(l.importers, j.folder.path)
	}
}

// importable returns a function that says whether the build list has a package.
// A module that is not in the module cache is taken to have it.
func (f *finder) importable() func(string) bool {
	known := make(map[string]bool)
	byPath := make(map[string]Module, len(f.inv.Modules))
	for _, m := range f.inv.Modules {
		byPath[m.Path] = m
	}
	look := func(path string) bool {
		if path == "C" || path == "unsafe" {
			return true
		}
		inModule := false
		for prefix := path; prefix != "."; prefix = parent(prefix) {
			m, ok := byPath[prefix]
			if !ok {
				continue
			}
			inModule = true
			rel := filepath.FromSlash(strings.TrimPrefix(path[len(prefix):], "/"))
			if m.Dir == "" || hasGo(filepath.Join(m.Dir, rel)) {
				return true
			}
		}
		first, _, _ := strings.Cut(path, "/")
		return !inModule && !strings.Contains(first, ".") && f.g.env.GOROOT != "" &&
			hasGo(filepath.Join(f.g.env.GOROOT, "src", filepath.FromSlash(path)))
	}
	return func(path string) bool {
		ok, seen := known[path]
		if !seen {
			ok = look(path)
			known[path] = ok
		}
		return ok
	}
}

// parent is the import path without its last element, "." when it has one.
func parent(path string) string {
	i := strings.LastIndexByte(path, '/')
	if i < 0 {
		return "."
	}
	return path[:i]
}

// hasGo says whether a folder holds a Go file.
func hasGo(dir string) bool {
	entries, err := os.ReadDir(dir)
	return err == nil && slices.ContainsFunc(entries, func(e os.DirEntry) bool {
		return strings.HasSuffix(e.Name(), ".go") && !e.IsDir()
	})
}

// missing asks the go command which of the suspects cannot be imported, and
// notes why.
func (f *finder) missing(ctx context.Context, l *lookup) error {
	listed, stderr, err := f.g.packages(ctx, f.inv.Tags, f.inv.BuildFlags, f.inv.Env, l.importers)
	if err != nil {
		return fmt.Errorf("looking for missing imports: %w", err)
	}
	if stderr != "" { // nothing could be loaded: go by what was seen here
		for path := range l.suspects {
			l.reasons[path] = firstLine(stderr)
		}
		return nil
	}
	for _, p := range listed {
		for _, e := range p.errors() {
			for path := range l.suspects {
				if importPathIn(e.Err, path) {
					l.reasons[path] = oneLine(e.Err)
				}
			}
		}
	}
	return nil
}

// importPathIn says whether text names the import path: as a whole word, so
// that a/b is not found in a/b/c.
func importPathIn(text, path string) bool {
	for _, word := range strings.FieldsFunc(text, func(c rune) bool { return strings.ContainsRune(" \t\n\"(),;:", c) }) {
		if word == path {
			return true
		}
	}
	return false
}

// importRemedy says what can be done about a package that is gone.
func (f *finder) importRemedy(path string) string {
	if d := f.droppedModule(path); d != nil {
		return d.Remedy
	}
	return "use a version of the plugin whose imports exist"
}

// droppedModule is the fault of the dropped module that should have the
// package, nil when there is none.
func (f *finder) droppedModule(path string) *Fault {
	for prefix := path; prefix != "."; prefix = parent(prefix) {
		if d, ok := f.g.dropped[prefix]; ok {
			return &d
		}
	}
	return nil
}

// listedPackage is an element of the output of go list -json.
type listedPackage struct {
	ImportPath string
	Error      *packageError
	DepsErrors []*packageError
}

type packageError struct {
	Pos, Err    string
	ImportStack []string
}

func (l listedPackage) errors() []*packageError {
	if l.Error == nil {
		return l.DepsErrors
	}
	return append([]*packageError{l.Error}, l.DepsErrors...)
}

// packages runs go list on test packages, with all they import. stderr is what
// the go command said when it could load nothing at all.
func (g *graph) packages(ctx context.Context, tags, flags, env, paths []string) (
	listed []listedPackage, stderr string, err error,
) {
	args := []string{"list", "-e", "-test", "-json=ImportPath,Error,DepsErrors", "-tags=" + strings.Join(tags, ",")}
	args = append(append(args, flags...), paths...)
	out, err := gocmd.Cmd{Args: args, Dir: g.root(), Env: g.goEnv, Extra: env}.Output(ctx)
	ge, failed := errors.AsType[*gocmd.Error](err)
	if err != nil && !failed {
		return nil, "", err
	}
	listed, err = decodePackages(out)
	if failed && len(listed) == 0 {
		stderr = ge.Stderr
	}
	return listed, stderr, err
}

func decodePackages(out []byte) ([]listedPackage, error) {
	var listed []listedPackage
	for dec := json.NewDecoder(bytes.NewReader(out)); dec.More(); {
		var l listedPackage
		if err := dec.Decode(&l); err != nil {
			return nil, fmt.Errorf("reading the list of packages: %w", err)
		}
		listed = append(listed, l)
	}
	return listed, nil
}
