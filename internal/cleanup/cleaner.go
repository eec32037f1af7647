package cleanup

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"

	"github.com/gotempest/tempest/internal/cloud"
	"github.com/gotempest/tempest/internal/resource"
)

// Options configures [Open]. Session and Table are required.
type Options struct {
	Session *cloud.Session
	Table   *resource.Table

	// Accounts are users that exist without tempest. Where there is one of a project, it is used for what only
	// that project may do; without an administrator they have to do for everything.
	Accounts []Account

	// ReadOnly changes nothing in the cloud: what needs a role on a project is not looked at. It is for
	// everything but Remove.
	ReadOnly bool

	Limits Limits

	// OnGone is told of each thing when it is gone, one at a time; Warn of what could not be done
	// beside the removals. Both may be nil.
	OnGone func(*Thing)
	Warn   func(error)
}

// Cleaner removes things from one cloud.
type Cleaner struct {
	o      Options
	access *access
	cloud  *cloudRemover
}

// Open logs in.
func Open(ctx context.Context, o Options) (*Cleaner, error) {
	a, err := newAccess(ctx, o.Session, o.Accounts)
	if err != nil {
		return nil, err
	}
	a.readOnly = o.ReadOnly
	c := &Cleaner{o: o, access: a}
	c.cloud = &cloudRemover{
		access: a, table: o.Table, find: &finder{table: o.Table},
		shared: shared{warn: o.Warn, services: map[string]bool{}, warned: map[string]bool{}},
	}
	return c, nil
}

// Close takes away the rights that the removal needed.
func (c *Cleaner) Close(ctx context.Context) error { return c.access.close(ctx) }

// Remove removes things, and what is in them, and crosses off what is gone from the ledgers that they are from. It
// returns early when ctx ends; what is left then can be removed by another call. The error says what could not be
// written down.
func (c *Cleaner) Remove(ctx context.Context, things []*Thing) (Result, error) {
	things = merge(things)
	for _, t := range things {
		c.cloud.services[t.removal.Service] = true
	}
	var errs []error
	e := &engine{remover: c.cloud, limits: c.o.Limits, onGone: func(t *Thing) {
		errs = append(errs, t.crossOff())
		if c.o.OnGone != nil {
			c.o.OnGone(t)
		}
	}}
	return e.run(ctx, things), errors.Join(errs...)
}

// Contents returns what goes with things because it is in a project among them, without changing
// anything. What only a token of the project sees is missing.
func (c *Cleaner) Contents(ctx context.Context, things []*Thing) ([]*Thing, error) {
	var projects []*Thing
	for _, t := range things {
		if t.removes(identity, "projects") {
			projects = append(projects, t)
		}
	}
	inside, err := parallel(ctx, projects, func(ctx context.Context, p *Thing) ([]*Thing, error) {
		return c.cloud.find.inProject(ctx, c.access, p.ID, true, false)
	})
	known := map[string]bool{}
	for _, t := range things {
		known[t.key()] = true
	}
	inside = slices.DeleteFunc(inside, func(t *Thing) bool { return known[t.key()] })
	return ordered(merge(inside)), c.cloud.serious(err)
}

// Ordered returns things in the order in which they are removed, each once.
func Ordered(things []*Thing) []*Thing { return ordered(merge(things)) }

// merge makes one of all records of a thing. A part of another thing among them goes with that.
func merge(things []*Thing) []*Thing {
	byKey := map[string]*Thing{}
	byID := map[string]*Thing{}
	var kept []*Thing
	for i, t := range things {
		if t.seq == 0 {
			t.seq = i + 1
		}
		if first := byKey[t.key()]; first != nil {
			if first != t {
				first.from = append(first.from, t.from...)
			}
			continue
		}
		byKey[t.key()] = t
		if !t.part && t.ID != "" {
			byID[t.ID] = t
		}
		kept = append(kept, t)
	}
	return slices.DeleteFunc(kept, func(t *Thing) bool {
		if !t.part {
			return false
		}
		path, _, _ := strings.Cut(t.removal.Path, "?")
		for segment := range strings.SplitSeq(path, "/") {
			if whole := byID[segment]; whole != nil {
				whole.from = append(whole.from, t.from...)
				return true
			}
		}
		return false
	})
}

// touched reports whether something of a service was to be removed from the start.
func (c *cloudRemover) touched(service string) bool { return c.services[service] }

// warnOnce tells of something that could not be done, once.
func (c *cloudRemover) warnOnce(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.warn == nil || c.warned[err.Error()] {
		return
	}
	c.warned[err.Error()] = true
	c.warn(err)
}

// shared is what attempts share.
type shared struct {
	services map[string]bool // that have something to be removed; not changed during a removal

	mu     sync.Mutex
	warn   func(error) // may be nil
	warned map[string]bool
}
