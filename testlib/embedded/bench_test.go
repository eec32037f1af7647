package embedded_test

import (
	"fmt"
	"testing"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/tokens"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/users"

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
