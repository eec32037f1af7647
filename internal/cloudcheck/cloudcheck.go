// Package cloudcheck compares the configuration with the cloud that it describes: services, roles, named
// resources, microversions and features.
//
// It only reads. What the API does not tell stays unchecked; the report counts it, so that nobody takes it for
// checked.
package cloudcheck

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/gotempest/tempest/internal/cloud"
	"github.com/gotempest/tempest/internal/option"
	"github.com/gotempest/tempest/testlib/config"
)

// Level says what a finding means for a run.
type Level int

// Levels of findings.
const (
	Note     Level = iota // tests are skipped that the cloud could run, or will skip themselves
	Unknown               // the cloud did not give the answer that the check needs
	Mismatch              // the configuration says what is not so: tests will fail
)

// String returns the level in one word.
func (l Level) String() string { return [...]string{"note", "unknown", "mismatch"}[l] }

// Finding is one difference between the configuration and the cloud.
type Finding struct {
	Level  Level
	Option string        // group.option
	Value  string        // as in tempest.toml, secrets masked
	Origin config.Origin // of the value
	Cloud  string        // what the cloud has
	Remedy string        // empty when there is nothing to do
}

// String returns the finding on one line.
func (f Finding) String() string {
	s := fmt.Sprintf("%s: %s = %s: %s", f.Origin, f.Option, f.Value, f.Cloud)
	if f.Remedy != "" {
		s += "; " + f.Remedy
	}
	return s
}

// Report is the result of [Check].
type Report struct {
	Findings  []Finding // in the order of the checks
	Checked   []string  // options that were compared
	Unchecked []string  // options that say something about the cloud which its APIs do not tell
}

// Worst returns the highest level of the findings.
func (r Report) Worst() Level {
	worst := Note
	for _, f := range r.Findings {
		worst = max(worst, f.Level)
	}
	return worst
}

// Check compares the values of the options of groups with the cloud of s. The error says why
// nobody can log in.
func Check(ctx context.Context, s *cloud.Session, values *config.Values, groups []option.Group) (Report, error) {
	s.Values = values
	admin, err := s.Administrator(s.Transport()) //nolint:contextcheck // the session has its own
	if err != nil {
		return Report{}, err
	}
	c := &checker{session: s, admin: admin, settings: values.Settings(groups), checked: map[string]bool{}}
	for _, step := range []func(context.Context){
		c.services, c.administrator, c.roles, c.resources, c.unset, c.microversions,
		c.network, c.image, c.volume, c.objectStore, c.identity, c.compute,
	} {
		if ctx.Err() != nil {
			return Report{}, context.Cause(ctx)
		}
		step(ctx)
	}
	c.rest()
	return c.report, nil
}

// checker is one [Check].
type checker struct {
	session  *cloud.Session
	admin    *cloud.Admin
	settings []config.Setting
	checked  map[string]bool
	report   Report
}

// get returns a setting. All that are asked for are of tempest's own options, or come from the settings.
func (c *checker) get(group, name string) config.Setting {
	for _, s := range c.settings {
		if s.Group == group && s.Option.Name == name {
			c.checked[group+"."+name] = true
			return s
		}
	}
	return config.Setting{Group: group, Option: option.Option{Name: name}}
}

// text returns the value of a string.
func text(s config.Setting) string {
	v, _ := s.Value.(string)
	return v
}

// on returns the value of a boolean.
func on(s config.Setting) bool {
	v, _ := s.Value.(bool)
	return v
}

// list returns the values of a list of strings.
func list(s config.Setting) []string {
	items, _ := s.Value.([]any)
	var all []string
	for _, item := range items {
		all = append(all, fmt.Sprint(item))
	}
	return all
}

// isDefault reports whether nothing sets s.
func isDefault(s config.Setting) bool { return s.Origin.Kind == config.FromDefault }

// find adds a finding about s. says is what the cloud has.
func (c *checker) find(l Level, s config.Setting, says, remedy string) {
	c.report.Findings = append(c.report.Findings, Finding{
		Level: l, Option: s.Group + "." + s.Option.Name, Value: s.TOML(), Origin: s.Origin,
		Cloud: oneLine(says), Remedy: oneLine(remedy),
	})
}

// failed adds that the cloud did not answer what the check of s needs.
func (c *checker) failed(s config.Setting, err error) {
	level := Unknown
	if c.session.Cloud.NoAdmin && gophercloud.ResponseCodeIs(err, http.StatusForbidden) {
		level = Note // users of an accounts file may not look
	}
	c.find(level, s, "not checked: "+c.session.Secrets.Text(short(err)), "")
}

// short is an error without the body of an answer.
func short(err error) string {
	text := err.Error()
	var code gophercloud.ErrUnexpectedResponseCode
	if errors.As(err, &code) {
		return strings.Replace(text, code.Error(), fmt.Sprintf("%s %s: status %d", code.Method, code.URL, code.Actual), 1)
	}
	return text
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// has reports whether the catalogue has a service.
func (c *checker) has(serviceType string) bool {
	return serviceType == cloud.Identity || c.session.HasService(c.admin, serviceType) == nil
}

// tested reports whether tests use a service: the catalogue has it, and [service_available] does not deny it. Of others
// nothing needs to be so.
func (c *checker) tested(serviceType string) bool {
	denied := slices.ContainsFunc(c.settings, func(s config.Setting) bool {
		return s.Group == available && cloud.ServiceType(s.Option.Name) == serviceType && s.Value == false
	})
	return !denied && c.has(serviceType)
}

// available is the group that says which services there are.
const available = "service_available"

// client returns the administrator's client of a service.
func (c *checker) client(serviceType string) (*gophercloud.ServiceClient, error) {
	return cloud.NewClient(c.admin.Provider, serviceType, c.session.Endpoint(serviceType))
}

// flag compares a feature flag with what the cloud has. what names the feature's trace in the API.
func (c *checker) flag(group, name string, there bool, what string) {
	s := c.get(group, name)
	switch {
	case on(s) && !there:
		c.find(Mismatch, s, "the cloud has no "+what, "set it to false")
	case !on(s) && there:
		c.find(Note, s, "the cloud has "+what, "tests of it are skipped; true runs them")
	}
}

// rest lists what was checked, and what describes the cloud and was not.
func (c *checker) rest() {
	for _, s := range c.settings {
		name := s.Group + "." + s.Option.Name
		switch {
		case c.checked[name]:
			c.report.Checked = append(c.report.Checked, name)
		case strings.HasSuffix(s.Group, "_feature_enabled"):
			c.report.Unchecked = append(c.report.Unchecked, name)
		}
	}
	c.report.Checked = slices.Compact(c.report.Checked)
}
