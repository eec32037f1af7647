package runner

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gotempest/tempest/internal/gocmd"
)

// ArgError is an argument for go test that a run cannot take. It is a mistake of
// the user.
type ArgError struct {
	Arg    string // as written
	Source string // where it was written: "--" or "GOFLAGS"
	Reason string // why not, and what to use instead
}

// Error implements error.
func (e *ArgError) Error() string {
	if e.Source == "--" {
		return fmt.Sprintf("%s cannot be given to go test: %s", e.Arg, e.Reason)
	}
	return fmt.Sprintf("%s in %s cannot be used: %s", e.Arg, e.Source, e.Reason)
}

// refused says, for each flag of go test that would break what a run promises,
// what to use instead.
func refused() map[string]string {
	const (
		own    = "tempest sets it itself"
		repeat = "each test must give one result"
		choose = "select tests with --regex, --exclude-regex or a list"
		noTest = "nothing would be run"
		bench  = "a run has tests only; call go test for benchmarks and fuzzing"
		once   = "the files that tempest read would not be those that are built"
	)
	return map[string]string{
		"json":     "tempest reads the events; use --json FILE for results or --format for the screen",
		"v":        "use -v of tempest, or --format",
		"exec":     own + ", to supervise the test binaries",
		"toolexec": own,
		"run":      choose, "skip": choose,
		"list":  "use tempest list",
		"tags":  "use --tags",
		"count": repeat, "cpu": repeat,
		"timeout": "use --timeout", "failfast": "use --failfast", "shuffle": "use --shuffle",
		"p": "use --concurrency", "parallel": "use --concurrency",
		"mod": own, "modfile": own, "overlay": once, "C": own,
		"c": noTest, "o": noTest, "n": "use tempest run -n",
		"h": "use go help testflag", "help": "use go help testflag",
		"args":  "test binaries take no arguments of their own in a run",
		"work":  "the folder is removed at the end of the run",
		"bench": bench, "benchtime": bench, "benchmem": bench,
		"fuzz": bench, "fuzztime": bench, "fuzzminimizetime": bench, "fuzzcachedir": bench, "fuzzworker": bench,
		"paniconexit0": own, "testlogfile": own, "gocoverdir": own,
	}
}

// overridden are refused flags that may stand in GOFLAGS, because the command
// line of a run or its supervisors set them again, or because they do no harm.
func overridden() []string {
	return []string{
		"json", "count", "tags", "p", "parallel", "timeout", "exec", "mod", "modfile", "v", "run", "skip",
		"overlay", // discovery reads it too
		"shuffle",
	}
}

// valued are the flags of go test and go build that take their value from the
// next argument when it is not given with "=".
func valued() []string {
	return []string{
		"asmflags", "blockprofile", "blockprofilerate", "buildmode", "compiler", "covermode", "coverpkg",
		"coverprofile", "cpuprofile", "debug-actiongraph", "debug-trace", "gccgoflags", "gcflags", "installsuffix",
		"ldflags", "memprofile", "memprofilerate", "mutexprofile", "mutexprofilefraction", "outputdir", "pgo",
		"pkgdir", "trace", "vet",
	}
}

// flagName is the name of the flag that arg sets, without the "test." that go
// test allows before it, and whether arg has a value. It is empty when arg is no
// flag.
func flagName(arg string) (name string, hasValue bool) {
	if !strings.HasPrefix(arg, "-") || arg == "-" {
		return "", false
	}
	name, _, hasValue = strings.Cut(strings.TrimPrefix(strings.TrimPrefix(arg, "-"), "-"), "=")
	return strings.TrimPrefix(name, "test."), hasValue
}

// CheckArgs returns an [*ArgError] for the first of args, which are to be passed
// on to go test, that a run cannot take.
func CheckArgs(args []string) error {
	const source = "--"
	reasons := refused()
	takesNext := false
	for _, arg := range args {
		if takesNext {
			takesNext = false
			continue
		}
		name, hasValue := flagName(arg)
		reason, bad := reasons[name]
		switch {
		case name == "":
			return &ArgError{Arg: arg, Source: source, Reason: "only flags can stand there, with their value after \"=\"; " +
				"packages go before \"--\""}
		case bad:
			return &ArgError{Arg: arg, Source: source, Reason: reason}
		}
		takesNext = !hasValue && slices.Contains(valued(), name)
	}
	if takesNext {
		return &ArgError{Arg: args[len(args)-1], Source: source, Reason: "its value is missing"}
	}
	return nil
}

// CheckGoFlags does the same for GOFLAGS in env, from which the go command takes
// flags too.
func CheckGoFlags(env []string) error {
	reasons := refused()
	for _, f := range goFlags(env) {
		name, _ := flagName(f)
		if reason, bad := reasons[name]; bad && !slices.Contains(overridden(), name) {
			return &ArgError{Arg: f, Source: "GOFLAGS", Reason: reason}
		}
	}
	return nil
}

// goFlags are the words of GOFLAGS in env.
func goFlags(env []string) []string {
	_, value, _ := strings.Cut(gocmd.Setting(env, "GOFLAGS"), "=")
	words := gocmd.SplitFlags(value)
	for i, w := range words {
		words[i] = gocmd.Unquote(w)
	}
	return words
}
