//go:build tempest

package objectstore_test

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// check fails the test when an answer lacks a header field that an answer of its kind has, or has one of a wrong form.
//
// Source: https://docs.openstack.org/api-ref/object-store/
func (s store) check(method string, a answer) {
	s.e.Helper()
	var wrong []string
	for name, form := range s.fields(method, a) {
		value := a.header.Get(name)
		if value == "" || !form.MatchString(value) {
			wrong = append(wrong, fmt.Sprintf("%s is %q, want one like %s", name, value, form))
		}
	}
	for _, name := range []string{"Date", "Last-Modified", "X-Copied-From-Last-Modified"} {
		if value := a.header.Get(name); value != "" {
			if _, err := http.ParseTime(value); err != nil {
				// The time of a copy's source is quoted as in a URL.
				if plain, _ := url.QueryUnescape(value); plain == value {
					wrong = append(wrong, fmt.Sprintf("%s is %q: %v", name, value, err))
				}
			}
		}
	}
	for _, problem := range wrong {
		s.e.Errorf("%s (%d): %s", a.what, a.status, problem)
	}
}

// Forms of header fields.
var (
	anyForm       = regexp.MustCompile(`.`)
	numberForm    = regexp.MustCompile(`^[0-9]+$`)
	timestampForm = regexp.MustCompile(`^[0-9]+(\.[0-9]+)?$`)
	etagForm      = regexp.MustCompile(`^("[^"]+"|[0-9a-f]{32})$`)
	transForm     = regexp.MustCompile(`^tx[0-9a-f]{21}-[0-9a-f]{10}`)
)

// fields returns the fields that an answer of its kind has, and their forms.
func (s store) fields(method string, a answer) map[string]*regexp.Regexp {
	want := map[string]*regexp.Regexp{"Date": anyForm, "X-Trans-Id": transForm}
	if a.status != http.StatusNoContent && a.status != http.StatusNotModified {
		want["Content-Type"] = anyForm
	}
	path, below := strings.CutPrefix(s.url(strings.TrimPrefix(a.what, method+" ")), s.base)
	path, _, _ = strings.Cut(strings.TrimPrefix(path, "/"), "?")
	page := strings.HasPrefix(a.header.Get("Content-Type"), "text/html") && !strings.Contains(path, "/")
	if a.status >= http.StatusMultipleChoices || !below || page { // a page: of a static site
		return want
	}
	reads := method == http.MethodGet || method == http.MethodHead
	if reads {
		want["X-Timestamp"] = timestampForm
	}
	switch {
	case path == "" && reads:
		want["X-Account-Bytes-Used"] = numberForm
		want["X-Account-Container-Count"] = numberForm
		want["X-Account-Object-Count"] = numberForm
	case path == "":
	case !strings.Contains(path, "/"):
		if reads {
			want["X-Container-Bytes-Used"] = numberForm
			want["X-Container-Object-Count"] = numberForm
			want["X-Storage-Policy"] = anyForm
		}
	default:
		objectFields(method, want)
	}
	return want
}

// objectFields adds the fields of the answers for objects.
func objectFields(method string, want map[string]*regexp.Regexp) {
	switch method {
	case "COPY":
		want["X-Copied-From"] = anyForm
		want["X-Copied-From-Last-Modified"] = anyForm
		fallthrough
	case http.MethodGet, http.MethodHead, http.MethodPut:
		want["Etag"] = etagForm
		want["Last-Modified"] = anyForm
	}
}

// number returns a field of the answer's header that is a number, 0 when it is none.
func (a answer) number(name string) int {
	n, err := strconv.Atoi(a.header.Get(name))
	if err != nil {
		return 0
	}
	return n
}

// date returns a field of the answer's header that is a time.
func (a answer) date(name string) time.Time {
	t, err := http.ParseTime(a.header.Get(name))
	if err != nil {
		return time.Time{}
	}
	return t
}
