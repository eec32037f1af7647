package embedded_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/tokens"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/users"
	"github.com/gophercloud/gophercloud/v2/openstack/image/v2/images"
	"github.com/gophercloud/gophercloud/v2/openstack/objectstorage/v1/containers"
	"github.com/gophercloud/gophercloud/v2/openstack/objectstorage/v1/objects"

	"github.com/gotempest/tempest/testlib/embedded"
)

func BenchmarkStart(b *testing.B) {
	for b.Loop() {
		c, err := embedded.Start(b.Context(), embedded.Options{})
		if err != nil {
			b.Fatal(err)
		}
		if err := c.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkRequests measures calls over loopback, in a cloud of a thousand
// users: a login, a read, and reads side by side.
func BenchmarkRequests(b *testing.B) {
	admin, user := crowd(b, 1000)
	login := func() error {
		opts := tokens.AuthOptions{UserID: user, Password: "pw"}
		return tokens.Create(b.Context(), admin, &opts).Err
	}
	read := func() error { return users.Get(b.Context(), admin, user).Err }
	b.Run("token", func(b *testing.B) { repeat(b, login) })
	b.Run("user", func(b *testing.B) { repeat(b, read) })
	b.Run("parallel", func(b *testing.B) {
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				if err := read(); err != nil {
					b.Error(err)
				}
			}
		})
	})
}

// BenchmarkObjects measures calls of the object store over loopback: the life of
// an object, reads side by side, and a listing of a thousand objects.
func BenchmarkObjects(b *testing.B) {
	admin, _ := crowd(b, 1)
	client, err := openstack.NewObjectStorageV1(admin.ProviderClient, gophercloud.EndpointOpts{})
	if err != nil {
		b.Fatal(err)
	}
	if err := containers.Create(b.Context(), client, "c", nil).Err; err != nil {
		b.Fatal(err)
	}
	create := func(name string) error {
		opts := objects.CreateOpts{Content: strings.NewReader("data")}
		return objects.Create(b.Context(), client, "c", name, opts).Err
	}
	read := func() error { return objects.Get(b.Context(), client, "c", "0", nil).Err }
	for i := range 1000 {
		if err := create(strconv.Itoa(i)); err != nil {
			b.Fatal(err)
		}
	}
	b.Run("life", func(b *testing.B) {
		repeat(b, func() error {
			if err := create("new"); err != nil {
				return err
			}
			return objects.Delete(b.Context(), client, "c", "new", nil).Err
		})
	})
	b.Run("parallel", func(b *testing.B) {
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				if err := read(); err != nil {
					b.Error(err)
				}
			}
		})
	})
	b.Run("listing", func(b *testing.B) {
		repeat(b, func() error {
			_, err := objects.List(client, "c", nil).AllPages(b.Context())
			return err
		})
	})
}

// BenchmarkImages measures calls of the image service over loopback: the life
// of an image, and reads side by side.
func BenchmarkImages(b *testing.B) {
	admin, _ := crowd(b, 1)
	client, err := openstack.NewImageV2(admin.ProviderClient, gophercloud.EndpointOpts{})
	if err != nil {
		b.Fatal(err)
	}
	create := func() (*images.Image, error) {
		opts := images.CreateOpts{Name: "bench", DiskFormat: "raw", ContainerFormat: "bare"}
		return images.Create(b.Context(), client, opts).Extract()
	}
	b.Run("life", func(b *testing.B) {
		repeat(b, func() error {
			image, err := create()
			if err != nil {
				return err
			}
			return images.Delete(b.Context(), client, image.ID).Err
		})
	})
	b.Run("parallel", func(b *testing.B) {
		image, err := create()
		if err != nil {
			b.Fatal(err)
		}
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				if err := images.Get(b.Context(), client, image.ID).Err; err != nil {
					b.Error(err)
				}
			}
		})
	})
}

func repeat(b *testing.B, call func() error) {
	b.Helper()
	for b.Loop() {
		if err := call(); err != nil {
			b.Fatal(err)
		}
	}
}

// crowd starts a cloud with that many users, and returns a client of its
// administrator and the id of the last user.
func crowd(b *testing.B, size int) (admin *gophercloud.ServiceClient, userID string) {
	b.Helper()
	c, err := embedded.Start(b.Context(), embedded.Options{})
	if err != nil {
		b.Fatal(err)
	}
	provider, err := openstack.AuthenticatedClient(b.Context(), gophercloud.AuthOptions{
		IdentityEndpoint: c.AuthURL(), Username: "admin", Password: c.AdminPassword(),
		DomainName: "Default", TenantName: "admin",
	})
	if err != nil {
		b.Fatal(err)
	}
	if admin, err = openstack.NewIdentityV3(provider, gophercloud.EndpointOpts{}); err != nil {
		b.Fatal(err)
	}
	for i := range size {
		opts := users.CreateOpts{Name: fmt.Sprint("user-", i), Password: "pw"}
		user, err := users.Create(b.Context(), admin, opts).Extract()
		if err != nil {
			b.Fatal(err)
		}
		userID = user.ID
	}
	return admin, userID
}
