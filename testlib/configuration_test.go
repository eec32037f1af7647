//nolint:thelper // the functions are tests, which another process runs
package testlib

import (
	"strings"
	"testing"
)

// oldOptions is the Config of a plugin with an option that was renamed.
type oldOptions struct {
	DNS struct {
		Server string `toml:"server" renamed:"dns.host"`
	} `toml:"dns"`
}

// caseRenamed reads options in several tests of one process.
func caseRenamed(t *testing.T) {
	for _, name := range []string{"A", "B"} {
		t.Run(name, func(t *testing.T) {
			if got := Config[oldOptions](Start(t)).DNS.Server; got != "ns1" {
				t.Errorf("dns.server = %q, want ns1", got)
			}
		})
	}
}

func TestOldNamesAreInOneLog(t *testing.T) {
	t.Parallel()
	out, passed := runCase(t, "Renamed", "TEMPEST_DNS__HOST=ns1")

	const want = "configuration: $TEMPEST_DNS__HOST: dns.host is now called dns.server"
	if n := strings.Count(out, want); n != 1 || !passed {
		t.Errorf("passed %v, %d times %q, want it once:\n%s", passed, n, want, out)
	}
}
