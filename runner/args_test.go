package runner_test

import (
	"errors"
	"os/exec"
	"strings"
	"testing"

	"github.com/gotempest/tempest/runner"
)

func TestCheckArgs(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		args []string
		arg  string // the one that is refused; empty for none
		use  string // substring of the reason
	}{
		"nothing":              {},
		"a switch":             {args: []string{"-race"}},
		"two dashes":           {args: []string{"--race", "--cover"}},
		"a value":              {args: []string{"-coverprofile=c.out"}},
		"a value behind":       {args: []string{"-coverpkg", "./...", "-race"}},
		"a value with a dash":  {args: []string{"-ldflags", "-run=x"}},
		"a flag of the tests":  {args: []string{"-mine=1", "-short"}},
		"-vet":                 {args: []string{"-vet", "off"}},
		"-run":                 {[]string{"-race", "-run", "x"}, "-run", "--regex"},
		"--run=x":              {[]string{"--run=x"}, "--run=x", "--regex"},
		"-test.run":            {[]string{"-test.run=x"}, "-test.run=x", "--regex"},
		"--test.skip":          {[]string{"--test.skip", "x"}, "--test.skip", "--exclude-regex"},
		"-json":                {[]string{"-json"}, "-json", "--json FILE"},
		"-json=false":          {[]string{"-json=false"}, "-json=false", "--json FILE"},
		"-exec":                {[]string{"-exec=sudo"}, "-exec=sudo", "supervise"},
		"-toolexec":            {[]string{"-toolexec", "x"}, "-toolexec", "itself"},
		"-list":                {[]string{"-list=."}, "-list=.", "tempest list"},
		"-bench":               {[]string{"-bench", "."}, "-bench", "go test"},
		"-fuzz":                {[]string{"-fuzz=x"}, "-fuzz=x", "fuzzing"},
		"-c":                   {[]string{"-c"}, "-c", "nothing would be run"},
		"-o":                   {[]string{"-o", "x"}, "-o", "nothing would be run"},
		"-args":                {[]string{"-args", "x"}, "-args", "no arguments"},
		"--args":               {[]string{"--args"}, "--args", "no arguments"},
		"-modfile":             {[]string{"-modfile=x"}, "-modfile=x", "itself"},
		"-mod":                 {[]string{"-mod=vendor"}, "-mod=vendor", "itself"},
		"-overlay":             {[]string{"-overlay", "x"}, "-overlay", "files"},
		"-count":               {[]string{"-count=2"}, "-count=2", "one result"},
		"-test.count":          {[]string{"-test.count=2"}, "-test.count=2", "one result"},
		"-cpu":                 {[]string{"-cpu=1,2"}, "-cpu=1,2", "one result"},
		"-v":                   {[]string{"-v"}, "-v", "-v of tempest"},
		"-test.v":              {[]string{"-test.v=true"}, "-test.v=true", "-v of tempest"},
		"-timeout":             {[]string{"-timeout", "1m"}, "-timeout", "--timeout"},
		"-p":                   {[]string{"-p=1"}, "-p=1", "--concurrency"},
		"-parallel":            {[]string{"-parallel=1"}, "-parallel=1", "--concurrency"},
		"-failfast":            {[]string{"-failfast"}, "-failfast", "--failfast"},
		"-shuffle":             {[]string{"-shuffle=on"}, "-shuffle=on", "--shuffle"},
		"-tags":                {[]string{"-tags=x"}, "-tags=x", "--tags"},
		"-C":                   {[]string{"-C", "/"}, "-C", "itself"},
		"-n":                   {[]string{"-n"}, "-n", "tempest run -n"},
		"-h":                   {[]string{"-h"}, "-h", "go help"},
		"-test.paniconexit0":   {[]string{"-test.paniconexit0=false"}, "-test.paniconexit0=false", "itself"},
		"a package":            {[]string{"-race", "./x"}, "./x", "before"},
		"another --":           {[]string{"--", "x"}, "--", "only flags"},
		"a dash":               {[]string{"-"}, "-", "only flags"},
		"a package behind one": {[]string{"-mine", "x"}, "x", "only flags"},
		"no value":             {[]string{"-coverpkg"}, "-coverpkg", "missing"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			err := runner.CheckArgs(tt.args)

			if tt.arg == "" {
				if err != nil {
					t.Errorf("CheckArgs(%q) = %v", tt.args, err)
				}
				return
			}
			var ae *runner.ArgError
			if !errors.As(err, &ae) || ae.Arg != tt.arg {
				t.Fatalf("CheckArgs(%q) = %#v, want an ArgError for %s", tt.args, err, tt.arg)
			}
			if text := err.Error(); !strings.HasPrefix(text, tt.arg+" ") || !strings.Contains(ae.Reason, tt.use) ||
				strings.Contains(text, "\n") {
				t.Errorf("CheckArgs(%q) = %q, want it to say %q", tt.args, text, tt.use)
			}
		})
	}
}

func TestCheckGoFlags(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		flags string
		arg   string // the one that is refused; empty for none
	}{
		"nothing":             {},
		"harmless":            {flags: "-race -mod=vendor  -count=3"},
		"quoted":              {flags: `'-ldflags=-X a=b -c' "-gcflags=-o x"`},
		"-c":                  {"-race -c", "-c"},
		"--o=x":               {"--o=x", "--o=x"},
		"quoted and not good": {"'-bench=a b'", "-bench=a b"},
		"-failfast":           {"-failfast", "-failfast"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			err := runner.CheckGoFlags([]string{"GOFLAGS=-c", "GOFLAGS=" + tt.flags})

			var ae *runner.ArgError
			switch {
			case tt.arg == "" && err != nil:
				t.Errorf("CheckGoFlags(%q) = %v", tt.flags, err)
			case tt.arg != "" && (!errors.As(err, &ae) || ae.Arg != tt.arg || !strings.Contains(err.Error(), "GOFLAGS")):
				t.Errorf("CheckGoFlags(%q) = %v, want an ArgError for %s", tt.flags, err, tt.arg)
			}
		})
	}
}

// TestValuedFlags asks the go command whether the flags that take the argument
// behind them for their value are those that CheckArgs knows.
func TestCheckArgsKnowsWhichFlagsHaveValues(t *testing.T) {
	t.Parallel()
	for _, help := range []string{"testflag", "build", "test"} {
		out, err := exec.CommandContext(t.Context(), "go", "help", help).Output()
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(out)) {
			flag, value, ok := strings.Cut(strings.TrimSpace(line), " ")
			if !strings.HasPrefix(line, "\t-") || !ok || strings.Contains(value, " ") && !strings.HasPrefix(value, "'") {
				continue // no flag with a value in the next word
			}
			err := runner.CheckArgs([]string{flag, "x"})
			var ae *runner.ArgError
			if errors.As(err, &ae) && ae.Arg == "x" {
				t.Errorf("go help %s has %q, but the value is taken for a package", help, strings.TrimSpace(line))
			}
		}
	}
}
