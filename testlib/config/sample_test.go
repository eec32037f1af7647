package config_test

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gotempest/tempest/testlib/config"
)

var update = flag.Bool("update", false, "rewrite tempest.toml at the root of the module")

func TestSampleIsUpToDate(t *testing.T) {
	groups, err := config.CoreGroups()
	if err != nil {
		t.Fatal(err)
	}
	got := config.Sample(groups)
	path := filepath.Join("..", "..", config.FileName)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}

	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}

	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-have +want); run go test ./testlib/config -update\n%s", path, diff)
	}
}

func TestEveryCoreOptionIsExplained(t *testing.T) {
	groups, err := config.CoreGroups()
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range groups {
		if g.Help == "" {
			t.Errorf("group %s has no help text", g.Name)
		}
		for _, o := range g.Options {
			if o.Help == "" {
				t.Errorf("option %s.%s has no help text", g.Name, o.Name)
			}
		}
	}
}

// uncommented matches the lines of the sample that hold TOML behind the "#".
var uncommented = regexp.MustCompile(`(?m)^#(\[|[a-z_]+ = )`)

func TestSampleWithoutCommentsSetsTheDefaults(t *testing.T) {
	groups, err := config.CoreGroups()
	if err != nil {
		t.Fatal(err)
	}
	text := uncommented.ReplaceAllString(string(config.Sample(groups)), "$1")
	before, adopt, ok := strings.Cut(text, "[[adopt]]")
	if !ok || !strings.Contains(adopt, "module = ") {
		t.Fatalf("sample has no [[adopt]]:\n%s", text)
	}
	want, err := config.Load[config.Core](write(t, ""))
	if err != nil {
		t.Fatal(err)
	}

	got, err := config.Load[config.Core](write(t, before))
	if err != nil {
		t.Fatal(err)
	}

	want.Plugins.Only, want.Plugins.Disable, want.Identity.ExtraRoles = []string{}, []string{}, []string{}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("uncommented sample (-want +got)\n%s", diff)
	}
}
