package testlib

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
)

// use watches the calls of a test, to tell whether its accounts are as they were when it ends. When in doubt they
// are not: that costs a few calls, and a test that gets an account which is not as new costs a day.
//
// What spoils an account:
//   - a change of something that the test has not made itself: PUT, PATCH, DELETE, or a POST that makes nothing,
//     with a path that names nothing the test made;
//   - a change at the identity service that names the account: its user, project, domain or token;
//   - a wrong login as the user, which may lock it;
//   - a change whose answer was lost, or is an error of the server;
//   - what the test made and did not remove, or what is still being removed when it ends.
type use struct {
	parent *use // that of the parent test, which sees what the subtest does

	mu      sync.Mutex
	touched string // the first call that spoils the accounts; "" for none
	things  []*thing
	said    bool // why the accounts are spoiled
}

// thing is what one call of a test made.
type thing struct {
	path  string   // of the call that made it
	ids   []string // what its own calls have in their path
	going bool     // its removal was accepted, but may take time
	gone  bool
}

// spoils says why the accounts are not as they were, "" when they are, and whether it says so for the first time.
func (u *use) spoils() (why string, first bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	why = u.touched
	for _, t := range u.things {
		if why == "" && !t.gone {
			why = "what the call of " + t.path + " made is not known to be gone"
		}
	}
	first = !u.said
	u.said = why != ""
	return why, first
}

// touch notes that a call spoils the accounts of the test and its parents.
func (u *use) touch(what string) {
	for ; u != nil; u = u.parent {
		u.mu.Lock()
		if u.touched == "" {
			u.touched = what
		}
		u.mu.Unlock()
	}
}

// made notes that the test made something.
func (u *use) made(t thing) {
	for ; u != nil; u = u.parent {
		u.mu.Lock()
		u.things = append(u.things, &t)
		u.mu.Unlock()
	}
}

// own returns the things of the test and its parents that a path names, the last in the path first.
func (u *use) own(path string) []*thing {
	for u.parent != nil {
		u = u.parent
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	var found []*thing
	for _, segment := range slices.Backward(segments(path)) {
		for _, t := range u.things {
			if slices.Contains(t.ids, segment) && !slices.Contains(found, t) {
				found = append(found, t)
			}
		}
	}
	for _, t := range u.things {
		if len(t.ids) == 0 && (path == t.path || strings.HasPrefix(path, t.path+"/")) {
			found = append(found, t)
		}
	}
	return found
}

// removed notes that what a path names is gone, or going, and all that was made in it.
func (u *use) removed(path string, things []*thing, going bool) {
	for u.parent != nil {
		u = u.parent
	}
	last := ""
	if s := segments(path); len(s) > 0 {
		last = s[len(s)-1]
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, t := range things {
		if !slices.Contains(t.ids, last) && t.path != path {
			continue
		}
		t.going, t.gone = going, !going
		for _, inside := range u.things { // what was made below it cannot outlive it
			if inside != t && (hasSegment(inside.path, t.ids) || len(t.ids) == 0 && strings.HasPrefix(inside.path, t.path+"/")) {
				inside.going, inside.gone = going, !going
			}
		}
	}
}

// missing notes that what a path names was looked for and not found.
func (u *use) missing(path string) {
	things := slices.DeleteFunc(u.own(path), func(t *thing) bool { return !t.going })
	u.removed(path, things, false)
}

func segments(path string) []string {
	return strings.FieldsFunc(path, func(r rune) bool { return r == '/' })
}

func hasSegment(path string, ids []string) bool {
	return slices.ContainsFunc(segments(path), func(s string) bool { return slices.Contains(ids, s) })
}

// observe is the layer that watches the calls of a test for its accounts.
func observe(e *Env, who string, next http.RoundTripper) http.RoundTripper {
	if who == adminName || e.use == nil { // what testlib itself does
		return next
	}
	return &observer{next: next, env: e, who: Persona(who)}
}

// adminName is who the administrator is in the log.
const adminName = "admin"

type observer struct {
	next http.RoundTripper
	env  *Env
	who  Persona
}

// RoundTrip makes the call, and notes what it means for the accounts of the test.
func (o *observer) RoundTrip(r *http.Request) (*http.Response, error) {
	if a := o.env.find(o.who); a != nil {
		a.noteService(r.URL)
	}
	if r.Method == http.MethodGet || r.Method == http.MethodHead || r.Method == http.MethodOptions {
		resp, err := o.next.RoundTrip(r)
		if err == nil && resp.StatusCode == http.StatusNotFound {
			o.env.use.missing(r.URL.Path)
		}
		return resp, err
	}
	sent := &capture{}
	if r.Body != nil && r.Body != http.NoBody {
		r = r.Clone(r.Context())
		r.Body = sent.tee(r.Body)
	}
	resp, err := o.next.RoundTrip(r)
	var received []byte
	if err == nil && r.Method == http.MethodPost && resp.Body != nil {
		received, resp.Body = peek(resp.Body)
	}
	o.judge(r, resp, err, sent.bytes(), received)
	return resp, err
}

// judge notes what a call that may change something did.
func (o *observer) judge(r *http.Request, resp *http.Response, err error, sent, received []byte) {
	u, path := o.env.use, r.URL.Path
	what := r.Method + " " + path
	login := r.Method == http.MethodPost && strings.HasSuffix(path, "/auth/tokens")
	switch {
	case err != nil || resp.StatusCode >= http.StatusInternalServerError:
		if !login {
			u.touch(what)
		}
		return
	case login:
		if resp.StatusCode >= http.StatusBadRequest && o.names(r, sent) {
			u.touch(what)
		}
		return
	}
	own := u.own(path)
	if r.Method == http.MethodDelete && (resp.StatusCode == http.StatusNotFound || resp.StatusCode < http.StatusBadRequest) {
		u.removed(path, own, resp.StatusCode != http.StatusNotFound && !o.atOnce(r.URL, resp.StatusCode))
	}
	if resp.StatusCode >= http.StatusBadRequest {
		return
	}
	if o.names(r, sent) {
		u.touch(what)
	}
	if r.Method == http.MethodPost {
		if ids := newIDs(path, resp.Header, received); len(ids) > 0 {
			u.made(thing{path: path, ids: ids})
			return
		}
	}
	if r.Method == http.MethodPut && resp.StatusCode == http.StatusCreated && len(own) == 0 {
		u.made(thing{path: path})
		return
	}
	if len(own) == 0 {
		u.touch(what)
	}
}

// atOnce reports whether a thing is gone when its removal was answered with that status.
func (o *observer) atOnce(u *url.URL, status int) bool {
	if status != http.StatusNoContent {
		return status == http.StatusOK
	}
	a := o.env.find(o.who)
	return a != nil && !slices.Contains([]string{"compute", "load-balancer", "orchestration"}, a.serviceAt(u))
}

// names reports whether a call names an account of the test: its user, a domain, or a token, and at the identity
// service also its project.
func (o *observer) names(r *http.Request, body []byte) bool {
	identity := strings.HasPrefix(r.URL.String(), o.env.AuthURL())
	where := []string{r.URL.Path, r.URL.RawQuery, string(body), r.Header.Get("X-Subject-Token")}
	for at := o.env; at != nil; at = at.parent {
		for _, a := range at.users {
			ids := []string{a.UserID, a.UserName, a.token()}
			if identity {
				ids = append(ids, a.ProjectID)
			}
			if a.kind == domainKind {
				ids = append(ids, a.DomainID)
			}
			for _, id := range ids {
				if id != "" && slices.ContainsFunc(where, func(s string) bool { return strings.Contains(s, id) }) {
					return true
				}
			}
		}
	}
	return false
}

// newIDs returns the IDs by which the answer to a POST calls what it made, nil for nothing.
func newIDs(path string, h http.Header, body []byte) []string {
	ids := map[string]bool{}
	if at, err := url.Parse(h.Get("Location")); err == nil {
		if s := segments(at.Path); len(s) > 0 && h.Get("Location") != "" {
			ids[s[len(s)-1]] = true
		}
	}
	var answer any
	if json.NewDecoder(bytes.NewReader(body)).Decode(&answer) == nil {
		findIDs(answer, answerDepth, ids)
	}
	for _, s := range segments(path) { // an answer that shows what was there already
		delete(ids, s)
	}
	var list []string
	for id := range ids {
		list = append(list, id)
	}
	return list
}

// findIDs adds the IDs of an answer, or of the objects in it down to a depth.
func findIDs(v any, depth int, ids map[string]bool) {
	switch v := v.(type) {
	case []any:
		for _, element := range v {
			findIDs(element, depth, ids)
		}
	case map[string]any:
		found := idsOf(v)
		if name, ok := v["name"].(string); ok && len(found) == 0 && depth < answerDepth { // such as a key pair
			ids[name] = true
		}
		for _, id := range found {
			ids[id] = true
		}
		if len(found) == 0 && depth > 0 {
			for _, value := range v {
				findIDs(value, depth-1, ids)
			}
		}
	}
}

// answerDepth is how deep in an answer the thing may stand that was made: {"servers": [{…}]}.
const answerDepth = 2

// idsOf returns the IDs that stand in an object itself.
func idsOf(o map[string]any) (ids []string) {
	for key, value := range o {
		text, ok := value.(string)
		if !ok || text == "" {
			continue
		}
		if key == "id" || key == "uuid" {
			ids = append(ids, text)
		}
		if s := segments(text); strings.HasSuffix(key, "_ref") && len(s) > 0 {
			ids = append(ids, s[len(s)-1])
		}
	}
	return ids
}
