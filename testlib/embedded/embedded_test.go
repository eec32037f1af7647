package embedded_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/users"

	"github.com/gotempest/tempest/testlib/embedded"
)

// start starts a cloud that ends with the test.
func start(t *testing.T) *embedded.Cloud {
	t.Helper()
	c, err := embedded.Start(t.Context(), embedded.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

// identity returns a client of the administrator.
func identity(t *testing.T, c *embedded.Cloud) *gophercloud.ServiceClient {
	t.Helper()
	provider, err := openstack.AuthenticatedClient(t.Context(), gophercloud.AuthOptions{
		IdentityEndpoint: c.AuthURL(), Username: "admin", Password: c.AdminPassword(),
		DomainName: "Default", TenantName: "admin",
	})
	if err != nil {
		t.Fatal(err)
	}
	client, err := openstack.NewIdentityV3(provider, gophercloud.EndpointOpts{})
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func TestGophercloudCreatesAUser(t *testing.T) {
	t.Parallel()
	client := identity(t, start(t))

	user, err := users.Create(t.Context(), client, users.CreateOpts{Name: "demo", Password: "x"}).Extract()
	if err != nil {
		t.Fatal(err)
	}

	got, err := users.Get(t.Context(), client, user.ID).Extract()
	if err != nil {
		t.Fatal(err)
	}
	if got.Name != "demo" || got.DomainID != "default" || !got.Enabled {
		t.Errorf("user = %+v, want demo, enabled, in the default domain", got)
	}
}

func TestFakeService(t *testing.T) {
	t.Parallel()
	c := start(t)
	fake := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		token, err := c.Authenticate(r)
		if err != nil {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		_, _ = io.WriteString(w, r.URL.Path+" "+token.UserName+" "+strings.Join(token.Roles, ","))
	})
	if _, err := c.Handle("key-manager", "barbican", fake); err != nil {
		t.Fatal(err)
	}
	provider := identity(t, c).ProviderClient

	url, err := provider.EndpointLocator(gophercloud.EndpointOpts{
		Type: "key-manager", Availability: gophercloud.AvailabilityPublic,
	})
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+"v1/secrets", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Auth-Token", provider.Token())
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := string(body), "/v1/secrets admin admin,member,reader"; got != want {
		t.Errorf("fake answered %q, want %q", got, want)
	}
}
