package resource

// compute returns the types of Nova. Its images are in Glance.
func compute() []Type {
	const s = "compute"
	return []Type{
		{Service: s, Name: "server", Create: []string{"POST /servers"}, Key: "server", Named: true,
			Async: true, Rank: rankServer,
			Several: []string{"min_count", "max_count"},
			List: List{Path: "/servers/detail", Key: "servers", All: "all_tenants=1", Project: "project_id",
				ProjectField: "tenant_id"}},
		{Service: s, Name: "server_image", Create: []string{"POST /servers/{server}/action createImage"},
			Key: "createImage", ID: "image_id", Delete: "DELETE /images/{id}", DeleteService: "image", Rank: rankImage},
		{Service: s, Name: "server_backup", Create: []string{"POST /servers/{server}/action createBackup"},
			Key: "createBackup", ID: "image_id", Delete: "DELETE /images/{id}", DeleteService: "image", Rank: rankImage},
		{Service: s, Name: "keypair", Create: []string{"POST /os-keypairs"}, Key: "keypair", Named: true, ID: "name",
			Delete: "DELETE /os-keypairs/{id}?user_id={user}", Check: "/os-keypairs/{id}?user_id={user}",
			Header: map[string]string{"OpenStack-API-Version": "compute 2.10"}, Rank: rankKeypair,
			List: List{Path: "/os-keypairs", Own: true, Key: "keypairs", Object: "keypair", ID: "name"}},
		{Service: s, Name: "server_group", Create: []string{"POST /os-server-groups"}, Key: "server_group", Named: true,
			Rank: rankServerGroup, List: List{Path: "/os-server-groups", Key: "server_groups", All: "all_projects=1",
				ProjectField: "project_id"}},
		{Service: s, Name: "flavor", Create: []string{"POST /flavors"}, Key: "flavor", Named: true, Rank: rankFlavor,
			List: List{Path: "/flavors/detail?is_public=None", Key: "flavors"}},
		{Service: s, Name: "aggregate", Create: []string{"POST /os-aggregates"}, Key: "aggregate",
			Named: true, Rank: rankAggregate,
			List: List{Path: "/os-aggregates", Key: "aggregates"}},
		{Service: s, Name: "interface", Create: []string{"POST /servers/{server}/os-interface"}, Key: "interfaceAttachment",
			ID: "port_id", NameField: "-", Part: true, Async: true, Rank: rankAttachment},
		{Service: s, Name: "volume_attachment", Create: []string{"POST /servers/{server}/os-volume_attachments"},
			Key: "volumeAttachment", ID: "volumeId", NameField: "-", Part: true, Async: true, Rank: rankAttachment},
		{Service: s, Name: "security_group", Create: []string{"POST /os-security-groups"}, Key: "security_group",
			Rank: rankNetBase},
		{Service: s, Name: "security_group_rule", Create: []string{"POST /os-security-group-rules"},
			Key: "security_group_rule", NameField: "-", Part: true, Rank: rankNetPart},
		{Service: s, Name: "volume", Create: []string{"POST /os-volumes"}, Key: "volume", NameField: "displayName",
			Async: true, Rank: rankVolume},
		{Service: s, Name: "snapshot", Create: []string{"POST /os-snapshots"}, Key: "snapshot", NameField: "displayName",
			Async: true, Rank: rankSnapshot},
	}
}
