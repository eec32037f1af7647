package cleanup

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/gotempest/tempest/internal/resource"
	"github.com/gotempest/tempest/testlib/embedded"
)

// assignments counts the roles on a project.
func (l *lab) assignments(project string) int {
	l.Helper()
	a, err := l.admin.do(l.Context(), call{
		method: http.MethodGet, url: l.url("/role_assignments?scope.project.id=" + project),
	})
	var doc struct {
		List []any `json:"role_assignments"`
	}
	if err == nil {
		err = a.decode(&doc)
	}
	if err != nil {
		l.Fatal(err)
	}
	return len(doc.List)
}

// Only a token of its project removes the thing of a service that tempest does not know: the administrator
// gets a role there, for that time.
func TestTheAdministratorEntersAProject(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	project := l.add("project", false, map[string]any{"name": "tempest-p", "domain_id": "default"})

	r, err := l.cleaner.access.in(t.Context(), project)
	if err != nil {
		t.Fatal(err)
	}

	if r.project != project {
		t.Errorf("the token is for project %q, want %q", r.project, project)
	}
	if n := l.assignments(project); n != 1 {
		t.Errorf("%d roles on the project, want that of the administrator", n)
	}
	if err := l.cleaner.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := l.assignments(project); n != 0 {
		t.Errorf("%d roles are left on the project", n)
	}
}

func TestADryRunTakesNoRole(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	project := l.add("project", false, map[string]any{"name": "tempest-p", "domain_id": "default"})
	l.cleaner.access.readOnly = true

	_, err := l.cleaner.access.in(t.Context(), project)
	if err == nil || !strings.Contains(err.Error(), "a dry run takes no role") {
		t.Errorf("entering the project: %v", err)
	}
	if n := l.assignments(project); n != 0 {
		t.Errorf("%d roles on the project", n)
	}
}

func TestAProjectThatIsGoneIsNotEntered(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	c := l.cleaner.cloud
	for scoped, want := range map[bool]string{true: "its project does not exist any more", false: ""} {
		thing := &Thing{Project: strings.Repeat("0", 32), scoped: scoped, removal: resource.Request{Service: "trips"}}

		r, err := c.rightsFor(t.Context(), thing)

		switch {
		case want == "" && (err != nil || r != l.admin):
			t.Errorf("rights = %v, %v, want those of the administrator", r, err)
		case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("error = %v, want %q", err, want)
		}
	}
}

// Without an administrator the accounts of the accounts file do what they can.
func TestAccountsWithoutAnAdministrator(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	project := l.add("project", false, map[string]any{"name": "tempest-p", "domain_id": "default"})
	user := l.add("user", false, map[string]any{"name": "tempest-u", "domain_id": "default", "password": "secret"})
	l.giveRole(user, project, "member")
	a := &access{
		session: l.session, adminErr: errors.New("401"), projects: map[string]*projectRights{}, granted: map[string]bool{},
		accounts: []Account{{UserName: "tempest-u", Auth: gophercloud.AuthOptions{
			Username: "tempest-u", Password: "secret", DomainName: "Default", Scope: &gophercloud.AuthScope{ProjectID: project},
		}}},
	}

	r, err := a.in(t.Context(), project)
	if err != nil || r.project != project {
		t.Fatalf("in its own project: %v, %v", r, err)
	}
	_, err = a.in(t.Context(), l.admin.project)
	if err == nil || !strings.Contains(err.Error(), "neither an administrator") {
		t.Errorf("in another project: %v", err)
	}
}

// giveRole gives a user a role on a project.
func (l *lab) giveRole(user, project, role string) {
	l.Helper()
	a, err := l.admin.do(l.Context(), call{method: http.MethodGet, url: l.url("/roles?name=" + role)})
	var doc struct{ Roles []struct{ ID string } }
	if err == nil {
		err = a.decode(&doc)
	}
	if err != nil || len(doc.Roles) != 1 {
		l.Fatalf("looking for role %s: %v, %v", role, doc.Roles, err)
	}
	a, err = l.admin.do(l.Context(), call{
		method: http.MethodPut, url: l.url("/projects/" + project + "/users/" + user + "/roles/" + doc.Roles[0].ID),
	})
	if err != nil || !a.ok() {
		l.Fatalf("giving a role: %v, %d", err, a.status)
	}
}

func TestOpenSaysWhyThereAreNoRights(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.session.ForgetAdministrator()
	l.session.Embedded.Inject(embedded.Fault{Path: "/v3/auth/tokens", Status: 401})

	_, err := Open(t.Context(), Options{Session: l.session, Table: resource.NewTable()})

	if err == nil || !strings.Contains(err.Error(), "401") {
		t.Errorf("Open = %v, want the reason", err)
	}
}
