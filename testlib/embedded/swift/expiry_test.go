package swift

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gotempest/tempest/testlib/embedded/keystone"
)

// clock is a time that a test sets.
type clock struct{ atomic.Int64 }

func (c *clock) now() time.Time           { return time.Unix(0, c.Load()) }
func (c *clock) forward(by time.Duration) { c.Add(int64(by)) }

// newService returns a service whose caller owns the account AUTH_p, and its
// clock.
func newService(tb testing.TB) (*Service, *clock) {
	tb.Helper()
	c := &clock{}
	c.Store(time.Date(2026, 11, 22, 18, 0, 0, 0, time.UTC).UnixNano())
	s, err := New(Options{Now: c.now, Authenticate: func(*http.Request) (keystone.TokenInfo, bool) {
		return keystone.TokenInfo{UserID: "u", ProjectID: "p", ProjectDomainID: "default", Roles: []string{"member"}}, true
	}})
	if err != nil {
		tb.Fatal(err)
	}
	return s, c
}

// do makes a request of the owner, with headers as in "X-Delete-After: 5".
func (s *Service) do(tb testing.TB, method, path, body string, headers ...string) *http.Response {
	tb.Helper()
	r := httptest.NewRequestWithContext(tb.Context(), method, "/v1/AUTH_p"+path, strings.NewReader(body))
	r.Header.Set("X-Auth-Token", "token")
	for _, h := range headers {
		key, value, _ := strings.Cut(h, ": ")
		r.Header.Set(key, value)
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w.Result()
}

func TestObjectsExpireInTime(t *testing.T) {
	s, c := newService(t)
	s.do(t, http.MethodPut, "/c", "")
	s.do(t, http.MethodPut, "/c/o", "data", "X-Delete-After: 10")
	s.do(t, http.MethodPut, "/c/later", "data", "X-Delete-After: 10")
	s.do(t, http.MethodPost, "/c/later", "", "X-Delete-After: 1000")
	c.forward(9 * time.Second)
	if got := s.do(t, http.MethodGet, "/c/o", "").StatusCode; got != http.StatusOK {
		t.Fatalf("GET of an object before its time = %d, want 200", got)
	}

	c.forward(time.Second)

	for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPost} {
		if got := s.do(t, method, "/c/o", "").StatusCode; got != http.StatusNotFound {
			t.Errorf("%s of an object after its time = %d, want 404", method, got)
		}
	}
	wantListed(t, s, "later\no\n", "8") // until the expirer comes
	c.forward(expirerInterval * time.Second)
	wantListed(t, s, "later\n", "4")
}

// wantListed wants the container c to have that listing and that many bytes.
func wantListed(tb testing.TB, s *Service, want, bytes string) {
	tb.Helper()
	list, err := io.ReadAll(s.do(tb, http.MethodGet, "/c", "").Body)
	if err != nil || string(list) != want {
		tb.Errorf("listing = %q, %v, want %q", list, err, want)
	}
	if used := s.do(tb, http.MethodHead, "/c", "").Header.Get("X-Container-Bytes-Used"); used != bytes {
		tb.Errorf("bytes used = %s, want %s", used, bytes)
	}
}

func TestTimestampsGrow(t *testing.T) {
	s, _ := newService(t) // its clock stands
	s.do(t, http.MethodPut, "/c", "")
	last := ""
	for range 3 {
		s.do(t, http.MethodPut, "/c/o", "data")
		now := s.do(t, http.MethodHead, "/c/o", "").Header.Get("X-Timestamp")
		if now <= last {
			t.Errorf("X-Timestamp = %s after %s", now, last)
		}
		last = now
	}
}

func BenchmarkObjects(b *testing.B) {
	s, _ := newService(b)
	s.do(b, http.MethodPut, "/c", "")
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			s.do(b, http.MethodPut, "/c/o", "data")
			s.do(b, http.MethodGet, "/c/o", "")
		}
	})
}
