package provision

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/projects"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/users"

	"github.com/gotempest/tempest/internal/cloud"
	"github.com/gotempest/tempest/testlib/config"
	"github.com/gotempest/tempest/testlib/embedded"
)

// open returns a maker on an embedded cloud, and what it says.
func open(t *testing.T) (*Maker, *cloud.Session, *strings.Builder) {
	t.Helper()
	var core config.Core
	core.Auth.Cloud, core.Auth.DynamicCredentials = "embedded", true
	core.Auth.ConnectTimeout, core.Auth.RequestTimeout = time.Minute, time.Minute
	o := &core.Identity
	o.ReaderRole, o.MemberRole, o.ManagerRole, o.AdminRole = "reader", "member", "manager", "admin"
	s, err := cloud.Open(t.Context(), core)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	var said strings.Builder
	m, err := Open(t.Context(), s, func(format string, _ ...any) { said.WriteString(format + "\n") })
	if err != nil {
		t.Fatal(err)
	}
	return m, s, &said
}

// left counts the users and projects of the cloud.
func left(t *testing.T, m *Maker) int {
	t.Helper()
	ctx := context.WithoutCancel(t.Context())
	page, err := users.List(m.identity, nil).AllPages(ctx)
	if err != nil {
		t.Fatal(err)
	}
	people, err := users.ExtractUsers(page)
	if err != nil {
		t.Fatal(err)
	}
	if page, err = projects.List(m.identity, nil).AllPages(ctx); err != nil {
		t.Fatal(err)
	}
	places, err := projects.ExtractProjects(page)
	if err != nil {
		t.Fatal(err)
	}
	return len(people) + len(places)
}

func TestMakeAndRemove(t *testing.T) {
	t.Parallel()
	m, _, said := open(t)
	before := left(t, m)

	list, err := m.Make(t.Context(), Options{Groups: 2, Tag: "x", Admin: true, Domain: true})
	if err != nil {
		t.Fatal(err)
	}

	const users, places = 2 * 11, 2 * 3 // of each group: 3 + 2 + 3 + 3 users; two projects and a domain
	if len(list) != users {
		t.Errorf("%d accounts, want %d: %+v", len(list), users, list)
	}
	if n := strings.Count(said.String(), "the cloud does not have it"); n != 1 {
		t.Errorf("it was told %d times that the role manager is missing:\n%s", n, said)
	}
	for i, want := range []Removed{{Removed: users + places}, {Absent: users + places}} {
		got, err := m.Remove(t.Context(), list)
		if err != nil || got != want {
			t.Errorf("attempt %d: Remove = %+v, %v; want %+v", i+1, got, err, want)
		}
	}
	if after := left(t, m); after != before {
		t.Errorf("%d users and projects, want %d as before", after, before)
	}
}

// Whatever goes wrong in the middle, nothing stays.
func TestMakeIsAllOrNothing(t *testing.T) {
	t.Parallel()
	faults := map[string]embedded.Fault{
		"refused":    {Method: http.MethodPost, Path: "/v3/users", Status: http.StatusForbidden},
		"broken":     {Method: http.MethodPost, Path: "/v3/users", Status: http.StatusBadGateway},
		"no project": {Method: http.MethodPost, Path: "/v3/projects", Status: http.StatusConflict},
		"no role":    {Method: http.MethodPut, Status: http.StatusForbidden},
	}
	for name, fault := range faults {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m, s, _ := open(t)
			before := left(t, m)
			made := 0
			m.say = func(string, ...any) {
				fault.Body, fault.Times = `{"error": {}}`, 1
				if made++; made == 4 { // a project and users are there
					s.Embedded.Inject(fault)
				}
			}

			list, err := m.Make(t.Context(), Options{Groups: 2})

			if err == nil || list != nil {
				t.Errorf("Make = %v, %v; want an error", list, err)
			}
			if after := left(t, m); after != before {
				t.Errorf("%d users and projects, want %d as before; the error was %v", after, before, err)
			}
		})
	}
}

func TestMakeIsUndoneWhenItsContextEnds(t *testing.T) {
	t.Parallel()
	m, _, _ := open(t)
	before := left(t, m)
	ctx, cancel := context.WithCancel(t.Context())
	made := 0
	m.say = func(string, ...any) {
		if made++; made == 4 {
			cancel()
		}
	}

	if _, err := m.Make(ctx, Options{Groups: 1}); err == nil {
		t.Error("Make succeeded")
	}

	if after := left(t, m); after != before {
		t.Errorf("%d users and projects, want %d as before", after, before)
	}
}
