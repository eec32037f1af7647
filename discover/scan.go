package discover

import (
	"context"
	"fmt"
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sync/errgroup"
)

// job is a folder to read, and what was found in it.
type job struct {
	plugin int // index in Inventory.Plugins
	folder folder

	pkg      *Package // nil when there are no tests of the suite
	problem  *problem // why the package cannot be built
	name     string   // of the package, without _test
	imports  []importRef
	ignored  []*problem // what looks like a test of the suite and is none
	excluded bool       // has tests of the suite that need other tags
}

// importRef is an import and where it is written.
type importRef struct{ path, place string }

// scan reads the packages of all plugins.
func (f *finder) scan(ctx context.Context) error {
	jobs, err := f.jobs()
	if err != nil {
		return err
	}
	var testlib map[string]namedText
	if f.inv.Testlib != nil {
		testlib = readConstants(f.inv.Testlib.Dir)
	}
	bc := f.g.buildContext(f.inv.Tags)
	eg, reading := errgroup.WithContext(ctx)
	eg.SetLimit(workers())
	for i := range jobs {
		eg.Go(func() error {
			if reading.Err() != nil {
				return context.Cause(reading)
			}
			return jobs[i].read(bc, f.inv.Plugins[jobs[i].plugin].Adopted, testlib)
		})
	}
	if err := eg.Wait(); err != nil {
		return err
	}
	if err := f.checkImports(ctx, jobs); err != nil {
		return err
	}
	f.collect(jobs)
	return nil
}

// jobs are the folders of all plugins.
func (f *finder) jobs() ([]job, error) {
	var jobs []job
	for i := range f.inv.Plugins {
		p := &f.inv.Plugins[i]
		if !p.usable() || p.Dir == "" {
			continue
		}
		var ignore []string
		if m, err := readMember(p.Dir, filepath.Join(p.Dir, "go.mod")); err == nil {
			for _, i := range m.mod.Ignore {
				ignore = append(ignore, i.Path)
			}
		}
		found, err := folders(p.Dir, p.Module, p.Patterns, ignore)
		if err != nil {
			return nil, err
		}
		for _, fo := range found {
			jobs = append(jobs, job{plugin: i, folder: fo})
		}
	}
	return jobs, nil
}

// read reads the folder of j.
func (j *job) read(bc *build.Context, adopted bool, testlib map[string]namedText) error {
	files, err := readFolder(j.folder.dir, bc, adopted)
	if err != nil {
		return err
	}
	for _, f := range files {
		if p := ignoredFile(f); p != nil && !adopted {
			j.ignored = append(j.ignored, p)
		}
	}
	if !slices.ContainsFunc(files, func(f sourceFile) bool { return f.suite && f.built }) {
		j.excluded = slices.ContainsFunc(files, func(f sourceFile) bool { return f.suite })
		return nil
	}
	j.parse(files, testlib)
	return nil
}

// parse reads the tests and imports of the files that are built.
func (j *job) parse(files []sourceFile, testlib map[string]namedText) {
	fset := token.NewFileSet()
	byName := make(map[string]*testReader) // "x" and "x_test"
	var readers []*testReader
	for _, f := range files {
		if !f.built {
			continue
		}
		syntax := j.parseFile(fset, f)
		if j.problem != nil {
			return
		}
		if !f.test {
			continue
		}
		r := byName[syntax.Name.Name]
		if r == nil {
			r = &testReader{fset: fset, testlib: testlib}
			byName[syntax.Name.Name] = r
			readers = append(readers, r)
		}
		r.files = append(r.files, newParsedFile(syntax, f.suite))
	}
	var tests []Test
	seen := make(map[string]bool) // x and x_test may both have a TestA: its results cannot be told apart
	for _, r := range readers {
		for _, t := range r.read() {
			if !seen[t.Name] {
				tests = append(tests, t)
			}
			seen[t.Name] = true
		}
		j.ignored = append(j.ignored, r.ignored...)
	}
	if len(tests) > 0 {
		j.pkg = &Package{Path: j.folder.path, Dir: j.folder.dir, Tests: tests}
	}
}

// parseFile parses f and notes its imports. A problem is noted when f does not
// parse, or belongs to another package than the files before it.
func (j *job) parseFile(fset *token.FileSet, f sourceFile) *ast.File {
	mode := parser.SkipObjectResolution
	if !f.test {
		mode |= parser.ImportsOnly
	}
	syntax, err := parser.ParseFile(fset, f.name, f.data, mode)
	if err != nil {
		j.problem = syntaxProblem(f.name, err)
		return nil
	}
	name := syntax.Name.Name
	if f.test {
		name = strings.TrimSuffix(name, "_test")
	}
	if j.name == "" {
		j.name = name
	}
	if name != j.name {
		j.problem = &problem{
			kind: DoesNotCompile, place: position(fset.Position(syntax.Name.Pos())),
			message: fmt.Sprintf("file of package %s among those of package %s", name, j.name),
		}
	}
	for _, i := range syntax.Imports {
		if p, err := strconv.Unquote(i.Path.Value); err == nil {
			j.imports = append(j.imports, importRef{p, position(fset.Position(i.Pos()))})
		}
	}
	return syntax
}

// collect moves what the jobs found into the inventory.
func (f *finder) collect(jobs []job) {
	excluded := make(map[int]bool)
	for _, j := range jobs {
		p := &f.inv.Plugins[j.plugin]
		excluded[j.plugin] = excluded[j.plugin] || j.excluded
		switch {
		case j.problem != nil:
			f.broken = append(f.broken, Package{Path: j.folder.path, Dir: j.folder.dir})
			p.Faults = append(p.Faults, j.fault(p, j.problem))
		case j.pkg != nil:
			p.Packages = append(p.Packages, *j.pkg)
		}
		for _, ignored := range j.ignored {
			p.Faults = append(p.Faults, j.fault(p, ignored))
		}
	}
	var kept []Plugin
	for i, p := range f.inv.Plugins {
		none := len(p.Packages) == 0 && p.usable() && !excluded[i]
		if none && p.Main && p.API == 0 {
			continue // a main module without a suite
		}
		if none {
			p.Faults = append(p.Faults, noTests(p))
		}
		kept = append(kept, p)
	}
	f.inv.Plugins = kept
}

// fault is what a problem of the package is to its plugin.
func (j *job) fault(p *Plugin, what *problem) Fault {
	f := what.fault(p.Name, p.Module)
	f.Message = "package " + j.folder.path + ": " + f.Message
	return f
}

func noTests(p Plugin) Fault {
	fault := Fault{
		Kind: NoTests, Plugin: p.Name, Module: p.Module, Place: p.Dir,
		Message: fmt.Sprintf("no tests in %s", list(p.Patterns)),
		Remedy:  "begin test files with //go:build " + Tag,
	}
	if p.Adopted {
		fault.Remedy = "correct tests and tags of the module in [[adopt]]"
	}
	return fault
}

// list joins words for a message.
func list(words []string) string {
	s := ""
	for i, w := range words {
		switch {
		case i == 0:
		case i == len(words)-1:
			s += " and "
		default:
			s += ", "
		}
		s += w
	}
	return s
}
