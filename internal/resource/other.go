package resource

// objectStore returns the types of Swift, whose paths are those of the account. What a bulk upload or a form makes
// is not in the answer: it is found in the container.
func objectStore() []Type {
	const s = "object-store"
	return []Type{
		{Service: s, Name: "container", Create: []string{"PUT /{container}"}, ID: "{container}", NameField: "{container}",
			Status: 201, Scoped: true, Holds: "object", Rank: rankContainer,
			List: List{Path: "/?format=json", ID: "name"}},
		{Service: s, Name: "object", Create: []string{"PUT /{container}/{object...}", "COPY /{container}/{object...}"},
			ID: "{object}", NameField: "{object}", Status: 201, Scoped: true, Rank: rankObject},
	}
}

// placement returns the types of Placement. Traits and classes are made once for all.
func placement() []Type {
	const s = "placement"
	return []Type{
		{Service: s, Name: "resource_provider", Create: []string{"POST /resource_providers"}, ID: "uuid",
			Delete: "DELETE /resource_providers/{id}", Rank: rankProvider,
			List: List{Path: "/resource_providers", Key: "resource_providers", Name: "name", ID: "uuid"}},
		{Service: s, Name: "resource_class", Create: []string{"POST /resource_classes", "PUT /resource_classes/{class}"},
			ID: "{class}", NameField: "{class}", Status: 201, Delete: "DELETE /resource_classes/{id}",
			Header: map[string]string{"OpenStack-API-Version": "placement 1.7"}, Rank: rankProviderBase,
			List: List{Path: "/resource_classes", Key: "resource_classes", ID: "name"}},
		{Service: s, Name: "trait", Create: []string{"PUT /traits/{trait}"}, ID: "{trait}", NameField: "{trait}",
			Status: 201, Header: map[string]string{"OpenStack-API-Version": "placement 1.6"}, Rank: rankProviderBase},
		{Service: s, Name: "allocation", Create: []string{"PUT /allocations/{consumer}"}, ID: "{consumer}",
			NameField: "{consumer}", CheckKey: "allocations", Rank: rankAllocation},
	}
}

// keyManager returns the types of Barbican. Nobody but the owning project sees what is in it.
func keyManager() []Type {
	const s = "key-manager"
	return []Type{
		{Service: s, Name: "secret", Create: []string{"POST /secrets"}, ID: "secret_ref", Scoped: true, Rank: rankSecret,
			List: List{Path: "/secrets", Key: "secrets", Name: "name", ID: "secret_ref"}},
		{Service: s, Name: "secret_container", Create: []string{"POST /containers"}, ID: "container_ref", Scoped: true,
			Rank: rankSecretGroup, List: List{Path: "/containers", Key: "containers", ID: "container_ref"}},
		{Service: s, Name: "order", Create: []string{"POST /orders"}, ID: "order_ref", NameField: "-", Scoped: true,
			Rank: rankSecretGroup, List: List{Path: "/orders", Key: "orders", ID: "order_ref", NameField: "-"}},
	}
}

// orchestration returns the types of Heat.
func orchestration() []Type {
	const s = "orchestration"
	return []Type{
		{Service: s, Name: "stack", Create: []string{"POST /stacks"}, Key: "stack", NameField: "stack_name",
			Delete: "DELETE /stacks/{stack_name}/{id}", Async: true, Rank: rankStack,
			List: List{Path: "/stacks", Key: "stacks", All: "global_tenant=1", NameField: "stack_name",
				ProjectField: "project"}},
		{Service: s, Name: "software_config", Create: []string{"POST /software_configs"}, Key: "software_config",
			Rank: rankStack + 1},
		{Service: s, Name: "software_deployment", Create: []string{"POST /software_deployments"},
			Key: "software_deployment", NameField: "-", Rank: rankStack},
	}
}

// loadBalancer returns the types of Octavia.
func loadBalancer() []Type {
	const s = "load-balancer"
	part := func(name, path string, rank int) Type {
		return Type{Service: s, Name: name, Create: []string{"POST " + path}, Key: name, Part: true, Async: true, Rank: rank}
	}
	return []Type{
		{Service: s, Name: "loadbalancer", Create: []string{"POST /lbaas/loadbalancers"}, Key: "loadbalancer",
			Delete: "DELETE /lbaas/loadbalancers/{id}?cascade=true", Async: true, Rank: rankLoadBalancer,
			List: List{Path: "/lbaas/loadbalancers", Key: "loadbalancers", Project: "project_id", Name: "name",
				ProjectField: "project_id"}},
		part("listener", "/lbaas/listeners", rankLoadBalancer-1),
		part("pool", "/lbaas/pools", rankLoadBalancer-2),
		part("member", "/lbaas/pools/{pool}/members", rankLoadBalancer-3),
		part("healthmonitor", "/lbaas/healthmonitors", rankLoadBalancer-3),
		part("l7policy", "/lbaas/l7policies", rankLoadBalancer-3),
		part("rule", "/lbaas/l7policies/{policy}/rules", rankLoadBalancer-4),
		{Service: s, Name: "flavor", Create: []string{"POST /lbaas/flavors"}, Key: "flavor", Rank: rankLBPart},
		{Service: s, Name: "flavorprofile", Create: []string{"POST /lbaas/flavorprofiles"}, Key: "flavorprofile",
			Rank: rankLBPart + 1},
		{Service: s, Name: "availability_zone", Create: []string{"POST /lbaas/availabilityzones"}, Key: "availability_zone",
			ID: "name", Rank: rankLBPart},
		{Service: s, Name: "availability_zone_profile", Create: []string{"POST /lbaas/availabilityzoneprofiles"},
			Key: "availability_zone_profile", Rank: rankLBPart + 1},
	}
}

// dns returns the types of Designate.
func dns() []Type {
	const s = "dns"
	all := map[string]string{"X-Auth-All-Projects": "true"}
	return []Type{
		{Service: s, Name: "zone", Create: []string{"POST /zones"}, Async: true, AdminHeader: all, Rank: rankZone,
			List: List{Path: "/zones", Key: "zones", Name: "name", ProjectField: "project_id"}},
		{Service: s, Name: "recordset", Create: []string{"POST /zones/{zone}/recordsets"}, Async: true, Part: true,
			AdminHeader: all, Rank: rankRecordSet},
		{Service: s, Name: "zone_transfer_request", Create: []string{"POST /zones/{zone}/tasks/transfer_requests"},
			NameField: "-", Delete: "DELETE /zones/tasks/transfer_requests/{id}", Part: true, AdminHeader: all,
			Rank: rankRecordSet},
		{Service: s, Name: "tld", Create: []string{"POST /tlds"}, Rank: rankZone + 1,
			List: List{Path: "/tlds", Key: "tlds", Name: "name"}},
		{Service: s, Name: "tsigkey", Create: []string{"POST /tsigkeys"}, Rank: rankZone + 1,
			List: List{Path: "/tsigkeys", Key: "tsigkeys", Name: "name"}},
		{Service: s, Name: "blacklist", Create: []string{"POST /blacklists"}, NameField: "pattern", Rank: rankZone + 1,
			List: List{Path: "/blacklists", Key: "blacklists", NameField: "pattern"}},
	}
}

// sharedFileSystem returns the types of Manila.
func sharedFileSystem() []Type {
	const (
		s   = "shared-file-system"
		all = "all_tenants=1"
	)
	share := func(name, collection, key string, rank int) Type {
		return Type{Service: s, Name: name, Create: []string{"POST /" + collection}, Key: key, Async: true, Rank: rank,
			List: List{Path: "/" + collection + "/detail", Key: listKey(collection), All: all, Name: "name",
				ProjectField: "project_id"}}
	}
	return []Type{
		share("share_snapshot", "snapshots", "snapshot", rankShareSnapshot),
		share("share", "shares", "share", rankShare),
		share("share_group", "share-groups", "share_group", rankShare),
		share("share_group_snapshot", "share-group-snapshots", "share_group_snapshot", rankShareSnapshot),
		share("share_network", "share-networks", "share_network", rankShareNetwork),
		share("security_service", "security-services", "security_service", rankShareNetwork+1),
		{Service: s, Name: "share_type", Create: []string{"POST /types"}, Key: "share_type", Rank: rankShareNetwork + 2,
			List: List{Path: "/types?is_public=all", Key: "share_types"}},
	}
}

// listKey returns the name of the list of a collection of Manila.
func listKey(collection string) string {
	b := []byte(collection)
	for i := range b {
		if b[i] == '-' {
			b[i] = '_'
		}
	}
	return string(b)
}
