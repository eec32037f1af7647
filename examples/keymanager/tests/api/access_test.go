//go:build tempest

package api

import (
	"net/http"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/keymanager/v1/acls"
	"github.com/gophercloud/gophercloud/v2/openstack/keymanager/v1/containers"
	"github.com/gophercloud/gophercloud/v2/openstack/keymanager/v1/secrets"

	"github.com/gotempest/tempest/examples/keymanager"
	"github.com/gotempest/tempest/testlib"
)

// wantRefused fails the test unless c, who is not allowed to, gets 403 for
// everything that can be done with the secret.
func wantRefused(e *testlib.Env, c *gophercloud.ServiceClient, id string) {
	e.Helper()
	ctx := e.Context()
	private := false
	for what, err := range map[string]error{
		"describing":       secrets.Get(ctx, c, id).Err,
		"reading":          secrets.GetPayload(ctx, c, id, nil).Err,
		"replacing":        secrets.Update(ctx, c, id, secrets.UpdateOpts{ContentType: "text/plain", Payload: "x"}).Err,
		"listing metadata": secrets.GetMetadata(ctx, c, id).Err,
		"adding metadata":  secrets.CreateMetadatum(ctx, c, id, secrets.MetadatumOpts{Key: "a", Value: "b"}).Err,
		"reading the ACL":  acls.GetSecretACL(ctx, c, id).Err,
		"changing the ACL": acls.SetSecretACL(ctx, c, id, acls.SetOpts{{Type: "read", ProjectAccess: &private}}).Err,
		"removing the ACL": acls.DeleteSecretACL(ctx, c, id).Err,
		"deleting":         secrets.Delete(ctx, c, id).Err,
	} {
		e.WantStatus(what+" somebody else's secret", err, http.StatusForbidden)
	}
}

func TestReaderIsRefused(t *testing.T) {
	e := testlib.Start(t, testlib.ID("8272626b-cba0-419c-9f1c-23a6e2f99421"), testlib.Negative,
		testlib.Services("key-manager"), testlib.Credentials(testlib.ProjectMember, testlib.ProjectReader))
	member, reader := keymanager.Client(e, testlib.ProjectMember), keymanager.Client(e, testlib.ProjectReader)
	id := keymanager.NewSecret(e, member, secrets.CreateOpts{Payload: "x", PayloadContentType: "text/plain"})

	wantRefused(e, reader, id)

	s, err := secrets.Create(e.Context(), reader, secrets.CreateOpts{Name: e.Name("reader")}).Extract()
	e.WantStatus("a reader creating a secret", err, http.StatusForbidden)
	forget(e, reader, s, err)
	_, err = containers.Create(e.Context(), reader, containers.CreateOpts{Type: containers.GenericContainer}).Extract()
	e.WantStatus("a reader creating a container", err, http.StatusForbidden)
	_, err = secrets.List(reader, nil).AllPages(e.Context())
	e.WantStatus("a reader listing secrets", err, http.StatusForbidden)
}

func TestOtherProjectIsRefused(t *testing.T) {
	e := testlib.Start(t, testlib.ID("b4c3db38-c15d-460b-8cc0-ce469a722d5f"), testlib.Negative,
		testlib.Services("key-manager"), testlib.Credentials(testlib.ProjectMember, testlib.AltMember))
	member := keymanager.Client(e, testlib.ProjectMember)
	stranger := keymanager.Client(e, testlib.AltMember)
	name := e.Name("private")
	id := keymanager.NewSecret(e, member, secrets.CreateOpts{
		Name: name, Payload: "x", PayloadContentType: "text/plain",
	})

	wantRefused(e, stranger, id)

	if found := names(e, stranger, secrets.ListOpts{Name: name}); len(found) > 0 {
		e.Errorf("another project's list has %q", found)
	}
	if got := keymanager.Payload(e, member, id, "text/plain"); string(got) != "x" {
		e.Errorf("payload = %q afterwards, want %q", got, "x")
	}
}

func TestNobodyIsRefused(t *testing.T) {
	e := testlib.Start(t, testlib.ID("dad47c92-5776-49e2-b3a4-b685d0dec92d"), testlib.Negative, testlib.Smoke,
		testlib.Services("key-manager"), testlib.Credentials(testlib.ProjectMember))
	url := keymanager.Client(e, testlib.ProjectMember).ServiceURL("secrets")
	for _, token := range []string{"", "nonsense"} {
		req, err := http.NewRequestWithContext(e.Context(), http.MethodGet, url, http.NoBody)
		if err != nil {
			e.Fatal(err)
		}
		if token != "" {
			req.Header.Set("X-Auth-Token", token)
		}
		resp, err := e.HTTP().Do(req)
		if err != nil {
			e.Fatal(err)
		}
		if err := resp.Body.Close(); err != nil {
			e.Fatal(err)
		}
		if resp.StatusCode != http.StatusUnauthorized {
			e.Errorf("listing secrets with token %q: status %d, want %d", token, resp.StatusCode, http.StatusUnauthorized)
		}
	}
}

func TestAdminReadsPrivateSecrets(t *testing.T) {
	e := testlib.Start(t, testlib.ID("a5e041af-dd0d-4352-a747-70e3270ef093"),
		testlib.Services("key-manager"), testlib.Credentials(testlib.ProjectMember, testlib.ProjectAdmin))
	member, admin := keymanager.Client(e, testlib.ProjectMember), keymanager.Client(e, testlib.ProjectAdmin)
	id := keymanager.NewSecret(e, member, secrets.CreateOpts{Payload: "x", PayloadContentType: "text/plain"})
	private := false
	o := acls.SetOpts{{Type: "read", ProjectAccess: &private}}
	if err := acls.SetSecretACL(e.Context(), member, id, o).Err; err != nil {
		e.Fatalf("making the secret private: %v", err)
	}

	if got := keymanager.Payload(e, admin, id, "text/plain"); string(got) != "x" {
		e.Errorf("payload = %q, want %q", got, "x")
	}
}

func TestACLKeepsTheProjectOut(t *testing.T) {
	e := testlib.Start(t, testlib.ID("c8266a14-4df0-48ac-9008-3f1a5a2b826f"),
		testlib.Services("key-manager"), testlib.Credentials(testlib.ProjectMember, testlib.ProjectAdmin))
	admin, member := keymanager.Client(e, testlib.ProjectAdmin), keymanager.Client(e, testlib.ProjectMember)
	id := keymanager.NewSecret(e, admin, secrets.CreateOpts{Payload: "x", PayloadContentType: "text/plain"})
	if got := keymanager.Payload(e, member, id, "text/plain"); string(got) != "x" {
		e.Errorf("payload = %q, want %q", got, "x")
	}

	private := false
	o := acls.SetOpts{{Type: "read", ProjectAccess: &private}}
	if err := acls.SetSecretACL(e.Context(), admin, id, o).Err; err != nil {
		e.Fatalf("making the secret private: %v", err)
	}

	// Only reading: under the legacy policies members may still delete it.
	ctx := e.Context()
	e.WantStatus("a member describing it", secrets.Get(ctx, member, id).Err, http.StatusForbidden)
	e.WantStatus("a member reading it", secrets.GetPayload(ctx, member, id, nil).Err, http.StatusForbidden)
	err := secrets.GetMetadata(ctx, member, id).Err
	e.WantStatus("a member reading its metadata", err, http.StatusForbidden)
	if got := keymanager.Payload(e, admin, id, "text/plain"); string(got) != "x" {
		e.Errorf("the owner's payload = %q, want %q", got, "x")
	}
}

func TestACLLetsAStrangerRead(t *testing.T) {
	e := testlib.Start(t, testlib.ID("55810440-a84a-486c-a40e-83a1b64ac823"),
		testlib.Services("key-manager"), testlib.Credentials(testlib.ProjectMember, testlib.AltMember))
	ctx, member := e.Context(), keymanager.Client(e, testlib.ProjectMember)
	stranger, user := keymanager.Client(e, testlib.AltMember), e.Credential(testlib.AltMember).UserID
	name := e.Name("shared")
	id := keymanager.NewSecret(e, member, secrets.CreateOpts{
		Name: name, Payload: "x", PayloadContentType: "text/plain",
	})

	o := acls.SetOpts{{Type: "read", Users: &[]string{user}}}
	if err := acls.SetSecretACL(ctx, member, id, o).Err; err != nil {
		e.Fatalf("sharing the secret: %v", err)
	}

	if got := keymanager.Payload(e, stranger, id, "text/plain"); string(got) != "x" {
		e.Errorf("payload = %q, want %q", got, "x")
	}
	shared := true
	if found := names(e, stranger, secrets.ListOpts{ACLOnly: &shared}); !slices.Contains(found, name) {
		e.Errorf("list of what is shared = %q, want it to contain %q", found, name)
	}
	err := secrets.Delete(ctx, stranger, id).Err
	e.WantStatus("deleting a secret that one may read", err, http.StatusForbidden)

	if err := acls.DeleteSecretACL(ctx, member, id).ExtractErr(); err != nil {
		e.Fatalf("ending the sharing: %v", err)
	}
	wantRefused(e, stranger, id)
}

func TestACL(t *testing.T) {
	e := testlib.Start(t, testlib.ID("d9c4e6f6-219e-4e09-a41f-423562024375"),
		testlib.Services("key-manager"), testlib.Credentials(testlib.ProjectMember))
	ctx, c := e.Context(), keymanager.Client(e, testlib.ProjectMember)
	id := keymanager.NewSecret(e, c, secrets.CreateOpts{Name: e.Name("acl")})
	want := func(step string, access bool, users ...string) {
		e.Helper()
		acl, err := acls.GetSecretACL(ctx, c, id).Extract()
		if err != nil {
			e.Fatalf("%s: %v", step, err)
		}
		got := (*acl)["read"]
		slices.Sort(got.Users)
		if got.ProjectAccess != access || !slices.Equal(got.Users, users) {
			e.Errorf("%s: project access %v for %q, want %v for %q", step, got.ProjectAccess, got.Users, access, users)
		}
	}
	private := false
	two, three := []string{"u1", "u2"}, []string{"u3"}

	want("at first", true)
	o := acls.SetOpts{{Type: "read", Users: &two, ProjectAccess: &private}}
	if err := acls.SetSecretACL(ctx, c, id, o).Err; err != nil {
		e.Fatal(err)
	}
	want("set", false, "u1", "u2")
	if err := acls.UpdateSecretACL(ctx, c, id, acls.SetOpts{{Type: "read", Users: &three}}).Err; err != nil {
		e.Fatal(err)
	}
	want("with other users", false, "u3")
	if err := acls.SetSecretACL(ctx, c, id, acls.SetOpts{{Type: "read", Users: &two}}).Err; err != nil {
		e.Fatal(err)
	}
	want("set again, open to the project by default", true, "u1", "u2")
	if err := acls.DeleteSecretACL(ctx, c, id).ExtractErr(); err != nil {
		e.Fatal(err)
	}
	want("removed", true)
	err := acls.SetSecretACL(ctx, c, id, acls.SetOpts{{Type: "write", Users: &two}}).Err
	e.WantStatus("an ACL for writing", err, http.StatusBadRequest)
}

func TestContainerACL(t *testing.T) {
	e := testlib.Start(t, testlib.ID("236eac2d-91c6-4747-b98b-dddcea586dfc"),
		testlib.Services("key-manager"), testlib.Credentials(testlib.ProjectMember, testlib.AltMember))
	ctx, member := e.Context(), keymanager.Client(e, testlib.ProjectMember)
	stranger, user := keymanager.Client(e, testlib.AltMember), e.Credential(testlib.AltMember).UserID
	id := keymanager.NewContainer(e, member, containers.CreateOpts{
		Type: containers.GenericContainer, Name: e.Name("acl"),
	})
	e.WantStatus("a stranger describing it", containers.Get(ctx, stranger, id).Err, http.StatusForbidden)
	e.WantStatus("a stranger deleting it", containers.Delete(ctx, stranger, id).Err, http.StatusForbidden)

	o := acls.SetOpts{{Type: "read", Users: &[]string{user}}}
	if err := acls.SetContainerACL(ctx, member, id, o).Err; err != nil {
		e.Fatalf("sharing the container: %v", err)
	}

	if err := containers.Get(ctx, stranger, id).Err; err != nil {
		e.Errorf("a user of the ACL describing it: %v", err)
	}
	got, err := acls.GetContainerACL(ctx, member, id).Extract()
	if err != nil {
		e.Fatal(err)
	}
	if diff := cmp.Diff([]string{user}, (*got)["read"].Users); diff != "" {
		e.Errorf("users (-want +got):\n%s", diff)
	}
}
