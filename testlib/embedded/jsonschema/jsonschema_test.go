package jsonschema_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gotempest/tempest/testlib/embedded/jsonschema"
)

var one = 1.0

// person uses every keyword.
var person = &jsonschema.Schema{
	Types: []string{"object"}, Required: []string{"name"}, Closed: true, MaxProperties: 3,
	Properties: []jsonschema.Property{
		{Name: "name", Schema: &jsonschema.Schema{
			Types: []string{"string"}, MinLength: 2, MaxLength: 5, Pattern: jsonschema.MustPattern(`^\S+$`),
		}},
		{Name: "kind", Schema: &jsonschema.Schema{Enum: []any{"a", nil}}},
		{Name: "age", Schema: &jsonschema.Schema{Types: []string{"integer", "null"}, Minimum: &one}},
		{Name: "tags", Schema: &jsonschema.Schema{
			Types: []string{"array"}, MinItems: 1, MaxItems: 2, UniqueItems: true,
			Items: &jsonschema.Schema{Types: []string{"string"}},
		}},
	},
}

func TestValidate(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ in, want, path string }{
		"fine":              {in: `{"name": "Ada", "age": 36, "tags": ["x"]}`},
		"null where it may": {in: `{"name": "Ada", "age": null}`},
		"wrong type":        {in: `5`, want: "5 is not of type 'object'"},
		"none of two types": {
			in: `{"name": "Ada", "age": "x"}`, want: "'x' is not of type 'integer', 'null'", path: "age",
		},
		"not an integer": {
			in: `{"name": "Ada", "age": 1.5}`, want: "1.5 is not of type 'integer', 'null'", path: "age",
		},
		"too small": {
			in: `{"name": "Ada", "age": 0}`, want: "0 is less than the minimum of 1", path: "age",
		},
		"missing":               {in: `{}`, want: "'name' is a required property"},
		"too short":             {in: `{"name": "A"}`, want: "'A' is too short", path: "name"},
		"too long":              {in: `{"name": "Augusta"}`, want: "'Augusta' is too long", path: "name"},
		"characters, not bytes": {in: `{"name": "äöüßé"}`},
		"no match":              {in: `{"name": "A B"}`, want: `'A B' does not match '^\\S+$'`, path: "name"},
		"not in the list": {
			in: `{"name": "Ada", "kind": "c"}`, want: "'c' is not one of ['a', None]", path: "kind",
		},
		"unexpected": {
			in: `{"name": "Ada", "x": 1}`, want: "Additional properties are not allowed ('x' was unexpected)",
		},
		"wrong item": {
			in: `{"name": "Ada", "tags": ["a", 1]}`, want: "1 is not of type 'string'", path: "tags/1",
		},
		"too few items": {in: `{"name": "Ada", "tags": []}`, want: "[] is too short", path: "tags"},
		"too many items": {
			in: `{"name": "Ada", "tags": ["a", "b", "c"]}`, want: "['a', 'b', 'c'] is too long", path: "tags",
		},
		"equal items": {
			in: `{"name": "Ada", "tags": ["a", "a"]}`, want: "['a', 'a'] has non-unique elements", path: "tags",
		},
		"too many properties": {
			in:   `{"name": "Ada", "kind": "a", "age": 1, "tags": ["a"]}`,
			want: "{'age': 1, 'kind': 'a', 'name': 'Ada', 'tags': ['a']} has too many properties",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var in any
			if err := json.Unmarshal([]byte(tt.in), &in); err != nil {
				t.Fatal(err)
			}

			got, path := "", ""
			if err := person.Validate(in); err != nil {
				got, path = err.Error(), strings.Join(err.Path, "/")
			}

			if got != tt.want || path != tt.path {
				t.Errorf("Validate(%s) = %q at %q, want %q at %q", tt.in, got, path, tt.want, tt.path)
			}
		})
	}
}

// TestReport compares with what Python's jsonschema 4.10 prints.
func TestReport(t *testing.T) {
	t.Parallel()
	var in any
	if err := json.Unmarshal([]byte(`{"name": "Ada", "tags": ["a", 1]}`), &in); err != nil {
		t.Fatal(err)
	}

	got := person.Validate(in).Report()

	want := `1 is not of type 'string'

Failed validating 'type' in schema['properties']['tags']['items']:
    {'type': 'string'}

On instance['tags'][1]:
    1`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Report (-want +got):\n%s", diff)
	}
}

func TestOneOfAndNot(t *testing.T) {
	t.Parallel()
	choice := &jsonschema.Schema{OneOf: []*jsonschema.Schema{
		{Required: []string{"a"}}, {Required: []string{"b"}, Not: &jsonschema.Schema{Required: []string{"c"}}},
	}}
	tests := map[string]string{
		`{"a": 1}`:         "",
		`{"b": 1}`:         "",
		`{}`:               "{} is not valid under any of the given schemas",
		`{"b": 1, "c": 1}`: "{'b': 1, 'c': 1} is not valid under any of the given schemas",
		`{"a": 1, "b": 1}`: "{'a': 1, 'b': 1} is valid under each of {'required': ['a']}, " +
			"{'not': {'required': ['c']}, 'required': ['b']}",
	}
	for in, want := range tests {
		var v any
		if err := json.Unmarshal([]byte(in), &v); err != nil {
			t.Fatal(err)
		}
		got := ""
		if err := choice.Validate(v); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("Validate(%s) = %q, want %q", in, got, want)
		}
	}
}

func TestRepr(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		in   any
		want string
	}{
		"nothing":        {nil, "None"},
		"a flag":         {true, "True"},
		"a whole number": {2147483647.0, "2147483647"},
		"a fraction":     {0.5, "0.5"},
		"text":           {"a", "'a'"},
		"a single quote": {"it's", `"it's"`},
		"both quotes":    {`'"`, `'\'"'`},
		"a backslash":    {`\`, `'\\'`},
		"control":        {"\n\t\x00\x7f", `'\n\t\x00\x7f'`},
		"other scripts":  {"é漢", "'é漢'"},
		"a list":         {[]any{"a", 1.0}, "['a', 1]"},
		"an object":      {map[string]any{"b": nil, "a": false}, "{'a': False, 'b': None}"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := jsonschema.Repr(tt.in); got != tt.want {
				t.Errorf("Repr(%#v) = %s, want %s", tt.in, got, tt.want)
			}
		})
	}
}

// FuzzValidate checks that whatever JSON is sent has an answer, and that a
// wrong one can be reported.
func FuzzValidate(f *testing.F) {
	for _, in := range []string{`{}`, `{"name": "x y\n"}`, `[1]`, `{"tags": [[{"a": ""}]], "name": 5e99}`, `"\ud800"`} {
		f.Add(in)
	}
	f.Fuzz(func(t *testing.T, in string) {
		var v any
		if json.Unmarshal([]byte(in), &v) != nil {
			return
		}
		err := person.Validate(v)
		if err != nil && !strings.HasPrefix(err.Report(), err.Error()) {
			t.Errorf("Report of %q does not start with its message", in)
		}
	})
}
