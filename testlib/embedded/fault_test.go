package embedded_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gotempest/tempest/testlib/embedded"
)

func TestInject(t *testing.T) {
	t.Parallel()
	c := start(t)
	token := identity(t, c).Token()
	url := c.AuthURL() + "/users"

	remove := c.Inject(embedded.Fault{Path: "/v3/users/...", Status: http.StatusServiceUnavailable})
	if got := get(t, url, token); got != http.StatusServiceUnavailable {
		t.Errorf("a broken path was answered %d, want 503", got)
	}
	if got := get(t, url+"/x", token); got != http.StatusServiceUnavailable {
		t.Errorf("a path below a broken one was answered %d, want 503", got)
	}
	if got := get(t, c.AuthURL()+"/projects", token); got != http.StatusOK {
		t.Errorf("another path was answered %d, want 200", got)
	}
	remove()
	if got := get(t, url, token); got != http.StatusOK {
		t.Errorf("the path was answered %d after the fault was removed, want 200", got)
	}

	c.Inject(embedded.Fault{Method: http.MethodGet, Path: "/v3/*", Status: http.StatusTooManyRequests, Times: 2})
	for _, want := range []int{http.StatusTooManyRequests, http.StatusTooManyRequests, http.StatusOK} {
		if got := get(t, url, token); got != want {
			t.Errorf("with a fault for two times, got %d, want %d", got, want)
		}
	}
}

func TestInjectCutsTheConnection(t *testing.T) {
	t.Parallel()
	c := start(t)
	c.Inject(embedded.Fault{Cut: true, Times: 1})
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}} // so that nothing is retried

	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, c.AuthURL(), nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := client.Do(req)
	if err == nil {
		_ = resp.Body.Close()
		t.Fatalf("a cut connection was answered %s", resp.Status)
	}
	if !errors.Is(err, io.EOF) {
		t.Errorf("error = %v, want EOF", err)
	}
}

func TestInjectDelays(t *testing.T) {
	t.Parallel()
	c := start(t)
	c.Inject(embedded.Fault{Delay: time.Hour, Times: 2})
	synctest.Test(t, func(t *testing.T) {
		serve := func(ctx context.Context) (status int, elapsed time.Duration) {
			begin := time.Now()
			w := httptest.NewRecorder()
			c.ServeHTTP(w, httptest.NewRequestWithContext(ctx, http.MethodGet, "/v3", nil))
			return w.Code, time.Since(begin)
		}

		if status, elapsed := serve(t.Context()); status != http.StatusOK || elapsed != time.Hour {
			t.Errorf("answered %d after %s, want 200 after an hour", status, elapsed)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if _, elapsed := serve(ctx); elapsed != time.Minute {
			t.Errorf("a client that went after a minute was kept for %s", elapsed)
		}
	})
}

func TestInjectRefusesABadPattern(t *testing.T) {
	t.Parallel()
	c := start(t)
	defer func() {
		if recover() == nil {
			t.Error("Inject took a malformed pattern")
		}
	}()

	c.Inject(embedded.Fault{Path: "/v3/[users"})
}
