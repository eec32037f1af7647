//go:build tempest

package cleanup

import (
	"testing"

	gc "github.com/gophercloud/gophercloud/v2"

	. "github.com/gotempest/tempest/testlib"
)

type client struct{ *gc.ServiceClient }

func (client) RemoveThing(string) error { return nil }

type names []string

func (*names) Remove(string) {}

func remove(t *testing.T, c *gc.ServiceClient, id string) {
	if err := gc.ForceDelete(c, id); err != nil {
		t.Error(err)
	}
}

func fixture(e *Env, c *gc.ServiceClient) func() {
	e.Cleanup("thing", func() { remove(nil, c, "1") })
	return func() {}
}

func TestSly(t *testing.T) {
	e := Start(t)
	c := &gc.ServiceClient{}
	own := client{c}
	var list names
	defer remove(t, c, "1")                                     // want `a deferred gophercloud.ForceDelete`
	defer c.Delete("/things/1")                                 // want `a deferred gophercloud.Delete`
	defer own.RemoveThing("1")                                  // want `a deferred cleanup.RemoveThing`
	defer func() { func() { _ = gc.DeleteThing(c, "1") }() }()  // want `a deferred gophercloud.DeleteThing`
	defer retry(func() error { return gc.DeleteThing(c, "1") }) // want `a deferred gophercloud.DeleteThing`
	defer list.Remove("x")
	defer waitDeleted(c)
	defer fixture(e, c)()
	t.Cleanup(func() { remove(t, c, "1") }) // want `gophercloud.ForceDelete in Cleanup of the testing.T`
	e.Cleanup("thing", func() {
		defer gc.DeleteThing(c, "2")
		_ = gc.DeleteThing(c, "1")
	})
	t.Cleanup(func() { list.Remove("x") })
	_ = gc.DeleteThing(c, "3") // what the test is about
}

func waitDeleted(*gc.ServiceClient) {}

func retry(f func() error) { _ = f() }
