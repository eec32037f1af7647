package glance

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
)

// TestCollectionsAreMadeOfTheirItems checks the schemas that are not kept as
// files; what they are as a whole, the recording tells.
func TestCollectionsAreMadeOfTheirItems(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	for _, tt := range []struct{ collection, name, item string }{
		{"images", "images", "image"},
		{"members", "members", "member"},
		{"metadefs/objects", "objects", "metadefs/object"},
		{"metadefs/resource_types", "resource_type_associations", "metadefs/resource_type"},
	} {
		list := c.call(t, "GET", "/v2/schemas/"+tt.collection, "", 200)
		item := c.call(t, "GET", "/v2/schemas/"+tt.item, "", 200)
		properties, _ := list["properties"].(object)
		array, _ := properties[tt.name].(object)
		of, _ := array["items"].(object)
		if list["name"] != tt.name || of["name"] != item["name"] || of["definitions"] != nil {
			t.Errorf("schema of %s = %v", tt.collection, list)
		}
	}
}

func TestOrderedKeepsItsOrder(t *testing.T) {
	t.Parallel()
	const text = `{"b":1,"a":{"z":true,"y":[null]},"c":"<é>"}`
	o, err := parseOrdered([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	got, err := encode(o.with("d", 2).with("b", 3).without("c"))
	if want := `{"b":3,"a":{"z":true,"y":[null]},"d":2}`; err != nil || string(got) != want {
		t.Errorf("changed: %s (%v), want %s", got, err, want)
	}
	if got, err := encode(o); err != nil || string(got) != text {
		t.Errorf("as it was: %s (%v), want %s", got, err, text)
	}
	if got := o.get("nope"); got != nil {
		t.Errorf("a member that is not there = %v", got)
	}
	for _, wrong := range []string{"", "[]", `{"a"`, `{"a": }`, "5"} {
		if o, err := parseOrdered([]byte(wrong)); err == nil {
			t.Errorf("parseOrdered(%q) = %v, want an error", wrong, o)
		}
	}
}

// FuzzDefinitions checks that no definition a client sends ends the service,
// and that what is taken can be read again.
func FuzzDefinitions(f *testing.F) {
	for _, body := range []string{
		`{"namespace": "n"}`, `[]`, `{"namespace": "n", "objects": [{"name": "o", "properties": {"p": {}}}]}`,
		`{"namespace": "n", "properties": {"p": {"type": "array", "title": "t", "items": {"type": "string"}}}}`,
		`{"namespace": "n", "tags": [{"name": "t"}], "resource_type_associations": [{"name": "r", "prefix": "p"}]}`,
		`{"namespace": "n", "properties": {"p": {"type": "string", "title": "t", "default": {}, "enum": [1]}}}`,
	} {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body string) {
		c := newClient(t)
		w := c.send(t.Context(), "POST", "/v2/metadefs/namespaces", strings.NewReader(body))
		if w.Code != 201 {
			return
		}
		var made object
		if err := json.Unmarshal(w.Body.Bytes(), &made); err != nil {
			t.Fatal(err)
		}
		list := c.call(t, "GET", "/v2/metadefs/namespaces", "", 200)["namespaces"].([]any)
		kept, _ := list[0].(object)
		for _, key := range slices.Sorted(maps.Keys(kept)) {
			if key != "resource_type_associations" && made[key] != kept[key] {
				t.Errorf("%s: made as %v, kept as %v", key, made[key], kept[key])
			}
		}
	})
}
