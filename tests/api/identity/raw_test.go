//go:build tempest

package identity_test

import (
	"net/http"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/gotempest/tempest/testlib"
)

// ask makes a call for which gophercloud has no function, and reads the answer into
// out, unless that is nil. A body of nil sends none.
func ask(e *testlib.Env, client *gophercloud.ServiceClient, method, path string, body, out any) error {
	_, err := client.Request(e.Context(), method, client.ServiceURL(path), &gophercloud.RequestOpts{
		JSONBody: body, JSONResponse: out,
		OkCodes: []int{http.StatusOK, http.StatusCreated, http.StatusNoContent},
	})
	return err
}

// afterFailure registers a step that puts things right for the next subtests when
// this one ends too early. It costs nothing when the test passes.
func afterFailure(e *testlib.Env, what string, repair func() error) {
	e.T.Cleanup(func() {
		if !e.Failed() {
			return
		}
		if err := repair(); err != nil {
			e.Logf("%s: %v", what, err)
		}
	})
}
