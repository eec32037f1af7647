package wait

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/placement/v1/allocations"
	"github.com/gophercloud/gophercloud/v2/openstack/placement/v1/resourceproviders"
)

// AllocationsGone waits until a consumer, such as a server that was deleted, has no allocations any more.
func AllocationsGone(ctx context.Context, placement *gophercloud.ServiceClient, consumerID string, o Options) error {
	_, err := For(ctx, Poll[*allocations.Allocations, string]{
		What: "allocations of consumer " + consumerID, Want: []string{stateGone}, NotFound: stateGone,
		Get: func(ctx context.Context) (*allocations.Allocations, error) {
			return allocations.Get(ctx, placement, consumerID).Extract()
		},
		State: func(a *allocations.Allocations) string { return count(len(a.Allocations), "resource provider") },
	}, o)
	return err
}

// ProviderUnused waits until nothing is allocated from a resource provider, so that it can be
// deleted.
func ProviderUnused(ctx context.Context, placement *gophercloud.ServiceClient, providerID string, o Options) error {
	_, err := For(ctx, Poll[*resourceproviders.ResourceProviderAllocations, string]{
		What: "allocations from resource provider " + providerID, Want: []string{stateGone}, NotFound: stateGone,
		Get: func(ctx context.Context) (*resourceproviders.ResourceProviderAllocations, error) {
			return resourceproviders.GetAllocations(ctx, placement, providerID).Extract()
		},
		State: func(a *resourceproviders.ResourceProviderAllocations) string {
			return count(len(a.Allocations), "consumer")
		},
	}, o)
	return err
}

// Inventory waits until a resource provider, such as a host that has just started, offers a class of
// resources, as "VCPU".
func Inventory(ctx context.Context, placement *gophercloud.ServiceClient, providerID, class string, o Options) (
	resourceproviders.Inventory, error) {
	const offered = "offered"
	seen, err := For(ctx, Poll[*resourceproviders.ResourceProviderInventories, string]{
		What: fmt.Sprintf("%s of resource provider %s", class, providerID), Want: []string{offered},
		NotFound: "not there yet",
		Get: func(ctx context.Context) (*resourceproviders.ResourceProviderInventories, error) {
			return resourceproviders.GetInventories(ctx, placement, providerID).Extract()
		},
		State: func(i *resourceproviders.ResourceProviderInventories) string {
			if _, ok := i.Inventories[class]; ok {
				return offered
			}
			return fmt.Sprintf("offering [%s]", strings.Join(slices.Sorted(maps.Keys(i.Inventories)), " "))
		},
	}, o)
	if err != nil {
		return resourceproviders.Inventory{}, err
	}
	return seen.Inventories[class], nil
}

// count says how many are left, and that none is.
func count(n int, what string) string {
	switch n {
	case 0:
		return stateGone
	case 1:
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
