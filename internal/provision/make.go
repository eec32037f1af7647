package provision

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/domains"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/projects"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/roles"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/users"

	"github.com/gotempest/tempest/internal/accounts"
)

// madeBy is the description of all that is made.
const madeBy = "made by tempest account-generator"

// Timeout bounds removing what was made in vain.
const Timeout = 5 * time.Minute

// place is a project, a domain or the system, while its accounts are made.
type place struct{ projectID, domainID string } // domainID is that of the users

// makeAll makes what list has. A network that was made is noted in it.
func (m *Maker) makeAll(ctx context.Context, list []accounts.Account, o Options) error {
	places := map[string]place{}
	networks := map[string]string{}
	for i := range list {
		a := &list[i]
		at, ok := places[a.Place()]
		if !ok || a.System {
			var err error
			if at, err = m.makePlace(ctx, *a); err != nil {
				return err
			}
			places[a.Place()] = at
			if o.Net && at.projectID != "" {
				name, err := m.makeNetwork(ctx, a.Project.Name, at.projectID)
				if err != nil {
					return err
				}
				networks[a.Place()] = name
			}
		}
		a.Network = networks[a.Place()]
		if err := m.makeUser(ctx, *a, at); err != nil {
			return err
		}
	}
	return nil
}

func (m *Maker) makePlace(ctx context.Context, a accounts.Account) (place, error) {
	switch {
	case a.System:
		return place{domainID: m.home.ID}, nil
	case a.Project.IsZero():
		d, err := domains.Create(ctx, m.identity, domains.CreateOpts{Name: a.Domain.Name, Description: madeBy}).Extract()
		if err != nil {
			return place{}, m.explain("making domain "+a.Domain.Name, err)
		}
		m.say("made domain %s", a.Domain.Name)
		return place{domainID: d.ID}, nil
	}
	p, err := projects.Create(ctx, m.identity, projects.CreateOpts{
		Name: a.Project.Name, DomainID: m.home.ID, Description: madeBy,
	}).Extract()
	if err != nil {
		return place{}, m.explain("making project "+a.Project.Name, err)
	}
	m.say("made project %s", a.Project.Name)
	return place{projectID: p.ID, domainID: m.home.ID}, nil
}

func (m *Maker) makeUser(ctx context.Context, a accounts.Account, at place) error {
	u, err := users.Create(ctx, m.identity, users.CreateOpts{
		Name: a.Username, Password: a.Password, DomainID: at.domainID, DefaultProjectID: at.projectID, Description: madeBy,
	}).Extract()
	if err != nil {
		return m.explain("making user "+a.Username, err)
	}
	for _, role := range a.Roles {
		if err := m.assign(ctx, a, at, u.ID, m.roles[role]); err != nil {
			return m.explain(fmt.Sprintf("giving user %s the role %s", a.Username, role), err)
		}
	}
	m.say("made user %s", a.Username)
	return nil
}

func (m *Maker) assign(ctx context.Context, a accounts.Account, at place, userID, roleID string) error {
	o := roles.AssignOpts{UserID: userID}
	switch {
	case a.System: // which gophercloud has no function for
		_, err := m.identity.Put(ctx, m.identity.ServiceURL("system", "users", userID, "roles", roleID), nil, nil,
			&gophercloud.RequestOpts{OkCodes: []int{http.StatusNoContent}})
		return err
	case at.projectID != "":
		o.ProjectID = at.projectID
	default:
		o.DomainID = at.domainID
	}
	return roles.Assign(ctx, m.identity, roleID, o).ExtractErr()
}

// explain says what was being done, and in one line what to do about a refusal.
func (m *Maker) explain(doing string, err error) error {
	if gophercloud.ResponseCodeIs(err, http.StatusForbidden) {
		return fmt.Errorf("%s: the credentials may not do that (403); it takes an administrator", doing)
	}
	return fmt.Errorf("%s: %w", doing, err)
}

// Removed counts what [Maker.Remove] did.
type Removed struct {
	Removed int // users, projects and domains
	Absent  int // were gone already
}

// Remove removes the users, projects and domains of list, found by their names. What this package did not
// make is left, and told in the error, as is what cannot be removed; all else is removed nevertheless.
func (m *Maker) Remove(ctx context.Context, list []accounts.Account) (Removed, error) {
	var count Removed
	var all error
	done := func(what string, n int, err error) {
		switch {
		case err != nil:
			all = errors.Join(all, fmt.Errorf("removing %s: %w", what, err))
		case n == 0:
			count.Absent++
		default:
			count.Removed += n
			m.say("removed %s", what)
		}
	}
	for _, a := range list {
		n, err := m.removeUser(ctx, a)
		done("user "+a.Who(), n, err)
	}
	seen := map[string]bool{}
	for _, a := range list {
		if a.System || seen[a.Place()] {
			continue
		}
		seen[a.Place()] = true
		if a.Project.IsZero() {
			n, err := m.removeDomain(ctx, a.Domain)
			done("domain "+a.Domain.String(), n, err)
			continue
		}
		n, err := m.removeProject(ctx, a)
		done("project "+a.Project.String(), n, err)
	}
	return count, all
}

// errNotOurs says that something exists that must not be removed.
var errNotOurs = errors.New("its description is not \"" + madeBy + "\": it is left as it is")

// domainID finds a domain; "" when there is none of that name.
func (m *Maker) domainID(ctx context.Context, d accounts.Ref) (string, error) {
	if d.ID != "" || d.IsZero() || d.Name == m.home.Name {
		if d.ID != "" {
			return d.ID, nil
		}
		return m.home.ID, nil
	}
	page, err := domains.List(m.identity, domains.ListOpts{Name: d.Name}).AllPages(ctx)
	if err != nil {
		return "", err
	}
	list, err := domains.ExtractDomains(page)
	if err != nil || len(list) == 0 {
		return "", err
	}
	return list[0].ID, nil
}

func (m *Maker) removeUser(ctx context.Context, a accounts.Account) (int, error) {
	if a.UserID != "" {
		return 0, errors.New("it stands there by its ID: account-generator writes names")
	}
	domain, err := m.domainID(ctx, a.UserDomain)
	if err != nil || domain == "" {
		return 0, err
	}
	page, err := users.List(m.identity, users.ListOpts{Name: a.Username, DomainID: domain}).AllPages(ctx)
	if err != nil {
		return 0, err
	}
	list, err := users.ExtractUsers(page)
	for i, u := range list {
		if u.Description != madeBy {
			return i, errNotOurs
		}
		if err := gone(users.Delete(ctx, m.identity, u.ID).ExtractErr()); err != nil {
			return i, err
		}
	}
	return len(list), err
}

func (m *Maker) removeProject(ctx context.Context, a accounts.Account) (int, error) {
	if a.Project.Name == "" {
		return 0, errors.New("it stands there by its ID: account-generator writes names")
	}
	domain, err := m.domainID(ctx, a.ProjectDomain)
	if err != nil || domain == "" {
		return 0, err
	}
	page, err := projects.List(m.identity, projects.ListOpts{Name: a.Project.Name, DomainID: domain}).AllPages(ctx)
	if err != nil {
		return 0, err
	}
	list, err := projects.ExtractProjects(page)
	for i, p := range list {
		if p.Description != madeBy {
			return i, errNotOurs
		}
		if err := m.removeNetworks(ctx, p.ID); err != nil {
			return i, err
		}
		if err := gone(projects.Delete(ctx, m.identity, p.ID).ExtractErr()); err != nil {
			return i, err
		}
	}
	return len(list), err
}

func (m *Maker) removeDomain(ctx context.Context, d accounts.Ref) (int, error) {
	page, err := domains.List(m.identity, domains.ListOpts{Name: d.Name}).AllPages(ctx)
	if err != nil {
		return 0, err
	}
	list, err := domains.ExtractDomains(page)
	off := false
	for i, d := range list {
		if d.Description != madeBy {
			return i, errNotOurs
		}
		if err := gone(domains.Update(ctx, m.identity, d.ID, domains.UpdateOpts{Enabled: &off}).Err); err != nil {
			return i, err
		}
		if err := gone(domains.Delete(ctx, m.identity, d.ID).ExtractErr()); err != nil {
			return i, err
		}
	}
	return len(list), err
}

// gone makes nothing of the error that what is to be removed is not there.
func gone(err error) error {
	if gophercloud.ResponseCodeIs(err, http.StatusNotFound) {
		return nil
	}
	return err
}
