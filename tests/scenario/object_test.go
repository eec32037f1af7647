//go:build tempest

package scenario_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"slices"
	"testing"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/objectstorage/v1/containers"
	"github.com/gophercloud/gophercloud/v2/openstack/objectstorage/v1/objects"

	"github.com/gotempest/tempest/testlib"
	"github.com/gotempest/tempest/testlib/data"
)

// A user looks at the account, and stores, finds, fetches and deletes an object.
func TestObjectIsStoredAndFetched(t *testing.T) {
	e := testlib.Start(t, testlib.ID("b920faf1-7b8a-4657-b9fe-9c4512bfb381"), testlib.Services("object-store"),
		testlib.Credentials(testlib.ProjectOperator))
	client := e.ObjectStore(testlib.ProjectOperator)
	if _, err := containers.List(client, nil).AllPages(e.Context()); err != nil {
		e.Fatalf("listing the account: %v", err)
	}
	container := newContainer(e, client)
	name, content := newObject(e, client, container)

	if listed := objectNames(e, client, container); !slices.Equal(listed, []string{name}) {
		e.Errorf("the container lists %q, want %q", listed, name)
	}
	wantContent(e, client, container, name, content)

	if err := objects.Delete(e.Context(), client, container, name, nil).Err; err != nil {
		e.Fatalf("deleting the object: %v", err)
	}
	if listed := objectNames(e, client, container); len(listed) > 0 {
		e.Errorf("the container lists %q, want nothing", listed)
	}
	if err := containers.Delete(e.Context(), client, container).Err; err != nil {
		e.Errorf("deleting the container: %v", err)
	}
}

// A user publishes an object, and somebody without an account fetches it.
func TestObjectIsPublished(t *testing.T) {
	e := testlib.Start(t, testlib.ID("916c7111-cb1f-44b2-816d-8f760e4ea910"), testlib.Services("object-store"),
		testlib.Credentials(testlib.ProjectOperator))
	client := e.ObjectStore(testlib.ProjectOperator)
	container := newContainer(e, client)
	name, content := newObject(e, client, container)
	nobody := e.ClientWithToken(testlib.ProjectOperator, "object-store", "")
	e.WantStatus("somebody fetching the object", objects.Download(e.Context(), nobody, container, name, nil).Err,
		http.StatusUnauthorized)

	share(e, client, container, containers.UpdateOpts{ContainerRead: new(".r:*")})

	h, err := containers.Get(e.Context(), client, container, nil).Extract()
	if err != nil || !slices.Equal(h.Read, []string{".r:*"}) {
		e.Errorf("the right to read is %+v, %v, want .r:*", h, err)
	}
	wantContent(e, nobody, container, name, content)
}

// A user shares a container with a user of another project: first to read, then to write too, then no longer.
func TestObjectIsSharedWithAnotherProject(t *testing.T) {
	e := testlib.Start(t, testlib.ID("95922897-788b-4de9-89e3-fdb2fb96ef13"), testlib.Services("object-store"),
		testlib.Credentials(testlib.ProjectOperator, testlib.AltOperator))
	owner := e.ObjectStore(testlib.ProjectOperator)
	guest := e.ObjectStore(testlib.AltOperator)
	guest.ResourceBase = owner.ResourceBaseURL() // the guest works in the owner's account
	alt := e.Credential(testlib.AltOperator)
	right := alt.ProjectID + ":" + alt.UserID
	container := newContainer(e, owner)
	name, content := newObject(e, owner, container)
	fetch := func() error { return objects.Download(e.Context(), guest, container, name, nil).Err }
	store := func(content []byte) error {
		return objects.Create(e.Context(), guest, container, name,
			objects.CreateOpts{Content: bytes.NewReader(content)}).Err
	}
	e.WantStatus("the guest fetching an object that is not shared", fetch(), http.StatusForbidden)

	share(e, owner, container, containers.UpdateOpts{ContainerRead: &right})
	wantContent(e, guest, container, name, content)
	if listed := objectNames(e, guest, container); !slices.Equal(listed, []string{name}) {
		e.Errorf("the guest is listed %q, want %q", listed, name)
	}
	e.WantStatus("the guest writing to a container shared for reading", store(content), http.StatusForbidden)

	share(e, owner, container, containers.UpdateOpts{ContainerWrite: &right})
	written := data.Bytes(e.Rand(), len(content))
	if err := store(written); err != nil {
		e.Fatalf("the guest writing to the shared container: %v", err)
	}
	wantContent(e, owner, container, name, written)

	share(e, owner, container, containers.UpdateOpts{ContainerRead: new(""), ContainerWrite: new("")})
	e.WantStatus("the guest fetching what is no longer shared", fetch(), http.StatusForbidden)
	e.WantStatus("the guest writing to what is no longer shared", store(content), http.StatusForbidden)
}

// newContainer makes a container that is gone when the test ends.
func newContainer(e *testlib.Env, client *gophercloud.ServiceClient) string {
	e.Helper()
	name := e.Name("container")
	if err := containers.Create(e.Context(), client, name, nil).Err; err != nil {
		e.Fatalf("making a container: %v", err)
	}
	e.Cleanup("container "+name, func(ctx context.Context) error {
		return containers.Delete(ctx, client, name).Err
	})
	return name
}

// newObject makes an object that is gone when the test ends.
func newObject(e *testlib.Env, client *gophercloud.ServiceClient, container string) (name string, content []byte) {
	e.Helper()
	name, content = e.Name("object"), data.Bytes(e.Rand(), 1024)
	opts := objects.CreateOpts{Content: bytes.NewReader(content), ContentType: "application/octet-stream"}
	if err := objects.Create(e.Context(), client, container, name, opts).Err; err != nil {
		e.Fatalf("making an object: %v", err)
	}
	e.Cleanup("object "+container+"/"+name, func(ctx context.Context) error {
		return objects.Delete(ctx, client, container, name, nil).Err
	})
	return name, content
}

// share changes who may read and write a container.
func share(e *testlib.Env, client *gophercloud.ServiceClient, container string, opts containers.UpdateOpts) {
	e.Helper()
	if err := containers.Update(e.Context(), client, container, opts).Err; err != nil {
		e.Fatalf("changing the rights: %v", err)
	}
}

// objectNames lists a container.
func objectNames(e *testlib.Env, client *gophercloud.ServiceClient, container string) []string {
	e.Helper()
	page, err := objects.List(client, container, nil).AllPages(e.Context())
	if err != nil {
		e.Fatalf("listing the container: %v", err)
	}
	names, err := objects.ExtractNames(page)
	if err != nil {
		e.Fatalf("reading the listing: %v", err)
	}
	return names
}

// wantContent fetches an object and wants it to have that content.
func wantContent(e *testlib.Env, client *gophercloud.ServiceClient, container, name string, want []byte) {
	e.Helper()
	got := objects.Download(e.Context(), client, container, name, nil)
	if got.Err != nil {
		e.Fatalf("fetching the object: %v", got.Err)
	}
	defer got.Body.Close()
	content, err := io.ReadAll(got.Body)
	if err != nil || !bytes.Equal(content, want) {
		e.Errorf("fetched %d bytes, %v, want the %d that were stored", len(content), err, len(want))
	}
}
