//go:build tempest

package identity_test

import (
	"errors"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/gotempest/tempest/testlib"
)

// wantStatus checks that the cloud refused a call with a status. what names the
// call. The test goes on.
func wantStatus(e *testlib.Env, what string, err error, status int) {
	e.Helper()
	refused, ok := errors.AsType[gophercloud.ErrUnexpectedResponseCode](err)
	switch {
	case err == nil:
		e.Errorf("%s succeeded, want status %d", what, status)
	case !ok:
		e.Errorf("%s: %v, want status %d", what, err, status)
	case refused.Actual != status:
		e.Errorf("%s: status %d, want %d: %s", what, refused.Actual, status, refused.Body)
	}
}

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
