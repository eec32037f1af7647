package resource

import (
	"slices"
	"strings"
)

// Hidden is what a request makes in a service behind the thing that its answer shows.
type Hidden struct {
	Type Type   // in the table
	Name string // that the service gives it; empty when it has none, or one that is not known before
	Ends string // ends a name that is not known before; empty when there is none
}

// Bears reports whether the thing of a listing may be it, by its name.
func (h Hidden) Bears(name string) bool {
	if h.Name != "" {
		return name == h.Name
	}
	return name == "" || h.Ends != "" && strings.HasSuffix(name, h.Ends)
}

// Known returns the request that made what is removed by DELETE on a path of a service, if that is known.
type Known func(service, path string) (Creation, bool)

// Hidden returns what a request makes beside what its answer shows, and what may stay when that is removed. Where it
// depends on something that is not known, it may return too much. Volumes that go with their server are returned too:
// Nova leaves them behind when there are snapshots of them.
//
// The names are those that the services give: Nova calls a blank volume after its server, and the snapshots behind an
// image after the image, and gives other volumes no name; Barbican calls the secret of an order as the order says.
func (t *Table) Hidden(c Creation, known Known) []Hidden {
	switch c.Type.Service + " " + c.Type.Name {
	case "compute server":
		if slices.ContainsFunc(c.devices(), device.isNew) || t.fromVolumes(c, known) {
			return t.hidden("block-storage", "", "-blank-vol", "volume")
		}
	case "compute server_image":
		server, ok := known("compute", "/servers/"+c.vars["server"])
		if !ok || server.boots() || t.fromVolumes(server, known) {
			return t.hidden("block-storage", "snapshot for "+c.Name, "", "snapshot")
		}
	case "key-manager order":
		meta, _ := c.request["meta"].(map[string]any)
		kinds := []string{"secret"}
		if text(c.request["type"]) != "key" {
			kinds = append(kinds, "secret_container")
		}
		return t.hidden("key-manager", text(meta["name"]), "", kinds...)
	}
	return nil
}

// fromVolumes reports whether the image of a server that c makes is one of volumes, from which Nova makes new ones.
func (t *Table) fromVolumes(c Creation, known Known) bool {
	ref := idOf(text(c.request["imageRef"]))
	if ref == "" {
		return false
	}
	image, ok := known("image", "/images/"+ref)
	return ok && image.Type.Name == "server_image" && len(t.Hidden(image, known)) > 0
}

func (t *Table) hidden(service, name, ends string, types ...string) []Hidden {
	var list []Hidden
	for _, typeName := range types {
		if typ, ok := t.Type(service, typeName); ok {
			list = append(list, Hidden{Type: typ, Name: name, Ends: ends})
		}
	}
	return list
}

// Collection returns the path that a POST makes things of a type at: the first one of [Type.Create].
func Collection(t Type) string {
	if len(t.Create) == 0 {
		return ""
	}
	_, path, _ := strings.Cut(t.Create[0], " ")
	return path
}

// device is an element of a block device mapping in a request for a server.
type device map[string]any

// devices returns the mappings of both formats that a request for a server has.
func (c Creation) devices() []device {
	var all []device
	for _, obj := range list(c.request["block_device_mapping_v2"]) {
		all = append(all, obj)
	}
	for _, obj := range list(c.request["block_device_mapping"]) {
		v2 := device{"destination_type": "volume"}
		if text(obj["snapshot_id"]) != "" && text(obj["volume_id"]) == "" {
			v2["source_type"] = "snapshot"
		}
		all = append(all, v2)
	}
	return all
}

// isNew reports whether a volume is made for the device.
func (d device) isNew() bool {
	from := text(d["source_type"])
	return text(d["destination_type"]) == "volume" && (from == "image" || from == "blank" || from == "snapshot")
}

// boots reports whether the server that c makes may boot from a volume.
func (c Creation) boots() bool {
	if text(c.request["imageRef"]) == "" {
		return true
	}
	return slices.ContainsFunc(c.devices(), func(d device) bool {
		root := text(d["boot_index"])
		return text(d["destination_type"]) == "volume" && (root == "0" || root == "")
	})
}
