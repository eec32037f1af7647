package cleanup

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/gotempest/tempest/internal/resource"
)

// maxPages bounds how many pages of one list are read.
const maxPages = 1000

// finder lists things. Its methods may be called concurrently.
type finder struct {
	table  *resource.Table
	absent sync.Map // service and name of types that the cloud does not have: asked for once
	looked func()   // called before each list, for tests; nil for none
	whole  sync.Map // key of a list that no query narrows to a project, to *wholeList
}

// wholeList is what such a list showed: for each project the same would be asked for.
type wholeList struct {
	mu     sync.Mutex
	known  bool
	things []*Thing
}

// shared is list, without a call when that was listed before and again does not ask for what has changed since.
func (f *finder) shared(again bool) func(context.Context, *rights, resource.Type, string) ([]*Thing, error) {
	return func(ctx context.Context, r *rights, t resource.Type, query string) ([]*Thing, error) {
		return f.all(ctx, r, t, query, again)
	}
}

func (f *finder) all(ctx context.Context, r *rights, t resource.Type, query string, again bool) ([]*Thing, error) {
	kept, _ := f.whole.LoadOrStore(t.Service+" "+t.Name+"?"+query, &wholeList{})
	w := kept.(*wholeList) //nolint:forcetypeassert // nothing else is stored
	w.mu.Lock()
	defer w.mu.Unlock()
	if again || !w.known {
		things, err := f.list(ctx, r, t, query)
		if err != nil {
			return nil, err
		}
		w.things, w.known = things, true
	}
	copies := make([]*Thing, len(w.things))
	for i, thing := range w.things {
		c := *thing
		copies[i] = &c
	}
	return copies, nil
}

// list returns all things of a type that these rights see, narrowed by a query. That the
// service does not know the type is no error: then there are none.
func (f *finder) list(ctx context.Context, r *rights, t resource.Type, query string) ([]*Thing, error) {
	address, err := r.url(t.Service, join(t.List.Path, query))
	if err != nil {
		return nil, nil //nolint:nilerr // no such service: nothing is in it
	}
	if f.looked != nil {
		f.looked()
	}
	key := t.Service + " " + t.Name
	if _, ok := f.absent.Load(key); ok {
		return nil, nil
	}
	var things []*Thing
	for range maxPages {
		more, next, err := f.page(ctx, r, t, address)
		if errors.Is(err, errAbsent) {
			f.absent.Store(key, true)
			return things, nil
		}
		if err != nil {
			return nil, fmt.Errorf("listing %ss: %w", t.Name, err)
		}
		things = append(things, more...)
		if address = follow(address, next); address == "" {
			return things, nil
		}
	}
	return nil, fmt.Errorf("listing %ss: more than %d pages", t.Name, maxPages)
}

// errAbsent says that a service does not know a type.
var errAbsent = errors.New("no such type")

// page reads one page of a list, and says where the next one is.
func (f *finder) page(ctx context.Context, r *rights, t resource.Type, address string) (
	things []*Thing, next string, err error) {
	a, err := r.do(ctx, call{method: http.MethodGet, url: address, headers: listHeader(t)})
	switch {
	case err != nil:
		return nil, "", err
	case a.status == http.StatusNotFound, a.status == http.StatusNotImplemented, a.status == http.StatusNotAcceptable:
		return nil, "", errAbsent
	case a.status == http.StatusNoContent:
		return nil, "", nil
	case a.status == http.StatusBadRequest:
		return nil, "", fmt.Errorf("%w%w", r.refusal(call{method: http.MethodGet}, a), errQuery)
	case !a.ok():
		return nil, "", r.refusal(call{method: http.MethodGet}, a)
	}
	objects, next, err := elements(t.List, a.body)
	if err != nil {
		return nil, "", err
	}
	for _, o := range objects {
		thing, err := newThing(t, o)
		if err != nil {
			return nil, "", err
		}
		if thing != nil {
			things = append(things, thing)
		}
	}
	if t.Scoped && t.Service == objectStore {
		next = nextMarker(address, things, len(objects))
	}
	return things, next, nil
}

// errQuery says that a service refused the query of a list. It adds nothing to the text.
var errQuery = errors.New("")

// listHeader are the headers of a list: what a removal needs, and the microversion in which the list says whose the
// things are.
func listHeader(t resource.Type) map[string]string {
	h := map[string]string{"Accept": "application/json"}
	maps.Copy(h, t.Header)
	maps.Copy(h, t.AdminHeader)
	switch t.Service + " " + t.Name {
	case "compute server_group":
		h[microversion] = "compute 2.13"
	case "block-storage backup":
		h[microversion] = "volume 3.18"
	case "block-storage group", "block-storage group_snapshot":
		h[microversion] = "volume 3.58"
	}
	return h
}

const microversion = "OpenStack-API-Version"

// join adds a query to a path that may have one.
func join(path, query string) string {
	switch {
	case query == "":
		return path
	case strings.Contains(path, "?"):
		return path + "&" + query
	}
	return path + "?" + query
}

// elements returns the elements of a list and where it goes on.
func elements(l resource.List, body []byte) (objects []json.RawMessage, next string, err error) {
	if len(strings.TrimSpace(string(body))) == 0 {
		return nil, "", nil
	}
	if l.Key == "" {
		err = json.Unmarshal(body, &objects)
	} else {
		var doc map[string]json.RawMessage
		if err = json.Unmarshal(body, &doc); err == nil && l.Key == anyList {
			l.Key = theList(doc)
		}
		if err == nil && doc[l.Key] != nil {
			err = json.Unmarshal(doc[l.Key], &objects)
			next = nextLink(doc, l.Key)
		}
	}
	if err != nil {
		return nil, "", fmt.Errorf("the answer is not the list expected: %w", err)
	}
	if l.Object == "" {
		return objects, next, nil
	}
	for i, o := range objects {
		var wrapped map[string]json.RawMessage
		if err := json.Unmarshal(o, &wrapped); err != nil {
			return nil, "", fmt.Errorf("the answer is not the list expected: %w", err)
		}
		if inner, ok := wrapped[l.Object]; ok {
			objects[i] = inner
		}
	}
	return objects, next, nil
}

// nextLink finds where a list goes on: each service says it in its own way.
func nextLink(doc map[string]json.RawMessage, key string) string {
	var next string
	if json.Unmarshal(doc["next"], &next) == nil && next != "" { // image service
		return next
	}
	var links struct {
		Next string `json:"next"`
	}
	if json.Unmarshal(doc["links"], &links) == nil && links.Next != "" { // identity service
		return links.Next
	}
	var list []struct{ Rel, Href string }
	_ = json.Unmarshal(doc[key+"_links"], &list) // a link of another form: there is no next page
	for _, l := range list {
		if l.Rel == "next" {
			return l.Href
		}
	}
	return ""
}

// follow returns the address of the next page: at the host of this one, whatever name the service has for
// itself, because the token is for that.
func follow(address, next string) string {
	base, err := url.Parse(address)
	if err != nil || next == "" {
		return ""
	}
	ref, err := url.Parse(next)
	if err != nil {
		return ""
	}
	to := base.ResolveReference(ref)
	to.Scheme, to.Host = base.Scheme, base.Host
	if to.String() == address {
		return ""
	}
	return to.String()
}

// nextMarker goes on with the list of an object store, which gives no links.
func nextMarker(address string, things []*Thing, got int) string {
	if got == 0 || len(things) == 0 {
		return ""
	}
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	q := u.Query()
	q.Set("marker", things[len(things)-1].ID)
	u.RawQuery = q.Encode()
	return u.String()
}

// newThing makes a thing of what a list says, nil of one that cannot be removed.
func newThing(t resource.Type, object json.RawMessage) (*Thing, error) {
	var fields map[string]any
	if err := json.Unmarshal(object, &fields); err != nil {
		return nil, fmt.Errorf("the answer is not the list expected: %w", err)
	}
	if comesWithOthers(t, fields) {
		return nil, nil //nolint:nilnil // nothing to be removed, and no fault
	}
	removal, err := t.Removal(object)
	if err != nil {
		return nil, err
	}
	text := func(name, otherwise string) string {
		if name == "" {
			name = otherwise
		}
		s, _ := fields[name].(string)
		return s
	}
	thing := &Thing{
		Service: t.Service, Type: t.Name, ID: removal.ID, Made: made(fields),
		removal: removal.Remove, first: removal.First, check: removal.Check, checkKey: t.CheckKey,
		async: t.Async, scoped: t.Scoped, rank: t.Rank,
	}
	if t.List.NameField != "-" {
		thing.Name = text(t.List.NameField, "name")
	}
	if t.List.ProjectField != "" {
		thing.Project = text(t.List.ProjectField, "")
	}
	if t.List.UserField != "" {
		thing.User = text(t.List.UserField, "")
	}
	return thing, nil
}

// comesWithOthers reports whether a thing goes with another: the ports that the network service makes by
// itself.
func comesWithOthers(t resource.Type, fields map[string]any) bool {
	owner, _ := fields["device_owner"].(string)
	return t.Service == network && t.Name == "port" && strings.HasPrefix(owner, "network:")
}

// made finds when a thing was made, the zero time when that is not said.
func made(fields map[string]any) time.Time {
	for _, name := range []string{"created_at", "created", "creation_time"} {
		s, _ := fields[name].(string)
		for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999"} {
			if t, err := time.Parse(layout, s); err == nil {
				return t
			}
		}
	}
	return time.Time{}
}

// inProject returns what is in a project. Only what says that it belongs there is returned: a service that
// does not know the query would show everything. readOnly leaves out what only a token of the
// project sees; again asks for lists that were read for another project. The error joins what could not be looked at.
func (f *finder) inProject(ctx context.Context, a *access, project string, readOnly, again bool) ([]*Thing, error) {
	return f.each(ctx, func(ctx context.Context, t resource.Type) ([]*Thing, error) {
		if t.Scoped && (readOnly || !a.has(t.Service)) || !t.Scoped && t.List.ProjectField == "" {
			return nil, nil
		}
		r, query, err := a.lister(ctx, t, project)
		if err != nil || r == nil {
			return nil, err
		}
		read := f.list
		if r == a.admin && t.List.Project == "" {
			read = f.shared(again)
		}
		all, err := read(ctx, r, t, query)
		if errors.Is(err, errQuery) && query != t.List.All { // the type knows no projects in queries
			all, err = f.list(ctx, r, t, t.List.All)
		}
		return ofProject(all, t, project), err
	})
}

// ofProject are those of the things of a type that are in a project.
func ofProject(all []*Thing, t resource.Type, project string) (in []*Thing) {
	for _, thing := range all {
		if t.Scoped {
			thing.Project = project
		}
		if thing.Project == project {
			thing.Why = "in project " + project
			in = append(in, thing)
		}
	}
	return in
}

// lister returns the rights that see the things of a type in a project, and the query for them. They are nil when the
// project is no more, and nobody sees them.
func (a *access) lister(ctx context.Context, t resource.Type, project string) (*rights, string, error) {
	if a.admin != nil && !t.Scoped {
		if t.Service == network && t.Name == securityGroup {
			return a.admin, groupQuery(a.admin, project), nil
		}
		return a.admin, join2(t.List.All, t.List.Project, project), nil
	}
	r, err := a.in(ctx, project)
	if t.Scoped {
		if errors.Is(err, errNoProject) {
			return nil, "", nil
		}
		return r, "", err
	}
	return r, join2("", t.List.Project, project), err
}

// securityGroup is the type of security groups.
const securityGroup = "security_group"

// groupQuery asks for the security groups of a project. Whoever lists those of one project makes the network service
// give it a new default group; of several, the first one gets it. That is the project of the token, which gets one
// whatever is listed.
func groupQuery(r *rights, project string) string {
	if r.project == "" {
		return "" // those of all projects
	}
	return join2(join2("", "project_id", r.project), "project_id", project)
}

func join2(query, name, value string) string {
	if name == "" {
		return query
	}
	return strings.TrimPrefix(query+"&"+name+"="+url.QueryEscape(value), "&")
}

// each calls list for all types that can be listed.
func (f *finder) each(ctx context.Context, list func(context.Context, resource.Type) ([]*Thing, error)) (
	[]*Thing, error) {
	var types []resource.Type
	for _, t := range f.table.Types() {
		if t.List.Path != "" && !t.Part {
			types = append(types, t)
		}
	}
	return parallel(ctx, types, func(ctx context.Context, t resource.Type) ([]*Thing, error) {
		things, err := list(ctx, t)
		if err != nil {
			err = serviceError{t.Service, err}
		}
		return things, err
	})
}
