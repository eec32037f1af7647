package testlib

import (
	"slices"
	"strings"
)

// A Persona is a kind of user that a test acts as: where it has roles, and which. Personas of one test that
// belong to the same place share it: all project personas have one project, all alt personas a second one, all
// domain personas one domain.
//
// A persona whose option in [identity] is empty skips the test. So does a manager on a cloud without the role:
// Keystone makes it since 2024.1.
type Persona string

// Personas. The options reader_role, member_role, manager_role and admin_role of [identity] name the roles.
// Members of projects have those of extra_roles too. The roles of operators and resellers are the options operator_role
// and reseller_admin_role of [object_store].
const (
	ProjectReader  Persona = "project_reader"
	ProjectMember  Persona = "project_member"
	ProjectManager Persona = "project_manager"
	ProjectAdmin   Persona = "project_admin"

	AltReader  Persona = "alt_reader" // on a second project, which the other personas have no role on
	AltMember  Persona = "alt_member"
	AltManager Persona = "alt_manager"
	AltAdmin   Persona = "alt_admin"

	DomainReader  Persona = "domain_reader" // on a domain of the test's own, with tokens for the domain
	DomainMember  Persona = "domain_member"
	DomainManager Persona = "domain_manager"
	DomainAdmin   Persona = "domain_admin"

	SystemReader  Persona = "system_reader" // on the system, that is the whole cloud
	SystemMember  Persona = "system_member"
	SystemManager Persona = "system_manager"
	SystemAdmin   Persona = "system_admin"

	ProjectOperator Persona = "project_operator" // of the object store: may make containers in its project
	AltOperator     Persona = "alt_operator"
	ProjectReseller Persona = "project_reseller" // of the object store: may do everything in every account
	AltReseller     Persona = "alt_reseller"
)

// Credentials asks for users: one for each persona. They belong to the test alone until it ends.
func Credentials(p ...Persona) Option { return credentialsOption(p) }

type credentialsOption []Persona

func (o credentialsOption) apply(s *settings) { s.personas = append(s.personas, o...) }

// ProjectRoles asks for a user with just these roles on the project of the test. It is known by name, which the
// author chooses, as by the name of a [Persona]:
//
//	e := testlib.Start(t, testlib.ProjectRoles("operator", "member", "creator"))
//	c := e.Client("operator", "key-manager")
//
// A role that the cloud lacks skips the test.
func ProjectRoles(name Persona, roles ...string) Option {
	return rolesOption{persona: name, scope: projectScope, roles: roles}
}

// AltProjectRoles is as [ProjectRoles], on the second project, which alt personas share.
func AltProjectRoles(name Persona, roles ...string) Option {
	return rolesOption{persona: name, scope: altScope, roles: roles}
}

// DomainRoles is as [ProjectRoles], on the domain of the test.
func DomainRoles(name Persona, roles ...string) Option {
	return rolesOption{persona: name, scope: domainScope, roles: roles}
}

// SystemRoles is as [ProjectRoles], on the system.
func SystemRoles(name Persona, roles ...string) Option {
	return rolesOption{persona: name, scope: systemScope, roles: roles}
}

type rolesOption grant

func (o rolesOption) apply(s *settings) { s.roleLists = append(s.roleLists, grant(o)) }

// Isolated says that the accounts of a test are made for it and removed after it, and serve no other test: for a
// test that changes its accounts in ways which testlib cannot see, such as through a command line, or that is
// about what a new project has. A group's subtests share its accounts all the same.
func Isolated() Option { return isolatedOption{} }

type isolatedOption struct{}

func (isolatedOption) apply(s *settings) { s.isolated = true }

// scope is where a persona has its roles, among the places of one test.
type scope string

const (
	projectScope scope = "project"
	altScope     scope = "alt"
	domainScope  scope = "domain"
	systemScope  scope = "system"
)

// scopes lists all, in the order in which accounts are made.
func scopes() []scope { return []scope{projectScope, altScope, domainScope, systemScope} }

// kind is what a place of that scope is.
func (s scope) kind() kind {
	switch s {
	case domainScope:
		return domainKind
	case systemScope:
		return systemKind
	case projectScope, altScope:
	}
	return projectKind
}

// grant is a persona and the roles that it has.
type grant struct {
	persona Persona
	scope   scope
	roles   []string
	named   bool   // by [identity], not by the test: that the cloud lacks one is no reason to skip
	rank    string // of a named one: "member", "reader" …
}

// group is the group of options that names the role of a persona.
func (g grant) group() string {
	if g.rank == operatorRank || g.rank == resellerRank {
		return "object_store"
	}
	return "identity"
}

// key is equal for accounts that can stand for each other.
func (g grant) key() string {
	roles := slices.Clone(g.roles)
	slices.Sort(roles)
	return strings.Join(slices.Compact(roles), ",")
}

// Ranks of personas.
const (
	memberRank   = "member"
	managerRank  = "manager"
	operatorRank = "operator"
	resellerRank = "reseller"
)

// grantOf returns what a persona of the constants above is, and false for any other.
func (s *session) grantOf(p Persona) (grant, bool) {
	where, rank, _ := strings.Cut(string(p), "_")
	g := grant{persona: p, scope: scope(where), named: true, rank: rank}
	if !slices.Contains(scopes(), g.scope) {
		return g, false
	}
	o := s.Core.Identity
	switch rank {
	case "reader":
		g.roles = []string{o.ReaderRole}
	case memberRank:
		g.roles = []string{o.MemberRole}
		if g.scope.kind() == projectKind {
			g.roles = append(g.roles, o.ExtraRoles...)
		}
	case managerRank:
		g.roles = []string{o.ManagerRole}
	case "admin":
		g.roles = []string{o.AdminRole}
	case operatorRank, resellerRank:
		if g.scope.kind() != projectKind {
			return g, false
		}
		g.roles = []string{s.Core.ObjectStore.OperatorRole}
		if rank == resellerRank {
			g.roles = []string{s.Core.ObjectStore.ResellerAdminRole}
		}
	default:
		return g, false
	}
	return g, true
}

// grants returns what the options ask for beyond what e has already from its parents.
func (e *Env) grants(set settings) []grant {
	e.Helper()
	var list []grant
	have := map[Persona]bool{}
	for _, p := range set.personas {
		g, ok := e.session.grantOf(p)
		if !ok {
			e.Fatalf("there is no persona %q", p)
		}
		if !have[p] && e.find(p) == nil {
			list = append(list, g)
		}
		have[p] = true
	}
	for _, g := range set.roleLists {
		if _, ok := e.session.grantOf(g.persona); ok || g.persona == "" || have[g.persona] || e.find(g.persona) != nil {
			e.Fatalf("persona %q of a list of roles: choose a name that no other persona has", g.persona)
		}
		if len(g.roles) == 0 || slices.Contains(g.roles, "") {
			e.Fatalf("persona %q has no roles: name at least one, none of them empty", g.persona)
		}
		have[g.persona] = true
		list = append(list, g)
	}
	for _, g := range list {
		if g.named && slices.Contains(g.roles, "") {
			e.Skipf("needs a %s, whose role in [%s] is empty", g.persona, g.group())
		}
	}
	return list
}
