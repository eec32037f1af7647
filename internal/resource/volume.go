package resource

// volume returns the types of Cinder. Its images are in Glance.
func volume() []Type {
	const (
		s   = "block-storage"
		all = "all_tenants=1"
	)
	return []Type{
		{Service: s, Name: "volume", Create: []string{"POST /volumes", "POST /manageable_volumes", "POST /os-volume-manage"},
			Key: "volume", Delete: "DELETE /volumes/{id}?cascade=true", Async: true, Rank: rankVolume,
			List: List{Path: "/volumes/detail", Key: "volumes", All: all, Project: "project_id", Name: "name",
				ProjectField: "os-vol-tenant-attr:tenant_id"}},
		{Service: s, Name: "restored_volume", Create: []string{"POST /backups/{backup}/restore"}, Key: "restore",
			ID: "volume_id", Unless: "volume_id", Delete: "DELETE /volumes/{id}?cascade=true", Async: true, Rank: rankVolume},
		{Service: s, Name: "uploaded_image", Create: []string{"POST /volumes/{volume}/action os-volume_upload_image"},
			Key: "os-volume_upload_image", ID: "image_id", NameField: "image_name", Delete: "DELETE /images/{id}",
			DeleteService: "image", Rank: rankImage},
		{Service: s, Name: "snapshot",
			Create: []string{"POST /snapshots", "POST /manageable_snapshots", "POST /os-snapshot-manage"},
			Key:    "snapshot", Delete: "DELETE /snapshots/{id}", Async: true, Rank: rankSnapshot,
			List: List{Path: "/snapshots/detail", Key: "snapshots", All: all, Project: "project_id", Name: "name",
				ProjectField: "os-extended-snapshot-attributes:project_id"}},
		{Service: s, Name: "backup", Create: []string{"POST /backups", "POST /backups/{backup}/import_record"},
			Key: "backup", Delete: "DELETE /backups/{id}", Async: true, Rank: rankBackup,
			List: List{Path: "/backups/detail", Key: "backups", All: all, Project: "project_id", Name: "name",
				ProjectField: "os-backup-project-attr:project_id"}},
		{Service: s, Name: "attachment", Create: []string{"POST /attachments"}, Key: "attachment", NameField: "-",
			Async: true, Rank: rankAttachment},
		{Service: s, Name: "transfer", Create: []string{"POST /volume-transfers", "POST /os-volume-transfer"},
			Key: "transfer", Rank: rankTransfer,
			List: List{Path: "/os-volume-transfer/detail", Key: "transfers", All: all}},
		{Service: s, Name: "volume_type", Create: []string{"POST /types"}, Key: "volume_type", Rank: rankVolumeType,
			List: List{Path: "/types?is_public=None", Key: "volume_types"}},
		{Service: s, Name: "encryption", Create: []string{"POST /types/{type}/encryption"}, Key: "encryption",
			ID: "encryption_id", NameField: "-", Part: true, Rank: rankVolumeType - 1},
		{Service: s, Name: "qos_specs", Create: []string{"POST /qos-specs"}, Key: "qos_specs",
			Delete: "DELETE /qos-specs/{id}?force=true", Async: true, Rank: rankVolumeBase,
			List: List{Path: "/qos-specs", Key: "qos_specs"}},
		{Service: s, Name: "group", Create: []string{"POST /groups", "POST /groups/action create-from-src"}, Key: "group",
			Delete: "POST /groups/{id}/action", DeleteBody: `{"delete":{"delete-volumes":true}}`, Check: "/groups/{id}",
			Header: map[string]string{"OpenStack-API-Version": "volume 3.14"}, Async: true, Rank: rankVolumeGroup,
			List: List{Path: "/groups/detail", Key: "groups", All: all, ProjectField: "project_id"}},
		{Service: s, Name: "group_type", Create: []string{"POST /group_types"}, Key: "group_type",
			Header: map[string]string{"OpenStack-API-Version": "volume 3.11"}, Rank: rankVolumeType,
			List: List{Path: "/group_types?is_public=None", Key: "group_types"}},
		{Service: s, Name: "group_snapshot", Create: []string{"POST /group_snapshots"}, Key: "group_snapshot",
			Header: map[string]string{"OpenStack-API-Version": "volume 3.14"}, Async: true, Rank: rankGroupSnapshot,
			List: List{Path: "/group_snapshots/detail", Key: "group_snapshots", All: all, ProjectField: "project_id"}},
		{Service: s, Name: "consistency_group",
			Create: []string{"POST /consistencygroups", "POST /consistencygroups/create_from_src"}, Key: "consistencygroup",
			Delete: "POST /consistencygroups/{id}/delete", DeleteBody: `{"consistencygroup":{"force":true}}`,
			Check: "/consistencygroups/{id}", Async: true, Rank: rankVolumeGroup},
		{Service: s, Name: "cgsnapshot", Create: []string{"POST /cgsnapshots"}, Key: "cgsnapshot", Async: true,
			Rank: rankGroupSnapshot},
	}
}
