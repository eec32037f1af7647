package config_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gotempest/tempest/internal/option"
	"github.com/gotempest/tempest/testlib/config"
)

// plugin is the Config of a plugin.
type plugin struct {
	KeyManager struct {
		Region     string        `toml:"region"`
		MaxPayload int           `toml:"max_payload" default:"10000" min:"1" max:"20000"`
		Small      uint8         `toml:"small" default:"7"`
		Ratio      float64       `toml:"ratio" default:"0.5" max:"1"`
		Wait       time.Duration `toml:"wait" default:"2m" min:"1s"`
		Modes      []string      `toml:"modes" default:"cbc, gcm" choices:"cbc,gcm,ctr"`
		Sizes      []int         `toml:"sizes" default:"128,256"`
		Token      string        `toml:"token" secret:"true"`
		Strict     bool          `toml:"strict"`
	} `toml:"key_manager"`
	ServiceAvailable struct {
		KeyManager bool `toml:"key_manager" default:"true"`
	} `toml:"service_available"`
}

// write makes a configuration file and options that read it and nothing else.
func write(t *testing.T, text string) config.Options {
	t.Helper()
	path := filepath.Join(t.TempDir(), config.FileName)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return config.Options{Path: path, Env: []string{}}
}

func TestLoadSetsDefaults(t *testing.T) {
	t.Parallel()
	var want plugin
	want.KeyManager.MaxPayload, want.KeyManager.Small, want.KeyManager.Ratio = 10000, 7, 0.5
	want.KeyManager.Wait = 2 * time.Minute
	want.KeyManager.Modes, want.KeyManager.Sizes = []string{"cbc", "gcm"}, []int{128, 256}
	want.ServiceAvailable.KeyManager = true

	got, err := config.Load[plugin](write(t, ""))
	if err != nil {
		t.Fatal(err)
	}

	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Load of an empty file (-want +got)\n%s", diff)
	}
}

func TestLoadReadsEverySource(t *testing.T) {
	t.Parallel()
	o := write(t, `
key_manager.region = "file"
[service_available]
identity = true
key_manager = false
`)
	o.Env = []string{
		"TEMPEST_KEY_MANAGER__WAIT=90s", "TEMPEST_KEY_MANAGER__REGION=env", "TEMPEST_KEY_MANAGER__SIZES=[1, 2]",
		"TEMPEST_KEY_MANAGER__MODES=ctr, gcm", "TEMPEST_KEY_MANAGER__STRICT=1", "TEMPEST_RUN_ID=r1",
	}
	o.Overrides = []string{"key_manager.region=one", "key_manager.region=a=b", "key_manager.ratio=1"}
	var want plugin
	want.KeyManager.Region, want.KeyManager.Ratio, want.KeyManager.Wait = "a=b", 1, 90*time.Second
	want.KeyManager.MaxPayload, want.KeyManager.Small, want.KeyManager.Strict = 10000, 7, true
	want.KeyManager.Modes, want.KeyManager.Sizes = []string{"ctr", "gcm"}, []int{1, 2}

	got, err := config.Load[plugin](o)
	if err != nil {
		t.Fatal(err)
	}

	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Load (-want +got)\n%s", diff)
	}
}

func TestLoadReadsLists(t *testing.T) {
	t.Parallel()
	o := write(t, `
[plugins]
only = ["a", "b"]

[[adopt]]
module = "example.com/m"
name = "m"
tests = ["./x/...", "./y"]
tags = ["acceptance"]

[[adopt]]
module = "example.com/n"
tests = "./z ./y"
`)

	got, err := config.Load[config.Core](o)
	if err != nil {
		t.Fatal(err)
	}

	want := []config.Adopt{
		{Module: "example.com/m", Name: "m", Tests: []string{"./x/...", "./y"}, Tags: []string{"acceptance"}},
		{Module: "example.com/n", Tests: []string{"./z", "./y"}},
	}
	if diff := cmp.Diff(want, got.Adopt); diff != "" {
		t.Errorf("adopt (-want +got)\n%s", diff)
	}
	if diff := cmp.Diff([]string{"a", "b"}, got.Plugins.Only); diff != "" {
		t.Errorf("plugins.only (-want +got)\n%s", diff)
	}
}

// mistakes are configurations, and all that is wrong with them.
var mistakes = map[string]struct {
	file      string
	env       []string
	overrides []string
	want      []string // one per problem; FILE stands for the path
}{
	"unknown option": {
		file: "[auth]\n  cluod = 'x'\n",
		want: []string{"FILE:2:3: unknown option auth.cluod; the nearest known one is auth.cloud"},
	},
	"unknown group": {
		file: "[identiy]\nregion = 'x'\nother = 1\n",
		want: []string{
			"FILE:2:1: unknown group identiy; the nearest known one is identity",
		},
	},
	"unknown empty group": {
		file: "# one\n\n[ plugin ]\n",
		want: []string{"FILE:3:3: unknown group plugin; the nearest known one is plugins"},
	},
	"right name in the wrong group": {
		file: "[key_manager]\ncredentials_domain = 'x'\n",
		want: []string{"FILE:2:1: unknown option key_manager.credentials_domain; there is auth.credentials_domain"},
	},
	"option outside of a group": {
		file: "cloud = 'x'\n",
		want: []string{"FILE:1:1: cloud stands outside of a group: write it below a [group] line"},
	},
	"wrong types": {
		file: "[key_manager]\nregion = 5\nwait = 10\nmax_payload = '1'\nstrict = 1\nmodes = 5\nsizes = [1, 'x']\n" +
			"ratio = true\ntoken = [1]\n[key_manager.small]\nx = 1\n",
		want: []string{
			"FILE:2:1: key_manager.region: want a string, found the integer 5",
			`FILE:3:1: key_manager.wait: want a duration such as "90s", found the integer 10`,
			`FILE:4:1: key_manager.max_payload: want an integer, found "1"`,
			"FILE:5:1: key_manager.strict: want true or false, found the integer 1",
			"FILE:6:1: key_manager.modes: want a list of strings, found the integer 5",
			`FILE:7:1: key_manager.sizes: element 2: want an integer, found "x"`,
			"FILE:8:1: key_manager.ratio: want a number, found true",
			"FILE:9:1: key_manager.token: want a string, found a list",
			"FILE:10:2: key_manager.small: want an integer, found a table",
		},
	},
	"out of range": {
		file: "[key_manager]\nmax_payload = 0\nratio = 1.5\nwait = '1ms'\nmodes = ['cbc', 'ecb']\n[log]\nbodies = 'some'\n",
		want: []string{
			"FILE:2:1: key_manager.max_payload: 0 is less than 1, the least allowed",
			"FILE:3:1: key_manager.ratio: 1.5 is more than 1, the most allowed",
			"FILE:4:1: key_manager.wait: 1ms is less than 1s, the least allowed",
			`FILE:5:1: key_manager.modes: element 2: "ecb" is not one of cbc, gcm, ctr`,
			`FILE:7:1: log.bodies: "some" is not one of none, errors, all`,
		},
	},
	"too large for its Go type": {
		file: "key_manager.small = 256\n",
		want: []string{"FILE:1:1: key_manager.small: 256 does not fit"},
	},
	"negative for an unsigned type": {
		file: "key_manager.small = -1\n",
		want: []string{"FILE:1:1: key_manager.small: -1 does not fit"},
	},
	"secrets are not repeated": {
		env:  []string{"TEMPEST_KEY_MANAGER__MAX_PAYLOAD=12x"},
		file: "[key_manager]\ntoken = 5\n",
		want: []string{
			"FILE:2:1: key_manager.token: want a string, found the integer 5",
			`$TEMPEST_KEY_MANAGER__MAX_PAYLOAD: key_manager.max_payload: want an integer, found "12x"`,
		},
	},
	"duplicate key": {
		file: "[auth]\ncloud = 'a'\n  cloud = 'b'\n",
		want: []string{"FILE:3:3: Key 'auth.cloud' has already been defined"},
	},
	"duplicate group": {
		file: "[auth]\ncloud = 'a'\n[auth]\n",
		want: []string{"FILE:3:2: Key 'auth' has already been defined"},
	},
	"not TOML": {
		file: "[auth]\ncloud: x\n",
		want: []string{"FILE:2:6: expected '.' or '=', but got ':' instead"},
	},
	"list of tables where none is wanted": {
		file: "[[auth]]\ncloud = 'x'\n",
		want: []string{"FILE:1:3: auth is not a list of tables: write [auth]"},
	},
	"table where a list of tables is wanted": {
		file: "[adopt]\nname = 'x'\n",
		want: []string{"FILE:2:1: adopt is a list of tables: write [[adopt]]"},
	},
	"second adopted module": {
		file: "[[adopt]]\nmodule = 'm'\nname = 'a'\n[[adopt]]\nname = 5\n\n tests = [true]\n",
		want: []string{
			"FILE:4:3: adopt.module is required",
			"FILE:5:1: adopt.name: want a string, found the integer 5",
			"FILE:7:2: adopt.tests: element 1: want a string, found true",
		},
	},
	"variable of an unknown option": {
		env:  []string{"TEMPEST_AUTH__CLUOD=x"},
		want: []string{"$TEMPEST_AUTH__CLUOD: unknown option auth.cluod; the nearest known one is auth.cloud"},
	},
	"variable with one underscore for two": {
		env: []string{"TEMPEST_AUTH_CLOUD=x", "TEMPEST_KEY_MANAGER_MAX_PAYLOAD=1", "TEMPEST_AUTH_CLUOD=x", "TEMPEST_MINE=x"},
		want: []string{
			"$TEMPEST_AUTH_CLOUD: sets nothing; the option is set by $TEMPEST_AUTH__CLOUD",
			"$TEMPEST_KEY_MANAGER_MAX_PAYLOAD: sets nothing; the option is set by $TEMPEST_KEY_MANAGER__MAX_PAYLOAD",
		},
	},
	"bad overrides": {
		overrides: []string{"auth.cluod=x", "auth=x", "key_manager.wait=soon"},
		want: []string{
			"override auth: not of the form group.option=value",
			"override auth.cluod: unknown option auth.cluod; the nearest known one is auth.cloud",
			`override key_manager.wait: key_manager.wait: want a duration such as "90s", found "soon"`,
		},
	},
	"value that a stronger one hides": {
		file: "[key_manager]\nwait = 1\n",
		env:  []string{"TEMPEST_KEY_MANAGER__WAIT=5s"},
		want: []string{`FILE:2:1: key_manager.wait: want a duration such as "90s", found the integer 1`},
	},
}

func TestLoadSaysWhatIsWrongAndWhere(t *testing.T) {
	t.Parallel()
	for name, tt := range mistakes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := write(t, tt.file)
			o.Env, o.Overrides = append([]string{}, tt.env...), tt.overrides

			_, err := config.Load[plugin](o)

			var bad *config.Error
			if !errors.As(err, &bad) {
				t.Fatalf("Load error = %v, want a *config.Error", err)
			}
			want := strings.ReplaceAll(strings.Join(tt.want, "\n"), "FILE", o.Path)
			if diff := cmp.Diff(want, err.Error()); diff != "" {
				t.Errorf("Load error (-want +got)\n%s", diff)
			}
		})
	}
}

func TestLoadKnowsOptionsOfOthers(t *testing.T) {
	t.Parallel()
	o := write(t, "[designate]\nzone = 'x'\n[service_available]\ndesignate = true\n[designat]\nzone = 1\n")

	if _, err := config.Load[config.Core](o); err != nil {
		t.Errorf("Load under plain go test: %v, want no error", err)
	}
	o.Env = []string{"TEMPEST_DECLARED_OPTIONS=designate.zone service_available.designate"}
	_, err := config.Load[config.Core](o)

	const want = ":6:1: unknown group designat; the nearest known one is designate"
	if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
		t.Errorf("Load under tempest run: %v, want only %q", err, want)
	}
}

// declared is an option of the plugin dns.
func declared(group string, o option.Option) option.Group {
	o.Owner = "dns"
	return option.Group{Name: group, Options: []option.Option{o}}
}

func TestCheckTakesOptionsOfPlugins(t *testing.T) {
	t.Parallel()
	zone := declared("designate", option.Option{Name: "zone", Type: "string"})
	wait := declared("designate", option.Option{Name: "wait", Type: "duration", Min: "1s"})
	available := declared("service_available", option.Option{Name: "designate", Type: "bool"})
	must := declared("designate", option.Option{Name: "url", Type: "string", Required: true})
	clash := declared("auth", option.Option{Name: "cloud", Type: "int"})
	const good = "[designate]\nzone = 'x'\nwait = '5s'\n[service_available]\ndesignate = true\n"
	tests := map[string]struct {
		file     string
		declared []option.Group
		wantErr  string // end of the error; empty means none
	}{
		"good":          {file: good, declared: []option.Group{zone, wait, available}},
		"not declared":  {file: good, declared: []option.Group{zone, available}, wantErr: "designate.zone"},
		"no plugin":     {file: "[designate]\n", wantErr: ":1:2: unknown group designate; the nearest known one is image"},
		"out of range":  {file: "designate.wait = '1ms'\n", declared: []option.Group{wait}, wantErr: "the least allowed"},
		"type clash":    {declared: []option.Group{clash}, wantErr: "cloud of plugin dns is declared twice, and differently"},
		"required":      {declared: []option.Group{must}, wantErr: "or as $TEMPEST_DESIGNATE__URL"},
		"required, set": {file: "designate.url = 'x'\n", declared: []option.Group{must}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			_, err := config.Check(write(t, tt.file), tt.declared)

			switch {
			case tt.wantErr == "" && err != nil:
				t.Errorf("Check error = %v, want none", err)
			case tt.wantErr != "" && (err == nil || !strings.HasSuffix(err.Error(), tt.wantErr)):
				t.Errorf("Check error = %v, want one that ends in %q", err, tt.wantErr)
			}
		})
	}
}

// Values that are each allowed, and that do not go together or cannot be used.
func TestCheckFindsContradictions(t *testing.T) {
	t.Parallel()
	for file, want := range map[string]string{
		"[auth]\ndynamic_credentials = false\n": ":2:1: auth.dynamic_credentials: false, and auth.accounts_file names no " +
			"accounts file: set one of them",
		"[auth]\naccounts_file = 'none.yaml'\n":                               "none.yaml",
		"[auth]\ndynamic_credentials = false\naccounts_file = '/'\n":          ":3:1: auth.accounts_file: / is a folder",
		"[auth]\ndynamic_credentials = false\naccounts_file = 'tempest.toml'": "",
		"[compute]\nmin_microversion = '2.9'\nmax_microversion = '2.10'\n":    "",
		"[volume]\nmin_microversion = '3.10'\nmax_microversion = '3.9'\n": ":2:1: volume.min_microversion: 3.10 is above " +
			"max_microversion 3.9",
		"[compute]\nmin_microversion = 'latest'\nmax_microversion = '2.9'\n": ":2:1: compute.min_microversion: latest is " +
			"above max_microversion 2.9",
		"[placement]\nmax_microversion = '1'\n": `:2:1: placement.max_microversion: "1" is no microversion such as "2.60", ` +
			`and not "latest"`,
		"[network]\nproject_cidr = '10.0.0.0'\n": `network.project_cidr: "10.0.0.0" is no range such as that of the default`,
		"[network]\nproject_cidr = '::/8'\n":     "such as that of the default",
		"[network]\nproject_cidr = '10.0.0.1/8'\n": `:2:1: network.project_cidr: "10.0.0.1/8" has bits behind its prefix: ` +
			`write "10.0.0.0/8"`,
		"[network]\nproject_mask_bits = 9\n": ":2:1: network.project_mask_bits: a subnet with /9 does not fit into " +
			"network.project_cidr, 10.100.0.0/16",
		"[image]\nhttp_image = 'cirros.img'\n": `: "cirros.img" is no URL that begins with http:// or https://`,
	} {
		_, err := config.Check(write(t, file), nil)

		if want == "" && err != nil || want != "" && (err == nil || !strings.HasSuffix(err.Error(), want)) {
			t.Errorf("Check of %q: %v, want %q", file, err, want)
		}
	}
}

func TestCheckFindsContradictionsBesideMistakes(t *testing.T) {
	t.Parallel()
	o := write(t, "[compute]\nmin_microversion = 'x'\nmin_compute_nodes = 0\n[adopt]\n")

	_, err := config.Check(o, nil)

	var bad *config.Error
	if !errors.As(err, &bad) || len(bad.Problems) != 3 {
		t.Errorf("Check error = %v, want three problems", err)
	}
}

func TestLoadCoreLeavesOtherMistakesToCheck(t *testing.T) {
	t.Parallel()
	o := write(t, "top = 1\n[identiy]\nregion = 'x'\n[plugins]\nonly = 'a'\n[log]\nbodies = 'some'\n")
	o.Overrides = []string{"x"}

	core, path, err := config.LoadCore(o)

	if err != nil || path != o.Path || !cmp.Equal(core.Plugins.Only, []string{"a"}) || core.Log.Bodies != "errors" {
		t.Errorf("LoadCore = %+v, %q, %v", core, path, err)
	}
	var bad *config.Error
	if _, err := config.Check(o, nil); !errors.As(err, &bad) || len(bad.Problems) != 4 {
		t.Errorf("Check error = %v, want four problems", err)
	}
}

func TestLoadCoreFailsWhenPluginsCannotBeFound(t *testing.T) {
	t.Parallel()
	for _, file := range []string{
		"[plugins]\nonly = [1]\n", "[[adopt]]\nname = 'x'\n", "[adopt]\nname = 'x'\n", "[plugins\n",
	} {
		if _, _, err := config.LoadCore(write(t, file)); err == nil {
			t.Errorf("LoadCore took %q", file)
		}
	}
}

func TestLoadFindsRequiredOptions(t *testing.T) {
	t.Parallel()
	type required struct {
		Zone struct {
			URL string `toml:"url" required:"true"`
		} `toml:"zone"`
	}
	o := write(t, "")

	_, err := config.Load[required](o)

	const want = "zone.url is required: set it in tempest.toml, or as $TEMPEST_ZONE__URL"
	if err == nil || err.Error() != want {
		t.Errorf("Load error = %v, want %q", err, want)
	}
	o.Overrides = []string{"zone.url=x"}
	if got, err := config.Load[required](o); err != nil || got.Zone.URL != "x" {
		t.Errorf("Load = %v, %v, want x", got, err)
	}
}

func TestLoadAcceptsTypesThatEmbedCore(t *testing.T) {
	t.Parallel()
	type all struct {
		config.Core
		Mine struct {
			N int `toml:"n"`
		} `toml:"mine"`
	}

	got, err := config.Load[all](write(t, "[mine]\nn = 3\n[auth]\ncloud = 'c'\n"))

	if err != nil || got.Mine.N != 3 || got.Auth.Cloud != "c" || got.Identity.AdminRole != "admin" {
		t.Errorf("Load = %+v, %v", got, err)
	}
}

func TestLoadRefusesTypesThatCannotBeOptions(t *testing.T) {
	t.Parallel()
	type bad struct {
		Mine struct{ M map[string]int }
	}

	_, err := config.Load[bad](write(t, ""))

	if err == nil || !strings.Contains(err.Error(), "Mine.M cannot be an option") {
		t.Errorf("Load error = %v, want one about Mine.M", err)
	}
}

func TestReadSearches(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	deep := filepath.Join(root, "a", "b")
	user := filepath.Join(root, "xdg", "tempest")
	for _, dir := range []string{deep, user} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	file := func(dir string) string {
		path := filepath.Join(dir, config.FileName)
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	userFile := file(user)
	env := []string{"XDG_CONFIG_HOME=" + filepath.Join(root, "xdg")}
	check := func(o config.Options, want string) {
		t.Helper()
		v, err := config.Read(o)
		if err != nil {
			t.Fatal(err)
		}
		if got := v.Path(); got != want {
			t.Errorf("Read(%+v) read %q, want %q", o, got, want)
		}
	}

	check(config.Options{Dir: deep, Env: env}, userFile)
	parentFile := file(root)
	check(config.Options{Dir: deep, Env: env}, parentFile)
	deepFile := file(deep)
	check(config.Options{Dir: deep, Env: env}, deepFile)
	check(config.Options{Dir: deep, Env: append(env, "TEMPEST_CONFIG="+parentFile)}, parentFile)
	check(config.Options{Dir: deep, Env: append(env, "TEMPEST_CONFIG=-")}, "")
	check(config.Options{Dir: deep, Env: append(env, "TEMPEST_CONFIG=-"), Path: userFile}, userFile)
}

func TestReadNamesAMissingFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "none.toml")

	_, err := config.Read(config.Options{Path: path})

	var bad *config.Error
	if !errors.As(err, &bad) || !strings.Contains(err.Error(), path) {
		t.Errorf("Read error = %v, want a *config.Error that names %s", err, path)
	}
}

func TestSettingsSayWhereValuesComeFrom(t *testing.T) {
	t.Parallel()
	o := write(t, "[key_manager]\nregion = \"r\\\"\\n\\u001b\"\nsizes = [1, 2]\ntoken = 'hidden'\n")
	o.Env = []string{"TEMPEST_KEY_MANAGER__WAIT=5s"}
	o.Overrides = []string{"key_manager.ratio=0.1"}
	v, err := config.Read(o)
	if err != nil {
		t.Fatal(err)
	}
	groups := []option.Group{{Name: "key_manager", Options: []option.Option{
		{Name: "region", Type: "string"}, {Name: "sizes", Type: "[]int"}, {Name: "token", Type: "string", Secret: true},
		{Name: "wait", Type: "duration"}, {Name: "ratio", Type: "float"}, {Name: "small", Type: "int", Default: "7"},
		{Name: "key", Type: "string", Secret: true}, {Name: "modes", Type: "[]string", Default: "a b"},
		{Name: "whole", Type: "float", Default: "1"}, {Name: "strict", Type: "bool"},
	}}}

	var got []string
	for _, s := range v.Settings(groups) {
		got = append(got, s.Group+"."+s.Option.Name+" = "+s.TOML()+" # "+s.Origin.String())
	}

	want := []string{
		`key_manager.region = "r\"\n\u001B" # ` + o.Path + ":2:1", "key_manager.sizes = [1, 2] # " + o.Path + ":3:1",
		`key_manager.token = "***" # ` + o.Path + ":4:1", `key_manager.wait = "5s" # $TEMPEST_KEY_MANAGER__WAIT`,
		"key_manager.ratio = 0.1 # override key_manager.ratio", "key_manager.small = 7 # default",
		`key_manager.key = "" # default`, `key_manager.modes = ["a", "b"] # default`,
		"key_manager.whole = 1.0 # default", "key_manager.strict = false # default",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Settings (-want +got)\n%s", diff)
	}
}

func TestEnvNameDoesWhatAnOverrideDoes(t *testing.T) {
	t.Parallel()
	o := write(t, "")
	for _, value := range []string{"key_manager.region=a=b", "key_manager.region=", "key_manager.sizes=1,2"} {
		over, env := o, o
		over.Overrides, env.Env = []string{value}, []string{config.EnvName(value)}
		want, err := config.Load[plugin](over)
		if err != nil {
			t.Fatal(err)
		}

		got, err := config.Load[plugin](env)

		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("Load with %s: %v (-want +got)\n%s", env.Env, err, diff)
		}
	}
}

func TestLookupBool(t *testing.T) {
	t.Parallel()
	v, err := config.Read(write(t, "[service_available]\na = false\nb = 'x'\n"))
	if err != nil {
		t.Fatal(err)
	}
	for option, want := range map[string][2]bool{"a": {false, true}, "b": {false, false}, "c": {false, false}} {
		value, set := v.LookupBool("service_available", option)
		if got := [2]bool{value, set}; got != want {
			t.Errorf("LookupBool(%s) = %v, want %v", option, got, want)
		}
	}
}
