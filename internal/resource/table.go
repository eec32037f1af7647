package resource

import (
	"cmp"
	"slices"
)

// Table is the known types. It does not change, and may be used concurrently.
type Table struct {
	types   []Type
	entries map[string][]entry // by service
	closed  map[string]bool    // services of which a POST that is not in entries makes nothing
}

// NewTable returns the types of this package, and more, which replace those of the same service and name.
func NewTable(more ...Type) *Table {
	t := &Table{entries: map[string][]entry{}, closed: map[string]bool{"object-store": true}}
	known := slices.Concat(more, identity(), compute(), volume(), image(), network(), objectStore(), placement(),
		keyManager(), orchestration(), loadBalancer(), dns(), sharedFileSystem())
	seen := map[[2]string]bool{}
	for _, typ := range known {
		key := [2]string{typ.Service, typ.Name}
		if seen[key] {
			continue
		}
		seen[key] = true
		t.types = append(t.types, typ)
		for _, create := range typ.Create {
			t.entries[typ.Service] = append(t.entries[typ.Service], entry{parsePattern(create), &typ})
		}
	}
	for service, patterns := range nothing() {
		for _, p := range patterns {
			t.entries[service] = append(t.entries[service], entry{parsePattern(p), nil})
		}
	}
	slices.SortStableFunc(t.types, func(a, b Type) int { return cmp.Compare(a.Rank, b.Rank) })
	return t
}

// Types returns all types, in the order they are removed in.
func (t *Table) Types() []Type { return slices.Clone(t.types) }

// Type returns the type of the given name.
func (t *Table) Type(service, name string) (Type, bool) {
	for _, typ := range t.types {
		if typ.Service == service && typ.Name == name {
			return typ, true
		}
	}
	return Type{}, false
}

// nothing lists requests that make no resource, although their answers may look as if they did. Other requests
// with an answer that names nothing need no place here. What is a part of a resource without an ID of
// its own has no type either: tags, properties, extra specs, quotas, role assignments, members of
// groups, implied roles, access of projects to flavors and volume types. It
// vanishes with that resource; where that is not the test's own, the test has changed something that it did not make.
func nothing() map[string][]string {
	return map[string][]string{
		"identity": {
			"POST /auth/{x...}", // tokens: they vanish with their users
			"POST /ec2tokens", "POST /s3tokens", "POST /OS-OAUTH2/token",
			"POST /OS-OAUTH1/{token}", // request and access tokens: they vanish with the consumer
			"POST /users/{user}/password",
		},
		"compute": {
			"POST /servers/{server}/action",          // but for the images of server below
			"POST /servers/{server}/remote-consoles", // vanish by themselves
			"POST /flavors/{flavor}/os-extra_specs",  // parts of the flavor
			"POST /os-aggregates/{aggregate}/images", // asks for images to be kept ready
			"POST /os-server-external-events",        // told by other services
			"POST /os-volumes_boot",                  // gone from the API
		},
		"block-storage": {
			"POST /volumes/{volume}/action", "POST /snapshots/{snapshot}/action", "POST /backups/{backup}/action",
			"POST /types/{type}/action", "POST /types/{type}/extra_specs", "POST /groups/{group}/action",
			"POST /group_types/{type}/group_specs", "POST /group_snapshots/{snapshot}/action",
			"POST /volumes/{volume}/metadata", "POST /snapshots/{snapshot}/metadata",
			"POST /attachments/{attachment}/action", "POST /volume-transfers/{transfer}/accept",
			"POST /os-volume-transfer/{transfer}/accept", "POST /consistencygroups/{group}/{action}",
		},
		"image": {
			"POST /images/{image}/actions/{action}", "POST /images/{image}/import",
			"POST /tasks", // Glance has no way to remove one; they expire
		},
		"network": {
			"POST /agents/{agent}/{x...}", // schedules what is there
		},
		"placement": {
			"POST /allocations", "POST /reshaper", // of consumers; those of a test are made by PUT
			"POST /resource_providers/{provider}/inventories", // a part of the provider
		},
	}
}
