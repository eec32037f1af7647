package wait

import (
	"context"
	"fmt"
	"slices"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/objectstorage/v1/containers"
	"github.com/gophercloud/gophercloud/v2/openstack/objectstorage/v1/objects"
)

// Object waits until an object can be read. Swift is eventually consistent: what was just written may be answered
// with 404 by a server that has not heard of it yet.
func Object(ctx context.Context, objectStore *gophercloud.ServiceClient, container, object string, o Options) error {
	_, err := For(ctx, Poll[objects.GetResult, string]{
		What: objectName(container, object), Get: headObject(objectStore, container, object),
		State: func(objects.GetResult) string { return stateThere },
		Want:  []string{stateThere}, NotFound: stateGone,
	}, o)
	return err
}

// ObjectGone waits until an object that was deleted, or has expired, can no longer be read.
func ObjectGone(ctx context.Context, objectStore *gophercloud.ServiceClient, container, object string,
	o Options) error {
	return Gone(ctx, objectName(container, object), headObject(objectStore, container, object), o)
}

// ObjectListed waits until the listing of a container, which follows its objects with a delay, has an object.
func ObjectListed(ctx context.Context, objectStore *gophercloud.ServiceClient, container, object string,
	o Options) error {
	_, err := For(ctx, listing(objectName(container, object), "listed", object,
		listObjects(objectStore, container, object)), o)
	return err
}

// ObjectUnlisted waits until the listing of a container no longer has an object.
func ObjectUnlisted(ctx context.Context, objectStore *gophercloud.ServiceClient, container, object string,
	o Options) error {
	p := listing(objectName(container, object), "unlisted", object, listObjects(objectStore, container, object))
	p.NotFound = "unlisted" // the container itself is gone
	_, err := For(ctx, p, o)
	return err
}

// ContainerListed waits until the listing of the account, which follows its containers with a delay, has a
// container.
func ContainerListed(ctx context.Context, objectStore *gophercloud.ServiceClient, container string, o Options) error {
	_, err := For(ctx, listing("container "+container, "listed", container,
		listContainers(objectStore, container)), o)
	return err
}

// ContainerUnlisted waits until the listing of the account no longer has a container.
func ContainerUnlisted(ctx context.Context, objectStore *gophercloud.ServiceClient, container string, o Options) error {
	_, err := For(ctx, listing("container "+container, "unlisted", container,
		listContainers(objectStore, container)), o)
	return err
}

// ContainerGone waits until a container that was deleted can no longer be read.
func ContainerGone(ctx context.Context, objectStore *gophercloud.ServiceClient, container string, o Options) error {
	return Gone(ctx, "container "+container, func(ctx context.Context) (containers.GetResult, error) {
		r := containers.Get(ctx, objectStore, container, nil)
		return r, r.Err
	}, o)
}

func objectName(container, object string) string {
	return fmt.Sprintf("object %s/%s", container, object)
}

func headObject(objectStore *gophercloud.ServiceClient, container, object string) func(context.Context) (
	objects.GetResult, error) {
	return func(ctx context.Context) (objects.GetResult, error) {
		r := objects.Get(ctx, objectStore, container, object, nil)
		return r, r.Err
	}
}

// listing waits for a name to come into a list, or out of it.
func listing(what, want, name string, get func(context.Context) ([]string, error)) Poll[[]string, string] {
	return Poll[[]string, string]{
		What: what, Get: get, Want: []string{want},
		State: func(names []string) string {
			if slices.Contains(names, name) {
				return "listed"
			}
			return "unlisted"
		},
	}
}

// listObjects asks only for names that begin as the wanted one.
func listObjects(objectStore *gophercloud.ServiceClient, container, name string) func(context.Context) (
	[]string, error) {
	return func(ctx context.Context) ([]string, error) {
		page, err := objects.List(objectStore, container, objects.ListOpts{Prefix: name}).AllPages(ctx)
		if err != nil {
			return nil, err
		}
		return objects.ExtractNames(page)
	}
}

func listContainers(objectStore *gophercloud.ServiceClient, name string) func(context.Context) ([]string, error) {
	return func(ctx context.Context) ([]string, error) {
		page, err := containers.List(objectStore, containers.ListOpts{Prefix: name}).AllPages(ctx)
		if err != nil {
			return nil, err
		}
		return containers.ExtractNames(page)
	}
}
