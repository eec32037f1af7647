package cleanup

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gotempest/tempest/internal/ledger"
	"github.com/gotempest/tempest/internal/resource"
)

// Thing is something in the cloud that is to be removed.
type Thing struct {
	// Service is the official type of the service that has it, Type its type there as in package
	// resource: "compute", "server". Both may be empty for what a plugin's test has made.
	Service, Type string

	ID   string
	Name string // may be empty

	// Project and User own it, by ID; empty when unknown.
	Project, User string

	Run     string    // that made it; empty for what was found by listing
	Program string    // import path of the package whose test made it
	Test    string    // that made it; empty when unknown
	Account bool      // made by testlib itself for the personas of tests
	Made    time.Time // zero when unknown
	Why     string    // why it is removed, when that is because of another thing: "in project …"

	// removal is the request that removes it, url its address where no endpoint is known.
	removal  resource.Request
	first    *resource.Request // to be sent before; nil for none
	url      string
	check    string // path that is answered 404 once it is gone; empty means that of the removal
	checkKey string // member of that answer that is empty then, where it is not 404
	async    bool
	scoped   bool // only a token of its project can remove it
	part     bool // it goes with another thing, if that is removed
	rank     int

	seq   int       // order of creation among things of one time
	from  []source  // entries of ledgers that its removal closes
	tries int       // how often its removal was asked for
	asked time.Time // when the cloud has accepted its removal
}

// String says what it is: `server "tempest-1" (4711)`.
func (t *Thing) String() string {
	var b strings.Builder
	b.WriteString(cmp.Or(t.Type, "thing"))
	if t.Name != "" {
		b.WriteString(" " + strconv.Quote(t.Name))
	}
	if t.ID != "" && t.ID != t.Name {
		b.WriteString(" (" + t.ID + ")")
	}
	if t.Type == "" {
		b.WriteString(" at " + cmp.Or(t.url, t.removal.Path))
	}
	return b.String()
}

// removes reports whether it is of a collection of a service, whatever type has been made: an image can be made by
// the compute service.
func (t *Thing) removes(service, collection string) bool {
	rest, ok := strings.CutPrefix(t.path(), "/"+collection+"/")
	return ok && t.removal.Service == service && rest != "" && !strings.Contains(rest, "/")
}

// path is that of the removal, without a query.
func (t *Thing) path() string {
	path, _, _ := strings.Cut(t.removal.Path, "?")
	return path
}

// key is the same for two records of one thing.
func (t *Thing) key() string {
	place := t.removal.Path
	if place == "" {
		place = t.url
	}
	if t.scoped { // unique in its project only
		place = t.Project + place
	}
	method := cmp.Or(t.removal.Method, http.MethodDelete)
	return strings.Join([]string{t.removal.Service, method, place, t.removal.Body}, "\x00")
}

// ordered returns things in the order of removal: by rank, of one rank the newest first.
func ordered(things []*Thing) []*Thing {
	sorted := slices.Clone(things)
	slices.SortStableFunc(sorted, func(a, b *Thing) int {
		return cmp.Or(cmp.Compare(a.rank, b.rank), b.Made.Compare(a.Made), cmp.Compare(b.seq, a.seq))
	})
	return sorted
}

// ranks splits ordered things by rank.
func ranks(sorted []*Thing) [][]*Thing {
	var groups [][]*Thing
	for i, t := range sorted {
		if i == 0 || t.rank != sorted[i-1].rank {
			groups = append(groups, nil)
		}
		groups[len(groups)-1] = append(groups[len(groups)-1], t)
	}
	return groups
}

// record is what a ledger holds of the thing.
func (t *Thing) record() ledger.Thing {
	out := ledger.Thing{
		Service: t.removal.Service, Type: t.Type, ID: t.ID, Name: t.Name, Method: t.removal.Method, URL: t.url,
		Body: t.removal.Body, Header: t.removal.Header, Path: t.removal.Path, AdminHeader: t.removal.AdminHeader,
		Check: t.check, CheckKey: t.checkKey, Rank: t.rank, Async: t.async,
	}
	if t.first != nil {
		out.First = &ledger.Step{Method: t.first.Method, Path: t.first.Path, Body: t.first.Body}
	}
	return out
}

// recorded is the thing of an entry.
func recorded(head ledger.Head, e ledger.Entry) *Thing {
	t := e.Thing
	thing := &Thing{
		Service: t.Service, Type: t.Type, ID: t.ID, Name: t.Name, Project: e.Intent.Project, User: e.Intent.User,
		Run: head.Run, Program: head.Program, Test: e.Intent.Test, Account: e.Intent.Kind == ledger.KindAccount,
		Made: e.Intent.Time,
		removal: resource.Request{
			Service: t.Service, Method: t.Method, Path: t.Path, Body: t.Body, Header: t.Header, AdminHeader: t.AdminHeader,
		},
		url: t.URL, check: t.Check, checkKey: t.CheckKey, async: t.Async, rank: t.Rank, seq: e.Key.N,
	}
	if t.First != nil {
		thing.first = &resource.Request{Service: t.Service, Method: t.First.Method, Path: t.First.Path, Body: t.First.Body}
	}
	return thing
}
