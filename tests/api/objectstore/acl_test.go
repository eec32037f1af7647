//go:build tempest

package objectstore_test

import (
	"net/http"
	"testing"

	"github.com/gotempest/tempest/testlib"
)

func TestSharedContainer(t *testing.T) {
	e := testlib.Start(t, testlib.ID("4cd0455f-c84e-4b55-806a-a85919f6111c"), testlib.Services("object-store"),
		testlib.Credentials(testlib.ProjectOperator, testlib.AltOperator))
	alt := e.Credential(testlib.AltOperator)
	user := alt.ProjectID + ":" + alt.UserID

	e.Run("Read", func(e *testlib.Env) {
		s := operator(e)
		container := s.newContainer(nil)
		s.change(container, header{"X-Container-Read": user}).has(e, header{"X-Container-Read": user})
		name, content := s.newObject(container, nil)
		s.as(testlib.AltOperator).get(at(container, name), nil).contains(e, content)
	}, testlib.ID("a3270f3f-7640-4944-8448-c7ea783ea5b6"))

	e.Run("Write", func(e *testlib.Env) {
		s := operator(e)
		container := s.newContainer(nil)
		s.want(http.StatusNoContent, http.MethodPost, container, nil, header{"X-Container-Write": user})
		name, content := s.as(testlib.AltOperator).newObject(container, nil)
		s.get(at(container, name), nil).contains(e, content)
	}, testlib.ID("aa58bfa5-40d9-4bc3-82b4-d07f4a9e392a"))

	// wantReader gives a right to read and wants the other user to have it.
	wantReader := func(e *testlib.Env, acl string) {
		e.Helper()
		s := operator(e)
		container := s.newContainer(header{"X-Container-Read": acl})
		name, content := s.newObject(container, nil)
		guest := s.as(testlib.AltOperator)
		guest.get(at(container, name), nil).contains(e, content)
		guest.get(container, nil)
		guest.want(http.StatusForbidden, http.MethodPut, at(container, name), []byte("x"), nil)
		guest.want(http.StatusForbidden, http.MethodPost, container, nil, header{"X-Container-Read": ""})
	}

	e.Run("WithAnyUserOfAProject", func(e *testlib.Env) {
		wantReader(e, alt.ProjectID+":*")
	}, testlib.ID("dfa082f4-af08-488c-852a-35df12f4fc4f"))

	e.Run("WithAUserOfAnyProject", func(e *testlib.Env) {
		wantReader(e, "*:"+alt.UserID)
	}, testlib.ID("6b1d1226-67e9-42e0-90e6-3d6b1c2ebe1c"))

	e.Run("WithEverybodyWhoHasAToken", func(e *testlib.Env) {
		wantReader(e, "*:*")
	}, testlib.ID("0574c520-a218-4c00-9ed9-aaf47787bf4d"))

	e.Run("WithSeveral", func(e *testlib.Env) {
		wantReader(e, "none:none, "+user+" ,.r:example.com")
	}, testlib.ID("96382a4c-260a-46e0-ac64-15b6bb9e75d4"))

	e.Run("WriterDoesNotRead", func(e *testlib.Env) {
		s := operator(e)
		container := s.newContainer(header{"X-Container-Write": user})
		name, _ := s.newObject(container, nil)
		guest := s.as(testlib.AltOperator)
		guest.want(http.StatusForbidden, http.MethodGet, at(container, name), nil, nil)
		guest.want(http.StatusForbidden, http.MethodHead, container, nil, nil)
		guest.want(http.StatusAccepted, http.MethodPost, at(container, name), nil, header{"X-Object-Meta-A": "b"})
		guest.remove(at(container, name))
		guest.want(http.StatusForbidden, http.MethodDelete, container, nil, nil)
	}, testlib.ID("bcbd9db2-037b-4303-b700-ae7ec83902fb"))

	e.Run("GuestsDoNotSeeTheRights", func(e *testlib.Env) {
		s := operator(e)
		container := s.newContainer(header{"X-Container-Read": user, "X-Container-Write": user})
		s.stat(container).has(e, header{"X-Container-Read": user, "X-Container-Write": user})
		s.as(testlib.AltOperator).stat(container).has(e, header{"X-Container-Read": "", "X-Container-Write": ""})
	}, testlib.ID("b50354f3-8a71-46b0-b8ee-00b914f2a4af"))

	e.Run("NoMore", func(e *testlib.Env) {
		s := operator(e)
		container := s.newContainer(header{"X-Container-Read": user})
		name, _ := s.newObject(container, nil)
		s.want(http.StatusNoContent, http.MethodPost, container, nil, header{"X-Remove-Container-Read": "x"})
		s.as(testlib.AltOperator).want(http.StatusForbidden, http.MethodGet, at(container, name), nil, nil)
	}, testlib.ID("6767a19d-f25e-44be-bdb2-5d646a0728f5"))
}

func TestSharedWithinAProject(t *testing.T) {
	e := testlib.Start(t, testlib.ID("83edfbc4-870f-4a4e-a1d4-8850bc0e9163"), testlib.Services("object-store"),
		testlib.Credentials(testlib.ProjectOperator, testlib.ProjectReader))
	s := operator(e)
	reader := e.Credential(testlib.ProjectReader)
	container := s.newContainer(header{"X-Container-Read": reader.ProjectID + ":" + reader.UserID})
	name, content := s.newObject(container, nil)
	closed := s.newContainer(nil)

	guest := s.as(testlib.ProjectReader)

	guest.get(at(container, name), nil).contains(e, content)
	guest.want(http.StatusForbidden, http.MethodGet, closed, nil, nil)
	guest.want(http.StatusForbidden, http.MethodPut, at(container, name), nil, nil)
}

func TestClosedContainer(t *testing.T) {
	e := testlib.Start(t, testlib.ID("dc5c58b1-087c-4aac-b887-46e4731d766f"), testlib.Services("object-store"),
		testlib.Negative, testlib.Credentials(testlib.ProjectOperator, testlib.AltOperator))
	s := operator(e)
	container := s.newContainer(nil)
	object, _ := s.newObject(container, nil)
	path := at(container, object)

	e.Run("WriteByNobody", func(e *testlib.Env) {
		operator(e).anonymous().want(http.StatusUnauthorized, http.MethodPut, at(container, e.Name("object")),
			[]byte("data"), nil)
	}, testlib.ID("af587587-0c24-4e15-9822-8352ce711013"), testlib.Negative)

	e.Run("DeletionByNobody", func(e *testlib.Env) {
		operator(e).anonymous().want(http.StatusUnauthorized, http.MethodDelete, path, nil, nil)
	}, testlib.ID("af85af0b-a025-4e72-a90e-121babf55720"), testlib.Negative)

	e.Run("ReadByNobody", func(e *testlib.Env) {
		s := operator(e).anonymous()
		s.want(http.StatusUnauthorized, http.MethodGet, path, nil, nil)
		s.want(http.StatusUnauthorized, http.MethodGet, container, nil, nil)
		s.want(http.StatusUnauthorized, http.MethodGet, e.Name("none"), nil, nil) // as if it were there
	}, testlib.ID("b8c532ac-d22d-45e7-928b-1f624bf3f7c4"), testlib.Negative)

	e.Run("Write", func(e *testlib.Env) {
		wantRefused(e, http.MethodPut, at(container, e.Name("object")))
	}, testlib.ID("63d84e37-55a6-42e2-9e5f-276e60e26a00"), testlib.Negative)

	e.Run("Read", func(e *testlib.Env) {
		wantRefused(e, http.MethodGet, path)
	}, testlib.ID("abf63359-be52-4feb-87dd-447689fc77fd"), testlib.Negative)

	e.Run("Deletion", func(e *testlib.Env) {
		wantRefused(e, http.MethodDelete, path)
	}, testlib.ID("7343ac3d-cfed-4198-9bb0-00149741a492"), testlib.Negative)

	e.Run("Metadata", func(e *testlib.Env) {
		wantRefused(e, http.MethodPost, path)
		wantRefused(e, http.MethodHead, container)
	}, testlib.ID("bdede669-feb7-46e4-9048-53cb30cbd052"), testlib.Negative)

	e.Run("WrongToken", func(e *testlib.Env) {
		s := operator(e)
		s.token = "none"
		s.want(http.StatusUnauthorized, http.MethodGet, path, nil, nil)
	}, testlib.ID("e1aecacb-d04c-4ddc-9a28-c1618ff22022"), testlib.Negative)
}

func TestContainerSharedWithOthers(t *testing.T) {
	e := testlib.Start(t, testlib.ID("bfbe8a69-e61b-44f1-81e3-18800527e91b"), testlib.Services("object-store"),
		testlib.Negative, testlib.Credentials(testlib.ProjectOperator, testlib.AltOperator))
	alt := e.Credential(testlib.AltOperator)

	e.Run("ReadSharedWithOthers", func(e *testlib.Env) {
		s := operator(e)
		container := s.newContainer(nil)
		s.want(http.StatusNoContent, http.MethodPost, container, nil, header{"X-Container-Read": "badtenant:baduser"})
		name, _ := s.newObject(container, nil)
		wantRefused(e, http.MethodGet, at(container, name))
	}, testlib.ID("9ed01334-01e9-41ea-87ea-e6f465582823"), testlib.Negative)

	e.Run("WriteSharedWithOthers", func(e *testlib.Env) {
		s := operator(e)
		container := s.newContainer(nil)
		s.want(http.StatusNoContent, http.MethodPost, container, nil, header{"X-Container-Write": "badtenant:baduser"})
		wantRefused(e, http.MethodPut, at(container, e.Name("object")))
	}, testlib.ID("a3a585a7-d8cf-4b65-a1a0-edc2b1204f85"), testlib.Negative)

	e.Run("WriteByReader", func(e *testlib.Env) {
		s := operator(e)
		container := s.newContainer(nil)
		s.want(http.StatusNoContent, http.MethodPost, container, nil,
			header{"X-Container-Read": alt.ProjectID + ":" + alt.UserID, "X-Container-Write": ""})
		wantRefused(e, http.MethodPut, at(container, e.Name("object")))
	}, testlib.ID("8ba512ad-aa6e-444e-b882-2906a0ea2052"), testlib.Negative)

	e.Run("DeletionByReader", func(e *testlib.Env) {
		s := operator(e)
		container := s.newContainer(nil)
		s.want(http.StatusNoContent, http.MethodPost, container, nil,
			header{"X-Container-Read": alt.ProjectID + ":" + alt.UserID, "X-Container-Write": ""})
		name, _ := s.newObject(container, nil)
		wantRefused(e, http.MethodDelete, at(container, name))
	}, testlib.ID("b4e366f8-f185-47ab-b789-df4416f9ecdb"), testlib.Negative)
}

// wantRefused wants a call of the other operator to be refused.
func wantRefused(e *testlib.Env, method, path string) {
	e.Helper()
	operator(e).as(testlib.AltOperator).want(http.StatusForbidden, method, path, nil, nil)
}

func TestPublicContainer(t *testing.T) {
	e := testlib.Start(t, testlib.ID("bc342fea-5ed9-4cbe-a57b-33cca55569cb"), testlib.Services("object-store"),
		testlib.Credentials(testlib.ProjectOperator))
	const everybody = ".r:*,.rlistings"
	s := operator(e)
	container := s.newContainer(nil)
	s.change(container, header{"X-Container-Read": everybody}).has(e, header{"X-Container-Read": everybody})
	name, content := s.newObject(container, nil)
	path := at(container, name)

	e.Run("ReadByNobody", func(e *testlib.Env) {
		s := operator(e).anonymous()
		s.get(path, nil).contains(e, content)
		s.get(container, nil).contains(e, []byte(name+"\n"))
	}, testlib.ID("07c9cf95-c0d4-4b49-b9c8-0ef2c9b27193"))

	e.Run("ReadByAnotherUser", func(e *testlib.Env) {
		operator(e).as(testlib.AltOperator).get(path, nil).contains(e, content)
	}, testlib.ID("54e2a2fe-42dc-491b-8270-8e4217dd4cdc"), testlib.Credentials(testlib.AltOperator))

	e.Run("NotWritten", func(e *testlib.Env) {
		s := operator(e).anonymous()
		s.want(http.StatusUnauthorized, http.MethodPut, path, []byte("x"), nil)
		s.want(http.StatusUnauthorized, http.MethodDelete, path, nil, nil)
	}, testlib.ID("4f3a99ec-ac70-429a-9f3e-a2c189ab5f75"), testlib.Negative)

	e.Run("WithoutListing", func(e *testlib.Env) {
		s := operator(e)
		container := s.newContainer(header{"X-Container-Read": ".r:*"})
		name, content := s.newObject(container, nil)
		nobody := s.anonymous()
		nobody.get(at(container, name), nil).contains(e, content)
		nobody.want(http.StatusUnauthorized, http.MethodGet, container, nil, nil)
	}, testlib.ID("bf309e5a-8bc1-4900-98d9-a08f59016202"))

	e.Run("ForPagesOfASite", func(e *testlib.Env) {
		s := operator(e)
		container := s.newContainer(header{"X-Container-Read": ".r:.example.com,.r:-bad.example.com"})
		name, content := s.newObject(container, nil)
		path, nobody := at(container, name), s.anonymous()
		nobody.get(path, header{"Referer": "http://www.example.com/page"}).contains(e, content)
		nobody.want(http.StatusUnauthorized, http.MethodGet, path, nil, header{"Referer": "http://bad.example.com/"})
		nobody.want(http.StatusUnauthorized, http.MethodGet, path, nil, header{"Referer": "http://example.org/"})
		nobody.want(http.StatusUnauthorized, http.MethodGet, path, nil, nil)
	}, testlib.ID("1ea60469-fc9c-452a-8f26-22e92a066c2f"))
}

func TestCrossOriginRequests(t *testing.T) {
	e := testlib.Start(t, testlib.ID("a6ef47fc-70ad-4f03-87ed-d1b9b3000e09"), testlib.Services("object-store"),
		testlib.Credentials(testlib.ProjectOperator))
	const site = "http://site.example"
	s := operator(e)
	container := s.newContainer(header{
		"X-Container-Read": ".r:*", "X-Container-Meta-Access-Control-Allow-Origin": site,
		"X-Container-Meta-Access-Control-Max-Age": "5", "X-Container-Meta-Access-Control-Expose-Headers": "X-Mine",
	})
	name, _ := s.newObject(container, nil)
	path, nobody := at(container, name), s.anonymous()

	preflight := nobody.want(http.StatusOK, http.MethodOptions, path, nil,
		header{"Origin": site, "Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "X-Mine"})
	preflight.has(e, header{
		"Access-Control-Allow-Origin": site, "Access-Control-Max-Age": "5", "Access-Control-Allow-Headers": "X-Mine",
	})
	nobody.want(http.StatusUnauthorized, http.MethodOptions, path, nil,
		header{"Origin": "http://other.example", "Access-Control-Request-Method": "GET"})
	got := nobody.get(path, header{"Origin": site})
	got.has(e, header{"Access-Control-Allow-Origin": site})
	if exposed := got.Header.Get("Access-Control-Expose-Headers"); exposed == "" {
		e.Error("no Access-Control-Expose-Headers for a page of the site")
	}
}
