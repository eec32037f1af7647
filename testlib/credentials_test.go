//nolint:thelper // the functions are tests, which another process runs
package testlib

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/projects"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/roles"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/users"

	"github.com/gotempest/tempest/internal/accounts"
	"github.com/gotempest/tempest/internal/cloud"
	"github.com/gotempest/tempest/testlib/embedded"
)

// credentialCases are cases, as those of [TestCase], about the users of tests.
var credentialCases = map[string]func(*testing.T){
	"Personas":     casePersonas,
	"Roles":        caseRoles,
	"BadRoles":     only(ProjectRoles("project_member", "member")),
	"NoRoles":      only(ProjectRoles("operator")),
	"MissingRole":  only(ProjectRoles("operator", "member", "squire")),
	"Manager":      only(Credentials(AltManager)),
	"Operators":    caseOperators,
	"DomainBoss":   only(Credentials("domain_operator")),
	"DomainMember": only(Credentials(DomainMember)),
	"Pool":         casePool,
	"Spoiled":      caseSpoiled,
	"Sisters":      caseSisters,
	"TwoProjects":  only(Credentials(ProjectMember, AltMember)),
	"Shared":       caseShared,
	"Isolated": func(t *testing.T) {
		for i := range 3 {
			t.Run(fmt.Sprint(i), func(t *testing.T) { readSelf(Start(t, Isolated(), Credentials(ProjectMember))) })
		}
	},
}

// casePersonas asks for every persona there is.
func casePersonas(t *testing.T) {
	e := Start(t, Credentials(
		ProjectReader, ProjectMember, ProjectManager, ProjectAdmin, AltReader, AltMember, AltManager, AltAdmin,
		DomainReader, DomainMember, DomainManager, DomainAdmin, SystemReader, SystemMember, SystemManager, SystemAdmin))
	seen := map[string]bool{}
	for p, a := range e.users {
		where, _, _ := strings.Cut(string(p), "_")
		c := e.Credential(p)
		if c.UserID == "" || seen[c.UserID] || c.DomainID == "" {
			e.Errorf("%s is %+v", p, c)
		}
		seen[c.UserID] = true
		if (c.ProjectID != "") != (where == "project" || where == "alt") {
			e.Errorf("project of %s = %q", p, c.ProjectID)
		}
		var body struct {
			Token struct{ System, Project, Domain any }
		}
		client := e.Identity(p)
		_, err := client.Get(e.Context(), client.ServiceURL("auth", "tokens"), &body, &gophercloud.RequestOpts{
			MoreHeaders: map[string]string{"X-Subject-Token": client.Token()},
		})
		if err != nil {
			e.Errorf("%s reads its token: %v", p, err)
			continue
		}
		scoped := map[string]bool{
			"system": body.Token.System != nil, "project": body.Token.Project != nil, "domain": body.Token.Domain != nil,
		}
		if !scoped[strings.Replace(where, "alt", "project", 1)] || a.place != e.place(scope(where)) {
			e.Errorf("token of %s is scoped to %v", p, scoped)
		}
	}
	if len(seen) != 16 || e.Credential(ProjectReader).ProjectID == e.Credential(AltReader).ProjectID {
		e.Errorf("%d users", len(seen))
	}
}

// caseOperators asks for the personas of the object store and says their roles.
func caseOperators(t *testing.T) {
	personas := []Persona{ProjectOperator, ProjectReseller, AltOperator, AltReseller}
	e := Start(t, Credentials(personas...))
	for _, p := range personas {
		var body struct {
			Token struct {
				Project struct{ ID string }
				Roles   []struct{ Name string }
			}
		}
		client := e.Identity(p)
		_, err := client.Get(e.Context(), client.ServiceURL("auth", "tokens"), &body, &gophercloud.RequestOpts{
			MoreHeaders: map[string]string{"X-Subject-Token": client.Token()},
		})
		if err != nil || body.Token.Project.ID != e.Credential(p).ProjectID {
			e.Errorf("%s reads its token: %+v, %v", p, body.Token, err)
			continue
		}
		for _, role := range body.Token.Roles {
			e.Logf("%s is %s", p, role.Name)
		}
	}
}

func caseRoles(t *testing.T) {
	e := Start(t, Credentials(ProjectMember), ProjectRoles("operator", "member", "service"), DomainRoles("boss", "admin"),
		SystemRoles("auditor", "reader"), AltProjectRoles("stranger", "reader"))
	if e.Credential("operator").ProjectID != e.Credential(ProjectMember).ProjectID {
		e.Error("the operator has another project than the member")
	}
	for p, want := range map[Persona][]string{
		"operator": {"member", "reader", "service"}, "boss": {"admin", "member", "reader"}, // with those they imply
		"auditor": {"reader"}, "stranger": {"reader"},
	} {
		var body struct {
			Token struct{ Roles []struct{ Name string } }
		}
		client := e.Identity(p)
		_, err := client.Get(e.Context(), client.ServiceURL("auth", "tokens"), &body, &gophercloud.RequestOpts{
			MoreHeaders: map[string]string{"X-Subject-Token": client.Token()},
		})
		var got []string
		for _, r := range body.Token.Roles {
			got = append(got, r.Name)
		}
		slices.Sort(got)
		if err != nil || !slices.Equal(got, want) {
			e.Errorf("roles of %s: %v, want %v, %v", p, got, want, err)
		}
	}
}

// groupsOfPool is how many groups there are in [casePool].
const groupsOfPool = 20

// casePool is a package of groups with a member and a reader, of which two run at once.
func casePool(t *testing.T) {
	for i := range groupsOfPool {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			e := Start(t, Credentials(ProjectMember, ProjectReader))
			readSelf(e)
			e.Identity(ProjectReader)
		})
	}
}

// caseSpoiled has tests that do something to their accounts, and prints which projects they have.
func caseSpoiled(t *testing.T) {
	tests := []struct {
		name string
		f    func(e *Env, c *gophercloud.ServiceClient, me Credential)
	}{
		{"nothing", func(*Env, *gophercloud.ServiceClient, Credential) {}},
		{"password", func(e *Env, c *gophercloud.ServiceClient, me Credential) {
			o := users.ChangePasswordOpts{OriginalPassword: me.Password, Password: me.Password + "2"}
			if err := users.ChangePassword(e.Context(), c, me.UserID, o).ExtractErr(); err != nil {
				e.Error(err)
			}
		}},
		{"own project", func(e *Env, c *gophercloud.ServiceClient, _ Credential) {
			admin, on := e.Identity(ProjectAdmin), true
			p, err := projects.Create(e.Context(), admin, projects.CreateOpts{Name: e.Name("p")}).Extract()
			if err != nil {
				e.Fatal(err)
			}
			projects.Update(e.Context(), admin, p.ID, projects.UpdateOpts{Enabled: &on})
			if err := projects.Delete(e.Context(), admin, p.ID).ExtractErr(); err != nil {
				e.Error(err)
			}
		}},
		{"revoked", func(e *Env, c *gophercloud.ServiceClient, _ Credential) {
			_, err := c.Delete(e.Context(), c.ServiceURL("auth", "tokens"), &gophercloud.RequestOpts{
				MoreHeaders: map[string]string{"X-Subject-Token": c.Token()}, OkCodes: []int{204},
			})
			if err != nil {
				e.Error(err)
			}
		}},
		{"wrong password", func(e *Env, c *gophercloud.ServiceClient, me Credential) {
			body := strings.NewReader(`{"auth": {"identity": {"methods": ["password"], "password": {"user": {"id": "` +
				me.UserID + `", "password": "x"}}}}}`)
			send(e.T, e.HTTP(), http.MethodPost, e.AuthURL()+"/auth/tokens", "application/json", body).Body.Close()
		}},
		{"skipped", func(e *Env, _ *gophercloud.ServiceClient, _ Credential) { e.Skip("no reason") }},
		{"last", func(*Env, *gophercloud.ServiceClient, Credential) {}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e := Start(t, Credentials(ProjectMember, ProjectAdmin))
			readSelf(e)
			fmt.Printf("%s has %s\n", tt.name, e.Credential(ProjectMember).ProjectName)
			tt.f(e, e.Identity(ProjectMember), e.Credential(ProjectMember))
		})
	}
}

// caseSisters has subtests of which the first spoils a user that the second asks for too.
func caseSisters(t *testing.T) {
	e := Start(t, Credentials(ProjectAdmin))
	for _, name := range []string{"first", "second", "third"} {
		e.Run(name, func(e *Env) {
			me := e.Credential(ProjectMember)
			fmt.Println(name, "is", me.UserID)
			readSelf(e)
			if name != "first" {
				return
			}
			o := users.ChangePasswordOpts{OriginalPassword: me.Password, Password: me.Password + "2"}
			if err := users.ChangePassword(e.Context(), e.Identity(ProjectMember), me.UserID, o).ExtractErr(); err != nil {
				e.Error(err)
			}
		}, Credentials(ProjectMember))
	}
}

// caseShared waits for accounts, and says when it has them.
func caseShared(t *testing.T) {
	e := Start(t, Credentials(ProjectMember))
	fmt.Println("has", e.Credential(ProjectMember).ProjectName)
	if os.Getenv("HOLD") != "" {
		<-e.Context().Done()
	}
}

// accountsCloud is a cloud with the accounts of a file, for processes that know no administrator.
type accountsCloud struct {
	t     *testing.T
	cloud *embedded.Cloud
	admin *gophercloud.ServiceClient
	roles map[string]string
	list  []accounts.Account
}

func newAccountsCloud(t *testing.T) *accountsCloud {
	t.Helper()
	c, err := embedded.Start(t.Context(), embedded.Options{})
	if err != nil {
		t.Fatal(err)
	}
	pc, err := openstack.AuthenticatedClient(t.Context(), cloud.EmbeddedAuth(c))
	if err != nil {
		t.Fatal(err)
	}
	a := &accountsCloud{t: t, cloud: c, roles: map[string]string{}}
	if a.admin, err = openstack.NewIdentityV3(pc, gophercloud.EndpointOpts{}); err != nil {
		t.Fatal(err)
	}
	page, err := roles.List(a.admin, nil).AllPages(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	list, err := roles.ExtractRoles(page)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range list {
		a.roles[r.Name] = r.ID
	}
	return a
}

// project makes a project with a user for each list of roles, words in one string.
func (a *accountsCloud) project(name string, lists ...string) {
	a.t.Helper()
	p, err := projects.Create(a.t.Context(), a.admin, projects.CreateOpts{Name: name, DomainID: "default"}).Extract()
	if err != nil {
		a.t.Fatal(err)
	}
	for _, list := range lists {
		from := accounts.Account{
			Username: name + "-" + strings.ReplaceAll(list, " ", "-"), Password: "open " + name,
			Project: accounts.Ref{Name: name}, Roles: strings.Fields(list),
		}
		u, err := users.Create(a.t.Context(), a.admin, users.CreateOpts{
			Name: from.Username, Password: from.Password, DomainID: "default",
		}).Extract()
		if err != nil {
			a.t.Fatal(err)
		}
		for _, role := range from.Roles {
			o := roles.AssignOpts{UserID: u.ID, ProjectID: p.ID}
			if err := roles.Assign(a.t.Context(), a.admin, a.roles[role], o).ExtractErr(); err != nil {
				a.t.Fatal(err)
			}
		}
		a.list = append(a.list, from)
	}
}

// env returns the environment of a process that knows only the accounts.
func (a *accountsCloud) env() []string {
	a.t.Helper()
	dir := a.t.TempDir()
	path := filepath.Join(dir, "accounts.yaml")
	f, err := os.Create(path)
	if err != nil {
		a.t.Fatal(err)
	}
	defer f.Close()
	if err := accounts.Write(f, "", a.list); err != nil {
		a.t.Fatal(err)
	}
	return []string{
		"OS_AUTH_URL=" + a.cloud.AuthURL(), "TEMPEST_AUTH__ACCOUNTS_FILE=" + path,
		"TEMPEST_AUTH__DYNAMIC_CREDENTIALS=false", "XDG_CACHE_HOME=" + dir, "HOME=" + dir,
	}
}

func TestAccountsOfAFile(t *testing.T) {
	t.Parallel()
	a := newAccountsCloud(t)
	a.project("boss", "admin")
	a.project("one", "member", "reader")
	a.project("two", "member")
	a.list = append(a.list, accounts.Account{
		Username: "nobody", Password: "wrong", Domain: accounts.Ref{Name: "Default"}, Roles: []string{"member"},
	})
	env := a.env()
	tests := map[string]struct {
		fails bool
		want  []string
	}{
		"Passing": {want: []string{"the user is ", "!POST /v3/users", "!DELETE"}},
		"Group":   {want: []string{"ran first", "ran second", "ran third"}},
		"Alt":     {want: []string{"--- PASS: TestCase/Alt/reader"}},
		"Manager": {want: []string{"--- SKIP", "needs alt_manager, which the accounts file", "does not have"}},
		"Roles":   {want: []string{"--- SKIP", "needs project_member, operator (roles member, service) of one project"}},
		"DomainMember": {fails: true, want: []string{
			"logging in as domain_member with the account of ", "accounts.yaml:17: ", "401", "!wrong",
		}},
		"Undo": {fails: true, want: []string{"undo first", "undo fourth"}}, // the admin is handed out when asked for
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			output, passed := runCase(t, name, env...)

			if passed == tt.fails {
				t.Errorf("case %s passed: %v, want %v", name, passed, !tt.fails)
			}
			want(t, output, append(tt.want, "!open one")...)
		})
	}
}

func TestMoreAccountsThanTheFileHas(t *testing.T) {
	t.Parallel()
	a := newAccountsCloud(t)
	a.project("one", "member")

	output, passed := runCase(t, "TwoProjects", a.env()...)

	if passed {
		t.Error("the case passed")
	}
	want(t, output, "the test needs 2 places of their own at once, for project_member; alt_member; the accounts file")
}

func TestAccountsAreSharedByProcesses(t *testing.T) {
	t.Parallel()
	a := newAccountsCloud(t)
	a.project("one", "member")
	env := a.env()
	holder := startCase(t, "Shared", append(env, "HOLD=yes")...)
	begin(t, holder, "has one")
	second := startCase(t, "Shared", env...)
	rest := begin(t, second, "waiting for accounts of ")

	if err := holder.Process.Kill(); err != nil { // who is killed cannot give anything back
		t.Fatal(err)
	}
	output := rest()

	if err := second.Wait(); err != nil {
		t.Errorf("the second process: %v", err)
	}
	want(t, output, "other tests have all that can serve project_member", "got accounts after ", "has one", "--- PASS")
}

func TestAccountsFileThatCannotBeUsed(t *testing.T) {
	t.Parallel()
	bad := filepath.Join(t.TempDir(), "bad.yaml")
	if err := os.WriteFile(bad, []byte("- username: a\n  password: b\n  projekt: c\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct{ file, url, want string }{
		"none":     {"", "http://localhost/v3", "auth.dynamic_credentials is false, but auth.accounts_file names no"},
		"missing":  {"/nowhere/a.yaml", "http://localhost/v3", "open /nowhere/a.yaml: no such file"},
		"broken":   {bad, "http://localhost/v3", bad + `:3: there is no field "projekt"`},
		"no cloud": {bad, "", "nothing names the cloud that its accounts belong to: set auth.cloud, $OS_CLOUD or"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			output, passed := runCase(t, "Member", "OS_AUTH_URL="+tt.url, "OS_USERNAME=a", "OS_PASSWORD=b",
				"OS_USER_DOMAIN_NAME=Default", "OS_PROJECT_NAME=p", "OS_PROJECT_DOMAIN_NAME=Default",
				"TEMPEST_AUTH__ACCOUNTS_FILE="+tt.file,
				"TEMPEST_AUTH__DYNAMIC_CREDENTIALS=false")

			if passed {
				t.Error("the case passed")
			}
			want(t, output, tt.want)
		})
	}
}

// makesAccount finds the calls that make, and removesAccount those that remove, what personas need.
var (
	makesAccount   = regexp.MustCompile(`POST \S+/v3/(projects|users|domains) as admin: 201`)
	removesAccount = regexp.MustCompile(`DELETE \S+/v3/(projects|users|domains)/\w+ as admin: 204`)
)

func TestPersonas(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		fails bool
		env   []string
		want  []string
		made  int
	}{
		"Personas":    {env: []string{"TEMPEST_IDENTITY__MANAGER_ROLE=service"}, made: 16 + 3},
		"Roles":       {made: 5 + 3},
		"BadRoles":    {fails: true, want: []string{`persona "project_member" of a list of roles: choose a name`}},
		"NoRoles":     {fails: true, want: []string{`persona "operator" has no roles: name at least one`}},
		"MissingRole": {want: []string{"--- SKIP", `needs the role "squire" for operator, which the cloud does not have`}},
		"Manager": {
			env: []string{"TEMPEST_IDENTITY__MANAGER_ROLE=steward"},
			want: []string{
				"--- SKIP", `needs alt_manager, and the cloud has no role "steward", which Keystone makes since 2024.1`,
			},
		},
		"Operators": {made: 4 + 2, env: []string{"TEMPEST_OBJECT_STORE__OPERATOR_ROLE=swiftoperator"}, want: []string{
			"project_operator is swiftoperator", "alt_operator is swiftoperator", "project_reseller is ResellerAdmin",
			"alt_reseller is ResellerAdmin",
		}},
		"DomainBoss": {fails: true, want: []string{`there is no persona "domain_operator"`}},
		"Sisters":    {made: 1 + 3, want: []string{"first is ", "--- PASS: TestCase/Sisters/third"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			output, passed := runCase(t, name, tt.env...)

			if passed == tt.fails {
				t.Errorf("case %s passed: %v, want %v", name, passed, !tt.fails)
			}
			want(t, output, tt.want...)
			n, gone := len(makesAccount.FindAllString(output, -1)), len(removesAccount.FindAllString(output, -1))
			if n != tt.made || gone != n {
				t.Errorf("%d things were made and %d removed, want %d:\n%s", n, gone, tt.made, output)
			}
		})
	}
}

// identityCalls finds all calls of a log.
var identityCalls = regexp.MustCompile(`(?m)^ +(GET|HEAD|POST|PUT|PATCH|DELETE) http\S+/v3\S*`)

// One group with a member and a reader may cost six calls of set-up and clean-up when accounts are pooled.
// The cost is what all groups of a package cost together, divided by their number.
func TestCallsOfPooledGroups(t *testing.T) {
	t.Parallel()
	const (
		process = 2                // the administrator's token, the roles
		project = 1 + 2*3 + 3      // made with two users, who get a role and a token each; all three removed
		own     = 1                // call of each test
		budget  = 6 * groupsOfPool // for all groups
		most    = 8                // tests at once, and so projects
	)

	output, passed := runCase(t, "Pool")

	calls := len(identityCalls.FindAllString(output, -1)) - own*groupsOfPool
	places := strings.Count(output, "/v3/projects as admin: 201")
	if want := process + project*places; !passed || calls != want || places > most || calls > budget {
		t.Errorf("%d groups made %d projects with %d calls, want at most %d, %d and %d for these projects:\n%s",
			groupsOfPool, places, calls, most, budget, want, output)
	}
	t.Logf("%d groups, %d projects: %d calls of set-up and clean-up, %.1f for each group",
		groupsOfPool, places, calls, float64(calls)/groupsOfPool)
}

// One group alone pays for all that it has: twelve calls, against nineteen in Python Tempest.
func TestCallsOfOneGroupAlone(t *testing.T) {
	t.Parallel()
	const own, want = 1, 12

	output, passed := runCase(t, "Pool/0")

	if n := len(identityCalls.FindAllString(output, -1)) - own; !passed || n != want {
		t.Errorf("one group made %d calls, want %d:\n%s", n, want, output)
	}
}

func TestSpoiledAccountsAreNotUsedAgain(t *testing.T) {
	t.Parallel()
	cmd := startCase(t, "Spoiled")
	cmd.Args = append(cmd.Args, "-test.parallel=1") // in an order that is nobody's business

	output, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("the case failed: %v\n%s", err, output)
	}

	clean := []string{"nothing", "own project", "skipped", "last"}
	spoilt, reused := map[string]string{}, 0
	seen := map[string]bool{}
	has := regexp.MustCompile(`(?m)^(.*) has (tempest-project-\S+)$`)
	for _, m := range has.FindAllStringSubmatch(string(output), -1) {
		name, project := m[1], m[2]
		if by := spoilt[project]; by != "" {
			t.Errorf("%s has the accounts that %s has spoiled:\n%s", name, by, output)
		}
		if seen[project] {
			reused++
		}
		seen[project] = true
		if !slices.Contains(clean, name) {
			spoilt[project] = name
		}
	}
	if len(spoilt) != 3 || reused < 3 {
		t.Errorf("%d tests spoiled their accounts, want 3; %d had those of another test, want 3 at least:\n%s",
			len(spoilt), reused, output)
	}
}

func TestIsolatedAccountsServeOneTest(t *testing.T) {
	t.Parallel()

	for name, tt := range map[string]struct {
		env      []string
		projects int
	}{
		"Isolated": {projects: 3},
		"Pool":     {env: []string{"TEMPEST_AUTH__ISOLATED=true"}, projects: groupsOfPool},
	} {
		output, passed := runCase(t, name, tt.env...)

		if n := strings.Count(output, "/v3/projects as admin: 201"); n != tt.projects || !passed {
			t.Errorf("case %s made %d projects, want %d:\n%s", name, n, tt.projects, output)
		}
	}
}

// runEnv returns the environment of a process of a run, whose accounts are in dir.
func (a *accountsCloud) runEnv(dir string) []string {
	return []string{
		"OS_AUTH_URL=" + a.cloud.AuthURL(), "OS_USERNAME=admin", "OS_PASSWORD=" + a.cloud.AdminPassword(),
		"OS_PROJECT_NAME=admin", "OS_USER_DOMAIN_NAME=Default", "OS_PROJECT_DOMAIN_NAME=Default",
		"TEMPEST_PROTOCOL=1", "TEMPEST_ACCOUNTS=" + dir, "XDG_CACHE_HOME=" + a.t.TempDir(),
	}
}

func TestProcessesOfARunShareAccounts(t *testing.T) {
	t.Parallel()
	a := newAccountsCloud(t)
	dir := filepath.Join(t.TempDir(), "accounts")
	env := a.runEnv(dir)

	first, passed := runCase(t, "Alt", env...)

	if !passed {
		t.Fatalf("the first process failed:\n%s", first)
	}
	want(t, first, "!DELETE", "!left")
	if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the folder of accounts has mode %v, %v", info.Mode(), err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(files) != 2 {
		t.Fatalf("files of accounts: %v, %v; want two", files, err)
	}
	for _, f := range files {
		if info, err := os.Stat(f); err != nil || info.Mode().Perm() != 0o600 || !strings.HasSuffix(f, ".json") {
			t.Errorf("%s has mode %v, %v", f, info.Mode(), err)
		}
	}

	second, passed := runCase(t, "Alt", env...)

	// The projects are there, with two users each; only the reader of the subtest may now be in the other one.
	n := len(makesAccount.FindAllString(second, -1))
	if !passed || n > 1 || strings.Contains(second, "POST /v3/projects") {
		t.Errorf("the second process passed: %v, and made %d things:\n%s", passed, n, second)
	}
	if again, err := filepath.Glob(filepath.Join(dir, "*")); err != nil || len(again) != 2 {
		t.Errorf("files of accounts: %v, %v; want two", again, err)
	}
}

func TestAccountsOfAKilledProcessServeNobody(t *testing.T) {
	t.Parallel()
	a := newAccountsCloud(t)
	dir := t.TempDir()
	env := a.runEnv(dir)
	if output, passed := runCase(t, "Shared", env...); !passed {
		t.Fatalf("the first process failed:\n%s", output)
	}
	holder := startCase(t, "Shared", append(env, "HOLD=yes")...)
	begin(t, holder, "has ")
	if err := holder.Process.Kill(); err != nil {
		t.Fatal(err)
	}

	output, passed := runCase(t, "Shared", env...)

	if n := len(makesAccount.FindAllString(output, -1)); !passed || n != 2 {
		t.Errorf("the process passed: %v, and made %d things, want a project and a user:\n%s", passed, n, output)
	}
}
