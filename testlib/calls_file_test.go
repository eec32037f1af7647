package testlib

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/gotempest/tempest/internal/calls"
)

// callsIn returns the calls in the call logs in dir, and the text of these.
func callsIn(t *testing.T, dir string) (list []*calls.Call, text string) {
	t.Helper()
	files, err := calls.ReadDir(dir, func(_ calls.Head, c *calls.Call) { list = append(list, c) })
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		data, err := os.ReadFile(f.Name)
		if err != nil {
			t.Fatal(err)
		}
		text += string(data)
	}
	return list, text
}

func TestCallsAreWrittenToTheFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	e := newLogged(t, io.Discard, "log.calls="+dir, "log.body_limit=20")
	server := echo(t, 201)
	c := e.httpClient("project_member")
	const in = `{"user": {"name": "joe", "password": "open sesame now"}}`

	statusOf(send(t, c, http.MethodPost, server.URL+"/v3/users", "application/json", strings.NewReader(in)))
	statusOf(send(t, c, http.MethodGet, e.AuthURL()+"/users", "", nil))

	list, text := callsIn(t, dir)
	if len(list) != 2 {
		t.Fatalf("%d calls, want 2:\n%s", len(list), text)
	}
	first := list[0]
	if first.Test != "TestX/ä (1)" || first.Who != "project_member" || first.Method != "POST" || first.Status != 201 ||
		first.Request != "req-1" || !strings.HasPrefix(first.Global, "req-") || first.Service != "" || first.Seconds <= 0 {
		t.Errorf("call = %+v", first)
	}
	for _, m := range []*calls.Message{first.Sent, first.Received} {
		if m.Body != in[:20] || m.Size != int64(len(in)) || !m.Cut || m.Header.Get("Content-Type") != "application/json" {
			t.Errorf("message = %+v", m)
		}
	}
	if list[1].Service != "identity" || list[1].Status != 401 {
		t.Errorf("second call = %+v", list[1])
	}
	want(t, text, `"program":"github.com/gotempest/tempest/testlib"`, `"cloud":"the embedded cloud"`, "!open sesame")
}

// A password that the service makes is known for one when it is answered, and may stand in calls before.
func TestSecretsLearnedLateAreNotInTheFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	e := newLogged(t, io.Discard, "log.calls="+dir, "log.body_limit=60000")
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if r.Method == http.MethodPost {
			_, _ = io.WriteString(w, `{"server": {"adminPass": "8Bf<zT\"kQw1 xY"}, "note": "8Bf<zT\"kQw1 xY"}`)
			return
		}
		_, _ = io.WriteString(w, `{"value": "8Bf<zT\"kQw1 xY", "padding": "`+strings.Repeat("x", 3000)+`"}`)
	}))
	t.Cleanup(server.Close)
	c := e.httpClient("project_member")
	get := func() {
		statusOf(send(t, c, http.MethodGet, server.URL+"/?v=8Bf%3CzT%22kQw1+xY", "", nil))
	}

	get()
	_, before := callsIn(t, dir)
	statusOf(send(t, c, http.MethodPost, server.URL+"/servers", "application/json", strings.NewReader("{}")))
	get()

	list, after := callsIn(t, dir)
	want(t, before, "kQw1") // or the test would show nothing
	want(t, after, "!kQw1", "!8Bf")
	if len(list) != 3 {
		t.Errorf("%d calls, want 3", len(list))
	}
}

// The answer tells that a part of the request was a secret, through the middle of which the limit goes.
func TestSecretsAreRemovedBeforeBodiesAreCut(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	e := newLogged(t, io.Discard, "log.calls="+dir, "log.body_limit=20")
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"adminPass": "Kw3nNq8RrT51xYz"}`)
	}))
	t.Cleanup(server.Close)

	const in = `{"note": "x Kw3nNq8RrT51xYz"}`
	statusOf(send(t, e.HTTP(), http.MethodPost, server.URL, "application/json", strings.NewReader(in)))

	list, text := callsIn(t, dir)
	want(t, text, "!Kw3")
	if len(list) != 1 || list[0].Sent.Body != `{"note": "x ***"}` {
		t.Errorf("calls = %+v", list)
	}
}

func TestCallLogThatCannotBeMadeIsToldOnce(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	e := newLogged(t, &log, "log.calls="+file)
	server := echo(t, 200)
	for range 3 {
		if got := statusOf(send(t, e.HTTP(), http.MethodGet, server.URL, "", nil)); got != 200 {
			t.Errorf("status = %d", got)
		}
	}
	if n := strings.Count(log.String(), "making the folder of the call log: "); n != 1 {
		t.Errorf("the problem is told %d times, want once:\n%s", n, &log)
	}
}

// zeros is a body of n bytes that takes no memory.
type zeros struct{ n int64 }

func (z *zeros) Read(p []byte) (int, error) {
	if z.n <= 0 {
		return 0, io.EOF
	}
	n := min(int64(len(p)), z.n)
	z.n -= n
	return int(n), nil
}

func (z *zeros) Close() error { return nil }

// stream is a network that takes and gives bodies of any size.
type stream struct{ down int64 }

func (s stream) RoundTrip(r *http.Request) (*http.Response, error) {
	n := int64(0)
	if r.Body != nil {
		var err error
		if n, err = io.Copy(io.Discard, r.Body); err != nil {
			return nil, err
		}
	}
	return &http.Response{
		StatusCode: http.StatusOK, ContentLength: -1, Body: &zeros{s.down}, Request: r,
		Header: http.Header{"Content-Type": {"text/plain"}, "X-Sent": {fmt.Sprint(n)}},
	}, nil
}

// Bodies pass through all layers as they come.
func TestLargeBodiesTakeNoMemory(t *testing.T) { //nolint:paralleltest // measures the memory of the process
	const size = 1 << 30
	dir := t.TempDir()
	e := newLogged(t, io.Discard, "log.calls="+dir)
	c := e.newChain("project_member")
	c.next = &retrier{chain: c, next: &faultLayer{chain: c, next: &logLayer{next: stream{size}, log: e.log}}}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)

	r, err := http.NewRequestWithContext(t.Context(), http.MethodPut, "http://c/", &zeros{size})
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/octet-stream")
	resp, err := c.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	n, err := io.Copy(io.Discard, resp.Body)
	_ = resp.Body.Close()

	runtime.ReadMemStats(&after)
	if err != nil || n != size || resp.Header.Get("X-Sent") != fmt.Sprint(size) {
		t.Errorf("%d bytes came back of %s sent, %v", n, resp.Header.Get("X-Sent"), err)
	}
	if used := after.TotalAlloc - before.TotalAlloc; used > 4<<20 {
		t.Errorf("%d bytes were allocated for two bodies of %d", used, size)
	}
	if list, _ := callsIn(t, dir); len(list) != 1 || list[0].Sent.Size != size || list[0].Received.Size != -1 {
		t.Errorf("calls = %+v", list)
	}
}

// Text that comes bit by bit reaches the caller bit by bit.
func TestAnswersThatDripAreNotHeldBack(t *testing.T) {
	t.Parallel()
	more := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/plain")
		_, _ = io.WriteString(w, "first")
		w.(http.Flusher).Flush()
		select {
		case <-more:
		case <-r.Context().Done():
		}
		_, _ = io.WriteString(w, " second")
	}))
	t.Cleanup(server.Close)
	e := newLogged(t, io.Discard)

	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second) // so that what is held back fails, and does not hang
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := e.HTTP().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	first := make([]byte, 5)
	_, err = io.ReadFull(resp.Body, first)
	close(more)
	rest, restErr := io.ReadAll(resp.Body)

	if err != nil || restErr != nil || string(first)+string(rest) != "first second" {
		t.Errorf("body = %q, %v, then %q, %v", first, err, rest, restErr)
	}
}

// BenchmarkTransport compares calls with the call log in a file and without.
func BenchmarkTransport(b *testing.B) {
	const one = `{"id": "5ad5a1a6-1111-2222-3333-444455556666", "status": "ACTIVE"},`
	body := []byte(`{"servers": [` + strings.Repeat(one, 25) + `{}]}`)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("X-Openstack-Request-Id", "req-5ad5a1a6-1111-2222-3333-444455556666")
		_, _ = w.Write(body)
	}))
	b.Cleanup(server.Close)
	for _, name := range []string{"bare", "log", "log and file"} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			client := &http.Client{}
			if name != "bare" {
				var options []string
				if name == "log and file" {
					options = append(options, "log.calls="+b.TempDir())
				}
				client = newLogged(b, io.Discard, options...).HTTP()
			}
			for b.Loop() {
				r, err := http.NewRequestWithContext(b.Context(), http.MethodGet, server.URL+"/v2.1/servers", http.NoBody)
				if err != nil {
					b.Fatal(err)
				}
				r.Header.Set("X-Auth-Token", "gAAAAABsome-token-that-is-long-enough")
				resp, err := client.Do(r)
				if err != nil {
					b.Fatal(err)
				}
				statusOf(resp)
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "calls/s")
		})
	}
}
