package testlib

import (
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/tokens"

	"github.com/gotempest/tempest/internal/cloud"
	"github.com/gotempest/tempest/internal/ledger"
	"github.com/gotempest/tempest/internal/secret"
)

// BenchmarkLedger compares pairs of calls, a POST and a DELETE of what it made, with and without a ledger on
// disk, and reads, which the ledger does not note.
func BenchmarkLedger(b *testing.B) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		switch r.Method {
		case http.MethodPost:
			w.WriteHeader(http.StatusCreated)
			_, _ = io.WriteString(w, `{"network":{"id":"5ad5a1a6-8a5c-4c4d-9d1f-0d4c53c0a0d2","name":"n"}}`)
		case http.MethodDelete:
			w.WriteHeader(http.StatusNoContent)
		}
	}))
	defer server.Close()
	s := &session{Session: &cloud.Session{Secrets: &secret.Scrubber{}}}
	s.openLedger()
	s.books.noDir = nil
	s.books.writer = ledger.NewWriter(filepath.Join(b.TempDir(), "run"), ledger.Head{Run: "run"})
	s.books.endpoints.learn(&tokens.ServiceCatalog{Entries: []tokens.CatalogEntry{
		{Type: "network", Endpoints: []tokens.Endpoint{{URL: server.URL}}}}})
	e := &Env{T: &testing.T{}, session: s}
	direct := http.DefaultTransport
	noted := s.books.layer(e, "project_member", direct)
	pair := []string{"POST /v2.0/networks", "DELETE /v2.0/networks/5ad5a1a6-8a5c-4c4d-9d1f-0d4c53c0a0d2"}
	for _, c := range []struct {
		name  string
		way   http.RoundTripper
		calls []string
	}{
		{"pairs without", direct, pair}, {"pairs with", noted, pair},
		{"reads without", direct, []string{"GET /v2.0/networks"}}, {"reads with", noted, []string{"GET /v2.0/networks"}},
	} {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				for _, call := range c.calls {
					do(b, c.way, server.URL, call)
				}
			}
			b.ReportMetric(float64(b.N*len(c.calls))/b.Elapsed().Seconds(), "calls/s")
		})
	}
}

func do(b *testing.B, way http.RoundTripper, base, call string) {
	b.Helper()
	method, path, _ := strings.Cut(call, " ")
	r, err := http.NewRequestWithContext(b.Context(), method, base+path, strings.NewReader(`{"network":{"name":"n"}}`))
	if err != nil {
		b.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	resp, err := way.RoundTrip(r)
	if err != nil {
		b.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, resp.Body)
	resp.Body.Close()
}
