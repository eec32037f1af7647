package testlib_test

import (
	"errors"
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// t is what go test gives a test function. The examples stand for test
// functions; [TestExamples] sets it before it calls one.
var t *testing.T

// examples are the examples of the package, by name. One that needs a service
// which the embedded cloud lacks is skipped there, as a test would be.
var examples = map[string]struct {
	run   func()
	skips bool
	want  string // part of what the example logs, or why it is skipped
}{
	"Attribute":         {run: ExampleAttribute, want: "attributes serial"},
	"Config":            {run: ExampleConfig, want: "answers are at most 1000 long"},
	"Credentials":       {run: ExampleCredentials},
	"Env_Cleanup":       {run: ExampleEnv_Cleanup},
	"Env_Client":        {run: ExampleEnv_Client, skips: true, want: "needs the service load-balancer"},
	"Env_HTTP":          {run: ExampleEnv_HTTP},
	"Env_Inject":        {run: ExampleEnv_Inject, want: "ordered by the test: status 409"},
	"Env_Inject_cutOff": {run: ExampleEnv_Inject_cutOff, want: "ordered by the test: cut"},
	"Env_Rand":          {run: ExampleEnv_Rand},
	"Env_Run":           {run: ExampleEnv_Run},
	"Env_Validate":      {run: ExampleEnv_Validate},
	"Env_Wait":          {run: ExampleEnv_Wait, skips: true, want: "needs the service compute"},
	"Exclusive":         {run: ExampleExclusive},
	"Extension":         {run: ExampleExtension, skips: true, want: "needs the service network"},
	"Fake":              {run: ExampleFake, want: "/v2/zones"},
	"Feature":           {run: ExampleFeature, skips: true, want: "needs the service compute"},
	"Microversion":      {run: ExampleMicroversion, skips: true, want: "needs the service compute"},
	"Network":           {run: ExampleNetwork, skips: true, want: "needs the service network"},
	"ProjectRoles":      {run: ExampleProjectRoles},
	"Resource":          {run: ExampleResource},
	"SkipBecause":       {run: ExampleSkipBecause, skips: true, want: "https://storyboard.openstack.org/#!/story/2001234"},
	"Start":             {run: ExampleStart},
	"Unstable":          {run: ExampleUnstable, skips: true, want: "https://bugs.launchpad.net/bugs/2012345"},
}

// TestExamples runs the examples as tests against the embedded cloud, in a
// process that knows no other cloud and no configuration.
func TestExamples(test *testing.T) {
	if os.Getenv("TESTLIB_EXAMPLES") != "" {
		for name, example := range examples {
			test.Run(name, func(test *testing.T) {
				t = test
				example.run()
			})
		}
		return
	}
	output := runExamples(test)
	for name, example := range examples {
		result := "PASS"
		if example.skips {
			result = "SKIP"
		}
		if !strings.Contains(output, "--- "+result+": TestExamples/"+name+" ") {
			test.Errorf("Example%s has not the result %s", name, result)
		}
		if !strings.Contains(output, example.want) {
			test.Errorf("Example%s did not log %q", name, example.want)
		}
	}
	if test.Failed() {
		test.Log(output)
	}
}

// runExamples returns the output of a process that runs the examples.
func runExamples(t *testing.T) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self, "-test.run=^TestExamples$", "-test.v")
	for _, kv := range os.Environ() {
		if !strings.HasPrefix(kv, "OS_") && !strings.HasPrefix(kv, "TEMPEST_") {
			cmd.Env = append(cmd.Env, kv)
		}
	}
	cmd.Env = append(cmd.Env, "TESTLIB_EXAMPLES=run", "TEMPEST_CONFIG=-", "XDG_CACHE_HOME="+t.TempDir())
	output, err := cmd.CombinedOutput()
	if _, failed := errors.AsType[*exec.ExitError](err); err != nil && !failed {
		t.Fatalf("running the examples: %v", err)
	}
	return string(output)
}

// Every example of the package is one of those that are run.
func TestNoExampleIsForgotten(test *testing.T) {
	paths, err := filepath.Glob("example*_test.go")
	if err != nil {
		test.Fatal(err)
	}
	var files []*ast.File
	for _, path := range paths {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments)
		if err != nil {
			test.Fatal(err)
		}
		files = append(files, file)
	}
	for _, found := range doc.Examples(files...) {
		if _, ok := examples[found.Name]; !ok && found.Output == "" {
			test.Errorf("Example%s is not run", found.Name)
		}
	}
}
