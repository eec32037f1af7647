package discover

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/mod/modfile"

	"github.com/gotempest/tempest/internal/gocmd"
)

// goEnv is what the go command says of itself and of where it stands.
type goEnv struct {
	GOMOD, GOWORK, GOFLAGS, GOVERSION, GOROOT, GOMODCACHE, GOPROXY, GOOS, GOARCH, CGO_ENABLED string
}

// member is a main module: the only one, or one of a workspace.
type member struct {
	dir  string // absolute
	file string // its go.mod, or what -modfile in GOFLAGS names instead
	mod  *modfile.File
}

// overlay is the copy of the user's module or workspace files, and what is
// known of the originals.
type overlay struct {
	dir     string // absolute form of Options.Dir
	env     goEnv
	flags   userFlags
	members []member // the one around dir first
	work    *modfile.WorkFile
	source  string // original go.mod or go.work
	copy    string // the copy that go commands use
	stubs   string // folder of empty modules
}

// newOverlay finds the main module or workspace around o.Dir and copies its
// files into o.WorkDir.
func newOverlay(ctx context.Context, o Options) (*overlay, error) {
	dir, err := filepath.Abs(o.Dir)
	if err != nil {
		return nil, fmt.Errorf("finding the main module: %w", err)
	}
	workDir, err := filepath.Abs(o.WorkDir)
	if err != nil {
		return nil, fmt.Errorf("finding the folder for the overlay: %w", err)
	}
	if o.WorkDir == "" {
		return nil, errors.New("finding the folder for the overlay: Options.WorkDir is empty")
	}
	ov := &overlay{dir: dir, stubs: filepath.Join(workDir, "dropped")}
	if err := ov.readEnv(ctx, o); err != nil {
		return nil, err
	}
	if ov.env.GOWORK != "" {
		ov.source, ov.copy = ov.env.GOWORK, filepath.Join(workDir, "go.work")
		err = ov.readWork()
	} else {
		err = ov.readModule()
		ov.copy = filepath.Join(workDir, "go.mod")
	}
	if err != nil {
		return nil, err
	}
	if a, err := os.Stat(filepath.Dir(ov.copy)); err != nil {
		return nil, fmt.Errorf("finding the folder for the overlay: %w", err)
	} else if b, err := os.Stat(filepath.Dir(ov.source)); err != nil || os.SameFile(a, b) {
		return nil, fmt.Errorf("the overlay would overwrite %s: choose another folder for it", ov.source)
	}
	return ov, ov.write(ov.copy)
}

func (ov *overlay) readEnv(ctx context.Context, o Options) error {
	if st, err := os.Stat(ov.dir); err != nil || !st.IsDir() {
		return &Error{Reason: NoModule, Place: ov.dir, Message: "there is no such folder", Err: err}
	}
	names := []string{
		"GOMOD", "GOWORK", "GOFLAGS", "GOVERSION", "GOROOT", "GOMODCACHE", "GOPROXY",
		"GOOS", "GOARCH", "CGO_ENABLED",
	}
	out, err := gocmd.Cmd{Args: append([]string{"env", "-json"}, names...), Dir: ov.dir, Env: o.Env}.Output(ctx)
	if err != nil {
		return environmentError(ov.dir, err)
	}
	if err := json.Unmarshal(out, &ov.env); err != nil {
		return fmt.Errorf("reading the output of go env: %w", err)
	}
	ov.flags = readUserFlags(ov.env.GOFLAGS)
	if ov.env.GOWORK == "off" {
		ov.env.GOWORK = ""
	}
	if ov.env.GOWORK == "" && (ov.env.GOMOD == "" || ov.env.GOMOD == os.DevNull) {
		return &Error{
			Reason: NoModule, Place: ov.dir,
			Message: "there is no go.mod here or in a parent folder",
			Remedy:  "make one with: go mod init NAME",
		}
	}
	return nil
}

// environmentError is the error for a go command that does not even tell its
// settings.
func environmentError(dir string, err error) error {
	ge, ok := errors.AsType[*gocmd.Error](err)
	switch {
	case !ok:
		return fmt.Errorf("asking the go command for its settings: %w", err)
	case needsNewerGo(ge.Stderr):
		return toolchainError(dir, ge)
	case ge.Stderr == "":
		return &Error{Reason: BadEnvironment, Message: "running go env: " + oneLine(ge.Err.Error()), Err: err}
	}
	return &Error{
		Reason: BadEnvironment, Place: dir, Message: firstLine(ge.Stderr), Remedy: "correct the variable", Err: err,
	}
}

// readModule reads the go.mod of a single main module.
func (ov *overlay) readModule() error {
	dir, file := filepath.Dir(ov.env.GOMOD), ov.env.GOMOD
	if file = cmp.Or(ov.flags.modFile, file); !filepath.IsAbs(file) {
		file = filepath.Join(ov.dir, file)
	}
	m, err := readMember(dir, file)
	if err != nil {
		return err
	}
	ov.members, ov.source = []member{m}, file
	return nil
}

// readWork reads go.work and the go.mod of each module it uses.
func (ov *overlay) readWork() error {
	data, err := os.ReadFile(ov.source)
	if err != nil {
		return &Error{Reason: BadModule, Place: ov.source, Message: "reading go.work: " + cause(err), Err: err}
	}
	ov.work, err = modfile.ParseWork(ov.source, data, anyVersion)
	if err != nil {
		return syntaxError(ov.source, err)
	}
	for _, u := range ov.work.Use {
		dir := u.Path
		if !filepath.IsAbs(dir) {
			dir = filepath.Join(filepath.Dir(ov.source), dir)
		}
		m, err := readMember(dir, filepath.Join(dir, "go.mod"))
		if errors.Is(err, fs.ErrNotExist) {
			return &Error{
				Reason: BadModule, Place: ov.source + ":" + strconv.Itoa(u.Syntax.Start.Line),
				Message: u.Path + " has no go.mod", Remedy: "correct the line, or remove it: go work edit -dropuse=" + u.Path,
				Err: err,
			}
		}
		if err != nil {
			return err
		}
		ov.members = append(ov.members, m)
	}
	if len(ov.members) == 0 {
		return &Error{
			Reason: NoModule, Place: ov.source, Message: "go.work uses no module",
			Remedy: "add one with: go work use FOLDER",
		}
	}
	// The innermost module around dir comes first; the others keep their order.
	slices.SortStableFunc(ov.members, func(a, b member) int {
		return ov.depth(b.dir) - ov.depth(a.dir)
	})
	return nil
}

// around is the path of the main module that Options.Dir is in; empty when it is in none of the workspace. The
// others of a workspace are there because of a line of go.work, as required ones because of a line of go.mod.
func (ov *overlay) around() string {
	if m := ov.members[0]; ov.depth(m.dir) > 0 {
		return m.mod.Module.Mod.Path
	}
	return ""
}

// depth tells how closely folder encloses ov.dir; 0 when it does not.
func (ov *overlay) depth(folder string) int {
	if _, ok := below(folder, ov.dir); !ok {
		return 0
	}
	return len(folder)
}

// below returns the slash-separated path from root to dir, "." when they are
// the same, and whether dir is root or inside it.
func below(root, dir string) (string, bool) {
	rel, err := filepath.Rel(root, dir)
	if err != nil || rel == ".." || strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
		return "", false
	}
	return filepath.ToSlash(rel), true
}

func readMember(dir, file string) (member, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return member{}, &Error{Reason: BadModule, Place: file, Message: "reading go.mod: " + cause(err), Err: err}
	}
	mod, err := modfile.Parse(file, data, anyVersion)
	if err != nil {
		return member{}, syntaxError(file, err)
	}
	if mod.Module == nil {
		return member{}, &Error{
			Reason: BadModule, Place: file, Message: "there is no module line", Remedy: "add one: module NAME",
		}
	}
	return member{dir: dir, file: file, mod: mod}, nil
}

// anyVersion accepts a version as written: the go command resolves it.
func anyVersion(_, version string) (string, error) { return version, nil }

// syntaxError is the error for a go.mod or go.work that does not parse.
func syntaxError(file string, err error) *Error {
	e := &Error{Reason: BadModule, Place: file, Message: err.Error(), Err: err}
	if list, ok := errors.AsType[modfile.ErrorList](err); ok && len(list) > 0 {
		first := list[0]
		e.Message = first.Err.Error()
		if first.Verb != "" {
			e.Message = first.Verb + ": " + e.Message
		}
		if first.Pos.Line > 0 {
			e.Place = file + ":" + strconv.Itoa(first.Pos.Line)
		}
	}
	e.Remedy = "correct the line, then try: go mod verify"
	return e
}

// cause is the last part of an os error: its place is named already.
func cause(err error) string {
	if pe, ok := errors.AsType[*fs.PathError](err); ok {
		return pe.Err.Error()
	}
	return err.Error()
}

// write makes a copy of the user's files: file, and the sums beside it.
func (ov *overlay) write(file string) error {
	data, err := os.ReadFile(ov.source)
	if err != nil {
		return fmt.Errorf("copying the module file: %w", err)
	}
	if ov.work != nil {
		if data, err = ov.absoluteWork(data); err != nil {
			return err
		}
	}
	if err := os.WriteFile(file, data, 0o600); err != nil {
		return fmt.Errorf("writing the overlay: %w", err)
	}
	sums, err := os.ReadFile(ov.sumFile(ov.source))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("copying the sums: %w", err)
	}
	if err := os.WriteFile(ov.sumFile(file), sums, 0o600); err != nil {
		return fmt.Errorf("writing the overlay: %w", err)
	}
	return nil
}

// sumFile is the file with the sums that belong to a go.mod or go.work.
func (ov *overlay) sumFile(file string) string {
	if ov.work != nil {
		return file + ".sum"
	}
	return strings.TrimSuffix(file, ".mod") + ".sum"
}

// absoluteWork is go.work with folders that do not depend on its place.
func (ov *overlay) absoluteWork(data []byte) ([]byte, error) {
	w, err := modfile.ParseWork(ov.source, data, anyVersion)
	if err != nil {
		return nil, syntaxError(ov.source, err)
	}
	root := filepath.Dir(ov.source)
	absolute := func(path string) string {
		if filepath.IsAbs(path) {
			return path
		}
		return filepath.Join(root, path)
	}
	uses := make([]*modfile.Use, 0, len(w.Use))
	for _, u := range w.Use {
		uses = append(uses, &modfile.Use{Path: absolute(u.Path)})
	}
	w.SetUse(uses)
	for _, r := range slices.Clone(w.Replace) {
		if r.New.Version != "" {
			continue
		}
		if err := w.AddReplace(r.Old.Path, r.Old.Version, absolute(r.New.Path), ""); err != nil {
			return nil, fmt.Errorf("copying go.work: %w", err)
		}
	}
	w.Cleanup()
	return modfile.Format(w.Syntax), nil
}

// stub replaces module path by an empty module in the copy. That takes the
// module out of every load without changing which versions are selected, and
// an import of it fails in the importing package alone.
func (ov *overlay) stub(path string) error {
	dir := ov.stubDir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("dropping %s: %w", path, err)
	}
	mod := "module " + modfile.AutoQuote(path) + "\n\ngo 1.21\n"
	if err := os.WriteFile(filepath.Join(dir, "go.mod"), []byte(mod), 0o600); err != nil {
		return fmt.Errorf("dropping %s: %w", path, err)
	}
	data, err := os.ReadFile(ov.copy)
	if err != nil {
		return fmt.Errorf("dropping %s: %w", path, err)
	}
	data, err = ov.replace(data, path, dir)
	if err != nil {
		return fmt.Errorf("dropping %s: %w", path, err)
	}
	return os.WriteFile(ov.copy, data, 0o600)
}

// stubDir is the folder of the empty module that stands for path.
func (ov *overlay) stubDir(path string) string {
	return filepath.Join(ov.stubs, filepath.FromSlash(path))
}

// replace returns data, a go.mod or go.work, with path replaced by dir.
func (ov *overlay) replace(data []byte, path, dir string) ([]byte, error) {
	if ov.work == nil {
		return replaceIn(ov.copy, data, path, dir)
	}
	w, err := modfile.ParseWork(ov.copy, data, anyVersion)
	if err != nil {
		return nil, err
	}
	for _, r := range slices.Clone(w.Replace) {
		if r.Old.Path == path {
			err = errors.Join(err, w.DropReplace(r.Old.Path, r.Old.Version))
		}
	}
	err = errors.Join(err, w.AddReplace(path, "", dir, ""))
	w.Cleanup()
	return modfile.Format(w.Syntax), err
}

// replaceIn returns data, the go.mod named file, with path replaced by dir.
func replaceIn(file string, data []byte, path, dir string) ([]byte, error) {
	m, err := modfile.Parse(file, data, anyVersion)
	if err != nil {
		return nil, err
	}
	for _, r := range slices.Clone(m.Replace) {
		if r.Old.Path == path {
			err = errors.Join(err, m.DropReplace(r.Old.Path, r.Old.Version))
		}
	}
	err = errors.Join(err, m.AddReplace(path, "", dir, ""))
	m.Cleanup()
	return modfile.Format(m.Syntax), err
}

// buildFlags make the go command use the copy in file. locked forbids it to
// add anything.
func (ov *overlay) buildFlags(file string, locked bool) []string {
	switch {
	case ov.work != nil:
		// Said although it is the default beside an overlay, which has no
		// vendor folder: those hold no tests of dependencies.
		return []string{"-mod=readonly"}
	case locked:
		return []string{"-modfile=" + file, "-mod=readonly"}
	}
	return []string{"-modfile=" + file, "-mod=mod"}
}

// extraEnv makes the go command use the copy in file.
func (ov *overlay) extraEnv(file string) []string {
	env := []string{"GOWORK=off"}
	if ov.work != nil {
		env = []string{"GOWORK=" + file}
	}
	if ov.flags.changed {
		env = append(env, "GOFLAGS="+ov.flags.rest)
	}
	return env
}

// root is where go commands run: in the main module.
func (ov *overlay) root() string { return ov.members[0].dir }

// requirement is a requirement of a main module, after replace.
type requirement struct {
	path, version string
	indirect      bool   // in every go.mod that has it
	folder        string // absolute; what a replace names
	place         string // file:line of the requirement
}

// requirements are those of all main modules, in order of appearance.
func (ov *overlay) requirements() []requirement {
	var reqs []requirement
	index := make(map[string]int)
	for _, m := range ov.members {
		index[m.mod.Module.Mod.Path] = -1 // a module of the workspace
	}
	for _, m := range ov.members {
		for _, r := range m.mod.Require {
			i, seen := index[r.Mod.Path]
			switch {
			case seen && i < 0:
			case seen:
				reqs[i].indirect = reqs[i].indirect && r.Indirect
			default:
				index[r.Mod.Path] = len(reqs)
				reqs = append(reqs, requirement{
					path: r.Mod.Path, version: r.Mod.Version, indirect: r.Indirect,
					place: m.file + ":" + strconv.Itoa(r.Syntax.Start.Line),
				})
			}
		}
		for _, r := range m.mod.Replace {
			ov.addFolder(reqs, index, r, m.dir)
		}
	}
	if ov.work != nil {
		for _, r := range ov.work.Replace {
			ov.addFolder(reqs, index, r, filepath.Dir(ov.source))
		}
	}
	return reqs
}

func (ov *overlay) addFolder(reqs []requirement, index map[string]int, r *modfile.Replace, base string) {
	i, ok := index[r.Old.Path]
	if !ok || i < 0 || r.New.Version != "" {
		return
	}
	if r.Old.Version != "" && r.Old.Version != reqs[i].version {
		return
	}
	reqs[i].folder = r.New.Path
	if !filepath.IsAbs(r.New.Path) {
		reqs[i].folder = filepath.Join(base, r.New.Path)
	}
}

// summed are the modules, by path, for whose content the user's files have a
// sum, of whichever version.
func (ov *overlay) summed() map[string]bool {
	paths := make(map[string]bool)
	files := []string{ov.sumFile(ov.source)}
	if ov.work != nil {
		for _, m := range ov.members {
			files = append(files, filepath.Join(m.dir, "go.sum"))
		}
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			continue // no sums there
		}
		for line := range bytes.Lines(data) {
			f := strings.Fields(string(line))
			if len(f) == 3 && !strings.HasSuffix(f[1], "/go.mod") {
				paths[f[0]] = true
			}
		}
	}
	return paths
}
