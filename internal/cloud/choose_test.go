package cloud

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/gophercloud/gophercloud/v2"

	"github.com/gotempest/tempest/testlib/config"
)

const cloudsYAML = `
clouds:
  one:
    region_name: North
    interface: internal
    auth:
      auth_url: http://one:5000/v3
      username: joe
      password: pw
      project_name: p
      user_domain_name: Users
      project_domain_name: Projects
  ids:
    auth:
      auth_url: http://ids:5000
      user_id: u1
      password: pw
      project_id: p1
      user_domain_id: default
      user_domain_name: Default
  token:
    auth_type: v3token
    auth:
      auth_url: http://token:5000/v3/
      token: t1
      username: joe
      user_domain_id: default
  appcred:
    auth_type: v3applicationcredential
    auth:
      auth_url: http://appcred:5000/v3
      application_credential_id: a1
      application_credential_secret: s1
  empty:
    auth: {}
  noauth: {}
  badinterface: {interface: secret, auth: {auth_url: "http://x"}}
  badtype: {endpoint_type: secret, auth: {auth_url: "http://x"}}
  nopassword:
    auth: {auth_url: "http://x", username: joe, user_domain_name: d, project_name: p, project_domain_name: d}
  nouser:
    auth: {auth_url: "http://x", password: pw, user_domain_name: d, project_name: p, project_domain_name: d}
  nodomain:
    auth: {auth_url: "http://x", username: joe, password: pw, project_name: p, project_domain_name: d}
  noproject:
    auth: {auth_url: "http://x", username: joe, password: pw, user_domain_name: d}
  noprojectdomain:
    auth: {auth_url: "http://x", username: joe, password: pw, user_domain_name: d, project_name: p}
  noappcred:
    auth: {auth_url: "http://x", application_credential_secret: s}
`

// inFolder makes the test's current directory a folder below one with a clouds.yaml,
// and clears the environment of what names clouds.
func inFolder(t *testing.T) (file string) {
	t.Helper()
	for _, kv := range os.Environ() {
		if name, _, _ := strings.Cut(kv, "="); strings.HasPrefix(name, "OS_") {
			t.Setenv(name, "")
		}
	}
	t.Setenv("HOME", t.TempDir())
	t.Setenv("XDG_CONFIG_HOME", "")
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	file = filepath.Join(root, "clouds.yaml")
	if err := os.WriteFile(file, []byte(cloudsYAML), 0o600); err != nil {
		t.Fatal(err)
	}
	below := filepath.Join(root, "plugin", "tests")
	if err := os.MkdirAll(below, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Chdir(below)
	return file
}

func TestChooseCloud(t *testing.T) {
	file := inFolder(t)
	joe := gophercloud.AuthOptions{
		IdentityEndpoint: "http://one:5000/v3", Username: "joe", Password: "pw", DomainName: "Users",
		TenantName: "p", AllowReauth: true, Scope: &gophercloud.AuthScope{ProjectName: "p", DomainName: "Projects"},
	}
	entry := func(name, region string, i gophercloud.Availability, auth gophercloud.AuthOptions) Cloud {
		return Cloud{Name: name, Source: file, File: file, Auth: auth,
			Endpoint: gophercloud.EndpointOpts{Region: region, Availability: i}}
	}
	tests := map[string]struct {
		core config.Core
		env  map[string]string
		want Cloud
	}{
		"nothing": {want: Cloud{IsEmbedded: true}},
		"embedded by name": {
			core: withCloud("embedded"), env: map[string]string{"OS_CLOUD": "one"}, want: Cloud{IsEmbedded: true},
		},
		"of the environment": {
			env:  map[string]string{"OS_CLOUD": "one", "OS_AUTH_URL": "http://x"},
			want: entry("one", "North", "internal", joe),
		},
		"of the configuration, with IDs": {
			core: withCloud("ids"), env: map[string]string{"OS_CLOUD": "one", "OS_REGION_NAME": "South"},
			want: Cloud{Name: "ids", Source: file, File: file,
				Auth: gophercloud.AuthOptions{
					IdentityEndpoint: "http://ids:5000/v3", UserID: "u1", Password: "pw", TenantID: "p1",
					AllowReauth: true, Scope: &gophercloud.AuthScope{ProjectID: "p1"},
				},
				Endpoint: gophercloud.EndpointOpts{Region: "South", Availability: "public"}},
		},
		"token": {
			core: withCloud("token"),
			want: entry("token", "", "public",
				gophercloud.AuthOptions{IdentityEndpoint: "http://token:5000/v3", TokenID: "t1"}),
		},
		"application credential": {
			core: withCloud("appcred"),
			want: Cloud{Name: "appcred", Source: file, File: file,
				Auth: gophercloud.AuthOptions{IdentityEndpoint: "http://appcred:5000/v3", AllowReauth: true,
					ApplicationCredentialID: "a1", ApplicationCredentialSecret: "s1"},
				Endpoint: gophercloud.EndpointOpts{Availability: "public"}},
		},
		"variables": {
			env: map[string]string{
				"OS_AUTH_URL": "http://env:5000/v3", "OS_USERNAME": "jane", "OS_PASSWORD": "pw", "OS_PROJECT_NAME": "p",
				"OS_USER_DOMAIN_ID": "d1", "OS_USER_DOMAIN_NAME": "Default", "OS_PROJECT_DOMAIN_NAME": "Projects",
				"OS_REGION_NAME": "West", "OS_INTERFACE": "admin",
			},
			want: Cloud{Source: "the OS_* variables",
				Auth: gophercloud.AuthOptions{
					IdentityEndpoint: "http://env:5000/v3", Username: "jane", Password: "pw", DomainID: "d1",
					TenantName: "p", AllowReauth: true,
					Scope: &gophercloud.AuthScope{ProjectName: "p", DomainName: "Projects"},
				},
				Endpoint: gophercloud.EndpointOpts{Region: "West", Availability: "admin"}},
		},
		"region and interface of the configuration": {
			core: inRegion(withCloud("one"), "East", "admin"),
			want: entry("one", "East", "admin", joe),
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			for k, v := range tt.env {
				t.Setenv(k, v)
			}

			got, err := Choose(tt.core)
			if err != nil {
				t.Fatal(err)
			}

			got.TLS = nil
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("Choose (-want +got)\n%s", diff)
			}
		})
	}
}

func inRegion(c config.Core, region, endpointType string) config.Core {
	c.Identity.Region, c.Identity.EndpointType = region, endpointType
	return c
}

func withCloud(name string) config.Core {
	var c config.Core
	c.Auth.Cloud = name
	return c
}

func TestChooseCloudSaysWhatIsWrong(t *testing.T) {
	file := inFolder(t)
	broken := filepath.Join(t.TempDir(), "clouds.yaml")
	if err := os.WriteFile(broken, []byte("clouds:\n  - [\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	void := filepath.Join(t.TempDir(), "clouds.yaml")
	if err := os.WriteFile(void, []byte("\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		name, file string
		want       []string
	}{
		"another name":              {"nobody", "", []string{"reading " + file, `"nobody"`}},
		"no auth":                   {"noauth", "", []string{"reading " + file, `cloud "noauth" has no auth`}},
		"interface":                 {"badinterface", "", []string{`interface is "secret", want public, internal or admin`}},
		"endpoint type":             {"badtype", "", []string{`endpoint_type is "secret", want public, internal`}},
		"empty file":                {"one", void, []string{"reading " + void + ": the file is empty"}},
		"no auth_url":               {"empty", "", []string{"reading " + file, `cloud "empty" has no auth_url`}},
		"no password":               {"nopassword", "", []string{"has no password, application_credential_secret or token"}},
		"no user":                   {"nouser", "", []string{"has no username"}},
		"no domain":                 {"nodomain", "", []string{"has no user_domain_name"}},
		"no project":                {"noproject", "", []string{"has no project_name"}},
		"no domain of the project":  {"noprojectdomain", "", []string{"has no project_domain_name"}},
		"no application credential": {"noappcred", "", []string{"has no application_credential_id"}},
		"broken file":               {"one", broken, []string{"reading " + broken}},
		"no file": {"one", "/nowhere/c.yaml", []string{
			"there is no clouds.yaml; looked for /nowhere/c.yaml",
		}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Setenv("OS_CLIENT_CONFIG_FILE", tt.file)

			_, err := Choose(withCloud(tt.name))

			if err == nil {
				t.Fatal("no error")
			}
			want(t, err.Error(), append(tt.want, "!\n")...)
		})
	}
}

func TestPreflightOfTheEmbeddedCloud(t *testing.T) {
	inFolder(t)

	info, err := Preflight(t.Context(), config.Core{})

	if err != nil || !info.Embedded {
		t.Errorf("Preflight = %+v, %v", info, err)
	}
	want(t, info.String(), "embedded cloud")
}

// want fails t unless text holds the parts, and none of those that begin with "!".
func want(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		unwanted, not := strings.CutPrefix(part, "!")
		if not == strings.Contains(text, unwanted) {
			t.Errorf("want %q in:\n%s", part, text)
		}
	}
}
