package data

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// served starts a server with one file, and returns the file's URL.
func served(t *testing.T, f File) (*Server, string) {
	t.Helper()
	s, err := NewServer(t.Context(), ServerOptions{Log: t.Logf})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s, s.Add("image.raw", f)
}

// fetch returns the status and the content of a URL.
func fetch(t *testing.T, method, url string, header ...string) (*http.Response, string, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(req)
	if err != nil {
		return nil, "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return resp, string(body), err
}

func TestServerAnswers(t *testing.T) {
	t.Parallel()
	blob := NewBlob(New(1, "TestA"), 100_000)
	all, _ := io.ReadAll(blob.Reader())
	tests := map[string]struct {
		method string
		header []string
		status int
		want   string
	}{
		"everything":            {"GET", nil, http.StatusOK, string(all)},
		"a range":               {"GET", []string{"Range", "bytes=10-19"}, http.StatusPartialContent, string(all[10:20])},
		"the end":               {"GET", []string{"Range", "bytes=-5"}, http.StatusPartialContent, string(all[len(all)-5:])},
		"a range past the end":  {"GET", []string{"Range", "bytes=100000-"}, http.StatusRequestedRangeNotSatisfiable, "*"},
		"its size":              {"HEAD", nil, http.StatusOK, ""},
		"what is there already": {"GET", []string{"If-None-Match", "*"}, http.StatusNotModified, ""},
	}
	s, url := served(t, File{Data: blob})
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			resp, body, err := fetch(t, tt.method, url, tt.header...)
			if err != nil || resp.StatusCode != tt.status || tt.want != "*" && body != tt.want {
				t.Errorf("%v: status %d, %d bytes; want %d, %d bytes", err, resp.StatusCode, len(body), tt.status, len(tt.want))
			}
			if tt.status == http.StatusOK && resp.ContentLength != int64(len(all)) {
				t.Errorf("Content-Length %d, want %d", resp.ContentLength, len(all))
			}
		})
	}
	if resp, _, err := fetch(t, "GET", strings.Replace(url, "image", "other", 1)); err != nil || resp.StatusCode != 404 {
		t.Errorf("another path: %v, %v, want 404", resp, err)
	}
	if n := len(s.Requests()); n != len(tests)+1 {
		t.Errorf("%d requests noted, want %d", n, len(tests)+1)
	}
}

func TestServerGivesContent(t *testing.T) {
	t.Parallel()
	s, url := served(t, File{Content: []byte("heat_template_version: 2021-04-16\n")})
	resp, body, err := fetch(t, "GET", url)
	if err != nil || body != "heat_template_version: 2021-04-16\n" {
		t.Errorf("got %q, %v", body, err)
	}
	s.Add("image.raw", File{Content: []byte{}})
	again, body, err := fetch(t, "GET", url, "If-None-Match", resp.Header.Get("ETag"))
	if err != nil || again.StatusCode != http.StatusOK || body != "" {
		t.Errorf("another content: %v, %q, %v", again, body, err)
	}
}

func TestServerFailsAsOrdered(t *testing.T) {
	t.Parallel()
	s, url := served(t, File{Data: NewBlob(New(1, "TestA"), 1000), Statuses: []int{503, 404}})
	for i, want := range []int{503, 404, 200, 200} {
		resp, body, err := fetch(t, "GET", url, "User-Agent", "glance")
		if err != nil || resp.StatusCode != want || (want == 200) != (len(body) == 1000) {
			t.Errorf("request %d: %v, %v, %d bytes; want %d", i, resp, err, len(body), want)
		}
	}
	got := s.Requests()
	want := Request{Method: "GET", Path: "/image.raw", UserAgent: "glance", Status: 200, Sent: 1000}
	if len(got) != 4 || got[0].Status != 503 || got[3] != want {
		t.Errorf("requests = %+v", got)
	}
}

func TestServerCutsOff(t *testing.T) {
	t.Parallel()
	s, url := served(t, File{Data: NewBlob(New(1, "TestA"), 100_000), CutAfter: 50_001})
	resp, body, err := fetch(t, "GET", url)
	if err == nil || resp.ContentLength != 100_000 || len(body) != 50_001 {
		t.Errorf("got %d of %d bytes, %v; want 50001 and an error", len(body), resp.ContentLength, err)
	}
	if got := s.Requests(); len(got) != 1 || got[0].Sent != 50_001 {
		t.Errorf("requests = %+v", got)
	}
}

func TestServerKeepsARate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newServer("", nil)
		s.Add("slow", File{Data: NewBlob(New(1, "TestA"), 10_000), Rate: 1000, Delay: time.Minute})
		w := httptest.NewRecorder()
		start := time.Now()

		s.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), "GET", "/slow", nil))

		if d := time.Since(start) - time.Minute; d < 9900*time.Millisecond || d > 10100*time.Millisecond {
			t.Errorf("10,000 bytes at 1,000 a second took %s", d)
		}
		if w.Body.Len() != 10_000 {
			t.Errorf("sent %d bytes", w.Body.Len())
		}
	})
}

func TestServerStopsWithItsClient(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newServer("", nil)
		s.Add("slow", File{Data: NewBlob(New(1, "TestA"), 1<<40), Rate: 1000})
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		w := httptest.NewRecorder()

		s.ServeHTTP(w, httptest.NewRequestWithContext(ctx, "GET", "/slow", nil))

		if n := w.Body.Len(); n < 4900 || n > 5100 {
			t.Errorf("sent %d bytes in 5 s", n)
		}
	})
}

func TestServerEndsWhatItSends(t *testing.T) {
	t.Parallel()
	s, url := served(t, File{Data: NewBlob(New(1, "TestA"), 1<<40)})
	req, _ := http.NewRequestWithContext(t.Context(), "GET", url, nil)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if err := s.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
	if _, err := io.Copy(io.Discard, resp.Body); err == nil {
		t.Error("the answer came to its end")
	}
}

func TestServerWaitsForItsPort(t *testing.T) {
	t.Parallel()
	first, url := served(t, File{})
	address := strings.TrimSuffix(strings.TrimPrefix(url, "http://"), "/image.raw")
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if _, err := NewServer(ctx, ServerOptions{Address: address}); !errors.Is(err, syscall.EADDRINUSE) {
		t.Errorf("error = %v, want EADDRINUSE", err)
	}

	time.AfterFunc(10*time.Millisecond, func() { first.Close() })
	second, err := NewServer(t.Context(), ServerOptions{Address: address})
	if err != nil {
		t.Fatal(err)
	}
	second.Close()
}

func TestServerAddress(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		address, host, port string // host is empty for an error
	}{
		"default":           {"", "127.0.0.1", "0"},
		"IPv4":              {"192.0.2.7", "192.0.2.7", "0"},
		"IPv4 and port":     {"192.0.2.7:8000", "192.0.2.7", "8000"},
		"IPv6":              {"2001:db8::7", "2001:db8::7", "0"},
		"IPv6 in brackets":  {"[2001:db8::7]", "2001:db8::7", "0"},
		"IPv6 and port":     {"[2001:db8::7]:8000", "2001:db8::7", "8000"},
		"name":              {"tester.example.org", "tester.example.org", "0"},
		"name and port":     {"tester.example.org:8000", "tester.example.org", "8000"},
		"no port":           {"192.0.2.7:", "", ""},
		"no number":         {"192.0.2.7:http", "", ""},
		"no number so high": {"192.0.2.7:65536", "", ""},
		"a URL":             {"http://192.0.2.7/", "", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			host, port, err := splitAddress(tt.address)
			if host != tt.host || port != tt.port || (err != nil) != (tt.host == "") {
				t.Errorf("splitAddress(%q) = %q, %q, %v", tt.address, host, port, err)
			}
		})
	}
	if _, err := NewServer(t.Context(), ServerOptions{Address: "127.0.0.1:x"}); err == nil {
		t.Error("NewServer took a port that is none")
	}
	s, err := NewServer(t.Context(), ServerOptions{Address: "tester.example.org"})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if url := s.Add("x", File{}); !strings.HasPrefix(url, "http://tester.example.org:") {
		t.Errorf("URL = %s", url)
	}
}
