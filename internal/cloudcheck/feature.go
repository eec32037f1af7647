package cloudcheck

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/gotempest/tempest/internal/cloud"
	"github.com/gotempest/tempest/testlib/config"
)

// extensions compares a list of extensions with those of a service, and returns those of the service.
func (c *checker) extensions(ctx context.Context, group, serviceType string) (map[string]bool, bool) {
	s := c.get(group, "api_extensions")
	var answer struct{ Extensions []struct{ Alias string } }
	if err := c.read(ctx, serviceType, "extensions", &answer); err != nil {
		c.failed(s, fmt.Errorf("listing the extensions: %w", err))
		return nil, false
	}
	there := map[string]bool{}
	for _, e := range answer.Extensions {
		there[e.Alias] = true
	}
	c.members(s, there, "extension")
	return there, true
}

// members finds the elements of a list that the cloud does not have.
func (c *checker) members(s config.Setting, there map[string]bool, what string) {
	var missing []string
	for _, name := range list(s) {
		if !there[name] {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		c.find(Mismatch, s, fmt.Sprintf("the cloud has no %s %s", what, strings.Join(missing, ", ")),
			"take it out of the list")
	}
}

func (c *checker) network(ctx context.Context) {
	const group = "network_feature_enabled"
	if !c.tested("network") {
		return
	}
	there, ok := c.extensions(ctx, group, "network")
	if !ok {
		return
	}
	for _, f := range []struct{ flag, alias string }{
		{"floating_ips", "router"}, {"port_security", "port-security"},
	} {
		c.flag(group, f.flag, there[f.alias], "extension "+f.alias)
	}
	const bandwidth = "qos-bw-minimum-ingress" // which does not mean that resource providers have any
	if s := c.get(group, "qos_min_bw_and_pps"); on(s) && !there[bandwidth] {
		c.find(Mismatch, s, "the cloud has no extension "+bandwidth, "set it to false")
	}
}

func (c *checker) volume(ctx context.Context) {
	const group = "volume_feature_enabled"
	if !c.tested("block-storage") {
		return
	}
	c.extensions(ctx, group, "block-storage")
	var answer struct {
		Services []struct{ Binary, Host, Status, State string }
	}
	backup := c.get(group, "backup")
	if err := c.read(ctx, "block-storage", "os-services", &answer); err != nil {
		c.failed(backup, fmt.Errorf("listing the services of Cinder: %w", err))
		return
	}
	backups, backends := false, map[string]bool{}
	for _, s := range answer.Services {
		up := s.Status == "enabled" && s.State == "up"
		backups = backups || up && s.Binary == "cinder-backup"
		if _, backend, ok := strings.Cut(s.Host, "@"); up && ok && s.Binary == "cinder-volume" {
			backends[backend] = true
		}
	}
	c.flag(group, "backup", backups, "cinder-backup that is up")
	c.flag(group, "multi_backend", len(backends) > 1, "second backend that is up")
	c.backends(ctx)
}

// backends compares backend_names with the names that the pools give.
func (c *checker) backends(ctx context.Context) {
	s := c.get("volume", "backend_names")
	if len(list(s)) == 0 {
		return
	}
	var answer struct {
		Pools []struct {
			Capabilities struct {
				Name string `json:"volume_backend_name"`
			}
		}
	}
	if err := c.read(ctx, "block-storage", "scheduler-stats/get_pools?detail=true", &answer); err != nil {
		c.failed(s, fmt.Errorf("listing the pools: %w", err))
		return
	}
	there := map[string]bool{}
	for _, p := range answer.Pools {
		there[p.Capabilities.Name] = true
	}
	c.members(s, there, "volume_backend_name")
}

func (c *checker) image(ctx context.Context) {
	if !c.tested("image") {
		return
	}
	var answer struct {
		Methods struct{ Value []string } `json:"import-methods"`
	}
	err := c.read(ctx, "image", "info/import", &answer)
	s := c.get("image_feature_enabled", "import_image")
	if err != nil && !gophercloud.ResponseCodeIs(err, http.StatusNotFound) {
		c.failed(s, fmt.Errorf("asking for the import methods: %w", err))
		return
	}
	methods := answer.Methods.Value
	c.flag("image_feature_enabled", "import_image", len(methods) > 0, "import methods for images")
	if s := c.get("image", "http_image"); text(s) != "" && !slices.Contains(methods, "web-download") {
		c.find(Mismatch, s, "the image service does not import from URLs: it has "+strings.Join(methods, ", "),
			"leave it out")
	}
}

func (c *checker) objectStore(ctx context.Context) {
	const group = "object_store_feature_enabled"
	if !c.tested("object-store") {
		return
	}
	info, err := c.swiftInfo(ctx)
	s := c.get(group, "discoverability")
	var code gophercloud.ErrUnexpectedResponseCode
	if err != nil && !errors.As(err, &code) {
		c.failed(s, err)
		return
	}
	c.flag(group, "discoverability", err == nil, "/info that can be read")
	if err != nil {
		return
	}
	there := map[string]bool{}
	for name := range info {
		there[name] = true
	}
	c.members(c.get(group, "discoverable_apis"), there, "entry in /info called")
	c.flag(group, "container_sync", there["container_sync"], "container_sync in /info")
	versions := there["versioned_writes"] || there["object_versioning"]
	c.flag(group, "object_versioning", versions, "object versioning in /info")
	digests, ok := info["tempurl"]["allowed_digests"].([]any)
	if digest := c.get("object_store", "tempurl_digest"); ok && !slices.Contains(digests, any(text(digest))) {
		c.find(Mismatch, digest, fmt.Sprintf("the object store allows %v", digests), "set one of these")
	}
}

// swiftInfo reads /info, which stands beside the version in the path of the endpoint.
func (c *checker) swiftInfo(ctx context.Context) (map[string]map[string]any, error) {
	client, err := c.client("object-store")
	if err != nil {
		return nil, err
	}
	u, err := url.Parse(client.Endpoint)
	if err != nil {
		return nil, fmt.Errorf("reading the endpoint of the object store: %w", err)
	}
	before, _, _ := strings.Cut(u.Path, "/v1")
	u.Path = strings.TrimSuffix(before, "/") + "/info"
	info := map[string]map[string]any{}
	_, err = client.Get(ctx, u.String(), &info, nil)
	return info, err
}

func (c *checker) identity(ctx context.Context) {
	const group = "identity_feature_enabled"
	user, err := c.admin.Token.ExtractUser()
	if err != nil || user == nil {
		c.failed(c.get(group, "trust"), errors.Join(errors.New("the token names no user"), err))
		return
	}
	for _, f := range []struct{ flag, path, what string }{
		{"trust", "OS-TRUST/trusts?trustor_user_id=" + user.ID, "trusts"},
		{"application_credentials", "users/" + user.ID + "/application_credentials", "application credentials"},
		{"access_rules", "users/" + user.ID + "/access_rules", "access rules"},
	} {
		err := c.read(ctx, cloud.Identity, f.path, nil)
		switch {
		case err == nil, gophercloud.ResponseCodeIs(err, http.StatusForbidden): // forbidden, but there
			c.flag(group, f.flag, true, f.what)
		case gophercloud.ResponseCodeIs(err, http.StatusNotFound):
			c.flag(group, f.flag, false, f.what)
		default:
			c.failed(c.get(group, f.flag), err)
		}
	}
}

func (c *checker) compute(ctx context.Context) {
	const group = "compute_feature_enabled"
	if !c.tested("compute") {
		return
	}
	nodes := c.get("compute", "min_compute_nodes")
	var answer struct {
		Hypervisors []struct{ State, Status string }
	}
	if err := c.read(ctx, "compute", "os-hypervisors", &answer); err != nil {
		c.failed(nodes, fmt.Errorf("listing the hypervisors: %w", err))
		return
	}
	up := 0
	for _, h := range answer.Hypervisors {
		if h.State == "up" && h.Status == "enabled" {
			up++
		}
	}
	hypervisors := fmt.Sprintf("hypervisors of the cloud that are up: %d", up)
	if want, _ := nodes.Value.(int64); int64(up) < want {
		c.find(Mismatch, nodes, hypervisors, "set it to what the cloud has")
	}
	for _, flag := range []string{"live_migration", "cold_migration"} {
		if s := c.get(group, flag); on(s) && up < 2 { //nolint:mnd // from one to another
			c.find(Note, s, hypervisors, "tests that need two are skipped")
		}
	}
	if s := c.get(group, "resize"); on(s) && text(c.get("compute", "flavor_alt")) == "" {
		c.find(Note, s, "compute.flavor_alt is not set", "tests that resize are skipped")
	}
}
