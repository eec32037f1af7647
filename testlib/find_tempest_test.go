//go:build tempest

package testlib_test

import (
	"testing"

	"github.com/gotempest/tempest/testlib"
)

// Every cloud has these, under a name and under an ID.
func TestFindOnTheCloud(t *testing.T) {
	e := testlib.Start(t, testlib.ID("0d7f5e6a-0a2a-4e0e-9b52-5a1c2f5d8f10"), testlib.Services("identity"))
	for kind, name := range map[string]string{"role": "member", "domain": "Default", "project": "admin"} {
		id := e.Find(kind, name)
		if again := e.Find(kind, id); id == "" || again != id {
			e.Errorf("Find(%s, %s) = %q, and of that ID %q", kind, name, id, again)
		}
	}
}
