//nolint:thelper // the case functions are tests, which another process runs
package testlib

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/domains"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/groups"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/projects"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/users"

	"github.com/gotempest/tempest/internal/cloud"
	"github.com/gotempest/tempest/internal/ledger"
	"github.com/gotempest/tempest/internal/secret"
	"github.com/gotempest/tempest/testlib/embedded"
)

func TestLeaks(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		passes bool
		output []string
	}{
		"LeakGroup": {output: []string{
			"left behind group ", `"the group", made by POST http://`,
			"/v3/groups: register its removal with e.Cleanup; removed now",
			"=== ATTR  TestCase/LeakGroup leaks group ", "!cleanup --run",
		}},
		"LeakCascade": {passes: true, output: []string{"GET http", "/v3/groups/", "!left behind"}},
		"LeakSubtest": {output: []string{", in TestCase/LeakSubtest/sub: register its removal", "removed now",
			"--- PASS: TestCase/LeakSubtest/sub"}},
		"LeakParent": {passes: true, output: []string{"!left behind"}},
		"LeakRefused": {output: []string{"left behind the group: ", "500", "leaks group ",
			"!register its removal", "removing it now was answered 500"}},
		"LeakSkipped": {output: []string{"left behind group ", "removed now"}},
		"LeakOrder": {output: []string{"left behind user ", "left behind domain ", "left behind project ", "-child-",
			"!removing it now"}},
		"LeakFake":   {output: []string{"left behind trip t1", "left behind element of visits v9", "!left behind trip t2"}},
		"LeakStream": {passes: true},
		"LeakNoName": {output: []string{"left behind floatingip f2", "removed now", "!floatingip f1"}},
		"LeakHidden": {output: []string{"left behind volume late", "made by POST http", "servers: register its removal",
			"removed now", "leaks volume late"}},
		"LeakHiddenGoes":    {passes: true, output: []string{"!left behind"}},
		"LeakHiddenOther":   {passes: true, output: []string{"!left behind", "!volumes/detail"}},
		"LeakOrderedSecret": {output: []string{"left behind secret new", "orders: register its removal", "removed now"}},
		"LeakHiddenNone":    {passes: true, output: []string{"!left behind", "!volumes/detail"}},
		"LeakGoing":         {passes: true, output: []string{"GET http", "!left behind"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			output, passed := runCase(t, name)

			if passed != tt.passes {
				t.Errorf("passed = %v, want %v", passed, tt.passes)
			}
			want(t, output, tt.output...)
			if n := strings.Count(output, "left behind trip"); n > 1 {
				t.Errorf("%d messages about one trip:\n%s", n, output)
			}
			if n := strings.Count(output, "left behind group") + strings.Count(output, "left behind the group"); n > 1 {
				t.Errorf("%d messages about one group:\n%s", n, output)
			}
		})
	}
}

// newGroup makes a group and removes it by no means.
func newGroup(e *Env, domain string) *groups.Group {
	e.Helper()
	o := groups.CreateOpts{Name: "the group", DomainID: domain}
	g, err := groups.Create(e.Context(), e.Identity(ProjectAdmin), o).Extract()
	if err != nil {
		e.Fatal(err)
	}
	return g
}

func caseLeakGroup(t *testing.T) {
	newGroup(Start(t, Credentials(ProjectAdmin)), "")
}

// caseLeakCascade removes a domain, and with it a group in it.
func caseLeakCascade(t *testing.T) {
	e := Start(t, Credentials(ProjectAdmin))
	c := e.Identity(ProjectAdmin)
	d, err := domains.Create(e.Context(), c, domains.CreateOpts{Name: e.Name("domain")}).Extract()
	if err != nil {
		e.Fatal(err)
	}
	e.Cleanup("domain", func(ctx context.Context) error { return removeDomain(ctx, c, d.ID) })
	newGroup(e, d.ID)
}

func caseLeakSubtest(t *testing.T) {
	e := Start(t, Credentials(ProjectAdmin))
	e.Run("sub", func(e *Env) { newGroup(e, "") })
}

// caseLeakParent removes in the group what a subtest made.
func caseLeakParent(t *testing.T) {
	e := Start(t, Credentials(ProjectAdmin))
	var g *groups.Group
	c := e.Identity(ProjectAdmin)
	e.Cleanup("group", func(ctx context.Context) error {
		return groups.Delete(ctx, c, g.ID).ExtractErr()
	})
	e.Run("sub", func(e *Env) { g = newGroup(e, "") })
}

// caseLeakRefused has a clean-up that the cloud refuses.
func caseLeakRefused(t *testing.T) {
	e := Start(t, Credentials(ProjectAdmin), NoRetry)
	g, c := newGroup(e, ""), e.Identity(ProjectAdmin)
	cloudOf(e).Inject(embedded.Fault{Method: "DELETE", Path: "/v3/groups/*", Status: 500, Body: `{"error":{}}`})
	e.Cleanup("the group", func(ctx context.Context) error {
		return groups.Delete(ctx, c, g.ID).ExtractErr()
	})
}

func caseLeakSkipped(t *testing.T) {
	e := Start(t, Credentials(ProjectAdmin))
	newGroup(e, "")
	e.Skip("changed its mind")
}

// caseLeakLost makes a group whose answer never comes, and passes nevertheless.
func caseLeakLost(t *testing.T) {
	e := Start(t, Credentials(ProjectAdmin))
	_, err := groups.Create(e.Context(), e.Identity(ProjectAdmin), groups.CreateOpts{Name: "the group"}).Extract()
	if err == nil {
		e.Fatal("the answer came")
	}
}

// caseLeakOrder leaves things that can only be removed in an order, and a domain that must be disabled before.
func caseLeakOrder(t *testing.T) {
	e := Start(t, Credentials(ProjectAdmin))
	c := e.Identity(ProjectAdmin)
	on := true
	d, err := domains.Create(e.Context(), c, domains.CreateOpts{Name: e.Name("domain"), Enabled: &on}).Extract()
	if err != nil {
		e.Fatal(err)
	}
	p, err := projects.Create(e.Context(), c, projects.CreateOpts{Name: e.Name("p"), DomainID: d.ID}).Extract()
	if err != nil {
		e.Fatal(err)
	}
	if _, err = users.Create(e.Context(), c, users.CreateOpts{Name: e.Name("u"), DomainID: d.ID}).Extract(); err != nil {
		e.Fatal(err)
	}
	child := projects.CreateOpts{Name: e.Name("child"), ParentID: p.ID, DomainID: d.ID}
	if _, err = projects.Create(e.Context(), c, child).Extract(); err != nil {
		e.Fatal(err)
	}
}

// trips is a service that no table knows: trips begin by an action, visits by a POST.
type trips struct {
	mu    sync.Mutex
	there map[string]bool
}

func (s *trips) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch r.Method + " " + r.URL.Path {
	case "POST /v1/agency": // an answer that does not say that it is JSON
		body, _ := io.ReadAll(r.Body)
		id := "t1"
		if bytes.Contains(body, []byte("two")) {
			id = "t2"
		}
		s.there[id] = bytes.Contains(body, []byte("launch"))
		fmt.Fprintf(w, `{"trip_id": %q}`, id)
		return
	case "POST /v1/visits":
		s.there["v9"] = true
		fmt.Fprint(w, `{"visit": {"id": "v9"}}`)
		return
	}
	id := r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:]
	switch {
	case r.URL.Path == "/v1/journeys/"+id && id[0] == 't', r.URL.Path == "/v1/visits/"+id && id[0] == 'v':
	default:
		id = "?"
	}
	if !s.there[id] {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	if r.Method == http.MethodDelete {
		delete(s.there, id)
		w.WriteHeader(http.StatusAccepted)
	}
}

// caseLeakFake leaves two things behind of a service that tempest does not know, and removes one.
func caseLeakFake(t *testing.T) {
	e := Start(t, Credentials(ProjectMember), Services("time_travel"),
		Fake("time_travel", func(*embedded.Cloud) http.Handler { return &trips{there: map[string]bool{}} }),
		Resource{Service: "time_travel", Type: "trip", Create: "POST /v1/agency", Action: "launch", ID: "trip_id",
			Delete: "DELETE /v1/journeys/{id}"})
	c := e.Client(ProjectMember, "time-travel")
	post := func(path, body string) {
		_, err := c.Post(e.Context(), c.ServiceURL(path), nil, nil, &gophercloud.RequestOpts{
			OkCodes: []int{200}, RawBody: strings.NewReader(body),
			MoreHeaders: map[string]string{"Content-Type": "application/json"},
		})
		if err != nil {
			e.Error(err)
		}
	}
	post("v1/agency", `{"launch":{"name":"one"}}`)
	post("v1/agency", `{"launch":{"name":"two"}}`)
	post("v1/agency", `{"cancel":{"name":"one"}}`)
	post("v1/agency", `{"launch":{"name":"one"}}`)
	post("v1/visits", `{}`)
	if _, err := c.Delete(e.Context(), c.ServiceURL("v1/journeys/t2"), nil); err != nil {
		e.Error(err)
	}
}

// caseLeakGoing removes a thing that takes its time to go.
func caseLeakGoing(t *testing.T) {
	var mu sync.Mutex
	looks := 0
	e := Start(t, Credentials(ProjectMember), Fake("time_travel", func(*embedded.Cloud) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			mu.Lock()
			defer mu.Unlock()
			w.Header().Set("Content-Type", "application/json")
			switch {
			case r.Method == http.MethodPost:
				fmt.Fprint(w, `{"id": "a"}`)
			case r.Method == http.MethodDelete:
				w.WriteHeader(http.StatusAccepted)
			case looks == 3:
				w.WriteHeader(http.StatusNotFound)
			default:
				looks++
				fmt.Fprint(w, `{"id": "a", "status": "DELETING"}`)
			}
		})
	}))
	c := e.Client(ProjectMember, "time-travel")
	_, err := c.Post(e.Context(), c.ServiceURL("v1", "things"), map[string]string{}, nil, &gophercloud.RequestOpts{
		OkCodes: []int{200}})
	if err != nil {
		e.Fatal(err)
	}
	if _, err := c.Delete(e.Context(), c.ServiceURL("v1", "things", "a"), nil); err != nil {
		e.Error(err)
	}
	e.T.Cleanup(func() {
		mu.Lock()
		defer mu.Unlock()
		if looks != 0 {
			e.Errorf("it was looked at %d times before the end", looks)
		}
	})
}

// caseLeakNoName makes a thing without a name and gets no answer. There is such a thing of others.
func caseLeakNoName(t *testing.T) {
	var mu sync.Mutex
	there := map[string]string{} // IDs, and what lists say
	e := Start(t, Credentials(ProjectMember), NoRetry, Fake("network", func(*embedded.Cloud) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			mu.Lock()
			defer mu.Unlock()
			id := r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:]
			switch {
			case r.Method == http.MethodPost:
				const form = `{"id": %q, "project_id": %q, "created_at": %q}`
				mine, now := r.URL.Query().Get("for"), time.Now().UTC().Format("2006-01-02T15:04:05Z")
				there["f1"] = fmt.Sprintf(form, "f1", "another", now)
				there["f2"] = fmt.Sprintf(form, "f2", mine, now)
				panic(http.ErrAbortHandler)
			case id == "floatingips":
				fmt.Fprintf(w, `{"floatingips": [%s]}`, strings.Join(slices.Collect(maps.Values(there)), ","))
			case there[id] == "":
				w.WriteHeader(http.StatusNotFound)
			case r.Method == http.MethodDelete:
				delete(there, id)
				w.WriteHeader(http.StatusNoContent)
			}
		})
	}))
	c := e.Client(ProjectMember, "network")
	_, err := c.Post(e.Context(), c.ServiceURL("floatingips")+"?for="+e.Credential(ProjectMember).ProjectID,
		map[string]any{"floatingip": map[string]any{}}, nil, nil)
	if err == nil {
		e.Error("the answer came")
	}
}

// caseLeakPanic panics before it can register a removal.
func caseLeakPanic(t *testing.T) {
	newGroup(Start(t, Credentials(ProjectAdmin)), "")
	panic("oh no")
}

// caseLeakStream uploads more than fits into memory at once, from a source that waits for the cloud: what was sent
// must have arrived before there is more.
func caseLeakStream(t *testing.T) {
	const pieces, size = 64, 1 << 20
	arrived := make(chan struct{}, 1)
	arrived <- struct{}{}
	total := 0
	e := Start(t, Credentials(ProjectMember), Fake("time_travel", func(*embedded.Cloud) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			buf := make([]byte, size)
			for {
				n, err := io.ReadFull(r.Body, buf)
				total += n
				if err != nil {
					break
				}
				arrived <- struct{}{}
			}
			w.WriteHeader(http.StatusNoContent)
		})
	}))
	c := e.Client(ProjectMember, "time-travel")
	from, to := io.Pipe()
	go func() {
		piece := make([]byte, size)
		for range pieces {
			<-arrived
			_, _ = to.Write(piece)
		}
		_ = to.Close()
	}()
	r, err := http.NewRequestWithContext(e.Context(), http.MethodPost, c.ServiceURL("v1/uploads"), from)
	if err != nil {
		e.Fatal(err)
	}
	r.Header.Set("X-Auth-Token", c.Token())
	r.Header.Set("Content-Type", "application/octet-stream")
	resp, err := c.HTTPClient.Do(r)
	if err != nil {
		e.Fatal(err)
	}
	resp.Body.Close()
	if total != pieces*size {
		e.Errorf("%d bytes arrived", total)
	}
}

// asCloud returns the environment in which a cloud is like any other, at authURL.
func asCloud(c *embedded.Cloud, authURL string) []string {
	return []string{
		"OS_AUTH_URL=" + authURL, "OS_USERNAME=admin", "OS_PASSWORD=" + c.AdminPassword(), "OS_USER_DOMAIN_NAME=Default",
		"OS_PROJECT_NAME=admin", "OS_PROJECT_DOMAIN_NAME=Default",
	}
}

func newCloud(t *testing.T) *embedded.Cloud {
	t.Helper()
	c, err := embedded.Start(t.Context(), embedded.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// The answer to a creation is lost, or is an error although it was carried out. The ledger has
// its name, so it is found, and removed.
func TestLeakWithoutAnAnswer(t *testing.T) {
	t.Parallel()
	for name, fail := range map[string]func(http.ResponseWriter){
		"lost": func(http.ResponseWriter) { panic(http.ErrAbortHandler) },
		"500":  func(w http.ResponseWriter) { http.Error(w, "oops", http.StatusInternalServerError) },
		"cut": func(w http.ResponseWriter) {
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Content-Length", "1000")
			w.WriteHeader(http.StatusCreated)
			fmt.Fprint(w, `{"group": {"na`)
			panic(http.ErrAbortHandler)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCloud(t)
			before := inventory(t, c)
			authURL := through(t, c, func(w http.ResponseWriter, r *http.Request, cloud http.Handler) {
				if r.Method != http.MethodPost || r.URL.Path != "/v3/groups" {
					cloud.ServeHTTP(w, r)
					return
				}
				cloud.ServeHTTP(httptest.NewRecorder(), r)
				fail(w)
			})
			dir := filepath.Join(t.TempDir(), "run")

			output, passed := runCase(t, "LeakLost", append(asCloud(c, authURL), "TEMPEST_LEDGER="+dir)...)

			if passed {
				t.Error("the case passed")
			}
			want(t, output, `left behind group `, `"the group"`, "removed now", "leaks group")
			if after := inventory(t, c); after != before {
				t.Errorf("in the cloud were %s, now there are %s", before, after)
			}
			if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("the ledger is there, although nothing is left: %v", err)
			}
		})
	}
}

// A service goes on with what it was asked for when the connection has broken, and may be done only after it was
// looked for.
func TestLeakThatComesLate(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	var mu sync.Mutex
	var late *http.Request
	authURL := through(t, c, func(w http.ResponseWriter, r *http.Request, cloud http.Handler) {
		mu.Lock()
		defer mu.Unlock()
		if r.Method == http.MethodPost && r.URL.Path == "/v3/groups" {
			body, _ := io.ReadAll(r.Body)
			late = r.Clone(context.WithoutCancel(r.Context()))
			late.Body = io.NopCloser(bytes.NewReader(body))
			panic(http.ErrAbortHandler)
		}
		cloud.ServeHTTP(w, r)
		if r.Method == http.MethodGet && r.URL.Path == "/v3/groups" && late != nil {
			cloud.ServeHTTP(httptest.NewRecorder(), late)
			late = nil
		}
	})

	output, passed := runCase(t, "LeakLost", asCloud(c, authURL)...)

	if passed {
		t.Error("the case passed")
	}
	want(t, output, "left behind group ", "removed now")
}

// A test that panics ends the process, and its leaks are removed before.
func TestLeakOfAPanic(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	dir := filepath.Join(t.TempDir(), "run")

	output, passed := runCase(t, "LeakPanic", append(asCloud(c, c.AuthURL()), "TEMPEST_LEDGER="+dir)...)

	if passed {
		t.Error("the case passed")
	}
	want(t, output, "left behind group ", "removed now", "panic: oh no")
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the ledger is there, although nothing is left: %v", err)
	}
}

// A process is killed while a creation is under way: before it reaches the cloud, and when it is
// carried out and not answered. The ledger names what may be there.
func TestKilledInTheMiddleOfACreation(t *testing.T) {
	t.Parallel()
	for _, after := range []bool{false, true} {
		t.Run(fmt.Sprintf("carried out %v", after), func(t *testing.T) {
			t.Parallel()
			c := newCloud(t)
			seen, stop := make(chan struct{}), make(chan struct{})
			authURL := through(t, c, heldUp(seen, stop, after))
			dir := filepath.Join(t.TempDir(), "run")
			cmd := startCase(t, "LeakLost", append(asCloud(c, authURL), "TEMPEST_LEDGER="+dir)...)
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			<-seen
			if f := onlyLedger(t, dir); !f.Live {
				t.Error("the ledger is not live before the kill")
			}

			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			_ = cmd.Wait() // it was killed
			close(stop)

			f := onlyLedger(t, dir)
			if f.Live {
				t.Error("the ledger is live after the kill")
			}
			wantAfterKill(t, f, authURL)
		})
	}
}

// heldUp says that a request for a group has come, carries it out if it shall, and does not answer it.
func heldUp(seen, stop chan struct{}, carryOut bool) func(http.ResponseWriter, *http.Request, http.Handler) {
	return func(w http.ResponseWriter, r *http.Request, cloud http.Handler) {
		if r.Method != http.MethodPost || r.URL.Path != "/v3/groups" {
			cloud.ServeHTTP(w, r)
			return
		}
		if carryOut {
			cloud.ServeHTTP(httptest.NewRecorder(), r)
		}
		close(seen)
		<-stop
		panic(http.ErrAbortHandler)
	}
}

// onlyLedger returns the one ledger file in dir.
func onlyLedger(t *testing.T, dir string) ledger.File {
	t.Helper()
	run, err := ledger.ReadRun(dir)
	if err != nil || len(run.Files) != 1 {
		t.Fatalf("the run is %+v, %v, want one file", run, err)
	}
	return run.Files[0]
}

// wantAfterKill checks the ledger of a killed process: an unanswered group, and the accounts.
func wantAfterKill(t *testing.T, f ledger.File, authURL string) {
	t.Helper()
	if f.Head.Cloud.AuthURL != authURL+"/" && f.Head.Cloud.AuthURL != authURL {
		t.Errorf("auth URL = %q, want %q", f.Head.Cloud.AuthURL, authURL)
	}
	kinds := map[string]int{}
	for _, e := range f.Open() {
		kinds[fmt.Sprintf("%s %s %s", e.Intent.Kind, e.Intent.Type, e.State)]++
		if e.Intent.Type == "group" && (e.Intent.Name != "the group" || e.Intent.Test != "TestCase/LeakLost" ||
			e.Intent.Who != string(ProjectAdmin) || e.Intent.User == "" || e.Intent.Project == "") {
			t.Errorf("entry of the group: %+v", e.Intent)
		}
	}
	for _, k := range []string{" group perhaps made", "account project made", "account user made"} {
		if kinds[k] != 1 {
			t.Errorf("open are %v, want one %q", kinds, k)
		}
	}
}

// A creation that cannot be noted is not sent.
func TestNothingIsMadeWithoutALedger(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	before := inventory(t, c)
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}

	env := append(asCloud(c, c.AuthURL()), "TEMPEST_LEDGER="+filepath.Join(file, "run"))

	output, passed := runCase(t, "Member", env...)

	if passed {
		t.Error("the case passed")
	}
	want(t, output, "not sent, because what it makes could be lost: noting POST http",
		"/v3/projects in the ledger: mkdir ")
	if after := inventory(t, c); after != before {
		t.Errorf("in the cloud were %s, now there are %s", before, after)
	}
}

// What stays in the cloud stays in the ledger, and the reader is told how to remove it.
func TestHintWhenSomethingIsLeft(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	c.Inject(embedded.Fault{Method: "DELETE", Path: "/v3/users/*", Status: 500, Body: `{"error":{}}`})
	dir := filepath.Join(t.TempDir(), "run-7")

	output, _ := runCase(t, "Member", append(asCloud(c, c.AuthURL()), "TEMPEST_LEDGER="+dir)...)

	want(t, output, "tempest: one thing may be left in the cloud; `tempest cleanup --run run-7` removes what is there")
	open := onlyLedger(t, dir).Open()
	if len(open) != 1 {
		t.Fatalf("open are %+v, want one entry", open)
	}
	if e := open[0]; e.Thing.Type != "user" || e.Intent.Kind != ledger.KindAccount {
		t.Errorf("entry = %+v, want the user of the account", e)
	}
}

func TestResourceProblem(t *testing.T) {
	good := Resource{Service: "s", Type: "t", Create: "POST /things"}
	if p := good.problem(); p != "" {
		t.Errorf("problem = %q, want none", p)
	}
	for want, r := range map[string]Resource{
		"Service and Type":       {Create: "POST /things"},
		`Create is "/things"`:    {Service: "s", Type: "t", Create: "/things"},
		`Create is "GET /a"`:     {Service: "s", Type: "t", Create: "GET /a"},
		`Create is "POST /a b"`:  {Service: "s", Type: "t", Create: "POST /a b"},
		`Delete is "things"`:     {Service: "s", Type: "t", Create: "POST /a", Delete: "things"},
		`Check is "GET /things"`: {Service: "s", Type: "t", Create: "POST /a", Check: "GET /things"},
	} {
		if p := r.problem(); !strings.Contains(p, want) {
			t.Errorf("problem of %+v = %q, want %q", r, p, want)
		}
	}
}

// A request that cannot have arrived made nothing: nobody has to look for it.
func TestUnsentRequestsLeaveNoTrace(t *testing.T) {
	ended, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New("the end"))
	refused := &net.OpError{Op: "dial", Err: errors.New("refused")}
	for name, tt := range map[string]struct {
		ctx  context.Context
		err  error // of the connection
		open int
	}{
		"the test has ended": {ctx: ended, err: errors.New("must not be sent")},
		"no connection":      {ctx: t.Context(), err: refused},
		"cut off":            {ctx: t.Context(), err: io.ErrUnexpectedEOF, open: 1},
	} {
		t.Run(name, func(t *testing.T) {
			s := &session{Session: &cloud.Session{Secrets: &secret.Scrubber{}}}
			s.openLedger()
			s.books.noDir, s.books.writer = nil, ledger.NewWriter(t.TempDir(), ledger.Head{})
			e := &Env{T: t, session: s}
			sent := 0
			way := s.books.layer(e, "", roundTrip(func(*http.Request) (*http.Response, error) { sent++; return nil, tt.err }))
			r, err := http.NewRequestWithContext(tt.ctx, http.MethodPost, "http://127.0.0.1/v3/users", strings.NewReader("{}"))
			if err != nil {
				t.Fatal(err)
			}

			resp, err := way.RoundTrip(r)

			if err == nil {
				resp.Body.Close()
				t.Error("RoundTrip worked")
			}
			if got := s.books.writer.Open(); got != tt.open {
				t.Errorf("%d entries are open, want %d", got, tt.open)
			}
			if tt.ctx.Err() != nil && (sent > 0 || err == nil || err.Error() != "the end") {
				t.Errorf("sent %d times, error %v", sent, err)
			}
		})
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
