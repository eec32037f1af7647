package config_test

import (
	"bytes"
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/gotempest/tempest/internal/option"
	"github.com/gotempest/tempest/testlib/config"
)

// keyManager are the options of a plugin, as discover reads them.
func keyManager() []option.Group {
	return []option.Group{{Name: "key_manager", Help: "KeyManager describes the key manager.", Options: []option.Option{
		{Name: "region", Type: "string", Renamed: []string{"barbican.region", "key_manager.zone"}, Owner: "keys"},
		{Name: "max_payload", Type: "int", Default: "10000", Min: "1", Max: "20000"},
		{Name: "ratio", Type: "float", Default: "0.5", Min: "1e-1", Max: "1"},
		{Name: "wait", Type: "duration", Default: "2m", Min: "1s"},
		{Name: "modes", Type: "[]string", Default: "cbc, gcm", Choices: []string{"cbc", "gcm", "ctr"}},
		{Name: "sizes", Type: "[]int", Default: "128,256", Min: "8"},
		{Name: "token", Type: "string", Secret: true, Default: "hidden"},
		{Name: "strict", Type: "bool", Deprecated: "say nothing"},
		{Name: "level", Type: "int", Choices: []string{"1", "3"}},
		{Name: "url", Type: "string", Choices: []string{"a"}, Required: true},
	}}, {Name: "zone", List: true, Options: []option.Option{{Name: "name", Type: "string", Required: true}}}}
}

// compile returns the schema of all options, which must itself be valid.
func compile(t *testing.T) *jsonschema.Schema {
	t.Helper()
	core, err := config.CoreGroups()
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(config.Schema(option.Merge(core, keyManager()))))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("tempest.schema.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("tempest.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// validate returns what s says of a document in TOML.
func validate(t *testing.T, s *jsonschema.Schema, text string) error {
	t.Helper()
	var tree map[string]any
	if _, err := toml.Decode(text, &tree); err != nil {
		t.Fatal(err)
	}
	out, err := json.Marshal(tree)
	if err != nil {
		t.Fatal(err)
	}
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(out))
	if err != nil {
		t.Fatal(err)
	}
	return s.Validate(v)
}

// The schema and the loader agree on each of these documents.
func TestSchemaAgreesWithTheLoader(t *testing.T) {
	t.Parallel()
	s := compile(t)
	for text, want := range map[string]bool{
		"": true,
		"[auth]\ncloud = 'x'\nrequest_timeout = '1h30m'\n[log]\nbodies = 'all'\n": true,
		"[identity]\nendpoint_type = ''\nextra_roles = 'a, b'\n":                  true,
		"[identity]\nextra_roles = ['a', 'b']\n":                                  true,
		"[[adopt]]\nmodule = 'm'\ntests = ['./x']\n":                              true,
		"[key_manager]\nmax_payload = 20000\nratio = 1\nsizes = [8]\nlevel = 3\n": true,
		"[key_manager]\nmodes = 'cbc gcm'\nwait = '1.5s'\nstrict = true\n":        true,
		"[barbican]\nregion = 'old'\n":                                            true,
		"[key_manager]\nzone = 'old'\n":                                           true,
		"[auth]\ncluod = 'x'\n":                                                   false,
		"[nothing]\n":                                                             false,
		"top = 1\n":                                                               false,
		"[auth]\ncloud = 5\n":                                                     false,
		"[auth]\nrequest_timeout = 30\n":                                          false,
		"[auth]\nrequest_timeout = '30'\n":                                        false,
		"[auth]\nrequest_timeout = 'soon'\n":                                      false,
		"[log]\nbodies = 'some'\n":                                                false,
		"[log]\nbodies = ''\n":                                                    false,
		"[identity]\nextra_roles = [1]\n":                                         false,
		"[identity]\nendpoint_type = 'publicURL'\n":                               false,
		"[[adopt]]\nname = 'm'\n":                                                 false,
		"[adopt]\nmodule = 'm'\n":                                                 false,
		"[[auth]]\ncloud = 'm'\n":                                                 false,
		"[[zone]]\n":                                                              false,
		"[key_manager]\nmax_payload = 0\n":                                        false,
		"[key_manager]\nmax_payload = '1'\n":                                      false,
		"[key_manager]\nratio = 0.01\n":                                           false,
		"[key_manager]\nsizes = [1]\n":                                            false,
		"[key_manager]\nmodes = ['ecb']\n":                                        false,
		"[key_manager]\nlevel = 2\n":                                              false,
		"[key_manager]\nurl = 'b'\n":                                              false,
		"[barbican]\nzone = 'x'\n":                                                false,
	} {
		o := write(t, text)
		if !strings.Contains(text, "url") {
			o.Env = []string{"TEMPEST_KEY_MANAGER__URL=a"}
		}
		if _, err := config.Check(o, keyManager()); (err == nil) != want {
			t.Errorf("Check of %q = %v", text, err)
		}
		if err := validate(t, s, text); (err == nil) != want {
			t.Errorf("the schema says of %q: %v", text, err)
		}
	}
}

func TestSchemaAcceptsTheSample(t *testing.T) {
	t.Parallel()
	sample, err := os.ReadFile("../../tempest.toml")
	if err != nil {
		t.Fatal(err)
	}
	text := regexp.MustCompile(`(?m)^#(\[|[a-z0-9_]+ = )`).ReplaceAllString(string(sample), "$1")

	if err := validate(t, compile(t), text); err != nil {
		t.Errorf("the schema refuses the uncommented sample: %v", err)
	}
}

func TestSchemaSaysWhatOptionsAre(t *testing.T) {
	t.Parallel()
	type property struct {
		Description string
		Default     any
		Deprecated  bool
		Properties  map[string]property
	}
	var root property
	if err := json.Unmarshal(config.Schema(keyManager()), &root); err != nil {
		t.Fatal(err)
	}

	group := root.Properties["key_manager"]
	if want := "key_manager describes the key manager."; group.Description != want {
		t.Errorf("description = %q, want %q", group.Description, want)
	}
	if got := group.Properties["token"]; got.Default != nil {
		t.Errorf("token = %+v, want no default: it is a secret", got)
	}
	if got := group.Properties["modes"].Default; !strings.Contains(strings.Trim(toJSON(t, got), "[]"), `"cbc","gcm"`) {
		t.Errorf("default of modes = %v", got)
	}
	if got := group.Properties["strict"]; !got.Deprecated || !strings.Contains(got.Description, "say nothing") {
		t.Errorf("strict = %+v, want it deprecated", got)
	}
	old := root.Properties["barbican"].Properties["region"]
	if !old.Deprecated || !strings.Contains(old.Description, "Renamed to key_manager.region.") ||
		!strings.Contains(old.Description, "Declared by plugin keys.") {
		t.Errorf("barbican.region = %+v, want it renamed", old)
	}
}

func toJSON(t *testing.T, v any) string {
	t.Helper()
	out, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}
