package cloud

import (
	"net/url"
	"strings"

	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/tokens"

	"github.com/gotempest/tempest/internal/lazyregexp"
)

// endpoint is where a service answers: a URL without version and project, or with its version.
type endpoint struct{ serviceType, base string }

var (
	versionPart = lazyregexp.New(`^v[0-9]+(\.[0-9]+)?$`)
	projectPart = lazyregexp.New(`^(AUTH_)?[0-9a-f]{32}$`)
)

// endpointsOf lists the endpoints of a catalogue, each with its version and without. It may be nil.
func endpointsOf(c *tokens.ServiceCatalog) []endpoint {
	var list []endpoint
	if c == nil {
		return nil
	}
	for _, entry := range c.Entries {
		for _, e := range entry.Endpoints {
			list = append(list, endpointsAt(ServiceType(entry.Type), e.URL)...)
		}
	}
	return list
}

// endpointsAt returns the endpoint with its version, if it has one, and without.
func endpointsAt(serviceType, address string) []endpoint {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return nil
	}
	parts := strings.Split(strings.Trim(u.Path, "/"), "/")
	if n := len(parts); projectPart().MatchString(parts[n-1]) {
		parts = parts[:n-1]
	}
	root := u.Scheme + "://" + u.Host
	list := []endpoint{{serviceType, join(root, parts)}}
	if n := len(parts); n > 0 && versionPart().MatchString(parts[n-1]) {
		list = append(list, endpoint{serviceType, join(root, parts[:n-1])})
	}
	return list
}

func join(root string, parts []string) string {
	return strings.TrimRight(root+"/"+strings.Join(parts, "/"), "/")
}

// ServiceAt returns the type of the service that answers at u, "" for none of the catalogue, and the path of the
// resource: what follows the endpoint, the version and the project, as "/servers/5ad5…". Before the
// administrator has logged in only the identity service is known.
func (s *Session) ServiceAt(u *url.URL) (serviceType, path string) {
	address := u.Scheme + "://" + u.Host + u.Path
	base := u.Scheme + "://" + u.Host
	longest := -1
	find := func(list []endpoint) {
		for _, e := range list {
			rest, ok := strings.CutPrefix(address, e.base)
			if ok && len(e.base) > longest && (rest == "" || rest[0] == '/') {
				serviceType, base, longest = e.serviceType, e.base, len(e.base)
			}
		}
	}
	if list := s.endpoints.Load(); list != nil {
		find(*list)
	}
	if serviceType == "" {
		find(endpointsAt(Identity, s.Cloud.Auth.IdentityEndpoint))
	}
	return serviceType, resourcePath(strings.TrimPrefix(address, base))
}

// resourcePath returns a path without the version and the project in front.
func resourcePath(path string) string {
	parts := strings.Split(strings.TrimLeft(path, "/"), "/")
	if versionPart().MatchString(parts[0]) {
		parts = parts[1:]
	}
	if len(parts) > 0 && projectPart().MatchString(parts[0]) {
		parts = parts[1:]
	}
	return "/" + strings.Join(parts, "/")
}
