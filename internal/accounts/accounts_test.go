package accounts

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// sample has every form that Python Tempest's own sample shows.
const sample = `# a comment
- username: user_1
  tenant_name: test_tenant_1
  password: p1
- username: multi_role_user
  project_name: test_tenant_42
  password: p2
  domain_name: Narnia
  roles: [fun_role, not_an_admin]
- username: swift
  tenant_name: admin_tenant_1
  password: 'p3'
  types:
     - reseller_admin
     - operator
- username: admin_user_1
  tenant_name: admin_tenant_1
  password: p4
  types: [admin]
  resources:
    network: public
    router: admin_tenant_1-router
- user_id: 5ad5
  system: all
  password: p5
  roles: [reader]
- username: dom
  user_domain_name: A
  domain_name: B
  password: p6
  roles: [member]
`

func TestParseReadsWhatPythonWrites(t *testing.T) {
	t.Parallel()
	want := []Account{
		{Line: 2, Username: "user_1", Password: "p1", Project: Ref{Name: "test_tenant_1"}},
		{
			Line: 5, Username: "multi_role_user", Password: "p2", Project: Ref{Name: "test_tenant_42"},
			ProjectDomain: Ref{Name: "Narnia"}, UserDomain: Ref{Name: "Narnia"}, Roles: []string{"fun_role", "not_an_admin"},
		},
		{
			Line: 10, Username: "swift", Password: "p3", Project: Ref{Name: "admin_tenant_1"},
			Types: []string{"reseller_admin", "operator"},
		},
		{
			Line: 16, Username: "admin_user_1", Password: "p4", Project: Ref{Name: "admin_tenant_1"},
			Types: []string{"admin"}, Network: "public",
		},
		{Line: 23, UserID: "5ad5", Password: "p5", System: true, Roles: []string{"reader"}},
		{
			Line: 27, Username: "dom", Password: "p6", UserDomain: Ref{Name: "A"}, Domain: Ref{Name: "B"},
			Roles: []string{"member"},
		},
	}

	got, err := Parse(strings.NewReader(sample), "accounts.yaml")
	if err != nil {
		t.Fatal(err)
	}

	if diff := cmp.Diff(want, got.Accounts); diff != "" {
		t.Errorf("Parse (-want +got):\n%s", diff)
	}
	warnings := []string{"accounts.yaml:22: resources: router is ignored; only network is used"}
	if diff := cmp.Diff(warnings, got.Warnings); diff != "" {
		t.Errorf("warnings (-want +got):\n%s", diff)
	}
}

func TestWriteIsReadAsItWas(t *testing.T) {
	t.Parallel()
	first, err := Parse(strings.NewReader(sample), "a")
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer

	if err := Write(&b, "one\ntwo", first.Accounts); err != nil {
		t.Fatal(err)
	}

	if !strings.HasPrefix(b.String(), "# one\n# two\n- ") {
		t.Errorf("Write begins with %q", b.String()[:20])
	}
	second, err := Parse(&b, "b")
	if err != nil {
		t.Fatal(err)
	}
	for i := range second.Accounts {
		second.Accounts[i].Line = first.Accounts[i].Line
	}
	if diff := cmp.Diff(first.Accounts, second.Accounts); diff != "" {
		t.Errorf("what was written (-first +second):\n%s", diff)
	}
}

func TestParseNamesThePlace(t *testing.T) {
	t.Parallel()
	const user = "- username: a\n  password: p\n"
	tests := map[string]struct{ in, want string }{
		"empty":            {"", "f: there are no accounts"},
		"only a comment":   {"# x\n", "f: there are no accounts"},
		"empty list":       {"[]", "f:1: an accounts file is a list of accounts"},
		"mapping":          {"username: a\n", "f:1: an accounts file is a list of accounts"},
		"no YAML":          {"- username: a\n  password: [\n", "f:2: no YAML: "},
		"text":             {"- a\n", "f:1: an account is a mapping"},
		"unknown field":    {user + "  project_nam: x\n", `f:3: there is no field "project_nam"; there are domain_id, `},
		"no user":          {"- password: p\n  project_name: x\n", "f:1: there is no username"},
		"no password":      {"- username: a\n  project_name: x\n", "f:1: there is no password"},
		"no place":         {user, "f:1: there is none of project_name, tenant_name, domain_name and system"},
		"two places":       {user + "  project_name: x\n  system: all\n", "f:1: both system and project_name"},
		"contradiction":    {user + "  project_name: x\n  tenant_name: y\n", "f:4: tenant_name contradicts another field"},
		"system":           {user + "  system: some\n", `f:3: system is "some": the one value it has is "all"`},
		"types":            {user + "  project_name: x\n  types: [king]\n", "f:1: types: king is none of admin, operator"},
		"roles":            {user + "  project_name: x\n  roles: member\n", "f:4: roles is a list"},
		"role of roles":    {user + "  project_name: x\n  roles: [[a]]\n", "f:4: roles is a list of names"},
		"password is list": {"- username: a\n  password: [p]\n", "f:2: password is no text"},
		"password is null": {"- username: a\n  password:\n", "f:2: password is no text"},
		"resources":        {user + "  project_name: x\n  resources: net\n", "f:4: resources is a mapping"},
		"network":          {user + "  project_name: x\n  resources: {network: }\n", "f:4: network is the name of a network"},
		"twice": {user + "  project_name: x\n" + user + "  project_name: x\n",
			"f:4: the account stands in line 1 already"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			_, err := Parse(strings.NewReader(tt.in), "f")

			if err == nil || !strings.HasPrefix(err.Error(), tt.want) {
				t.Errorf("Parse error = %v, want it to begin with %q", err, tt.want)
			}
		})
	}
}

func TestRolesOfAddsTheTypes(t *testing.T) {
	t.Parallel()
	a := Account{Roles: []string{"member"}, Types: []string{"admin", "operator", "reseller_admin"}}
	roles, sure := a.RolesOf("boss", "member", "")
	if diff := cmp.Diff([]string{"boss", "member"}, roles); diff != "" || !sure {
		t.Errorf("RolesOf = %v, %v:\n%s", roles, sure, diff)
	}
	if _, sure := (Account{}).RolesOf("boss", "", ""); sure {
		t.Error("an account without roles is sure of them")
	}
}

func TestLocksExcludeEachOther(t *testing.T) {
	t.Parallel()
	l, err := NewLocks(filepath.Join(t.TempDir(), "a", "b"))
	if err != nil {
		t.Fatal(err)
	}
	first, err := l.Try("cloud", "project x")
	if err != nil || first == nil {
		t.Fatal(first, err)
	}
	if again, err := l.Try("cloud", "project x"); err != nil || again != nil {
		t.Errorf("the lock was given twice: %v, %v", again, err)
	}
	other, err := l.Try("cloudproject", " x")
	if err != nil || other == nil {
		t.Errorf("another lock is taken: %v, %v", other, err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	if again, err := l.Try("cloud", "project x"); err != nil || again == nil {
		t.Errorf("the lock was not freed: %v, %v", again, err)
	}
}

func TestNewLocksSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := NewLocks(file); err == nil || !strings.Contains(err.Error(), file) {
		t.Errorf("NewLocks error = %v, want one that names %s", err, file)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(sample)
	f.Add("- &a {username: a, password: b, project_name: c}\n- *a\n")
	f.Fuzz(func(t *testing.T, in string) {
		file, err := Parse(strings.NewReader(in), "f")
		if err != nil {
			return
		}
		for _, a := range file.Accounts {
			if a.problem() != "" || a.Place() == "" {
				t.Errorf("account %+v has no place, or %s", a, a.problem())
			}
		}
	})
}
