package resource

import (
	"net/url"
	"strings"

	"github.com/gotempest/tempest/internal/lazyregexp"
)

// versions are what the services put between endpoint and path when the catalogue lists the endpoint without. Services
// that are not here are used as the catalogue lists them.
func version(service string) string {
	switch service {
	case "identity", "block-storage":
		return "v3"
	case "image", "dns":
		return "v2"
	case "network", "load-balancer":
		return "v2.0"
	case "key-manager", "orchestration":
		return "v1"
	case "compute":
		return "v2.1"
	case "shared-file-system":
		return "v2"
	}
	return ""
}

// versioned matches a path whose first or last segment is a version.
var (
	versionFirst = lazyregexp.New(`^/v[0-9]+(\.[0-9]+)?(/|$)`)
	versionIn    = lazyregexp.New(`/v[0-9]+(\.[0-9]+)?(/|$)`)
)

// URL returns the URL of a path of a service, whose endpoint stands in the catalogue as endpoint: it puts
// the version between them where the endpoint lacks it.
func URL(endpoint, service, path string) string {
	endpoint = strings.TrimSuffix(endpoint, "/")
	v := version(service)
	if v == "" || versionIn().MatchString(pathOf(endpoint)) {
		return endpoint + path
	}
	return endpoint + "/" + v + path
}

// pathOf returns the path of a URL, as it is escaped there.
func pathOf(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return ""
	}
	return u.EscapedPath()
}

// Split returns what stands in a URL behind the endpoint of a service and its version, with the query. It reports
// false when the URL does not begin with the endpoint.
func Split(endpoint, service, raw string) (path string, ok bool) {
	rest, ok := strings.CutPrefix(raw, strings.TrimSuffix(endpoint, "/"))
	if !ok || rest != "" && rest[0] != '/' && rest[0] != '?' {
		return "", false
	}
	v := versionFirst().FindString(rest)
	if v != "" && version(service) != "" && !versionIn().MatchString(pathOf(endpoint)) {
		rest = "/" + rest[len(v):]
	}
	if rest == "" || rest[0] == '?' {
		rest = "/" + rest
	}
	return rest, true
}

// segments returns the segments of a path without its query.
func segments(path string) []string {
	path, _, _ = strings.Cut(path, "?")
	path = strings.Trim(path, "/")
	if path == "" {
		return nil
	}
	return strings.Split(path, "/")
}
