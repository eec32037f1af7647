package schema

import (
	"errors"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/gotempest/tempest/testlib"
)

// Rule says how some answers must look. Fields that are empty do not narrow which ones, unless they say so.
type Rule struct {
	// Service is the type of the service in the catalogue, such as "block-storage".
	Service string

	// Method of the request.
	Method string

	// Path of the request: a pattern as in [github.com/gotempest/tempest/testlib.Fault], such as "/servers/*".
	Path string

	// Status lists the status codes of the answers. Empty means 200 to 299.
	Status []int

	// MinVersion and MaxVersion are the microversions from and to which the rule is right, both included. An answer
	// that says no microversion is of the lowest.
	MinVersion, MaxVersion string

	// Header is the schema of the headers: JSON text, or the path of a file. What it checks is an object with the
	// names of the headers in lower case, and a string for each. Empty means that headers are not checked.
	Header string

	// Body is the schema of the body: JSON text, or the path of a file. Empty means that the body is not checked.
	Body string

	// NoBody says that the answer must have no body.
	NoBody bool
}

// Set checks answers by rules. Its methods may be called concurrently.
//
// Whatever the rules say, an answer to HEAD and one with status 204 or 205 must have no body.
type Set struct {
	rules  []rule
	strict bool
}

// rule is a Rule whose schemas have been read.
type rule struct {
	Rule

	min, max     version
	header, body *Schema
}

// New reads the schemas of rules, whose files are in files; nil is for rules that have none.
func New(files fs.FS, rules ...Rule) (*Set, error) {
	s := &Set{}
	l := newLoader(files)
	for i, r := range rules {
		compiled, err := l.rule(r)
		if err != nil {
			return nil, fmt.Errorf("rule %d, %s: %w", i+1, r, err)
		}
		s.rules = append(s.rules, compiled)
	}
	return s, nil
}

// Strict returns a set that also refuses answers with a status from 200 to 299 for which it has no rule.
func (s *Set) Strict() *Set { return &Set{rules: s.rules, strict: true} }

func (l *loader) rule(r Rule) (rule, error) {
	out := rule{Rule: r}
	if r.NoBody && r.Body != "" {
		return out, errors.New("it has NoBody and a schema for the body")
	}
	if _, err := path.Match(r.Path, ""); err != nil {
		return out, fmt.Errorf("path %q: %w", r.Path, err)
	}
	var err error
	if out.min, err = parseVersion(r.MinVersion); err != nil {
		return out, fmt.Errorf("MinVersion: %w", err)
	}
	if out.max, err = parseVersion(r.MaxVersion); err != nil {
		return out, fmt.Errorf("MaxVersion: %w", err)
	}
	if r.Header != "" {
		if out.header, err = l.schema("of the headers of "+r.String(), r.Header); err != nil {
			return out, err
		}
	}
	if r.Body != "" {
		if out.body, err = l.schema("of "+r.String(), r.Body); err != nil {
			return out, err
		}
	}
	return out, nil
}

// String names the answers that a rule is for.
func (r Rule) String() string {
	words := []string{r.Service, r.Method, r.Path}
	if r.MinVersion != "" || r.MaxVersion != "" {
		words = append(words, "in "+r.MinVersion+"…"+r.MaxVersion)
	}
	words = slices.DeleteFunc(words, func(w string) bool { return w == "" })
	if len(words) == 0 {
		return "every call"
	}
	return strings.Join(words, " ")
}

// fits reports whether a rule is for an answer.
func (r *rule) fits(a testlib.Answer, v version) bool {
	return (r.Service == "" || r.Service == a.Service) && (r.Method == "" || r.Method == a.Method) &&
		a.FitsPath(r.Path) && r.fitsStatus(a.Status) &&
		(r.MinVersion == "" || v.compare(r.min) >= 0) && (r.MaxVersion == "" || v.compare(r.max) <= 0)
}

func (r *rule) fitsStatus(status int) bool {
	if len(r.Status) == 0 {
		return succeeded(status)
	}
	return slices.Contains(r.Status, status)
}

func succeeded(status int) bool {
	return status >= http.StatusOK && status < http.StatusMultipleChoices
}

// Check returns how an answer differs from the rules that are for it, nil for not at all. An error of schemas is a
// [*MismatchError].
func (s *Set) Check(a testlib.Answer) error {
	errs := []error{checkNoBody(a)}
	v, err := parseVersion(a.Microversion)
	if err != nil {
		errs = append(errs, fmt.Errorf("reading the microversion of the answer: %w", err))
	}
	known := false
	for i := range s.rules {
		if r := &s.rules[i]; r.fits(a, v) {
			known = true
			errs = append(errs, r.check(a))
		}
	}
	if !known && s.strict && succeeded(a.Status) {
		errs = append(errs, fmt.Errorf("there is no rule for %s of %s %s with status %d",
			a.Service, a.Method, a.Path, a.Status))
	}
	return errors.Join(errs...)
}

// checkNoBody refuses a body where HTTP has none. Of answers to HEAD and with 204 or 304 the connection gives no
// body, so the length that they claim is looked at; in those to HEAD and with 304 it is that of another answer.
//
// Source: RFC 9110, sections 6.4.1 and 8.6
func checkNoBody(a testlib.Answer) error {
	none := a.Method == http.MethodHead || a.Status == http.StatusNoContent || a.Status == http.StatusResetContent ||
		a.Status == http.StatusNotModified
	if !none {
		return nil
	}
	if n := len(a.Body); n > 0 {
		return fmt.Errorf("an answer to %s with status %d has a body of %d bytes, and must have none", a.Method, a.Status, n)
	}
	claims := a.Status == http.StatusNoContent || a.Status == http.StatusResetContent
	if claims && claimsBody(a.Header) {
		return fmt.Errorf("an answer with status %d claims a body of %s bytes, and must have none",
			a.Status, a.Header.Get("Content-Length"))
	}
	return nil
}

func claimsBody(h http.Header) bool {
	length := h.Get("Content-Length")
	return length != "" && length != "0"
}

// check compares an answer with one rule.
func (r *rule) check(a testlib.Answer) error {
	var errs []error
	if r.header != nil {
		errs = append(errs, r.header.Validate(headers(a.Header)))
	}
	switch kind, _, _ := mime.ParseMediaType(a.Header.Get("Content-Type")); {
	case r.NoBody && (len(a.Body) > 0 || claimsBody(a.Header)):
		errs = append(errs, errors.New("the answer has a body, and must have none"))
	case r.body == nil:
	case len(a.Body) == 0:
		errs = append(errs, fmt.Errorf("the answer has no body that could fit schema %s (content type %q)",
			r.body.name, kind))
	case !strings.Contains(kind, "json"):
		errs = append(errs, fmt.Errorf("the body is said to be %q, and must be JSON", kind))
	default:
		errs = append(errs, r.body.Validate(a.Body))
	}
	return errors.Join(errs...)
}

// headers returns headers as the value that a schema of headers is for.
func headers(h http.Header) map[string]any {
	out := make(map[string]any, len(h))
	for name, values := range h {
		out[strings.ToLower(name)] = strings.Join(values, ", ")
	}
	return out
}

// version is a microversion. The zero value is below all others.
type version struct{ major, minor int }

func (v version) compare(other version) int {
	if v.major != other.major {
		return v.major - other.major
	}
	return v.minor - other.minor
}

// latest is above all others.
const latest = 1 << 30

func parseVersion(s string) (version, error) {
	switch strings.ToLower(s) {
	case "":
		return version{}, nil
	case "latest":
		return version{latest, latest}, nil
	}
	major, minor, ok := strings.Cut(s, ".")
	a, errMajor := strconv.Atoi(major)
	b, errMinor := strconv.Atoi(minor)
	if !ok || errMajor != nil || errMinor != nil || a < 0 || b < 0 {
		return version{}, fmt.Errorf("%q is no microversion such as 2.90", s)
	}
	return version{a, b}, nil
}
