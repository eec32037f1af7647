package screen_test

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fatih/color"
	gocmp "github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"
	"gotest.tools/gotestsum/testjson"

	"github.com/gotempest/tempest/runner/plan"
	"github.com/gotempest/tempest/runner/result"
	"github.com/gotempest/tempest/runner/screen"
)

var update = flag.Bool("update", false, "rewrite golden files")

// recorded returns a stream that package result has, as the collector
// normalises it.
func recorded(tb testing.TB, name string) []byte {
	tb.Helper()
	var b bytes.Buffer
	c := result.NewCollector(plan.Plan{}, result.Options{Screen: &b})
	if err := c.Read(bytes.NewReader(stream(tb, name))); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

// stream returns a stream that package result has, as it was recorded.
func stream(tb testing.TB, name string) []byte {
	tb.Helper()
	a, err := txtar.ParseFile(filepath.Join("..", "result", "testdata", name))
	if err != nil {
		tb.Fatal(err)
	}
	for _, f := range a.Files {
		if f.Name == "stream.jsonl" {
			return f.Data
		}
	}
	tb.Fatalf("%s has no stream", name)
	return nil
}

// gotestsum returns what gotestsum's own formatter shows of a stream, with an
// Execution that has all of it.
func gotestsum(tb testing.TB, format string, stream []byte) string {
	tb.Helper()
	var b bytes.Buffer
	h := handler{testjson.NewEventFormatter(&b, format, testjson.FormatOptions{})}
	if _, err := testjson.ScanTestOutput(testjson.ScanConfig{Stdout: bytes.NewReader(stream), Handler: h}); err != nil {
		tb.Fatal(err)
	}
	return b.String()
}

type handler struct{ testjson.EventFormatter }

func (h handler) Event(e testjson.TestEvent, x *testjson.Execution) error { return h.Format(e, x) }
func (handler) Err(string) error                                          { return nil }

// show returns what a Screen shows of a stream.
func show(tb testing.TB, stream []byte, o screen.Options) string {
	tb.Helper()
	var b bytes.Buffer
	s, err := screen.New(&b, o)
	if err != nil {
		tb.Fatal(err)
	}
	for part := range bytes.Lines(stream) { // as live as can be
		if _, err := s.Write(part); err != nil {
			tb.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		tb.Fatal(err)
	}
	return b.String()
}

// A Screen shows what gotestsum shows, in each format and with all that go test
// does.
func TestFormatsAreThoseOfGotestsum(t *testing.T) {
	t.Setenv("GITHUB_ACTIONS", "")
	for _, name := range []string{"packages.txtar", "cover.txtar", "cached.txtar"} {
		stream := recorded(t, name)
		for _, format := range screen.Formats() {
			sameAsGotestsum(t, name, stream, screen.Options{Format: format})
			sameAsGotestsum(t, name, stream, screen.Options{Format: format, Color: true})
		}
	}
}

func sameAsGotestsum(t *testing.T, name string, stream []byte, o screen.Options) {
	t.Helper()
	got := show(t, stream, o) // sets color.NoColor, which gotestsum uses next
	want := gotestsum(t, o.Format, stream)
	if color.NoColor == o.Color {
		t.Errorf("NoColor = %v with %+v", color.NoColor, o)
	}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("%s with %+v (-gotestsum +screen):\n%s", name, o, diff)
	}
}

// What is shown does not depend on how much is written at once.
func TestWholeStreamsLookTheSame(t *testing.T) {
	stream := recorded(t, "packages.txtar")
	for _, format := range screen.Formats() {
		var b bytes.Buffer
		s, err := screen.New(&b, screen.Options{Format: format})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Write(stream); err != nil {
			t.Fatal(err)
		}
		if b.String() != show(t, stream, screen.Options{Format: format}) {
			t.Errorf("%s: a stream written at once looks different", format)
		}
	}
}

// Formats is what NewEventFormatter knows: no more, which the test above shows,
// and no less.
func TestFormatsAreComplete(t *testing.T) {
	dir := filepath.Join(moduleDir(t), "testjson", "format.go")
	source, err := os.ReadFile(dir)
	if err != nil {
		t.Skipf("gotestsum's source is not here: %v", err)
	}
	_, body, _ := strings.Cut(string(source), "func NewEventFormatter(")
	body, _, _ = strings.Cut(body, "\ndefault:")
	body, _, _ = strings.Cut(body, "\tdefault:")
	names := make(map[string]bool)
	for line := range strings.Lines(body) {
		list, ok := strings.CutPrefix(strings.TrimSpace(line), "case ")
		if !ok {
			continue
		}
		for name := range strings.SplitSeq(strings.TrimSuffix(list, ":"), ", ") {
			names[strings.Trim(name, `"`)] = true
		}
	}
	for _, f := range screen.Formats() {
		if !names[f] {
			t.Errorf("gotestsum does not have %q", f)
		}
		delete(names, f)
	}
	for f := range names {
		t.Errorf("Formats lacks %q", f)
	}
}

func TestUnknownFormatListsAll(t *testing.T) {
	_, err := screen.New(io.Discard, screen.Options{Format: "tesname"})
	if err == nil {
		t.Fatal("New accepted it")
	}
	for _, f := range append(screen.Formats(), `"tesname"`) {
		if !strings.Contains(err.Error(), f) {
			t.Errorf("error %q does not name %s", err, f)
		}
	}
}

func TestFlagsChooseTheFormat(t *testing.T) {
	stream := recorded(t, "packages.txtar")
	for name, tt := range map[string]struct {
		o    screen.Options
		want string
	}{
		"none":              {screen.Options{}, screen.DefaultFormat},
		"verbose":           {screen.Options{Verbose: true}, screen.VerboseFormat},
		"quiet":             {screen.Options{Quiet: true}, screen.QuietFormat},
		"a format is given": {screen.Options{Format: "dots", Verbose: true, Quiet: true}, "dots"},
	} {
		if got, want := show(t, stream, tt.o), show(t, stream, screen.Options{Format: tt.want}); got != want {
			t.Errorf("%s: not the format %s", name, tt.want)
		}
	}
}

func TestGitHubActionsDoesNotChangeTheFormat(t *testing.T) {
	stream := recorded(t, "packages.txtar")
	t.Setenv("GITHUB_ACTIONS", "")
	want := show(t, stream, screen.Options{Format: "testname"})
	t.Setenv("GITHUB_ACTIONS", "true")

	got := show(t, stream, screen.Options{Format: "testname"})

	if got != want || strings.Contains(got, "::group::") {
		t.Error("the format changed")
	}
	if os.Getenv("GITHUB_ACTIONS") != "true" {
		t.Error("the variable is gone")
	}
}

// A failed test shows at once what it printed, one that runs nothing.
func TestScreenIsLive(t *testing.T) {
	var b bytes.Buffer
	s, err := screen.New(&b, screen.Options{})
	if err != nil {
		t.Fatal(err)
	}
	write := func(line, want string) {
		t.Helper()
		b.Reset()
		if _, err := io.WriteString(s, line+"\n"); err != nil {
			t.Fatal(err)
		}
		if b.String() != want {
			t.Errorf("after %s the screen shows %q, want %q", line, b.String(), want)
		}
	}

	write(`{"Action":"run","Package":"p","Test":"TestA"}`, "")
	write(`{"Action":"output","Package":"p","Test":"TestA","Output":"oops\n"}`, "")
	write(`{"Action":"run","Package":"p","Test":"TestB"}`, "")
	write(`{"Action":"fail","Package":"p","Test":"TestA","Elapsed":1.5}`, "oops\nFAIL p.TestA (1.50s)\n")
	write(`not an event`, "")
	write(`{"Action":"pass","Package":"p","Test":"TestB"}`, "PASS p.TestB (0.00s)\n")
}

func TestProgress(t *testing.T) {
	var b bytes.Buffer
	s, err := screen.New(&b, screen.Options{Progress: true, Total: 3, Width: 40})
	if err != nil {
		t.Fatal(err)
	}
	const erase = "\r\x1b[K"
	for _, step := range []struct{ event, want string }{
		{`"start"`, "0 of 3; building"},
		{`"run","Test":"TestA"`, erase + "0 of 3; running TestA"},
		{`"run","Test":"TestA/x"`, erase + "0 of 3; running TestA"},
		{`"run","Test":"TestB"`, erase + "0 of 3; running TestA, TestB"},
		{`"pause","Test":"TestA"`, erase + "0 of 3; running TestB"},
		{`"cont","Test":"TestA"`, erase + "0 of 3; running TestB, TestA"},
		{`"run","Test":"TestWithALongName"`, erase + "0 of 3; running TestB, TestA, TestWith…"},
		{`"pass","Test":"TestB"`, erase + "PASS p.TestB (0.00s)\n1 of 3; running TestA, TestWithALongNa…"},
		{`"fail","Test":"TestA"`, erase + "FAIL p.TestA (0.00s)\n2 of 3, 1 failed; running TestWithALon…"},
	} {
		b.Reset()
		if _, err := io.WriteString(s, `{"Package":"p","Action":`+step.event+"}\n"); err != nil {
			t.Fatal(err)
		}
		if b.String() != step.want {
			t.Errorf("after %s: %q, want %q", step.event, b.String(), step.want)
		}
	}
	b.Reset()
	if err := s.Close(); err != nil || b.String() != erase {
		t.Errorf("Close left %q, %v", b.String(), err)
	}
}

// A line of progress must not stand within a line that a test prints.
func TestProgressWaitsForTheEndOfALine(t *testing.T) {
	var b bytes.Buffer
	s, err := screen.New(&b, screen.Options{Verbose: true, Progress: true, Total: 1})
	if err != nil {
		t.Fatal(err)
	}
	for _, out := range []string{"half", ` a line\n`} {
		if _, err := io.WriteString(s, `{"Action":"output","Package":"p","Test":"TestA","Output":"`+out+"\"}\n"); err != nil {
			t.Fatal(err)
		}
	}
	if want := "half a line\n0 of 1"; b.String() != want {
		t.Errorf("the screen shows %q, want %q", b.String(), want)
	}
}

// FuzzScreen writes any lines: no format may fail or panic on them.
func FuzzScreen(f *testing.F) {
	f.Add(`{"Action":"fail","Test":"TestA"}` + "\n" + `{"Action":"pass","Package":"p"}`)
	f.Add(`{"Action":"run","Package":"p","Test":"TestA"}` + "\n" + `{"Action":"fail","Package":"p"}`)
	f.Add(`{"Action":"fail","Package":"p","Test":"TestA/b"}` + "\nx\n" + `{"Action":"bench","Package":"p","Test":"/"}`)
	f.Add(`{"Action":"build-output","Output":"x"}` + "\n" + `{"Action":"skip"}`)
	f.Fuzz(func(t *testing.T, lines string) {
		for _, format := range screen.Formats() {
			s, err := screen.New(io.Discard, screen.Options{Format: format, Progress: true})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := io.WriteString(s, lines); err != nil && len(lines) < 60<<10 {
				t.Errorf("%s: Write: %v", format, err)
			}
			if err := s.Close(); err != nil {
				t.Errorf("%s: Close: %v", format, err)
			}
		}
	})
}

func TestWriteErrorsStay(t *testing.T) {
	s, err := screen.New(failing{}, screen.Options{Format: "standard-json"})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := io.WriteString(s, `{"Action":"run","Package":"p","Test":"TestA"}`+"\n"); !errors.Is(err, errFull) {
			t.Errorf("Write = %v, want %v", err, errFull)
		}
	}
}

var errFull = errors.New("full")

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errFull }

// moduleDir is the folder of gotestsum's source.
func moduleDir(t *testing.T) string {
	t.Helper()
	mod, err := os.Open(filepath.Join("..", "..", "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	defer mod.Close() // only read
	version := ""
	for lines := bufio.NewScanner(mod); lines.Scan(); {
		if f := strings.Fields(lines.Text()); len(f) >= 2 && f[0] == "gotest.tools/gotestsum" {
			version = f[1]
		}
	}
	home, err := os.UserHomeDir()
	if err != nil {
		t.Skip(err)
	}
	path := cmp.Or(os.Getenv("GOPATH"), filepath.Join(home, "go"))
	cache := cmp.Or(os.Getenv("GOMODCACHE"), filepath.Join(path, "pkg", "mod"))
	return filepath.Join(cache, "gotest.tools", "gotestsum@"+version)
}
