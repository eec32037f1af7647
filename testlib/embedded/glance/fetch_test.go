package glance

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
)

func TestImagesAreNotFetchedFromEverywhere(t *testing.T) {
	t.Parallel()
	tests := []struct {
		uri   string
		local bool
		want  string // empty: refused
	}{
		{"http://192.0.2.7/x", false, "192.0.2.7:80"},
		{"https://192.0.2.7/x", false, "192.0.2.7:443"},
		{"https://[2001:db8::1]:80/x", false, "[2001:db8::1]:80"},
		{"http://192.0.2.7:8080/x", false, ""},
		{"http://127.0.0.1/x", false, ""},
		{"http://[::1]/x", false, ""},
		{"http://[::ffff:127.0.0.1]/x", false, ""},
		{"http://169.254.169.254/x", false, ""},
		{"ftp://192.0.2.7/x", false, ""},
		{"file:///etc/passwd", false, ""},
		{"/x", false, ""},
		{"http://127.0.0.1:8080/x", true, "127.0.0.1:8080"},
		{"ftp://127.0.0.1/x", true, ""},
	}
	for _, tt := range tests {
		uri, err := url.Parse(tt.uri)
		if err != nil {
			t.Fatal(err)
		}
		got, err := Options{LocalImports: tt.local}.dialAddress(t.Context(), uri)
		if got != tt.want || (tt.want == "") != errors.Is(err, errFiltered) {
			t.Errorf("%s: %q, %v, want %q", tt.uri, got, err, tt.want)
		}
	}
}

func TestImagesAreFetchedFromThisMachineWhereThatIsAllowed(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/image" {
			http.NotFound(w, r)
			return
		}
		_, _ = w.Write([]byte("data")) // what does not arrive is missed below
	}))
	t.Cleanup(server.Close)
	local := Options{LocalImports: true}
	if data, err := local.download(t.Context(), server.URL+"/image"); err != nil || string(data) != "data" {
		t.Errorf("downloaded %q, %v", data, err)
	}
	if _, err := local.download(t.Context(), server.URL+"/nosuch"); err == nil {
		t.Error("a page that is not there counts as an image")
	}
	if _, err := (Options{}).download(t.Context(), server.URL+"/image"); !errors.Is(err, errFiltered) {
		t.Errorf("downloading from loopback: %v, want that it is refused", err)
	}
}

// startFetch makes a service with an image that is being fetched by fetch.
func startFetch(t *testing.T, fetch func(context.Context, string) ([]byte, error)) *client {
	t.Helper()
	c := newClient(t)
	c.service.fetch = fetch
	c.call(t, "POST", "/v2/images", `{"id": "`+imageID+`", "disk_format": "raw", "container_format": "bare"}`, 201)
	c.call(t, "POST", "/v2/images/"+imageID+"/import",
		`{"method": {"name": "web-download", "uri": "http://192.0.2.7/x"}}`, 202)
	return c
}

func TestFetchedImageIsActive(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	c := startFetch(t, func(context.Context, string) ([]byte, error) {
		<-release
		return []byte("data"), nil
	})
	got := c.call(t, "GET", "/v2/images/"+imageID, "", 200)
	if got["status"] != importing || got[importingTo] != storeName {
		t.Errorf("image while it is fetched = %v", got)
	}
	c.call(t, "POST", "/v2/images/"+imageID+"/import",
		`{"method": {"name": "web-download", "uri": "http://192.0.2.7/x"}}`, 409)
	close(release)
	c.service.work.Wait()
	got = c.call(t, "GET", "/v2/images/"+imageID, "", 200)
	if got["status"] != active || got["size"] != 4.0 || got[importingTo] != "" || got[importTask] != nil {
		t.Errorf("image when it is there = %v", got)
	}
}

func TestImageThatCannotBeFetchedIsQueued(t *testing.T) {
	t.Parallel()
	c := startFetch(t, func(context.Context, string) ([]byte, error) { return nil, errors.New("no route") })
	c.service.work.Wait()
	got := c.call(t, "GET", "/v2/images/"+imageID, "", 200)
	if got["status"] != queued || got[failedImport] != storeName {
		t.Errorf("image = %v", got)
	}
	tasks := c.call(t, "GET", "/v2/images/"+imageID+"/tasks", "", 200)["tasks"].([]any)
	if task, _ := tasks[0].(map[string]any); task["status"] != taskFailure || task["message"] == "" {
		t.Errorf("task = %v", task)
	}
}

func TestCloseEndsAFetch(t *testing.T) {
	t.Parallel()
	c := startFetch(t, func(ctx context.Context, _ string) ([]byte, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	})
	c.service.Close()
	c.service.Close()
	if got := c.call(t, "GET", "/v2/images/"+imageID, "", 200); got["status"] != queued {
		t.Errorf("image = %v", got)
	}
}
