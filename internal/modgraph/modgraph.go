// Package modgraph reads the output of `go mod graph`, and says why a module has the version that it has.
package modgraph

import (
	"bytes"
	"slices"
	"strings"
)

// Graph is which module version requires which.
type Graph struct {
	requires map[string][]string // "path@version", or the path of a main module
	mains    []string
}

// Parse reads what `go mod graph` prints.
func Parse(out []byte) *Graph {
	g := &Graph{requires: map[string][]string{}}
	for line := range bytes.Lines(out) {
		f := strings.Fields(string(line))
		if len(f) != 2 {
			continue
		}
		g.requires[f[0]] = append(g.requires[f[0]], f[1])
		if !strings.Contains(f[0], "@") && !slices.Contains(g.mains, f[0]) {
			g.mains = append(g.mains, f[0])
		}
	}
	return g
}

// ChainToModule is Chain to any version of a module.
func (g *Graph) ChainToModule(path string) []string {
	var best []string
	for _, required := range g.requires {
		for _, to := range required {
			if !strings.HasPrefix(to, path+"@") {
				continue
			}
			if chain := g.Chain(to); chain != nil && (best == nil || len(chain) < len(best)) {
				best = chain
			}
		}
	}
	return best
}

// Chain is the best explanation for why the graph has to, a "path@version": the shortest path from a main module to
// it. A path over another module says more than the requirement that go get has noted in the main module itself. It
// is nil when nothing leads there.
func (g *Graph) Chain(to string) []string {
	type step struct {
		at   string
		from *step
	}
	var queue []*step
	seen := make(map[string]bool)
	for _, m := range g.mains {
		queue = append(queue, &step{at: m})
	}
	direct := ""
	for ; len(queue) > 0; queue = queue[1:] {
		s := queue[0]
		for _, next := range g.requires[s.at] {
			if next == to && s.from == nil {
				direct = s.at
				continue
			}
			if next == to {
				path := []string{to}
				for ; s != nil; s = s.from {
					path = append(path, s.at)
				}
				slices.Reverse(path)
				return path
			}
			if !seen[next] {
				seen[next] = true
				queue = append(queue, &step{next, s})
			}
		}
	}
	if direct != "" {
		return []string{direct, to}
	}
	return nil
}
