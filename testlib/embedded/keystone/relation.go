package keystone

import (
	"maps"
	"slices"
)

// relation is a set of pairs of ids: which user is in which group, which role
// implies which.
type relation struct {
	forward, backward map[string]map[string]bool
}

func newRelation() relation {
	return relation{forward: map[string]map[string]bool{}, backward: map[string]map[string]bool{}}
}

func (r relation) has(first, second string) bool { return r.forward[first][second] }

func (r relation) add(first, second string) {
	link(r.forward, first, second)
	link(r.backward, second, first)
}

func (r relation) remove(first, second string) {
	unlink(r.forward, first, second)
	unlink(r.backward, second, first)
}

// drop removes all pairs that have id on either side.
func (r relation) drop(id string) {
	for _, second := range r.seconds(id) {
		r.remove(id, second)
	}
	for _, first := range r.firsts(id) {
		r.remove(first, id)
	}
}

// seconds returns what first is paired with, sorted.
func (r relation) seconds(first string) []string {
	return slices.Sorted(maps.Keys(r.forward[first]))
}

// firsts returns what second is paired with, sorted.
func (r relation) firsts(second string) []string {
	return slices.Sorted(maps.Keys(r.backward[second]))
}

// all returns every first that has a pair, sorted.
func (r relation) all() []string { return slices.Sorted(maps.Keys(r.forward)) }

func link(m map[string]map[string]bool, from, to string) {
	if m[from] == nil {
		m[from] = map[string]bool{}
	}
	m[from][to] = true
}

func unlink(m map[string]map[string]bool, from, to string) {
	delete(m[from], to)
	if len(m[from]) == 0 {
		delete(m, from)
	}
}
