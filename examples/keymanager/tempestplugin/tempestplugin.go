// Package tempestplugin marks this module as a tempest plugin: tests of
// OpenStack's key manager, Barbican.
//
// It is read without being run, so it holds constants and one type, and imports
// nothing.
package tempestplugin

// What tempest reads of the plugin.
const (
	API   = 1             // version of the plugin contract
	Name  = "keymanager"  // unique in a run
	Tests = "./tests/..." // package patterns below the module root
	Tags  = "slow"        // build tags its tests understand beyond tempest
)

// Config is what the plugin adds to tempest.toml.
type Config struct {
	KeyManager struct {
		// Region whose endpoint is tested. Empty means the region of the cloud that the run is against.
		Region string `toml:"region"`
		// MaxPayload is the largest secret payload, in bytes, that the service accepts (Barbican's
		// max_allowed_secret_in_bytes).
		MaxPayload int `toml:"max_payload" default:"20000" min:"1"`
	} `toml:"key_manager"`
	ServiceAvailable struct { // a group that tempest has already: the option is added to it
		// KeyManager says whether the cloud has a key manager.
		KeyManager bool `toml:"key_manager" default:"true"`
	} `toml:"service_available"`
}
