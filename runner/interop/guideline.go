// Package interop reads an OpenStack interoperability guideline, which lists
// what a cloud must pass to be called OpenStack Powered, and says what the
// results of a run mean for it.
//
// Guidelines are JSON files of schema 2.0:
// https://opendev.org/openstack/interop/src/branch/master/doc/source/schema/2.0.rst
package interop

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Guideline is what a guideline asks for.
type Guideline struct {
	ID           string // as in "2020.06"
	Platforms    []Platform
	Components   []Component
	Capabilities []Capability // of the components, each once, by name
}

// Platform is a trademark: components that a cloud must have together.
type Platform struct {
	Name       string // as in "OpenStack Powered Storage"
	Components []string
}

// Component is a list of capabilities.
type Component struct {
	Name     string // as in "os_powered_storage"
	Required []string
	Advisory []string // required in a later guideline
}

// Capability is something that a cloud can do, with the tests that show it.
type Capability struct {
	Name  string // as in "objectstore-object-copy"
	Tests []Test // by name
}

// Test is a test of a capability.
type Test struct {
	Name    string // in Python Tempest
	UUID    string // the same in every suite
	Flagged string // why it does not have to pass; empty if it does
}

// schema is the version that [Parse] reads.
const schema = "2.0"

// Parse reads a guideline. The error says what is wrong at which place.
func Parse(data []byte) (*Guideline, error) {
	var f file
	if err := json.Unmarshal(data, &f); err != nil {
		return nil, place(data, err)
	}
	if f.Metadata.Schema != schema {
		return nil, fmt.Errorf("metadata.schema is %q: want a guideline of schema %s", f.Metadata.Schema, schema)
	}
	g := &Guideline{ID: f.Metadata.ID}
	wanted := map[string]bool{}
	for _, name := range slices.Sorted(maps.Keys(f.Components)) {
		c := f.Components[name].Capabilities
		for _, capability := range slices.Concat(c.Required, c.Advisory) {
			if _, ok := f.Capabilities[capability]; !ok {
				return nil, fmt.Errorf("components.%s names the capability %q, which is not there", name, capability)
			}
			wanted[capability] = true
		}
		g.Components = append(g.Components, Component{Name: name, Required: c.Required, Advisory: c.Advisory})
	}
	for _, name := range slices.Sorted(maps.Keys(f.Platforms)) {
		p := Platform{Name: name}
		for _, c := range f.Platforms[name].Components {
			if _, ok := f.Components[c.Name]; !ok {
				return nil, fmt.Errorf("platforms.%q names the component %q, which is not there", name, c.Name)
			}
			p.Components = append(p.Components, c.Name)
		}
		g.Platforms = append(g.Platforms, p)
	}
	required := g.required()
	for _, name := range slices.Sorted(maps.Keys(wanted)) {
		tests, err := f.Capabilities[name].tests(required[name])
		if err != nil {
			return nil, fmt.Errorf("capabilities.%s: %w", name, err)
		}
		g.Capabilities = append(g.Capabilities, Capability{Name: name, Tests: tests})
	}
	if len(g.Capabilities) == 0 {
		return nil, errors.New("no component requires a capability")
	}
	return g, nil
}

// file is a guideline as it is written.
type file struct {
	Metadata struct {
		ID     string `json:"id"`
		Schema string `json:"schema"`
	} `json:"metadata"`
	Platforms map[string]struct {
		Components []struct {
			Name string `json:"name"`
		} `json:"components"`
	} `json:"platforms"`
	Components map[string]struct {
		Capabilities struct {
			Required []string `json:"required"`
			Advisory []string `json:"advisory"`
		} `json:"capabilities"`
	} `json:"components"`
	Capabilities map[string]capability `json:"capabilities"`
}

type capability struct {
	Tests map[string]struct {
		ID      string `json:"idempotent_id"`
		Flagged *struct {
			Reason string `json:"reason"`
		} `json:"flagged"`
	} `json:"tests"`
}

// tests are those of a capability. One that is required without tests would be
// met by every cloud.
func (c capability) tests(required bool) ([]Test, error) {
	if required && len(c.Tests) == 0 {
		return nil, errors.New("it is required and has no tests")
	}
	var tests []Test
	for _, name := range slices.Sorted(maps.Keys(c.Tests)) {
		t := c.Tests[name]
		test := Test{Name: name, UUID: strings.ToLower(strings.TrimPrefix(t.ID, "id-"))}
		if test.UUID == "" {
			return nil, fmt.Errorf("test %s has no idempotent_id", name)
		}
		if t.Flagged != nil {
			test.Flagged = t.Flagged.Reason
			if test.Flagged == "" {
				test.Flagged = "flagged"
			}
		}
		tests = append(tests, test)
	}
	return tests, nil
}

// place adds to an error of encoding/json the line where it is.
func place(data []byte, err error) error {
	var offset int64
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		offset = syntax.Offset
	case errors.As(err, &kind):
		offset = kind.Offset
	default:
		return err
	}
	line := 1 + bytes.Count(data[:min(int(offset), len(data))], []byte("\n"))
	return fmt.Errorf("line %d: %w", line, err)
}

// Narrow leaves the platforms and components with these names, and what belongs
// to them. The error names one that is not there, and those that are.
func (g *Guideline) Narrow(names ...string) error {
	components := map[string]bool{}
	platforms := map[string]bool{}
	for _, name := range names {
		p := slices.IndexFunc(g.Platforms, func(p Platform) bool { return p.Name == name })
		c := slices.IndexFunc(g.Components, func(c Component) bool { return c.Name == name })
		switch {
		case p >= 0:
			platforms[name] = true
			for _, c := range g.Platforms[p].Components {
				components[c] = true
			}
		case c >= 0:
			components[name] = true
		default:
			return fmt.Errorf("guideline %s has no %q: it has %s", g.ID, name, strings.Join(g.names(), ", "))
		}
	}
	g.Platforms = slices.DeleteFunc(g.Platforms, func(p Platform) bool { return !platforms[p.Name] })
	g.Components = slices.DeleteFunc(g.Components, func(c Component) bool { return !components[c.Name] })
	left := map[string]bool{}
	for _, c := range g.Components {
		for _, name := range slices.Concat(c.Required, c.Advisory) {
			left[name] = true
		}
	}
	g.Capabilities = slices.DeleteFunc(g.Capabilities, func(c Capability) bool { return !left[c.Name] })
	return nil
}

// names are those of all platforms and components, quoted.
func (g *Guideline) names() []string {
	var names []string
	for _, p := range g.Platforms {
		names = append(names, fmt.Sprintf("%q", p.Name))
	}
	for _, c := range g.Components {
		names = append(names, fmt.Sprintf("%q", c.Name))
	}
	return names
}

// UUIDs are those of all tests that must pass, sorted, each once.
func (g *Guideline) UUIDs() []string {
	required := g.required()
	uuids := map[string]bool{}
	for _, c := range g.Capabilities {
		for _, t := range c.Tests {
			if required[c.Name] && t.Flagged == "" {
				uuids[t.UUID] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(uuids))
}

// required are the names of the capabilities that some component requires.
func (g *Guideline) required() map[string]bool {
	names := map[string]bool{}
	for _, c := range g.Components {
		for _, name := range c.Required {
			names[name] = true
		}
	}
	return names
}
