package fakebarbican

import (
	"net/http"
	"slices"
	"time"
)

// An acl says who may read a secret or a container beyond its owner.
type acl struct {
	users         []string
	projectAccess bool // members of the project may
	created       time.Time
	updated       time.Time
}

func (a *acl) names(user string) bool { return slices.Contains(a.users, user) }

// acls is the ACL of one secret or container, held at place.
func (s *Server) acls(title, path string, place **acl) resource {
	return resource{
		http.MethodGet: {title: title + " retrieval", allow: owner, do: func(*call) (reply, error) {
			return reply{body: describeACL(*place)}, nil
		}},
		http.MethodPut: {title: title + " Update", allow: owner, types: []string{jsonType},
			do: func(c *call) (reply, error) {
				return s.setACL(c, path, place, &acl{projectAccess: true, created: s.now()})
			}},
		http.MethodPatch: {title: title + " Update", allow: owner, types: []string{jsonType},
			do: func(c *call) (reply, error) {
				old := acl{projectAccess: true, created: s.now()}
				if *place != nil {
					old = **place
				}
				return s.setACL(c, path, place, &old)
			}},
		http.MethodDelete: {title: title + " deletion", allow: owner, do: func(*call) (reply, error) {
			*place = nil
			return reply{}, nil
		}},
	}
}

// setACL puts base, changed as the body says, in its place. Without "read" in
// the body PUT removes the ACL, and PATCH changes nothing.
func (s *Server) setACL(c *call, path string, place **acl, base *acl) (reply, error) {
	m, err := c.object(schema{name: "ACL", properties: map[string]property{"read": {kind: "object"}}, closed: true})
	if err != nil {
		return reply{}, err
	}
	read, _ := m["read"].(map[string]any)
	inner := schema{name: "ACL", closed: true, within: "read", properties: map[string]property{
		"users": {kind: "array"}, "project-access": {kind: "boolean"},
	}}
	if err := inner.check(read); err != nil {
		return reply{}, err
	}
	users, _ := read["users"].([]any)
	if len(users) > 0 { // the schema looks at the first alone
		if _, ok := users[0].(string); !ok {
			return reply{}, mismatch("ACL", "read", "%s is not of type 'string'", python(users[0]))
		}
	}
	done := reply{body: map[string]any{"acl_ref": c.ref(path + "/acl")}}
	if len(read) == 0 { // Barbican takes an empty object for none
		if c.Method == http.MethodPut {
			*place = nil
		}
		return done, nil
	}
	if access, ok := read["project-access"].(bool); ok {
		base.projectAccess = access
	}
	if _, ok := read["users"]; ok {
		base.users = nil
		for _, user := range users {
			if name, ok := user.(string); ok && !base.names(name) {
				base.users = append(base.users, name)
			}
		}
	}
	base.updated = s.now()
	*place = base
	return done, nil
}

func describeACL(a *acl) map[string]any {
	if a == nil {
		return map[string]any{"read": map[string]any{"project-access": true}}
	}
	return map[string]any{"read": map[string]any{
		"project-access": a.projectAccess,
		"users":          append([]string{}, a.users...),
		"created":        a.created.Format(isoTime),
		"updated":        a.updated.Format(isoTime),
	}}
}
