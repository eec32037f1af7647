//go:build tempest

package embedded_test

import (
	"fmt"
	"math/rand/v2"
)

// world writes a scenario of who has which role on what, by chance.
type world struct {
	*rand.Rand
	lines []string
}

// How large a world is: large enough for groups, trees and implied roles to
// meet, small enough for a real cloud to answer in half a minute.
const (
	worldProjects, worldUsers, worldGroups, worldRoles = 5, 3, 2, 4
	worldGrants, worldImplied                          = 22, 5
)

// randomScenario returns the scenario of one seed: a domain with a tree of
// projects, users in groups, roles that imply others, grants of every kind,
// some of them revoked, and then every question about the result.
func randomScenario(seed uint64) scenario {
	w := &world{Rand: rand.New(rand.NewPCG(seed, 0))}
	w.say(`domain = POST /domains {"domain": {"name": "{run}-domain"}}`)
	for i := range worldProjects {
		parent := "{domain}"
		if i > 0 && w.IntN(3) > 0 {
			parent = fmt.Sprintf("{p%d}", w.IntN(i))
		}
		w.say(`p%d = POST /projects {"project": {"name": "{run}-p%d", "domain_id": "{domain}", "parent_id": "%s"}}`,
			i, i, parent)
	}
	for i := range worldUsers {
		w.say(`u%d = POST /users {"user": {"name": "{run}-u%d", "domain_id": "{domain}", "password": "pw"}}`, i, i)
	}
	for i := range worldGroups {
		w.say(`g%d = POST /groups {"group": {"name": "{run}-g%d", "domain_id": "{domain}"}}`, i, i)
		w.say("PUT /groups/{g%d}/users/%s", i, w.one("u", worldUsers))
	}
	for i := range worldRoles {
		w.say(`r%d = POST /roles {"role": {"name": "{run}-r%d"}}`, i, i)
	}
	w.say(`r%d = POST /roles {"role": {"name": "{run}-own", "domain_id": "{domain}"}}`, worldRoles)
	for range worldImplied {
		w.say("PUT %s", w.rule())
	}
	var grants []string
	for range worldGrants {
		grants = append(grants, w.grant())
		w.say("PUT %s", grants[len(grants)-1])
	}
	w.ask()
	for range worldImplied {
		w.say("DELETE %s", grants[w.IntN(len(grants))])
		w.say("DELETE %s", w.rule())
	}
	w.say("DELETE /groups/%s/users/%s", w.one("g", worldGroups), w.one("u", worldUsers))
	w.say("DELETE /roles/%s", w.one("r", worldRoles))
	w.ask()
	return scenario{service: identityService(), name: fmt.Sprint("seed-", seed), lines: w.lines}
}

func (w *world) say(format string, args ...any) {
	w.lines = append(w.lines, fmt.Sprintf(format, args...))
}

// one is one of n things of a kind, as {p3}.
func (w *world) one(kind string, n int) string { return fmt.Sprintf("{%s%d}", kind, w.IntN(n)) }

func (w *world) role() string { return w.one("r", worldRoles+1) }

// rule is the path of a rule that one role implies another. There are no
// circles: what Keystone lists twice in one depends on its database.
func (w *world) rule() string {
	prior := 1 + w.IntN(worldRoles)
	return fmt.Sprintf("/roles/{r%d}/implies/%s", prior, w.one("r", prior))
}

// grant is the path of a grant of some kind.
func (w *world) grant() string {
	actor := "users/" + w.one("u", worldUsers)
	if w.IntN(2) == 0 {
		actor = "groups/" + w.one("g", worldGroups)
	}
	role := actor + "/roles/" + w.role()
	switch w.IntN(6) {
	case 0:
		return "/domains/{domain}/" + role
	case 1:
		return "/system/" + role
	case 2:
		return "/OS-INHERIT/projects/" + w.one("p", worldProjects) + "/" + role + "/inherited_to_projects"
	case 3:
		return "/OS-INHERIT/domains/{domain}/" + role + "/inherited_to_projects"
	}
	return "/projects/" + w.one("p", worldProjects) + "/" + role
}

// ask asks everything about the world as it is.
func (w *world) ask() {
	for i := range worldUsers {
		w.say("GET /role_assignments?user.id={u%d}", i)
		w.say("GET /role_assignments?user.id={u%d}&effective", i)
		w.say("GET /users/{u%d}/groups", i)
		w.say("GET /users/{u%d}/projects?domain_id={domain}", i)
		w.login(i, `{"domain": {"id": "{domain}"}}`)
		w.login(i, `{"system": {"all": true}}`)
		for p := range worldProjects {
			w.login(i, fmt.Sprintf(`{"project": {"id": "{p%d}"}}`, p))
		}
	}
	for i := range worldProjects {
		query := fmt.Sprintf("GET /role_assignments?scope.project.id={p%d}", i)
		for _, more := range []string{"", "&effective", "&include_subtree", "&include_subtree&effective&include_names"} {
			w.say("%s", query+more)
		}
		w.say("GET /projects/{p%d}?parents_as_ids&subtree_as_ids", i)
	}
	for _, more := range []string{"", "&effective", "&scope.OS-INHERIT:inherited_to=projects"} {
		w.say("%s", "GET /role_assignments?scope.domain.id={domain}"+more)
	}
	for i := range worldGroups {
		w.say("GET /role_assignments?group.id={g%d}&include_names", i)
	}
	w.say("GET /roles?domain_id={domain}")
}

func (w *world) login(user int, scope string) {
	body := `{"auth": {"identity": {"methods": ["password"], "password": {"user": {"id": "{u%d}", "password": "pw"}}},` +
		` "scope": %s}}`
	w.say("POST /auth/tokens?nocatalog @- "+body, user, scope)
}
