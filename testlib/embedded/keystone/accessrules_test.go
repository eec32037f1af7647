package keystone

import (
	"net/http"
	"strings"
	"testing"
)

func TestMatchParts(t *testing.T) {
	t.Parallel()
	tests := []struct {
		rule, path string
		want       bool
	}{
		{"/v1/secrets", "/v1/secrets", true},
		{"/v1/secrets", "/v1/secrets/", true},
		{"/v1/secrets", "/v1/orders", false},
		{"/v1/secrets", "/v1/secrets/1", false},
		{"/v1/secrets/*", "/v1/secrets/1", true},
		{"/v1/secrets/*", "/v1/secrets", false},
		{"/v1/secrets/*", "/v1/secrets/1/payload", false},
		{"/v1/secrets/{id}/payload", "/v1/secrets/1/payload", true},
		{"/v1/**", "/v1/secrets/1/payload", true},
		{"/**/payload", "/v1/secrets/1/payload", true},
		{"/**/payload", "/v1/secrets/1", false},
		{"**", "/", true},
	}
	for _, tt := range tests {
		if got := matchParts(parts(tt.rule), parts(tt.path)); got != tt.want {
			t.Errorf("rule %q allows %q = %v, want %v", tt.rule, tt.path, got, tt.want)
		}
	}
}

// Keystone does not look whose rule it is that a credential names.
//
// Source: seen with Keystone 22
func TestAccessRuleOfOthers(t *testing.T) {
	t.Parallel()
	s, admin := newService(t)
	s.accessRules.put(object{"id": "rule", "user_id": "other", "service": "image", "path": "/", "method": "GET"})
	body := `{"application_credential": {"name": "mine", "access_rules": [{"id": "rule"}]}}`

	w := call(t, s, http.MethodPost, s.fill("/v3/users/{user}/application_credentials"), admin, body)
	if w.Code != http.StatusCreated || !strings.Contains(w.Body.String(), `"id":"rule"`) {
		t.Errorf("a credential with the rule of another user: %d %s", w.Code, w.Body)
	}
}
