package checker

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gotempest/tempest/discover"
)

// Known is a test as an earlier version had it.
type Known struct {
	ID   string // empty when it had none
	Name string // as TestThing/IsRead
	File string // below the module's folder
	Line int
}

// name is what a test without an ID is known by.
func (k *Known) name() string { return path.Dir(k.File) + " " + k.Name }

// Shallow reports whether the folder is in a clone that lacks a part of its history, and so maybe its tags.
func Shallow(ctx context.Context, dir string) bool {
	out, err := git(ctx, dir, "rev-parse", "--is-shallow-repository")
	return err == nil && strings.TrimSpace(out) == "true"
}

// LastTag returns the newest version tag of the module in a folder that the current commit has before it: "v1.2.0", or
// "sub/v1.2.0" for a module below the root of its repository. It is empty when there is none, or no git.
func LastTag(ctx context.Context, dir string) (string, error) {
	prefix, err := git(ctx, dir, "rev-parse", "--show-prefix")
	if err != nil {
		return "", nil //nolint:nilerr // no repository, or no git
	}
	tag, err := git(ctx, dir, "describe", "--tags", "--abbrev=0", "--match", strings.TrimSpace(prefix)+"v[0-9]*")
	if _, failed := errors.AsType[*exec.ExitError](err); failed {
		return "", nil // no tag
	}
	return strings.TrimSpace(tag), err
}

// At returns the tests that the module in a folder had at a tag, by their keys: a test keeps its UUID when it is
// renamed; one without is known by its package and name.
func At(ctx context.Context, dir, tag string) (map[string]Known, error) {
	list, err := git(ctx, dir, "ls-tree", "-r", "--name-only", "-z", tag, "--", ".")
	if err != nil {
		return nil, fmt.Errorf("reading the tests of %s: %w", tag, err)
	}
	var files sources
	for _, name := range testFiles(strings.Split(list, "\x00")) {
		source, err := git(ctx, dir, "show", tag+":./"+name)
		if err != nil {
			return nil, fmt.Errorf("reading the tests of %s: %w", tag, err)
		}
		files.add(name, source)
	}
	return files.tests(), nil
}

// Now returns the tests that the module in a folder has, by their keys, and also by their names.
func Now(dir string) (map[string]Known, error) {
	names, err := moduleFiles(dir)
	if err != nil {
		return nil, err
	}
	var files sources
	for _, name := range testFiles(names) {
		source, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			return nil, fmt.Errorf("reading the tests: %w", err)
		}
		files.add(name, string(source))
	}
	tests := files.tests()
	for _, t := range slices.Collect(maps.Values(tests)) {
		tests[t.name()] = t
	}
	return tests, nil
}

// moduleFiles are the files below a folder, but for what the go command passes over.
func moduleFiles(dir string) (names []string, err error) {
	err = filepath.WalkDir(dir, func(file string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && file != dir && passedOver(d.Name()):
			return fs.SkipDir
		case d.IsDir():
			return nil
		}
		name, err := filepath.Rel(dir, file)
		names = append(names, filepath.ToSlash(name))
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading the tests: %w", err)
	}
	return names, nil
}

// testFiles are those of the module among the files of its folder: not of modules below it, and not of folders that the
// go command passes over.
func testFiles(names []string) []string {
	var modules []string
	for _, name := range names {
		if folder, ok := strings.CutSuffix(name, "/go.mod"); ok {
			modules = append(modules, folder+"/")
		}
	}
	return slices.DeleteFunc(slices.Clone(names), func(name string) bool {
		return !strings.HasSuffix(name, "_test.go") || slices.ContainsFunc(strings.Split(name, "/"), passedOver) ||
			slices.ContainsFunc(modules, func(m string) bool { return strings.HasPrefix(name, m) })
	})
}

// passedOver reports whether the go command passes over what has this name.
func passedOver(name string) bool {
	return name == "testdata" || name == "vendor" || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_")
}

func git(ctx context.Context, dir string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "git", args...)
	cmd.Dir = dir
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("git %s in %s: %w: %s", args[0], filepath.Base(dir), err, strings.TrimSpace(errs.String()))
	}
	return out.String(), nil
}

// sources are test files by the packages that they are of. All are read, whatever their build tags.
type sources struct {
	set      *token.FileSet
	packages map[string][]*ast.File // by folder and name of the package
}

// add takes a file. What cannot be parsed has no tests.
func (s *sources) add(name, source string) {
	if s.set == nil {
		s.set, s.packages = token.NewFileSet(), map[string][]*ast.File{}
	}
	file, err := parser.ParseFile(s.set, name, source, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return
	}
	of := path.Dir(name) + " " + file.Name.Name
	s.packages[of] = append(s.packages[of], file)
}

// tests are those of the files, by their keys.
func (s *sources) tests() map[string]Known {
	tests := map[string]Known{}
	for _, files := range s.packages {
		for _, t := range discover.ReadTests(s.set, files) {
			k := Known{ID: t.UUID, Name: t.Name, File: t.File, Line: t.Line}
			tests[cmp.Or(k.ID, k.name())] = k
		}
	}
	return tests
}
