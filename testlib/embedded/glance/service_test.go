package glance

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/gotempest/tempest/testlib/embedded/keystone"
)

const imageID = "12345678-1234-1234-1234-123456789012"

// client calls a service of its own as an administrator.
type client struct {
	service *Service
}

func newClient(tb testing.TB) *client {
	tb.Helper()
	s, err := New(Options{
		BaseURL: "http://image",
		Authenticate: func(*http.Request) (keystone.TokenInfo, bool) {
			return keystone.TokenInfo{UserID: "u", ProjectID: "p", Roles: []string{"admin"}}, true
		},
	})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(s.Close)
	return &client{service: s}
}

// send makes a request, whose body is JSON unless it is data for an image.
func (c *client) send(ctx context.Context, method, path string, body io.Reader) *httptest.ResponseRecorder {
	r := httptest.NewRequestWithContext(ctx, method, path, body)
	r.Header.Set("Content-Type", "application/json")
	if method == http.MethodPut {
		r.Header.Set("Content-Type", "application/octet-stream")
	}
	w := httptest.NewRecorder()
	c.service.ServeHTTP(w, r)
	return w
}

// call is send for a status that is wanted. It returns the object answered.
func (c *client) call(tb testing.TB, method, path, body string, status int) map[string]any {
	tb.Helper()
	w := c.send(tb.Context(), method, path, strings.NewReader(body))
	if w.Code != status {
		tb.Fatalf("%s %s: %d, want %d: %s", method, path, w.Code, status, w.Body)
	}
	var o map[string]any
	_ = json.Unmarshal(w.Body.Bytes(), &o) // what is no object has no members
	return o
}

// upload starts to send data for the image, and goes on when it is told how
// it ends.
func (c *client) upload(t *testing.T) (end func(error), status func() int) {
	t.Helper()
	c.call(t, "POST", "/v2/images", `{"id": "`+imageID+`", "disk_format": "raw", "container_format": "bare"}`, 201)
	body, writer := io.Pipe()
	answer := make(chan int, 1)
	go func() { answer <- c.send(t.Context(), "PUT", "/v2/images/"+imageID+"/file", body).Code }()
	if _, err := writer.Write([]byte("data")); err != nil {
		t.Fatal(err)
	}
	return func(err error) { _ = writer.CloseWithError(err) }, func() int { return <-answer } // it never fails
}

func TestServiceAnswersDuringAnUpload(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	end, status := c.upload(t)
	if got := c.call(t, "GET", "/v2/images/"+imageID, "", 200); got["status"] != saving {
		t.Errorf("status = %v, want %s", got["status"], saving)
	}
	c.call(t, "PUT", "/v2/images/"+imageID+"/file", "x", 409)
	end(nil)
	if got := status(); got != http.StatusNoContent {
		t.Errorf("upload: %d", got)
	}
	if got := c.call(t, "GET", "/v2/images/"+imageID, "", 200); got["size"] != 4.0 || got["status"] != active {
		t.Errorf("image = %v", got)
	}
}

func TestImageDeletedDuringItsUploadIsGone(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	end, status := c.upload(t)
	c.call(t, "DELETE", "/v2/images/"+imageID, "", 204)
	end(nil)
	if got := status(); got != http.StatusGone {
		t.Errorf("upload: %d, want %d", got, http.StatusGone)
	}
	c.call(t, "GET", "/v2/images/"+imageID, "", 404)
}

func TestUploadThatBreaksOffLeavesTheImageQueued(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	end, status := c.upload(t)
	end(io.ErrUnexpectedEOF)
	if got := status(); got != http.StatusBadRequest {
		t.Errorf("upload: %d, want %d", got, http.StatusBadRequest)
	}
	if got := c.call(t, "GET", "/v2/images/"+imageID, "", 200); got["size"] != nil || got["status"] != queued {
		t.Errorf("image = %v", got)
	}
	c.call(t, "PUT", "/v2/images/"+imageID+"/file", "again", 204)
}

// TestChangesAtOnceAreAllKept is for the race detector.
func TestChangesAtOnceAreAllKept(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	c.call(t, "POST", "/v2/images", `{"id": "`+imageID+`"}`, 201)
	const writers = 20
	var work sync.WaitGroup
	for n := range writers {
		work.Go(func() {
			c.send(t.Context(), "PUT", fmt.Sprintf("/v2/images/%s/tags/t%d", imageID, n), nil)
			c.send(t.Context(), "POST", "/v2/images/"+imageID+"/members", strings.NewReader(fmt.Sprintf(`{"member": "m%d"}`, n)))
			c.send(t.Context(), "GET", "/v2/images?limit=5", nil)
			c.send(t.Context(), "GET", "/v2/images/"+imageID+"/members", nil)
		})
	}
	work.Wait()
	if tags := c.call(t, "GET", "/v2/images/"+imageID, "", 200)["tags"].([]any); len(tags) != writers {
		t.Errorf("%d tags, want %d", len(tags), writers)
	}
	members := c.call(t, "GET", "/v2/images/"+imageID+"/members", "", 200)["members"].([]any)
	if len(members) != writers {
		t.Errorf("%d members, want %d", len(members), writers)
	}
}

func BenchmarkListOfAThousand(b *testing.B) {
	c := newClient(b)
	for n := range 1000 {
		c.call(b, "POST", "/v2/images", fmt.Sprintf(`{"name": "image-%d"}`, n), 201)
	}
	for b.Loop() {
		c.call(b, "GET", "/v2/images?limit=25", "", 200)
	}
}

func BenchmarkLifeOfAnImage(b *testing.B) {
	c := newClient(b)
	for b.Loop() {
		id, _ := c.call(b, "POST", "/v2/images", `{"disk_format": "raw", "container_format": "bare"}`, 201)["id"].(string)
		c.call(b, "PUT", "/v2/images/"+id+"/file", "data", 204)
		c.call(b, "GET", "/v2/images/"+id, "", 200)
		c.call(b, "GET", "/v2/images/"+id+"/file", "", 200)
		c.call(b, "DELETE", "/v2/images/"+id, "", 204)
	}
}
