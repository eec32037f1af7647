package tempestconf

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/gotempest/tempest/testlib/config"
)

// administrator is what tempest.conf says of the administrator, and of how the cloud is reached: an entry of
// clouds.yaml. tempest.toml has no credentials.
type administrator struct {
	lines []string // of the entry, without the first
	used  []string // settings that it took
}

func (a administrator) uses(name string) bool { return slices.Contains(a.used, name) }

// place is a setting, and the key of clouds.yaml that it becomes.
type place struct{ setting, key string }

// administrator reads the settings about the administrator. Without a user and a URL there is no entry.
func (c *converter) administrator() {
	if c.text("identity.uri_v3") == "" || c.text("auth.admin_username") == "" {
		return
	}
	auth := c.entry([]place{
		{"identity.uri_v3", "auth_url"}, {"auth.admin_username", "username"}, {"auth.admin_password", "password"},
		{"auth.admin_project_name", "project_name"}, {"auth.admin_system", "system_scope"},
	})
	for _, d := range []place{
		{"auth.admin_user_domain_name", "user_domain_name"}, {"auth.admin_project_domain_name", "project_domain_name"},
	} {
		if c.text(d.setting) != "" {
			auth = append(auth, c.entry([]place{d})...)
		} else { // Tempest's default
			c.admin.used = append(c.admin.used, "auth.admin_domain_name")
			auth = append(auth, d.key+": "+quote(firstOf(c.text("auth.admin_domain_name"), "Default")))
		}
	}
	c.admin.lines = append(c.admin.lines, "auth:")
	for _, line := range auth {
		c.admin.lines = append(c.admin.lines, "  "+line)
	}
	c.admin.lines = append(c.admin.lines, c.entry([]place{{"identity.ca_certificates_file", "cacert"}})...)
	const insecure = "identity.disable_ssl_certificate_validation"
	c.admin.used = append(c.admin.used, insecure)
	if v, _ := boolean(c.text(insecure)); v == "true" {
		c.admin.lines = append(c.admin.lines, "verify: false")
	}
	if c.options.Cloud != "" {
		c.values["auth.cloud"] = value{config.Quote(c.options.Cloud), "the entry of clouds.yaml", 0}
	}
}

// entry returns the lines for those settings that are there.
func (c *converter) entry(places []place) []string {
	var lines []string
	for _, p := range places {
		c.admin.used = append(c.admin.used, p.setting)
		if v := c.text(p.setting); v != "" {
			lines = append(lines, p.key+": "+quote(v))
		}
	}
	return lines
}

// text returns the value of a setting, "" when it is not there.
func (c *converter) text(name string) string {
	s, ok := c.all[name]
	if !ok {
		return ""
	}
	v, _ := expand(s, c.all)
	if isUnset(s, v) {
		return ""
	}
	return v
}

// clouds returns clouds.yaml.
func (c *converter) clouds() []byte {
	if len(c.admin.lines) == 0 {
		return nil
	}
	return fmt.Appendf(nil, "# Made from %s by tempest config import.\nclouds:\n  %s:\n    %s\n",
		c.options.File, quote(firstOf(c.options.Cloud, "tempest")), strings.Join(c.admin.lines, "\n    "))
}

// quote writes a string of YAML: one of JSON is.
func quote(s string) string {
	out, err := json.Marshal(strings.ToValidUTF8(s, "\uFFFD"))
	if err != nil {
		return `""` // strings have no errors
	}
	return string(out)
}

func firstOf(a, b string) string {
	if a != "" {
		return a
	}
	return b
}
