package config_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/gotempest/tempest/internal/option"
	"github.com/gotempest/tempest/testlib/config"
)

var update = flag.Bool("update", false, "rewrite tempest.toml and docs/configuration.md")

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

// documentedOptions returns the section of docs/configuration.md about the options.
func documentedOptions(groups []option.Group) string {
	var b strings.Builder
	for _, g := range groups {
		name := "[" + g.Name + "]"
		if g.List {
			name = "[" + name + "]"
		}
		fmt.Fprintf(&b, "### `%s`\n\n%s\n\n| option | type | default | meaning |\n|---|---|---|---|\n", name, g.Help)
		for _, o := range g.Options {
			def := ""
			if o.Default != "" {
				def = "`" + o.Default + "`"
			}
			help := o.Help
			if len(o.Choices) > 0 {
				help += " One of `" + strings.Join(o.Choices, "`, `") + "`."
			}
			if o.Required {
				help += " Required."
			}
			fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", o.Name, o.Type, def, help)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func TestOptionsAreDocumented(t *testing.T) {
	groups, err := config.CoreGroups()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join("..", "..", "docs", "configuration.md")
	have, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const begin, end = "<!-- options: go test ./testlib/config -update -->\n", "<!-- end of options -->"
	before, rest, ok1 := strings.Cut(string(have), begin)
	_, after, ok2 := strings.Cut(rest, end)
	if !ok1 || !ok2 {
		t.Fatalf("%s has no place for the options", path)
	}

	want := before + begin + "\n" + documentedOptions(groups) + end + after

	if *update {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if diff := cmp.Diff(want, string(have)); diff != "" {
		t.Errorf("%s (-want +have); run go test ./testlib/config -update\n%s", path, diff)
	}
}

// uncommented matches the lines of the sample that hold TOML behind the "#".
var uncommented = regexp.MustCompile(`(?m)^#(\[|[a-z0-9_]+ = )`)

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

	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("uncommented sample (-want +got)\n%s", diff)
	}
}
