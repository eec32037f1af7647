package testlib

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/projects"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/users"

	"github.com/gotempest/tempest/internal/cloud"
	"github.com/gotempest/tempest/testlib/embedded"
)

// lossy returns the address of a proxy in front of a cloud that carries out calls for which
// lose is true, and then gives the answer to nobody.
func lossy(t *testing.T, c *embedded.Cloud, lose func(*http.Request) bool) (authURL string) {
	t.Helper()
	return through(t, c, func(w http.ResponseWriter, r *http.Request, cloud http.Handler) {
		if lose(r) {
			cloud.ServeHTTP(httptest.NewRecorder(), r)
			panic(http.ErrAbortHandler) // closes the connection
		}
		cloud.ServeHTTP(w, r)
	})
}

// through returns the address of a proxy in front of a cloud, which answers calls as step says.
func through(t *testing.T, c *embedded.Cloud, step func(http.ResponseWriter, *http.Request, http.Handler)) (
	authURL string) {
	t.Helper()
	target, err := url.Parse(strings.TrimSuffix(c.AuthURL(), "/v3"))
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(nil)
	address := "http://" + server.Listener.Addr().String()
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) },
		ModifyResponse: func(r *http.Response) error { // the catalogue leads through the proxy too
			body, err := io.ReadAll(r.Body)
			if err != nil {
				return err
			}
			body = bytes.ReplaceAll(body, []byte(target.String()), []byte(address))
			r.Body = io.NopCloser(bytes.NewReader(body))
			r.Header.Set("Content-Length", strconv.Itoa(len(body)))
			return nil
		},
	}
	server.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		step(w, r, proxy)
	})
	server.Start()
	t.Cleanup(server.Close)
	return address + "/v3"
}

func TestNothingIsLeftWhenAnswersAreLost(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/v3/projects", "/v3/users"} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			c, err := embedded.Start(t.Context(), embedded.Options{})
			if err != nil {
				t.Fatal(err)
			}
			before := inventory(t, c)
			authURL := lossy(t, c, func(r *http.Request) bool {
				return r.Method == http.MethodPost && r.URL.Path == path
			})

			dir := filepath.Join(t.TempDir(), "run")

			output, passed := runCase(t, "Member", "TEMPEST_LEDGER="+dir, "OS_AUTH_URL="+authURL, "OS_USERNAME=admin",
				"OS_PASSWORD="+c.AdminPassword(), "OS_USER_DOMAIN_NAME=Default", "OS_PROJECT_NAME=admin",
				"OS_PROJECT_DOMAIN_NAME=Default")

			if passed {
				t.Error("the case passed")
			}
			if after := inventory(t, c); after != before {
				t.Errorf("in the cloud were %s, now there are %s", before, after)
			}
			if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("the ledger is there, although nothing is left: %v", err)
			}
			want(t, output, "POST http", ": EOF after", "GET http", "DELETE http", "!left behind")
		})
	}
}

// inventory names the users and the projects of a cloud.
func inventory(t *testing.T, c *embedded.Cloud) string {
	t.Helper()
	p, err := openstack.AuthenticatedClient(t.Context(), cloud.EmbeddedAuth(c))
	if err != nil {
		t.Fatal(err)
	}
	id, err := openstack.NewIdentityV3(p, gophercloud.EndpointOpts{})
	if err != nil {
		t.Fatal(err)
	}
	page, err := users.List(id, nil).AllPages(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	userList, err := users.ExtractUsers(page)
	if err != nil {
		t.Fatal(err)
	}
	page, err = projects.List(id, nil).AllPages(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	projectList, err := projects.ExtractProjects(page)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, u := range userList {
		names = append(names, u.Name)
	}
	for _, p := range projectList {
		names = append(names, p.Name)
	}
	return fmt.Sprint(names)
}
