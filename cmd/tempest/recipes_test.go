package main

import (
	"bytes"
	"errors"
	"io"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// The keys that the recipes of docs/ci.md use; any other one is taken for a
// misspelt one. Each is in the reference of its system.
type (
	githubWorkflow struct {
		Name, Concurrency string
		On                map[string]any
		Permissions       map[string]string
		Jobs              map[string]struct {
			RunsOn         string `yaml:"runs-on"`
			TimeoutMinutes int    `yaml:"timeout-minutes"`
			Steps          []struct {
				Name, Uses, Run, If string
				With, Env           map[string]string
			}
		}
	}
	gitlabJob struct {
		Image, Timeout string
		ResourceGroup  string `yaml:"resource_group"`
		Variables      map[string]string
		Cache          struct {
			Key   struct{ Files []string }
			Paths []string
		}
		Script      []string
		AfterScript []string `yaml:"after_script"`
		Artifacts   struct {
			When    string
			Paths   []string
			Reports struct{ JUnit string }
		}
	}
	zuulItem struct {
		Job *struct {
			Name, Parent, Description, Run string
			PreRun                         string `yaml:"pre-run"`
			PostRun                        string `yaml:"post-run"`
			Roles                          []struct{ Zuul string }
			Timeout                        int
			Semaphores                     []string
			Secrets                        []struct{ Name, Secret string }
			Vars                           map[string]string
		}
		Semaphore *struct{ Name string }
		Project   map[string]struct{ Jobs []string }
	}
	ansiblePlay struct {
		Hosts string
		Vars  map[string]string
		Roles []string
		Tasks []struct {
			Name        string
			Copy        struct{ Content, Dest, Mode string }
			Command     struct{ Cmd, Chdir string }
			Environment map[string]string
			NoLog       bool   `yaml:"no_log"`
			DelegateTo  string `yaml:"delegate_to"`
			ZuulReturn  any    `yaml:"zuul_return"`
		}
	}
)

// The recipes for CI systems are YAML with keys that there are, their commands
// are shell, and each writes JUnit, keeps it, and cleans up.
func TestRecipesAreWellFormed(t *testing.T) {
	systems := map[string][]any{
		"GitHub Actions": {&githubWorkflow{}},
		"GitLab":         {&map[string]gitlabJob{}},
		"Zuul":           {&[]zuulItem{}, &[]ansiblePlay{}, &[]ansiblePlay{}, &[]ansiblePlay{}},
		"Jenkins":        {},
	}
	block := regexp.MustCompile("(?ms)^```(yaml|groovy)\n(.*?)^```$")
	sections := strings.Split(read(t, "../../docs/ci.md"), "\n## ")
	if len(sections)-1 != len(systems) {
		t.Errorf("docs/ci.md has recipes for %d systems, want %d", len(sections)-1, len(systems))
	}
	for _, section := range sections[1:] {
		name, _, _ := strings.Cut(section, "\n")
		t.Run(name, func(t *testing.T) {
			wantBlocks(t, block.FindAllStringSubmatch(section, -1), systems[name])
			for _, part := range []string{"report.xml", "--json", "--locked", "tempest cleanup"} {
				if !strings.Contains(section, part) {
					t.Errorf("the recipe has no %s", part)
				}
			}
		})
	}
	github, gitlab := systems["GitHub Actions"][0].(*githubWorkflow), systems["GitLab"][0].(*map[string]gitlabJob)
	wantShell(t, scripts(t, *github, *gitlab))
}

// scripts are the commands of two recipes.
func scripts(t *testing.T, github githubWorkflow, gitlab map[string]gitlabJob) (scripts []string) {
	t.Helper()
	for _, job := range github.Jobs {
		for _, step := range job.Steps {
			if (step.Run == "") == (step.Uses == "") {
				t.Errorf("the step %+v does not either run or use something", step)
			}
			scripts = append(scripts, step.Run)
		}
	}
	for _, job := range gitlab {
		scripts = slices.Concat(scripts, job.Script, job.AfterScript)
	}
	return scripts
}

// wantBlocks reads the blocks of a recipe, each into its value; a recipe
// without values has one block, which is no YAML.
func wantBlocks(t *testing.T, blocks [][]string, values []any) {
	t.Helper()
	if want := max(len(values), 1); len(blocks) != want {
		t.Fatalf("the recipe has %d blocks, want %d", len(blocks), want)
	}
	for i, b := range blocks {
		if len(values) == 0 {
			wantBalance(t, b[2])
		} else {
			decodeStrictly(t, b[2], values[i])
		}
	}
}

// decodeStrictly reads one YAML document into value, which has a field for every key.
func decodeStrictly(t *testing.T, text string, value any) {
	t.Helper()
	d := yaml.NewDecoder(strings.NewReader(text))
	d.KnownFields(true)
	if err := d.Decode(value); err != nil {
		t.Errorf("%v in:\n%s", err, text)
	} else if err := d.Decode(new(any)); !errors.Is(err, io.EOF) {
		t.Errorf("more than one document in:\n%s", text)
	}
}

// wantShell lets the shell read the scripts, which it does not run.
func wantShell(t *testing.T, scripts []string) {
	t.Helper()
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("no shell to read the scripts with")
	}
	for _, script := range scripts {
		cmd := exec.CommandContext(t.Context(), sh, "-n")
		cmd.Stdin = strings.NewReader(script)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%v: %s in:\n%s", err, bytes.TrimSpace(out), script)
		}
	}
}

// wantBalance looks whether brackets and quotes close: Go has no parser of
// Groovy that is kept.
func wantBalance(t *testing.T, text string) {
	t.Helper()
	closing := map[rune]rune{')': '(', ']': '[', '}': '{'}
	for i, line := range strings.Split(text, "\n") {
		if strings.Count(line, "'")%2 != 0 || strings.Count(line, `"`)%2 != 0 {
			t.Errorf("line %d has a quote that does not close: %s", i+1, line)
		}
	}
	var open []rune
	for _, c := range text {
		switch {
		case strings.ContainsRune("([{", c):
			open = append(open, c)
		case closing[c] == 0:
		case len(open) == 0 || open[len(open)-1] != closing[c]:
			t.Fatalf("a %c closes nothing", c)
		default:
			open = open[:len(open)-1]
		}
	}
	if len(open) > 0 {
		t.Errorf("not closed: %q", open)
	}
}
