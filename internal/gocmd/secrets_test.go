package gocmd_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/gotempest/tempest/internal/gocmd"
)

func TestNoGoCommandGetsSecrets(t *testing.T) {
	env := []string{
		"PATH=/bin", "OS_PASSWORD=a", "OS_USERNAME=b", "OS_APPLICATION_CREDENTIAL_SECRET=c", "GITHUB_TOKEN=d",
		"TEMPEST_AUTH__ALT_PASSWORD=e", "TEMPEST_RUN_ID=f", "OS_PASSWORD", "os_token=g",
		"TEMPEST_NOTES__API_KEY=h", "TEMPEST_KEY_MANAGER__REGION=i",
	}

	got := gocmd.Secrets(env)

	want := []string{
		"OS_PASSWORD=a", "OS_APPLICATION_CREDENTIAL_SECRET=c", "TEMPEST_AUTH__ALT_PASSWORD=e", "OS_PASSWORD", "os_token=g",
		"TEMPEST_NOTES__API_KEY=h",
	}
	if !slices.Equal(got, want) {
		t.Errorf("Secrets = %q, want %q", got, want)
	}
	cmd := gocmd.Cmd{Env: env, Extra: []string{"OS_PASSCODE=h"}}.Command(t.Context())
	if left := gocmd.Secrets(cmd.Env); len(left) > 0 || !slices.Contains(cmd.Env, "GITHUB_TOKEN=d") {
		t.Errorf("the go command gets %q, want all but secrets of the cloud", cmd.Env)
	}
	t.Setenv("OS_PASSWORD", "of the user")
	for _, kv := range (gocmd.Cmd{}).Command(t.Context()).Env {
		if strings.Contains(kv, "of the user") {
			t.Errorf("the go command gets %s", kv)
		}
	}
}
