package cloud

import (
	"testing"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/tokens"
)

func TestLocatorTakesTypesAsTheCatalogueSpellsThem(t *testing.T) {
	t.Parallel()
	const address = "http://192.0.2.1:9292/"
	for name, tt := range map[string]struct{ catalogue, asked string }{
		"official":              {"key-manager", "key-manager"},
		"underscore":            {"key_manager", "key-manager"},
		"of no official type":   {"image_remote", "image-remote"},
		"another of its alias":  {"volumev3", "block-storage"},
		"underscore, asked too": {"image_remote", "image_remote"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			catalog := &tokens.ServiceCatalog{Entries: []tokens.CatalogEntry{
				{Type: "compute", Endpoints: []tokens.Endpoint{{Interface: "public", URL: "http://192.0.2.2/"}}},
				{Type: tt.catalogue, Endpoints: []tokens.Endpoint{{Interface: "public", URL: address}}},
			}}
			s := &Session{ctx: t.Context(), Cloud: Cloud{}}
			eo := gophercloud.EndpointOpts{}
			eo.ApplyDefaults(ServiceType(tt.asked))

			got, err := s.Locator(&gophercloud.ProviderClient{}, catalog)(eo)

			if err != nil || got != address {
				t.Errorf("endpoint of %s = %q, %v; want %q", tt.asked, got, err, address)
			}
		})
	}
}
