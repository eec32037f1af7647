//go:build tempest

package objectstore_test

import (
	"net/http"
	"testing"

	"github.com/gotempest/tempest/testlib"
)

func TestContainerLife(t *testing.T) {
	e := testlib.Start(t, testlib.Services("object-store"), testlib.Credentials(testlib.ProjectOperator))
	s := operator(e)

	e.Run("Created", func(e *testlib.Env) {
		s := operator(e)
		name := e.Name("container")
		s.removeAfter(name)
		made := s.do(http.StatusCreated, http.MethodPut, name, header{"X-Container-Meta-Colour": "blue"})
		made.has(e, header{"Content-Length": "0"})
		s.do(http.StatusNoContent, http.MethodHead, name, nil).has(e, header{"X-Container-Meta-Colour": "blue"})
	}, testlib.ID("92139d73-7819-4db1-85f8-3f2f22a8d91f"), testlib.Smoke)
	_ = s
}
