//go:build tempest

package api

import (
	"testing"

	"github.com/gotempest/tempest/examples/dns"
	"github.com/gotempest/tempest/examples/dns/tempestplugin"
	"github.com/gotempest/tempest/testlib"
)

// TestMain makes the options known, and puts the fake into the embedded cloud, for all tests.
func TestMain(m *testing.M) {
	testlib.Main(m, testlib.Options[tempestplugin.Config](), testlib.Fake(dns.ServiceType, dns.Fake))
}
