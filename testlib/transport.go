package testlib

import (
	"context"
	"net/http"
	"sync"

	"github.com/google/uuid"
	"github.com/gophercloud/gophercloud/v2"

	"github.com/gotempest/tempest/internal/cloud"
)

// layer is one step on the way of a call to the cloud. It is asked once for each client, which is one of
// test e and of persona who, "" for nobody; next is what follows it on the way.
type layer func(e *Env, who string, next http.RoundTripper) http.RoundTripper

// globalHeader carries the identifier of a call that all services log which take part in it. Answers have the
// service's own identifier in it.
//
// Source: https://docs.openstack.org/oslo.middleware/latest/reference/middleware.html (request_id)
const globalHeader = "X-Openstack-Request-Id"

// adminName is who the administrator is in the log.
const adminName = "admin"

// chain is the way of the calls of one client, down to the connections that all tests of the process share.
//
// A call passes, in this order: checks of the answer, retries, the ledger, ordered faults, the call log, the
// network. So each attempt has its own entry in the ledger and in the log, and a fault looks to the ledger
// like one of the cloud.
type chain struct {
	env      *Env
	who      string                      // persona, "" for nobody, "admin" for the administrator when testlib itself calls
	provider *gophercloud.ProviderClient // whose calls these are; nil for other clients
	next     http.RoundTripper

	mu      sync.Mutex
	noRetry bool
	checks  []check
	faults  []*orderedFault
}

// roundTripper returns the way of the calls of one client of e. who is the persona, "" for nobody, "admin" for
// the administrator when testlib itself calls.
func (e *Env) roundTripper(who string) http.RoundTripper { return e.newChain(who) }

func (e *Env) newChain(who string) *chain {
	c := &chain{env: e, who: who}
	var rt http.RoundTripper = &logLayer{next: e.session.Transport(), log: e.log, who: who}
	rt = &faultLayer{next: rt, chain: c}
	if ledger := e.session.ledger; ledger != nil {
		rt = ledger(e, who, rt)
	}
	c.next = &retrier{next: rt, chain: c}
	return c
}

// httpClient returns a client whose calls go the way of [Env.roundTripper].
func (e *Env) httpClient(who string) *http.Client {
	return &http.Client{Transport: e.roundTripper(who)}
}

// administrator returns the administrator, logged in. The call that it takes is one of the first test that
// asks.
func (e *Env) administrator() (*cloud.Admin, error) {
	return e.session.Administrator(e.roundTripper(adminName))
}

// RoundTrip makes a call.
func (c *chain) RoundTrip(r *http.Request) (*http.Response, error) {
	if e := callerOf(r.Context()); e != nil && e != c.env {
		return e.roundTripper(c.who).RoundTrip(r)
	}
	r = r.Clone(r.Context())
	if r.Header.Get(globalHeader) == "" {
		r.Header.Set(globalHeader, "req-"+uuid.NewString())
	}
	resp, err := c.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	c.check(r, resp)
	return resp, nil
}

// contextKey is the type of the keys of what a call carries in its context.
type contextKey int

const (
	attemptKey contextKey = iota // a *try
	callerKey                    // the *Env for which a shared client logs in again
)

// try is one attempt at a call.
type try struct {
	number int  // from 1
	broken bool // by a fault that the test ordered
}

// tryOf returns which attempt at a call this is.
func tryOf(ctx context.Context) *try {
	if t, ok := ctx.Value(attemptKey).(*try); ok {
		return t
	}
	return &try{number: 1}
}

// attemptOf returns which attempt at a call this is, from 1.
func attemptOf(ctx context.Context) int { return tryOf(ctx).number }

// calledFor returns a context whose calls are those of e, also on clients that other tests have made: a user
// that serves several tests logs in with the client of the first.
func calledFor(ctx context.Context, e *Env) context.Context {
	return context.WithValue(ctx, callerKey, e)
}

func callerOf(ctx context.Context) *Env {
	e, _ := ctx.Value(callerKey).(*Env)
	return e
}

// chainOf returns the way of the calls of a client, which must be one that testlib made.
func (e *Env) chainOf(c *gophercloud.ServiceClient, what string) *chain {
	e.Helper()
	if c == nil || c.ProviderClient == nil {
		e.Fatalf("%s: there is no client", what)
	}
	own, ok := c.HTTPClient.Transport.(*chain)
	if !ok {
		e.Fatalf("%s: the client is not one that Env.Client or Env.Identity made", what)
	}
	return own
}
