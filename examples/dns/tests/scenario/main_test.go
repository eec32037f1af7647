//go:build tempest

package scenario

import (
	"testing"

	"github.com/gotempest/tempest/examples/dns"
	"github.com/gotempest/tempest/examples/dns/tempestplugin"
	"github.com/gotempest/tempest/examples/keymanager"
	"github.com/gotempest/tempest/testlib"
)

// TestMain makes the options known, and puts two fakes into the embedded cloud: this plugin's, and that of the plugin
// whose client a test uses.
func TestMain(m *testing.M) {
	testlib.Main(m, testlib.Options[tempestplugin.Config](),
		testlib.Fake(dns.ServiceType, dns.Fake), testlib.Fake("key-manager", keymanager.Fake))
}
