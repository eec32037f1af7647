package testlib

import (
	"bytes"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/config/clouds"

	"github.com/gotempest/tempest/testlib/config"
)

// cloud says how the cloud under test is reached.
type cloud struct {
	name     string // entry of clouds.yaml, if it came from there
	auth     gophercloud.AuthOptions
	endpoint gophercloud.EndpointOpts
	tls      *tls.Config
}

var errNoCloud = errors.New("no cloud is configured: set auth.cloud in tempest.toml, OS_CLOUD or OS_AUTH_URL")

// chooseCloud finds the cloud that the configuration and the environment name.
func chooseCloud(core config.Core) (cloud, error) {
	name := core.Auth.Cloud
	if name == "" {
		name = os.Getenv("OS_CLOUD")
	}
	var c cloud
	var err error
	switch {
	case name != "":
		c, err = cloudFromFile(name)
	case os.Getenv("OS_AUTH_URL") != "":
		c, err = cloudFromEnv()
	default:
		return cloud{}, errNoCloud
	}
	if err != nil {
		return cloud{}, err
	}
	if core.Identity.Region != "" {
		c.endpoint.Region = core.Identity.Region
	}
	if core.Identity.EndpointType != "" {
		c.endpoint.Availability = gophercloud.Availability(core.Identity.EndpointType)
	}
	c.auth = tidy(c.auth)
	return c, nil
}

func cloudFromFile(name string) (cloud, error) {
	opts := []clouds.ParseOption{clouds.WithCloudName(name)}
	if os.Getenv("OS_CLIENT_CONFIG_FILE") == "" {
		opts = append(opts, clouds.WithLocations(cloudsFiles()...))
	}
	ao, eo, tlsConfig, err := clouds.Parse(opts...)
	if err != nil {
		return cloud{}, fmt.Errorf("reading clouds.yaml: %w", err)
	}
	return cloud{name: name, auth: ao, endpoint: eo, tls: tlsConfig}, nil
}

// cloudsFiles lists where clouds.yaml is searched for: the current directory and its parents, because a
// test runs in its package's folder, then where every OpenStack tool looks.
func cloudsFiles() []string {
	var paths []string
	dir, err := os.Getwd()
	for err == nil {
		paths = append(paths, filepath.Join(dir, "clouds.yaml"))
		if dir == filepath.Dir(dir) {
			break
		}
		dir = filepath.Dir(dir)
	}
	user := os.Getenv("XDG_CONFIG_HOME")
	if home, err := os.UserHomeDir(); user == "" && err == nil {
		user = filepath.Join(home, ".config")
	}
	if user != "" {
		paths = append(paths, filepath.Join(user, "openstack", "clouds.yaml"))
	}
	return append(paths, "/etc/openstack/clouds.yaml")
}

// cloudFromEnv reads the OS_* variables as the openstack command does: it makes the
// clouds.yaml that they stand for.
func cloudFromEnv() (cloud, error) {
	auth, entry := map[string]any{}, map[string]any{}
	for _, key := range []string{
		"auth_url", "token", "username", "user_id", "password", "application_credential_id", "application_credential_name",
		"application_credential_secret", "system_scope", "project_name", "project_id", "user_domain_name", "user_domain_id",
		"project_domain_name", "project_domain_id", "domain_name", "domain_id", "default_domain", "trust_id",
	} {
		if v := os.Getenv(envName(key)); v != "" {
			auth[key] = v
		}
	}
	for _, key := range []string{"region_name", "interface", "cacert", "cert", "key"} {
		if v := os.Getenv(envName(key)); v != "" {
			entry[key] = v
		}
	}
	entry["auth"] = auth
	const name = "environment"
	doc, err := json.Marshal(map[string]any{"clouds": map[string]any{name: entry}}) // JSON is YAML
	if err != nil {
		return cloud{}, fmt.Errorf("reading OS_* variables: %w", err)
	}
	ao, eo, tlsConfig, err := clouds.Parse(clouds.WithCloudName(name), clouds.WithCloudsYAML(bytes.NewReader(doc)))
	if err != nil {
		return cloud{}, fmt.Errorf("reading OS_* variables: %w", err)
	}
	return cloud{auth: ao, endpoint: eo, tls: tlsConfig}, nil
}

// tidy makes options that gophercloud takes: it refuses domains beside a user's ID
// and both forms of one domain, which clouds.yaml may hold.
func tidy(ao gophercloud.AuthOptions) gophercloud.AuthOptions {
	if ao.UserID != "" {
		ao.Username, ao.DomainID, ao.DomainName = "", "", ""
	}
	if ao.DomainID != "" {
		ao.DomainName = ""
	}
	if ao.TokenID != "" && ao.Password == "" {
		ao.Username, ao.UserID, ao.DomainID, ao.DomainName = "", "", "", ""
	}
	ao.AllowReauth = ao.TokenID == ""
	return ao
}

func newTransport(core config.Core, tlsConfig *tls.Config) *http.Transport {
	dialer := net.Dialer{Timeout: core.Auth.ConnectTimeout}
	return &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           dialer.DialContext,
		TLSClientConfig:       tlsConfig,
		TLSHandshakeTimeout:   core.Auth.ConnectTimeout,
		ResponseHeaderTimeout: core.Auth.RequestTimeout,
		MaxIdleConnsPerHost:   maxIdleConns,
	}
}

// maxIdleConns is how many connections to one service are kept for the next call.
const maxIdleConns = 64

func envName(key string) string {
	return "OS_" + strings.ToUpper(key)
}
