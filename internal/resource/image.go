package resource

// image returns the types of Glance.
func image() []Type {
	const s = "image"
	return []Type{
		{Service: s, Name: "image", Create: []string{"POST /images"}, Rank: rankImage,
			List: List{Path: "/images", Key: "images", All: "visibility=all", Project: "owner", Name: "name",
				ProjectField: "owner"}},
		{Service: s, Name: "image_member", Create: []string{"POST /images/{image}/members"}, ID: "member_id",
			NameField: "-", Part: true, Rank: rankImage - 1},
		{Service: s, Name: "metadef_namespace", Create: []string{"POST /metadefs/namespaces"}, ID: "namespace",
			NameField: "namespace", Delete: "DELETE /metadefs/namespaces/{id}", Rank: rankImageMeta,
			List: List{Path: "/metadefs/namespaces", Key: "namespaces", ID: "namespace", NameField: "namespace",
				ProjectField: "owner"}},
		{Service: s, Name: "metadef_object", Create: []string{"POST /metadefs/namespaces/{namespace}/objects"}, ID: "name",
			Part: true, Rank: rankImageMeta - 1},
		{Service: s, Name: "metadef_property", Create: []string{"POST /metadefs/namespaces/{namespace}/properties"},
			ID: "name", Part: true, Rank: rankImageMeta - 1},
		{Service: s, Name: "metadef_tag", Create: []string{"POST /metadefs/namespaces/{namespace}/tags/{tag}"}, ID: "{tag}",
			NameField: "{tag}", Part: true, Rank: rankImageMeta - 1},
		{Service: s, Name: "metadef_association",
			Create: []string{"POST /metadefs/namespaces/{namespace}/resource_types"}, ID: "name",
			Check: "/metadefs/namespaces/{namespace}", Part: true, Rank: rankImageMeta - 1},
	}
}
