package swift_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/gotempest/tempest/testlib/embedded/swift"
)

func TestCrossDomainPolicyIsServedWhereThereIsOne(t *testing.T) {
	const policy = `<allow-access-from domain="*" secure="false" />`
	const file = "<?xml version=\"1.0\"?>\n<!DOCTYPE cross-domain-policy SYSTEM " +
		"\"http://www.adobe.com/xml/dtds/cross-domain-policy.dtd\" >\n<cross-domain-policy>\n" +
		policy + "\n</cross-domain-policy>"
	for name, tt := range map[string]struct {
		policy, method string
		status         int
		body           string
		listed         bool
	}{
		"on":           {policy, http.MethodGet, http.StatusOK, file, true},
		"other method": {policy, http.MethodPut, http.StatusPreconditionFailed, "Bad URL", true},
		"off":          {"", http.MethodGet, http.StatusPreconditionFailed, "Bad URL", false},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := swift.New(swift.Options{CrossDomainPolicy: tt.policy})
			if err != nil {
				t.Fatal(err)
			}

			got := serve(t, s, tt.method, "/crossdomain.xml")
			info := serve(t, s, http.MethodGet, "/info")

			if got.Code != tt.status || got.Body.String() != tt.body {
				t.Errorf("answer = %d %q, want %d %q", got.Code, got.Body, tt.status, tt.body)
			}
			var listed map[string]any
			if err := json.Unmarshal(info.Body.Bytes(), &listed); err != nil {
				t.Fatalf("reading /info: %v", err)
			}
			if _, ok := listed["crossdomain"]; ok != tt.listed {
				t.Errorf("/info lists crossdomain: %t, want %t", ok, tt.listed)
			}
		})
	}
}

func serve(t *testing.T, h http.Handler, method, path string) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), method, path, http.NoBody))
	return w
}
