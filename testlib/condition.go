package testlib

import (
	"fmt"
	"slices"

	"github.com/gotempest/tempest/internal/cloud"
	"github.com/gotempest/tempest/internal/lazyregexp"
)

// conditions is what the options of one test say about when it runs.
type conditions struct {
	serial      bool
	exclusive   []string
	skipBug     string // URL
	unstable    string // URL
	relatedBugs []string
	features    []feature
	extensions  []extension
	versions    []versionRange
	declared    []declaration
	mistake     string // the first thing that is wrong with an option
}

// bugs returns the URLs of all bugs that the options name.
func (c *conditions) bugs() []string {
	list := slices.Clone(c.relatedBugs)
	for _, bug := range []string{c.skipBug, c.unstable} {
		if bug != "" {
			list = append(list, bug)
		}
	}
	return list
}

// wrong notes what is wrong with an option.
func (c *conditions) wrong(format string, args ...any) {
	if c.mistake == "" {
		c.mistake = fmt.Sprintf(format, args...)
	}
}

// Attributes that change how a test is run.
const (
	// Serial lets the test run while no other test of the run does, in any process. Under
	// plain go test that holds for all tests of the same cloud by the same user on this machine, and with the
	// embedded cloud, and on Windows, for the process. It is for groups, not for single subtests.
	Serial Attribute = "serial"

	attributeUnstable Attribute = "unstable" // of tests with the option Unstable
)

// When makes the attribute count only where condition is true. `tempest list` and selection take it
// for true, because they do not run the test.
func (a Attribute) When(condition bool) Option { return attributeWhen{a, condition} }

type attributeWhen struct {
	attribute Attribute
	condition bool
}

func (o attributeWhen) apply(s *settings) {
	if o.condition {
		o.attribute.apply(s)
	}
}

// Exclusive names what the test must not share with another test: two tests that name the same never run
// at one time, in any process. A name is a word of lower-case letters, digits, dots, _
// and -, such as "flavor-default"; plugins had better begin theirs with their own name.
//
// A test says all its names at once. Those of a group hold for its subtests. A subtest
// may have names when its group has none.
func Exclusive(names ...string) Option { return exclusive(names) }

type exclusive []string

var exclusiveName = lazyregexp.New(`^[a-z0-9][a-z0-9._-]*$`)

func (o exclusive) apply(s *settings) {
	if len(o) == 0 {
		s.wrong("testlib.Exclusive() names nothing")
	}
	for _, name := range o {
		if !exclusiveName().MatchString(name) {
			s.wrong("testlib.Exclusive(%q) is not a word of lower-case letters, digits, dots, _ and -", name)
		}
	}
	s.exclusive = append(s.exclusive, o...)
}

// Feature asks for features of a service. A feature is an option of the configuration that is true or false, in the
// group of the service: Feature("compute", "resize") is [compute_feature_enabled] resize. The test is
// skipped when one of them is false. The options are tempest's own, or those of a plugin, which
// the tests make known with [Options].
func Feature(serviceType string, names ...string) Option { return feature{serviceType, names} }

type feature struct {
	service string
	names   []string
}

func (f feature) apply(s *settings) {
	if len(f.names) == 0 {
		s.wrong("testlib.Feature(%q) names no feature", f.service)
	}
	s.features = append(s.features, f)
}

// Extension asks for extensions of a service's API, by alias: Extension("network", "router"). For the object
// store they are the names in its /info. The test is skipped when the cloud lacks one of them. The cloud is
// asked once in each process, unless the option api_extensions (object store:
// discoverable_apis) of the service's group, as [network_feature_enabled], lists them.
func Extension(serviceType string, aliases ...string) Option {
	return extension{cloud.ServiceType(serviceType), aliases}
}

type extension struct {
	service string
	aliases []string
}

func (x extension) apply(s *settings) {
	if len(x.aliases) == 0 {
		s.wrong("testlib.Extension(%q) names no extension", x.service)
	}
	s.extensions = append(s.extensions, x)
}

// Microversion gives a test the microversions of a service's API that it is for, the lowest and the highest:
// Microversion("compute", "2.60", "latest"). It is skipped when none of them is offered by the cloud and
// within min_microversion and max_microversion of the configuration. Clients of the service have the
// lowest of them that the configuration allows; see [Env.Microversion]. A subtest has that of its group,
// unless it names its own.
func Microversion(serviceType, lowest, highest string) Option {
	return versionOption{cloud.ServiceType(serviceType), lowest, highest}
}

type versionOption struct{ service, lowest, highest string }

func (o versionOption) apply(s *settings) {
	r := versionRange{service: o.service}
	var err error
	if r.lowest, err = parseMicroversion(o.lowest); err != nil {
		s.wrong("testlib.Microversion: %v", err)
	}
	if r.highest, err = parseMicroversion(o.highest); err != nil {
		s.wrong("testlib.Microversion: %v", err)
	}
	if err == nil && r.highest.less(r.lowest) {
		s.wrong("testlib.Microversion: %s is above %s", o.lowest, o.highest)
	}
	if slices.ContainsFunc(s.versions, func(other versionRange) bool { return other.service == o.service }) {
		s.wrong("testlib.Microversion: %s has two ranges", o.service)
	}
	s.versions = append(s.versions, r)
}
