//go:build tempest

package wait_test

import (
	"context"
	"crypto/md5"
	"testing"

	"github.com/gophercloud/gophercloud/v2/openstack/objectstorage/v1/containers"
	"github.com/gophercloud/gophercloud/v2/openstack/objectstorage/v1/objects"

	"github.com/gotempest/tempest/testlib"
	"github.com/gotempest/tempest/testlib/data"
	"github.com/gotempest/tempest/testlib/wait"
)

func TestObjects(t *testing.T) {
	e := testlib.Start(t, testlib.ID("8f0d1f9c-3c3c-45b5-8b0e-0a3a9d7e4f07"), testlib.Services("object-store"),
		testlib.Credentials(testlib.ProjectMember))
	realCloud(e)
	ctx, c, o := e.Context(), e.Client(member, "object-store"), e.Wait("object-store")
	container := e.Name("container")
	must(e, "making a container", containers.Create(ctx, c, container, nil).Err)
	e.Cleanup("container "+container, func(ctx context.Context) error {
		return containers.Delete(ctx, c, container).Err
	})
	must(e, "container", wait.ContainerListed(ctx, c, container, o))

	blob := data.NewBlob(e.Rand(), 100_000)
	name := data.Text(e.Rand(), 20)
	must(e, "uploading", objects.Create(ctx, c, container, name, objects.CreateOpts{
		Content: blob.Reader(), ETag: blob.Sum(md5.New()),
	}).Err)
	e.Cleanup("object "+name, func(ctx context.Context) error {
		return objects.Delete(ctx, c, container, name, nil).Err
	})
	must(e, "object", wait.Object(ctx, c, container, name, o))
	must(e, "object", wait.ObjectListed(ctx, c, container, name, o))

	must(e, "deleting the object", objects.Delete(ctx, c, container, name, nil).Err)
	must(e, "object", wait.ObjectGone(ctx, c, container, name, o))
	must(e, "object", wait.ObjectUnlisted(ctx, c, container, name, o))

	must(e, "deleting the container", containers.Delete(ctx, c, container).Err)
	must(e, "container", wait.ContainerGone(ctx, c, container, o))
	must(e, "container", wait.ContainerUnlisted(ctx, c, container, o))
}
