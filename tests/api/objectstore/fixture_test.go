//go:build tempest

package objectstore_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/gotempest/tempest/testlib"
	"github.com/gotempest/tempest/testlib/data"
)

// store is the object store as one persona of a test reaches it: each call is an
// HTTP request, because much of the API is headers and statuses. Redirects are not
// followed. A store belongs to the test that it was made for; a subtest makes its own,
// which costs no call.
type store struct {
	e     *testlib.Env
	http  *http.Client
	base  string // URL of the account, with a slash at its end
	token string // "" sends none
}

// header is what a request has in its head.
type header map[string]string

// answer is what the service said.
type answer struct {
	call   string // what it was asked
	Status int
	Header http.Header
	Body   []byte
}

// storeOf returns the account of p, as p reaches it.
func storeOf(e *testlib.Env, p testlib.Persona) store {
	e.Helper()
	c := e.ObjectStore(p)
	return store{e: e, base: c.ResourceBaseURL(), token: c.Token(), http: &http.Client{
		Transport: c.HTTPClient.Transport, CheckRedirect: stay,
	}}
}

// operator returns the account of the test's project, as its operator reaches it.
func operator(e *testlib.Env) store {
	e.Helper()
	return storeOf(e, testlib.ProjectOperator)
}

func stay(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// anonymous returns the same account as somebody without a token reaches it.
func (s store) anonymous() store {
	s.http = s.e.HTTP()
	s.http.CheckRedirect = stay
	s.token = ""
	return s
}

// as returns the account as p of another project reaches it.
func (s store) as(p testlib.Persona) store {
	s.e.Helper()
	other := storeOf(s.e, p)
	other.base = s.base
	return other
}

// path returns the path of the account in URLs: "/v1/AUTH_5ad5…".
func (s store) path() string {
	u, err := url.Parse(s.base)
	if err != nil {
		s.e.Fatalf("reading the address of the account: %v", err)
	}
	return strings.TrimSuffix(u.Path, "/")
}

// root returns the service without version and account, where it tells of itself.
func (s store) root() store {
	s.base = strings.TrimSuffix(s.base, strings.TrimPrefix(s.path(), "/")+"/")
	return s
}

// name returns the name of the account, which is the last part of its path.
func (s store) name() string {
	path := s.path()
	return path[strings.LastIndex(path, "/")+1:]
}

// at returns the path of a container, or of an object in it, escaped as in URLs.
func at(container string, object ...string) string {
	path := escape(container)
	for _, name := range object {
		path += "/" + escape(name)
	}
	return path
}

// escape escapes what may not stand in the path of a URL. Slashes stay.
func escape(name string) string { return strings.ReplaceAll(url.PathEscape(name), "%2F", "/") }

// query returns a query, with its question mark, from names and values in turn.
func query(pairs ...string) string {
	v := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	return "?" + v.Encode()
}

// send makes one request. path is relative to the account and escaped, with the query.
func (s store) send(ctx context.Context, method, path string, body []byte, h header) (answer, error) {
	return s.stream(ctx, method, path, bytes.NewReader(body), h)
}

// stream makes one request. A body that is a bytes.Reader is sent with its length, any other in chunks.
func (s store) stream(ctx context.Context, method, path string, body io.Reader, h header) (answer, error) {
	a := answer{call: method + " " + path}
	r, err := http.NewRequestWithContext(ctx, method, s.base+path, body)
	if err != nil {
		return a, fmt.Errorf("%s: %w", a.call, err)
	}
	if s.token != "" {
		r.Header.Set("X-Auth-Token", s.token)
	}
	for name, value := range h {
		r.Header.Set(name, value)
	}
	resp, err := s.http.Do(r)
	if err != nil {
		return a, fmt.Errorf("%s: %w", a.call, err)
	}
	defer resp.Body.Close()
	a.Status, a.Header = resp.StatusCode, resp.Header
	if a.Body, err = io.ReadAll(resp.Body); err != nil {
		return a, fmt.Errorf("%s: reading the answer: %w", a.call, err)
	}
	return a, nil
}

// call makes a request, whatever the service says. That the answer has the headers which all answers of its kind have
// is checked, so that no test need do so.
func (s store) call(method, path string, body []byte, h header) answer {
	s.e.Helper()
	a, err := s.send(s.e.Context(), method, path, body, h)
	if err != nil {
		s.e.Fatal(err)
	}
	a.check(s, path)
	return a
}

// want makes a request that must be answered with a status.
func (s store) want(status int, method, path string, body []byte, h header) answer {
	s.e.Helper()
	a := s.call(method, path, body, h)
	if a.Status != status {
		s.e.Fatalf("%s was answered %d %s, want %d", a.call, a.Status, bytes.TrimSpace(a.Body), status)
	}
	return a
}

// put writes an object.
func (s store) put(path string, content []byte, h header) answer {
	s.e.Helper()
	return s.want(http.StatusCreated, http.MethodPut, path, content, h)
}

// get reads an object, or a listing that is not empty.
func (s store) get(path string, h header) answer {
	s.e.Helper()
	return s.want(http.StatusOK, http.MethodGet, path, nil, h)
}

// head reads the header of an object.
func (s store) head(path string, h header) answer {
	s.e.Helper()
	return s.want(http.StatusOK, http.MethodHead, path, nil, h)
}

// remove deletes a container or an object.
func (s store) remove(path string) answer {
	s.e.Helper()
	return s.want(http.StatusNoContent, http.MethodDelete, path, nil, nil)
}

// newObject makes an object of random bytes, which is gone when the test ends, and returns its name and the bytes.
func (s store) newObject(container string, h header) (name string, content []byte) {
	s.e.Helper()
	name, content = s.e.Name("object"), randomBytes(s.e)
	s.newObjectAs(container, name, content, h)
	return name, content
}

// randomBytes returns the content of an object of which it does not matter what it is.
func randomBytes(e *testlib.Env) []byte { return data.Bytes(e.Rand(), 1024) }

// newObjectAs makes an object that is gone when the test ends.
func (s store) newObjectAs(container, object string, content []byte, h header) {
	s.e.Helper()
	s.removeObject(container, object)
	s.put(at(container, object), content, h)
}

// removeObject registers the removal of an object, also of one that is yet to be made. Where a test makes many, or
// deletes them itself, the removal of the container is enough.
func (s store) removeObject(container, object string) {
	path := at(container, object)
	s.e.Cleanup("object "+path, func(ctx context.Context) error {
		return s.delete(ctx, path)
	})
}

// delete deletes a container or an object. That it is gone already is fine.
func (s store) delete(ctx context.Context, path string) error {
	a, err := s.send(ctx, http.MethodDelete, path, nil, nil)
	return a.removal(err)
}

// newContainer makes a container that is gone, with all that is in it, when the test ends.
func (s store) newContainer(h header) string {
	s.e.Helper()
	name := s.e.Name("container")
	s.removeContainer(name)
	s.want(http.StatusCreated, http.MethodPut, name, nil, h)
	return name
}

// removeContainer registers the removal of a container and of all that is in it, also of one that is yet to be made. An
// empty one costs one call.
func (s store) removeContainer(name string) {
	s.e.Cleanup("container "+name, func(ctx context.Context) error {
		for {
			a, err := s.send(ctx, http.MethodDelete, at(name), nil, nil)
			if err != nil || a.Status != http.StatusConflict {
				return a.removal(err)
			}
			if err := s.empty(ctx, name); err != nil {
				return err
			}
		}
	})
}

// empty deletes all objects of a container.
func (s store) empty(ctx context.Context, container string) error {
	a, err := s.send(ctx, http.MethodGet, at(container)+"?format=json", nil, nil)
	if err != nil {
		return err
	}
	var objects []struct{ Name string }
	if err := json.Unmarshal(a.Body, &objects); err != nil {
		return fmt.Errorf("%s: %w", a.call, err)
	}
	for _, o := range objects {
		if err := s.delete(ctx, at(container, o.Name)); err != nil {
			return err
		}
	}
	return nil
}

// removal returns why what a request asked to remove is still there.
func (a answer) removal(err error) error {
	switch {
	case err != nil:
		return err
	case a.Status == http.StatusNoContent, a.Status == http.StatusNotFound:
		return nil
	}
	return fmt.Errorf("%s was answered %d %s", a.call, a.Status, bytes.TrimSpace(a.Body))
}

// has fails the test unless the answer has these headers, with these values. "" wants
// that there is no such header.
func (a answer) has(e *testlib.Env, want header) {
	e.Helper()
	for name, value := range want {
		if got := a.Header.Get(name); got != value {
			e.Errorf("%s is answered with %s: %q, want %q", a.call, name, got, value)
		}
	}
}

// contains fails the test unless the answer has this body.
func (a answer) contains(e *testlib.Env, want []byte) {
	e.Helper()
	if bytes.Equal(a.Body, want) {
		return
	}
	if len(a.Body)+len(want) < 1000 {
		e.Errorf("%s is answered with %q, want %q", a.call, a.Body, want)
		return
	}
	e.Errorf("%s is answered with %d bytes, want %d others", a.call, len(a.Body), len(want))
}

// into reads the body of an answer in JSON.
func (a answer) into(e *testlib.Env, v any) {
	e.Helper()
	if err := json.Unmarshal(a.Body, v); err != nil {
		e.Fatalf("%s is answered with %q: %v", a.call, a.Body, err)
	}
}

// lines returns the lines of a listing in plain text.
func (a answer) lines() []string {
	return strings.FieldsFunc(string(a.Body), func(r rune) bool { return r == '\n' })
}
