//go:build tempest

package identity_test

import (
	"context"
	"crypto/rand"
	"net/http"
	"testing"
	"time"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/tokens"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/users"

	"github.com/gotempest/tempest/testlib"
	"github.com/gotempest/tempest/testlib/config"
	"github.com/gotempest/tempest/testlib/wait"
)

// The tests of this file need a cloud with rules for passwords and lock-outs.

// changePassword does what a user may do without a token.
func changePassword(e *testlib.Env, user *account, from, to string) error {
	return users.ChangePassword(e.Context(), anonymous(e), user.ID,
		users.ChangePasswordOpts{OriginalPassword: from, Password: to}).ExtractErr()
}

// logInAfterChange logs in with a password that is new in this second.
func logInAfterChange(e *testlib.Env, user *account, password string) {
	e.Helper()
	afterThisSecond(e)
	logIn(e, &tokens.AuthOptions{UserID: user.ID, Password: password})
}

func TestPasswordChangeEndsTheOld(t *testing.T) {
	e := testlib.Start(t, testlib.ID("ad71bd23-12ad-426b-bb8b-195d2b635f27"), testlib.Services("identity"),
		testlib.Feature("identity", "security_compliance"), testlib.Credentials(testlib.ProjectAdmin))
	user := newUser(e, users.CreateOpts{})
	login := tokens.AuthOptions{UserID: user.ID, Password: user.Password}
	old := logIn(e, &login)
	next := rand.Text()

	wantOK(e, "changing the password", changePassword(e, user, user.Password, next))

	logInAfterChange(e, user, next)
	e.WantStatus("buying a token with one of the old password",
		tokens.Create(e.Context(), anonymous(e), &tokens.AuthOptions{TokenID: old.ID}).Err, http.StatusNotFound)
	e.WantStatus("logging in with the old password",
		tokens.Create(e.Context(), anonymous(e), &login).Err, http.StatusUnauthorized)
}

func TestPasswordHistoryBindsUsers(t *testing.T) {
	e := testlib.Start(t, testlib.ID("941784ee-5342-4571-959b-b80dd2cea516"), testlib.Services("identity"),
		testlib.Feature("identity", "security_compliance"), testlib.Credentials(testlib.ProjectAdmin))
	user := newUser(e, users.CreateOpts{})
	first, second := rand.Text(), rand.Text()

	wantOK(e, "changing the password", changePassword(e, user, user.Password, first))
	logInAfterChange(e, user, first)
	if testlib.Config[config.Core](e).Identity.UserUniqueLastPasswordCount > 1 {
		e.WantStatus("changing the password to what it is",
			changePassword(e, user, first, first), http.StatusBadRequest)
		e.WantStatus("changing the password to what it was",
			changePassword(e, user, first, user.Password), http.StatusBadRequest)
	}
	wantOK(e, "changing the password to a new one", changePassword(e, user, first, second))
	logInAfterChange(e, user, second)
}

func TestPasswordHistoryDoesNotBindAdministrators(t *testing.T) {
	e := testlib.Start(t, testlib.ID("568cd46c-ee6c-4ab4-a33a-d3791931979e"), testlib.Services("identity"),
		testlib.Feature("identity", "security_compliance"), testlib.Credentials(testlib.ProjectAdmin))
	user := newUser(e, users.CreateOpts{})
	next := rand.Text()
	reset := func(what, password string) {
		e.Helper()
		err := users.Update(e.Context(), e.Identity(testlib.ProjectAdmin), user.ID, users.UpdateOpts{Password: password}).Err
		wantOK(e, "setting "+what, err)
	}

	reset("a new password", next)
	logInAfterChange(e, user, next)
	reset("the same password", next)
	reset("the old password", user.Password)
	logInAfterChange(e, user, user.Password)
}

func TestUserIsLockedOut(t *testing.T) {
	e := testlib.Start(t, testlib.ID("a7ad8bbf-2cff-4520-8c1d-96332e151658"), testlib.Services("identity"),
		testlib.Feature("identity", "security_compliance"), testlib.Credentials(testlib.ProjectAdmin))
	rules := testlib.Config[config.Core](e).Identity
	if rules.UserLockoutFailureAttempts == 0 || rules.UserLockoutDuration == 0 {
		e.Skip("identity.user_lockout_failure_attempts or identity.user_lockout_duration is 0")
	}
	user := newUser(e, users.CreateOpts{})
	logInWith := func(password string) error {
		return tokens.Create(e.Context(), anonymous(e), &tokens.AuthOptions{UserID: user.ID, Password: password}).Err
	}
	wantOK(e, "logging in", logInWith(user.Password))

	for range rules.UserLockoutFailureAttempts {
		e.WantStatus("logging in with a wrong password", logInWith("wrong"), http.StatusUnauthorized)
	}

	e.WantStatus("logging in while locked out", logInWith(user.Password), http.StatusUnauthorized)
	_, err := wait.For(e.Context(), wait.Poll[error, string]{
		What: "the end of the lock-out",
		Get:  func(context.Context) (error, error) { return logInWith(user.Password), nil },
		State: func(err error) string {
			switch {
			case err == nil:
				return "over"
			case gophercloud.ResponseCodeIs(err, http.StatusUnauthorized):
				return "locked out"
			}
			return err.Error()
		},
		Want: []string{"over"},
	}, wait.Options{Timeout: rules.UserLockoutDuration + time.Minute})
	wantOK(e, "waiting", err)
}
