package main

import (
	"context"
	"fmt"
	"os"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack"
	"github.com/gophercloud/gophercloud/v2/openstack/config/clouds"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/users"
)

// printUsers is a command for scripts, which find no client of a cloud on a bare machine: users prints the names of all
// users of the cloud that $OS_CLOUD names, users NAME makes one and prints its ID.
func printUsers() {
	if err := usersOf(context.Background(), os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "users:", err)
		os.Exit(1)
	}
}

func usersOf(ctx context.Context, args []string) error {
	auth, endpoint, _, err := clouds.Parse() // the cloud of a script has no TLS
	if err != nil {
		return err
	}
	p, err := openstack.NewClient(auth.IdentityEndpoint)
	if err != nil {
		return err
	}
	if err := openstack.Authenticate(ctx, p, auth); err != nil {
		return err
	}
	c, err := openstack.NewIdentityV3(p, gophercloud.EndpointOpts{Region: endpoint.Region})
	if err != nil {
		return err
	}
	if len(args) > 0 {
		u, err := users.Create(ctx, c, users.CreateOpts{Name: args[0], DomainID: "default"}).Extract()
		if err != nil {
			return err
		}
		fmt.Println(u.ID)
		return nil
	}
	page, err := users.List(c, nil).AllPages(ctx)
	if err != nil {
		return err
	}
	list, err := users.ExtractUsers(page)
	for _, u := range list {
		fmt.Println(u.Name)
	}
	return err
}
