package cleanup

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/gotempest/tempest/internal/resource"
)

// emptyUser finds the key pairs of a user, which the compute service keeps for ever. All else that
// users have goes with them.
func (c *cloudRemover) emptyUser(ctx context.Context, t *Thing) outcome {
	kind, ok := c.table.Type(compute, "keypair")
	if !ok || c.access.admin == nil || !c.access.has(compute) {
		return ready
	}
	query := "user_id=" + url.QueryEscape(t.ID)
	pairs, err := c.find.list(ctx, c.access.admin, kind, query)
	for _, p := range pairs { // of the same name as another's
		p.User, p.removal.Path = t.ID, p.path()+"?"+query
	}
	return c.contents(compute, pairs, err, "of user "+t.ID)
}

// contents is the outcome for something that holds other things.
func (c *cloudRemover) contents(service string, things []*Thing, err error, why string) outcome {
	for _, thing := range things {
		thing.Why = why
	}
	switch {
	case len(things) == 1:
		return outcome{verdict: busy, more: things, reason: fmt.Errorf("%s has to go first", things[0])}
	case len(things) > 1:
		return outcome{verdict: busy, more: things,
			reason: fmt.Errorf("%s and %d more have to go first", things[0], len(things)-1)}
	case err != nil && (service == "" || c.touched(service)):
		return outcome{verdict: busy, reason: err}
	case err != nil:
		c.warnOnce(err)
	}
	return ready
}

// emptyProject finds what is in a project, and takes the quotas that it was given.
func (c *cloudRemover) emptyProject(ctx context.Context, t *Thing) outcome {
	if t.tries == 0 {
		c.wake(ctx, t)
	}
	things, err := c.find.inProject(ctx, c.access, t.ID, false, t.tries > 0)
	for _, thing := range things {
		thing.Run, thing.Program, thing.Test, thing.Account = t.Run, t.Program, t.Test, t.Account
	}
	if o := c.contents("", things, c.serious(err), "in project "+t.ID); o.verdict != gone {
		return o
	}
	if c.access.admin == nil {
		return ready
	}
	quotas := map[string]string{compute: "/os-quota-sets/", blockStorage: "/os-quota-sets/", network: "/quotas/"}
	for service, path := range quotas {
		if !c.access.has(service) {
			continue
		}
		a, err := c.send(ctx, c.access.admin, service, http.MethodDelete, path+t.ID, "", nil)
		if err != nil && a.status != http.StatusNotFound {
			c.warnOnce(fmt.Errorf("resetting the quota of project %s: %w", t.ID, err))
		}
	}
	return ready
}

// wake enables a project that nobody can log in to, so that it can be looked into: it is about to be removed.
func (c *cloudRemover) wake(ctx context.Context, t *Thing) {
	a := c.access
	if a.admin == nil || !a.has(objectStore) {
		return
	}
	if _, err := a.in(ctx, t.ID); err == nil || errors.Is(err, errNoProject) {
		return
	}
	if c.act(ctx, a.admin, t, http.MethodPatch, "", `{"project":{"enabled":true}}`) == nil {
		a.forget(t.ID) // what else is wrong will be seen when it is looked into
	}
}

// immutable returns the name of the object in a request, for a type of which one can be protected by an option.
func (t *Thing) immutable() string {
	for _, name := range []string{"role", "project", "domain"} {
		if t.removes(identity, name+"s") {
			return name
		}
	}
	return ""
}

// makeMutable lifts the protection of a role, a project or a domain.
func (c *cloudRemover) makeMutable(ctx context.Context, r *rights, t *Thing, o outcome) outcome {
	body := fmt.Sprintf(`{%q:{"options":{"immutable":false}}}`, t.immutable())
	if err := c.act(ctx, r, t, http.MethodPatch, "", body); err != nil {
		o.reason = fmt.Errorf("%w; %w", o.reason, err)
		return o
	}
	return outcome{verdict: busy, reason: o.reason}
}

// children are the projects in a project, and what is in it when it is a domain too: that is disabled.
func (c *cloudRemover) children(ctx context.Context, r *rights, t *Thing) ([]*Thing, error) {
	kind, ok := c.table.Type(identity, "project")
	if !ok {
		return nil, nil
	}
	var in []*Thing
	if a, err := c.send(ctx, r, identity, http.MethodGet, "/domains/"+t.ID, "", nil); err == nil && a.ok() { // it is one
		in = c.emptyDomain(ctx, r, t).more
	}
	all, err := c.find.list(ctx, r, kind, "parent_id="+url.QueryEscape(t.ID))
	for _, p := range all {
		if p.ID != t.ID {
			p.Why = "in project " + t.ID
			in = append(in, p)
		}
	}
	return in, err
}

// emptyDomain disables a domain, and finds what is in it.
func (c *cloudRemover) emptyDomain(ctx context.Context, r *rights, t *Thing) outcome {
	a, err := c.send(ctx, r, identity, http.MethodPatch, "/domains/"+t.ID, `{"domain":{"enabled":false}}`, nil)
	if a.status == http.StatusNotFound {
		return outcome{verdict: gone}
	}
	if err != nil {
		return outcome{verdict: busy, reason: err}
	}
	var kinds []resource.Type
	for _, name := range []string{"user", "group", "role", "project"} {
		if kind, ok := c.table.Type(identity, name); ok {
			kinds = append(kinds, kind)
		}
	}
	things, err := parallel(ctx, kinds, func(ctx context.Context, kind resource.Type) ([]*Thing, error) {
		kind.List.ProjectField = "domain_id" // says whether the service knows the query
		all, err := c.find.list(ctx, r, kind, "domain_id="+url.QueryEscape(t.ID))
		var in []*Thing
		for _, thing := range all {
			if thing.Project == t.ID && thing.ID != t.ID {
				thing.Project = ""
				in = append(in, thing)
			}
		}
		return in, err
	})
	return c.contents("", things, err, "in domain "+t.ID)
}

// serious returns of joined errors those that must keep a project: what could not be looked at may hold
// something that was made in this cleanup's things. A service in which nothing was made may be down.
func (c *cloudRemover) serious(err error) error {
	joined, ok := err.(interface{ Unwrap() []error })
	if err == nil || !ok {
		return err
	}
	var kept []error
	for _, e := range joined.Unwrap() {
		var of serviceError
		if errors.As(e, &of) && !c.touched(of.service) {
			c.warnOnce(e)
			continue
		}
		kept = append(kept, e)
	}
	return errors.Join(kept...)
}

// serviceError is one of listing what a service has.
type serviceError struct {
	service string
	error
}

// Unwrap returns the error itself.
func (e serviceError) Unwrap() error { return e.error }
