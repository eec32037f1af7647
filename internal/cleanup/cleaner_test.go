package cleanup

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gotempest/tempest/internal/cloud"
	"github.com/gotempest/tempest/internal/ledger"
	"github.com/gotempest/tempest/internal/resource"
	"github.com/gotempest/tempest/testlib/config"
	"github.com/gotempest/tempest/testlib/embedded"
)

// lab is an embedded cloud, and a ledger of a process that has ended.
type lab struct {
	*testing.T

	session *cloud.Session
	admin   *rights
	cleaner *Cleaner
	writer  *ledger.Writer
	dir     string
	told    []string // warnings
}

func newLab(t *testing.T) *lab {
	t.Helper()
	var core config.Core
	core.Auth.Cloud, core.Identity.AdminRole = "embedded", "admin"
	core.Auth.ConnectTimeout, core.Auth.RequestTimeout = 10*time.Second, 10*time.Second
	s, err := cloud.Open(t.Context(), core)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	l := &lab{T: t, session: s, dir: filepath.Join(t.TempDir(), "r1")}
	l.cleaner, err = Open(t.Context(), Options{
		Session: s, Table: resource.NewTable(),
		Limits: Limits{Patience: 700 * time.Millisecond, Wait: 700 * time.Millisecond, Settle: 700 * time.Millisecond},
		Warn:   func(err error) { l.told = append(l.told, err.Error()) },
	})
	if err != nil {
		t.Fatal(err)
	}
	l.admin = l.cleaner.access.admin
	l.writer = ledger.NewWriter(l.dir, ledger.Head{
		Run: "r1", Program: "example.com/tests", Cloud: ledger.Cloud{AuthURL: s.Cloud.Auth.IdentityEndpoint},
	})
	return l
}

// add makes something, and writes it down if asked to.
func (l *lab) add(kind string, write bool, fields map[string]any) string {
	l.Helper()
	a, err := l.admin.do(l.Context(), call{
		method: http.MethodPost, url: l.url("/" + kind + "s"), body: map[string]any{kind: fields},
	})
	if err != nil || !a.ok() {
		l.Fatalf("making a %s: %v %s", kind, err, a.body)
	}
	var doc map[string]struct{ ID string }
	if err := a.decode(&doc); err != nil {
		l.Fatal(err)
	}
	id := doc[kind].ID
	if write {
		name, _ := fields["name"].(string)
		n := l.intend(kind, name)
		typ, ok := resource.NewTable().Type(identity, kind)
		if !ok {
			l.Fatalf("the table has no %s", kind)
		}
		if err := l.writer.Made(n, ledger.Thing{
			Service: identity, Type: kind, ID: id, Name: name, URL: l.url("/" + kind + "s/" + id),
			Path: "/" + kind + "s/" + id, Rank: typ.Rank,
		}); err != nil {
			l.Fatal(err)
		}
	}
	return id
}

// intend writes a request down whose answer never comes.
func (l *lab) intend(kind, name string) int {
	l.Helper()
	n, err := l.writer.Intent(ledger.Intent{
		Test: "TestThing", Service: identity, Type: kind, Method: http.MethodPost, URL: l.url("/" + kind + "s"),
		Path: "/" + kind + "s", Name: name, Project: l.admin.project, Time: time.Now(),
	})
	if err != nil {
		l.Fatal(err)
	}
	return n
}

func (l *lab) url(path string) string {
	l.Helper()
	address, err := l.admin.url(identity, path)
	if err != nil {
		l.Fatal(err)
	}
	return address
}

// names lists what there is of a kind whose name begins with tempest-.
func (l *lab) names(kind string) []string {
	l.Helper()
	typ, _ := resource.NewTable().Type(identity, kind)
	all, err := l.cleaner.cloud.find.list(l.Context(), l.admin, typ, "")
	if err != nil {
		l.Fatal(err)
	}
	var names []string
	for _, t := range all {
		if strings.HasPrefix(t.Name, "tempest-") {
			names = append(names, t.Name)
		}
	}
	return names
}

// sweep removes what the ledger holds, as the command does.
func (l *lab) sweep() (Result, []Unknown) {
	l.Helper()
	run, err := ledger.ReadRun(l.dir)
	if err != nil {
		l.Fatal(err)
	}
	var book Ledgers
	for i, f := range run.Files { // the writer, this process, has not ended
		data, err := os.ReadFile(f.Path)
		if err != nil {
			l.Fatal(err)
		}
		other := filepath.Join(filepath.Dir(f.Path), "other"+ledger.Suffix)
		if err := os.WriteFile(other, data, 0o600); err != nil {
			l.Fatal(err)
		}
		run.Files[i].Path = other
	}
	if live, err := book.Claim(run); live != 0 || err != nil {
		l.Fatalf("Claim = %d, %v", live, err)
	}
	found, unknown, err := l.cleaner.Find(l.Context(), &book)
	if err != nil {
		l.Fatal(err)
	}
	r, err := l.cleaner.Remove(l.Context(), found)
	if err != nil {
		l.Fatal(err)
	}
	if unknown, err = Settle(r, unknown); err != nil {
		l.Fatal(err)
	}
	if err := book.Close(); err != nil {
		l.Fatal(err)
	}
	return r, unknown
}

// remains reports what the ledger that was swept still holds.
func (l *lab) remains() []string {
	l.Helper()
	f, err := ledger.ReadFile(filepath.Join(l.dir, "other"+ledger.Suffix))
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil && !strings.Contains(err.Error(), "no such file") {
		l.Fatal(err)
	}
	var names []string
	for _, e := range f.Open() {
		names = append(names, e.Intent.Name)
	}
	return names
}

func TestWhatALedgerHoldsIsRemoved(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	domain := l.add("domain", true, map[string]any{"name": "tempest-domain"})
	l.add("user", false, map[string]any{"name": "tempest-in-domain", "domain_id": domain, "password": "x"})
	l.add("project", false, map[string]any{"name": "tempest-p-in-domain", "domain_id": domain})
	l.add("project", true, map[string]any{"name": "tempest-project", "domain_id": "default"})
	l.add("user", true, map[string]any{"name": "tempest-user", "domain_id": "default", "password": "x"})
	l.add("user", false, map[string]any{"name": "tempest-unanswered", "domain_id": "default", "password": "x"})
	l.intend("user", "tempest-unanswered")
	l.intend("user", "tempest-never-made")
	l.add("user", false, map[string]any{"name": "tempest-of-others", "domain_id": "default", "password": "x"})

	r, unknown := l.sweep()

	if len(r.Left) > 0 || len(unknown) > 0 {
		t.Errorf("left %v and %v", leftText(r), unknown)
	}
	if diff := cmp.Diff([]string{"tempest-of-others"}, l.names("user")); diff != "" {
		t.Errorf("users (-want +got):\n%s", diff)
	}
	if got := slices.Concat(l.names("project"), l.names("domain")); len(got) > 0 {
		t.Errorf("still there: %v", got)
	}
	if got := l.remains(); len(got) > 0 {
		t.Errorf("the ledger still holds %v", got)
	}
}

func TestFaultsOfTheCloud(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		faults   []embedded.Fault
		wantLeft string // part of the reason; empty when the user is removed
	}{
		"unavailable twice": {faults: []embedded.Fault{{Method: "DELETE", Path: "/v3/users/*", Status: 503, Times: 2}}},
		"cut once":          {faults: []embedded.Fault{{Method: "DELETE", Path: "/v3/users/*", Cut: true, Times: 1}}},
		"conflict, then not": {faults: []embedded.Fault{
			{Method: "DELETE", Path: "/v3/users/*", Status: 409, Body: `{"error":{"message":"in use"}}`, Times: 2},
		}},
		"forbidden": {
			faults: []embedded.Fault{
				{Method: "DELETE", Path: "/v3/users/*", Status: 403, Body: `{"error":{"message":"not you"}}`},
			},
			wantLeft: "DELETE was answered 403: not you",
		},
		"in use for ever": {
			faults: []embedded.Fault{
				{Method: "DELETE", Path: "/v3/users/*", Status: 409, Body: `{"error":{"message":"in use"}}`},
			},
			wantLeft: "DELETE was answered 409: in use",
		},
		"cut for ever": {faults: []embedded.Fault{{Method: "DELETE", Path: "/v3/users/*", Cut: true}}, wantLeft: "EOF"},
		"accepted for ever": {
			faults: []embedded.Fault{{Method: "DELETE", Path: "/v3/users/*", Status: 202}}, wantLeft: "still there",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			l.add("user", true, map[string]any{"name": "tempest-user", "domain_id": "default", "password": "x"})
			for _, f := range tt.faults {
				l.session.Embedded.Inject(f)
			}

			r, _ := l.sweep()

			if tt.wantLeft == "" {
				if got := l.names("user"); len(got) > 0 || len(r.Left) > 0 || len(l.remains()) > 0 {
					t.Errorf("still there: %v; left: %v; in the ledger: %v", got, leftText(r), l.remains())
				}
				return
			}
			if got := strings.Join(leftText(r), "\n"); !strings.Contains(got, tt.wantLeft) {
				t.Errorf("left %q, want a reason with %q", got, tt.wantLeft)
			}
			if diff := cmp.Diff([]string{"tempest-user"}, l.remains()); diff != "" {
				t.Errorf("the ledger holds (-want +got):\n%s", diff)
			}
		})
	}
}

func TestWhatIsNotThereIsNoTrouble(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	id := l.add("user", true, map[string]any{"name": "tempest-user", "domain_id": "default", "password": "x"})
	a, err := l.admin.do(t.Context(), call{method: http.MethodDelete, url: l.url("/users/" + id)})
	if err != nil || !a.ok() {
		t.Fatal(err, a.status)
	}

	r, _ := l.sweep()

	if len(r.Left) > 0 || len(l.remains()) > 0 {
		t.Errorf("left %v, in the ledger %v", leftText(r), l.remains())
	}
}

func TestTheAdministratorIsNotRemoved(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	me := l.cleaner.access.userID
	things := []*Thing{
		{ID: me, removal: resource.Request{Service: identity, Path: "/users/" + me}},
		{ID: l.admin.project, removal: resource.Request{Service: identity, Path: "/projects/" + l.admin.project}},
	}

	r, err := l.cleaner.Remove(t.Context(), things)

	if err != nil || len(r.Removed) > 0 || len(r.Left) != len(things) {
		t.Errorf("Remove = removed %v, left %v, %v", removedIDs(r), leftText(r), err)
	}
	if !strings.Contains(strings.Join(leftText(r), " "), "the administrator's own") {
		t.Errorf("left %v, want the reason", leftText(r))
	}
}

func TestANameThatTempestDoesNotMakeIsNoProof(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.add("user", false, map[string]any{"name": "somebody", "domain_id": "default", "password": "x"})
	l.intend("user", "somebody")

	_, unknown := l.sweep()

	if len(unknown) != 1 || !strings.Contains(unknown[0].Reason.Error(), "nothing tells whether tempest made it") {
		t.Errorf("unknown = %v, want the one", unknown)
	}
	if diff := cmp.Diff([]string{"somebody"}, l.remains()); diff != "" {
		t.Errorf("the ledger holds (-want +got):\n%s", diff)
	}
}

func TestSearchFindsByPrefix(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	for _, name := range []string{"tempest-a", "tempest-b", "other"} {
		l.add("user", false, map[string]any{"name": name, "domain_id": "default", "password": "x"})
	}
	l.add("project", false, map[string]any{"name": "tempest-p", "domain_id": "default"})

	found, err := l.cleaner.Search(t.Context(), Search{Prefix: "tempest-"})
	var names []string
	for _, t := range found.Things {
		names = append(names, t.Type+" "+t.Name)
	}
	slices.Sort(names)

	want := []string{"project tempest-p", "user tempest-a", "user tempest-b"}
	if diff := cmp.Diff(want, names); diff != "" || err != nil {
		t.Errorf("Search: %v (-want +got):\n%s", err, diff)
	}
	old, err := l.cleaner.Search(t.Context(), Search{Prefix: "tempest-", Before: time.Now().Add(-time.Hour)})
	if err != nil || len(old.Things) > 0 || old.Ages != len(want) {
		t.Errorf("Search with a time = %d things, %d without one, %v", len(old.Things), old.Ages, err)
	}
}

func TestAnInterruptedRemovalCanBeRepeated(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.add("user", true, map[string]any{"name": "tempest-user", "domain_id": "default", "password": "x"})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	book := Ledgers{}
	run, err := ledger.ReadRun(l.dir)
	if err != nil {
		t.Fatal(err)
	}
	book.Watch(run, true)

	r, err := l.cleaner.Remove(ctx, book.things)

	if err != nil || len(r.Left) != 1 {
		t.Errorf("Remove = left %v, %v", leftText(r), err)
	}
	if r, _ := l.sweep(); len(r.Left) > 0 || len(l.names("user")) > 0 {
		t.Errorf("the second time left %v", leftText(r))
	}
}

// A process is killed, and the cloud carries out what it has sent a moment before.
func TestWhatIsMadeAfterTheKillIsFound(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.cleaner.o.Limits.Settle = time.Minute
	l.intend("user", "tempest-late")
	looks := 0
	l.cleaner.cloud.find.looked = func() {
		if looks++; looks == 2 {
			l.add("user", false, map[string]any{"name": "tempest-late", "domain_id": "default", "password": "x"})
		}
	}

	r, unknown := l.sweep()

	if got := l.names("user"); len(got) > 0 || len(unknown) > 0 {
		t.Errorf("still there: %v; left %v, unknown %v", got, leftText(r), unknown)
	}
}
