package main

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
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
			Env            map[string]string
			Steps          []struct {
				Name, ID, Uses, Run, If string
				With, Env               map[string]string
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

// The recipes for CI systems are YAML with keys that there are, and each
// writes JUnit, keeps it, and cleans up. recipes.txtar runs their commands.
func TestRecipesAreWellFormed(t *testing.T) {
	systems := map[string][]any{
		"GitHub Actions": {&githubWorkflow{}},
		"GitLab":         {&map[string]gitlabJob{}},
		"Zuul":           {&[]zuulItem{}, &[]ansiblePlay{}, &[]ansiblePlay{}, &[]ansiblePlay{}},
		"Jenkins":        {},
	}
	page := read(t, "../../docs/ci.md")
	if n := strings.Count(page, "\n## "); n != len(systems) {
		t.Errorf("docs/ci.md has recipes for %d systems, want %d", n, len(systems))
	}
	for name, values := range systems {
		t.Run(name, func(t *testing.T) {
			wantBlocks(t, recipeBlocks(page, name), values)
			for _, part := range []string{"report.xml", "--json", "--locked", "tempest cleanup"} {
				if !strings.Contains(recipeSection(page, name), part) {
					t.Errorf("the recipe has no %s", part)
				}
			}
		})
	}
	for _, job := range systems["GitHub Actions"][0].(*githubWorkflow).Jobs {
		for _, step := range job.Steps {
			if (step.Run == "") == (step.Uses == "") {
				t.Errorf("the step %+v does not either run or use something", step)
			}
		}
	}
}

// What init writes is what the page shows, below its comment.
func TestInitWritesTheRecipes(t *testing.T) {
	page := read(t, "../../docs/ci.md")
	for ci, name := range map[string]string{"github": "GitHub Actions", "gitlab": "GitLab"} {
		content := workspaceContent{Image: goDirective[:strings.LastIndex(goDirective, ".")]}
		files, err := content.render(ci)
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(files, func(f newFile) bool { return f.name == ciFiles[ci] })
		written := regexp.MustCompile(`\A(#.*\n)+`).ReplaceAllString(string(files[i].data), "")
		if shown := recipeBlocks(page, name); len(shown) != 1 || shown[0] != written {
			t.Errorf("docs/ci.md shows for %s:\n%s\nand init writes:\n%s", name, shown, written)
		}
	}
}

// recipeSection is what the page says of a CI system.
func recipeSection(page, name string) string {
	_, section, _ := strings.Cut(page, "\n## "+name+"\n")
	section, _, _ = strings.Cut(section, "\n## ")
	return section
}

// recipeBlocks are the files that the page shows for a CI system.
func recipeBlocks(page, name string) (blocks []string) {
	block := regexp.MustCompile("(?ms)^```(?:yaml|groovy)\n(.*?)^```$")
	for _, m := range block.FindAllStringSubmatch(recipeSection(page, name), -1) {
		blocks = append(blocks, m[1])
	}
	return blocks
}

// recipe writes the commands of a recipe as shell scripts into the current
// folder, one for each step: recipe 'GitHub Actions'. tempest stands for go
// tool tempest, which would not take -trimpath from GOFLAGS and build all anew.
func recipe(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: recipe SYSTEM")
	}
	page, err := os.ReadFile(filepath.Join(ts.Getenv("ROOT"), "docs/ci.md"))
	ts.Check(err)
	steps, err := recipeSteps(args[0], recipeBlocks(string(page), args[0]))
	ts.Check(err)
	if len(steps) == 0 {
		ts.Fatalf("docs/ci.md has no commands for %s", args[0])
	}
	command := regexp.MustCompile(`(/usr/local/go/bin/)?go tool tempest`)
	for name, script := range steps {
		ts.Check(os.WriteFile(ts.MkAbs(name+".sh"), []byte(command.ReplaceAllString(script, "tempest")+"\n"), 0o600))
	}
}

// recipeSteps are the scripts in the blocks of a recipe, by the name of the
// step or playbook that they are in.
func recipeSteps(system string, blocks []string) (map[string]string, error) {
	steps := map[string]string{}
	if len(blocks) == 0 {
		return nil, nil
	}
	switch system {
	case "GitHub Actions":
		var w githubWorkflow
		err := yaml.Unmarshal([]byte(blocks[0]), &w)
		for _, step := range w.Jobs["tempest"].Steps {
			if step.Run != "" {
				steps[step.Name] = step.Run
			}
		}
		return steps, err
	case "GitLab":
		var jobs map[string]gitlabJob
		err := yaml.Unmarshal([]byte(blocks[0]), &jobs)
		steps["script"] = strings.Join(jobs["tempest"].Script, "\n")
		steps["after_script"] = strings.Join(jobs["tempest"].AfterScript, "\n")
		return steps, err
	case "Zuul":
		for name, i := range map[string]int{"run": 2, "post": 3} {
			var plays []ansiblePlay
			if err := yaml.Unmarshal([]byte(blocks[i]), &plays); err != nil {
				return nil, err
			}
			for _, task := range plays[0].Tasks {
				steps[name] += strings.ReplaceAll(task.Command.Cmd, "{{ logs }}/", "")
			}
		}
	default:
		stages, post, _ := strings.Cut(blocks[0], "\n  post {")
		sh := regexp.MustCompile(`(?m)^ *sh '(.*)'$`)
		for name, part := range map[string]string{"stages": stages, "post": post} {
			for _, m := range sh.FindAllStringSubmatch(part, -1) {
				steps[name] += m[1] + "\n"
			}
		}
	}
	return steps, nil
}

// wantBlocks reads the blocks of a recipe, each into its value; a recipe
// without values has one block, which is no YAML.
func wantBlocks(t *testing.T, blocks []string, values []any) {
	t.Helper()
	if want := max(len(values), 1); len(blocks) != want {
		t.Fatalf("the recipe has %d blocks, want %d", len(blocks), want)
	}
	for i, b := range blocks {
		if len(values) == 0 {
			wantBalance(t, b)
		} else {
			decodeStrictly(t, b, values[i])
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
