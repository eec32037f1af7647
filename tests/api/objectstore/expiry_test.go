//go:build tempest

package objectstore_test

import (
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/gotempest/tempest/testlib"
	"github.com/gotempest/tempest/testlib/wait"
)

func TestObjectExpires(t *testing.T) {
	e := testlib.Start(t, testlib.ID("fb024a42-37f3-4ba5-9684-4f40a7910b41"), testlib.Services("object-store"),
		testlib.Credentials(testlib.ProjectOperator))
	wantExpiry(e, func(seconds int64) header {
		return header{"X-Delete-After": strconv.FormatInt(seconds, 10)}
	})
}

func TestObjectExpiresAtATime(t *testing.T) {
	e := testlib.Start(t, testlib.ID("e592f18d-679c-48fe-9e36-4be5f47102c5"), testlib.Services("object-store"),
		testlib.Credentials(testlib.ProjectOperator))
	wantExpiry(e, func(seconds int64) header {
		return header{"X-Delete-At": strconv.FormatInt(time.Now().Unix()+1+seconds, 10)}
	})
}

// wantExpiry sets when an object expires, in some seconds, and wants it to be there before and gone afterwards.
func wantExpiry(e *testlib.Env, expiry func(seconds int64) header) {
	e.Helper()
	s := operator(e)
	container := s.newContainer(nil)
	name := e.Name("object")
	path := at(container, name)
	s.removeObject(container, name)
	before := s.untilExpiry(path, expiry)
	seconds, err := strconv.ParseInt(before.Header.Get("X-Delete-At"), 10, 64)
	at := time.Unix(seconds, 0)
	if left := time.Until(at); err != nil || left > time.Minute {
		e.Fatalf("X-Delete-At = %q, want seconds of some moment soon", before.Header.Get("X-Delete-At"))
	}

	c := e.ObjectStore(testlib.ProjectOperator)
	patience := e.Wait("object-store")
	patience.Interval *= 10 // it is known to take a while
	patience.Timeout += time.Until(at)
	if err := wait.ObjectGone(e.Context(), c, container, name, patience); err != nil {
		e.Fatal(err)
	}
	if early := time.Until(at); early > time.Second {
		e.Errorf("the object expired %s too early", early)
	}
	s.want(http.StatusNotFound, http.MethodGet, path, nil, nil)
}

// untilExpiry writes an object that expires in some seconds, and reads it before. Where the calls themselves take that
// long, it does so again with more time.
func (s store) untilExpiry(path string, expiry func(seconds int64) header) answer {
	s.e.Helper()
	const most = 32
	for seconds := int64(2); ; seconds *= 2 {
		content := randomBytes(s.e)
		s.put(path, content, nil)
		asked := time.Now()
		got := s.call(http.MethodPost, path, nil, expiry(seconds))
		if got.Status == http.StatusAccepted {
			got = s.call(http.MethodGet, path, nil, nil)
		}
		if got.Status == http.StatusOK {
			got.contains(s.e, content)
			return got
		}
		late := time.Since(asked) >= time.Duration(seconds-1)*time.Second // parts of a second do not count
		if !late || seconds == most {
			s.e.Fatalf("%s was answered %d %s; the object expires in %d s", got.call, got.Status, got.Body, seconds)
		}
	}
}

func TestObjectExpiry(t *testing.T) {
	e := testlib.Start(t, testlib.ID("8332c94e-8193-4c52-966f-aee1acc547f1"), testlib.Services("object-store"),
		testlib.Credentials(testlib.ProjectOperator))
	s := operator(e)
	container := s.newContainer(nil)
	later := strconv.FormatInt(time.Now().Add(time.Hour).Unix(), 10)

	e.Run("SetWhenCreated", func(e *testlib.Env) {
		s := operator(e)
		name, _ := s.newObject(container, header{"X-Delete-At": later})
		s.head(at(container, name), nil).has(e, header{"X-Delete-At": later})
	}, testlib.ID("b7ce2e0b-7502-4e99-ac8c-c00acd67cd1b"))

	e.Run("Removed", func(e *testlib.Env) {
		s := operator(e)
		name, _ := s.newObject(container, header{"X-Delete-At": later})
		s.want(http.StatusAccepted, http.MethodPost, at(container, name), nil, header{"X-Remove-Delete-At": "x"})
		s.head(at(container, name), nil).has(e, header{"X-Delete-At": ""})
	}, testlib.ID("cfe0afe6-1bdc-451a-81e8-feeb681d9ad1"))

	e.Run("ForgottenByAnUpdate", func(e *testlib.Env) {
		s := operator(e)
		name, _ := s.newObject(container, header{"X-Delete-At": later})
		s.want(http.StatusAccepted, http.MethodPost, at(container, name), nil, header{"X-Object-Meta-A": "b"})
		s.head(at(container, name), nil).has(e, header{"X-Delete-At": ""})
	}, testlib.ID("4e1bc94f-bb81-4984-8adc-bc9d64535ceb"))
}
