package glance

import (
	"net/http"
	"strconv"
)

// versions are the versions of the API, the current one first.
func versions() []string {
	return []string{
		"v2.15", "v2.13", "v2.12", "v2.11", "v2.10", "v2.9", "v2.8", "v2.7", "v2.6", "v2.5", "v2.4", "v2.3",
		"v2.2", "v2.1", "v2.0",
	}
}

// versionPrefixes are the first parts of paths that lead to the API.
func versionPrefixes() []string { return append(versions(), "v2") }

// serveVersions lists the versions.
func (s *Service) serveVersions(w http.ResponseWriter, status int) {
	var list []object
	state := "CURRENT"
	for _, id := range versions() {
		list = append(list, object{
			"id": id, "status": state, "links": []object{{"rel": "self", "href": s.BaseURL + "/v2/"}},
		})
		state = "SUPPORTED"
	}
	data, _ := encode(object{"versions": list}) // texts always encode
	write(w, &response{status: status, body: list, data: data})
}

// serveHealth says that the service is up, to load balancers.
func serveHealth(w http.ResponseWriter, r *http.Request) {
	kind, text := "text/plain; charset=UTF-8", "OK"
	if acceptable(r.Header.Get("Accept"), "text/plain", "text/html", "application/json") == "application/json" {
		kind, text = "application/json", "{\n    \"detailed\": false,\n    \"reasons\": [\n        \"OK\"\n    ]\n}"
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Length", strconv.Itoa(len(text)))
	_, _ = w.Write([]byte(text)) // the client may be gone: nobody is left to be told
}
