// Package tempestplugin has what a marker may have, and more.
package tempestplugin

const (
	API  = 1
	Name = "plugin"
)

type Config struct {
	Plugin group `toml:"plugin"`
}

type group struct {
	Size int `toml:"size"`
}

var size = 1 // want `the marker has a variable`

func init() { size = 2 } // want `the marker has a function, init`

func (Config) Valid() bool { return true } // want `the marker has a function, Valid`
