package testlib

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gotempest/tempest/internal/ledger"
	"github.com/gotempest/tempest/internal/resource"
)

// question is a request about a thing, as the one who made it or as the administrator.
type question struct {
	method, service, path string
	url                   string // for the one who made it
	body                  string
	header, adminHeader   map[string]string
	adminQuery            string // for the administrator, who sees more with it
}

// reply is what came of it.
type reply struct {
	status  int
	body    []byte
	byAdmin bool // the administrator was answered
}

// put asks as the one who made the thing: with the token that it was made with, or a newer one. Where that does not do
// any more, the administrator asks.
func (e *Env) put(ctx context.Context, n *entry, q question) (reply, error) {
	var last reply
	var err error
	for _, token := range e.tokensFor(n) {
		last, err = e.send(ctx, n.intent.Who, token, q.url, q)
		if err == nil && last.status != http.StatusUnauthorized && last.status != http.StatusForbidden {
			return last, nil
		}
	}
	a, adminErr := e.putAsAdmin(ctx, q)
	if a.byAdmin = true; adminErr == nil && n.shown(a) {
		return a, nil
	}
	if err == nil && last.status == 0 {
		err = adminErr
	}
	return last, err
}

// shown reports whether an answer to the administrator, who is not the one who made the thing, says something of it:
// a service may say that there is no such thing of all that is in other projects.
func (n *entry) shown(a reply) bool {
	unknown := n.kind.Scoped || n.kind.Name == ""
	return !unknown || a.status != http.StatusNotFound && a.status < http.StatusInternalServerError
}

// tokensFor returns the tokens of the one who made a thing.
func (e *Env) tokensFor(n *entry) []string {
	list := []string{n.token}
	for at := n.root; at != nil; at = at.parent {
		for p, a := range at.users {
			// A call without a token, as with a signed URL, was made in the place of one of them.
			if n.intent.User == "" || p == Persona(n.intent.Who) && a.UserID == n.intent.User {
				list = append(list, a.token())
			}
		}
	}
	return slices.DeleteFunc(slices.Compact(list), func(s string) bool { return s == "" })
}

func (e *Env) putAsAdmin(ctx context.Context, q question) (reply, error) {
	a, err := e.administrator() //nolint:contextcheck // a login has the context of the process
	if err != nil {
		return reply{}, err
	}
	at := q.url
	if q.service != "" {
		eo := e.session.Endpoint(q.service)
		eo.ApplyDefaults(q.service)
		endpoint, err := a.Provider.EndpointLocator(eo)
		if err != nil {
			return reply{}, err
		}
		at = resource.URL(endpoint, q.service, withQuery(q.path, q.adminQuery))
	}
	header := map[string]string{}
	for _, h := range []map[string]string{q.header, q.adminHeader} {
		for name, value := range h {
			header[name] = value
		}
	}
	q.header = header
	result, err := e.send(ctx, adminName, a.Provider.Token(), at, q)
	if err == nil && result.status == http.StatusUnauthorized {
		if err := a.Provider.Reauthenticate(calledFor(ctx, e), a.Provider.Token()); err != nil {
			return reply{}, err
		}
		result, err = e.send(ctx, adminName, a.Provider.Token(), at, q)
	}
	return result, err
}

// send makes one call.
func (e *Env) send(ctx context.Context, who, token, at string, q question) (reply, error) {
	var body io.Reader = http.NoBody
	if q.body != "" {
		body = strings.NewReader(q.body)
	}
	r, err := http.NewRequestWithContext(ctx, q.method, at, body)
	if err != nil {
		return reply{}, err
	}
	r.Header.Set("X-Auth-Token", token)
	r.Header.Set("Accept", "application/json")
	if q.body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for name, value := range q.header {
		r.Header.Set(name, value)
	}
	resp, err := e.httpClient(who).Do(r)
	if err != nil {
		return reply{}, err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	return reply{status: resp.StatusCode, body: data}, err
}

// isThere reports whether a thing is there.
func (e *Env) isThere(ctx context.Context, n *entry) (bool, error) {
	path := n.thing.Check
	if path == "" {
		path, _, _ = strings.Cut(n.thing.Path, "?")
	}
	q := question{
		method: http.MethodGet, service: n.thing.Service, path: path, url: n.urlOf(path), header: n.thing.Header,
		adminHeader: n.thing.AdminHeader,
	}
	if n.thing.Service == "object-store" {
		q.method = http.MethodHead // an object can be large
	}
	a, err := e.put(ctx, n, q)
	switch {
	case err != nil:
		return false, fmt.Errorf("looking whether it is there: %w", err)
	case a.status == http.StatusNotFound, a.status == http.StatusGone:
		return false, nil
	case n.kind.Name == "" && (a.status == http.StatusMethodNotAllowed || a.status == http.StatusNotImplemented ||
		a.status == http.StatusBadRequest):
		return false, nil // nothing that can be looked at, so nothing that a generic rule may call a resource
	case a.status >= http.StatusMultipleChoices:
		return false, fmt.Errorf("looking whether it is there was answered %d %s", a.status, http.StatusText(a.status))
	}
	return !resource.SaysGone(a.body, n.thing.CheckKey), nil
}

// urlOf returns the URL of a path of the service that the thing is in, for the one who made it.
func (n *entry) urlOf(path string) string {
	if base, ok := strings.CutSuffix(n.thing.URL, n.thing.Path); ok {
		return base + path
	}
	return n.thing.URL
}

// remove sends the request that removes a thing.
func (e *Env) remove(ctx context.Context, n *entry) (int, error) {
	t := n.thing
	if s := t.First; s != nil {
		_, err := e.put(ctx, n, question{method: s.Method, service: t.Service, path: s.Path, url: n.urlOf(s.Path),
			body: s.Body, header: t.Header, adminHeader: t.AdminHeader})
		if err != nil {
			return 0, err
		}
	}
	a, err := e.put(ctx, n, question{method: removalMethod(t), service: t.Service, path: t.Path, url: t.URL, body: t.Body,
		header: t.Header, adminHeader: t.AdminHeader})
	return a.status, err
}

// lookFor returns what a request made whose answer was lost: what has the name that the request gave, where such things
// are listed.
func (e *Env) lookFor(ctx context.Context, n *entry) ([]foundThing, error) {
	name := n.intent.Name
	kind, path := n.kind, ""
	kind.List, path = collectionOf(n)
	if name == "" && (kind.List.ProjectField == "" && !kind.Scoped || n.intent.Project == "") {
		return nil, errNoName
	}
	base, ok := strings.CutSuffix(n.intent.URL, n.intent.Path)
	if !ok {
		return nil, fmt.Errorf("%s does not end in %s", n.intent.URL, n.intent.Path)
	}
	if kind.List.Name != "" && name != "" && !n.intent.Several {
		path = withQuery(path, kind.List.Name+"="+url.QueryEscape(name))
	}
	a, err := e.put(ctx, n, question{method: http.MethodGet, service: n.intent.Service, path: path, url: base + path,
		header: n.kind.Header, adminHeader: n.kind.AdminHeader, adminQuery: kind.List.All})
	switch {
	case err != nil:
		return nil, err
	case a.byAdmin && (n.kind.List.Path == "" || n.kind.List.Own || n.kind.Scoped):
		return nil, errors.New("nobody can list it but the one who made it, whose token does not do any more")
	case a.status == http.StatusNotFound, a.status == http.StatusMethodNotAllowed:
		return nil, nil // there is nothing of the kind
	case a.status >= http.StatusMultipleChoices:
		return nil, fmt.Errorf("listing %s was answered %d", path, a.status)
	}
	var things []foundThing
	for _, item := range itemsOf(a.body, kind.List.Key) {
		m, err := kind.Removal(item)
		if err != nil {
			continue
		}
		t := thingOf(m)
		t.URL = base + t.Path
		switch {
		case n.hidden != nil:
			if !n.hidden.Bears(m.Name) || !e.session.books.strange(n, kind, t, item) || !madeSince(item, n.intent.Time) {
				continue
			}
		case name != "" && n.call.Bears(m.Name):
		case name != "" || m.Name != "" || !e.session.books.strange(n, kind, t, item):
			continue
		case !madeSince(item, n.intent.Time):
			return nil, errNoName // it may have been there before
		}
		things = append(things, foundThing{t, resource.SaysGoing(item)})
	}
	return things, nil
}

// foundThing is a thing that was found in a list.
type foundThing struct {
	ledger.Thing

	going bool // its removal is under way
}

// strange reports whether an element of a list is in the project of the one who made n, not made or used by somebody
// else, in no ledger, and no port that services have made.
func (b *books) strange(n *entry, kind resource.Type, t ledger.Thing, item []byte) bool {
	var obj map[string]any
	_ = json.Unmarshal(item, &obj)
	owner, _ := obj["device_owner"].(string)
	user, _ := obj["user_id"].(string)
	mine := obj[kind.List.ProjectField] == n.intent.Project || kind.Scoped // of which each sees their own only
	return mine && owner == "" && (user == "" || n.intent.User == "" || user == n.intent.User) &&
		len(b.at(removalMethod(t), t.Service, t.Path)) == 0
}

// madeSince reports whether an element of a list says that it was made after a time. Clocks may differ a little.
func madeSince(item []byte, since time.Time) bool {
	var obj struct {
		CreatedAt string `json:"created_at"`
		Created   string `json:"created"` // Barbican
	}
	_ = json.Unmarshal(item, &obj)
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999"} {
		if at, err := time.Parse(layout, cmp.Or(obj.CreatedAt, obj.Created)); err == nil {
			return !at.Before(since.Add(-clockSkew))
		}
	}
	return false
}

// clockSkew is how much the clocks of this machine and of the cloud may differ. Services tell whole seconds.
const clockSkew = 2 * time.Second

// collectionOf returns how what n made is listed, and where: as the table says, or where it was made.
func collectionOf(n *entry) (resource.List, string) {
	if n.kind.List.Path != "" {
		return n.kind.List, n.kind.List.Path
	}
	path, _, _ := strings.Cut(n.intent.Path, "?")
	return resource.List{Path: path, ID: n.kind.ID}, path
}

func withQuery(path, parameter string) string {
	if parameter == "" {
		return path
	}
	if strings.Contains(path, "?") {
		return path + "&" + parameter
	}
	return path + "?" + parameter
}

// itemsOf returns the elements of the list in an answer: that of the name, or the only one.
func itemsOf(body []byte, key string) []json.RawMessage {
	var list []json.RawMessage
	if bytes.HasPrefix(bytes.TrimSpace(body), []byte("[")) {
		_ = json.Unmarshal(body, &list) // what is no list has no elements
		return list
	}
	var members map[string]json.RawMessage
	_ = json.Unmarshal(body, &members)
	if key != "" {
		_ = json.Unmarshal(members[key], &list)
		return list
	}
	for _, m := range members {
		if json.Unmarshal(m, &list) == nil && len(list) > 0 {
			return list
		}
	}
	return nil
}
