package testlib

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/gotempest/tempest/internal/cloud"
	"github.com/gotempest/tempest/internal/lazyregexp"
	"github.com/gotempest/tempest/testlib/config"
)

// microversion is a microversion of a service. The zero value is none; latest is above
// all others.
type microversion struct {
	major, minor int
	latest       bool
}

const wordLatest = "latest"

var microversionForm = lazyregexp.New(`^(\d{1,4})\.(\d{1,5})$`)

// parseMicroversion reads "2.60" or "latest".
func parseMicroversion(s string) (microversion, error) {
	if s == wordLatest {
		return microversion{latest: true}, nil
	}
	m := microversionForm().FindStringSubmatch(s)
	if m == nil {
		return microversion{}, fmt.Errorf("%q is no microversion, such as 2.60, and not %q", s, wordLatest)
	}
	major, errMajor := strconv.Atoi(m[1])
	minor, errMinor := strconv.Atoi(m[2])
	if errMajor != nil || errMinor != nil {
		return microversion{}, fmt.Errorf("%q is no microversion", s)
	}
	return microversion{major: major, minor: minor}, nil
}

func (v microversion) less(o microversion) bool {
	switch {
	case v.latest || o.latest:
		return !v.latest
	case v.major != o.major:
		return v.major < o.major
	}
	return v.minor < o.minor
}

// String returns "2.60", or "latest".
func (v microversion) String() string {
	if v.latest {
		return wordLatest
	}
	return fmt.Sprintf("%d.%d", v.major, v.minor)
}

func higher(a, b microversion) microversion {
	if a.less(b) {
		return b
	}
	return a
}

func lower(a, b microversion) microversion {
	if b.less(a) {
		return b
	}
	return a
}

// versionRange is the microversions of a service that a test, the configuration or a cloud
// has.
type versionRange struct {
	service         string // type
	lowest, highest microversion
}

func (r versionRange) String() string { return fmt.Sprintf("%s to %s", r.lowest, r.highest) }

// meet returns what both ranges have, and false for nothing. "latest" of both stays "latest".
func (r versionRange) meet(o versionRange) (versionRange, bool) {
	both := versionRange{r.service, higher(r.lowest, o.lowest), lower(r.highest, o.highest)}
	if both.lowest.latest { // the newest there is: that is the highest of both
		both.lowest = both.highest
	}
	return both, !both.highest.less(both.lowest)
}

// configuredRange returns the range of the configuration: from the lowest to latest where it is not
// set.
func (s *session) configuredRange(service string) (versionRange, error) {
	r := versionRange{service: service, highest: microversion{latest: true}}
	group := config.ServiceGroup(service)
	for _, bound := range []struct {
		option string
		to     *microversion
	}{{"min_microversion", &r.lowest}, {"max_microversion", &r.highest}} {
		text, _ := s.values.LookupText(group, bound.option)
		if text == "" {
			continue
		}
		v, err := parseMicroversion(text)
		if err != nil {
			return r, fmt.Errorf("[%s] %s: %w", group, bound.option, err)
		}
		*bound.to = v
	}
	if r.highest.less(r.lowest) {
		return r, fmt.Errorf("[%s] min_microversion %s is above max_microversion %s", group, r.lowest, r.highest)
	}
	return r, nil
}

// checkConfiguredVersions skips the test when the configuration has none of its microversions.
func (e *Env) checkConfiguredVersions(ranges []versionRange) {
	e.Helper()
	for _, r := range ranges {
		configured, err := e.session.configuredRange(r.service)
		if err != nil {
			e.Fatal(err)
		}
		if _, ok := r.meet(configured); !ok {
			e.Skipf("needs microversion %s of %s; [%s] allows %s",
				r, r.service, config.ServiceGroup(r.service), configured.told())
		}
	}
}

// told says a range in which a bound may be missing.
func (r versionRange) told() string {
	if r.lowest == (microversion{}) {
		return "up to " + r.highest.String()
	}
	return r.String()
}

// checkVersions skips the test when the cloud has none of its microversions, and chooses those of its
// clients.
func (e *Env) checkVersions(ranges []versionRange) {
	e.Helper()
	for _, r := range ranges {
		offered, err := e.offeredVersions(r.service)
		if err != nil {
			e.Fatal(err)
		}
		configured, err := e.session.configuredRange(r.service)
		if err != nil {
			e.Fatal(err)
		}
		both, ok := r.meet(offered)
		if !ok {
			e.Skipf("needs microversion %s of %s; the cloud has %s", r, r.service, offered)
		}
		if both, ok = both.meet(configured); !ok {
			e.Skipf("needs microversion %s of %s; [%s] allows %s, and the cloud has %s",
				r, r.service, config.ServiceGroup(r.service), configured.told(), offered)
		}
		e.versions[r.service] = both.lowest.String()
	}
}

// Microversion returns the microversion that clients of the service have in this test, "" for none: the
// lowest of the option [Microversion] that the configuration and the cloud allow.
func (e *Env) Microversion(serviceType string) string {
	service := cloud.ServiceType(serviceType)
	for at := e; at != nil; at = at.parent {
		if v := at.versions[service]; v != "" {
			return v
		}
	}
	return ""
}

// ClientAt returns the client of [Env.Client] with another microversion, such as "2.90" or
// "latest"; "" is none, which services take for their lowest. A test may use several at a time.
func (e *Env) ClientAt(p Persona, serviceType, version string) *gophercloud.ServiceClient {
	e.Helper()
	if version != "" {
		if _, err := parseMicroversion(version); err != nil {
			e.T.Fatalf("a client of %s: %v", serviceType, err)
		}
	}
	c := e.Client(p, serviceType)
	c.Microversion = version
	return c
}

// offeredVersions returns the microversions that the cloud has of a service. It is asked once in
// each process.
func (e *Env) offeredVersions(service string) (versionRange, error) {
	v, err := e.session.asked.once("microversions of "+service, func() (any, error) {
		c, err := e.askingClient(service)
		if err != nil {
			return nil, err
		}
		ctx, cancel := e.fixtureContext()
		defer cancel()
		return readVersions(ctx, c, service)
	})
	if err != nil {
		return versionRange{}, fmt.Errorf("asking for the microversions of %s: %w", service, err)
	}
	return v.(versionRange), nil
}

// versionDocument is what a service says of one version of its API, or of several.
//
// Source: https://docs.openstack.org/api-guide/compute/versions.html
type versionDocument struct {
	Version  *versionEntry
	Versions []versionEntry
}

type versionEntry struct {
	ID      string
	Lowest  string `json:"min_version"`
	Highest string `json:"version"`
	Max     string `json:"max_version"` // what placement calls it
}

// readVersions reads the version document of the endpoint of c.
func readVersions(ctx context.Context, c *gophercloud.ServiceClient, service string) (versionRange, error) {
	at, major := versionURL(c.Endpoint)
	var doc versionDocument
	_, err := c.Get(ctx, at, &doc, &gophercloud.RequestOpts{OkCodes: []int{http.StatusOK, http.StatusMultipleChoices}})
	if err != nil {
		return versionRange{}, err
	}
	entries := doc.Versions
	if doc.Version != nil {
		entries = append(entries, *doc.Version)
	}
	for _, v := range entries {
		highest := v.Highest
		if highest == "" {
			highest = v.Max
		}
		if highest == "" || major != "" && !strings.HasPrefix(v.ID, major) {
			continue
		}
		r := versionRange{service: service}
		if r.lowest, err = parseMicroversion(v.Lowest); err == nil {
			r.highest, err = parseMicroversion(highest)
		}
		return r, err
	}
	return versionRange{}, fmt.Errorf("%s names no microversions", at)
}

var versionElement = lazyregexp.New(`^v\d+(\.\d+)?$`)

// versionURL returns the URL of the version document of an endpoint, without the project that may stand
// behind it, and the major version in it, as "v3", if it has one.
func versionURL(endpoint string) (at, major string) {
	u, err := url.Parse(endpoint)
	if err != nil {
		return endpoint, ""
	}
	elements := strings.Split(strings.Trim(u.Path, "/"), "/")
	for i := len(elements) - 1; i >= 0; i-- {
		if versionElement().MatchString(elements[i]) {
			u.Path = "/" + strings.Join(elements[:i+1], "/") + "/"
			major, _, _ = strings.Cut(elements[i], ".")
			return u.String(), major
		}
	}
	return endpoint, ""
}
