//go:build tempest

package cleanup

import (
	"os"
	"testing"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/gotempest/tempest/testlib"
)

func TestDefers(t *testing.T) {
	e := testlib.Start(t)
	c := &gophercloud.ServiceClient{}
	defer gophercloud.DeleteThing(c, "1") // want `a deferred gophercloud.DeleteThing does not run when the process is interrupted`
	defer func() {                        // want `a deferred gophercloud.DeleteThing`
		_ = gophercloud.DeleteThing(c, "2")
	}()
	defer os.Remove("/tmp/x")
	e.Cleanup("thing 3", func() { _ = gophercloud.DeleteThing(c, "3") })
}
