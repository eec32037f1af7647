//go:build tempest

package identity_test

import (
	"errors"

	"github.com/gotempest/tempest/testlib"
)

// wantOK stops the test unless a call succeeded. what names the call.
func wantOK(e *testlib.Env, what string, err error) {
	e.Helper()
	if err != nil {
		e.Fatalf("%s: %v", what, err)
	}
}

// present makes an error of the nil that gophercloud returns for an answer without
// the resource asked for.
func present[T any](v *T, err error) (*T, error) {
	if v == nil && err == nil {
		return nil, errors.New("the answer does not hold what was asked for")
	}
	return v, err
}
