package linkcache

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// asTool makes this test binary what tempest is for the go command.
const asTool = "LINKCACHE_TOOL"

// deliver is the first argument for what tempest is between the go command and a test binary.
const deliver = "deliver"

func TestMain(m *testing.M) {
	switch {
	case os.Getenv(asTool) == "":
		os.Exit(m.Run())
	case len(os.Args) > 2 && os.Args[1] == deliver:
		os.Exit(deliverAndRun(os.Args[2], os.Args[3:]))
	}
	os.Exit(Exec(os.Args[1:]))
}

func deliverAndRun(binary string, args []string) int {
	if err := Deliver(binary); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	if err := os.Unsetenv(asTool); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return replace(binary, args)
}

// asTempest returns the command that [asTool] makes what tempest is.
func asTempest(t *testing.T) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return self
}

// module is a module with one test, and a cache for its links.
type module struct {
	t     *testing.T
	dir   string
	cache Cache
	env   []string
}

func newModule(t *testing.T) *module {
	t.Helper()
	m := &module{t: t, dir: t.TempDir(), cache: New(filepath.Join(t.TempDir(), "links"))}
	m.write("go.mod", "module example.com/m\n\ngo 1.26\n")
	m.says("one")
	return m
}

func (m *module) write(name, text string) {
	m.t.Helper()
	if err := os.WriteFile(filepath.Join(m.dir, name), []byte(text), 0o600); err != nil {
		m.t.Fatal(err)
	}
}

// says changes what the test prints.
func (m *module) says(word string) {
	m.t.Helper()
	m.write("m_test.go", fmt.Sprintf("package m\n\nimport \"testing\"\n\nvar flag = \"unset\"\n\n"+
		"func TestM(t *testing.T) { t.Log(%q, flag) }\n", "says "+word))
}

// test runs go test with the cache and returns what it printed.
func (m *module) test(flags ...string) string {
	m.t.Helper()
	return m.testWith(asTempest(m.t)+" "+m.cache.dir+" "+m.t.TempDir(), flags...)
}

// testWith does the same with another value of -toolexec.
func (m *module) testWith(toolexec string, flags ...string) string {
	m.t.Helper()
	through := asTempest(m.t) + " " + deliver
	args := append([]string{"test", "-v", "-count=1", "-vet=off", "-toolexec", toolexec, "-exec", through}, flags...)
	cmd := exec.CommandContext(m.t.Context(), "go", args...)
	cmd.Dir = m.dir
	cmd.Env = append(append(cmd.Environ(), asTool+"=1"), m.env...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		m.t.Fatalf("go %v: %v\n%s", args, err, out)
	}
	return string(out)
}

// script returns the value of -toolexec for a script with copies in the folder ahead. self stands for tempest.
func (m *module) script(ahead string, self ...string) string {
	m.t.Helper()
	if runtime.GOOS == "windows" {
		m.t.Skip("a shell script")
	}
	path := filepath.Join(m.t.TempDir(), "it's a script")
	text := Script(self, m.cache.dir, ahead) + "exec \"$@\"\n"
	text = strings.ReplaceAll(text, "'__link' ", "") // which is for tempest's main
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		m.t.Fatal(err)
	}
	return "/bin/sh \"" + path + "\""
}

// entries returns how many links are kept.
func (m *module) entries() int {
	m.t.Helper()
	u, err := m.cache.Usage()
	if err != nil {
		m.t.Fatal(err)
	}
	return u.Entries
}

// poison puts the binary of another package into every entry, so that a use shows.
func (m *module) poison() {
	m.t.Helper()
	other := newModule(m.t)
	other.says("poison")
	binary := filepath.Join(m.t.TempDir(), "poison")
	cmd := exec.CommandContext(m.t.Context(), "go", "test", "-c", "-o", binary)
	cmd.Dir = other.dir
	if out, err := cmd.CombinedOutput(); err != nil {
		m.t.Fatalf("go test -c: %v\n%s", err, out)
	}
	list, err := m.cache.files(time.Now())
	if err != nil {
		m.t.Fatal(err)
	}
	for _, f := range list {
		e, ok := parseEntry(filepath.Base(f.path))
		if !ok {
			m.t.Fatalf("%s is no entry", f.path)
		}
		if err := os.Remove(f.path); err != nil {
			m.t.Fatal(err)
		}
		poisoned, err := m.cache.put(e.action, e.key, binary)
		if err != nil {
			m.t.Fatal(err)
		}
		m.replaceInMemos(e.name(), poisoned.name())
	}
}

// replaceInMemos changes what runs remember.
func (m *module) replaceInMemos(from, to string) {
	m.t.Helper()
	memos, err := filepath.Glob(filepath.Join(m.cache.dir, lastDir, "*"))
	if err != nil {
		m.t.Fatal(err)
	}
	for _, path := range memos {
		text, err := os.ReadFile(path)
		if err != nil {
			m.t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(strings.ReplaceAll(string(text), from, to)), 0o600); err != nil {
			m.t.Fatal(err)
		}
	}
}

func want(t *testing.T, output, part string) {
	t.Helper()
	if !strings.Contains(output, part) {
		t.Errorf("want %q in:\n%s", part, output)
	}
}

func TestAnUnchangedPackageIsNotLinkedAgain(t *testing.T) {
	t.Parallel()
	m := newModule(t)
	want(t, m.test(), "says one")
	if n := m.entries(); n != 1 {
		t.Fatalf("%d links are kept, want 1", n)
	}
	m.poison()

	want(t, m.test(), "says poison") // the entry was used
}

func TestWhatChangesTheBinaryIsLinked(t *testing.T) {
	t.Parallel()
	m := newModule(t)
	m.test()
	m.poison()

	want(t, m.test("-ldflags=-X example.com/m.flag=set"), "says one set")
	want(t, m.test("-cover"), "says one unset")
	want(t, m.test("-gcflags=-N"), "says one unset")
	if raceWorks() {
		want(t, m.test("-race"), "says one unset")
	}
	m.says("two")
	want(t, m.test(), "says two unset")
	m.says("one")
	want(t, m.test(), "says poison") // the first entry is still there
}

func raceWorks() bool {
	_, err := exec.LookPath("gcc")
	return err == nil && runtime.GOOS == "linux" && (runtime.GOARCH == "amd64" || runtime.GOARCH == "arm64")
}

func TestADamagedEntryIsLinkedAgain(t *testing.T) {
	t.Parallel()
	m := newModule(t)
	m.test()
	list, err := m.cache.files(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(list[0].path, 1000); err != nil {
		t.Fatal(err)
	}

	want(t, m.test(), "says one")

	m.poison() // the damaged entry has been replaced
	want(t, m.test(), "says poison")
}

func TestWithoutAPlaceForTheCacheAllIsLinked(t *testing.T) {
	t.Parallel()
	m := newModule(t)
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	m.cache = New(filepath.Join(file, "links"))
	want(t, m.test(), "says one")
	want(t, m.test(), "says one")
}

func TestOtherBuildsShareTheBuildCache(t *testing.T) {
	t.Parallel()
	m := newModule(t)
	m.env = []string{"GOCACHE=" + buildCache(t)}
	m.test()

	cmd := exec.CommandContext(t.Context(), "go", "test", "-x", "-c", "-vet=off", "-o", os.DevNull)
	cmd.Dir, cmd.Env = m.dir, append(cmd.Environ(), m.env...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("go test -c: %v\n%s", err, out)
	}

	for line := range strings.Lines(string(out)) { // the main package of a test is compiled each time
		if strings.Contains(line, "/compile ") && strings.Contains(line, "m_test.go") {
			t.Errorf("plain go test compiled again what the run had compiled:\n%s", line)
		}
	}
}

// buildCache is the build cache of the machine: a new one would be filled for minutes.
func buildCache(t *testing.T) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "env", "GOCACHE").Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

func TestALinkThatFailsIsToldAndNotKept(t *testing.T) {
	t.Parallel()
	m := newModule(t)
	m.write("missing.go", "package m\n\nfunc missing()\n\nfunc Use() { missing() }\n")
	m.write("m.s", "")
	m.write("use_test.go", "package m\n\nimport \"testing\"\n\nfunc TestUse(*testing.T) { Use() }\n")
	self := asTempest(t)
	for range 2 {
		cmd := exec.CommandContext(t.Context(), "go", "test", "-vet=off", "-toolexec", self+" "+m.cache.dir+" "+t.TempDir())
		cmd.Dir, cmd.Env = m.dir, append(cmd.Environ(), asTool+"=1")
		out, err := cmd.CombinedOutput()
		if err == nil {
			t.Fatal("go test succeeded")
		}
		want(t, string(out), "missing")
	}
	if n := m.entries(); n != 0 {
		t.Errorf("%d links are kept, want none", n)
	}
}

// The script starts this test binary for links, and other tools as they are.
func TestScript(t *testing.T) {
	t.Parallel()
	m := newModule(t)
	want(t, m.testWith(m.script(t.TempDir(), "/usr/bin/env", asTempest(t))), "says one")

	if n := m.entries(); n != 1 {
		t.Errorf("%d links are kept, want 1", n)
	}
}

func TestMisuseIsOneLine(t *testing.T) {
	t.Parallel()
	self := asTempest(t)
	for _, args := range [][]string{nil, {"dir", "ahead"}, {"dir", "ahead", "/nowhere/compile"}} {
		cmd := exec.CommandContext(t.Context(), self, args...)
		cmd.Env = append(cmd.Environ(), asTool+"=1")
		out, err := cmd.CombinedOutput()
		if err == nil || strings.Count(string(out), "\n") != 1 || !strings.HasPrefix(string(out), "tempest: ") {
			t.Errorf("%v: %v, %q", args, err, out)
		}
	}
}
