package swift

import (
	"net/http"
	"strings"
)

// gatekeeper keeps headers that middlewares and controllers use among
// themselves from coming in with a request, and from going out.
func gatekeeper(_ *Service, next handler) handler {
	return func(r *request) *response {
		removeInternal(r.header)
		if stamp := r.header.Get("X-Timestamp"); stamp != "" {
			r.header.Del("X-Timestamp")
		}
		resp := next(r)
		removeInternal(resp.header)
		return resp
	}
}

func removeInternal(h http.Header) {
	for key := range h {
		if isInternal(key) {
			delete(h, key)
		}
	}
}

// isInternal reports whether a header is for the inside only.
func isInternal(key string) bool {
	for _, prefix := range []string{
		"X-Account-Sysmeta-", "X-Container-Sysmeta-", "X-Object-Sysmeta-", "X-Object-Transient-Sysmeta-", "X-Backend",
	} {
		if strings.HasPrefix(key, prefix) {
			return true
		}
	}
	switch key {
	case "X-Account-Host", "X-Account-Device", "X-Account-Partition",
		"X-Container-Host", "X-Container-Device", "X-Container-Partition", "X-Container-Root-Db-State",
		"X-Delete-At-Host", "X-Delete-At-Device", "X-Delete-At-Partition", "X-Delete-At-Container":
		return true
	}
	return false
}
