// Package lazy is what tests use.
package lazy

import (
	"os"
	"sync"

	"github.com/gotempest/tempest/testlib"
)

var (
	once  sync.Once
	home  string
	names map[string]testlib.Persona
)

func init() { names = map[string]testlib.Persona{} } // fine

func init() { // want `init runs before every test`
	once.Do(func() { home = os.Getenv("HOME") })
}

// Home is read when it is asked for.
func Home() string {
	once.Do(func() { home = os.Getenv("HOME") })
	return home
}
