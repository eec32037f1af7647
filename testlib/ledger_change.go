package testlib

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/gotempest/tempest/internal/cloud"
	"github.com/gotempest/tempest/internal/ledger"
	"github.com/gotempest/tempest/internal/resource"
)

// change is a call that may change something, and what it did as far as the ledger can tell.
type change struct {
	root    *Env // the top-level test; nil for a call of testlib itself
	request *http.Request
	service string
	path    string // behind the endpoint, without the query
	sent    []byte // the start of the body; only at the identity service

	status int  // of the answer; 0 for none
	unsent bool // it cannot have arrived
	own    bool // it made something, or its path names something that the test made
	undone bool // it made things of known types, or removed one: nothing of what it did outlives them
}

func (c *change) isLogin() bool {
	return c.service == cloud.Identity && c.request.Method == http.MethodPost && c.path == "/auth/tokens"
}

// makes notes what the call made: parts of what the test has made, or things that are in the ledger now. What an answer
// only shows may be another test's.
func (c *change) makes(b *books, call resource.Creation, made []resource.Made, parts bool) {
	if c.root == nil {
		return
	}
	for _, m := range made {
		if !parts && !slices.ContainsFunc(b.at(m.Remove.Method, m.Remove.Service, m.Remove.Path), c.isOwn) {
			c.own, c.undone = false, false
			return
		}
		c.root.made.add(call, m)
		c.own, c.undone = true, call.Type.Name != ""
	}
}

func (c *change) isOwn(n *entry) bool { return n.root == c.root && n.intent.Kind == ledger.KindTest }

// belongings is by what the calls of a top-level test name what it has made, also what is gone by now.
type belongings struct {
	mu     sync.Mutex
	ids    map[string]bool // that a service gave, so that nothing else has them
	places map[string]bool // "service /path" of removal: whether the type is known
}

// add notes a thing. An ID that the request said, or a number, may be that of other things: its path says
// which is meant.
func (o *belongings) add(call resource.Creation, m resource.Made) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.ids == nil {
		o.ids, o.places = map[string]bool{}, map[string]bool{}
	}
	if !call.Says(m.ID) && strings.Trim(m.ID, "0123456789") != "" {
		o.ids[m.ID] = true
	}
	path, _, _ := strings.Cut(m.Remove.Path, "?")
	o.places[m.Remove.Service+" "+path] = m.Type.Name != ""
}

// named reports whether a path of a service names something of these, or something in it.
func (o *belongings) named(service, path string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, segment := range segments(path) {
		if id, err := url.PathUnescape(segment); err == nil && o.ids[id] {
			return true
		}
	}
	for path != "" {
		if _, ok := o.places[service+" "+path]; ok {
			return true
		}
		path = path[:max(strings.LastIndexByte(path, '/'), 0)]
	}
	return false
}

// removed reports whether the path is that of one of these whose type is known.
func (o *belongings) removed(service, path string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.places[service+" "+path]
}

// left returns what a test and its subtests have made and what is not known to be gone, in the order it was made in.
func (b *books) left(e *Env) []*entry {
	name := e.T.Name()
	return b.those(func(n *entry) bool {
		return n.root == e.root() && n.intent.Kind == ledger.KindTest &&
			(n.intent.Test == name || strings.HasPrefix(n.intent.Test, name+"/"))
	})
}

func segments(path string) []string {
	return strings.FieldsFunc(path, func(r rune) bool { return r == '/' })
}
