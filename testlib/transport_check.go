package testlib

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/gotempest/tempest/internal/secret"
	"github.com/gotempest/tempest/internal/urlpath"
)

// Answer is a call and what came back, as a [Checker] sees them.
type Answer struct {
	Service      string      // type in the catalogue; "" for what is not in it
	Method       string      // of the request, in upper case
	Path         string      // of the resource, behind endpoint, version and project: "/servers/5ad5…"
	URL          string      // the whole of it
	Microversion string      // of the answer, or if it does not say, that was asked for; "" for none
	Status       int         // code of the answer
	Header       http.Header // of the answer

	// Body is the body of the answer. It is read only where it is JSON or text, or where there must be none; else
	// it is nil.
	Body []byte
}

// FitsPath reports whether the call is one to a path as in [Fault]: the path of the resource, or the whole one.
func (a Answer) FitsPath(pattern string) bool {
	if urlpath.Fits(pattern, a.Path) {
		return true
	}
	u, err := url.Parse(a.URL)
	return err == nil && urlpath.Fits(pattern, u.Path)
}

// A Checker says whether an answer is as it should be. The package
// github.com/gotempest/tempest/testlib/schema has one for JSON Schema.
type Checker interface {
	// Check returns what is wrong with an answer, nil for nothing. It may be called concurrently. It must not
	// change the answer.
	Check(Answer) error
}

// Validate has every answer that c gets checked by each of checks, from now on until the test ends. What one of them
// finds fails the test, with the identifier of the request; the caller gets the answer all the same. Of calls that
// are made again, the last answer is checked. The test is that of the Env: a subtest may have a client of its
// group checked while it runs. Clients of [Env.HTTP] are checked with [Env.ValidateHTTP].
func (e *Env) Validate(c *gophercloud.ServiceClient, checks ...Checker) {
	e.Helper()
	e.addChecks(e.chainOf(c, "Validate"), "Validate", checks)
}

// ValidateHTTP is [Env.Validate] for a client of [Env.HTTP].
func (e *Env) ValidateHTTP(c *http.Client, checks ...Checker) {
	e.Helper()
	own, ok := c.Transport.(*chain)
	if !ok {
		e.Fatal("ValidateHTTP: the client is not one that Env.HTTP made")
	}
	e.addChecks(own, "ValidateHTTP", checks)
}

// check is a Checker, and the log of the test that it fails.
type check struct {
	Checker

	log *callLog
}

// addChecks has the answers on the way of c checked until the test ends.
func (e *Env) addChecks(c *chain, method string, checks []Checker) {
	e.Helper()
	if slices.Contains(checks, nil) {
		e.Fatalf("%s: a check is nil", method)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, k := range checks {
		c.checks = append(c.checks, check{k, e.log})
	}
	e.T.Cleanup(func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.checks = slices.DeleteFunc(slices.Clone(c.checks), func(k check) bool { return k.log == e.log })
	})
}

// check fails the test when the answer is not as it should be.
func (c *chain) check(r *http.Request, resp *http.Response) {
	log := c.env.log
	where := func() string {
		text := fmt.Sprintf("%s%s: %d", callSite(), log.nameOf(r), resp.StatusCode)
		return strings.TrimSpace(text + " " + requestID(resp.Header))
	}
	if problem := microversionProblem(r, resp); problem != "" {
		log.errorf("%s: %s", where(), problem)
	}
	c.mu.Lock()
	checks := c.checks
	c.mu.Unlock()
	if len(checks) == 0 {
		return
	}
	a, err := c.answer(r, resp)
	if err != nil {
		log.errorf("%s: reading the answer to check it: %v", where(), err)
		return
	}
	for _, check := range checks {
		if err := check.Check(a); err != nil {
			check.log.errorf("%s: %v", where(), err)
		}
	}
}

// callSite returns the place in the author's code where a call was made, as "x_test.go:7: ", or "". The log of a
// test names the place in testlib where a mistake was found, which helps nobody.
func callSite() string {
	const deep = 64
	pcs := make([]uintptr, deep)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(1, pcs)])
	for {
		f, more := frames.Next()
		foreign := strings.HasPrefix(f.Function, "net/http.") || strings.HasPrefix(f.Function, "runtime.") ||
			strings.HasPrefix(f.Function, "github.com/gophercloud/gophercloud/v2") ||
			strings.HasPrefix(f.Function, "github.com/gotempest/tempest/testlib.")
		switch {
		case strings.HasPrefix(f.Function, "testing."):
			return ""
		case !foreign || strings.HasSuffix(f.File, "_test.go"):
			return fmt.Sprintf("%s:%d: ", filepath.Base(f.File), f.Line)
		case !more:
			return ""
		}
	}
}

// maxChecked is the largest body that is read to be checked, in bytes.
const maxChecked = 32 << 20

// answer returns what a checker sees.
func (c *chain) answer(r *http.Request, resp *http.Response) (Answer, error) {
	service, path := c.env.session.ServiceAt(r.URL)
	asked, version := askedVersion(r.Header)
	if got := answeredVersions(resp.Header, r.Header, asked); len(got) > 0 {
		version = got[0]
	}
	a := Answer{
		Service: service, Method: r.Method, Path: path, URL: r.URL.Redacted(), Microversion: version,
		Status: resp.StatusCode, Header: resp.Header,
	}
	if resp.Body == nil || !secret.IsText(resp.Header) && !bodiless(resp.StatusCode) {
		return a, nil
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxChecked+1))
	rest := io.Reader(resp.Body)
	if err != nil {
		rest = failedReader{err}
	}
	resp.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(body), rest), resp.Body}
	if len(body) > maxChecked {
		return a, fmt.Errorf("the body has more than %d bytes", maxChecked)
	}
	a.Body = body
	return a, err
}

// bodiless reports whether answers with a status have no body.
//
// Source: RFC 9110, sections 15.3.5, 15.3.6 and 15.4.5
func bodiless(status int) bool {
	return status == http.StatusNoContent || status == http.StatusResetContent || status == http.StatusNotModified
}
