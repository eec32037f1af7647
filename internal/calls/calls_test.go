package calls

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gotempest/tempest/internal/secret"
)

// some is a call with everything in it.
func some(n int) *Call {
	return &Call{
		Test: "TestX/sub", Who: "project_member", Service: "compute", Method: "POST",
		URL: fmt.Sprintf("http://c/v2.1/servers/%d?a=<b>&c", n), Status: 202, Attempt: 2,
		Start: time.Date(2026, 1, 2, 3, 4, 5, 6000, time.UTC), Seconds: 0.25, Request: "req-1", Global: "req-2",
		Fault: "ordered", Error: "EOF",
		Sent:     &Message{Header: http.Header{"Accept": {"a", "b"}}, Body: "{\"ä\": \"\\n\"}", Size: 10},
		Received: &Message{Size: -1, Cut: true},
	}
}

// create makes a call log, and returns its folder.
func create(t *testing.T, limit int64) (*Writer, *secret.Scrubber, string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "run", "calls")
	s := &secret.Scrubber{}
	w, err := Create(dir, Head{Run: "r", Program: "example.com/p", Cloud: "c", Limit: limit}, s)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	return w, s, dir
}

// read returns what a folder holds.
func read(t *testing.T, dir string) (*File, []*Call) {
	t.Helper()
	var list []*Call
	files, err := ReadDir(dir, func(_ Head, c *Call) { list = append(list, c) })
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != 1 {
		t.Fatalf("%d files, want 1", len(files))
	}
	return files[0], list
}

// content returns the bytes of the one file in a folder.
func content(t *testing.T, dir string) []byte {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*"+Suffix))
	if err != nil || len(names) != 1 {
		t.Fatalf("files %q, %v, want one", names, err)
	}
	data, err := os.ReadFile(names[0])
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestWhatIsWrittenIsRead(t *testing.T) {
	t.Parallel()
	w, s, dir := create(t, 0)
	want := []*Call{some(1), some(2)}
	for _, c := range want {
		if err := w.Call(c, s.Generation()); err != nil {
			t.Fatal(err)
		}
	}

	f, got := read(t, dir)

	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("calls (-want +got)\n%s", diff)
	}
	if f.Head.Version != Version || f.Head.PID != os.Getpid() || f.Head.Limit != DefaultLimit || f.Torn || f.Limit != nil {
		t.Errorf("file = %+v", f)
	}
	if id := f.Head.ID(got[0]); id != "example.com/p.TestX/sub" {
		t.Errorf("ID = %q", id)
	}
	if info, err := os.Stat(f.Name); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode = %v, %v, want 0600", info.Mode(), err)
	}
}

// A process can be killed at any byte: what was whole before stays readable.
func TestFilesCutAtAnyByte(t *testing.T) {
	t.Parallel()
	w, s, dir := create(t, 0)
	for n := range 3 {
		if err := w.Call(some(n), s.Generation()); err != nil {
			t.Fatal(err)
		}
	}
	data := content(t, dir)
	for n := range data {
		calls := 0
		f, err := Read(bytes.NewReader(data[:n]), func(Head, *Call) { calls++ })
		if err != nil {
			t.Fatalf("cut at byte %d: %v", n, err)
		}
		whole := bytes.Count(data[:n], []byte("\n"))
		if torn := n == 0 || data[n-1] != '\n'; f.Torn != torn || calls != max(whole-1, 0) {
			t.Errorf("cut at byte %d: torn %v, %d calls, want %v, %d", n, f.Torn, calls, torn, max(whole-1, 0))
		}
	}
}

func TestSecretsThatBecomeKnownLate(t *testing.T) {
	t.Parallel()
	const late = `adm"in pass w<ord`
	w, s, dir := create(t, 0)
	s.Watch(func(forms []string) {
		if err := w.Erase(forms); err != nil {
			t.Error(err)
		}
	})
	c := some(1)
	c.URL = "http://c/?p=adm%22in+pass+w%3Cord"
	c.Sent.Body = `{"user_data": "adm\"in pass w<ord"}`
	c.Error = "no: " + late
	c.Received.Header = http.Header{"X-Some": {late}}
	// Across the border of what is looked through at once, too.
	c.Received.Body = strings.Repeat("x", eraseBuffer-1200) + strings.Repeat(" "+late, 100)
	if err := w.Call(c, s.Generation()); err != nil {
		t.Fatal(err)
	}
	before := s.Generation()
	s.Learn(late)
	if err := w.Call(c, before); err != nil { // cleaned before, written after
		t.Fatal(err)
	}

	data := content(t, dir)
	_, got := read(t, dir)

	if len(got) != 2 || !strings.Contains(got[0].Error, "no: ***") || got[1].Error != "no: ***" {
		t.Fatalf("calls = %d, errors %q, %q", len(got), got[0].Error, got[1].Error)
	}
	for _, part := range []string{"pass", "w<ord", "w%3Cord", `adm`} {
		if i := bytes.Index(data, []byte(part)); i >= 0 {
			t.Errorf("the file has %q at %d: %q", part, i, data[max(0, i-40):min(len(data), i+40)])
		}
	}
}

func TestSizeIsBounded(t *testing.T) {
	t.Parallel()
	const limit = 64 << 10
	w, s, dir := create(t, limit)
	c := some(1)
	c.Sent.Body = strings.Repeat("x", 4000)
	const tries = 400
	for range tries {
		if err := w.Call(c, s.Generation()); err != nil {
			t.Fatal(err)
		}
	}

	f, got := read(t, dir)
	data := content(t, dir)

	if len(data) > limit+200 || len(data) < limit-2000 {
		t.Errorf("the file has %d bytes, want about %d", len(data), limit)
	}
	if f.Limit == nil || f.Limit.Without != WithoutCalls {
		t.Errorf("limit = %+v", f.Limit)
	}
	with := 0
	for _, c := range got {
		if c.Sent != nil {
			with++
		}
	}
	if with == 0 || with == len(got) || len(got) == tries {
		t.Errorf("%d of %d calls have messages", with, len(got))
	}
	if !bytes.Contains(data, []byte(`"without":"messages"`)) {
		t.Error("the file does not say where messages end")
	}
}

func TestWriterIsForManyGoroutines(t *testing.T) {
	t.Parallel()
	w, s, dir := create(t, 0)
	s.Watch(func(forms []string) { _ = w.Erase(forms) })
	var all sync.WaitGroup
	for g := range 8 {
		all.Go(func() {
			for n := range 20 {
				s.Learn(fmt.Sprintf("a secret of goroutine %d-%d", g, n))
				if err := w.Call(some(n), s.Generation()); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()

	if _, got := read(t, dir); len(got) != 160 {
		t.Errorf("%d calls, want 160", len(got))
	}
}

func TestFullDiskIsToldOnce(t *testing.T) {
	t.Parallel()
	full, err := os.OpenFile("/dev/full", os.O_RDWR, 0)
	if err != nil {
		t.Skip("this system has no /dev/full")
	}
	s := &secret.Scrubber{}
	w := &Writer{secrets: s, file: full, limit: DefaultLimit}

	if err := w.Call(some(1), s.Generation()); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("error = %v, want no space left", err)
	}
	if err := w.Call(some(1), s.Generation()); err != nil {
		t.Errorf("second error = %v, want none", err)
	}
	if err := w.Erase([]string{"some secret"}); err != nil {
		t.Errorf("Erase = %v, want nothing", err)
	}
}

func TestCreateSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := Create(filepath.Join(file, "calls"), Head{}, &secret.Scrubber{})
	if err == nil || !strings.Contains(err.Error(), "making the folder of the call log: ") {
		t.Errorf("error = %v", err)
	}
}

func TestReadSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	const head = `{"t":"head","version":1}` + "\n"
	tests := map[string]struct{ in, want string }{
		"no call log":       {`{"t":"call"}` + "\n", "line 1: no call log: it does not begin with a head"},
		"another version":   {`{"t":"head","version":7}` + "\n", "is of version 7, and this tempest reads version 1"},
		"version and types": {`{"t":"head","version":7,"pid":"x"}` + "\n", "is of version 7,"},
		"no JSON":           {head + "hello\n", `line 2: invalid character 'h' looking for beginning of value in "hello"`},
		"wrong type":        {head + `{"t":"call","status":"x"}` + "\n", "line 2: json: cannot unmarshal string"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := Read(strings.NewReader(tt.in), func(Head, *Call) {})
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error = %v, want one with %q", err, tt.want)
			}
		})
	}
}

func TestUnknownKindsAndFieldsAreLeftOut(t *testing.T) {
	t.Parallel()
	in := `{"t":"head","version":1,"color":"red"}` + "\n" + `{"t":"future","x":[1]}` + "\n" +
		`{"t":"call","test":"T","new":1}` + "\n"
	n := 0
	if _, err := Read(strings.NewReader(in), func(_ Head, c *Call) { n++ }); err != nil || n != 1 {
		t.Errorf("%d calls, %v", n, err)
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(`{"t":"head","version":1}` + "\n" + `{"t":"call","test":"T","status":200}` + "\n"))
	f.Add([]byte(`{"t":"head","version":1}` + "\n" + `{"t":"limit","without":"calls"}` + "\n{"))
	f.Add([]byte("null\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := Read(bytes.NewReader(data), func(h Head, c *Call) {
			if _, err := json.Marshal(c); err != nil {
				t.Error(err)
			}
			_ = h.ID(c)
		})
		if (err == nil) == (file == nil) {
			t.Errorf("Read = %v, %v", file, err)
		}
	})
}

func BenchmarkCall(b *testing.B) {
	s := &secret.Scrubber{}
	w, err := Create(b.TempDir(), Head{Limit: 1 << 40}, s)
	if err != nil {
		b.Fatal(err)
	}
	defer w.Close()
	c := some(1)
	c.Received.Body = strings.Repeat(`{"id": "5ad5a1a6", "status": "ACTIVE"} `, 50)
	for b.Loop() {
		if err := w.Call(c, s.Generation()); err != nil {
			b.Fatal(err)
		}
	}
}
