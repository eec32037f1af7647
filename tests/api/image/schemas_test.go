//go:build tempest

package image_test

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/gophercloud/gophercloud/v2/openstack/image/v2/members"

	"github.com/gotempest/tempest/testlib"
	"github.com/gotempest/tempest/testlib/schema"
)

func TestSchemas(t *testing.T) {
	e := testlib.Start(t, testlib.ID("86443274-66e5-48fa-bfd2-6d047a8fdd2c"), testlib.Services("image"),
		testlib.Credentials(testlib.ProjectMember))
	client := e.Image(testlib.ProjectMember)
	// wantSchema wants the schema at a path to have a name, and to describe these properties.
	wantSchema := func(e *testlib.Env, path, name string, properties ...string) {
		e.Helper()
		got, err := get[struct {
			Name       string
			Properties map[string]any
		}](e.Context(), client, "schemas", path)
		wantOK(e, "reading the schema", err)
		if got.Name != name {
			e.Errorf("the schema is called %q, want %q", got.Name, name)
		}
		for _, p := range properties {
			if got.Properties[p] == nil {
				e.Errorf("schema %s does not describe %s", name, p)
			}
		}
	}

	e.Run("Image", func(e *testlib.Env) {
		wantSchema(e, "image", "image", "id", "name", "status", "visibility", "size", "tags")
	}, testlib.ID("622b925c-479f-4736-860d-adeaf13bc371"))
	e.Run("Images", func(e *testlib.Env) {
		wantSchema(e, "images", "images", "images", "first", "next", "schema")
	}, testlib.ID("25c8d7b2-df21-460f-87ac-93130bcdc684"))
	e.Run("Member", func(e *testlib.Env) {
		wantSchema(e, "member", "member", "member_id", "image_id", "status")
	}, testlib.ID("634dcc3f-f6e2-4409-b8fd-354a0bb25d83"))
	e.Run("Members", func(e *testlib.Env) {
		wantSchema(e, "members", "members", "members", "schema")
	}, testlib.ID("6ae916ef-1052-4e11-8d36-b3ae14853cbb"))
	e.Run("Namespace", func(e *testlib.Env) {
		wantSchema(e, "metadefs/namespace", "namespace", "namespace", "visibility", "protected")
	}, testlib.ID("e9e44891-3cb8-3b40-a532-e0a39fea3dab"))
	e.Run("Namespaces", func(e *testlib.Env) {
		wantSchema(e, "metadefs/namespaces", "namespaces", "namespaces")
	}, testlib.ID("ffe44891-678b-3ba0-a3e2-e0a3967b3aeb"))
	e.Run("ResourceType", func(e *testlib.Env) {
		wantSchema(e, "metadefs/resource_type", "resource_type_association", "name", "prefix")
	}, testlib.ID("fde34891-678b-3b40-ae32-e0a3e67b6beb"))
	e.Run("ResourceTypes", func(e *testlib.Env) {
		wantSchema(e, "metadefs/resource_types", "resource_type_associations", "resource_type_associations")
	}, testlib.ID("dfe4a891-b38b-3bf0-a3b2-e03ee67b3a3a"))
	e.Run("Object", func(e *testlib.Env) {
		wantSchema(e, "metadefs/object", "object", "name", "properties")
	}, testlib.ID("dff4a891-b38b-3bf0-a3b2-e03ee67b3a3b"))
	e.Run("Objects", func(e *testlib.Env) {
		wantSchema(e, "metadefs/objects", "objects", "objects")
	}, testlib.ID("dee4a891-b38b-3bf0-a3b2-e03ee67b3a3c"))
	e.Run("Property", func(e *testlib.Env) {
		wantSchema(e, "metadefs/property", "property", "name", "title", "type")
	}, testlib.ID("dae4a891-b38b-3bf0-a3b2-e03ee67b3a3d"))
	e.Run("Properties", func(e *testlib.Env) {
		wantSchema(e, "metadefs/properties", "properties", "properties")
	}, testlib.ID("dce4a891-b38b-3bf0-a3b2-e03ee67b3a3e"))
	e.Run("Tag", func(e *testlib.Env) {
		wantSchema(e, "metadefs/tag", "tag", "name")
	}, testlib.ID("dde4a891-b38b-3bf0-a3b2-e03ee67b3a3e"))
	e.Run("Tags", func(e *testlib.Env) {
		wantSchema(e, "metadefs/tags", "tags", "tags")
	}, testlib.ID("cde4a891-b38b-3bf0-a3b2-e03ee67b3a3a"))
}

// TestAnswersFitTheirSchemas checks what the service says of images and members against what it says that it says.
func TestAnswersFitTheirSchemas(t *testing.T) {
	e := testlib.Start(t, testlib.ID("78aee5a6-4c0c-4be4-b63f-054d73e97fbb"), testlib.Services("image"),
		testlib.Credentials(testlib.ProjectMember, testlib.AltMember))
	l := newLoan(e)
	upload(e, l.owner, l.image.ID, sample(e))
	l.share(e)
	rule := func(name, path string) schema.Rule {
		text, err := get[json.RawMessage](e.Context(), l.owner, "schemas", name)
		wantOK(e, "reading the schema", err)
		return schema.Rule{Service: "image", Method: http.MethodGet, Path: path, Body: string(text)}
	}
	answers, err := schema.New(nil, rule("image", "/images/*"), rule("images", "/images"),
		rule("member", "/images/*/members/*"), rule("members", "/images/*/members"))
	wantOK(e, "reading the schemas", err)
	e.Validate(l.owner, answers)

	show(e, l.owner, l.image.ID)
	listed(e, l.owner, query{"owner": e.Credential(testlib.ProjectMember).ProjectID})
	wantOK(e, "reading the member", members.Get(e.Context(), l.owner, l.image.ID, l.guestID).Err)
	list(e, members.List(l.owner, l.image.ID), members.ExtractMembers)
}

func TestUnknownSchemaIsNotFound(t *testing.T) {
	e := testlib.Start(t, testlib.ID("6aa26995-f0cd-4fa5-adda-8e5b7a174e2a"), testlib.Services("image"), testlib.Negative,
		testlib.Credentials(testlib.ProjectMember))

	_, err := get[object](e.Context(), e.Image(testlib.ProjectMember), "schemas", "none")

	e.WantStatus("reading a schema that there is not", err, http.StatusNotFound)
}
