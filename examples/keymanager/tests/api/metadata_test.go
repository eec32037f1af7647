//go:build tempest

package api

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/keymanager/v1/secrets"

	"github.com/gotempest/tempest/examples/keymanager"
	"github.com/gotempest/tempest/testlib"
)

func wantMetadata(e *testlib.Env, c *gophercloud.ServiceClient, id string, want map[string]string) {
	e.Helper()
	got, err := secrets.GetMetadata(e.Context(), c, id).Extract()
	if err != nil {
		e.Fatalf("reading metadata: %v", err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		e.Errorf("metadata (-want +got):\n%s", diff)
	}
}

func TestMetadata(t *testing.T) {
	e := testlib.Start(t, testlib.ID("349597bd-6cb4-48ab-9255-47977d7bf5ef"),
		testlib.Services("key-manager"), testlib.Credentials(testlib.ProjectMember))
	ctx, c := e.Context(), keymanager.Client(e, testlib.ProjectMember)
	id := keymanager.NewSecret(e, c, secrets.CreateOpts{Name: e.Name("metadata")})
	wantMetadata(e, c, id, map[string]string{})

	for _, set := range []struct{ given, want map[string]string }{
		{map[string]string{"place": "Paris", "Colour": "blue"}, map[string]string{"place": "Paris", "colour": "blue"}},
		{map[string]string{"shape": ""}, map[string]string{"shape": ""}},
		{map[string]string{}, map[string]string{}},
	} {
		ref, err := secrets.CreateMetadata(ctx, c, id, secrets.MetadataOpts(set.given)).Extract()
		if err != nil {
			e.Fatalf("setting metadata %v: %v", set.given, err)
		}
		if ref["metadata_ref"] == "" {
			e.Errorf("setting metadata answered %v, want a metadata_ref", ref)
		}
		wantMetadata(e, c, id, set.want)
	}
}

func TestMetadatum(t *testing.T) {
	e := testlib.Start(t, testlib.ID("86fbee95-0431-4e64-9fd4-fa3ff9663dfc"),
		testlib.Services("key-manager"), testlib.Credentials(testlib.ProjectMember))
	c := keymanager.Client(e, testlib.ProjectMember)
	id := keymanager.NewSecret(e, c, secrets.CreateOpts{Name: e.Name("metadatum")})

	e.Run("Add", func(e *testlib.Env) {
		ctx, c := e.Context(), keymanager.Client(e, testlib.ProjectMember)
		o := secrets.MetadatumOpts{Key: "Owner", Value: "me"}
		if err := secrets.CreateMetadatum(ctx, c, id, o).ExtractErr(); err != nil {
			e.Fatal(err)
		}
		wantMetadata(e, c, id, map[string]string{"owner": "me"})
		err := secrets.CreateMetadatum(ctx, c, id, o).ExtractErr()
		e.WantStatus("adding a key that is there", err, http.StatusConflict)
	}, testlib.ID("2bb292d1-05d2-48a2-8750-3f6ebcc19acd"))

	e.Run("Update", func(e *testlib.Env) {
		ctx, c := e.Context(), keymanager.Client(e, testlib.ProjectMember)
		o := secrets.MetadatumOpts{Key: "owner", Value: "you"}
		got, err := secrets.UpdateMetadatum(ctx, c, id, o).Extract()
		if err != nil {
			e.Fatal(err)
		}
		if want := (secrets.Metadatum{Key: "owner", Value: "you"}); *got != want {
			e.Errorf("updated metadatum = %v, want %v", *got, want)
		}
		err = secrets.UpdateMetadatum(ctx, c, id, secrets.MetadatumOpts{Key: "absent", Value: "x"}).Err
		e.WantStatus("updating a key that is not there", err, http.StatusNotFound)
	}, testlib.ID("4891a9d9-4c49-4697-a49f-c0d34caef88d"))

	e.Run("Delete", func(e *testlib.Env) {
		ctx, c := e.Context(), keymanager.Client(e, testlib.ProjectMember)
		if err := secrets.DeleteMetadatum(ctx, c, id, "owner").ExtractErr(); err != nil {
			e.Fatal(err)
		}
		wantMetadata(e, c, id, map[string]string{})
		err := secrets.GetMetadatum(ctx, c, id, "owner").Err
		e.WantStatus("reading a deleted key", err, http.StatusNotFound)
	}, testlib.ID("27fb3e98-15c7-46fa-b986-9a0851612359"))
}

func TestMetadataRefused(t *testing.T) {
	e := testlib.Start(t, testlib.ID("4b209e75-0819-4c16-9e6b-d57fc007e313"), testlib.Negative,
		testlib.Services("key-manager"), testlib.Credentials(testlib.ProjectMember))
	ctx, c := e.Context(), keymanager.Client(e, testlib.ProjectMember)
	id := keymanager.NewSecret(e, c, secrets.CreateOpts{Name: e.Name("metadata-refused")})
	put := func(body any) error {
		_, err := c.Put(ctx, c.ServiceURL("secrets", id, "metadata"), body, nil, nil)
		return err
	}
	for what, body := range map[string]any{
		"a key that is not fit for URLs": map[string]any{"metadata": map[string]any{"a b": "x"}},
		"a value that is no string":      map[string]any{"metadata": map[string]any{"a": 1}},
		"metadata that is no object":     map[string]any{"metadata": []string{"a"}},
		"no metadata":                    map[string]any{"data": map[string]any{}},
	} {
		e.WantStatus("setting "+what, put(body), http.StatusBadRequest)
	}
	wantMetadata(e, c, id, map[string]string{})
}
