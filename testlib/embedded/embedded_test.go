package embedded_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack"
	"github.com/gophercloud/gophercloud/v2/openstack/config/clouds"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/catalog"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/projects"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/roles"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/tokens"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/users"
	"golang.org/x/sync/errgroup"

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
	if id := resp.Header.Get("X-Openstack-Request-Id"); !strings.HasPrefix(id, "req-") {
		t.Errorf("fake answered with the request id %q, want one", id)
	}
}

// get makes a request with a token and returns the status code.
func get(t *testing.T, url, token string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Auth-Token", token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	if err := resp.Body.Close(); err != nil {
		t.Error(err)
	}
	return resp.StatusCode
}

func TestExpireTokens(t *testing.T) {
	t.Parallel()
	c := start(t)
	old := identity(t, c).Token()

	c.ExpireTokens()

	if got := get(t, c.AuthURL()+"/users", old); got != http.StatusUnauthorized {
		t.Errorf("an expired token was answered %d, want 401", got)
	}
	if got := get(t, c.AuthURL()+"/users", identity(t, c).Token()); got != http.StatusOK {
		t.Errorf("a new token was answered %d, want 200", got)
	}
}

func TestTokensExpire(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	var elapsed atomic.Int64
	c, err := embedded.Start(t.Context(), embedded.Options{Now: func() time.Time {
		return now.Add(time.Duration(elapsed.Load()))
	}})
	if err != nil {
		t.Fatal(err)
	}
	token := identity(t, c).Token()

	elapsed.Store(int64(time.Hour - time.Second))
	if got := get(t, c.AuthURL()+"/users", token); got != http.StatusOK {
		t.Errorf("a token of 59:59 was answered %d, want 200", got)
	}
	elapsed.Store(int64(time.Hour))
	if got := get(t, c.AuthURL()+"/users", token); got != http.StatusUnauthorized {
		t.Errorf("a token of an hour was answered %d, want 401", got)
	}
	fresh := identity(t, c)
	opts := &gophercloud.RequestOpts{
		MoreHeaders: map[string]string{"X-Subject-Token": token}, OkCodes: []int{http.StatusOK},
	}
	url := fresh.ServiceURL("auth", "tokens")
	if _, err := fresh.Get(t.Context(), url, nil, opts); !gophercloud.ResponseCodeIs(err, http.StatusNotFound) {
		t.Errorf("validating an expired token = %v, want 404", err)
	}
	if _, err := fresh.Get(t.Context(), url+"?allow_expired=1", nil, opts); err != nil {
		t.Errorf("validating an expired token that may be expired = %v, want it", err)
	}
}

// TestTokenIsVoidAtOnce holds what the recorded scenarios leave out: a Keystone
// of several processes goes on for a while with what it remembers.
func TestTokenIsVoidAtOnce(t *testing.T) {
	t.Parallel()
	tests := map[string]func(ctx context.Context, admin *gophercloud.ServiceClient, user, project, role string) error{
		"without its last role": func(ctx context.Context, c *gophercloud.ServiceClient, user, project, role string) error {
			return roles.Unassign(ctx, c, role, roles.UnassignOpts{UserID: user, ProjectID: project}).ExtractErr()
		},
		"of a disabled project": func(ctx context.Context, c *gophercloud.ServiceClient, _, project, _ string) error {
			return projects.Update(ctx, c, project, projects.UpdateOpts{Enabled: new(bool)}).Err
		},
		"of a deleted project": func(ctx context.Context, c *gophercloud.ServiceClient, _, project, _ string) error {
			return projects.Delete(ctx, c, project).ExtractErr()
		},
		"of a disabled user": func(ctx context.Context, c *gophercloud.ServiceClient, user, _, _ string) error {
			return users.Update(ctx, c, user, users.UpdateOpts{Enabled: new(bool)}).Err
		},
		"of a deleted user": func(ctx context.Context, c *gophercloud.ServiceClient, user, _, _ string) error {
			return users.Delete(ctx, c, user).ExtractErr()
		},
		"after a new password": func(ctx context.Context, c *gophercloud.ServiceClient, user, _, _ string) error {
			return users.Update(ctx, c, user, users.UpdateOpts{Password: "new"}).Err
		},
		"without its role": func(ctx context.Context, c *gophercloud.ServiceClient, _, _, role string) error {
			return roles.Delete(ctx, c, role).ExtractErr()
		},
	}
	for name, change := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := start(t)
			admin := identity(t, c)
			user, project, role, token := member(t, c, admin)
			if got := get(t, c.AuthURL()+"/auth/catalog", token); got != http.StatusOK {
				t.Fatalf("the token was answered %d before the change, want 200", got)
			}

			if err := change(t.Context(), admin, user, project, role); err != nil {
				t.Fatal(err)
			}

			if got := get(t, c.AuthURL()+"/auth/catalog", token); got != http.StatusUnauthorized {
				t.Errorf("the token was answered %d after the change, want 401", got)
			}
		})
	}
}

// member makes a user with a role on a project, and a token of theirs for it.
func member(
	t *testing.T, c *embedded.Cloud, admin *gophercloud.ServiceClient,
) (userID, projectID, roleID, token string) {
	t.Helper()
	user, err := users.Create(t.Context(), admin, users.CreateOpts{Name: "member", Password: "pw"}).Extract()
	if err != nil {
		t.Fatal(err)
	}
	project, err := projects.Create(t.Context(), admin, projects.CreateOpts{Name: "p"}).Extract()
	if err != nil {
		t.Fatal(err)
	}
	role, err := roles.Create(t.Context(), admin, roles.CreateOpts{Name: "r"}).Extract()
	if err != nil {
		t.Fatal(err)
	}
	opts := roles.AssignOpts{UserID: user.ID, ProjectID: project.ID}
	if err := roles.Assign(t.Context(), admin, role.ID, opts).ExtractErr(); err != nil {
		t.Fatal(err)
	}
	provider, err := openstack.AuthenticatedClient(t.Context(), gophercloud.AuthOptions{
		IdentityEndpoint: c.AuthURL(), UserID: user.ID, Password: "pw", TenantID: project.ID,
	})
	if err != nil {
		t.Fatal(err)
	}
	return user.ID, project.ID, role.ID, provider.Token()
}

// TestRenamedToATakenName holds an answer that a real Keystone owes.
func TestRenamedToATakenName(t *testing.T) {
	t.Parallel()
	admin := identity(t, start(t))
	project, err := projects.Create(t.Context(), admin, projects.CreateOpts{Name: "p"}).Extract()
	if err != nil {
		t.Fatal(err)
	}

	_, err = projects.Update(t.Context(), admin, project.ID, projects.UpdateOpts{Name: "admin"}).Extract()

	if !gophercloud.ResponseCodeIs(err, http.StatusConflict) {
		t.Errorf("renaming to a taken name = %v, want 409", err)
	}
	if got, err := projects.Get(t.Context(), admin, project.ID).Extract(); err != nil || got.Name != "p" {
		t.Errorf("the project is %+v (%v), want it as it was", got, err)
	}
}

func TestHandleRefuses(t *testing.T) {
	t.Parallel()
	c := start(t)
	if _, err := c.Handle("image", "glance", http.NotFoundHandler()); err != nil {
		t.Fatal(err)
	}
	for _, serviceType := range []string{"image", "identity", "", "v3", "a/b"} {
		if _, err := c.Handle(serviceType, "x", http.NotFoundHandler()); err == nil {
			t.Errorf("Handle(%q) = nil, want an error", serviceType)
		}
	}
}

func TestFakeTakesThePlaceOfAService(t *testing.T) {
	t.Parallel()
	c := start(t)

	address, err := c.Handle("image", "glance", http.NotFoundHandler())

	if err != nil {
		t.Fatal(err)
	}
	entries, err := catalog.List(identity(t, c)).AllPages(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	list, err := catalog.ExtractServiceCatalog(entries)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range list {
		if entry.Type == "image" && (len(entry.Endpoints) != 3 || entry.Endpoints[0].URL != address) {
			t.Errorf("the catalogue has %+v, want the three endpoints of the fake at %s", entry, address)
		}
	}
}

func TestFaultsOfOneService(t *testing.T) {
	t.Parallel()
	c := start(t)
	c.Inject(embedded.Fault{Service: "image", Status: http.StatusTeapot})

	if _, err := tokens.Get(t.Context(), identity(t, c), identity(t, c).TokenID).Extract(); err != nil {
		t.Errorf("the identity service answers %v, want no fault", err)
	}
	url, err := identity(t, c).EndpointLocator(gophercloud.EndpointOpts{
		Type: "image", Availability: gophercloud.AvailabilityPublic,
	})
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusTeapot {
		t.Errorf("the image service answers %d, want the fault", resp.StatusCode)
	}
}

func TestAuthenticateRefuses(t *testing.T) {
	t.Parallel()
	c := start(t)
	for _, token := range []string{"", "nonsense"} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("X-Auth-Token", token)
		if _, err := c.Authenticate(req); !errors.Is(err, embedded.ErrUnauthorized) {
			t.Errorf("Authenticate with %q = %v, want ErrUnauthorized", token, err)
		}
	}
}

func TestCloudEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	c, err := embedded.Start(ctx, embedded.Options{})
	if err != nil {
		t.Fatal(err)
	}

	cancel()
	if err := c.Close(); err != nil { // waits for the end
		t.Errorf("Close after the end of the context: %v", err)
	}

	if _, err := http.Get(c.AuthURL()); err == nil { //nolint:noctx // it is refused at once
		t.Error("the cloud answers after its end")
	}
}

func TestStartReportsAnAddressInUse(t *testing.T) {
	t.Parallel()
	c := start(t)
	addr := strings.TrimSuffix(strings.TrimPrefix(c.AuthURL(), "http://"), "/v3")

	_, err := embedded.Start(t.Context(), embedded.Options{Addr: addr})

	if err == nil || !strings.Contains(err.Error(), "starting the embedded cloud") {
		t.Errorf("Start on a used address = %v, want an error that says what was being done", err)
	}
}

func TestCloudsYAML(t *testing.T) {
	t.Parallel()
	c := start(t)
	path := filepath.Join(t.TempDir(), "clouds.yaml")
	if err := os.WriteFile(path, c.CloudsYAML("here"), 0o600); err != nil {
		t.Fatal(err)
	}

	auth, endpoint, _, err := clouds.Parse(clouds.WithLocations(path), clouds.WithCloudName("here"))
	if err != nil {
		t.Fatal(err)
	}

	if auth.IdentityEndpoint != c.AuthURL() || endpoint.Region != "RegionOne" {
		t.Errorf("clouds.yaml gives %q in %q, want %q in RegionOne", auth.IdentityEndpoint, endpoint.Region, c.AuthURL())
	}
	if _, err := openstack.AuthenticatedClient(t.Context(), auth); err != nil {
		t.Errorf("authenticating with clouds.yaml: %v", err)
	}
}

// TestParallelUse makes many callers create, read, list and delete at once. It
// is worth most under the race detector.
func TestParallelUse(t *testing.T) {
	t.Parallel()
	c := start(t)
	admin := identity(t, c)
	var g errgroup.Group
	for worker := range 16 {
		g.Go(func() error { return useAll(t.Context(), admin, worker) })
	}
	if err := g.Wait(); err != nil {
		t.Error(err)
	}
	pages, err := users.List(admin, nil).AllPages(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if left, err := users.ExtractUsers(pages); err != nil || len(left) != 1 {
		t.Errorf("%d users are left (%v), want admin alone", len(left), err)
	}
}

// useAll lets one worker live through users, projects and a token.
func useAll(ctx context.Context, admin *gophercloud.ServiceClient, worker int) error {
	for round := range 8 {
		name := fmt.Sprintf("worker-%d-%d", worker, round)
		user, err := users.Create(ctx, admin, users.CreateOpts{Name: name, Password: "pw"}).Extract()
		if err != nil {
			return err
		}
		project, err := projects.Create(ctx, admin, projects.CreateOpts{Name: name}).Extract()
		if err != nil {
			return err
		}
		if _, err := projects.List(admin, nil).AllPages(ctx); err != nil {
			return err
		}
		_, err = tokens.Create(ctx, admin, &tokens.AuthOptions{
			IdentityEndpoint: admin.Endpoint, UserID: user.ID, Password: "pw",
		}).Extract()
		if err != nil {
			return err
		}
		if err := projects.Delete(ctx, admin, project.ID).ExtractErr(); err != nil {
			return err
		}
		if err := users.Delete(ctx, admin, user.ID).ExtractErr(); err != nil {
			return err
		}
	}
	return nil
}
