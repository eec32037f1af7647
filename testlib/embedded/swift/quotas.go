package swift

import (
	"net/http"
	"strconv"
	"strings"
)

// containerQuotas refuses uploads to a container that is full.
//
// Source: swift/common/middleware/container_quotas.py, 2.30.
func containerQuotas(s *Service, next handler) handler {
	return func(r *request) *response {
		p, ok := splitPath(r.path, 3, 4, true)
		switch {
		case !ok:
			return next(r)
		case p[3] == "" && (r.method == http.MethodPut || r.method == http.MethodPost):
			if refused := checkQuotas(r); refused != nil {
				return refused
			}
			return next(r)
		case p[3] == "" || r.method != http.MethodPut:
			return next(r)
		}
		info := s.containerInfo(p[1], p[2])
		if !info.exists || !info.full(max(r.length, 0)) {
			return next(r)
		}
		if refused := r.check(info.header.Get("X-Container-Write")); refused != nil {
			return refused
		}
		return page(http.StatusRequestEntityTooLarge, "Upload exceeds quota.")
	}
}

// checkQuotas returns the answer to a request that sets quotas of a container
// which are none, or nil.
func checkQuotas(r *request) *response {
	for _, name := range []string{"bytes", "count"} {
		if text := r.header.Get("X-Container-Meta-Quota-" + name); text != "" && !isDigits(text) {
			return page(http.StatusBadRequest, "Invalid %s quota.", name)
		}
	}
	return nil
}

// full reports whether a container cannot take an object of size bytes.
func (i info) full(size int64) bool {
	if n, ok := i.quota("Container", "Quota-Bytes"); ok && n < i.bytes+size {
		return true
	}
	n, ok := i.quota("Container", "Quota-Count")
	return ok && n < i.objects+1
}

// quota reads a limit that is kept as metadata.
func (i info) quota(kind, name string) (int64, bool) {
	text, ok := i.meta(kind, name)
	if !ok || !isDigits(text) {
		return 0, false
	}
	n, err := strconv.ParseInt(text, 10, 64)
	return n, err == nil
}

func isDigits(text string) bool { return text != "" && strings.Trim(text, "0123456789") == "" }

// accountQuotas refuses uploads to an account that is full. Only who may touch
// every account sets the limit, and is not held to it.
//
// Source: swift/common/middleware/account_quotas.py, 2.30.
func accountQuotas(s *Service, next handler) handler {
	const setQuota, removeQuota = "X-Account-Meta-Quota-Bytes", "X-Remove-Account-Meta-Quota-Bytes"
	return func(r *request) *response {
		p, ok := splitPath(r.path, 2, 4, true)
		if !ok || r.method != http.MethodPost && r.method != http.MethodPut {
			return next(r)
		}
		limit, set := r.header[setQuota]
		remove := r.header.Get(removeQuota) != ""
		ofAccount := p[2] == "" // elsewhere these headers mean nothing
		switch {
		case r.reseller && ofAccount && set && !remove && value(limit) != "" && !isDigits(value(limit)):
			return fail(http.StatusBadRequest)
		case r.reseller:
			return next(r)
		case ofAccount && (set || remove):
			return fail(http.StatusForbidden)
		case r.method == http.MethodPost || p[3] == "":
			return next(r)
		}
		info := s.accountInfo(p[1])
		if n, ok := info.quota("Account", "Quota-Bytes"); ok && n < info.bytes+max(r.length, 0) {
			return refuseFull(r, next)
		}
		return next(r)
	}
}

// refuseFull refuses an upload, unless the caller may not make it anyway.
func refuseFull(r *request, next handler) *response {
	full := page(http.StatusRequestEntityTooLarge, "Upload exceeds quota.")
	authorize := r.authorize
	if authorize == nil {
		return full
	}
	r.authorize = func(r *request) *response {
		if refused := authorize(r); refused != nil {
			return refused
		}
		return full
	}
	return next(r)
}
