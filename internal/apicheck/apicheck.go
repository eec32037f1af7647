// Package apicheck compares the API of packages with a record of it.
//
// The record is Go source without function bodies, one file for each package:
// people read it in a review, and the type checker reads it again, so that it
// does not depend on the version of Go that wrote it. What changed, and whether
// code that uses the package can tell, decides golang.org/x/exp/apidiff.
//
// Record and working tree go through the same reduction: it keeps what code
// outside of the module can reach. That includes unexported types and types of
// internal packages when an exported declaration leads to them, and excludes
// unexported fields and methods of which nothing but the presence counts.
package apicheck

import (
	"fmt"
	"go/types"
	"maps"
	"slices"
	"strings"

	"golang.org/x/exp/apidiff"
)

// API holds the reduced source of packages, by import path.
type API map[string]string

// Change is a difference between two APIs.
type Change struct {
	Package    string // import path
	Message    string // as "Env.Name: removed"
	Compatible bool   // code that compiled still compiles
}

// String returns the change on one line.
func (c Change) String() string { return c.Package + ": " + c.Message }

// Compare returns what is different in the API after, incompatible changes
// first. Packages outside of both come from outside.
func Compare(before, after API, outside types.Importer) ([]Change, error) {
	olds, err := before.check(outside)
	if err != nil {
		return nil, fmt.Errorf("reading the record: %w", err)
	}
	news, err := after.check(outside)
	if err != nil {
		return nil, fmt.Errorf("reading the reduced source: %w", err)
	}
	var changes []Change
	for _, path := range slices.Sorted(maps.Keys(union(olds, news))) {
		switch old, now := olds[path], news[path]; {
		case old == nil:
			changes = append(changes, Change{path, "package added", true})
		case now == nil:
			changes = append(changes, Change{path, "package removed", false})
		default:
			found, err := comparePackage(old, now)
			if err != nil {
				return nil, err
			}
			changes = append(changes, found...)
		}
	}
	incompatible := func(c Change) bool { return !c.Compatible }
	first := slices.DeleteFunc(slices.Clone(changes), func(c Change) bool { return !incompatible(c) })
	return append(first, slices.DeleteFunc(changes, incompatible)...), nil
}

func union[V any](a, b map[string]V) map[string]V {
	all := maps.Clone(a)
	maps.Copy(all, b)
	return all
}

// comparePackage returns the changes that apidiff sees. Where it sees none,
// such as in the constraints of type parameters, in the names of parameters and
// in tags, the text of the declarations tells.
func comparePackage(old, now *types.Package) ([]Change, error) {
	var changes []Change
	for _, c := range apidiff.Changes(old, now).Changes {
		changes = append(changes, Change{now.Path(), c.Message, c.Compatible})
	}
	if len(changes) > 0 {
		return changes, nil
	}
	before, err := declarations(old)
	if err != nil {
		return nil, err
	}
	after, err := declarations(now)
	if err != nil {
		return nil, err
	}
	for _, text := range before {
		if !slices.Contains(after, text) {
			first, _, _ := strings.Cut(text, "\n")
			changes = append(changes, Change{now.Path(), "declared differently: " + strings.TrimSuffix(first, " {}"), true})
		}
	}
	return changes, nil
}
