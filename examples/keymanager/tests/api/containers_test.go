//go:build tempest

package api

import (
	"context"
	"net/http"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/keymanager/v1/containers"
	"github.com/gophercloud/gophercloud/v2/openstack/keymanager/v1/secrets"

	"github.com/gotempest/tempest/examples/keymanager"
	"github.com/gotempest/tempest/testlib"
)

// newRef makes a secret and returns a reference to it.
func newRef(e *testlib.Env, c *gophercloud.ServiceClient, name string) containers.SecretRef {
	e.Helper()
	id := keymanager.NewSecret(e, c, secrets.CreateOpts{Name: e.Name(name)})
	s, err := secrets.Get(e.Context(), c, id).Extract()
	if err != nil {
		e.Fatal(err)
	}
	return containers.SecretRef{Name: name, SecretRef: s.SecretRef}
}

// wantRefs fails the test unless the container holds the secrets so named.
func wantRefs(e *testlib.Env, c *gophercloud.ServiceClient, id string, want ...string) {
	e.Helper()
	box, err := containers.Get(e.Context(), c, id).Extract()
	if err != nil {
		e.Fatalf("describing the container: %v", err)
	}
	var got []string
	for _, ref := range box.SecretRefs {
		got = append(got, ref.Name)
	}
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		e.Errorf("secrets of the container (-want +got):\n%s", diff)
	}
}

func TestContainer(t *testing.T) {
	e := testlib.Start(t, testlib.ID("4b40ebee-5544-487f-9892-b659aa126a5c"), testlib.Smoke,
		testlib.Services("key-manager"), testlib.Credentials(testlib.ProjectMember))
	ctx, c := e.Context(), keymanager.Client(e, testlib.ProjectMember)
	name, ref := e.Name("container"), newRef(e, c, "key")
	id := keymanager.NewContainer(e, c, containers.CreateOpts{
		Type: containers.GenericContainer, Name: name, SecretRefs: []containers.SecretRef{ref},
	})

	box, err := containers.Get(ctx, c, id).Extract()
	if err != nil {
		e.Fatal(err)
	}
	want := containers.Container{
		Name: name, Type: "generic", Status: "ACTIVE", SecretRefs: []containers.SecretRef{ref},
		Consumers: []containers.ConsumerRef{}, CreatorID: e.Credential(testlib.ProjectMember).UserID,
		ContainerRef: box.ContainerRef, Created: box.Created, Updated: box.Updated, // the service's own
	}
	if diff := cmp.Diff(want, *box); diff != "" {
		e.Errorf("container (-want +got):\n%s", diff)
	}
	if keymanager.ID(box.ContainerRef) != id {
		e.Errorf("container %s has ref %s", id, box.ContainerRef)
	}

	if err := containers.Delete(ctx, c, id).ExtractErr(); err != nil {
		e.Fatalf("deleting the container: %v", err)
	}
	e.WantStatus("describing a deleted container", containers.Get(ctx, c, id).Err, http.StatusNotFound)
	if err := secrets.Get(ctx, c, keymanager.ID(ref.SecretRef)).Err; err != nil {
		e.Errorf("the secret of a deleted container: %v", err)
	}
}

func TestContainerList(t *testing.T) {
	e := testlib.Start(t, testlib.ID("2a40262f-b7ca-4e7e-99e6-3a7009809caa"),
		testlib.Services("key-manager"), testlib.Credentials(testlib.ProjectMember))
	c := keymanager.Client(e, testlib.ProjectMember)
	one, other := e.Name("listed"), e.Name("listed")
	for _, name := range []string{one, other} {
		keymanager.NewContainer(e, c, containers.CreateOpts{Type: containers.GenericContainer, Name: name})
	}
	for what, tt := range map[string]struct {
		o    containers.ListOpts
		want bool // of the other
	}{
		"in pages": {containers.ListOpts{Limit: 1}, true},
		"by name":  {containers.ListOpts{Name: one}, false},
	} {
		page, err := containers.List(c, tt.o).AllPages(e.Context())
		if err != nil {
			e.Fatalf("listing %s: %v", what, err)
		}
		list, err := containers.ExtractContainers(page)
		if err != nil {
			e.Fatal(err)
		}
		has := func(name string) bool {
			return slices.ContainsFunc(list, func(box containers.Container) bool { return box.Name == name })
		}
		if !has(one) || has(other) != tt.want {
			e.Errorf("listing %s: has %q: %v, has %q: %v, want true and %v", what, one, has(one), other, has(other), tt.want)
		}
	}
}

func TestContainerContents(t *testing.T) {
	e := testlib.Start(t, testlib.ID("4eea3de0-3b98-4ae5-a703-a1f6d33f9329"),
		testlib.Services("key-manager"), testlib.Credentials(testlib.ProjectMember))
	ctx, c := e.Context(), keymanager.Client(e, testlib.ProjectMember)
	first, second := newRef(e, c, "first"), newRef(e, c, "second")
	id := keymanager.NewContainer(e, c, containers.CreateOpts{
		Type: containers.GenericContainer, Name: e.Name("contents"), SecretRefs: []containers.SecretRef{first},
	})
	add := func() error {
		return containers.CreateSecretRef(ctx, c, id, second).Err
	}
	remove := func() error {
		return containers.DeleteSecretRef(ctx, c, id, second).Err
	}

	if err := add(); err != nil {
		e.Fatalf("adding a secret: %v", err)
	}
	wantRefs(e, c, id, "first", "second")
	e.WantStatus("adding it again", add(), http.StatusConflict)
	if err := remove(); err != nil {
		e.Fatalf("removing a secret: %v", err)
	}
	wantRefs(e, c, id, "first")
	e.WantStatus("removing it again", remove(), http.StatusNotFound)

	if err := secrets.Delete(ctx, c, keymanager.ID(first.SecretRef)).ExtractErr(); err != nil {
		e.Fatalf("deleting a secret of the container: %v", err)
	}
	wantRefs(e, c, id)
}

func TestContainerConsumers(t *testing.T) {
	e := testlib.Start(t, testlib.ID("275eb91b-6f56-435a-adee-e57a2d037f75"),
		testlib.Services("key-manager"), testlib.Credentials(testlib.ProjectMember))
	ctx, c := e.Context(), keymanager.Client(e, testlib.ProjectMember)
	id := keymanager.NewContainer(e, c, containers.CreateOpts{
		Type: containers.GenericContainer, Name: e.Name("consumers"),
	})
	o := containers.CreateConsumerOpts{Name: "balancer", URL: "http://balancer.example.com"}
	want := []containers.ConsumerRef{{Name: o.Name, URL: o.URL}}
	for range 2 { // a second time changes nothing
		box, err := containers.CreateConsumer(ctx, c, id, o).Extract()
		if err != nil {
			e.Fatalf("registering a consumer: %v", err)
		}
		if diff := cmp.Diff(want, box.Consumers); diff != "" {
			e.Errorf("consumers (-want +got):\n%s", diff)
		}
	}
	gone := containers.DeleteConsumerOpts(o)
	box, err := containers.DeleteConsumer(ctx, c, id, gone).Extract()
	if err != nil {
		e.Fatalf("removing the consumer: %v", err)
	}
	if len(box.Consumers) > 0 {
		e.Errorf("consumers = %v, want none", box.Consumers)
	}
	e.WantStatus("removing it again", containers.DeleteConsumer(ctx, c, id, gone).Err, http.StatusNotFound)
}

func TestContainerRefused(t *testing.T) {
	e := testlib.Start(t, testlib.ID("2f7696b9-0a79-4566-ad4f-127d10f54cb0"), testlib.Negative,
		testlib.Services("key-manager"), testlib.Credentials(testlib.ProjectMember))
	ctx, c := e.Context(), keymanager.Client(e, testlib.ProjectMember)
	one, two := newRef(e, c, "one"), newRef(e, c, "two")
	as := func(r containers.SecretRef, name string) containers.SecretRef {
		return containers.SecretRef{Name: name, SecretRef: r.SecretRef}
	}
	elsewhere := containers.SecretRef{Name: "one", SecretRef: "http://elsewhere.example.com/v1/secrets/" + unknown}
	absent := containers.SecretRef{Name: "one", SecretRef: c.ServiceURL("secrets", unknown)}
	const refused = http.StatusBadRequest
	for what, tt := range map[string]struct {
		kind containers.ContainerType
		refs []containers.SecretRef
		want int
	}{
		"unknown type":                  {"nonsense", nil, refused},
		"a name twice":                  {"generic", []containers.SecretRef{one, as(two, "one")}, refused},
		"a secret twice":                {"generic", []containers.SecretRef{one, as(one, "two")}, refused},
		"a secret of another service":   {"generic", []containers.SecretRef{elsewhere}, refused},
		"a secret that is not there":    {"generic", []containers.SecretRef{absent}, http.StatusNotFound},
		"a key pair without a half":     {"rsa", []containers.SecretRef{as(one, "public_key")}, refused},
		"a certificate's key alone":     {"certificate", []containers.SecretRef{as(one, "private_key")}, refused},
		"a key pair with something odd": {"rsa", []containers.SecretRef{as(one, "public_key"), as(two, "odd")}, refused},
	} {
		o := containers.CreateOpts{Type: tt.kind, Name: e.Name("refused"), SecretRefs: tt.refs}
		box, err := containers.Create(ctx, c, o).Extract()
		e.WantStatus(what, err, tt.want)
		if err == nil {
			e.Cleanup("container "+box.ContainerRef, func(ctx context.Context) error {
				return containers.Delete(ctx, c, keymanager.ID(box.ContainerRef)).ExtractErr()
			})
		}
	}
	for _, id := range []string{unknown, "not-an-id"} {
		e.WantStatus("describing "+id, containers.Get(ctx, c, id).Err, http.StatusNotFound)
		e.WantStatus("deleting "+id, containers.Delete(ctx, c, id).Err, http.StatusNotFound)
	}
}
