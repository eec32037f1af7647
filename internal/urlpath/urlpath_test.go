package urlpath

import "testing"

func TestFits(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		pattern, path string
		want          bool
	}{
		{"", "/v3/users", true},
		{"/v3/users", "/v3/users", true},
		{"/v3/users", "/v3/users/1", false},
		{"/v3/users/*", "/v3/users/1", true},
		{"/v3/users/*", "/v3/users", false},
		{"/v3/users/*", "/v3/users/1/projects", false},
		{"/v3/users/...", "/v3/users", true},
		{"/v3/users/...", "/v3/users/1/projects", true},
		{"/v3/users/...", "/v3/users2", false},
		{"/v3/[", "/v3/[", false},
	} {
		if got := Fits(tt.pattern, tt.path); got != tt.want {
			t.Errorf("Fits(%q, %q) = %v, want %v", tt.pattern, tt.path, got, tt.want)
		}
	}
}
