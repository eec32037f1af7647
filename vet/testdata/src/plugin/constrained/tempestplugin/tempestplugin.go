//go:build tempest

package tempestplugin // want `with a build constraint the marker is not there`

const API = 1
