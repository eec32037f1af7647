package testlib

import (
	"errors"

	"github.com/gophercloud/gophercloud/v2"
)

// WantStatus fails the test unless err is the answer of a service with that status, such as
// [net/http.StatusForbidden]. what says what was tried: "a reader deleting the secret". It reports whether the
// status was right.
func (e *Env) WantStatus(what string, err error, status int) bool {
	e.Helper()
	refused, answered := errors.AsType[gophercloud.ErrUnexpectedResponseCode](err)
	switch {
	case err == nil:
		e.Errorf("%s succeeded, want status %d", what, status)
	case !answered:
		e.Errorf("%s: %v, want status %d", what, err, status)
	case refused.Actual != status:
		e.Errorf("%s: status %d, want %d: %s", what, refused.Actual, status, refused.Body)
	default:
		return true
	}
	return false
}
