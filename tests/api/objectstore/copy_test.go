//go:build tempest

package objectstore_test

import (
	"net/http"
	"testing"

	"github.com/gotempest/tempest/testlib"
)

func TestObjectCopy(t *testing.T) {
	e := testlib.Start(t, testlib.ID("6c27d35a-92c2-44fc-b98a-5e4353ecf0f9"), testlib.Services("object-store"),
		testlib.Credentials(testlib.ProjectOperator))
	s := operator(e)
	container := s.newContainer(nil)
	source, content := s.newObject(container, header{"X-Object-Meta-Src": "src_value", "Content-Type": "text/x-source"})
	from := at(container, source)
	// newTarget makes an object to be overwritten and returns its path.
	newTarget := func(e *testlib.Env) string {
		e.Helper()
		name, _ := operator(e).newObject(container, nil)
		return at(container, name)
	}
	// target returns the path of an object that there is not yet.
	target := func(e *testlib.Env) string {
		name := e.Name("copy")
		operator(e).removeObject(container, name)
		return at(container, name)
	}

	e.Run("ByPut", func(e *testlib.Env) {
		s, to := operator(e), newTarget(e)
		s.put(to, nil, header{"X-Copy-From": from}).has(e, header{"X-Copied-From": from, "Etag": md5Of(content)})
		s.get(to, nil).contains(e, content)
	}, testlib.ID("1a9ab572-1b66-4981-8c21-416e2a5e6011"))

	e.Run("ToItself", func(e *testlib.Env) {
		s := operator(e)
		name, content := s.newObject(container, nil)
		path := at(container, name)
		s.put(path, nil, header{"X-Copy-From": path, "Content-Type": "text/plain; charset=UTF-8"})
		got := s.get(path, nil)
		got.has(e, header{"Content-Type": "text/plain; charset=UTF-8"})
		got.contains(e, content)
	}, testlib.ID("2248abba-415d-410b-9c30-22dff9cd6e67"))

	e.Run("ByCopy", func(e *testlib.Env) {
		s, to := operator(e), newTarget(e)
		s.want(http.StatusCreated, "COPY", from, nil, header{"Destination": to}).has(e, header{"X-Copied-From": from})
		s.get(to, nil).contains(e, content)
	}, testlib.ID("06f90388-2d0e-40aa-934c-e9a8833e958a"))

	e.Run("AcrossContainers", func(e *testlib.Env) {
		s := operator(e)
		other := s.newContainer(nil)
		name, content := s.newObject(container, nil)
		s.want(http.StatusAccepted, http.MethodPost, at(container, name), nil, header{"X-Object-Meta-Late": "value"})
		s.newObjectAs(other, name, nil, header{"X-Copy-From": at(container, name)})
		got := s.get(at(other, name), nil)
		got.contains(e, content)
		got.has(e, header{"X-Object-Meta-Late": "value"})
	}, testlib.ID("aa467252-44f3-472a-b5ae-5b57c3c9c147"))

	e.Run("FreshMetadata", func(e *testlib.Env) {
		s, to := operator(e), target(e)
		a := s.want(http.StatusCreated, "COPY", from, nil, header{"Destination": to, "X-Fresh-Metadata": "true"})
		a.has(e, header{"X-Object-Meta-Src": "", "X-Copied-From": from})
		got := s.get(to, nil)
		got.contains(e, content)
		got.has(e, header{"X-Object-Meta-Src": ""})
	}, testlib.ID("5a9e2cc6-85b6-46fc-916d-0cbb7a88e5fd"))

	e.Run("FreshMetadataByPut", func(e *testlib.Env) {
		s, to := operator(e), target(e)
		s.put(to, nil, header{"X-Copy-From": from, "X-Fresh-Metadata": "true"})
		got := s.get(to, nil)
		got.contains(e, content)
		got.has(e, header{"X-Object-Meta-Src": ""})
	}, testlib.ID("0f3d62a6-47e3-4554-b0e5-1a5dc372d501"))

	e.Run("EmptyMetadata", func(e *testlib.Env) {
		s, to := operator(e), target(e)
		a := s.want(http.StatusCreated, "COPY", from, nil, header{"Destination": to, "X-Object-Meta-Test": ""})
		a.has(e, header{"X-Object-Meta-Src": "src_value", "X-Copied-From": from})
		wantEmptyField(e, a, "X-Object-Meta-Test")
		got := s.get(to, nil)
		got.contains(e, content)
		got.has(e, header{"X-Object-Meta-Src": "src_value"})
		wantEmptyField(e, got, "X-Object-Meta-Test")
	}, testlib.ID("a28a8b99-e701-4d7e-9d84-3b66f121460b"))

	e.Run("MoreMetadata", func(e *testlib.Env) {
		s, to := operator(e), target(e)
		want := header{"X-Object-Meta-Src": "src_value", "X-Object-Meta-Test": "value"}
		a := s.want(http.StatusCreated, "COPY", from, nil, header{"Destination": to, "X-Object-Meta-Test": "value"})
		a.has(e, want)
		a.has(e, header{"X-Copied-From": from})
		got := s.get(to, nil)
		got.contains(e, content)
		got.has(e, want)
		got.has(e, header{"Content-Type": "text/x-source"})
	}, testlib.ID("edabedca-24c3-4322-9b70-d6d9f942a074"))

	e.Run("WithSlash", func(e *testlib.Env) {
		s, to := operator(e), target(e)
		s.put(to, nil, header{"X-Copy-From": "/" + from})
		s.get(to, nil).contains(e, content)
	}, testlib.ID("2c845051-b623-4578-b43a-71dd802615c5"))

	e.Run("OfRange", func(e *testlib.Env) {
		s, to := operator(e), target(e)
		s.put(to, nil, header{"X-Copy-From": from, "Range": "bytes=10-19"}).has(e, header{"Etag": md5Of(content[10:20])})
		s.get(to, nil).contains(e, content[10:20])
	}, testlib.ID("50516ee6-06d7-40d0-b8a8-111dd62991e7"))

	e.Run("OnCondition", func(e *testlib.Env) {
		s, to := operator(e), target(e)
		s.want(http.StatusPreconditionFailed, http.MethodPut, to, nil,
			header{"X-Copy-From": from, "X-Copy-From-If-Match": "none", "If-Match": "none"})
	}, testlib.ID("5044ccbd-2283-4cd0-af80-498ab5a701bc"), testlib.Negative)

	e.Run("WithContent", func(e *testlib.Env) {
		operator(e).want(http.StatusBadRequest, http.MethodPut, at(container, "both"), []byte("content"),
			header{"X-Copy-From": from})
	}, testlib.ID("bb023ed3-698f-47f6-a9e7-1390b7d1e971"), testlib.Negative)

	e.Run("WithoutDestination", func(e *testlib.Env) {
		s := operator(e)
		s.want(http.StatusPreconditionFailed, "COPY", from, nil, nil)
		s.want(http.StatusNotFound, "COPY", from, nil, header{"Destination": e.Name("none") + "/object"})
	}, testlib.ID("db7b13eb-400a-419e-bba7-95ed125a139f"), testlib.Negative)
}

func TestObjectCopyToAnotherAccount(t *testing.T) {
	e := testlib.Start(t, testlib.ID("d6441f1c-ab58-4884-a933-fea0fdb87303"), testlib.Services("object-store"),
		testlib.Credentials(testlib.ProjectOperator, testlib.AltOperator))
	s, other := operator(e), storeOf(e, testlib.AltOperator)
	source := s.newContainer(nil)
	object, content := s.newObject(source, nil)
	open := other.newContainer(header{"X-Container-Write": e.Credential(testlib.ProjectOperator).ProjectID + ":*"})
	closed := other.newContainer(nil)
	other.removeObject(open, object)

	s.want(http.StatusCreated, "COPY", at(source, object), nil,
		header{"Destination": at(open, object), "Destination-Account": other.name()}).
		has(e, header{"X-Copied-From-Account": s.name()})

	other.get(at(open, object), nil).contains(e, content)
	s.want(http.StatusForbidden, "COPY", at(source, object), nil,
		header{"Destination": at(closed, object), "Destination-Account": other.name()})
	other.want(http.StatusForbidden, http.MethodPut, at(closed, object), nil,
		header{"X-Copy-From": at(source, object), "X-Copy-From-Account": s.name()})
}
