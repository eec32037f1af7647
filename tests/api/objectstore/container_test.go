//go:build tempest

package objectstore_test

import (
	"net/http"
	"testing"

	"github.com/gotempest/tempest/testlib"
)

func TestContainerLife(t *testing.T) {
	e := testlib.Start(t, testlib.ID("92139d73-7819-4db1-85f8-3f2f22a8d91f"), testlib.Services("object-store"),
		testlib.Smoke, testlib.Credentials(testlib.ProjectOperator))
	s := operator(e)
	name := e.Name("container")
	s.removeContainer(name)

	made := s.want(http.StatusCreated, http.MethodPut, name, nil, header{"X-Container-Meta-Colour": "blue"})
	made.has(e, header{"Content-Length": "0"})
	s.want(http.StatusNoContent, http.MethodHead, name, nil, nil).has(e, header{"X-Container-Meta-Colour": "blue"})
}
