package keystone

import (
	"net/http"
	"strings"
)

func (s *Service) groupResource() *resource {
	return &resource{
		member: "group", collection: "groups", table: s.groups,
		schema: groupSchema, patch: changed(groupSchema),
		filters: []string{"domain_id", "name"},
		list: func(r *request) ([]object, error) {
			within := r.scopeDomain()
			var target object
			if within != "" {
				target = object{"group": object{"domain_id": within}}
			}
			if err := r.enforce("list_groups", target); err != nil {
				return nil, err
			}
			return inDomain(s.groups.list(), within), nil
		},
		tells:  []string{"delete"},
		create: s.createGroup,
		update: updateGroup,
		remove: func(_ *request, o object) error {
			s.forgetGroup(o.id())
			return nil
		},
	}
}

func (s *Service) createGroup(r *request, o object) error {
	o["name"] = strings.TrimSpace(o.str("name"))
	o.setDefault("description", "")
	if o.str("domain_id") == "" {
		o["domain_id"] = r.homeDomain()
	}
	_, err := s.domain(o.str("domain_id"))
	return err
}

func updateGroup(_ *request, old, patch object) (object, error) {
	if domain, ok := patch["domain_id"]; ok && domain != old["domain_id"] {
		return nil, badRequest("Cannot change Domain ID")
	}
	next := old.with(patch)
	next["name"] = strings.TrimSpace(next.str("name"))
	return next, nil
}

// forgetGroup removes what hangs on a group. Its members lose their tokens
// when it had roles.
func (s *Service) forgetGroup(id string) {
	if len(s.grants[id]) > 0 {
		for _, user := range s.members.seconds(id) {
			s.revokeUser(user)
		}
	}
	delete(s.grants, id)
	s.members.drop(id)
}

func (s *Service) groupRoutes(rt *router) {
	rt.handle("GET /groups/{group_id}/users", s.listMembers)
	rt.handle("GET /groups/{group_id}/users/{user_id}", s.member("check_user_in_group"))
	rt.handle("PUT /groups/{group_id}/users/{user_id}", s.member("add_user_to_group"))
	rt.handle("DELETE /groups/{group_id}/users/{user_id}", s.member("remove_user_from_group"))
}

func (s *Service) listMembers(r *request) (*response, error) {
	group, err := s.groups.get(r.PathValue("group_id"))
	target := object{}
	if err == nil {
		target["group"] = group
	}
	if denied := r.enforce("list_users_in_group", target); denied != nil {
		return nil, denied
	}
	if err != nil {
		return nil, err
	}
	var users []object
	for _, id := range s.members.seconds(group.id()) {
		users = append(users, s.users.byID[id])
	}
	users = inDomain(users, r.scopeDomain())
	return r.collection("users", apply(r.filters("domain_id", "enabled", "name"), users))
}

// member handles the membership of one user in one group.
func (s *Service) member(action string) handler {
	return func(r *request) (*response, error) {
		group, noGroup := s.groups.get(r.PathValue("group_id"))
		user, noUser := s.users.get(r.PathValue("user_id"))
		target := object{}
		if noGroup == nil {
			target["group"] = group
		}
		if noUser == nil {
			target["user"] = user
		}
		if err := r.enforce(action, target); err != nil {
			return nil, err
		}
		if noGroup != nil {
			return nil, noGroup
		}
		if noUser != nil {
			return nil, noUser
		}
		if r.Method == http.MethodPut {
			s.members.add(group.id(), user.id())
			return noContent()
		}
		if !s.members.has(group.id(), user.id()) {
			return nil, notFoundText("User '%s' not found in group '%s'", user.id(), group.id())
		}
		if r.Method == http.MethodDelete {
			s.members.remove(group.id(), user.id())
			s.revokeUser(user.id())
		}
		return noContent()
	}
}
