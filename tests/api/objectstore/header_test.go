//go:build tempest

package objectstore_test

import (
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/gotempest/tempest/testlib"
)

// thing is what an answer is about.
type thing string

const (
	account   thing = "account"
	container thing = "container"
	object    thing = "object"
	other     thing = "other" // what every answer is
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

// check fails the test unless an answer has the headers that all answers of its kind have. path is that of the
// request. Of errors, and of the pages of a static site, little is asked.
func (a answer) check(s store, path string) {
	s.e.Helper()
	path, _, _ = strings.Cut(path, "?")
	about := account
	switch {
	case strings.HasPrefix(a.Header.Get("Content-Type"), "text/html"), a.Status >= http.StatusMultipleChoices,
		!strings.Contains(s.path(), "/v1/"):
		about = other
	case strings.Contains(path, "/"):
		about = object
	case path != "":
		about = container
	}
	a.wellFormed(s.e, about)
}

// wellFormed fails the test unless an answer about a thing has the headers that all
// such answers have, in the form that they have.
func (a answer) wellFormed(e *testlib.Env, about thing) {
	e.Helper()
	method, _, _ := strings.Cut(a.call, " ")
	need := []string{"X-Trans-Id", "Date"}
	if a.Status != http.StatusNotModified && method != http.MethodOptions {
		need = append(need, "Content-Type")
	}
	switch {
	case about == other:
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
