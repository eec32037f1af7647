package runner

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"github.com/gotempest/tempest/internal/gocmd"
	"github.com/gotempest/tempest/internal/protocol"
	"github.com/gotempest/tempest/runner/plan"
	"github.com/gotempest/tempest/runner/supervise"
)

// Limits of the default concurrency.
const (
	perCPU         = 2
	minConcurrency = 4
	maxConcurrency = 16
)

// DefaultConcurrency is how many tests a run has in flight unless it is told
// otherwise: two for each CPU, because tests mostly wait for the cloud; at least
// 4; at most 16, because small clouds are tested too, and without the link cache the same number of packages is built
// at once.
func DefaultConcurrency() int {
	return min(max(perCPU*runtime.NumCPU(), minConcurrency), maxConcurrency)
}

// Workers is how many tests may be in flight.
func (o Options) Workers() int {
	switch {
	case o.Serial:
		return 1
	case o.Concurrency > 0:
		return o.Concurrency
	}
	return DefaultConcurrency()
}

// Command returns the one go test command of a run, as a list of arguments. It
// needs the Folder of o. [Shell] makes it ready to paste.
func Command(p plan.Plan, o Options) ([]string, error) {
	wrapper, err := selfFlag(o, "telling go test how to run test binaries", "__exec", o.Folder.Dir())
	if err != nil {
		return nil, err
	}
	n := strconv.Itoa(o.Workers())
	args := []string{
		"go", "test", "-json", "-count=1", "-tags=" + tags(o.Tags),
		"-p=" + n, "-parallel=" + n, "-timeout=0",
	}
	if o.FailFast {
		args = append(args, "-failfast")
	}
	if !o.vets() {
		args = append(args, "-vet=off")
	}
	if o.Shuffle != "" {
		args = append(args, "-shuffle="+o.Shuffle)
	}
	args = append(args, o.BuildFlags...)
	args = append(args, "-exec="+wrapper)
	if o.LinkCache != "" {
		linker, err := toolFlag(o)
		if err != nil {
			return nil, err
		}
		args = append(args, "-toolexec="+linker)
	}
	for i := range p.Packages {
		args = append(args, p.Packages[i].Path)
	}
	// Behind the packages, because go test takes what follows a flag that it
	// does not know for arguments of the tests.
	return append(args, o.GoTestArgs...), nil
}

// vets says whether the user asks for go vet, which go test runs unless it is told not to. A run does
// not: the authors of the tests did, with the checks of their version of Go. A check that is new would take their
// tests away from users who cannot change them; and vetting is a tenth of the time of a run that builds.
func (o Options) vets() bool {
	flags := slices.Concat(o.GoTestArgs, goFlags(o.baseEnv()))
	return slices.ContainsFunc(flags, func(f string) bool {
		name, _ := flagName(f)
		return name == "vet"
	})
}

// tags is the value of -tags.
func tags(more []string) string {
	all := []string{"tempest"}
	for _, t := range more {
		if t != "" && !slices.Contains(all, t) {
			all = append(all, t)
		}
	}
	return strings.Join(all, ",")
}

// selfFlag is the value of a flag by which the go command is told to start tempest with the
// given words. what is for the error.
func selfFlag(o Options, what string, more ...string) (string, error) {
	self, err := selfOr(o.Self)
	if err != nil {
		return "", err
	}
	return wordList(what, append(slices.Clone(self), more...))
}

// wordList is words as the go command reads them.
func wordList(what string, words []string) (string, error) {
	quoted := make([]string, len(words))
	for i, w := range words {
		var err error
		if quoted[i], err = quoteGo(w); err != nil {
			return "", fmt.Errorf("%s: %w", what, err)
		}
	}
	return strings.Join(quoted, " "), nil
}

// quoteGo makes s one word of a list as the go command reads it in -exec: words
// are separated by white space and may be in single or double quotes, between
// which nothing is special.
func quoteGo(s string) (string, error) {
	switch {
	case s != "" && !strings.ContainsAny(s, " \t\r\n'\""):
		return s, nil
	case !strings.Contains(s, "'"):
		return "'" + s + "'", nil
	case !strings.Contains(s, `"`):
		return `"` + s + `"`, nil
	}
	return "", fmt.Errorf("path %s has both kinds of quotes", s)
}

// testEnv is what a run adds to the environment.
func testEnv(o Options, attended bool) []string {
	env := append(slices.Clone(o.AddEnv),
		protocol.EnvVersion+"="+strconv.Itoa(protocol.Version),
		protocol.EnvRun+"="+o.RunID,
	)
	if o.Seed != "" {
		env = append(env, protocol.EnvSeed+"="+o.Seed)
	}
	if attended {
		env = append(env, fmt.Sprintf("%s=%d:%s", protocol.EnvSlots, o.Workers(), o.Folder.slots()),
			protocol.EnvLocks+"="+o.Folder.locks(), protocol.EnvAccounts+"="+o.Folder.accounts())
		if len(o.Expect) > 0 {
			env = append(env, protocol.EnvTimes+"="+o.Folder.times())
		}
	}
	return env
}

// baseEnv is the environment of the user.
func (o Options) baseEnv() []string {
	if o.Env != nil {
		return o.Env
	}
	return os.Environ()
}

// goEnv is the whole environment of the go command. Nothing that it or the
// programs it starts leave in temporary folders stays.
func goEnv(o Options) []string {
	env := gocmd.WithoutSecrets(slices.Concat(o.baseEnv(), testEnv(o, true)))
	if o.tunesGC() {
		env = append(env, gcVariable+"=400")
	}
	return append(env, "GOTMPDIR="+o.Folder.goTemp(), "TMPDIR="+o.Folder.goTemp())
}

// restored are the changes that give the tests the environment of the user back: the secrets too, which the go
// command does not get, when tempest is there to give them. Otherwise they would stay on disk.
func restored(base []string, attended bool) []string {
	if !attended {
		return []string{gocmd.Setting(base, "GOTMPDIR")}
	}
	return append(gocmd.Secrets(base), gocmd.Setting(base, "GOTMPDIR"), gocmd.Setting(base, gcVariable))
}

// jobs are the orders for the supervisors.
func jobs(p plan.Plan, o Options, attended bool) ([]supervise.Job, error) {
	list := make([]supervise.Job, len(p.Packages))
	for i := range p.Packages {
		pkg := &p.Packages[i]
		skip := supervise.Filters(pkg.Skip, supervise.ArgLimit)
		if len(skip) > 1 {
			return nil, fmt.Errorf("%s: too many subtests are excluded one by one for an argument of %d bytes",
				pkg.Path, supervise.ArgLimit)
		}
		list[i] = supervise.Job{
			Package: pkg.Path, Dir: pkg.Dir,
			Filters: supervise.Filters(selected(pkg), supervise.ArgLimit), Skip: strings.Join(skip, ""),
			Timeout: o.Timeout, Grace: o.grace(), Env: restored(o.baseEnv(), attended), Attended: attended,
			Parallel: parallel(pkg, o, attended),
		}
	}
	return list, nil
}

// parallel is how many tests of a package may have begun, 0 for as many as may be in flight. Where all of them wait for
// their turn the number does not limit what runs, and more of them to choose from make a better order. An order
// that was asked for, and a run that shall start nothing more after a failure, need the limit.
func parallel(pkg *plan.Package, o Options, attended bool) int {
	if !attended || o.FailFast || o.Shuffle != "" || o.Workers() == 1 {
		return 0
	}
	n := 0
	for i := range pkg.Tests {
		if t := &pkg.Tests[i]; !strings.Contains(t.Name, "/") {
			if !t.TakesTurn {
				return 0
			}
			n++
		}
	}
	return max(n, o.Workers())
}

// writeTimes makes the file of protocol.EnvTimes.
func writeTimes(o Options) error {
	if len(o.Expect) == 0 {
		return nil
	}
	seconds := make(map[string]float64, len(o.Expect))
	for id, d := range o.Expect {
		seconds[id] = d.Seconds()
	}
	data, err := json.Marshal(seconds)
	if err != nil {
		return fmt.Errorf("writing how long tests take: %w", err)
	}
	return os.WriteFile(o.Folder.times(), data, 0o600)
}

// selected are the names of the tests to ask for.
func selected(pkg *plan.Package) []string {
	var names []string
	for i := range pkg.Tests {
		if !pkg.Tests[i].Implied {
			names = append(names, pkg.Tests[i].Name)
		}
	}
	return names
}

// DryRun writes what the supervisors need into the folder of o, one of
// [KeepFolder], and returns the command of the run ready to paste into a POSIX
// shell. It runs the same tests under the same supervisors, until the folder is
// removed; without tempest there is no guard, no common limit on tests in
// flight beyond -p and -parallel, and no log.
func DryRun(p plan.Plan, o Options) (string, error) {
	if err := o.check(); err != nil {
		return "", err
	}
	args, err := Command(p, o)
	if err != nil {
		return "", err
	}
	list, err := jobs(p, o, false)
	if err != nil {
		return "", err
	}
	if err := errors.Join(supervise.WriteJobs(o.Folder.Dir(), list), writeToolScript(o)); err != nil {
		return "", err
	}
	if o.Dir != "" {
		dir, err := filepath.Abs(o.Dir)
		if err != nil {
			return "", fmt.Errorf("writing the command: %w", err)
		}
		args = slices.Insert(args, 1, "-C", dir)
	}
	return Shell(testEnv(o, false), args), nil
}

// Shell quotes a command for a POSIX shell, with variables set for it alone.
func Shell(env, args []string) string {
	words := make([]string, 0, len(env)+len(args))
	for _, kv := range env {
		name, value, _ := strings.Cut(kv, "=")
		words = append(words, name+"="+quoteShell(value))
	}
	for _, a := range args {
		words = append(words, quoteShell(a))
	}
	return strings.Join(words, " ")
}

// quoteShell makes s one word.
func quoteShell(s string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' ||
			strings.ContainsRune("_-./=:,@%+", r)
	}
	if s != "" && strings.IndexFunc(s, func(r rune) bool { return !plain(r) }) < 0 {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
