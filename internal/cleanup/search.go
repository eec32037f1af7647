package cleanup

import (
	"context"
	"strings"
	"time"

	"github.com/gotempest/tempest/internal/resource"
)

// Search says what is looked for by listing.
type Search struct {
	// Prefix begins the names of what is looked for. Required.
	Prefix string

	// AllProjects also finds things in projects of others. Without it only the administrator's own
	// project is looked through, beside what is in no project.
	AllProjects bool

	// Before is the time before which things were made; the zero time means any. What does not say when
	// it was made is not found then.
	Before time.Time

	// Services are those that are looked through, by official type; none means all.
	Services []string

	// Except are runs whose things, projects and users are left alone.
	Except *Ledgers
}

// Found is what a search has found.
type Found struct {
	Things []*Thing // in the order of removal
	Others int      // things in projects of others, which AllProjects would find
	Ages   int      // things that do not say when they were made, which Before leaves out
	Living int      // things of runs that are excepted
}

// Search lists everything in the cloud and returns what has the prefix. What is in a project that has it is not
// in the list: it goes with the project, see [Cleaner.Contents]. The error joins what could not be looked at.
func (c *Cleaner) Search(ctx context.Context, s Search) (Found, error) {
	var f Found
	living := s.Except.ids()
	all, err := c.cloud.find.each(ctx, func(ctx context.Context, t resource.Type) ([]*Thing, error) {
		if !s.asks(t) {
			return nil, nil
		}
		return c.named(ctx, t, s.Prefix)
	})
	own := map[string]bool{"": true, c.access.own(): true}
	for _, t := range all {
		if t.removes(identity, "projects") {
			own[t.ID] = true
		}
	}
	for _, t := range merge(all) {
		switch {
		case living[t.ID], living[t.Name], living[t.Project], living[t.User]:
			f.Living++
		case !own[t.Project] && !s.AllProjects:
			f.Others++
		case !s.Before.IsZero() && t.Made.IsZero():
			f.Ages++
		case !s.Before.IsZero() && !t.Made.Before(s.Before):
		default:
			f.Things = append(f.Things, t)
		}
	}
	f.Things = ordered(f.Things)
	return f, err
}

// asks reports whether a type is looked for.
func (s Search) asks(t resource.Type) bool {
	if t.List.NameField == "-" {
		return false
	}
	for _, service := range s.Services {
		if service == t.Service {
			return true
		}
	}
	return len(s.Services) == 0
}

// named lists what has a name with a prefix.
func (c *Cleaner) named(ctx context.Context, t resource.Type, prefix string) ([]*Thing, error) {
	r, query := c.access.admin, t.List.All
	if r == nil {
		return nil, c.access.adminErr
	}
	if t.Scoped {
		query = ""
	}
	all, err := c.cloud.find.list(ctx, r, t, query)
	var named []*Thing
	for _, thing := range all {
		if !strings.HasPrefix(thing.Name, prefix) || c.cloud.protect(thing) != nil {
			continue
		}
		if t.Scoped {
			thing.Project = r.project
		}
		named = append(named, thing)
	}
	return named, err
}

// own is the project of the administrator.
func (a *access) own() string {
	if a.admin == nil {
		return ""
	}
	return a.admin.project
}

// ids are those of everything in the ledgers, and the names of what is perhaps being made.
func (l *Ledgers) ids() map[string]bool {
	ids := map[string]bool{}
	if l == nil {
		return ids
	}
	for _, t := range l.things {
		ids[t.ID] = true
	}
	for _, p := range l.open {
		ids[p.entry.Intent.Name] = true
	}
	delete(ids, "")
	return ids
}
