package testlib

import (
	"net/http"

	"github.com/gotempest/tempest/internal/ledger"
	"github.com/gotempest/tempest/internal/resource"
)

// hidden returns the entries of what the request of n makes beside what its answer will show: the volume that a server
// boots from. Most requests make nothing of the kind.
func (l *ledgerLayer) hidden(n *entry) []*entry {
	b := l.books
	b.mu.Lock()
	table := b.table
	b.mu.Unlock()
	list := table.Hidden(n.call, b.madeAt)
	if len(list) > 0 {
		b.learnAll(l.env) // the endpoints of the project
	}
	var all []*entry
	for _, h := range list {
		at := b.endpoints.of(h.Type.Service, b.session.Endpoint(h.Type.Service), n.intent.Project)
		if at == "" {
			continue // a cloud without such things
		}
		in := n.intent
		in.Service, in.Type, in.Rank, in.Async = h.Type.Service, h.Type.Name, h.Type.Rank, h.Type.Async
		in.Name, in.Ends, in.Several = h.Name, h.Ends, false
		in.Behind = in.Method + " " + in.URL
		in.Path = resource.Collection(h.Type)
		in.Method, in.URL = http.MethodPost, resource.URL(at, in.Service, in.Path)
		all = append(all, &entry{root: n.root, kind: h.Type, hidden: &h, token: n.token, intent: in})
	}
	return all
}

// madeAt returns the request that made what is removed by DELETE on a path, if it is in the ledger.
func (b *books) madeAt(service, path string) (resource.Creation, bool) {
	for _, n := range b.at(http.MethodDelete, service, path) {
		if n.hidden == nil {
			return n.call, true
		}
	}
	return resource.Creation{}, false
}

// answeredHidden notes what came of a request that may have made hidden things. Whether it did is found out at the end
// of the test.
func (l *ledgerLayer) answeredHidden(hidden []*entry, r *http.Request, resp *http.Response, err error) {
	b := l.books
	for _, n := range hidden {
		if madeNothing(r, resp, err) {
			b.warn(b.writer.None(n.key.N))
			continue
		}
		b.add(n)
		b.warn(b.writer.Lost(n.key.N, "no answer shows it"))
	}
}

// hiddenOf returns what a test may have made of which no answer said anything, and the lowest rank of those.
func (b *books) hiddenOf(root *Env) (list []*entry, rank int) {
	list = b.those(func(n *entry) bool {
		return n.root == root && n.intent.Kind == ledger.KindTest && n.hidden != nil && n.state == ledger.Perhaps
	})
	for i, n := range list {
		if i == 0 || n.kind.Rank < rank {
			rank = n.kind.Rank
		}
	}
	return list, rank
}
