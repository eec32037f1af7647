package testlib

import (
	"net/http"

	"github.com/gotempest/tempest/internal/cloud"
)

// layer is one step on the way of a call to the cloud. It is asked once for each client, which is one of
// test e and of persona who, "" for nobody; next is what follows it on the way.
type layer func(e *Env, who string, next http.RoundTripper) http.RoundTripper

// roundTripper returns the way of the calls of one client of e, down to the connections that all tests of the
// process share. who is the persona, "" for nobody, "admin" for the administrator when testlib itself calls.
//
// A call passes, in this order: retries, the ledger, ordered faults, the call log, the network. So each
// attempt has its own entry in the ledger and in the log, and a fault looks to the ledger like one of the
// cloud.
func (e *Env) roundTripper(who string) http.RoundTripper {
	var rt http.RoundTripper = &transport{next: e.session.Transport(), log: e.log, who: who}
	for _, l := range []layer{e.session.ledger} { // the innermost first
		if l != nil {
			rt = l(e, who, rt)
		}
	}
	return rt
}

// httpClient returns a client whose calls go the way of [Env.roundTripper].
func (e *Env) httpClient(who string) *http.Client {
	return &http.Client{Transport: e.roundTripper(who)}
}

// administrator returns the administrator, logged in. The call that it takes is one of the first test that
// asks.
func (e *Env) administrator() (*cloud.Admin, error) {
	return e.session.Administrator(e.roundTripper("admin"))
}
