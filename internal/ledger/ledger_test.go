package ledger

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var someTime = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

func someHead() Head {
	return Head{Run: "r1", Cloud: Cloud{Name: "lab", AuthURL: "http://127.0.0.1/v3"}, PID: 7, Program: "example.com/p",
		Time: someTime}
}

func server(name string) Intent {
	return Intent{Test: "TestServer", Service: "compute", Type: "server", Method: "POST", URL: "http://127.0.0.1/servers",
		Path: "/servers", Name: name, Time: someTime}
}

func thing(id string) Thing {
	return Thing{Service: "compute", Type: "server", ID: id, URL: "http://127.0.0.1/servers/" + id, Path: "/servers/" + id}
}

// check fails t on an error.
func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// intend notes an intent.
func intend(t *testing.T, w *Writer, name string) int {
	t.Helper()
	n, err := w.Intent(server(name))
	check(t, err)
	return n
}

// story writes a ledger in which something of each kind happens, and returns its file.
func story(t *testing.T, dir string) (*Writer, string) {
	t.Helper()
	w := NewWriter(dir, someHead())
	a, b := intend(t, w, "a"), intend(t, w, "b")
	check(t, w.Made(a, thing("A")))
	check(t, w.Made(b, thing("B1"), thing("B2")))
	c := intend(t, w, "c")
	check(t, w.None(c))
	check(t, w.Going(Key{a, 0}))
	check(t, w.Gone(Key{b, 1}))
	d := intend(t, w, "d")
	check(t, w.Lost(d, "answered 502"))
	intend(t, w, "e")
	check(t, w.Gone(Key{a, 0}))
	return w, onlyFile(t, dir)
}

func onlyFile(t *testing.T, dir string) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	check(t, err)
	if len(files) != 1 {
		t.Fatalf("files in %s: %q, want one", dir, files)
	}
	return files[0]
}

// brief says what is open.
func brief(list []Entry) []string {
	var out []string
	for _, e := range list {
		if e.Open() {
			out = append(out, strings.TrimSpace(fmt.Sprintf("%s%s %s %s", e.Intent.Name, e.Thing.ID, e.State, e.Why)))
		}
	}
	return out
}

func TestWhatIsOpen(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "r1")
	_, path := story(t, dir)

	f, err := ReadFile(path)

	check(t, err)
	want := []string{"bB1 made", "d perhaps made answered 502", "e perhaps made"}
	if diff := cmp.Diff(want, brief(f.Entries)); diff != "" {
		t.Errorf("open (-want +got):\n%s", diff)
	}
	if len(f.Problems) > 0 || !f.Live || f.Head.Run != "r1" || f.Head.V != Version || f.Head.Cloud.Name != "lab" {
		t.Errorf("ReadFile = %+v", f)
	}
	info, err := os.Stat(path)
	check(t, err)
	if info.Mode().Perm() != 0o600 {
		t.Errorf("mode = %v, want 0600", info.Mode())
	}
}

// A process can be killed at any byte that it writes. Of each request that was sent, which is after its line
// was written, something must be open as long as nothing says that it is gone.
func TestKilledAtAnyByte(t *testing.T) {
	_, path := story(t, filepath.Join(t.TempDir(), "r1"))
	whole, err := os.ReadFile(path)
	check(t, err)
	for n := range len(whole) + 1 {
		f, err := Read(bytes.NewReader(whole[:n]), "x")
		check(t, err)
		if len(f.Problems) > 0 {
			t.Fatalf("at byte %d: problems %v", n, f.Problems)
		}
		open := openByText(string(whole[:n]))
		got := map[string]bool{}
		for _, e := range f.Open() {
			got[e.Intent.Name] = true
		}
		if diff := cmp.Diff(open, got); diff != "" {
			t.Fatalf("at byte %d (-want +got):\n%s", n, diff)
		}
	}
}

// openByText finds out what is open by looking for the lines of the story that make it so and end it.
func openByText(text string) map[string]bool {
	ended := map[string]string{"a": `"t":"gone","n":1`, "c": `"t":"none","n":3`}
	open := map[string]bool{}
	for line := range strings.Lines(text) {
		if !strings.Contains(line, "}") || strings.Count(line, "{") != strings.Count(line, "}") {
			continue // torn
		}
		for i, name := range []string{"a", "b", "c", "d", "e"} {
			if strings.Contains(line, fmt.Sprintf(`"t":"intent","n":%d,`, i+1)) {
				open[name] = true
			}
			if end := ended[name]; end != "" && strings.Contains(line, end) {
				delete(open, name)
			}
		}
	}
	return open
}

// damage is a ledger with something wrong in it.
type damage struct {
	text     string
	problems []string // how each begins
	open     []string
}

func damages() map[string]damage {
	const (
		head   = `{"t":"head","v":1,"run":"r"}` + "\n"
		intent = `{"t":"intent","n":1,"method":"POST","url":"u","name":"a"}` + "\n"
		made   = `{"t":"made","n":1,"things":[{"id":"A","url":"u/A"}]}` + "\n"
	)
	return map[string]damage{
		"empty file": {},
		"torn head":  {text: `{"t":"he`},
		"unknown members": {
			text: `{"t":"head","v":1,"new":{"a":[1]}}` + "\n" + intent,
			open: []string{"a perhaps made"},
		},
		"damaged intent": {
			text:     head + "{\x00\x00\n" + made,
			problems: []string{"f:2: not a line"},
			open:     []string{"A made"},
		},
		"damaged made": {
			text:     head + intent + `{"t":"made","n":1,"thin` + "\n",
			problems: []string{"f:3: not a line"},
			open:     []string{"a perhaps made"},
		},
		"wrong type": {
			text:     head + `{"t":"intent","n":1,"method":7}` + "\n",
			problems: []string{"f:2: not an intent"},
		},
		"no head": {
			text:     intent,
			problems: []string{`f:1: the first line is "intent"`},
			open:     []string{"a perhaps made"},
		},
		"two heads": {
			text:     head + head + intent,
			problems: []string{`f:2: a second "head"`},
			open:     []string{"a perhaps made"},
		},
		"unknown line": {
			text:     head + intent + `{"t":"moved","n":1}` + "\n",
			problems: []string{`f:3: unknown line "moved"`},
			open:     []string{"a perhaps made"},
		},
		"no number": {text: head + `{"t":"gone"}` + "\n", problems: []string{"f:2: line"}},
		"twice": {
			text:     head + intent + intent,
			problems: []string{"f:3: intent 1 stands here twice"},
			open:     []string{"a perhaps made"},
		},
		"gone of nothing": {
			text:     head + `{"t":"gone","n":4}` + "\n",
			problems: []string{`f:2: "gone" about 4, which has no intent`},
		},
		"gone too far": {
			text:     head + intent + made + `{"t":"gone","n":1,"i":9}` + "\n",
			problems: []string{"f:4: \"gone\" about thing 9"},
			open:     []string{"aA made"},
		},
		"gone below zero": {
			text:     head + intent + made + `{"t":"gone","n":1,"i":-1}` + "\n",
			problems: []string{"f:4: \"gone\" about thing -1"},
			open:     []string{"aA made"},
		},
		"none of what is made": {
			text:     head + intent + made + `{"t":"none","n":1}` + "\n",
			problems: []string{"f:4: \"none\" about 1"},
			open:     []string{"aA made"},
		},
		"made twice": {
			text:     head + intent + made + made,
			problems: []string{"f:4: \"made\" about 1"},
			open:     []string{"aA made"},
		},
		"made nothing": {
			text:     head + intent + `{"t":"made","n":1}` + "\n",
			problems: []string{"f:3: \"made\" about 1 without"},
			open:     []string{"a perhaps made"},
		},
		"bare last line": {text: head + intent + strings.TrimSpace(made), open: []string{"aA made"}},
		"empty lines":    {text: head + "\n\n" + intent, open: []string{"a perhaps made"}},
	}
}

func TestReadReportsWhatItCannotRead(t *testing.T) {
	for name, tt := range damages() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			f, err := Read(strings.NewReader(tt.text), "f")

			check(t, err)
			if len(f.Problems) != len(tt.problems) {
				t.Fatalf("problems = %v, want %q", f.Problems, tt.problems)
			}
			for i, p := range f.Problems {
				if !strings.HasPrefix(p.Error(), tt.problems[i]) {
					t.Errorf("problem = %q, want %q …", p, tt.problems[i])
				}
			}
			if diff := cmp.Diff(tt.open, brief(f.Entries)); diff != "" {
				t.Errorf("open (-want +got):\n%s", diff)
			}
		})
	}
}

func TestReadRefusesALaterVersion(t *testing.T) {
	_, err := Read(strings.NewReader(`{"t":"head","v":2}`+"\n"), "f")

	if later, ok := errors.AsType[*VersionError](err); !ok || later.Version != 2 {
		t.Fatalf("Read error = %v, want a VersionError for 2", err)
	}
	const want = "f: written by a later tempest (format 2, this one reads up to 1): use that tempest for it"
	if err.Error() != want {
		t.Errorf("Read error = %q, want %q", err, want)
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(`{"t":"head","v":1}` + "\n" + `{"t":"intent","n":1}` + "\n" + `{"t":"made","n":1,"things":[{"id":"a"}]}`))
	f.Add([]byte(`{"t":"gone","n":1,"i":1}` + "\n" + `{"t":"lost","n":1}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := Read(bytes.NewReader(data), "f")
		if err != nil {
			if _, ok := errors.AsType[*VersionError](err); !ok {
				t.Fatal(err)
			}
			return
		}
		lines := 0
		for line := range bytes.Lines(data) {
			if len(bytes.TrimSpace(line)) > 0 && line[len(line)-1] == '\n' {
				lines++
			}
		}
		if lines > 0 && len(file.Entries)+len(file.Problems) == 0 && file.Head == (Head{}) && !onlyHeads(data) {
			t.Fatalf("%d lines were dropped in silence", lines)
		}
	})
}

// onlyHeads reports whether data is a head that says nothing.
func onlyHeads(data []byte) bool { return bytes.Contains(data, []byte("head")) }

func TestRunsSaysWhichIsLive(t *testing.T) {
	folder := t.TempDir()
	w, live := story(t, filepath.Join(folder, "live"))
	data, err := os.ReadFile(live)
	check(t, err)
	check(t, os.Mkdir(filepath.Join(folder, "dead"), 0o700))
	data = bytes.Replace(data, []byte("2026-01-02"), []byte("2025-01-02"), 1)
	check(t, os.WriteFile(filepath.Join(folder, "dead", "1-a.jsonl"), data, 0o600))
	check(t, os.WriteFile(filepath.Join(folder, "dead", "2-b.jsonl"), []byte(`{"t":"head","v":9}`+"\n"), 0o600))
	check(t, os.WriteFile(filepath.Join(folder, "dead", ".3-c.jsonl"), nil, 0o600))

	runs, err := Runs(folder)

	if !errors.As(err, new(*VersionError)) {
		t.Errorf("Runs error = %v, want a VersionError", err)
	}
	if len(runs) != 2 || runs[0].ID != "dead" || runs[0].Live() || len(runs[0].Files) != 1 || !runs[1].Live() {
		t.Fatalf("Runs = %+v, want the dead one, with one file, before the live one", runs)
	}
	if _, err := Claim(live); !errors.Is(err, ErrLive) {
		t.Errorf("Claim of a live one = %v, want ErrLive", err)
	}
	if _, err := w.Intent(server("later")); err != nil {
		t.Errorf("the writer was disturbed: %v", err)
	}
}

func TestRunsOfNoFolder(t *testing.T) {
	runs, err := Runs(filepath.Join(t.TempDir(), "none"))
	if err != nil || len(runs) > 0 {
		t.Errorf("Runs = %v, %v, want nothing", runs, err)
	}
}

// left writes a ledger whose process has ended with half a line.
func left(t *testing.T, torn string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "r1")
	w, path := story(t, dir)
	check(t, w.file.file.Close())
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	check(t, err)
	_, err = f.WriteString(torn)
	check(t, errors.Join(err, f.Close()))
	return path
}

func TestClaimCrossesOff(t *testing.T) {
	for name, torn := range map[string]string{"whole": "", "torn": `{"t":"gone","n":2`, "bare": `{"t":"going","n":2}`} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := left(t, torn)
			c, err := Claim(path)
			check(t, err)
			if _, err := Claim(path); !errors.Is(err, ErrLive) {
				t.Errorf("second Claim = %v, want ErrLive", err)
			}

			check(t, c.Gone(Key{2, 0}))
			check(t, c.None(4))
			check(t, c.Made(5, thing("E")))
			check(t, c.Going(Key{5, 0}))
			if err := c.Gone(Key{9, 0}); err == nil {
				t.Error("Gone of what is not there worked")
			}

			if diff := cmp.Diff([]string{"eE going"}, brief(c.File().Entries)); diff != "" {
				t.Errorf("open (-want +got):\n%s", diff)
			}
			check(t, c.Close())
			finish(t, path)
		})
	}
}

// finish crosses off what is left of a claimed story.
func finish(t *testing.T, path string) {
	t.Helper()
	f, err := ReadFile(path)
	check(t, err)
	if len(f.Problems) > 0 || f.Live {
		t.Errorf("the file after it: %+v", f)
	}
	if diff := cmp.Diff([]string{"eE going"}, brief(f.Entries)); diff != "" {
		t.Errorf("open on disk (-want +got):\n%s", diff)
	}
	c, err := Claim(path)
	check(t, err)
	check(t, c.Gone(Key{5, 0}))
	check(t, c.Close())
	if _, err := os.Stat(filepath.Dir(path)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the folder of the run is there when all is gone: %v", err)
	}
}

func TestClaimKeepsWhatItCannotRead(t *testing.T) {
	path := left(t, "half a line\n")
	c, err := Claim(path)
	check(t, err)
	check(t, errors.Join(c.Gone(Key{2, 0}), c.None(4), c.None(5), c.Close()))
	if _, err := os.Stat(path); err != nil {
		t.Errorf("a ledger with a damaged line was removed: %v", err)
	}
	c, err = Claim(path)
	check(t, err)
	check(t, c.Discard())
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a discarded ledger is there: %v", err)
	}
}

func TestTidy(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "r1")
	w := NewWriter(dir, someHead())
	check(t, w.Tidy())
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Error("a process that makes nothing has a folder")
	}
	n := intend(t, w, "a")
	check(t, w.Made(n, thing("A")))
	check(t, w.Tidy())
	onlyFile(t, dir)
	check(t, w.Gone(Key{n, 0}))
	check(t, w.Tidy())
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Error("the folder is there when all is gone")
	}
	intend(t, w, "b")
	onlyFile(t, dir)
	if got := w.Open(); got != 1 {
		t.Errorf("Open = %d, want 1", got)
	}
}

func TestWritersAtOnce(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "r1")
	w := NewWriter(dir, someHead())
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for j := range 50 {
				name := fmt.Sprintf("%d-%d", i, j)
				n, err := w.Intent(server(name))
				err = errors.Join(err, w.Made(n, thing(name)))
				if j%2 == 0 {
					err = errors.Join(err, w.Gone(Key{n, 0}))
				}
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()

	f, err := ReadFile(onlyFile(t, dir))

	check(t, err)
	if len(f.Problems) > 0 || len(f.Entries) != 400 || len(f.Open()) != 200 || w.Open() != 200 {
		t.Errorf("problems %v, %d entries, %d open", f.Problems, len(f.Entries), len(f.Open()))
	}
	for _, e := range f.Entries {
		if e.Intent.Name != e.Thing.ID {
			t.Errorf("the thing %s is taken for one of %s", e.Thing.ID, e.Intent.Name)
		}
	}
}

func TestMemory(t *testing.T) {
	w := NewWriter("", someHead())
	n := intend(t, w, "a")
	check(t, w.Made(n, thing("A")))
	if w.Open() != 1 || w.Tidy() != nil {
		t.Error("a ledger in memory does not count")
	}
}

func TestRunIDSortsByTime(t *testing.T) {
	a, b := RunID(someTime), RunID(someTime.Add(time.Second))
	if !strings.HasPrefix(a, "go-20260102-030405-") || a >= b {
		t.Errorf("RunID = %q, %q", a, b)
	}
}

func BenchmarkWriter(b *testing.B) {
	w := NewWriter(filepath.Join(b.TempDir(), "r1"), someHead())
	for b.Loop() {
		n, err := w.Intent(server("a"))
		if err = errors.Join(err, w.Made(n, thing("A")), w.Gone(Key{n, 0})); err != nil {
			b.Fatal(err)
		}
	}
}
