package config_test

import (
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gotempest/tempest/internal/option"
	"github.com/gotempest/tempest/testlib/config"
)

// moved is the Config of a plugin that has renamed and deprecated options.
type moved struct {
	KeyManager struct {
		Region string `toml:"region" renamed:"barbican.region,zone"`
		Legacy bool   `toml:"legacy" deprecated:"tests no longer ask for it"`
	} `toml:"key_manager"`
}

func warnings(v *config.Values) []string {
	var all []string
	for _, w := range v.Warnings() {
		all = append(all, w.String())
	}
	return all
}

func TestOldNamesWorkWithAWarning(t *testing.T) {
	t.Parallel()
	for _, file := range []string{"[barbican]\nregion = 'r'\n", "[key_manager]\nzone = 'r'\n"} {
		o := write(t, file)
		v, err := config.Read(o)
		if err != nil {
			t.Fatal(err)
		}

		var group sync.WaitGroup
		for range 4 { // tests of one process decode at the same time
			group.Go(func() {
				if got, err := config.Decode[moved](v); err != nil || got.KeyManager.Region != "r" {
					t.Errorf("Decode of %q = %+v, %v; want region r", file, got, err)
				}
			})
		}
		group.Wait()

		old := strings.NewReplacer("[", "", "]\n", ".", " = 'r'\n", "").Replace(file)
		want := []string{o.Path + ":2:1: " + old + " is now called key_manager.region: the old name works for some time"}
		if diff := cmp.Diff(want, warnings(v)); diff != "" {
			t.Errorf("warnings (-want +got)\n%s", diff)
		}
	}
}

func TestOldNamesHaveTheirPlaceInTheOrderOfSources(t *testing.T) {
	t.Parallel()
	o := write(t, "[key_manager]\nregion = 'new, in the file'\n")
	o.Env = []string{"TEMPEST_BARBICAN__REGION=old, in the environment"}

	got, err := config.Load[moved](o)

	if err != nil || got.KeyManager.Region != "old, in the environment" {
		t.Errorf("Load = %+v, %v; want the variable", got, err)
	}
}

func TestOldAndNewNameInOnePlaceClash(t *testing.T) {
	t.Parallel()
	o := write(t, "[key_manager]\nregion = 'a'\n[barbican]\nregion = 'b'\n")

	_, err := config.Load[moved](o)

	want := o.Path + ":4:1: barbican.region is the old name of key_manager.region, which is set too (" +
		o.Path + ":2:1): remove barbican.region"
	if err == nil || err.Error() != want {
		t.Errorf("Load error = %v, want %s", err, want)
	}
}

func TestDeprecatedOptionsWarnOnlyWhenSet(t *testing.T) {
	t.Parallel()
	for file, want := range map[string]string{
		"": "", "[key_manager]\nlegacy = false\n": "key_manager.legacy is deprecated: tests no longer ask for it",
	} {
		v, err := config.Read(write(t, file))
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if _, err := config.Decode[moved](v); err != nil {
				t.Fatal(err)
			}
		}
		if got := strings.Join(warnings(v), "\n"); !strings.HasSuffix(got, want) || want == "" && got != "" {
			t.Errorf("warnings of %q = %q, want %q", file, got, want)
		}
	}
}

// Under tempest run the old names of other plugins' options come by the environment.
func TestOldNamesOfOthersAreKnown(t *testing.T) {
	t.Parallel()
	o := write(t, "[barbican]\nregion = 'r'\n[[tables]]\nx = 1\n")
	o.Env = []string{"TEMPEST_DECLARED_OPTIONS=key_manager.region tables.x barbican.region=key_manager.region"}

	v, err := config.Read(o)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := config.Decode[config.Core](v); err != nil {
		t.Errorf("Decode error = %v, want none", err)
	}
	if got, set := v.LookupText("key_manager", "region"); got != "r" || !set {
		t.Errorf("LookupText = %q, %v; want r", got, set)
	}
}

func TestDeclarationsOfOldNamesThatCannotBeRight(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		options []option.Option
		want    string
	}{
		"two heirs": {
			[]option.Option{
				{Name: "a", Type: "int", Renamed: []string{"g.x"}}, {Name: "b", Type: "int", Renamed: []string{"g.x"}},
			},
			"options g.a and g.b of plugin dns both have the old name g.x",
		},
		"in use": {
			[]option.Option{{Name: "a", Type: "int", Renamed: []string{"g.b"}}, {Name: "b", Type: "int"}},
			"option g.b is declared, and is an old name of g.a",
		},
	} {
		var plugins []option.Group
		for _, o := range tt.options {
			plugins = append(plugins, declared("g", o))
		}

		_, err := config.Check(write(t, ""), plugins)

		if err == nil || err.Error() != tt.want {
			t.Errorf("%s: Check error = %v, want %s", name, err, tt.want)
		}
	}
}
