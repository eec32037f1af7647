//go:build tempest

package objectstore_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/gotempest/tempest/testlib"
	"github.com/gotempest/tempest/testlib/data"
)

// header is the header of a request.
type header map[string]string

// store is the object store as a persona sees it: calls of a test below the account of the persona's project.
type store struct {
	e      *testlib.Env
	client *gophercloud.ServiceClient
	base   string // URL of the account, without a slash at the end
}

// operator returns the object store for the operator of the test's project, whom most tests act as.
func operator(e *testlib.Env) store {
	e.Helper()
	return as(e, testlib.ProjectOperator)
}

// as returns the object store as a persona sees it.
func as(e *testlib.Env, p testlib.Persona) store {
	e.Helper()
	c := e.ObjectStore(p)
	return store{e: e, client: c, base: strings.TrimSuffix(c.Endpoint, "/")}
}

// nobody returns the store of s for calls without a token.
func (s store) nobody(p testlib.Persona) store {
	s.e.Helper()
	s.client = s.e.ClientWithToken(p, "object-store", "")
	return s
}

// of returns the object store as the persona of s sees it, in the account of another store.
func (s store) of(other store) store {
	s.base = other.base
	return s
}

// in returns the same store for the calls of another test: a subtest has a log of its own.
func (s store) in(e *testlib.Env) store {
	s.e = e
	return s
}

// root returns the URL of the service, which /info, /healthcheck and the like are below.
func (s store) root() string {
	u, err := url.Parse(s.base)
	if err != nil {
		s.e.Fatalf("the address of the account: %v", err)
	}
	path, _, found := strings.Cut(u.Path, "/v1/")
	if !found {
		s.e.Fatalf("the address of the account, %s, has no /v1/", s.base)
	}
	u.Path, u.RawPath = path, ""
	return u.String()
}

// account returns the name of the account, as it stands in paths: AUTH_ and the ID of the project.
func (s store) account() string { return s.base[strings.LastIndex(s.base, "/")+1:] }

// url returns the address of what is below the account. path is as [at] makes it.
func (s store) url(path string) string {
	switch {
	case strings.HasPrefix(path, "http:") || strings.HasPrefix(path, "https:"):
		return path
	case path == "" || path[0] == '?':
		return s.base + path
	}
	return s.base + "/" + path
}

// at returns the path of a container or of an object in it, escaped as in a URL.
func at(container string, object ...string) string {
	path := escape(container)
	for _, part := range object {
		path += "/" + escape(part)
	}
	return path
}

// escape escapes what may not stand in the path of a URL, all but slashes.
func escape(name string) string { return strings.ReplaceAll(url.PathEscape(name), "%2F", "/") }

// query returns a query string with a question mark, from names and values in turn.
func query(pairs ...string) string {
	v := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	return "?" + v.Encode()
}

// answer is what the object store said.
type answer struct {
	what   string // the request, for messages
	status int
	header http.Header
	body   []byte
}

// call makes a request and returns the answer, whatever its status. A body that is a [bytes.Reader], [bytes.Buffer] or
// [strings.Reader] is sent with its length, any other in chunks; nil is none.
func (s store) call(method, path string, h header, body io.Reader) answer {
	s.e.Helper()
	a, err := s.try(s.e.Context(), method, path, h, body)
	if err != nil {
		s.e.Fatal(err)
	}
	s.check(method, a)
	return a
}

// try is call with a context, for clean-ups, and without checks.
func (s store) try(ctx context.Context, method, path string, h header, body io.Reader) (answer, error) {
	a := answer{what: method + " " + path}
	opts := &gophercloud.RequestOpts{RawBody: body, KeepResponseBody: true, OkCodes: []int{0}, MoreHeaders: h}
	if _, set := h["Accept"]; !set {
		opts.OmitHeaders = []string{"Accept"} // gophercloud asks for JSON by itself
	}
	resp, err := s.client.Request(ctx, method, s.url(path), opts)
	if resp != nil {
		defer resp.Body.Close()
	}
	got, answered := errors.AsType[gophercloud.ErrUnexpectedResponseCode](err)
	if !answered {
		return a, err
	}
	a.status, a.header, a.body = got.Actual, got.ResponseHeader, got.Body
	return a, nil
}

// do makes a request without a body that must be answered with a status.
func (s store) do(status int, method, path string, h header) answer {
	s.e.Helper()
	return s.send(status, method, path, h, nil)
}

// send makes a request that must be answered with a status.
func (s store) send(status int, method, path string, h header, body io.Reader) answer {
	s.e.Helper()
	a := s.call(method, path, h, body)
	if a.status != status {
		s.e.Fatalf("%s: status %d, want %d: %s", a.what, a.status, status, a.body)
	}
	return a
}

// put writes an object.
func (s store) put(path string, content []byte, h header) answer {
	s.e.Helper()
	return s.send(http.StatusCreated, http.MethodPut, path, h, bytes.NewReader(content))
}

// get reads an object, or a listing that is not empty.
func (s store) get(path string, h header) answer {
	s.e.Helper()
	return s.do(http.StatusOK, http.MethodGet, path, h)
}

// head reads the header of an object.
func (s store) head(path string, h header) answer {
	s.e.Helper()
	return s.do(http.StatusOK, http.MethodHead, path, h)
}

// remove deletes a container or an object.
func (s store) remove(path string) answer {
	s.e.Helper()
	return s.do(http.StatusNoContent, http.MethodDelete, path, nil)
}

// newContainer makes a container that is gone when the test ends, with what is in it.
func (s store) newContainer(h header) string {
	s.e.Helper()
	name := s.e.Name("container")
	s.removeAfter(name)
	s.do(http.StatusCreated, http.MethodPut, name, h)
	return name
}

// removeAfter registers the removal of a container and what is in it, also before it is made. A container that is
// empty costs one call.
func (s store) removeAfter(container string) {
	s.e.Cleanup("container "+container, func(ctx context.Context) error {
		for {
			a, err := s.try(ctx, http.MethodDelete, at(container), nil, nil)
			if err != nil || a.status != http.StatusConflict {
				return errors.Join(err, a.failure())
			}
			if err := s.empty(ctx, container); err != nil {
				return err
			}
		}
	})
}

// empty deletes the objects of a container.
func (s store) empty(ctx context.Context, container string) error {
	list, err := s.try(ctx, http.MethodGet, at(container), header{"Accept": "text/plain"}, nil)
	if err == nil {
		err = list.failure()
	}
	if err != nil {
		return err
	}
	for _, object := range list.lines() {
		a, err := s.try(ctx, http.MethodDelete, at(container, object), nil, nil)
		if err := errors.Join(err, a.failure()); err != nil {
			return err
		}
	}
	return nil
}

// newObject makes an object of some random bytes, and returns its name and the bytes. It is gone when the test ends.
func (s store) newObject(container string, h header) (name string, content []byte) {
	s.e.Helper()
	name, content = s.e.Name("object"), data.Bytes(s.e.Rand(), objectSize)
	s.newObjectAs(container, name, content, h)
	return name, content
}

// objectSize is how many bytes an object has whose size does not matter.
const objectSize = 1024

// newObjectAs makes an object, which is gone when the test ends.
func (s store) newObjectAs(container, object string, content []byte, h header) answer {
	s.e.Helper()
	s.removeObjectAfter(container, object)
	return s.put(at(container, object), content, h)
}

// removeObjectAfter registers the removal of an object, also before it is made.
func (s store) removeObjectAfter(container, object string) {
	s.e.Cleanup("object "+container+"/"+object, func(ctx context.Context) error {
		a, err := s.try(ctx, http.MethodDelete, at(container, object), nil, nil)
		return errors.Join(err, a.failure())
	})
}

// failure is nil unless the answer is an error other than that there is no such thing.
func (a answer) failure() error {
	if a.status < http.StatusBadRequest || a.status == http.StatusNotFound {
		return nil
	}
	return errors.New(a.what + ": " + http.StatusText(a.status) + ": " + string(a.body))
}

// lines returns the lines of a listing in plain text.
func (a answer) lines() []string {
	text := strings.TrimSuffix(string(a.body), "\n")
	if text == "" {
		return nil
	}
	return strings.Split(text, "\n")
}

// has checks that fields of the answer's header have values. A value "" stands for a field that must not be there.
func (a answer) has(e *testlib.Env, want header) {
	e.Helper()
	for name, value := range want {
		got, there := a.header[http.CanonicalHeaderKey(name)]
		switch {
		case value == "" && there:
			e.Errorf("%s: %s is %q, want none", a.what, name, got)
		case value != "" && (len(got) != 1 || got[0] != value):
			e.Errorf("%s: %s is %q, want %q", a.what, name, got, value)
		}
	}
}

// isBody checks that the body of the answer is this one.
func (a answer) isBody(e *testlib.Env, want []byte) {
	e.Helper()
	if !bytes.Equal(a.body, want) {
		e.Errorf("%s: the body has %d bytes, %s, want %d bytes, %s", a.what, len(a.body), excerpt(a.body),
			len(want), excerpt(want))
	}
}

// excerpt is the beginning of a body, for messages.
func excerpt(body []byte) string {
	const most = 60
	if len(body) > most {
		return strings.ToValidUTF8(string(body[:most]), "?") + "…"
	}
	return strings.ToValidUTF8(string(body), "?")
}
