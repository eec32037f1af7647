package testlib

import (
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"github.com/gotempest/tempest/internal/cloud"
	"github.com/gotempest/tempest/internal/ledger"
	"github.com/gotempest/tempest/internal/protocol"
	"github.com/gotempest/tempest/internal/resource"
)

// books is what the tests of a process have made in the cloud: on disk by way of a ledger, and in memory
// as far as it is still there.
type books struct {
	session *session
	writer  *ledger.Writer
	noDir   error // why there is no place on disk; nil when there is one, or none is needed

	endpoints endpoints

	mu       sync.Mutex
	table    *resource.Table
	declared []resource.Type             // by options of tests
	owners   map[[sha256.Size]byte]owner // of tokens
	entries  map[*Env]map[*entry]bool    // by top-level test; what is still there, or may be
	byPath   map[string][]*entry         // by what removes it
	failures int                         // removals that the cloud refused, so far
}

// owner says whose a token is.
type owner struct{ user, project string }

// entry is one thing, or a request without an answer.
type entry struct {
	root   *Env // the top-level test
	key    ledger.Key
	intent ledger.Intent
	thing  ledger.Thing
	kind   resource.Type
	call   resource.Creation
	token  string // with which it was made

	hidden *resource.Hidden // what no answer shows; nil for what was asked for

	cutOff time.Time // when its request ended without an answer; zero when there was one

	// The rest is guarded by books.
	state    ledger.State
	failure  int    // number of its last refused removal, 0 for none
	refusal  string // what was answered then
	reported bool   // a clean-up has said that it is left behind
}

// openLedger begins the ledger of the process. Nothing is written before something is made.
func (s *session) openLedger() {
	dir, err := s.ledgerDir()
	b := &books{
		session: s, noDir: err, table: resource.NewTable(), owners: map[[sha256.Size]byte]owner{},
		entries: map[*Env]map[*entry]bool{}, byPath: map[string][]*entry{},
	}
	c := s.Cloud
	b.writer = ledger.NewWriter(dir, ledger.Head{
		Run: filepath.Base(dir), PID: os.Getpid(), Program: programUnderTest(), Time: time.Now().UTC(),
		Cloud: ledger.Cloud{
			Name: c.Name, AuthURL: c.Auth.IdentityEndpoint, CloudsFile: c.File, Region: c.Endpoint.Region,
			Interface: string(c.Endpoint.Availability),
		},
	})
	s.books = b
	s.ledger = b.layer
}

// ledgerDir returns the folder of the run, "" when what is made ends with the process.
func (s *session) ledgerDir() (string, error) {
	if s.Embedded != nil {
		return "", nil
	}
	if dir := os.Getenv(protocol.EnvLedger); dir != "" {
		if !filepath.IsAbs(dir) { // tests run in the folders of their packages
			return "", fmt.Errorf("$%s is %q, want an absolute path", protocol.EnvLedger, dir)
		}
		return dir, nil
	}
	folder, err := ledger.Folder()
	if err != nil {
		return "", fmt.Errorf("%w: set one of them", err)
	}
	run := os.Getenv(protocol.EnvRun)
	if run == "" {
		run = ledger.RunID(time.Now())
	}
	return filepath.Join(folder, run), nil
}

// programUnderTest returns the import path of the package whose tests these are.
func programUnderTest() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	return strings.TrimSuffix(info.Path, ".test")
}

// A Resource says how a resource is made and removed that tempest does not recognise by itself, as an option
// of [Start]. Most need none: a POST whose answer has an id, a reference, or a Location makes something that is
// removed by DELETE on the path of the POST and the ID. All strings are literals.
//
// Paths begin with "/", and are what follows the endpoint in the catalogue. A word in braces stands for
// a segment of the path, and in Delete and Check for what it stood for when the thing was made:
// "/trips/{trip}/launches/{id}". {id} is the ID; other names are those of members of the answer.
type Resource struct {
	Service string // type of the service, as in [Services]
	Type    string // what the resource is called: "launch"

	Create string // method and path: "POST /trips/{trip}/launches"; empty when only the removal is unusual

	// Action is the only member of the body of requests to Create that make something, where others do other
	// things: "launch" of {"launch": {…}}. Empty means that all do.
	Action string

	Key  string // member of the answer that holds the thing; empty means the answer itself
	ID   string // member of that which is the ID, or a segment of the path in braces; empty means "id"
	Name string // member of that, and of the request, which is the name; empty means "name"

	Delete string // method and path; empty means DELETE on the path of Create and the ID
	Body   string // of Delete, as JSON, with words in braces inside strings; empty for none
	Check  string // path to GET that is answered 404 once it is gone; empty means that of Delete
	Async  bool   // it is there for a while after Delete was accepted

	// Part says that it cannot outlive what its path names.
	Part bool

	// Before names the service and the type of a resource that it uses and so has to be removed before:
	// "network port". Empty means that it is removed before all others.
	Before string
}

func (r Resource) apply(s *settings) { s.resources = append(s.resources, r) }

// declare makes the resources of a test's options known for the rest of the process.
func (e *Env) declare(list []Resource) {
	e.Helper()
	for _, r := range list {
		if problem := r.problem(); problem != "" {
			e.Fatalf("testlib.Resource{Service: %q, Type: %q}: %s", r.Service, r.Type, problem)
		}
		e.session.books.declare(r)
	}
}

// problem says what is wrong with a declaration, "" for nothing.
func (r Resource) problem() string {
	create, _, _ := strings.Cut(r.Create, " ")
	remove, _, _ := strings.Cut(r.Delete, " ")
	switch {
	case r.Service == "" || r.Type == "":
		return "Service and Type are needed"
	case !request(r.Create) || create == "GET":
		return fmt.Sprintf("Create is %q, want a method and a path: \"POST /things\"", r.Create)
	case r.Delete != "" && (!request(r.Delete) || remove == "GET"):
		return fmt.Sprintf("Delete is %q, want a method and a path: \"DELETE /things/{id}\"", r.Delete)
	case r.Check != "" && r.Check[0] != '/':
		return fmt.Sprintf("Check is %q, want a path: \"/things/{id}\"", r.Check)
	}
	return ""
}

// request reports whether s is a method and a path.
func request(s string) bool {
	method, path, ok := strings.Cut(s, " ")
	return ok && method != "" && strings.ToUpper(method) == method && strings.HasPrefix(path, "/") &&
		!strings.Contains(path, " ")
}

func (b *books) declare(r Resource) {
	b.mu.Lock()
	defer b.mu.Unlock()
	t := r.resourceType(b.table)
	for _, have := range b.declared {
		if have.Service == t.Service && have.Name == t.Name {
			return
		}
	}
	b.declared = append(b.declared, t)
	b.table = resource.NewTable(b.declared...)
}

// resourceType returns what r says in the form of the table.
func (r Resource) resourceType(table *resource.Table) resource.Type {
	t := resource.Type{
		Service: cloud.ServiceType(r.Service), Name: r.Type, Create: []string{strings.TrimSpace(r.Create + " " + r.Action)},
		Key: r.Key, ID: r.ID, NameField: r.Name, Delete: r.Delete, DeleteBody: r.Body, Check: r.Check, Async: r.Async,
		Part: r.Part,
	}
	if service, name, ok := strings.Cut(r.Before, " "); ok {
		if after, known := table.Type(cloud.ServiceType(service), name); known {
			t.Rank = after.Rank - 1
		}
	}
	return t
}

// match returns what a call may make.
func (b *books) match(c resource.Call) (resource.Creation, bool) {
	b.mu.Lock()
	table := b.table
	b.mu.Unlock()
	return table.Match(c)
}

// add notes a thing, or a request without an answer.
func (b *books) add(list ...*entry) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, n := range list {
		if b.entries[n.root] == nil {
			b.entries[n.root] = map[*entry]bool{}
		}
		b.entries[n.root][n] = true
		if n.state != ledger.Perhaps {
			b.byPath[n.place()] = append(b.byPath[n.place()], n)
		}
	}
}

// place returns what requests that remove the entry have in common with each other.
func (n *entry) place() string {
	path, _, _ := strings.Cut(n.thing.Path, "?")
	return removalMethod(n.thing) + " " + n.thing.Service + " " + path
}

func removalMethod(t ledger.Thing) string {
	if t.Method == "" {
		return "DELETE"
	}
	return t.Method
}

// at returns the entries that a request may remove.
func (b *books) at(method, service, path string) []*entry {
	path, _, _ = strings.Cut(path, "?")
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]*entry(nil), b.byPath[method+" "+service+" "+path]...)
}

// forget drops an entry that is gone. The caller holds the lock.
func (b *books) forget(n *entry) {
	n.state = ledger.Gone
	delete(b.entries[n.root], n)
	if len(b.entries[n.root]) == 0 {
		delete(b.entries, n.root)
	}
	place := n.place()
	rest := b.byPath[place][:0:0]
	for _, other := range b.byPath[place] {
		if other != n {
			rest = append(rest, other)
		}
	}
	b.byPath[place] = rest
	if len(rest) == 0 {
		delete(b.byPath, place)
	}
}

// gone notes that a thing is gone.
func (b *books) gone(n *entry) {
	b.mu.Lock()
	known := n.state == ledger.Gone
	if !known {
		b.forget(n)
	}
	b.mu.Unlock()
	if !known {
		b.warn(b.writer.Gone(n.key))
	}
}

// going notes that the removal of a thing was accepted.
func (b *books) going(n *entry) {
	b.mu.Lock()
	known := n.state >= ledger.Going
	if !known {
		n.state = ledger.Going
	}
	b.mu.Unlock()
	if !known {
		b.warn(b.writer.Going(n.key))
	}
}

// none notes that a request made nothing.
func (b *books) none(n *entry) {
	b.mu.Lock()
	b.forget(n)
	b.mu.Unlock()
	b.warn(b.writer.None(n.key.N))
}

// refused notes that the cloud did not remove a thing.
func (b *books) refused(n *entry, answer string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.failures++
	n.failure, n.refusal = b.failures, answer
}

// warn says that the ledger could not be written after the call was made. What it lacks is found by the
// name of the thing, or tried once more and not there.
func (b *books) warn(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "tempest:", err)
	}
}

// of returns what a top-level test has made itself and what is not gone, in the order it was made in.
func (b *books) of(root *Env) []*entry {
	return b.those(func(n *entry) bool { return n.root == root && n.intent.Kind == ledger.KindTest })
}

// those returns the entries for which is is true, in the order they were made in.
func (b *books) those(is func(*entry) bool) []*entry {
	b.mu.Lock()
	defer b.mu.Unlock()
	var list []*entry
	for _, entries := range b.entries {
		for n := range entries {
			if is(n) {
				list = append(list, n)
			}
		}
	}
	sortEntries(list)
	return list
}

// owns reports whether one of ids is that of something which the test made, or testlib for its account.
func (b *books) owns(root *Env, kind ledger.Kind, ids []string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	for at, list := range b.entries {
		if at != root && kind != ledger.KindAccount { // accounts outlive the test that needed them first
			continue
		}
		for n := range list {
			if n.intent.Kind == kind && n.state == ledger.Made && contains(ids, n.thing.ID) {
				return true
			}
		}
	}
	return false
}

func contains(list []string, s string) bool {
	for _, v := range list {
		if v == s {
			return s != ""
		}
	}
	return false
}

// root returns the top-level test that e belongs to.
func (e *Env) root() *Env {
	for e.parent != nil {
		e = e.parent
	}
	return e
}

// closeLedger ends the ledger when the last test of the process has ended, with whose connections it finds out what
// became of requests for accounts that were not answered. It says how to remove what is left. Under tempest the
// command does it.
func (s *session) closeLedger(e *Env) {
	b := s.books
	e.settleAccounts()
	if err := b.writer.Tidy(); err != nil {
		b.warn(err)
	}
	if n := b.writer.Open(); n > 0 && b.writer.Dir() != "" && !underTempest() {
		fmt.Fprintf(os.Stderr, "tempest: %s in the cloud; `tempest cleanup --run %s` removes what is there\n",
			counted(n), filepath.Base(b.writer.Dir()))
	}
}

// settleAccounts finds out what is left of what testlib made: of requests that were not answered, and of what goes with
// something else, as a subnet with its network. Users and projects go with nothing; they are kept
// for other tests, or their removal was seen.
func (e *Env) settleAccounts() {
	b := e.session.books
	account := func(n *entry) bool {
		return n.intent.Kind == ledger.KindAccount && (n.state == ledger.Perhaps || n.intent.Service != cloud.Identity)
	}
	if len(b.those(account)) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(e.ctx), shortLeakTime)
	defer cancel()
	e.resolve(ctx, b.those(account))
	for _, n := range b.those(account) {
		if b.stateOf(n) == ledger.Perhaps {
			continue
		}
		if err := e.waitWhileGoing(ctx, n); err != nil {
			e.log.printf("%s: %v", n.short(), err)
		}
	}
}

func counted(n int) string {
	if n == 1 {
		return "one thing may be left"
	}
	return fmt.Sprintf("%d things may be left", n)
}
