package swift

import (
	"net/http"
	"strconv"
)

// accountController answers requests for accounts.
//
// Source: swift/proxy/controllers/account.py and swift/account, 2.30.
func (s *Service) accountController() controller {
	return controller{methods: map[string]func(*request) *response{
		"GET": s.getAccount, "HEAD": s.getAccount, "PUT": s.putAccount, "POST": s.postAccount,
		"DELETE": s.deleteAccount, "OPTIONS": s.optionsAccount,
	}}
}

func (s *Service) optionsAccount(*request) *response {
	return empty(http.StatusOK).with("Allow", s.accountController().allow())
}

// accountNameTooLong returns the answer to a request for an account that
// cannot be, or nil.
func accountNameTooLong(name string) *response {
	if len(name) <= maxAccountName {
		return nil
	}
	return page(http.StatusBadRequest, "Account name length of %d longer than %d", len(name), maxAccountName)
}

// getAccount lists the containers of an account. An account that was not
// created looks like an empty one.
func (s *Service) getAccount(r *request) *response {
	_, name, _, _ := r.parts()
	if refused := accountNameTooLong(name); refused != nil {
		return refused
	}
	var q listQuery
	if r.method == http.MethodGet {
		var refused *response
		if q, refused = r.listQuery(); refused != nil {
			return refused
		}
		q.path, q.byPath = "", false
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	a := s.accounts[name]
	switch {
	case a == nil:
		return s.absentAccount(name)
	case a.deleted:
		return gone(http.StatusGone)
	}
	resp := answer(http.StatusNoContent, "application/json", nil)
	resp.header = a.header.Clone()
	resp.listing = &listing{account: name}
	a.describe(resp)
	dropOwners(r, resp.header)
	if r.method == http.MethodGet {
		resp.status = http.StatusOK
		resp.listing.items = a.list(q)
	}
	return resp
}

// describe sets the headers that tell about a.
func (a *account) describe(resp *response) {
	count := strconv.Itoa(len(a.containers.names))
	objects, bytes := strconv.FormatInt(a.objects, 10), strconv.FormatInt(a.bytes, 10)
	resp.with("X-Account-Container-Count", count).
		with("X-Account-Object-Count", objects).
		with("X-Account-Bytes-Used", bytes).
		with("X-Timestamp", a.created.String()).
		with("Accept-Ranges", "bytes")
	if !a.used {
		return
	}
	const policy = "X-Account-Storage-Policy-" + policyName
	resp.with(policy+"-Container-Count", count).with(policy+"-Object-Count", objects).with(policy+"-Bytes-Used", bytes)
}

// list returns the lines of a listing of a.
func (a *account) list(q listQuery) []listItem {
	hits := q.pick(a.containers.names)
	items := make([]listItem, 0, len(hits))
	for _, hit := range hits {
		if hit.subdir {
			items = append(items, listItem{subdir: hit.name})
			continue
		}
		c, _ := a.containers.get(hit.name)
		items = append(items, listItem{
			name: hit.name, count: int64(len(c.objects.names)), bytes: c.bytes, lastModified: c.put.iso(),
		})
	}
	return items
}

// absentAccount describes an account that was not created.
func (s *Service) absentAccount(name string) *response {
	resp := answer(http.StatusOK, "application/json", nil)
	resp.listing = &listing{account: name}
	now := s.clock().String()
	for _, key := range []string{"X-Account-Container-Count", "X-Account-Object-Count", "X-Account-Bytes-Used"} {
		resp.with(key, "0")
	}
	return resp.with("X-Timestamp", now).with("X-Put-Timestamp", now).with("X-Backend-Fake-Account-Listing", "yes")
}

func noMore(string) bool { return false }

// putAccount creates an account, or updates its metadata.
func (s *Service) putAccount(r *request) *response {
	_, name, _, _ := r.parts()
	if refused := checkMetadata(r, "Account"); refused != nil {
		return refused
	}
	if refused := accountNameTooLong(name); refused != nil {
		return refused
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.accounts[name]
	status := http.StatusAccepted
	switch {
	case a == nil:
		status = http.StatusCreated
		a = s.create(name)
	case a.deleted:
		return page(http.StatusForbidden, "Recently deleted").with(accountStatus, "Deleted")
	}
	if refused := a.update(r, "Account", noMore, s.stamp()); refused != nil {
		return refused
	}
	return fail(status)
}

// create adds an account. The lock must be held.
func (s *store) create(name string) *account {
	now := s.stamp()
	a := &account{name: name, described: newDescribed(now)}
	s.accounts[name] = a
	return a
}

// postAccount updates the metadata of an account, which is created if need be.
func (s *Service) postAccount(r *request) *response {
	_, name, _, _ := r.parts()
	if refused := accountNameTooLong(name); refused != nil {
		return refused
	}
	if refused := checkMetadata(r, "Account"); refused != nil {
		return refused
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.accounts[name]
	switch {
	case a == nil:
		a = s.create(name)
	case a.deleted:
		return gone(http.StatusNotFound)
	}
	if refused := a.update(r, "Account", noMore, s.stamp()); refused != nil {
		return refused
	}
	return empty(http.StatusNoContent)
}

// deleteAccount marks an account as deleted. Its containers are out of reach
// from then on.
func (s *Service) deleteAccount(r *request) *response {
	if len(r.query) > 0 {
		return fail(http.StatusBadRequest)
	}
	_, name, _, _ := r.parts()
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.accounts[name]
	switch {
	case a == nil:
		return empty(http.StatusNotFound)
	case a.deleted:
		return gone(http.StatusNotFound)
	}
	a.deleted = true
	return gone(http.StatusNoContent)
}

const accountStatus = "X-Account-Status"

// gone is an answer about an account that was deleted.
func gone(status int) *response { return empty(status).with(accountStatus, "Deleted") }
