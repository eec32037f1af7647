package discover

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/semver"

	"github.com/gotempest/tempest/internal/gocmd"
)

// probe finds the requirements that cannot be loaded, when messages name none
// of them: the go command names the module that is missing, and not always who
// asks for it. It maps each to what the go command says.
func (g *graph) probe(ctx context.Context) (map[string]string, error) {
	dir := filepath.Join(filepath.Dir(g.copy), "probe")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("looking for the requirement that cannot be loaded: %w", err)
	}
	defer os.RemoveAll(dir)
	var left []requirement
	for _, r := range g.reqs {
		if g.canDrop(r.path) {
			left = append(left, r)
		}
	}
	switch said, err := g.try(ctx, dir, nil); {
	case err != nil:
		return nil, fmt.Errorf("looking for the requirement that cannot be loaded: %w", err)
	case said != "": // no requirement is to blame
		return nil, &Error{Reason: BadEnvironment, Place: g.dir, Message: said, Remedy: "correct the Go settings: go env"}
	}
	bad := make(map[string]string)
	if err := g.bisect(ctx, dir, left, bad); err != nil {
		return nil, fmt.Errorf("looking for the requirement that cannot be loaded: %w", err)
	}
	return bad, nil
}

// bisect adds to bad those of reqs that break a module that requires them.
func (g *graph) bisect(ctx context.Context, dir string, reqs []requirement, bad map[string]string) error {
	if len(reqs) == 0 {
		return nil
	}
	said, err := g.try(ctx, dir, reqs)
	switch {
	case err != nil || said == "":
		return err
	case len(reqs) == 1:
		bad[reqs[0].path] = "requires what cannot be had: " + said
		return nil
	}
	half := len(reqs) / 2
	if err := g.bisect(ctx, dir, reqs[:half], bad); err != nil {
		return err
	}
	return g.bisect(ctx, dir, reqs[half:], bad)
}

// try loads the graph of a module that requires reqs. said is what the go
// command has against it, empty when it can be loaded.
func (g *graph) try(ctx context.Context, dir string, reqs []requirement) (said string, err error) {
	if err := g.writeProbe(filepath.Join(dir, "go.mod"), reqs); err != nil {
		return "", err
	}
	_, err = gocmd.Cmd{
		Args: []string{"list", "-m", "-mod=mod", "all"}, Dir: dir, Env: g.goEnv,
		Extra: append(g.extraEnv(g.copy), "GOWORK=off"),
	}.Output(ctx)
	if ge, failed := errors.AsType[*gocmd.Error](err); failed {
		return firstLine(ge.Stderr), nil
	}
	return "", err
}

// writeProbe writes a go.mod that requires reqs, with the replacements of the
// overlay.
func (g *graph) writeProbe(file string, reqs []requirement) error {
	var f modfile.File
	err := f.AddModuleStmt("tempest.invalid/probe")
	goVersion := "1.21"
	for _, m := range g.members {
		if m.mod.Go != nil && semver.Compare("v"+m.mod.Go.Version, "v"+goVersion) > 0 {
			goVersion = m.mod.Go.Version
		}
		for _, r := range m.mod.Replace {
			err = errors.Join(err, addReplace(&f, r, m.dir))
		}
		if g.work != nil {
			err = errors.Join(err, f.AddReplace(m.mod.Module.Mod.Path, "", m.dir, ""))
		}
		for _, x := range m.mod.Exclude {
			err = errors.Join(err, f.AddExclude(x.Mod.Path, x.Mod.Version))
		}
	}
	if g.work != nil {
		for _, r := range g.work.Replace {
			err = errors.Join(err, addReplace(&f, r, filepath.Dir(g.source)))
		}
	}
	for _, r := range reqs {
		err = errors.Join(err, f.AddRequire(r.path, r.version))
	}
	if err = errors.Join(err, f.AddGoStmt(goVersion)); err != nil {
		return err
	}
	f.Cleanup()
	data := modfile.Format(f.Syntax)
	for path := range g.dropped {
		if data, err = replaceIn(file, data, path, g.stubDir(path)); err != nil {
			return err
		}
	}
	return os.WriteFile(file, data, 0o600)
}

// addReplace adds r, whose folder is relative to base.
func addReplace(f *modfile.File, r *modfile.Replace, base string) error {
	path := r.New.Path
	if r.New.Version == "" && !filepath.IsAbs(path) {
		path = filepath.Join(base, path)
	}
	return f.AddReplace(r.Old.Path, r.Old.Version, path, r.New.Version)
}
