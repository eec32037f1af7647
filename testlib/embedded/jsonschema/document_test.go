package jsonschema_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gotempest/tempest/testlib/embedded/jsonschema"
)

// shop uses every keyword of documents.
const shop = `{
  "name": "shop",
  "properties": {
    "title": {"type": ["string", "null"], "minLength": 2, "maxLength": 5, "pattern": "^[a-z]*$"},
    "kind": {"enum": ["a", null]},
    "count": {"$ref": "#/definitions/positive"},
    "size": {"allOf": [{"$ref": "#/definitions/positive"}, {"maximum": 9}]},
    "items": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 2, "uniqueItems": true},
    "prices": {"type": "object", "additionalProperties": {"type": "number"}}
  },
  "required": ["title"],
  "additionalProperties": false,
  "definitions": {"positive": {"type": "integer", "minimum": 1}}
}`

func parseShop(tb testing.TB) *jsonschema.Document {
	tb.Helper()
	d, err := jsonschema.ParseDocument([]byte(shop))
	if err != nil {
		tb.Fatal(err)
	}
	return d
}

// TestDocument compares with what Python's jsonschema 4.10 says.
func TestDocument(t *testing.T) {
	t.Parallel()
	d := parseShop(t)
	tests := map[string]string{
		`{"title": "abc", "kind": null, "count": 3, "size": 9, "items": ["x"], "prices": {"x": 1.5}}`: "",
		`{"title": null}`:                         "",
		`[]`:                                      "",
		`{}`:                                      "'title' is a required property",
		`{"title": "x"}`:                          "'x' is too short",
		`{"title": "abcdef"}`:                     "'abcdef' is too long",
		`{"title": "AB"}`:                         "'AB' does not match '^[a-z]*$'",
		`{"title": 5}`:                            "5 is not of type 'string', 'null'",
		`{"title": null, "kind": "b"}`:            "'b' is not one of ['a', None]",
		`{"title": null, "count": 0}`:             "0 is less than the minimum of 1",
		`{"title": null, "count": true}`:          "True is not of type 'integer'",
		`{"title": null, "size": 0}`:              "0 is less than the minimum of 1",
		`{"title": null, "size": 10}`:             "10 is greater than the maximum of 9",
		`{"title": null, "items": []}`:            "[] is too short",
		`{"title": null, "items": ["a","a"]}`:     "['a', 'a'] has non-unique elements",
		`{"title": null, "items": ["a","b","c"]}`: "['a', 'b', 'c'] is too long",
		`{"title": null, "items": ["a", 1]}`:      "1 is not of type 'string'",
		`{"title": null, "prices": {"x": "y"}}`:   "'y' is not of type 'number'",
		`{"title": null, "x": 1}`:                 "Additional properties are not allowed ('x' was unexpected)",
		`{"title": null, "x": 1, "y": 1}`:         "Additional properties are not allowed ('x', 'y' were unexpected)",
		// Of several, the one nearest to the root, whatever comes first.
		`{"title": 5, "x": 1}`: "Additional properties are not allowed ('x' was unexpected)",
		`{"count": 0}`:         "'title' is a required property",
	}
	for in, want := range tests {
		var v any
		if err := json.Unmarshal([]byte(in), &v); err != nil {
			t.Fatal(err)
		}
		got := ""
		if err := d.Validate(v); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%s: %q, want %q", in, got, want)
		}
	}
}

func TestDocumentReport(t *testing.T) {
	t.Parallel()
	var v any
	if err := json.Unmarshal([]byte(`{"title": null, "size": 0}`), &v); err != nil {
		t.Fatal(err)
	}
	got := parseShop(t).Validate(v).Report()
	want := `0 is less than the minimum of 1

Failed validating 'minimum' in schema['properties']['size']['allOf'][0]:
    {'minimum': 1, 'type': 'integer'}

On instance['size']:
    0`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("report differs (-want +got):\n%s", diff)
	}
}

func TestWrongDocuments(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"", `{"properties": }`, `{"pattern": "("}`, `{"$ref": "#/definitions/none"}`, `{"$ref": "elsewhere"}`,
		`{"properties": {"a": {"$ref": "#/definitions/none"}}}`,
	} {
		if _, err := jsonschema.ParseDocument([]byte(text)); err == nil {
			t.Errorf("ParseDocument(%q) gave no error", text)
		}
	}
}

func FuzzDocument(f *testing.F) {
	d := parseShop(f)
	for _, in := range []string{`{}`, `{"title": "x", "prices": {"a": []}}`, `[1]`, `"x"`, `{"items": [[], []]}`} {
		f.Add(in)
	}
	f.Fuzz(func(t *testing.T, in string) {
		var v any
		if json.Unmarshal([]byte(in), &v) != nil {
			return
		}
		if err := d.Validate(v); err != nil && !strings.HasPrefix(err.Report(), err.Error()) {
			t.Errorf("Report of %q does not start with its message", in)
		}
	})
}
