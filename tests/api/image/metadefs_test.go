//go:build tempest

package image_test

import (
	"context"
	"net/http"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/gophercloud/gophercloud/v2"

	"github.com/gotempest/tempest/testlib"
)

// namespace is a namespace of metadata definitions, as far as tests look at it.
//
// Source: https://docs.openstack.org/api-ref/image/v2/metadefs-index.html
type namespace struct {
	Namespace   string        `json:"namespace"`
	Visibility  string        `json:"visibility"`
	Protected   bool          `json:"protected"`
	Owner       string        `json:"owner"`
	Description string        `json:"description"`
	DisplayName string        `json:"display_name"`
	Types       []association `json:"resource_type_associations"`
}

// association says that a namespace is for a type of resources.
type association struct {
	Name   string `json:"name"`
	Prefix string `json:"prefix"`
}

// named is a definition, of which only the name matters, or the title.
type named struct {
	Name  string `json:"name"`
	Title string `json:"title"`
}

// definitions are metadata definitions and who works on them.
type definitions struct {
	client *gophercloud.ServiceClient
}

// do makes a request to a path below /v2/metadefs and reads the answer into a T.
func do[T any](e *testlib.Env, d definitions, method string, body any, path ...string) (T, error) {
	var answer T
	opts := &gophercloud.RequestOpts{
		JSONBody: body, OkCodes: []int{http.StatusOK, http.StatusCreated, http.StatusNoContent},
	}
	if method != http.MethodDelete {
		opts.JSONResponse = &answer
	}
	_, err := d.client.Request(e.Context(), method, d.client.ServiceURL(append([]string{"metadefs"}, path...)...), opts)
	return answer, err
}

func (d definitions) delete(e *testlib.Env, path ...string) error {
	_, err := do[any](e, d, http.MethodDelete, nil, path...)
	return err
}

// create makes a namespace, and registers its removal with all that is in it.
func (d definitions) create(e *testlib.Env, body object) (*namespace, error) {
	made, err := do[namespace](e, d, http.MethodPost, body, "namespaces")
	if err != nil {
		return nil, err
	}
	e.Cleanup("metadata namespace "+made.Namespace, func(ctx context.Context) error {
		_, err := d.client.Delete(ctx, d.client.ServiceURL("metadefs", "namespaces", made.Namespace), nil)
		return err
	})
	return &made, nil
}

// newNamespace makes a public namespace.
func (d definitions) newNamespace(e *testlib.Env) string {
	e.Helper()
	name := e.Name("namespace")
	_, err := d.create(e, object{
		"namespace": name, "display_name": name, "description": "of a test", "visibility": "public",
	})
	wantOK(e, "making a namespace", err)
	return name
}

// resourceType is the name of a type of resources that the service knows.
func (d definitions) resourceType(e *testlib.Env) string {
	e.Helper()
	got, err := do[struct {
		Types []named `json:"resource_types"`
	}](e, d, http.MethodGet, nil, "resource_types")
	wantOK(e, "listing resource types", err)
	if len(got.Types) == 0 {
		e.Fatal("the service knows no resource types")
	}
	return got.Types[0].Name
}

// names lists the definitions of a kind in a namespace.
func (d definitions) names(e *testlib.Env, space, kind string) []string {
	e.Helper()
	key := kind
	if kind == "resource_types" {
		key = "resource_type_associations"
	}
	got, err := do[map[string]any](e, d, http.MethodGet, nil, "namespaces", space, kind)
	wantOK(e, "listing "+kind, err)
	var names []string
	switch all := got[key].(type) {
	case []any:
		for _, one := range all {
			names = append(names, one.(map[string]any)["name"].(string))
		}
	case map[string]any: // properties are members of an object
		for name := range all {
			names = append(names, name)
		}
	default:
		e.Fatalf("%s = %v, want a list of them", key, got)
	}
	return names
}

func TestMetadataNamespaceLife(t *testing.T) {
	e := testlib.Start(t, testlib.ID("319b765e-7f3d-4b3d-8b37-3ca3876ee768"), testlib.Services("image"),
		testlib.Credentials(testlib.ProjectAdmin))
	d := definitions{e.Image(testlib.ProjectAdmin)}
	kind, name := d.resourceType(e), e.Name("namespace")
	update := func(ctx context.Context) (got namespace, err error) {
		_, err = d.client.Put(ctx, d.client.ServiceURL("metadefs", "namespaces", name), object{
			"namespace": name, "visibility": "private", "protected": false, "description": "of a test",
		}, &got, &gophercloud.RequestOpts{OkCodes: []int{http.StatusOK}})
		return got, err
	}

	made, err := d.create(e, object{
		"namespace": name, "display_name": name, "description": "of a test", "visibility": "public", "protected": true,
		"resource_type_associations": []object{{"name": kind}},
	})
	wantOK(e, "making a namespace", err)
	e.Cleanup("protection of namespace "+name, func(ctx context.Context) error {
		_, err := update(ctx)
		return err
	})
	if made.Owner == "" || len(made.Types) != 1 || made.Types[0].Name != kind {
		e.Errorf("created %+v, want an owner and the resource type %s", made, kind)
	}

	all, err := do[struct{ Namespaces []namespace }](e, d, http.MethodGet, nil,
		"namespaces?sort_key=created_at&sort_dir=desc")
	wantOK(e, "listing namespaces", err)
	if !slices.ContainsFunc(all.Namespaces, func(n namespace) bool { return n.Namespace == name }) {
		e.Errorf("namespaces = %+v, want %s among them", all.Namespaces, name)
	}
	got, err := do[namespace](e, d, http.MethodGet, nil, "namespaces", name)
	wantOK(e, "reading the namespace", err)
	if got.Namespace != name || got.Visibility != "public" || !got.Protected || got.DisplayName != name {
		e.Errorf("namespace = %+v, want %s, public and protected", got, name)
	}
	e.WantStatus("deleting a protected namespace", d.delete(e, "namespaces", name), http.StatusForbidden)

	got, err = update(e.Context())
	wantOK(e, "updating the namespace", err)
	if got.Visibility != "private" || got.Protected {
		e.Errorf("updated to %+v, want it private and not protected", got)
	}
	wantOK(e, "deleting the namespace", d.delete(e, "namespaces", name))
	_, err = do[namespace](e, d, http.MethodGet, nil, "namespaces", name)
	e.WantStatus("reading a deleted namespace", err, http.StatusNotFound)
}

func TestMetadataDefinitions(t *testing.T) {
	e := testlib.Start(t, testlib.ID("8f5fa713-034a-4c56-ac67-a292adfee04b"), testlib.Services("image"),
		testlib.Credentials(testlib.ProjectAdmin))
	d := definitions{e.Image(testlib.ProjectAdmin)}
	space := d.newNamespace(e)

	e.Run("ResourceType", func(e *testlib.Env) {
		kind := d.resourceType(e)
		got, err := do[association](e, d, http.MethodPost, object{"name": kind}, "namespaces", space, "resource_types")
		wantOK(e, "associating a resource type", err)
		if got.Name != kind {
			e.Errorf("associated %s, want %s", got.Name, kind)
		}
		if got := d.names(e, space, "resource_types"); !slices.Contains(got, kind) {
			e.Errorf("resource types = %q, want %q among them", got, kind)
		}
		wantOK(e, "removing the association", d.delete(e, "namespaces", space, "resource_types", kind))
		if got := d.names(e, space, "resource_types"); slices.Contains(got, kind) {
			e.Errorf("resource types = %q, want them without %q", got, kind)
		}
	}, testlib.ID("6f358a4e-5ef0-11e6-a795-080027d0d606"))

	e.Run("Property", func(e *testlib.Env) {
		d.checkProperty(e, space, d.resourceType(e))
	}, testlib.ID("b1a3765e-3a5d-4f6d-a3a7-3ca3476ae768"))

	e.Run("ObjectIsRenamed", func(e *testlib.Env) {
		name, renamed := d.newObject(e, space), e.Name("renamed")
		got, err := do[named](e, d, http.MethodPut, object{"name": renamed}, "namespaces", space, "objects", name)
		wantOK(e, "updating the object", err)
		if got.Name != renamed {
			e.Errorf("the object is called %q, want %q", got.Name, renamed)
		}
		wantOK(e, "deleting the object", d.delete(e, "namespaces", space, "objects", renamed))
		if got := d.names(e, space, "objects"); slices.Contains(got, renamed) || slices.Contains(got, name) {
			e.Errorf("objects = %q, want them without %q and %q", got, name, renamed)
		}
	}, testlib.ID("b1a3775e-3b5c-4f6a-a3b4-1ba3574ae718"))

	e.Run("ObjectIsListed", func(e *testlib.Env) {
		name := d.newObject(e, space)
		if got := d.names(e, space, "objects"); !slices.Contains(got, name) {
			e.Errorf("objects = %q, want %q among them", got, name)
		}
	}, testlib.ID("a2a3615e-3b5c-3f6a-a2b1-1ba3574ae738"))

	e.Run("ObjectIsRead", func(e *testlib.Env) {
		name := d.newObject(e, space)
		got, err := do[named](e, d, http.MethodGet, nil, "namespaces", space, "objects", name)
		wantOK(e, "reading the object", err)
		if got.Name != name {
			e.Errorf("the object is called %q, want %q", got.Name, name)
		}
	}, testlib.ID("b1a3674e-3b4c-3f6a-a3b4-1ba3573ca768"))

	e.Run("TagsAreListed", func(e *testlib.Env) {
		want := d.newTags(e, space)
		sorted := cmpopts.SortSlices(func(a, b string) bool { return a < b })
		if diff := cmp.Diff(want, d.names(e, space, "tags"), sorted); diff != "" {
			e.Errorf("tags mismatch (-made +listed):\n%s", diff)
		}
		wantOK(e, "deleting all tags", d.delete(e, "namespaces", space, "tags"))
		if got := d.names(e, space, "tags"); len(got) != 0 {
			e.Errorf("tags = %q, want none", got)
		}
	}, testlib.ID("a2a3765e-3a6d-4f6d-a3a7-3cc3476aa876"))

	e.Run("TagIsRenamed", func(e *testlib.Env) {
		d.newTags(e, space)
		d.checkTag(e, space)
	}, testlib.ID("a2a3765e-1a2c-3f6d-a3a7-3cc3466ab875"))
}

// newObject makes an object in a namespace, with which it goes.
func (d definitions) newObject(e *testlib.Env, space string) string {
	e.Helper()
	name := e.Name("object")
	got, err := do[named](e, d, http.MethodPost, object{"name": name}, "namespaces", space, "objects")
	wantOK(e, "making an object", err)
	if got.Name != name {
		e.Errorf("made an object called %q, want %q", got.Name, name)
	}
	return name
}

// newTags gives a namespace three tags in place of all that it had.
func (d definitions) newTags(e *testlib.Env, space string) []string {
	e.Helper()
	names := []string{"sample-tag1", "sample-tag2", "sample-tag3"}
	var tags []object
	for _, name := range names {
		tags = append(tags, object{"name": name})
	}
	_, err := do[any](e, d, http.MethodPost, object{"tags": tags}, "namespaces", space, "tags")
	wantOK(e, "making tags", err)
	return names
}

// checkProperty makes, reads, changes and deletes a property of a namespace.
func (d definitions) checkProperty(e *testlib.Env, space, name string) {
	e.Helper()
	title, retitled := e.Name("title"), e.Name("retitled")
	body := object{"name": name, "title": title, "type": "string", "enum": []string{"xen", "qemu", "kvm"}}

	made, err := do[named](e, d, http.MethodPost, body, "namespaces", space, "properties")
	wantOK(e, "making a property", err)
	if made.Title != title {
		e.Errorf("the title is %q, want %q", made.Title, title)
	}
	got, err := do[named](e, d, http.MethodGet, nil, "namespaces", space, "properties", name)
	wantOK(e, "reading the property", err)
	if got.Name != name {
		e.Errorf("the property is called %q, want %q", got.Name, name)
	}
	body["title"] = retitled
	got, err = do[named](e, d, http.MethodPut, body, "namespaces", space, "properties", name)
	wantOK(e, "updating the property", err)
	if got.Title != retitled {
		e.Errorf("the title is %q, want %q", got.Title, retitled)
	}
	wantOK(e, "deleting the property", d.delete(e, "namespaces", space, "properties", name))
	if got := d.names(e, space, "properties"); slices.Contains(got, name) {
		e.Errorf("properties = %q, want them without %q", got, name)
	}
}

// checkTag makes, reads, renames and deletes a tag of a namespace.
func (d definitions) checkTag(e *testlib.Env, space string) {
	e.Helper()
	name, renamed := e.Name("tag"), e.Name("renamed")

	_, err := do[named](e, d, http.MethodPost, nil, "namespaces", space, "tags", name)
	wantOK(e, "making a tag", err)
	got, err := do[named](e, d, http.MethodGet, nil, "namespaces", space, "tags", name)
	wantOK(e, "reading the tag", err)
	if got.Name != name {
		e.Errorf("the tag is called %q, want %q", got.Name, name)
	}
	got, err = do[named](e, d, http.MethodPut, object{"name": renamed}, "namespaces", space, "tags", name)
	wantOK(e, "renaming the tag", err)
	if got.Name != renamed {
		e.Errorf("the tag is called %q, want %q", got.Name, renamed)
	}
	wantOK(e, "deleting the tag", d.delete(e, "namespaces", space, "tags", renamed))
	if got := d.names(e, space, "tags"); slices.Contains(got, renamed) {
		e.Errorf("tags = %q, want them without %q", got, renamed)
	}
}

func TestMetadataIsRefused(t *testing.T) {
	e := testlib.Start(t, testlib.ID("4c217d26-162a-4b17-bd4e-59dbcd7948e6"), testlib.Services("image"),
		testlib.Negative, testlib.Credentials(testlib.ProjectAdmin))
	d := definitions{e.Image(testlib.ProjectAdmin)}
	space := d.newNamespace(e)
	post := func(body any, path ...string) error {
		_, err := do[any](e, d, http.MethodPost, body, append([]string{"namespaces", space}, path...)...)
		return err
	}

	e.Run("SameNameTwice", func(e *testlib.Env) {
		_, err := d.create(e, object{"namespace": space})
		e.WantStatus("making a second namespace of a name", err, http.StatusConflict)
		kind := d.resourceType(e)
		for what, again := range map[string]func() error{
			"property":    func() error { return post(object{"name": "p", "title": "p", "type": "string"}, "properties") },
			"object":      func() error { return post(object{"name": "o"}, "objects") },
			"tag":         func() error { return post(nil, "tags", "t") },
			"association": func() error { return post(object{"name": kind}, "resource_types") },
		} {
			wantOK(e, "making a "+what, again())
			e.WantStatus("making a second "+what+" of a name", again(), http.StatusConflict)
		}
	}, testlib.ID("aaaa9bc9-1061-43a7-a551-57182c388df1"), testlib.Negative)

	e.Run("AgainstItsSchema", func(e *testlib.Env) {
		_, err := d.create(e, object{"namespace": e.Name("namespace"), "visibility": "shared"})
		e.WantStatus("making a namespace of an unknown visibility", err, http.StatusBadRequest)
		_, err = d.create(e, object{"visibility": "public"})
		e.WantStatus("making a namespace without a name", err, http.StatusBadRequest)
		e.WantStatus("making a property of an unknown type",
			post(object{"name": "q", "title": "q", "type": "wrong"}, "properties"), http.StatusBadRequest)
		e.WantStatus("making a property without a title",
			post(object{"name": "q", "type": "string"}, "properties"), http.StatusBadRequest)
		e.WantStatus("making an object without a name", post(object{}, "objects"), http.StatusBadRequest)
	}, testlib.ID("d1483878-9c4b-4aba-a832-e423af02c9c4"), testlib.Negative)

	e.Run("Unknown", func(e *testlib.Env) {
		for _, kind := range []string{"objects", "properties", "tags"} {
			_, err := do[any](e, d, http.MethodGet, nil, "namespaces", space, kind, "none")
			e.WantStatus("reading one of "+kind+" that there is not", err, http.StatusNotFound)
			e.WantStatus("deleting one of "+kind+" that there is not",
				d.delete(e, "namespaces", space, kind, "none"), http.StatusNotFound)
		}
		e.WantStatus("deleting an association that there is not",
			d.delete(e, "namespaces", space, "resource_types", "none"), http.StatusNotFound)
		e.WantStatus("deleting a namespace that there is not",
			d.delete(e, "namespaces", e.Name("none")), http.StatusNotFound)
	}, testlib.ID("cc5c4173-de36-4c6e-857a-6571853068aa"), testlib.Negative)

	e.Run("Members", func(e *testlib.Env) {
		member := definitions{e.Image(testlib.ProjectMember)}
		_, err := member.create(e, object{"namespace": e.Name("namespace"), "visibility": "private"})
		e.WantStatus("a member making a namespace", err, http.StatusForbidden)
		_, err = do[any](e, member, http.MethodPut, object{"namespace": space}, "namespaces", space)
		e.WantStatus("a member updating a namespace", err, http.StatusForbidden)
		e.WantStatus("a member deleting a namespace",
			member.delete(e, "namespaces", space), http.StatusForbidden)
		_, err = do[any](e, member, http.MethodPost, object{"name": "m"}, "namespaces", space, "objects")
		e.WantStatus("a member making an object", err, http.StatusForbidden)
	}, testlib.ID("d80cfb50-634e-4d65-bdfe-3b83037496e8"), testlib.Negative, testlib.Credentials(testlib.ProjectMember))
}

func TestMetadataIsSeen(t *testing.T) {
	e := testlib.Start(t, testlib.ID("5939901b-be71-4d98-baac-72f804b887ec"), testlib.Services("image"),
		testlib.Credentials(testlib.ProjectAdmin, testlib.ProjectMember, testlib.AltMember))
	d := definitions{e.Image(testlib.ProjectAdmin)}
	public, private := d.newNamespace(e), e.Name("namespace")
	_, err := d.create(e, object{"namespace": private, "visibility": "private"})
	wantOK(e, "making a private namespace", err)
	read := func(persona testlib.Persona, space string) error {
		_, err := do[namespace](e, definitions{e.Image(persona)}, http.MethodGet, nil, "namespaces", space)
		return err
	}

	wantOK(e, "a stranger reading a public namespace", read(testlib.AltMember, public))
	wantOK(e, "a member reading a private namespace of its project", read(testlib.ProjectMember, private))
	e.WantStatus("a stranger reading a private namespace", read(testlib.AltMember, private), http.StatusNotFound)
}

func TestMetadataOfResourceType(t *testing.T) {
	e := testlib.Start(t, testlib.ID("9a6c97d9-8fec-49bf-9bc0-7d28f22467ae"), testlib.Services("image"),
		testlib.Credentials(testlib.ProjectAdmin))
	d := definitions{e.Image(testlib.ProjectAdmin)}
	space, kind := d.newNamespace(e), d.resourceType(e)
	_, err := do[any](e, d, http.MethodPost, object{"name": kind, "prefix": "tempest_"},
		"namespaces", space, "resource_types")
	wantOK(e, "associating a resource type", err)
	_, err = do[any](e, d, http.MethodPost, object{"name": "p", "title": "p", "type": "string"},
		"namespaces", space, "properties")
	wantOK(e, "making a property", err)

	got, err := do[struct{ Properties map[string]named }](e, d, http.MethodGet, nil,
		"namespaces", space+"?resource_type="+kind)
	wantOK(e, "reading the namespace for the resource type", err)
	if got.Properties["tempest_p"].Title != "p" {
		e.Errorf("properties = %+v, want tempest_p, with the prefix of the resource type", got.Properties)
	}

	// names of the namespaces for a type of resources, the newest first
	spaces := func(kind string) []string {
		all, err := do[struct{ Namespaces []namespace }](e, d, http.MethodGet, nil,
			"namespaces?sort_key=created_at&sort_dir=desc&limit=100&resource_types="+kind)
		wantOK(e, "listing namespaces of a resource type", err)
		var names []string
		for _, n := range all.Namespaces {
			names = append(names, n.Namespace)
		}
		return names
	}
	if got := spaces(kind); !slices.Contains(got, space) {
		e.Errorf("namespaces for %s = %q, want %s among them", kind, got, space)
	}
	if got := spaces("none"); slices.Contains(got, space) {
		e.Errorf("namespaces for another resource type = %q, want them without %s", got, space)
	}
}
