// Package tempestplugin marks this module as a tempest plugin: tests of
// OpenStack's DNS, Designate.
//
// It is read without being run, so it holds constants and one type, and imports
// nothing.
package tempestplugin

// What tempest reads of the plugin.
const (
	API   = 1             // version of the plugin contract
	Name  = "dns"         // unique in a run
	Tests = "./tests/..." // package patterns below the module root
	Tags  = "nameserver"  // build tags its tests understand beyond tempest: asks the cloud's nameservers
)

// Config is what the plugin adds to tempest.toml.
type Config struct {
	DNS struct {
		// Domain below which the tests make their zones. With the final dot.
		Domain string `toml:"domain" default:"example.org."`
		// Nameservers that serve the zones, as host:port. Without any, the tests behind the tag nameserver are skipped.
		Nameservers []string `toml:"nameservers"`
		// AdminScope says whose administrator administers the DNS: that of the project or that of the system, as
		// Designate's new default policies had it until 2023.1. Only tests that act as an administrator read it.
		AdminScope string `toml:"admin_scope" default:"project" choices:"project,system"`
	} `toml:"dns"`
	DNSFeatureEnabled struct {
		// Admin says whether the administrator that tempest has may do in the DNS what only an administrator may:
		// see the zones of all projects, and set quotas. With false the tests of that are skipped.
		Admin bool `toml:"admin" default:"true"`
	} `toml:"dns_feature_enabled"`
	ServiceAvailable struct { // a group that tempest has already: the option is added to it
		// DNS says whether the cloud has a DNS.
		DNS bool `toml:"dns" default:"true"`
	} `toml:"service_available"`
}
