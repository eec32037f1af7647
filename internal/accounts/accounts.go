// Package accounts reads and writes accounts files: users that exist in a cloud already, for tests on clouds that let
// nobody make users. The format is that of Python Tempest, so that one file serves both.
//
// It also holds the locks by which processes share such accounts: files whose lock the system frees when
// their holder dies.
package accounts

import (
	"slices"
	"strings"
)

// Account is a user in an accounts file, with the place it has its roles in.
type Account struct {
	Line int // in the file, from 1

	Username, UserID string
	Password         string
	UserDomain       Ref // empty for the default of the configuration

	Project       Ref // empty for an account of a domain or the system
	ProjectDomain Ref // empty for the default of the configuration
	Domain        Ref // for an account of a domain
	System        bool

	Roles   []string // empty when the file does not say which
	Types   []string // "admin", "operator", "reseller_admin": roles that the configuration names
	Network string   // name of the network that servers of the account are attached to; empty for none
}

// Ref is a project or a domain, by name or by ID.
type Ref struct{ Name, ID string }

// String returns the name, or the ID for want of it.
func (r Ref) String() string {
	if r.Name != "" {
		return r.Name
	}
	return r.ID
}

// IsZero reports whether r names nothing.
func (r Ref) IsZero() bool { return r == Ref{} }

// Who says which user it is, for messages.
func (a Account) Who() string {
	if a.Username != "" {
		return a.Username
	}
	return a.UserID
}

// Place is equal for accounts that share a project, or a domain. Each system account has a place of its
// own: none of them changes what another sees more than all users of the cloud do.
func (a Account) Place() string {
	switch {
	case !a.Project.IsZero():
		return "project " + a.ProjectDomain.String() + "/" + a.Project.String()
	case a.System:
		return "system " + a.UserDomain.String() + "/" + a.Who()
	}
	return "domain " + a.Domain.String()
}

// RolesOf returns the roles of a with those that its types stand for: what the configuration calls the admin, the
// operator and the reseller admin. sure is false when the file does not say which roles the account has.
func (a Account) RolesOf(admin, operator, reseller string) (roles []string, sure bool) {
	roles = slices.Clone(a.Roles)
	for t, role := range map[string]string{"admin": admin, "operator": operator, "reseller_admin": reseller} {
		if slices.Contains(a.Types, t) && role != "" && !slices.Contains(roles, role) {
			roles = append(roles, role)
		}
	}
	slices.Sort(roles)
	return roles, len(roles) > 0
}

// types are the words that may stand in the field types.
func types() []string { return []string{"admin", "operator", "reseller_admin"} }

// fill puts defaults where the file is silent, as Python Tempest does: the domains of the user and the project stand
// for each other, domain_name for both.
func (a *Account) fill() {
	if !a.Project.IsZero() || a.System {
		if a.UserDomain.IsZero() {
			a.UserDomain = a.Domain
		}
		if !a.Project.IsZero() && a.ProjectDomain.IsZero() {
			a.ProjectDomain = a.Domain
		}
		a.Domain = Ref{}
	}
	if a.UserDomain.IsZero() {
		a.UserDomain = a.ProjectDomain
	}
	if !a.Project.IsZero() && a.ProjectDomain.IsZero() {
		a.ProjectDomain = a.UserDomain
	}
	if !a.Domain.IsZero() && a.UserDomain.IsZero() {
		a.UserDomain = a.Domain
	}
}

// SetDomain sets the domain where a names none.
func (a *Account) SetDomain(name string) {
	if a.UserDomain.IsZero() && a.UserID == "" {
		a.UserDomain.Name = name
	}
	if a.Project.Name != "" && a.ProjectDomain.IsZero() {
		a.ProjectDomain.Name = name
	}
}

// problem says what is wrong with a, "" for nothing.
func (a *Account) problem() string {
	switch {
	case a.Username == "" && a.UserID == "":
		return "there is no username"
	case a.Password == "":
		return "there is no password"
	case a.System && !a.Project.IsZero():
		return "both system and project_name: an account has its roles in one place"
	case a.Project.IsZero() && a.Domain.IsZero() && !a.System:
		return "there is none of project_name, tenant_name, domain_name and system"
	}
	for _, t := range a.Types {
		if !slices.Contains(types(), t) {
			return "types: " + t + " is none of " + strings.Join(types(), ", ")
		}
	}
	return ""
}
