package swift

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// policyName is the one storage policy.
const policyName = "Policy-0"

// containerController answers requests for containers.
//
// Source: swift/proxy/controllers/container.py and swift/container, 2.30.
func (s *Service) containerController() controller {
	return controller{
		methods: map[string]func(*request) *response{
			"GET": s.cors(s.getContainer), "HEAD": s.cors(s.getContainer), "PUT": s.cors(s.putContainer),
			"POST": s.cors(s.postContainer), "DELETE": s.cors(s.deleteContainer),
			"OPTIONS": func(r *request) *response { return s.options(r, s.containerController().allow()) },
		},
		delayed: []string{"GET", "HEAD"},
	}
}

// isContainerHeader reports whether key is a header that is kept with a
// container beside its metadata.
func isContainerHeader(key string) bool {
	switch key {
	case "X-Container-Read", "X-Container-Write", "X-Container-Sync-Key", "X-Container-Sync-To", "X-Versions-Location":
		return true
	}
	return false
}

// getContainer lists the objects of a container.
func (s *Service) getContainer(r *request) *response {
	_, account, name, _ := r.parts()
	var q listQuery
	if r.method == http.MethodGet {
		var refused *response
		if q, refused = r.listQuery(); refused != nil {
			return refused
		}
	}
	if refused := r.check(s.containerInfo(account, name).header.Get("X-Container-Read")); refused != nil {
		return refused
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	a, c := s.find(account, name)
	switch {
	case a == nil:
		return fail(http.StatusNotFound)
	case c == nil:
		return sharding(r, fail(http.StatusNotFound))
	}
	c.reap(s.clock())
	resp := answer(http.StatusNoContent, "application/json", nil)
	resp.header = c.header.Clone()
	resp.listing = &listing{account: account, container: name}
	c.describe(resp)
	dropOwners(r, resp.header)
	sharding(r, resp)
	if r.method == http.MethodGet {
		resp.status = http.StatusOK
		resp.listing.items = c.list(q)
	}
	return resp
}

// sharding tells who may know it whether the container is spread over others,
// as none is here.
func sharding(r *request, resp *response) *response {
	if r.reseller {
		resp.header.Set("X-Container-Sharding", "False")
	}
	return resp
}

// describe sets the headers that tell about c.
func (c *container) describe(resp *response) {
	resp.with("X-Container-Object-Count", strconv.Itoa(len(c.objects.names))).
		with("X-Container-Bytes-Used", strconv.FormatInt(c.bytes, 10)).
		with("X-Timestamp", c.created.String()).
		with("Last-Modified", c.put.http()).
		with("Accept-Ranges", "bytes").
		with("X-Storage-Policy", policyName)
}

// list returns the lines of a listing of c.
func (c *container) list(q listQuery) []listItem {
	hits := q.pick(c.objects.names)
	items := make([]listItem, 0, len(hits))
	for _, hit := range hits {
		if hit.subdir {
			items = append(items, listItem{subdir: hit.name})
			continue
		}
		o, _ := c.objects.get(hit.name)
		items = append(items, o.entry)
	}
	return items
}

// checkContainer returns the answer to a PUT or POST of a container with
// headers that cannot be, or nil. It brings access lists into their usual form.
func checkContainer(r *request) *response {
	for _, key := range []string{"X-Container-Read", "X-Container-Write"} {
		if _, ok := r.header[key]; !ok {
			continue
		}
		acl, err := cleanACL(key, value(r.header[key]))
		if err != nil {
			return page(http.StatusBadRequest, "%s", err.Error())
		}
		r.header.Set(key, acl)
	}
	if refused := checkMetadata(r, "Container"); refused != nil {
		return refused
	}
	return checkSyncTo(r.header.Get("X-Container-Sync-To"))
}

// checkSyncTo returns the answer to a request to copy a container to an address
// that cannot be, or nil. Nothing is copied here.
//
// Source: validate_sync_to in swift/common/utils.py, 2.30, for a cluster without realms.
func checkSyncTo(whole string) *response {
	address := strings.TrimRight(whole, "/")
	if address == "" {
		return nil
	}
	if realm, ok := strings.CutPrefix(address, "//"); ok {
		parts := strings.Split(realm, "/")
		if len(parts) != 4 { // realm, cluster, account, container
			return page(http.StatusBadRequest, "Invalid X-Container-Sync-To format %s", pyRepr(whole))
		}
		return page(http.StatusBadRequest, "No realm key for %s", pyRepr(parts[0]))
	}
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Scheme != "http" && u.Scheme != "https":
		scheme, _, _ := strings.Cut(address, ":")
		if u != nil {
			scheme = u.Scheme
		}
		return page(http.StatusBadRequest,
			`Invalid scheme %s in X-Container-Sync-To, must be "//", "http", or "https".`, pyRepr(scheme))
	case u.Path == "":
		return page(http.StatusBadRequest, "Path required in X-Container-Sync-To")
	case u.RawQuery != "" || u.Fragment != "":
		return page(http.StatusBadRequest, "Params, queries, and fragments not allowed in X-Container-Sync-To")
	case u.Hostname() != "127.0.0.1": // what allowed_sync_hosts is when nobody sets it
		return page(http.StatusBadRequest, "Invalid host %s in X-Container-Sync-To", pyRepr(u.Hostname()))
	}
	return nil
}

// putContainer creates a container, or updates its metadata.
func (s *Service) putContainer(r *request) *response {
	_, account, name, _ := r.parts()
	if refused := checkContainer(r); refused != nil {
		return refused
	}
	if policy := r.header.Get("X-Storage-Policy"); policy != "" && !isPolicy(policy) {
		return badText("Invalid X-Storage-Policy '" + policy + "'")
	}
	dropOwners(r, r.header)
	if len(name) > maxContainerName {
		return page(http.StatusBadRequest, "Container name length of %d longer than %d", len(name), maxContainerName)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.accounts[account]
	switch {
	case a == nil:
		a = s.create(account)
		a.header = updated(r, "Account", a.header, noMore)
	case a.deleted:
		return fail(http.StatusServiceUnavailable)
	}
	status := http.StatusAccepted
	c, ok := a.containers.get(name)
	now := s.stamp()
	if !ok {
		status = http.StatusCreated
		c = &container{account: a, name: name, described: newDescribed(now)}
	}
	if refused := c.update(r, "Container", isContainerHeader, now); refused != nil {
		return refused
	}
	a.used = true
	a.containers.set(name, c)
	return done(status)
}

// isPolicy reports whether the storage policy is called so.
func isPolicy(name string) bool {
	switch strings.ToLower(name) {
	case "policy-0", "yellow", "orange": // the configuration of Debian's package has these
		return true
	}
	return false
}

// done is the answer to a write.
func done(status int) *response {
	if status == http.StatusAccepted {
		return fail(status)
	}
	return empty(status)
}

// postContainer updates the metadata of a container.
func (s *Service) postContainer(r *request) *response {
	_, account, name, _ := r.parts()
	if refused := checkContainer(r); refused != nil {
		return refused
	}
	dropOwners(r, r.header)
	s.mu.Lock()
	defer s.mu.Unlock()
	_, c := s.find(account, name)
	if c == nil {
		return fail(http.StatusNotFound)
	}
	if refused := c.update(r, "Container", isContainerHeader, s.stamp()); refused != nil {
		return refused
	}
	return empty(http.StatusNoContent)
}

// deleteContainer deletes a container that is empty.
func (s *Service) deleteContainer(r *request) *response {
	_, account, name, _ := r.parts()
	s.mu.Lock()
	defer s.mu.Unlock()
	a, c := s.find(account, name)
	if c == nil {
		return fail(http.StatusNotFound)
	}
	c.reap(s.clock())
	if len(c.objects.names) > 0 {
		return fail(http.StatusConflict)
	}
	a.containers.remove(name)
	return empty(http.StatusNoContent)
}
