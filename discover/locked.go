package discover

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gotempest/tempest/internal/lazyregexp"
)

// checkLocked makes a second overlay to which nothing may be added, and loads
// all test packages with it. What is missing is an [*Error].
func (f *finder) checkLocked(ctx context.Context) error {
	dir := filepath.Join(f.o.WorkDir, "locked")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("writing the overlay: %w", err)
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return fmt.Errorf("writing the overlay: %w", err)
	}
	file := filepath.Join(dir, filepath.Base(f.g.copy))
	if err := f.g.write(file); err != nil {
		return err
	}
	locked := *f.g.overlay
	locked.copy, locked.stubs = file, filepath.Join(dir, "dropped")
	for path := range f.g.dropped {
		if err := locked.stub(path); err != nil {
			return err
		}
	}
	f.inv.BuildFlags, f.inv.Env = locked.buildFlags(file, true), locked.extraEnv(file)
	var paths []string
	for _, p := range f.inv.Plugins {
		for _, pkg := range p.Packages {
			paths = append(paths, pkg.Path)
		}
	}
	if len(paths) == 0 {
		return nil
	}
	return f.loadLocked(ctx, &locked, paths)
}

func (f *finder) loadLocked(ctx context.Context, locked *overlay, paths []string) error {
	before, err := os.ReadFile(locked.sumFile(locked.copy))
	if err != nil {
		return fmt.Errorf("reading the sums: %w", err)
	}
	g := &graph{overlay: locked, goEnv: f.o.Env}
	listed, stderr, err := g.packages(ctx, f.inv.Tags, f.inv.BuildFlags, f.inv.Env, paths)
	if err != nil {
		return fmt.Errorf("loading packages without adding anything: %w", err)
	}
	missing := f.missingIn(stderr)
	for _, l := range listed {
		for _, e := range l.errors() {
			missing = append(missing, f.missingIn(e.Err)...)
		}
	}
	after, err := os.ReadFile(locked.sumFile(locked.copy))
	if err != nil {
		return fmt.Errorf("reading the sums: %w", err)
	}
	missing = append(missing, addedSums(before, after)...) // a workspace adds them by itself
	slices.Sort(missing)
	if missing = slices.Compact(missing); len(missing) > 0 {
		return f.lockedError(missing)
	}
	if stderr != "" {
		return &Error{Reason: BadModule, Place: f.g.source, Message: firstLine(stderr)}
	}
	return nil
}

func (f *finder) lockedError(missing []string) *Error {
	return &Error{
		Reason: MissingSums, Place: f.g.sumFile(f.g.source),
		Message: "what the tests need is not complete here, and --locked adds nothing; missing: " +
			strings.Join(missing, ", "),
		Remedy: lockedRemedy(missing),
	}
}

// notRequired and outdated begin the entries of a list of missing things that
// are not modules.
const (
	notRequired = "a requirement for package "
	outdated    = "an update of go.mod"
)

// lockedRemedy is a command that adds what is missing. Without a version, go
// mod download adds the sum of the selected one.
func lockedRemedy(missing []string) string {
	var modules, packages []string
	for _, m := range missing {
		if pkg, ok := strings.CutPrefix(m, notRequired); ok {
			packages = append(packages, pkg)
		} else if path, _, ok := strings.Cut(m, " "); ok && m != outdated {
			modules = append(modules, path)
		}
	}
	switch {
	case len(packages) > 0:
		return "add them with: go get " + strings.Join(packages, " ")
	case len(modules) > 0:
		return "add them with: go mod download " + strings.Join(slices.Compact(modules), " ")
	}
	return "see what it is with: go mod tidy -diff"
}

var (
	sumForPackage = lazyregexp.New(`missing go\.sum entry for module providing package ([^\s;]+)`)
	sumForModule  = lazyregexp.New(`(\S+)@(v[^\s:]+)[^\n]*: missing go\.sum entry`)
	noRequirement = lazyregexp.New(
		`(?:no required module provides|cannot find module providing) package ([^\s;:]+)`)
)

// missingIn are the things that a message misses: modules without a sum, as
// "path version", and requirements.
func (f *finder) missingIn(message string) []string {
	var missing []string
	for _, m := range sumForPackage().FindAllStringSubmatch(message, -1) {
		missing = append(missing, f.moduleOf(m[1]))
	}
	for _, m := range sumForModule().FindAllStringSubmatch(message, -1) {
		missing = append(missing, m[1]+" "+m[2])
	}
	for _, m := range noRequirement().FindAllStringSubmatch(message, -1) {
		missing = append(missing, notRequired+m[1])
	}
	if strings.Contains(message, "updates to go.mod needed") {
		missing = append(missing, outdated)
	}
	return missing
}

// moduleOf is the module of the build list that has the package by its path.
func (f *finder) moduleOf(pkg string) string {
	best := Module{Path: pkg}
	length := 0
	for _, m := range f.inv.Modules {
		if (m.Path == pkg || strings.HasPrefix(pkg, m.Path+"/")) && len(m.Path) > length {
			best, length = m, len(m.Path)
		}
	}
	return strings.TrimSpace(best.Path + " " + best.Version)
}

// addedSums are the modules, as "path version", with a line in after only.
func addedSums(before, after []byte) []string {
	had := make(map[string]bool)
	for line := range bytes.Lines(before) {
		had[strings.TrimSpace(string(line))] = true
	}
	var added []string
	for line := range bytes.Lines(after) {
		text := strings.TrimSpace(string(line))
		if f := strings.Fields(text); len(f) == 3 && !had[text] {
			added = append(added, f[0]+" "+strings.TrimSuffix(f[1], "/go.mod"))
		}
	}
	return added
}
