package keystone

import "testing"

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
