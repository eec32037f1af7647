package checker

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Known is a test as an earlier version had it.
type Known struct {
	Name string // as TestThing/IsRead
	File string // below the module's folder
	Line int
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

// At returns the tests with UUIDs that the module in a folder had at a tag, by UUID.
func At(ctx context.Context, dir, tag string) (map[string]Known, error) {
	list, err := git(ctx, dir, "ls-tree", "-r", "--name-only", "-z", tag, "--", ".")
	if err != nil {
		return nil, fmt.Errorf("reading the tests of %s: %w", tag, err)
	}
	tests := map[string]Known{}
	for name := range strings.SplitSeq(list, "\x00") {
		if !strings.HasSuffix(name, "_test.go") || strings.Contains("/"+name, "/testdata/") {
			continue
		}
		source, err := git(ctx, dir, "show", tag+":./"+name)
		if err != nil {
			return nil, fmt.Errorf("reading the tests of %s: %w", tag, err)
		}
		collectIDs(name, source, tests)
	}
	return tests, nil
}

// Now returns the tests with UUIDs that the module in a folder has, by UUID.
func Now(dir string) (map[string]Known, error) {
	tests := map[string]Known{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && path != dir && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata"):
			return fs.SkipDir
		case d.IsDir() || !strings.HasSuffix(path, "_test.go"):
			return nil
		}
		source, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(dir, path)
		collectIDs(name, string(source), tests)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading the tests: %w", err)
	}
	return tests, nil
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

// collectIDs finds the literals of testlib.ID in a file. What cannot be parsed has none.
func collectIDs(name, source string, tests map[string]Known) {
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, name, source, parser.SkipObjectResolution)
	if err != nil {
		return
	}
	for _, decl := range file.Decls {
		fn, ok := decl.(*ast.FuncDecl)
		if !ok || fn.Body == nil {
			continue
		}
		c := idCollector{set: set, file: name, tests: tests, path: []string{fn.Name.Name}}
		c.visit(fn.Body)
	}
}

// idCollector walks through a function, and into its subtests.
type idCollector struct {
	set   *token.FileSet
	file  string
	tests map[string]Known
	path  []string
}

func (c *idCollector) visit(n ast.Node) {
	ast.Inspect(n, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		sel, ok := call.Fun.(*ast.SelectorExpr)
		switch {
		case ok && sel.Sel.Name == "Run" && len(call.Args) > 1 && literal(call.Args[0]) != "":
			inside := *c
			inside.path = append(slices.Clone(c.path), strings.ReplaceAll(literal(call.Args[0]), " ", "_"))
			for _, arg := range call.Args[1:] {
				inside.visit(arg)
			}
			return false
		case ok && sel.Sel.Name == "ID" && len(call.Args) == 1 && literal(call.Args[0]) != "":
			c.tests[literal(call.Args[0])] = Known{
				Name: strings.Join(c.path, "/"), File: c.file, Line: c.set.Position(call.Pos()).Line,
			}
		}
		return true
	})
}

// literal is the value of a string literal, "" for anything else.
func literal(e ast.Expr) string {
	lit, ok := e.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return ""
	}
	s, err := strconv.Unquote(lit.Value)
	if err != nil {
		return ""
	}
	return s
}
