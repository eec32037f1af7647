package config_test

import (
	"fmt"
	"time"

	"github.com/gotempest/tempest/testlib/config"
)

// KeyManagerConfig is what a plugin for a key manager adds to tempest.toml. In
// a plugin it stands in the package tempestplugin, and is called Config.
type KeyManagerConfig struct {
	Keys struct {
		// MaxPayload is the largest secret payload, in bytes, that the service accepts.
		MaxPayload int `toml:"max_payload" default:"20000" min:"1"`
		// Timeout bounds waiting for an order.
		Timeout time.Duration `toml:"timeout" default:"30s"`
	} `toml:"keys"`
}

// Tests read their options with testlib.Config. A program that is no test uses
// Load.
func ExampleLoad() {
	c, err := config.Load[KeyManagerConfig](config.Options{
		Path: "-", // no file
		Env:  []string{"TEMPEST_KEYS__TIMEOUT=2m"},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(c.Keys.MaxPayload, c.Keys.Timeout)
	// Output: 20000 2m0s
}

// Everything that is wrong is told at once, each with its place.
func ExampleLoad_mistakes() {
	_, err := config.Load[KeyManagerConfig](config.Options{
		Path:      "-",
		Env:       []string{"TEMPEST_KEYS__MAX_PAYLOD=1"},
		Overrides: []string{"keys.timeout=soon"},
	})
	fmt.Println(err)
	// Output:
	// $TEMPEST_KEYS__MAX_PAYLOD: unknown option keys.max_paylod; the nearest known one is keys.max_payload
	// override keys.timeout: keys.timeout: want a duration such as "90s", found "soon"
}
