// Package cloud finds the cloud under test and connects to it: which one the
// configuration and the environment name, the administrator's login, the catalogue and
// clients of services.
package cloud

import (
	"bytes"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack"
	"github.com/gophercloud/gophercloud/v2/openstack/config/clouds"

	"github.com/gotempest/tempest/testlib/config"
)

// embeddedName asks for the embedded cloud in the place of an entry of
// clouds.yaml, in [auth] alone: $OS_CLOUD is for every client, and names an entry.
const embeddedName = "embedded"

// Cloud says how the cloud under test is reached.
type Cloud struct {
	Name       string // entry of clouds.yaml, if it is one
	Source     string // where the credentials stand, for messages
	File       string // absolute path of clouds.yaml, if it is read
	IsEmbedded bool
	NoAdmin    bool // Auth is an account of the accounts file: nothing names an administrator

	Auth     gophercloud.AuthOptions
	Endpoint gophercloud.EndpointOpts // region and interface
	TLS      *tls.Config
}

// Choose finds the cloud that the configuration and the environment name.
func Choose(core config.Core) (Cloud, error) {
	name := core.Auth.Cloud
	if name == "" {
		name = os.Getenv("OS_CLOUD")
	}
	var c Cloud
	var err error
	switch {
	case core.Auth.Cloud == embeddedName, name == "" && os.Getenv("OS_AUTH_URL") == "":
		c = Cloud{IsEmbedded: true}
	case name != "":
		c, err = cloudFromFile(name)
	default:
		c, err = cloudFromEnv()
	}
	if err != nil {
		return Cloud{}, err
	}
	missing := incomplete(c.Auth)
	if missing != "" && c.Auth.IdentityEndpoint != "" && core.Auth.AccountsFile != "" && !core.Auth.DynamicCredentials {
		if c, err = c.withAccount(core); err != nil {
			return Cloud{}, err
		}
		missing = ""
	}
	if missing != "" && !c.IsEmbedded {
		if c.Name != "" {
			return Cloud{}, fmt.Errorf("reading %s: cloud %q has no %s", c.Source, c.Name, missing)
		}
		return Cloud{}, fmt.Errorf("reading %s: there is no %s", c.Source, missing)
	}
	if core.Identity.Region != "" {
		c.Endpoint.Region = core.Identity.Region
	}
	if core.Identity.EndpointType != "" {
		c.Endpoint.Availability = gophercloud.Availability(core.Identity.EndpointType)
	}
	if !c.IsEmbedded {
		c.Auth = tidy(c.Auth)
	}
	return c, nil
}

func cloudFromFile(name string) (Cloud, error) {
	path, searched := cloudsFile()
	if path == "" {
		return Cloud{}, fmt.Errorf("looking for cloud %q: there is no clouds.yaml; looked for %s",
			name, strings.Join(searched, ", "))
	}
	doc, err := os.ReadFile(path)
	if err != nil {
		return Cloud{}, fmt.Errorf("reading clouds.yaml: %w", err)
	}
	c, err := parse(name, doc, clouds.WithLocations(path))
	if err != nil {
		return Cloud{}, fmt.Errorf("reading %s: %w", path, err)
	}
	c.Name, c.Source, c.File = name, path, path
	return c, nil
}

// cloudsFile returns the absolute path of clouds.yaml, or "" and where it was
// looked for: in the current directory and its parents, because a test runs in
// the folder of its package, and then where every OpenStack tool looks.
func cloudsFile() (path string, searched []string) {
	const file = "clouds.yaml"
	if path := os.Getenv("OS_CLIENT_CONFIG_FILE"); path != "" {
		searched = []string{path}
	} else {
		dir, err := os.Getwd()
		for err == nil {
			searched = append(searched, filepath.Join(dir, file))
			if dir == filepath.Dir(dir) {
				break
			}
			dir = filepath.Dir(dir)
		}
		user := os.Getenv("XDG_CONFIG_HOME")
		if home, err := os.UserHomeDir(); user == "" && err == nil {
			user = filepath.Join(home, ".config")
		}
		searched = append(searched, filepath.Join(user, "openstack", file), filepath.Join("/etc", "openstack", file))
	}
	for _, path := range searched {
		if info, err := os.Stat(path); err == nil && !info.IsDir() {
			if abs, err := filepath.Abs(path); err == nil {
				return abs, nil
			}
		}
	}
	return "", searched
}

// cloudFromEnv reads the OS_* variables as the openstack command does. It makes
// the clouds.yaml that they stand for, so that one reader serves both.
func cloudFromEnv() (Cloud, error) {
	pick := func(keys ...string) map[string]any {
		found := map[string]any{}
		for _, key := range keys {
			if v := os.Getenv("OS_" + strings.ToUpper(key)); v != "" {
				found[key] = v
			}
		}
		return found
	}
	entry := pick("region_name", "interface", "cacert", "cert", "key")
	entry["auth"] = pick("auth_url", "token", "username", "user_id", "password", "application_credential_id",
		"application_credential_name", "application_credential_secret", "system_scope", "project_name", "project_id",
		"user_domain_name", "user_domain_id", "project_domain_name", "project_domain_id", "domain_name", "domain_id",
		"trust_id")
	if v := os.Getenv("OS_INSECURE"); v == "1" || strings.EqualFold(v, "true") {
		entry["verify"] = false
	}
	const name, source = "environment", "the OS_* variables"
	doc, err := json.Marshal(map[string]any{"clouds": map[string]any{name: entry}}) // JSON is YAML
	if err != nil {
		return Cloud{}, fmt.Errorf("reading %s: %w", source, err)
	}
	c, err := parse(name, doc, clouds.WithCloudsYAML(bytes.NewReader(doc)))
	if err != nil {
		return Cloud{}, fmt.Errorf("reading %s: %w", source, err)
	}
	c.Source = source
	return c, nil
}

// tidy makes options that gophercloud takes: it refuses a domain beside the ID of a
// user, a user beside a token, and both forms of one domain, all of which
// clouds.yaml may hold. The URL becomes that of version 3, so that nothing has to
// ask which versions there are.
func tidy(ao gophercloud.AuthOptions) gophercloud.AuthOptions {
	if ao.TokenID != "" && ao.Password == "" {
		ao.Username, ao.UserID, ao.DomainID, ao.DomainName = "", "", "", ""
	}
	if p, err := openstack.NewClient(ao.IdentityEndpoint); err == nil { // a wrong URL is told at the login
		ao.IdentityEndpoint = p.IdentityBase + "v3"
	}
	if ao.UserID != "" {
		ao.Username, ao.DomainID, ao.DomainName = "", "", ""
	}
	if ao.DomainID != "" {
		ao.DomainName = ""
	}
	ao.AllowReauth = ao.TokenID == ""
	return ao
}

// incomplete names the first thing that is missing for a login, "" for nothing. gophercloud's own
// errors name Go fields, and a login without a project would give a token without a
// catalogue.
func incomplete(ao gophercloud.AuthOptions) string {
	if ao.IdentityEndpoint == "" {
		return "auth_url"
	}
	if ao.Password == "" && ao.ApplicationCredentialSecret == "" {
		if ao.TokenID == "" {
			return "password, application_credential_secret or token"
		}
		return ""
	}
	if ao.Password == "" {
		if ao.ApplicationCredentialID == "" && ao.ApplicationCredentialName == "" {
			return "application_credential_id"
		}
		return ""
	}
	if ao.UserID == "" && ao.Username == "" {
		return "username"
	}
	if ao.UserID == "" && ao.DomainID == "" && ao.DomainName == "" {
		return "user_domain_name"
	}
	if ao.Scope == nil || *ao.Scope == (gophercloud.AuthScope{}) {
		return "project_name"
	}
	if ao.Scope.ProjectName != "" && ao.Scope.DomainID == "" && ao.Scope.DomainName == "" {
		return "project_domain_name"
	}
	return ""
}

// singleLine makes one line of text.
func singleLine(s string) string { return strings.Join(strings.Fields(s), " ") }
