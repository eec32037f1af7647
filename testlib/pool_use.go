package testlib

import (
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/gotempest/tempest/internal/cloud"
)

// use says whether the accounts of a test are as they were when it ends, from what the ledger sees of its calls. When
// in doubt they are not: that costs a few calls, and a test that gets an account which is not as new costs a day.
//
// What spoils an account:
//   - a change of something that the test has not made itself: PUT, PATCH, DELETE, or a POST that makes nothing,
//     with a path that names nothing the test made;
//   - a change at the identity service that names the account: its user, project, domain or token. To make something
//     there that the table of resources knows, and to remove that, is none: an application credential;
//   - a wrong login as the user, which may lock it;
//   - a change whose answer was lost, or is an error of the server;
//   - what the test made and did not remove, or what is still being removed when it ends.
type use struct {
	parent *use // that of the parent test, which sees what the subtest does

	mu      sync.Mutex
	touched string // the first call that spoils the accounts; "" for none
	said    bool   // why the accounts are spoiled
}

// spoils says why the accounts of e are not as they were, "" when they are, and whether it says so for the first time.
func (e *Env) spoils() (why string, first bool) {
	left := e.session.books.left(e)
	u := e.use
	u.mu.Lock()
	defer u.mu.Unlock()
	why = u.touched
	if why == "" && len(left) > 0 {
		why = "what " + left[0].request() + " made is not known to be gone"
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

// judge notes what a call of the test means for its accounts.
func (e *Env) judge(c *change) {
	spoils := false
	switch {
	case c.isLogin():
		spoils = c.status >= http.StatusBadRequest && c.status < http.StatusInternalServerError && e.isNamed(c)
	case c.unsent:
	case c.status == 0 || c.status >= http.StatusInternalServerError:
		spoils = true
	case c.status < http.StatusBadRequest:
		spoils = !c.own || !c.undone && e.isNamed(c)
	}
	if spoils {
		e.use.touch(c.request.Method + " " + c.request.URL.Path)
	}
}

// isNamed reports whether a call at the identity service names an account of the test: its user, project, domain or
// token.
func (e *Env) isNamed(c *change) bool {
	if c.service != cloud.Identity {
		return false
	}
	where := []string{
		c.request.URL.Path, c.request.URL.RawQuery, string(c.sent), c.request.Header.Get("X-Subject-Token"),
	}
	for at := e; at != nil; at = at.parent {
		for _, a := range at.users {
			ids := []string{a.UserID, a.UserName, a.token(), a.ProjectID}
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
