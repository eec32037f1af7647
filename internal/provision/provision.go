// Package provision makes the users and projects of an accounts file, and removes them.
//
// Everything has a name that nothing else has and a description that says who made it. So what was made can be found
// by what stands in the file alone, and nothing else is ever removed.
package provision

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"strings"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/gotempest/tempest/internal/accounts"
	"github.com/gotempest/tempest/internal/cloud"
	"github.com/gotempest/tempest/testlib/config"
)

// Options say which accounts are made.
type Options struct {
	Tag    string // part of all names; may be empty
	Groups int    // how many tests can have accounts at once, each with two projects
	Admin  bool   // also admins
	Domain bool   // also a domain for each group, with users
	Net    bool   // also a network for each project, with a router when there is a public network
}

// Maker makes and removes accounts, as the administrator of a cloud.
type Maker struct {
	core     config.Core
	admin    *cloud.Admin
	identity *gophercloud.ServiceClient
	network  *gophercloud.ServiceClient // nil when the cloud has none
	swift    bool                       // the cloud has an object store
	roles    map[string]string          // name to ID
	told     map[string]bool            // roles whose want has been told
	home     cloud.Domain
	say      func(format string, args ...any)
}

// Open logs in as the administrator of s. say is told what is made and removed, a line each.
func Open(ctx context.Context, s *cloud.Session, say func(format string, args ...any)) (*Maker, error) {
	admin, err := s.Administrator(s.Transport()) //nolint:contextcheck // the session has its own
	if err != nil {
		return nil, err
	}
	m := &Maker{core: s.Core, admin: admin, say: say, roles: map[string]string{}, told: map[string]bool{}}
	if m.identity, err = cloud.NewClient(admin.Provider, cloud.Identity, s.Cloud.Endpoint); err != nil {
		return nil, err
	}
	if m.home, err = admin.Home(ctx, m.identity, s.Core.Auth.CredentialsDomain); err != nil {
		return nil, err
	}
	if s.HasService(admin, "network") == nil {
		if m.network, err = cloud.NewClient(admin.Provider, "network", s.Endpoint("network")); err != nil {
			return nil, err
		}
	}
	m.swift = s.HasService(admin, "object-store") == nil
	return m, nil
}

// Make makes accounts, all or none: when it fails, or ctx ends, it removes again what it has made. The error says
// what then is left, if anything.
func (m *Maker) Make(ctx context.Context, o Options) ([]accounts.Account, error) {
	list, err := m.plan(ctx, o)
	if err != nil {
		return nil, err
	}
	if o.Net && m.network == nil {
		return nil, fmt.Errorf("networks are asked for, and the cloud has no network service")
	}
	if err := m.makeAll(ctx, list, o); err != nil {
		m.say("removing what has been made")
		sweep, cancel := context.WithTimeout(context.WithoutCancel(ctx), Timeout)
		defer cancel()
		if _, undo := m.Remove(sweep, list); undo != nil {
			return nil, fmt.Errorf("%w; and not all that was made could be removed: %w", err, undo)
		}
		return nil, err
	}
	return list, nil
}

// plan decides which accounts there will be, with names that nothing else has.
func (m *Maker) plan(ctx context.Context, o Options) ([]accounts.Account, error) {
	var list []accounts.Account
	id := m.core.Identity
	for n := range o.Groups {
		p := &planner{maker: m, prefix: strings.Trim(fmt.Sprintf("tempest-accounts-%s", o.Tag), "-"), group: n + 1}
		p.project("main")
		p.user("member", append([]string{id.MemberRole}, id.ExtraRoles...)...)
		p.user("reader", id.ReaderRole)
		p.user("manager", id.ManagerRole)
		p.admin(o.Admin)
		if m.swift {
			if role := m.core.ObjectStore.OperatorRole; role != id.MemberRole {
				p.user("operator", role)
			}
			p.user("reseller", m.core.ObjectStore.ResellerAdminRole)
		}
		p.project("alt")
		p.user("alt-member", append([]string{id.MemberRole}, id.ExtraRoles...)...)
		p.user("alt-reader", id.ReaderRole)
		p.user("alt-manager", id.ManagerRole)
		if o.Domain {
			p.domain()
			p.user("domain-member", id.MemberRole)
			p.user("domain-reader", id.ReaderRole)
			p.user("domain-manager", id.ManagerRole)
			p.admin(o.Admin)
		}
		p.system()
		p.user("system-member", id.MemberRole)
		p.user("system-reader", id.ReaderRole)
		p.admin(o.Admin)
		all, err := p.known(ctx)
		if err != nil {
			return nil, err
		}
		list = append(list, all...)
	}
	return list, nil
}

// planner plans the accounts of one group.
type planner struct {
	maker  *Maker
	prefix string
	group  int
	place  accounts.Account // as the accounts of the current place begin
	list   []accounts.Account
}

// name returns a name that nothing else has.
func (p *planner) name(what string) string {
	return fmt.Sprintf("%s-%d-%s-%s", p.prefix, p.group, what, strings.ToLower(rand.Text())[:suffixSize])
}

const suffixSize = 8 // letters of a name that nobody guesses

func (p *planner) project(what string) {
	home := accounts.Ref{Name: p.maker.home.Name}
	p.place = accounts.Account{Project: accounts.Ref{Name: p.name(what)}, ProjectDomain: home, UserDomain: home}
}

func (p *planner) domain() {
	d := accounts.Ref{Name: p.name("domain")}
	p.place = accounts.Account{Domain: d, UserDomain: d}
}

func (p *planner) system() {
	p.place = accounts.Account{System: true, UserDomain: accounts.Ref{Name: p.maker.home.Name}}
}

// user plans a user of the current place, unless the configuration has no role for it.
func (p *planner) user(what string, roles ...string) {
	if slices.Contains(roles, "") {
		return
	}
	a := p.place
	a.Username, a.Password, a.Roles = p.name(what), rand.Text(), roles
	p.list = append(p.list, a)
}

func (p *planner) admin(wanted bool) {
	if wanted {
		p.user("admin", p.maker.core.Identity.AdminRole)
		if !p.place.Project.IsZero() { // Python Tempest takes any account of that type for a project admin
			p.list[len(p.list)-1].Types = []string{"admin"}
		}
	}
}

// known returns the accounts that were planned, without those whose roles the cloud may lack and does.
func (p *planner) known(ctx context.Context) ([]accounts.Account, error) {
	m := p.maker
	var list []accounts.Account
	for _, a := range p.list {
		missing := ""
		for _, role := range a.Roles {
			id, err := m.admin.RoleID(ctx, m.identity, role)
			if err != nil {
				return nil, err
			}
			m.roles[role] = id
			if id == "" {
				missing = role
			}
		}
		optional := missing == m.core.Identity.ManagerRole || missing == m.core.ObjectStore.ResellerAdminRole ||
			missing == m.core.ObjectStore.OperatorRole
		switch {
		case missing == "":
			list = append(list, a)
		case optional && missing != m.core.Identity.MemberRole:
			if !m.told[missing] {
				m.told[missing] = true
				m.say("no accounts with the role %s: the cloud does not have it", missing)
			}
		default:
			return nil, fmt.Errorf("the cloud has no role %q; [identity] names the roles", missing)
		}
	}
	return list, nil
}
