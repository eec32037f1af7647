package keystone

import (
	"cmp"
	"maps"
	"slices"
)

// grant says that an actor, a user or a group, has a role on a target, a
// project, a domain or the system.
type grant struct {
	userID, groupID     string
	projectID, domainID string
	system              bool
	roleID              string
	inherited           bool // for the projects below the target, not for the target

	// Where a grant that was worked out comes from.
	viaGroup, viaProject, viaDomain, viaRole string
}

func (g grant) actor() string { return cmp.Or(g.userID, g.groupID) }

func (g grant) compare(h grant) int {
	return cmp.Or(
		cmp.Compare(g.userID, h.userID), cmp.Compare(g.groupID, h.groupID),
		cmp.Compare(g.projectID, h.projectID), cmp.Compare(g.domainID, h.domainID),
		cmp.Compare(g.roleID, h.roleID), cmp.Compare(g.viaRole, h.viaRole),
		cmp.Compare(g.viaGroup, h.viaGroup), cmp.Compare(g.viaProject+g.viaDomain, h.viaProject+h.viaDomain),
	)
}

func (s *store) hasGrant(g grant) bool { return s.grants[g.actor()][g] }

func (s *store) addGrant(g grant) {
	actor := g.actor()
	if s.grants[actor] == nil {
		s.grants[actor] = map[grant]bool{}
	}
	s.grants[actor][g] = true
}

func (s *store) removeGrant(g grant) {
	actor := g.actor()
	delete(s.grants[actor], g)
	if len(s.grants[actor]) == 0 {
		delete(s.grants, actor)
	}
}

// dropGrants removes the grants that match.
func (s *store) dropGrants(match func(grant) bool) {
	for actor, grants := range s.grants {
		maps.DeleteFunc(grants, func(g grant, _ bool) bool { return match(g) })
		if len(grants) == 0 {
			delete(s.grants, actor)
		}
	}
}

// allGrants returns every grant, sorted.
func (s *store) allGrants() []grant {
	var all []grant
	for _, grants := range s.grants {
		all = slices.AppendSeq(all, maps.Keys(grants))
	}
	slices.SortFunc(all, grant.compare)
	return all
}

// grantsOf returns the grants of a user and of the groups they are in.
func (s *store) grantsOf(userID string) []grant {
	all := slices.Collect(maps.Keys(s.grants[userID]))
	for groupID := range s.members.backward[userID] {
		all = slices.AppendSeq(all, maps.Keys(s.grants[groupID]))
	}
	return all
}

// scope is what a token is for. The zero value is no scope.
type scope struct {
	projectID, domainID string
	system              bool
}

// rolesOn returns the ids of the roles that a user has on a scope: directly,
// through groups, inherited and implied; without those of a domain.
func (s *store) rolesOn(userID string, on scope) []string {
	if on.system {
		return s.systemRoles(userID)
	}
	var above map[string]bool
	var domainID string
	if on.projectID != "" {
		above = map[string]bool{}
		for _, p := range s.parents(on.projectID) {
			above[p.id()] = true
		}
		domainID = s.projects.byID[on.projectID].str("domain_id")
	}
	ids := map[string]bool{}
	for _, g := range s.grantsOf(userID) {
		switch {
		case on.domainID != "":
			if g.domainID == on.domainID && !g.inherited {
				ids[g.roleID] = true
			}
		case g.inherited && (above[g.projectID] || g.domainID != "" && g.domainID == domainID),
			!g.inherited && g.projectID != "" && g.projectID == on.projectID:
			ids[g.roleID] = true
		}
	}
	return s.globalRoles(s.withImplied(ids))
}

// systemRoles returns the ids of the roles that a user has on the system. One
// that they have in several ways appears as often, as it does in Keystone.
func (s *store) systemRoles(userID string) []string {
	grants := slices.DeleteFunc(s.grantsOf(userID), func(g grant) bool { return !g.system })
	slices.SortFunc(grants, grant.compare)
	var ids []string
	for _, g := range s.followImplied(grants) {
		ids = append(ids, g.roleID)
	}
	slices.Sort(ids)
	return ids
}

// withImplied adds to ids the roles that they imply, and so on.
func (s *store) withImplied(ids map[string]bool) map[string]bool {
	queue := slices.Collect(maps.Keys(ids))
	for len(queue) > 0 {
		id := queue[0]
		queue = queue[1:]
		for next := range s.implied.forward[id] {
			if !ids[next] {
				ids[next] = true
				queue = append(queue, next)
			}
		}
	}
	return ids
}

// globalRoles returns the ids that are not of domain roles, sorted.
func (s *store) globalRoles(ids map[string]bool) []string {
	var global []string
	for id := range ids {
		if s.roles.byID[id].str("domain_id") == "" {
			global = append(global, id)
		}
	}
	slices.Sort(global)
	return global
}

// effective expands grants to what they amount to: one for each member of a
// group, for each project below the target of an inherited one, and for each
// implied role.
func (s *store) effective(grants []grant) []grant {
	var all []grant
	for _, g := range grants {
		for _, byUser := range s.expandGroup(g) {
			all = append(all, s.expandInherited(byUser)...)
		}
	}
	return slices.DeleteFunc(s.followImplied(all), func(g grant) bool {
		return s.roles.byID[g.roleID].str("domain_id") != ""
	})
}

// followImplied adds to grants those of the roles that theirs imply. It goes
// the way that Keystone goes, which reaches some grants more than once.
func (s *store) followImplied(grants []grant) []grant {
	all, stack := slices.Clone(grants), slices.Clone(grants)
	followed := map[grant]bool{}
	for len(stack) > 0 {
		g := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		followed[g] = true
		for _, id := range s.implied.seconds(g.roleID) {
			next := g
			next.roleID, next.viaRole = id, g.roleID
			if !followed[next] {
				all = append(all, next)
				stack = append(stack, next)
			}
		}
	}
	return all
}

func (s *store) expandGroup(g grant) []grant {
	if g.groupID == "" {
		return []grant{g}
	}
	var all []grant
	for _, userID := range s.members.seconds(g.groupID) {
		next := g
		next.userID, next.groupID, next.viaGroup = userID, "", g.groupID
		all = append(all, next)
	}
	return all
}

func (s *store) expandInherited(g grant) []grant {
	if !g.inherited {
		return []grant{g}
	}
	var below []object
	if g.domainID != "" {
		below = s.projects.where("domain_id", g.domainID)
	} else {
		below = s.subtree(g.projectID)
	}
	all := make([]grant, len(below))
	for i, p := range below {
		next := g
		next.viaProject, next.viaDomain = g.projectID, g.domainID
		next.projectID, next.domainID, next.inherited = p.id(), "", false
		all[i] = next
	}
	return all
}

// targetsOf returns the ids of the projects, or the domains, on which a user
// has a role, sorted.
func (s *store) targetsOf(userID string, target func(grant) string) []string {
	ids := map[string]bool{}
	for _, g := range s.effective(s.grantsOf(userID)) {
		if g.userID != userID {
			continue // somebody else in a group of theirs
		}
		if id := target(g); id != "" {
			ids[id] = true
		}
	}
	return slices.Sorted(maps.Keys(ids))
}
