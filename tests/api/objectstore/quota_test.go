//go:build tempest

package objectstore_test

import (
	"net/http"
	"testing"

	"github.com/gotempest/tempest/testlib"
)

func TestAccountQuota(t *testing.T) {
	e := testlib.Start(t, testlib.ID("d5b24e4c-0e30-4e6b-9a4d-5343c0c71dd4"), testlib.Services("object-store"),
		testlib.Extension("object-store", "account_quotas"),
		testlib.Credentials(testlib.ProjectOperator, testlib.ProjectReseller))
	const quota = "X-Account-Meta-Quota-Bytes"
	// set sets the quota as the reseller.
	set := func(e *testlib.Env, value string) {
		e.Helper()
		operator(e).as(testlib.ProjectReseller).want(http.StatusNoContent, http.MethodPost, "", nil, header{quota: value})
	}
	container := operator(e).newContainer(nil)
	set(e, "20")

	e.Run("Kept", func(e *testlib.Env) {
		operator(e).newObjectAs(container, "fits", []byte("content"), nil)
	}, testlib.ID("a22ef352-a342-4587-8f47-3bbdb5b039c4"), testlib.Smoke)

	e.Run("Changed", func(e *testlib.Env) {
		s := operator(e)
		for _, value := range []string{"25", "", "20"} {
			set(e, value)
			s.want(http.StatusNoContent, http.MethodHead, "", nil, nil).has(e, header{quota: value})
		}
	}, testlib.ID("63f51f9f-5f1d-4fc6-b5be-d454d70949d6"), testlib.Smoke)

	e.Run("NotChangedByTheUser", func(e *testlib.Env) {
		s := operator(e)
		for _, value := range []string{"", "100"} {
			s.want(http.StatusForbidden, http.MethodPost, "", nil, header{quota: value})
		}
		s.want(http.StatusForbidden, http.MethodPost, "", nil, header{"X-Remove-Account-Meta-Quota-Bytes": "x"})
	}, testlib.ID("d1dc5076-555e-4e6d-9697-28f1fe976324"), testlib.Negative)

	e.Run("TooLarge", func(e *testlib.Env) {
		a := operator(e).want(http.StatusRequestEntityTooLarge, http.MethodPut, container+"/large",
			[]byte("more than twenty bytes of content"), nil)
		a.contains(e, []byte("Upload exceeds quota."))
	}, testlib.ID("b3f4b957-2635-4f93-8033-776576f82a71"), testlib.Negative)

	e.Run("ResellerMayExceedIt", func(e *testlib.Env) {
		s := operator(e).as(testlib.ProjectReseller)
		s.newObjectAs(container, "large", []byte("more than twenty bytes of content"), nil)
	}, testlib.ID("b651adc8-5908-4e84-ad82-b69e3b102dc9"))

	e.Run("NoNumber", func(e *testlib.Env) {
		s := operator(e).as(testlib.ProjectReseller)
		s.want(http.StatusBadRequest, http.MethodPost, "", nil, header{quota: "abc"})
	}, testlib.ID("6dd25a4c-f6d6-4344-826c-f57d7ade0c9e"), testlib.Negative)
}
