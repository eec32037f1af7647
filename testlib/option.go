package testlib

import (
	"fmt"

	"github.com/google/uuid"

	"github.com/gotempest/tempest/internal/cloud"
	"github.com/gotempest/tempest/internal/lazyregexp"
)

// An Option says something about a test: what it is called, what it needs.
// Arguments of options are written as literals, because `tempest list` and
// selection read them from the source.
type Option interface {
	apply(*settings)
}

// settings is what the options of one test amount to.
type settings struct {
	id         string
	attributes []string
	services   []string
	personas   []Persona
	roleLists  []grant // personas that the test has named itself
	isolated   bool

	wantsNetwork bool
	network      []NetworkFeature
	fakes        []fake
	noRetry      bool
	resources    []Resource

	conditions
}

func newSettings(opts []Option) settings {
	var s settings
	for i, o := range opts {
		if o == nil {
			s.wrong("option %d of the test is nil", i+1)
			continue
		}
		o.apply(&s)
	}
	return s
}

// problem says what is wrong with the options, "" for nothing. What is selected by them must be
// what the author meant.
func (s settings) problem() string {
	if s.mistake != "" {
		return s.mistake
	}
	if s.id != "" && (len(s.id) != uuidLength || uuid.Validate(s.id) != nil) {
		return fmt.Sprintf("testlib.ID(%q) is no UUID", s.id)
	}
	for _, a := range s.attributes {
		if !attributeWord().MatchString(a) {
			return fmt.Sprintf("testlib.Attribute(%q) is not a word of lower-case letters, digits, _ and -", a)
		}
	}
	return ""
}

const uuidLength = 36 // of the one form that is used, with dashes

var attributeWord = lazyregexp.New(`^[a-z0-9][a-z0-9_-]*$`)

// ID is the UUID of a test. It stays with the test when it is renamed.
type ID string

func (id ID) apply(s *settings) {
	if s.id != "" && s.id != string(id) {
		s.wrong("testlib.ID: the test has two, %s and %s", s.id, id)
	}
	s.id = string(id)
}

// An Attribute is a word by which tests are selected. Any lower-case word may be used.
type Attribute string

// Attributes that tempest itself uses.
const (
	Smoke    Attribute = "smoke"    // one of the few tests that say whether a service works at all
	Negative Attribute = "negative" // tests that a wrong request is refused
	Slow     Attribute = "slow"     // takes more than a minute
)

func (a Attribute) apply(s *settings) {
	s.attributes = append(s.attributes, string(a))
	s.serial = s.serial || a == Serial
}

// Services names the types of the services that a test uses, as in the
// catalogue ("key-manager") or in [service_available] ("key_manager"). The test
// is skipped when the cloud lacks one of them.
func Services(types ...string) Option { return servicesOption(types) }

type servicesOption []string

var serviceWord = lazyregexp.New(`^[A-Za-z0-9][A-Za-z0-9._-]*$`)

func (o servicesOption) apply(s *settings) {
	for _, t := range o {
		if !serviceWord().MatchString(t) {
			s.wrong("testlib.Services(%q) is no type of a service, such as load-balancer", t)
		}
		s.services = append(s.services, cloud.ServiceType(t))
	}
}
