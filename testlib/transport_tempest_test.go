//go:build tempest

package testlib_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"testing"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/blockstorage/v3/volumes"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/servers"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/users"
	"github.com/gophercloud/gophercloud/v2/openstack/objectstorage/v1/containers"
	"github.com/gophercloud/gophercloud/v2/openstack/objectstorage/v1/objects"

	"github.com/gotempest/tempest/testlib"
)

func TestFaultsOnAnyCloud(t *testing.T) {
	e := testlib.Start(t, testlib.ID("7a1f4d3e-9f0c-4f19-8c13-5f4b0a6f2b11"), testlib.Services("identity"),
		testlib.Credentials(testlib.ProjectMember))
	id := e.Credential(testlib.ProjectMember).UserID

	e.Run("passes", func(e *testlib.Env) {
		c := e.Identity(testlib.ProjectMember)
		e.Inject(c, testlib.Fault{Method: http.MethodGet, Path: "/users/*", Status: 502, Times: 2})
		if _, err := users.Get(e.Context(), c, id).Extract(); err != nil {
			e.Error(err)
		}
	})
	e.Run("stays", func(e *testlib.Env) {
		c := e.Identity(testlib.ProjectMember)
		e.NoRetry(c)
		e.Inject(c, testlib.Fault{Method: http.MethodGet, Path: "/users/*", Cut: true, Sent: true, Times: 1})
		if _, err := users.Get(e.Context(), c, id).Extract(); err == nil {
			e.Error("a call that was cut off succeeded")
		}
		if _, err := users.Get(e.Context(), c, id).Extract(); err != nil {
			e.Error(err)
		}
	})
}

// The answers of a real service agree with the microversion that was asked for, or the test fails by itself.
func TestMicroversionsAreAnswered(t *testing.T) {
	e := testlib.Start(t, testlib.ID("f9c40d52-0c3e-45b1-9a5a-0f6f3c7f2a63"),
		testlib.Services("compute", "block-storage", "placement"),
		testlib.Credentials(testlib.ProjectMember, testlib.ProjectAdmin))
	compute := e.Client(testlib.ProjectMember, "compute")
	compute.Microversion = "2.79"
	if _, err := servers.List(compute, nil).AllPages(e.Context()); err != nil {
		e.Error(err)
	}
	compute.Microversion = "latest"
	if _, err := servers.List(compute, nil).AllPages(e.Context()); err != nil {
		e.Error(err)
	}
	compute.Microversion = "2.999" // is refused, and does not fail the test beside that
	_, err := servers.List(compute, nil).AllPages(e.Context())
	if !gophercloud.ResponseCodeIs(err, http.StatusNotAcceptable) {
		e.Errorf("microversion 2.999: %v, want 406", err)
	}
	storage := e.Client(testlib.ProjectMember, "block-storage")
	storage.Microversion = "3.50"
	if _, err := volumes.List(storage, nil).AllPages(e.Context()); err != nil {
		e.Error(err)
	}
	placement := e.Client(testlib.ProjectAdmin, "placement")
	placement.Microversion = "1.20"
	if _, err := placement.Get(e.Context(), placement.ServiceURL("resource_providers"), new(any), nil); err != nil {
		e.Error(err)
	}
}

// Objects pass as they are, up and down, also when the first attempt fails.
func TestObjectsPassTheTransport(t *testing.T) {
	e := testlib.Start(t, testlib.ID("0d9d7a52-6f51-4f6b-9b8e-1a53a9a8c7c4"), testlib.Services("object-store"),
		testlib.Credentials(testlib.ProjectMember))
	c := e.Client(testlib.ProjectMember, "object-store")
	box := e.Name("box")
	e.Cleanup("container "+box, func(ctx context.Context) error {
		return containers.Delete(ctx, c, box).Err
	})
	if err := containers.Create(e.Context(), c, box, nil).Err; err != nil {
		e.Fatal(err)
	}
	content := bytes.Repeat([]byte("0123456789abcdef"), 512<<10/16)
	e.Cleanup("object", func(ctx context.Context) error {
		return objects.Delete(ctx, c, box, "thing", nil).Err
	})
	e.Inject(c, testlib.Fault{Method: http.MethodPut, Path: "/*/thing", Status: 503, Times: 1})
	err := objects.Create(e.Context(), c, box, "thing", objects.CreateOpts{Content: bytes.NewReader(content)}).Err
	if err != nil {
		e.Fatal(err)
	}
	down := objects.Download(e.Context(), c, box, "thing", nil)
	if down.Err != nil {
		e.Fatal(down.Err)
	}
	defer down.Body.Close()
	if got, err := io.ReadAll(down.Body); err != nil || !bytes.Equal(got, content) {
		e.Errorf("%d bytes came back of %d, %v", len(got), len(content), err)
	}
}
