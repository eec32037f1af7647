package swift

import (
	"net/http"
	"slices"
	"strings"
)

// cors adds to the answers of h what a browser wants to see before it lets the
// pages of another host use them, if the container allows that host.
//
// Source: cors_validation in swift/proxy/controllers/base.py, 2.30.
func (s *Service) cors(h func(*request) *response) func(*request) *response {
	return func(r *request) *response {
		origin := r.header.Get("Origin")
		if origin == "" {
			return h(r)
		}
		_, account, name, _ := r.parts()
		info := s.containerInfo(account, name)
		resp := h(r)
		if !originAllowed(info, origin) {
			return resp
		}
		if resp.header.Get("Access-Control-Expose-Headers") == "" {
			resp.header.Set("Access-Control-Expose-Headers", exposed(resp, info))
		}
		if resp.header.Get("Access-Control-Allow-Origin") == "" {
			allowOrigin(resp, info, origin)
		}
		return resp
	}
}

// exposed lists the headers of resp that pages of other hosts may read.
func exposed(resp *response, i info) string {
	names := []string{
		"cache-control", "content-language", "content-type", "expires", "last-modified", "pragma", "etag",
		"x-timestamp", "x-trans-id", "x-openstack-request-id",
	}
	for key := range resp.header {
		if strings.HasPrefix(key, "X-Container-Meta") || strings.HasPrefix(key, "X-Object-Meta") {
			names = append(names, strings.ToLower(key))
		}
	}
	more, _ := i.meta("Container", "Access-Control-Expose-Headers")
	for name := range strings.SplitSeq(more, " ") {
		if name = strings.ToLower(strings.TrimSpace(name)); name != "" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return strings.Join(slices.Compact(names), ", ")
}

func allowOrigin(resp *response, i info, origin string) {
	if all, _ := i.meta("Container", "Access-Control-Allow-Origin"); strings.TrimSpace(all) == "*" {
		resp.header.Set("Access-Control-Allow-Origin", "*")
		return
	}
	resp.header.Set("Access-Control-Allow-Origin", origin)
	addVary(resp, "Origin")
}

// originAllowed reports whether a container lets pages of origin use it.
func originAllowed(i info, origin string) bool {
	hosts, ok := i.meta("Container", "Access-Control-Allow-Origin")
	return ok && (slices.Contains(strings.Fields(hosts), origin) || strings.TrimSpace(hosts) == "*")
}

// options answers what a browser asks before a request to a container or an
// object, with the methods given.
func (s *Service) options(r *request, allow string) *response {
	resp := empty(http.StatusOK).with("Allow", allow)
	origin := r.header.Get("Origin")
	if origin == "" {
		return resp
	}
	_, account, name, _ := r.parts()
	info := s.containerInfo(account, name)
	method := r.header.Get("Access-Control-Request-Method")
	if !originAllowed(info, origin) || method == "" || !slices.Contains(strings.Split(allow, ", "), method) {
		return fail(http.StatusUnauthorized).with("Allow", allow)
	}
	resp.header.Del("Content-Type")
	allowOrigin(resp, info, origin)
	if age, ok := info.meta("Container", "Access-Control-Max-Age"); ok {
		resp.header.Set("Access-Control-Max-Age", age)
	}
	resp.header.Set("Access-Control-Allow-Methods", allow)
	var wanted []string
	for header := range strings.SplitSeq(value(r.header["Access-Control-Request-Headers"]), ",") {
		if header = strings.TrimSpace(header); header != "" {
			wanted = append(wanted, header)
		}
	}
	if len(wanted) > 0 {
		resp.header.Set("Access-Control-Allow-Headers", strings.Join(wanted, ", "))
		addVary(resp, "Access-Control-Request-Headers")
	}
	return resp
}
