package discover

import (
	"bytes"
	"errors"
	"fmt"
	"go/build"
	"go/build/constraint"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// buildContext selects files as the go command does with tags.
func (ov *overlay) buildContext(tags []string) *build.Context {
	bc := build.Default
	bc.GOOS, bc.GOARCH = ov.env.GOOS, ov.env.GOARCH
	bc.CgoEnabled = ov.env.CGO_ENABLED == "1"
	bc.BuildTags = tags
	if minor, ok := strings.CutPrefix(ov.env.GOVERSION, "go1."); ok {
		minor, _, _ = strings.Cut(minor, ".")
		if n, err := strconv.Atoi(strings.TrimRight(minor, "abcdefghijklmnopqrstuvwxyz-")); err == nil {
			bc.ReleaseTags = nil
			for i := range n {
				bc.ReleaseTags = append(bc.ReleaseTags, "go1."+strconv.Itoa(i+1))
			}
		}
	}
	return &bc
}

// folder is a folder that may hold a package of the suite.
type folder struct {
	path string // import path
	dir  string
}

// folders are those below root, the root of module modPath, that patterns
// match: "./tests/...", "./extra". Folders that the go command passes over are
// left out.
func folders(root, modPath string, patterns, ignore []string) ([]folder, error) {
	var found []folder
	seen := make(map[string]bool)
	for _, pattern := range patterns {
		match := matcher(pattern)
		base, _, recursive := strings.Cut(pattern, "...")
		if recursive { // the last element may be cut in two: ./te...
			base = base[:strings.LastIndexByte(base, '/')+1]
		}
		err := walkFolders(root, filepath.FromSlash(base), recursive, ignore, func(rel string) {
			if seen[rel] || !match(rel) {
				return
			}
			seen[rel] = true
			found = append(found, folder{path: path.Join(modPath, rel), dir: filepath.Join(root, filepath.FromSlash(rel))})
		})
		if err != nil {
			return nil, fmt.Errorf("looking for packages of %s: %w", modPath, err)
		}
	}
	slices.SortFunc(found, func(a, b folder) int { return strings.Compare(a.path, b.path) })
	return found, nil
}

// walkFolders calls visit with the slash-separated path below root of base and,
// when recursive, of each folder in it.
func walkFolders(root, base string, recursive bool, ignore []string, visit func(rel string)) error {
	root, err := filepath.EvalSymlinks(root) // WalkDir follows no links, not even from the start
	if err != nil {
		return err
	}
	start := filepath.Join(root, base)
	if st, err := os.Stat(start); err != nil || !st.IsDir() {
		return nil // matches nothing
	}
	return filepath.WalkDir(start, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			if (errors.Is(err, fs.ErrPermission) || errors.Is(err, fs.ErrNotExist)) && p != start {
				return fs.SkipDir // one that is gone was somebody's temporary folder
			}
			return err
		}
		rel, ok := below(root, p)
		switch {
		case !ok || !d.IsDir():
			return nil
		case p != root && passedOver(p, rel, d.Name(), ignore):
			return fs.SkipDir
		}
		visit(rel)
		if !recursive {
			return fs.SkipAll
		}
		return nil
	})
}

// passedOver says whether "..." does not match the folder: special names,
// nested modules and what the ignore directives of go.mod name.
func passedOver(dir, rel, name string, ignore []string) bool {
	if name == "testdata" || name == "vendor" || strings.HasPrefix(name, "_") || strings.HasPrefix(name, ".") {
		return true
	}
	for _, i := range ignore {
		if local, ok := strings.CutPrefix(i, "./"); ok && rel == path.Clean(local) {
			return true
		} else if !ok && (rel == i || strings.HasSuffix(rel, "/"+i)) {
			return true
		}
	}
	_, err := os.Stat(filepath.Join(dir, "go.mod"))
	return err == nil
}

// matcher returns a function that matches paths in which "..." stands for any
// string; "x/..." matches x too. A leading "./" is of no account.
func matcher(pattern string) func(string) bool {
	clean := strings.TrimPrefix(pattern, "./")
	if clean == "" {
		clean = "."
	}
	clean = strings.TrimSuffix(clean, "/")
	expr := strings.ReplaceAll(regexp.QuoteMeta(clean), `\.\.\.`, `.*`)
	if head, ok := strings.CutSuffix(expr, `/.*`); ok {
		expr = head + `(/.*)?`
	}
	re := regexp.MustCompile(`^(?:` + expr + `)$`) // quoted, so it compiles
	return re.MatchString
}

// sourceFile is a Go file that was read.
type sourceFile struct {
	name string // absolute
	data []byte
	test bool // _test.go

	built bool // the build context selects it
	suite bool // its tests belong to the suite: the constraint names the tag
}

// readFolder reads the Go files of dir. Of an adopted module, every test file
// belongs to the suite.
func readFolder(dir string, bc *build.Context, adopted bool) ([]sourceFile, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil // removed since it was found
	}
	if err != nil {
		return nil, fmt.Errorf("reading a package: %w", err)
	}
	if !slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return strings.HasSuffix(e.Name(), "_test.go") }) {
		return nil, nil
	}
	var files []sourceFile
	for _, e := range entries {
		name := e.Name()
		if !strings.HasSuffix(name, ".go") || strings.HasPrefix(name, "_") || strings.HasPrefix(name, ".") {
			continue
		}
		file := filepath.Join(dir, name)
		data, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("reading a package: %w", err)
		}
		f := sourceFile{name: file, data: data, test: strings.HasSuffix(name, "_test.go")}
		f.built = selects(bc, dir, name, data)
		f.suite = f.test && (adopted || namesTag(data))
		files = append(files, f)
	}
	return files, nil
}

// selects says whether bc builds the file.
func selects(bc *build.Context, dir, name string, data []byte) bool {
	c := *bc
	c.OpenFile = func(string) (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil }
	ok, err := c.MatchFile(dir, name)
	return ok || err != nil // an unreadable header is for the parser to tell
}

// namesTag says whether the build constraint of a file names [Tag].
func namesTag(data []byte) bool {
	expr := buildConstraint(data)
	if expr == nil {
		return false
	}
	found := false
	expr.Eval(func(tag string) bool { // Eval may pass over operands: try both answers
		found = found || tag == Tag
		return true
	})
	expr.Eval(func(tag string) bool {
		found = found || tag == Tag
		return false
	})
	return found
}

// buildConstraint is the //go:build line before the package clause, nil when
// there is none.
func buildConstraint(data []byte) constraint.Expr {
	data = bytes.TrimPrefix(data, []byte("\uFEFF"))
	for {
		data = bytes.TrimLeft(data, " \t\r\n")
		switch {
		case bytes.HasPrefix(data, []byte("/*")):
			_, rest, ok := bytes.Cut(data, []byte("*/"))
			if !ok {
				return nil
			}
			data = rest
		case bytes.HasPrefix(data, []byte("//")):
			line, rest, _ := bytes.Cut(data, []byte("\n"))
			if text := strings.TrimSpace(string(line)); constraint.IsGoBuild(text) {
				expr, err := constraint.Parse(text)
				if err != nil {
					return nil
				}
				return expr
			}
			data = rest
		default:
			return nil
		}
	}
}
