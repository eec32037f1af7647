// Package tempestplugin marks this module as a tempest plugin: the in-tree
// suite is found the same way as any other.
package tempestplugin

// What tempest reads of this module.
const (
	API   = 1             // version of the plugin contract
	Name  = "tempest"     // unique in a run
	Tests = "./tests/..." // package patterns below the module root
)
