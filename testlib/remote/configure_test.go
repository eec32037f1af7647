package remote_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gotempest/tempest/testlib/config"
	"github.com/gotempest/tempest/testlib/remote"
)

func TestConfigured(t *testing.T) {
	t.Parallel()
	values, err := config.Read(config.Options{Overrides: []string{
		"validation.ssh_user=cirros", "validation.ssh_password=gocubsgo", "validation.ssh_timeout=7m",
		"validation.connect_timeout=9s", "validation.ssh_key_type=ed25519", "validation.ssh_shell_prologue=set -e;",
	}})
	if err != nil {
		t.Fatal(err)
	}
	core, err := config.Decode[config.Core](values)
	if err != nil {
		t.Fatal(err)
	}
	got := remote.Configured(core, "192.0.2.7")
	want := remote.Options{Address: "192.0.2.7", User: "cirros", Password: "gocubsgo", Prologue: "set -e;"}
	want.Wait.Timeout, want.Attempt = core.Validation.SSHTimeout, core.Validation.ConnectTimeout
	ignored := cmp.FilterPath(func(p cmp.Path) bool { return p.Last().String() == ".Log" }, cmp.Ignore())
	if diff := cmp.Diff(want, got, ignored); diff != "" || got.Wait.Timeout.Minutes() != 7 || got.Attempt.Seconds() != 9 {
		t.Errorf("Configured (-want +got):\n%s", diff)
	}
	key, err := remote.NewConfiguredKey(core)
	if err != nil || !strings.HasPrefix(key.Public(), "ssh-ed25519 ") {
		t.Errorf("NewConfiguredKey = %v, %v", key, err)
	}
}

// The words that the option may have are the kinds of keys.
func TestKeyTypesAreThoseOfTheOption(t *testing.T) {
	t.Parallel()
	for _, kind := range []remote.KeyType{remote.ECDSA, remote.Ed25519, remote.RSA} {
		values, err := config.Read(config.Options{Overrides: []string{"validation.ssh_key_type=" + string(kind)}})
		if err == nil {
			_, err = config.Decode[config.Core](values)
		}
		if err != nil {
			t.Errorf("%s: %v", kind, err)
		}
	}
}
