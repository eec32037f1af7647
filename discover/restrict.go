package discover

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

// pattern is one of Options.Patterns.
type pattern struct {
	text   string
	folder bool // match Dir instead of Path
	match  func(string) bool
	prefix string // what every match begins with
}

// newPattern reads a pattern as the go command run in dir would.
func newPattern(text, dir string) pattern {
	p := pattern{text: text, folder: isFolderPattern(text)}
	full := filepath.ToSlash(text)
	if p.folder {
		// Join cleans the path; "..." is a name to it.
		if !filepath.IsAbs(text) {
			text = filepath.Join(dir, text)
		}
		full = filepath.ToSlash(filepath.Clean(text))
	}
	p.match = matcher(full)
	p.prefix, _, _ = strings.Cut(full, "...")
	return p
}

func isFolderPattern(s string) bool {
	s = filepath.ToSlash(s)
	return s == "." || s == ".." || strings.HasPrefix(s, "./") || strings.HasPrefix(s, "../") || filepath.IsAbs(s)
}

func (p pattern) matches(pkg Package) bool {
	if p.folder {
		return p.match(filepath.ToSlash(pkg.Dir))
	}
	return p.match(pkg.Path)
}

// mayMatch says whether packages of the plugin could match.
func (p pattern) mayMatch(pl Plugin) bool {
	root := pl.Module
	if p.folder {
		if root = filepath.ToSlash(pl.Dir); root == "" {
			return false
		}
	}
	return strings.HasPrefix(root+"/", p.prefix) || strings.HasPrefix(p.prefix, root+"/") || p.prefix == root
}

// restrict leaves out the packages that Options.Patterns do not match, and the
// faults of plugins that none of them is about.
func (f *finder) restrict() error {
	if len(f.o.Patterns) == 0 {
		return nil
	}
	var patterns []pattern
	for _, text := range f.o.Patterns {
		p := newPattern(text, f.g.dir)
		if !f.matchesSome(p) {
			return noMatch(p)
		}
		patterns = append(patterns, p)
	}
	some := func(pkg Package) bool {
		return slices.ContainsFunc(patterns, func(p pattern) bool { return p.matches(pkg) })
	}
	for i := range f.inv.Plugins {
		p := &f.inv.Plugins[i]
		p.Packages = slices.DeleteFunc(p.Packages, func(pkg Package) bool { return !some(pkg) })
		if !slices.ContainsFunc(patterns, func(pt pattern) bool { return pt.mayMatch(*p) }) {
			p.Faults = nil
		}
	}
	return nil
}

// matchesSome says whether p matches a test package, or one that would be if
// it could be built.
func (f *finder) matchesSome(p pattern) bool {
	if slices.ContainsFunc(f.broken, p.matches) {
		return true
	}
	return slices.ContainsFunc(f.inv.Plugins, func(pl Plugin) bool {
		return slices.ContainsFunc(pl.Packages, p.matches) || len(pl.Faults) > 0 && len(pl.Packages) == 0 && p.mayMatch(pl)
	})
}

func noMatch(p pattern) *Error {
	e := &Error{Reason: NoMatch, Message: fmt.Sprintf("pattern %q matches no package with tests", p.text)}
	if p.folder {
		e.Remedy = "see which there are with: tempest list"
	} else {
		e.Remedy = "write ./" + p.text + " for a folder, or see which packages there are with: tempest list"
	}
	return e
}
