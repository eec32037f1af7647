//go:build tempest

package api

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/keymanager/v1/secrets"
	"github.com/gophercloud/gophercloud/v2/pagination"

	"github.com/gotempest/tempest/examples/keymanager"
	"github.com/gotempest/tempest/testlib"
)

// names lists the names of the secrets that o selects, in the order of the
// list.
func names(e *testlib.Env, c *gophercloud.ServiceClient, o secrets.ListOpts) []string {
	e.Helper()
	page, err := secrets.List(c, o).AllPages(e.Context())
	if err != nil {
		e.Fatalf("listing secrets with %+v: %v", o, err)
	}
	list, err := secrets.ExtractSecrets(page)
	if err != nil {
		e.Fatal(err)
	}
	found := make([]string, len(list))
	for i, s := range list {
		found[i] = s.Name
	}
	return found
}

func TestListFilters(t *testing.T) {
	e := testlib.Start(t, testlib.ID("8803318f-3aba-484e-838c-bcdd3fdace93"),
		testlib.Services("key-manager"), testlib.Credentials(testlib.ProjectMember))
	c := keymanager.Client(e, testlib.ProjectMember)
	one := secrets.CreateOpts{
		Name: e.Name("filter"), Algorithm: "aes", BitLength: 128, Mode: "cbc", SecretType: secrets.SymmetricSecret,
	}
	other := secrets.CreateOpts{
		Name: e.Name("filter"), Algorithm: "rsa", BitLength: 2048, Mode: "gcm", SecretType: secrets.PrivateSecret,
	}
	keymanager.NewSecret(e, c, one)
	keymanager.NewSecret(e, c, other)

	for what, o := range map[string]secrets.ListOpts{
		"nothing":   {Limit: 100},
		"name":      {Name: one.Name},
		"algorithm": {Alg: "aes"},
		"mode":      {Mode: "cbc"},
		"bits":      {Bits: 128},
		"type":      {SecretType: secrets.SymmetricSecret},
		"all":       {Name: one.Name, Alg: "aes", Mode: "cbc", Bits: 128, SecretType: secrets.SymmetricSecret},
	} {
		found := names(e, c, o)
		if !slices.Contains(found, one.Name) {
			e.Errorf("filter by %s: %q is missing in %q", what, one.Name, found)
		}
		if wantOther := what == "nothing"; slices.Contains(found, other.Name) != wantOther {
			e.Errorf("filter by %s: %q, want it to contain %q: %v", what, found, other.Name, wantOther)
		}
	}
	if found := names(e, c, secrets.ListOpts{Name: one.Name, Alg: "rsa"}); len(found) > 0 {
		e.Errorf("filters that exclude each other find %q", found)
	}
}

func TestListByDate(t *testing.T) {
	e := testlib.Start(t, testlib.ID("4b681bed-592e-474f-81ee-c09b8c577411"),
		testlib.Services("key-manager"), testlib.Credentials(testlib.ProjectMember))
	c := keymanager.Client(e, testlib.ProjectMember)
	expiration := time.Now().Add(48 * time.Hour).UTC().Truncate(time.Second)
	name := e.Name("dates")
	id := keymanager.NewSecret(e, c, secrets.CreateOpts{Name: name, Expiration: &expiration})
	s, err := secrets.Get(e.Context(), c, id).Extract()
	if err != nil {
		e.Fatal(err)
	}
	// The service's clock, not ours. Some databases keep fractions of a second, which a query cannot name.
	created, updated := s.Created.Truncate(time.Second), s.Updated.Truncate(time.Second)

	tests := map[string]struct {
		o    secrets.ListOpts
		want bool
	}{
		"created in that second":     {secrets.ListOpts{CreatedQuery: date("gte", created)}, true},
		"created until the next one": {secrets.ListOpts{CreatedQuery: date("lte", created.Add(time.Second))}, true},
		"created later":              {secrets.ListOpts{CreatedQuery: date("gt", created.Add(time.Second))}, false},
		"created before":             {secrets.ListOpts{CreatedQuery: date("lt", created)}, false},
		"updated in that second":     {secrets.ListOpts{UpdatedQuery: date("gte", updated)}, true},
		"updated before":             {secrets.ListOpts{UpdatedQuery: date("lt", updated)}, false},
		"expires then":               {secrets.ListOpts{ExpirationQuery: date("", expiration)}, true},
		"expires later":              {secrets.ListOpts{ExpirationQuery: date("gt", expiration)}, false},
	}
	for what, tt := range tests {
		tt.o.Name = name
		if got := slices.Contains(names(e, c, tt.o), name); got != tt.want {
			e.Errorf("%s: listed = %v, want %v", what, got, tt.want)
		}
	}
}

func date(filter secrets.DateFilter, t time.Time) *secrets.DateQuery {
	return &secrets.DateQuery{Date: t, Filter: filter}
}

func TestListSortedInPages(t *testing.T) {
	e := testlib.Start(t, testlib.ID("ead002f8-dfa7-413b-9cfd-af92d58aff5f"),
		testlib.Services("key-manager"), testlib.Credentials(testlib.ProjectMember))
	c := keymanager.Client(e, testlib.ProjectMember)
	prefix := e.Name("page")
	for _, letter := range []string{"b", "c", "a"} {
		keymanager.NewSecret(e, c, secrets.CreateOpts{Name: prefix + letter})
	}
	page := func(o secrets.ListOpts) []string {
		// The link to the next page forgets the filter: ask for each page instead of following it.
		o.Name, o.Limit = prefix+"_", 2
		var found []string
		err := secrets.List(c, o).EachPage(e.Context(), func(_ context.Context, p pagination.Page) (bool, error) {
			list, err := secrets.ExtractSecrets(p)
			for _, s := range list {
				found = append(found, strings.TrimPrefix(s.Name, prefix))
			}
			return false, err
		})
		if err != nil {
			e.Fatalf("listing secrets with %+v: %v", o, err)
		}
		return found
	}

	for what, tt := range map[string]struct {
		o    secrets.ListOpts
		want []string
	}{
		"first page":           {secrets.ListOpts{Sort: "name"}, []string{"a", "b"}},
		"second page":          {secrets.ListOpts{Sort: "name:asc", Offset: 2}, []string{"c"}},
		"third page":           {secrets.ListOpts{Sort: "name", Offset: 4}, nil},
		"descending":           {secrets.ListOpts{Sort: "name:desc"}, []string{"c", "b"}},
		"descending, the rest": {secrets.ListOpts{Sort: "secret_type,name:desc", Offset: 2}, []string{"a"}},
	} {
		if diff := cmp.Diff(tt.want, page(tt.o)); diff != "" {
			e.Errorf("%s (-want +got):\n%s", what, diff)
		}
	}
}

func TestListFollowsLinks(t *testing.T) {
	e := testlib.Start(t, testlib.ID("909b33cd-b801-4308-ac4b-2c14ae17ea8b"),
		testlib.Services("key-manager"), testlib.Credentials(testlib.ProjectMember))
	c := keymanager.Client(e, testlib.ProjectMember)
	var want []string
	for range 3 {
		name := e.Name("links")
		keymanager.NewSecret(e, c, secrets.CreateOpts{Name: name})
		want = append(want, name)
	}
	found := names(e, c, secrets.ListOpts{Limit: 2})
	for _, name := range want {
		if !slices.Contains(found, name) {
			e.Errorf("%q is missing in the pages: %q", name, found)
		}
	}
}

func TestListRefusesNonsense(t *testing.T) {
	e := testlib.Start(t, testlib.ID("1be361a2-e32c-4ec4-bf7b-48ba86a2086c"), testlib.Negative,
		testlib.Services("key-manager"), testlib.Credentials(testlib.ProjectMember))
	c := keymanager.Client(e, testlib.ProjectMember)
	for _, query := range []string{"sort=colour", "sort=name:up", "created=yesterday", "expiration=gt:"} {
		_, err := c.Get(e.Context(), c.ServiceURL("secrets")+"?"+query, nil, nil)
		e.WantStatus("listing with "+query, err, http.StatusBadRequest)
	}
}
