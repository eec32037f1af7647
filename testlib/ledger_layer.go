package testlib

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gotempest/tempest/internal/cloud"
	"github.com/gotempest/tempest/internal/ledger"
	"github.com/gotempest/tempest/internal/resource"
)

// layer is the step on the way of a call that writes the ledger.
func (b *books) layer(e *Env, who string, next http.RoundTripper) http.RoundTripper {
	return &ledgerLayer{books: b, env: e, who: who, next: next}
}

type ledgerLayer struct {
	books *books
	env   *Env
	who   string
	next  http.RoundTripper
}

const (
	// maxNamed is how much of the body of a request is read for the name in it, in bytes.
	maxNamed = 64 << 10

	// maxAnswer is how much of an answer is read for the IDs in it, in bytes: some thousand ports made at once.
	maxAnswer = 8 << 20
)

// RoundTrip makes the call. What it may make is in the ledger before it is sent, and what it made before the answer
// is returned.
func (l *ledgerLayer) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method == http.MethodOptions {
		return l.next.RoundTrip(r)
	}
	service, path := l.books.locate(l.env, r.URL)
	if a := l.env.find(Persona(l.who)); a != nil {
		a.noteService(service)
	}
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		return l.watch(r, service, path)
	}
	c := &change{request: r, service: service}
	c.path, _, _ = strings.Cut(path, "?")
	if l.kind() == ledger.KindTest {
		c.root = l.env.root()
	}
	if service == cloud.Identity {
		r, c.sent = startOf(r)
	}
	resp, err := l.send(r, path, c)
	if c.root != nil {
		l.judge(c, resp, err)
	}
	return resp, err
}

// send makes a call that may change something.
func (l *ledgerLayer) send(r *http.Request, path string, c *change) (*http.Response, error) {
	if c.isLogin() {
		return l.logIn(r)
	}
	resp, handled, err := l.create(r, path, c)
	if handled {
		return resp, err
	}
	return l.watch(r, c.service, path)
}

// judge completes what is known of a call, and tells the accounts of the test.
func (l *ledgerLayer) judge(c *change, resp *http.Response, err error) {
	if err == nil {
		c.status = resp.StatusCode
	}
	c.unsent = c.unsent || err != nil && !judgeError(c.request, err).arrived
	c.own = c.own || c.root.made.named(c.service, c.path)
	c.undone = c.undone || c.request.Method == http.MethodDelete && c.root.made.removed(c.service, c.path)
	l.env.judge(c)
}

// logIn makes a call that asks for a token, and learns from it whose it is and where the services are.
func (l *ledgerLayer) logIn(r *http.Request) (*http.Response, error) {
	resp, err := l.next.RoundTrip(r)
	if err == nil && resp.StatusCode == http.StatusCreated {
		var body []byte
		body, resp.Body = peekUpTo(resp.Body, maxAnswer)
		l.books.learnToken(resp.Header, body)
	}
	return resp, err
}

// create makes a call that may make something. It reports false, without making it, for any other.
func (l *ledgerLayer) create(r *http.Request, path string, did *change) (*http.Response, bool, error) {
	service := did.service
	who := l.books.whose(l.env, l.who, r)
	call := resource.Call{Service: service, Method: r.Method, Path: path, Header: r.Header, User: who.user,
		Project: who.project}
	if _, may := l.books.match(call); !may && !l.books.mayByBody(call) {
		return nil, false, nil
	}
	if service != "object-store" { // whose bodies are what is stored, however large and slow
		r, call.Body = withStart(r)
	}
	c, may := l.books.match(call)
	kind, root := l.kind(), l.env.root()
	if !may || l.known(c, service) {
		resp, err := l.watch(r, service, path)
		return resp, true, err
	}
	if l.books.owns(root, kind, c.Parents()) {
		resp, err := l.watch(r, service, path)
		if err == nil {
			did.makes(l.books, c, l.part(c, resp), true)
		}
		return resp, true, err
	}
	n := &entry{root: root, kind: c.Type, call: c, token: r.Header.Get("X-Auth-Token"), intent: ledger.Intent{
		Test: l.env.T.Name(), Kind: kind, Who: l.who, User: who.user, Project: who.project,
		Service: service, Type: c.Type.Name, Method: r.Method, URL: l.books.session.Secrets.URL(r.URL), Path: path,
		Name: c.Name, Several: c.Several(), Rank: c.Type.Rank, Async: c.Type.Async, Time: time.Now().UTC(),
	}}
	all := append([]*entry{n}, l.hidden(n)...)
	if err := l.intend(r, all); err != nil {
		if r.Body != nil {
			_ = r.Body.Close()
		}
		did.unsent = true
		return nil, true, err
	}
	resp, err := l.next.RoundTrip(r)
	made := l.answered(n, r, resp, err)
	did.makes(l.books, c, made, false)
	l.answeredHidden(all[1:], r, resp, err)
	return resp, true, err
}

// intend notes a request that is about to be sent, and all that it may make. The error is why it is not.
func (l *ledgerLayer) intend(r *http.Request, all []*entry) error {
	if err := context.Cause(r.Context()); err != nil {
		return err
	}
	err := l.books.noDir
	for i, n := range all {
		if err == nil {
			n.key.N, err = l.books.writer.Intent(n.intent)
		}
		if err == nil {
			continue
		}
		for _, noted := range all[:i] {
			l.books.warn(l.books.writer.None(noted.key.N))
		}
		return fmt.Errorf("not sent, because what it makes could be lost: %w", err)
	}
	return nil
}

// kind says for whom the calls of this client make things: the administrator's are those of testlib.
func (l *ledgerLayer) kind() ledger.Kind {
	if l.who == adminName {
		return ledger.KindAccount
	}
	return ledger.KindTest
}

// mayByBody reports whether the body of a request decides whether it makes something.
func (b *books) mayByBody(c resource.Call) bool {
	b.mu.Lock()
	table := b.table
	b.mu.Unlock()
	return table.NeedsBody(c)
}

// known reports whether a request makes anew what is in the ledger already: an object that is written over.
func (l *ledgerLayer) known(c resource.Creation, service string) bool {
	made, err := c.Made(cmp.Or(c.Type.Status, http.StatusOK), nil, nil)
	if err != nil || len(made) != 1 || made[0].Type.Name == "" {
		return false
	}
	return len(l.books.at(made[0].Remove.Method, service, made[0].Remove.Path)) > 0
}

// part returns what a call made that needs no entry: it goes with what it is a part of.
func (l *ledgerLayer) part(c resource.Creation, resp *http.Response) []resource.Made {
	var body []byte
	if mayBeJSON(resp.Header) {
		body, resp.Body = peekUpTo(resp.Body, maxAnswer)
	}
	made, err := c.Made(resp.StatusCode, resp.Header, body)
	if err != nil {
		return nil // what is not known is not the test's
	}
	return made
}

// withStart returns a request whose body is as it was, and the start of the body, if it is one of JSON.
func withStart(r *http.Request) (*http.Request, []byte) {
	if !isJSON(r.Header) {
		return r, nil
	}
	return startOf(r)
}

// startOf returns a request whose body is as it was, and the start of the body.
func startOf(r *http.Request) (*http.Request, []byte) {
	if r.Body == nil || r.Body == http.NoBody {
		return r, nil
	}
	if r.GetBody != nil {
		if again, err := r.GetBody(); err == nil {
			defer again.Close()
			start, _ := io.ReadAll(io.LimitReader(again, maxNamed)) // what cannot be read fails when it is sent
			return r, start
		}
	}
	r = r.Clone(r.Context())
	var start []byte
	start, r.Body = peekUpTo(r.Body, maxNamed)
	return r, start
}

// mayBeJSON reports whether an answer can be JSON. Small servers do not say so.
func mayBeJSON(h http.Header) bool {
	t, _, _ := mime.ParseMediaType(h.Get("Content-Type"))
	return isJSON(h) || t == "" || t == "text/plain"
}

func isJSON(h http.Header) bool {
	t, _, err := mime.ParseMediaType(h.Get("Content-Type"))
	return err == nil && (t == "application/json" || strings.HasSuffix(t, "+json"))
}

// answered notes what came of a call that may have made something, and returns what it made.
func (l *ledgerLayer) answered(n *entry, r *http.Request, resp *http.Response, err error) []resource.Made {
	b := l.books
	switch {
	case madeNothing(r, resp, err):
		b.warn(b.writer.None(n.key.N))
		return nil
	case err != nil:
		n.cutOff = time.Now()
		l.lost(n, r, err.Error())
		return nil
	case resp.StatusCode >= http.StatusInternalServerError:
		l.lost(n, r, "answered "+resp.Status)
		return nil
	}
	var body []byte
	var cutOff error
	if resp.Body != nil && mayBeJSON(resp.Header) {
		body, cutOff = readStart(&resp.Body, maxAnswer)
	}
	made, err := n.call.Made(resp.StatusCode, resp.Header, body)
	switch {
	case err != nil:
		l.lost(n, r, cmp.Or(cutOff, err).Error())
		return nil
	case cutOff != nil && (len(made) != 1 || n.call.Type.Plural != ""): // there may have been more in the rest
		l.lost(n, r, cutOff.Error())
		return nil
	case len(made) == 0:
		b.warn(b.writer.None(n.key.N))
	default:
		l.made(n, r, slices.Clone(made))
	}
	return made
}

// madeNothing reports whether it is certain, without the text of the answer, that a request has made nothing.
func madeNothing(r *http.Request, resp *http.Response, err error) bool {
	if err != nil {
		return !judgeError(r, err).arrived // there was no connection
	}
	return resp.StatusCode < http.StatusInternalServerError &&
		(resp.StatusCode < http.StatusOK || resp.StatusCode >= http.StatusMultipleChoices)
}

// made notes what a request made. What is in the ledger already was not made by it.
func (l *ledgerLayer) made(n *entry, r *http.Request, made []resource.Made) {
	b := l.books
	made = slices.DeleteFunc(made, func(m resource.Made) bool {
		return len(b.at(m.Remove.Method, m.Remove.Service, m.Remove.Path)) > 0 && m.Remove.Body == ""
	})
	if len(made) == 0 {
		b.warn(b.writer.None(n.key.N))
		return
	}
	entries := make([]*entry, len(made))
	things := make([]ledger.Thing, len(made))
	for i, m := range made {
		things[i] = thingOf(m)
		things[i].URL = b.urlOf(l.env, r, things[i].Service, things[i].Path)
		own := *n
		own.key.I, own.thing, own.state = i, things[i], ledger.Made
		own.kind = m.Type
		entries[i] = &own
	}
	b.add(entries...)
	b.warn(b.writer.Made(n.key.N, things...))
}

// lost notes that nothing is known of what a request made. A PUT names it, so that it can be looked for there.
func (l *ledgerLayer) lost(n *entry, r *http.Request, why string) {
	b := l.books
	why = b.session.Secrets.Text(why)
	if n.call.Type.Name != "" && r.Method != http.MethodPost {
		made, err := n.call.Made(cmp.Or(n.call.Type.Status, http.StatusOK), nil, nil)
		if err == nil && len(made) > 0 {
			l.made(n, r, made)
			return
		}
	}
	if n.kind.Named && n.intent.Name == "" {
		b.warn(b.writer.None(n.key.N))
		return
	}
	b.add(n)
	b.warn(b.writer.Lost(n.key.N, why))
}

// thingOf returns how a thing is removed, but for the URL.
func thingOf(m resource.Made) ledger.Thing {
	t := ledger.Thing{
		Service: m.Remove.Service, Type: m.Type.Name, ID: m.ID, Name: m.Name, Method: m.Remove.Method,
		Path: m.Remove.Path, Body: m.Remove.Body, Header: m.Remove.Header, AdminHeader: m.Remove.AdminHeader,
		Check: m.Check, CheckKey: m.Type.CheckKey, Rank: m.Type.Rank, Async: m.Type.Async,
	}
	if t.Method == http.MethodDelete {
		t.Method = ""
	}
	if m.First != nil {
		t.First = &ledger.Step{Method: m.First.Method, Path: m.First.Path, Body: m.First.Body}
	}
	return t
}

// urlOf returns the URL of a path of a service for the one who sent r.
func (b *books) urlOf(e *Env, r *http.Request, service, path string) string {
	made, madePath := b.locate(e, r.URL)
	if full := plainURL(r.URL); made == service && strings.HasSuffix(full, madePath) {
		return strings.TrimSuffix(full, madePath) + path // the same endpoint, as it was used
	}
	u := *r.URL
	u.RawQuery, u.User = "", nil
	if service == "" {
		return u.Scheme + "://" + u.Host + path
	}
	if at := b.endpoints.of(service, b.session.Endpoint(service), b.whose(e, "", r).project); at != "" {
		return resource.URL(at, service, path)
	}
	return u.Scheme + "://" + u.Host + path
}

// watch makes a call that makes nothing, and notes what it says of what is in the ledger.
func (l *ledgerLayer) watch(r *http.Request, service, path string) (*http.Response, error) {
	method := r.Method
	if method == http.MethodGet || method == http.MethodHead {
		method = http.MethodDelete // what is looked at by it stands where it is removed
	}
	about := l.books.at(method, service, path)
	if len(about) == 0 {
		return l.next.RoundTrip(r)
	}
	var sent []byte
	if r.Method != http.MethodGet && r.Method != http.MethodHead && r.Method != http.MethodDelete {
		r, sent = withStart(r)
	}
	who := l.books.whose(l.env, l.who, r)
	resp, err := l.next.RoundTrip(r)
	var received []byte
	if err == nil && sent != nil {
		received, resp.Body = peekUpTo(resp.Body, maxNamed)
	}
	for _, n := range about {
		if sent == nil || n.isAbout(sent, received) {
			l.note(n, r, resp, err, who)
		}
	}
	return resp, err
}

// isAbout reports whether a request that is not a DELETE removes the thing: by what it does, and to which thing.
func (n *entry) isAbout(sent, received []byte) bool {
	id := []byte(n.thing.ID)
	if strings.Contains(n.thing.Path, n.thing.ID) {
		return resource.SameMember(sent, []byte(n.thing.Body))
	}
	return bytes.Contains(sent, id) || bytes.Contains(received, id)
}

// note takes in an answer about a thing.
func (l *ledgerLayer) note(n *entry, r *http.Request, resp *http.Response, err error, who owner) {
	b := l.books
	looks := r.Method == http.MethodGet || r.Method == http.MethodHead
	switch {
	case err != nil:
		if !looks {
			b.refused(n, err.Error())
		}
	case resp.StatusCode == http.StatusNotFound || resp.StatusCode == http.StatusGone:
		// Others are told the same about what they may not see.
		if l.sees(n, who) && (!looks || b.stateOf(n) == ledger.Going) {
			b.gone(n)
		}
	case looks:
	case resp.StatusCode >= http.StatusMultipleChoices:
		b.refused(n, "answered "+resp.Status)
	case n.thing.Async || n.kind.Name == "" && resp.StatusCode == http.StatusAccepted:
		b.going(n)
	default:
		b.gone(n)
	}
}

// sees reports whether somebody would be shown the thing if it were there.
func (l *ledgerLayer) sees(n *entry, who owner) bool {
	if who.user != "" && who.user == n.intent.User && who.project == n.intent.Project {
		return true
	}
	return l.who == adminName && !n.kind.Scoped || who == owner{} && l.who == n.intent.Who
}

func (b *books) stateOf(n *entry) ledger.State {
	b.mu.Lock()
	defer b.mu.Unlock()
	return n.state
}

// peekUpTo returns the start of a body and a body that still has it.
func peekUpTo(body io.ReadCloser, most int64) ([]byte, io.ReadCloser) {
	if body == nil {
		return nil, nil
	}
	start, _ := readStart(&body, most)
	return start, body
}

// readStart reads the start of a body, which still has it afterwards. The error is why it ended too early; the reader
// of the body gets it too.
func readStart(body *io.ReadCloser, most int64) ([]byte, error) {
	from := *body
	start, err := io.ReadAll(io.LimitReader(from, most))
	rest := io.Reader(from)
	if err != nil {
		rest = failedReader{err}
	}
	if err == nil && int64(len(start)) == most {
		err = errors.New("an answer too long to be read")
	}
	*body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(start), rest), from}
	return start, err
}

// sortEntries sorts entries by when they were made.
func sortEntries(list []*entry) {
	slices.SortFunc(list, func(a, b *entry) int {
		return cmp.Or(cmp.Compare(a.key.N, b.key.N), cmp.Compare(a.key.I, b.key.I))
	})
}
