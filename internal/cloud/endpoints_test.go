package cloud

import (
	"net/url"
	"testing"

	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/tokens"
)

const someProject = "0123456789abcdef0123456789abcdef"

// catalogue has services that are told apart by port, by path and by version.
func catalogue() *tokens.ServiceCatalog {
	entry := func(serviceType, url string) tokens.CatalogEntry {
		return tokens.CatalogEntry{Type: serviceType, Endpoints: []tokens.Endpoint{{URL: url}}}
	}
	return &tokens.ServiceCatalog{Entries: []tokens.CatalogEntry{
		entry("identity", "http://c/identity"),
		entry("compute", "http://c:8774/v2.1/"+someProject),
		entry("volumev3", "http://c:8776/v3/"+someProject),
		entry("object-store", "http://c:8080/v1/AUTH_"+someProject),
		entry("placement", "http://c/placement"),
		entry("image", "http://c:9292"),
		entry("root", "http://c/"),
		entry("broken", "://"),
	}}
}

func TestServiceAt(t *testing.T) {
	t.Parallel()
	s := &Session{}
	s.Cloud.Auth.IdentityEndpoint = "http://elsewhere:5000/v3"
	list := endpointsOf(catalogue())
	s.endpoints.Store(&list)
	other := "fedcba9876543210fedcba9876543210"
	tests := map[string]struct{ serviceType, path string }{
		"http://c/identity/v3/users/" + other:               {"identity", "/users/" + other},
		"http://c/identity":                                 {"identity", "/"},
		"http://c/identityX/v3":                             {"root", "/identityX/v3"},
		"http://elsewhere:5000/v3/auth/tokens":              {"identity", "/auth/tokens"},
		"http://c:8774/v2.1/servers/1?x=y":                  {"compute", "/servers/1"},
		"http://c:8774/":                                    {"compute", "/"},
		"http://c:8776/v3/" + other + "/volumes":            {"block-storage", "/volumes"},
		"http://c:8080/v1/AUTH_" + other + "/box/v1/thing":  {"object-store", "/box/v1/thing"},
		"http://c/placement/resource_providers/a/inventory": {"placement", "/resource_providers/a/inventory"},
		"http://c:9292/v2/images":                           {"image", "/images"},
		"http://nowhere/v2/things/1":                        {"", "/things/1"},
	}
	for address, want := range tests {
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		if serviceType, path := s.ServiceAt(u); serviceType != want.serviceType || path != want.path {
			t.Errorf("ServiceAt(%s) = %q, %q, want %q, %q", address, serviceType, path, want.serviceType, want.path)
		}
	}
}
