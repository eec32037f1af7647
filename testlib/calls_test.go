package testlib

import (
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gotempest/tempest/internal/cloud"
	"github.com/gotempest/tempest/testlib/config"
)

// logged returns a client, and the log that its calls go into.
func logged(t *testing.T, bodies string) (*http.Client, *bytes.Buffer) {
	t.Helper()
	var log bytes.Buffer
	e := newLogged(t, &log)
	e.session.Core.Log.Bodies = bodies
	return e.httpClient("project_member"), &log
}

// newLogged returns a test on the embedded cloud that makes no users, and whose log goes into log. The options are
// of the form group.option=value.
func newLogged(tb testing.TB, log io.Writer, options ...string) *Env {
	tb.Helper()
	env := []string{"TEMPEST_CONFIG=-"}
	for _, o := range options {
		env = append(env, config.EnvName(o))
	}
	values, err := config.Read(config.Options{Env: env})
	if err != nil {
		tb.Fatal(err)
	}
	core, err := config.Decode[config.Core](values)
	if err != nil {
		tb.Fatal(err)
	}
	core.Auth.Cloud = "embedded"
	connection, err := cloud.Open(tb.Context(), core)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(connection.Close)
	s := &session{Session: connection, values: values}
	s.openCalls()
	e := &Env{session: s, log: newCallLog(log, s, "TestX/ä (1)")}
	e.T, _ = tb.(*testing.T)
	return e
}

// send makes a call that must be answered.
func send(t *testing.T, c *http.Client, method, url, contentType string, body io.Reader) *http.Response {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, body)
	if err != nil {
		t.Fatal(err)
	}
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	resp, err := c.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	return resp
}

// echo answers with what it was sent.
func echo(t *testing.T, status int) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		w.Header().Set("Content-Type", r.Header.Get("Content-Type"))
		w.Header().Set("X-Compute-Request-Id", "req-1")
		w.Header().Set("X-Agent", r.UserAgent())
		w.WriteHeader(status)
		if _, err := w.Write(body); err != nil {
			t.Error(err)
		}
	}))
	t.Cleanup(server.Close)
	return server
}

func TestCallsAreLogged(t *testing.T) {
	t.Parallel()
	const in = `{"user": {"name": "joe", "password": "open sesame now"}, "comment": "open sesame now"}`
	const shown = `{"user": {"name": "joe", "password": "***"}, "comment": "***"}`
	tests := map[string]struct {
		bodies string
		status int
		want   []string
	}{
		"success": {"errors", 200, []string{": 200 in ", " as project_member", " req-1\n", "!joe", "!> "}},
		"failure": {"errors", 404, []string{
			": 404 in ", "  > " + shown, "  < " + shown, "  > Content-Type: application/json",
		}},
		"all bodies": {"all", 200, []string{"  > " + shown, "  < " + shown}},
		"no bodies":  {"none", 500, []string{": 500 in ", "!joe"}},
		"user agent": {"all", 201, []string{"< X-Agent: tempest/devel (github.com/gotempest/tempest/testlib.TestX/___1_)\n"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, log := logged(t, tt.bodies)
			server := echo(t, tt.status)

			resp := send(t, client, http.MethodPost, server.URL+"/v3/users?x=1", "application/json", strings.NewReader(in))
			defer resp.Body.Close()
			body, err := io.ReadAll(resp.Body)

			if err != nil || string(body) != in {
				t.Errorf("body = %q, %v, want it unchanged", body, err)
			}
			want(t, log.String(), append(tt.want, "POST "+server.URL+"/v3/users?x=1", "!open sesame")...)
		})
	}
}

func TestPayloadsAreNotLogged(t *testing.T) {
	t.Parallel()
	for _, status := range []int{200, 400} {
		client, log := logged(t, "all")
		url := echo(t, status).URL + "/v1/secrets/1"
		resp := send(t, client, http.MethodPut, url, "text/plain", strings.NewReader("sesame"))
		resp.Body.Close()
		want(t, log.String(), "  > *** (6 bytes)")
		if status == http.StatusOK {
			want(t, log.String(), "  < *** (6 bytes)", "!sesame")
		}
	}
}

func TestLargeBodiesPassUnchanged(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"application/json", "application/octet-stream"} {
		client, log := logged(t, "all")
		in := strings.Repeat("0123456789", maxBody/5)

		resp := send(t, client, http.MethodPost, echo(t, 200).URL, kind, struct{ io.Reader }{strings.NewReader(in)})
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)

		if err != nil || string(body) != in {
			t.Errorf("%d bytes came back as %d, %v", len(in), len(body), err)
		}
		if n := log.Len(); n > 3*4096 {
			t.Errorf("%d bytes are logged for a body of %s", n, kind)
		}
	}
}

func TestBodyThatBreaksOffBreaksForTheCallerToo(t *testing.T) {
	t.Parallel()
	client, log := logged(t, "all")
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Length", "100")
		_, _ = io.WriteString(w, `{"half": `)
	}))
	t.Cleanup(server.Close)

	resp := send(t, client, http.MethodGet, server.URL, "", nil)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)

	if !errors.Is(err, io.ErrUnexpectedEOF) || string(body) != `{"half": ` {
		t.Errorf("body = %q, %v, want the first half and an unexpected EOF", body, err)
	}
	want(t, log.String(), `< {"half":`)
}

func TestFailedCallsAreLogged(t *testing.T) {
	t.Parallel()
	client, log := logged(t, "errors")
	server := echo(t, 200)
	server.Close()

	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := client.Do(r)

	if err == nil {
		resp.Body.Close()
		t.Error("the call succeeded")
	}
	want(t, log.String(), "GET "+server.URL, "connection refused after ")
}

func TestConnectionsAreKept(t *testing.T) {
	t.Parallel()
	client, _ := logged(t, "errors")
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	connections := make(chan struct{}, 100)
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			connections <- struct{}{}
		}
	}
	server.Start()
	t.Cleanup(server.Close)
	for range 10 {
		resp := send(t, client, http.MethodGet, server.URL, "", nil)
		if _, err := io.Copy(io.Discard, resp.Body); err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
	}
	if n := len(connections); n != 1 {
		t.Errorf("10 calls took %d connections, want 1", n)
	}
}
