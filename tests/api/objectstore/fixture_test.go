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
	"regexp"
	"slices"
	"strings"

	"github.com/gotempest/tempest/testlib"
)

// store is the object store as one persona of a test reaches it: each call is an
// HTTP request, because much of the API is headers and statuses. Redirects are not
// followed.
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

// send makes one request. path is relative to the account and escaped, with the query.
func (s store) send(ctx context.Context, method, path string, body []byte, h header) (answer, error) {
	a := answer{call: method + " " + path}
	r, err := http.NewRequestWithContext(ctx, method, s.base+path, bytes.NewReader(body))
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

// call makes a request, whatever the service says.
func (s store) call(method, path string, body []byte, h header) answer {
	s.e.Helper()
	a, err := s.send(s.e.Context(), method, path, body, h)
	if err != nil {
		s.e.Fatal(err)
	}
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

// newContainer makes a container that is gone, with all that is in it, when the test ends.
func (s store) newContainer(h header) string {
	s.e.Helper()
	name := s.e.Name("container")
	s.want(http.StatusCreated, http.MethodPut, name, nil, h)
	s.removeContainer(name)
	return name
}

// removeContainer registers the removal of a container and of all that is in it.
func (s store) removeContainer(name string) {
	s.e.Cleanup("container "+name, func(ctx context.Context) error {
		a, err := s.send(ctx, http.MethodDelete, name, nil, nil)
		if err != nil || a.Status != http.StatusConflict {
			return a.removal(err)
		}
		a, err = s.send(ctx, http.MethodGet, name+"?format=json", nil, nil)
		if err != nil {
			return err
		}
		var objects []struct{ Name string }
		if err := json.Unmarshal(a.Body, &objects); err != nil {
			return fmt.Errorf("%s: %w", a.call, err)
		}
		for _, o := range objects {
			a, err := s.send(ctx, http.MethodDelete, name+"/"+url.PathEscape(o.Name), nil, nil)
			if err := a.removal(err); err != nil {
				return err
			}
		}
		a, err = s.send(ctx, http.MethodDelete, name, nil, nil)
		return a.removal(err)
	})
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

// thing is what an answer is about.
type thing string

const (
	account   thing = "account"
	container thing = "container"
	object    thing = "object"
)

// headForms are how headers look that many answers have.
//
// Source: https://docs.openstack.org/api-ref/object-store/
var headForms = map[string]*regexp.Regexp{
	"Content-Length":              regexp.MustCompile(`^\d+$`),
	"Content-Type":                regexp.MustCompile(`.`),
	"Date":                        regexp.MustCompile(`.`),
	"Last-Modified":               regexp.MustCompile(`.`),
	"X-Copied-From-Last-Modified": regexp.MustCompile(`.`),
	"X-Copied-From":               regexp.MustCompile(`\S+/\S+`),
	"X-Timestamp":                 regexp.MustCompile(`^\d+(\.\d+)?$`),
	"X-Trans-Id":                  regexp.MustCompile(`^tx[0-9a-f]{21}-[0-9a-f]{10}`),
	"Accept-Ranges":               regexp.MustCompile(`^bytes$`),
	"Etag":                        regexp.MustCompile(`^("[0-9A-Za-z]+"|[0-9A-Za-z]+)$`),
	"X-Account-Bytes-Used":        regexp.MustCompile(`^\d+$`),
	"X-Account-Container-Count":   regexp.MustCompile(`^\d+$`),
	"X-Account-Object-Count":      regexp.MustCompile(`^\d+$`),
	"X-Container-Bytes-Used":      regexp.MustCompile(`^\d+$`),
	"X-Container-Object-Count":    regexp.MustCompile(`^\d+$`),
}

// wellFormed fails the test unless an answer about a thing has the headers that all
// such answers have, in the form that they have.
func (a answer) wellFormed(e *testlib.Env, about thing) {
	e.Helper()
	need := []string{"Content-Type", "X-Trans-Id", "Date"}
	method, _, _ := strings.Cut(a.call, " ")
	switch {
	case method == http.MethodGet || method == http.MethodHead:
		need = append(need, "X-Timestamp")
		switch about {
		case account:
			need = append(need, "X-Account-Bytes-Used", "X-Account-Container-Count", "X-Account-Object-Count")
		case container:
			need = append(need, "X-Container-Bytes-Used", "X-Container-Object-Count", "X-Storage-Policy")
		case object:
			need = append(need, "Etag", "Last-Modified")
		}
	case about == object && method == http.MethodPut:
		need = append(need, "Etag", "Last-Modified")
	case about == object && method == "COPY":
		need = append(need, "Etag", "Last-Modified", "X-Copied-From", "X-Copied-From-Last-Modified")
	}
	for _, name := range need {
		if a.Header.Get(name) == "" {
			e.Errorf("%s is answered without %s", a.call, name)
		}
	}
	for name, form := range headForms {
		if got, has := a.Header[name]; has && !slices.ContainsFunc(got, form.MatchString) {
			e.Errorf("%s is answered with %s: %q, want one like %s", a.call, name, got, form)
		}
	}
}
