package accounts

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// File is what an accounts file holds.
type File struct {
	Accounts []Account
	Warnings []string // what is ignored, each with file and line
}

// Error is something wrong at one place of a file.
type Error struct {
	File string
	Line int // from 1; 0 when it is not known
	Text string
}

// Error returns the file, the line and what is wrong, in one line.
func (e *Error) Error() string {
	if e.Line == 0 {
		return fmt.Sprintf("%s: %s", e.File, e.Text)
	}
	return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Text)
}

// Read reads the file at path. What is wrong with its content is an [*Error].
func Read(path string) (*File, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("reading the accounts file: %w", err)
	}
	defer f.Close()
	return Parse(f, path)
}

// Parse reads an accounts file. name is what messages call it.
func Parse(r io.Reader, name string) (*File, error) {
	var doc yaml.Node
	err := yaml.NewDecoder(r).Decode(&doc)
	switch {
	case errors.Is(err, io.EOF):
		return nil, &Error{File: name, Text: "there are no accounts"}
	case err != nil:
		return nil, syntaxError(name, err)
	}
	p := &parser{name: name}
	list := doc.Content[0]
	if list.Kind != yaml.SequenceNode || len(list.Content) == 0 {
		return nil, p.errorf(list, "an accounts file is a list of accounts, each beginning with \"- username:\"")
	}
	file := &File{}
	seen := map[string]int{}
	for _, node := range list.Content {
		a, err := p.account(node)
		if err != nil {
			return nil, err
		}
		id := a.UserDomain.String() + "/" + a.Who() + " on " + a.Place()
		if first := seen[id]; first > 0 {
			return nil, p.errorf(node, "the account stands in line %d already: a second one would share it with another test",
				first)
		}
		seen[id] = a.Line
		file.Accounts = append(file.Accounts, a)
	}
	file.Warnings = p.warnings
	return file, nil
}

// syntaxError makes an Error of one of the YAML library, whose text is "yaml: line 3: …".
func syntaxError(name string, err error) error {
	text := strings.TrimPrefix(strings.Join(strings.Fields(err.Error()), " "), "yaml: ")
	e := &Error{File: name, Text: "no YAML: " + text}
	if n, serr := fmt.Sscanf(text, "line %d:", &e.Line); serr == nil && n == 1 {
		_, rest, _ := strings.Cut(text, ": ")
		e.Text = "no YAML: " + rest
	}
	return e
}

type parser struct {
	name     string
	warnings []string
}

func (p *parser) errorf(n *yaml.Node, format string, args ...any) error {
	return &Error{File: p.name, Line: n.Line, Text: fmt.Sprintf(format, args...)}
}

// account reads one element of the list.
func (p *parser) account(n *yaml.Node) (Account, error) {
	n = resolve(n)
	if n.Kind != yaml.MappingNode {
		return Account{}, p.errorf(n, "an account is a mapping with username, password and project_name")
	}
	a := Account{Line: n.Line}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if err := p.field(&a, n.Content[i], resolve(n.Content[i+1])); err != nil {
			return a, err
		}
	}
	a.fill()
	if problem := a.problem(); problem != "" {
		return a, p.errorf(n, "%s", problem)
	}
	return a, nil
}

// resolve follows an alias.
func resolve(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}

// texts returns where the fields stand that are one text.
func (a *Account) texts() map[string]*string {
	return map[string]*string{
		"username": &a.Username, "user_id": &a.UserID, "password": &a.Password,
		"user_domain_name": &a.UserDomain.Name, "user_domain_id": &a.UserDomain.ID,
		"project_name": &a.Project.Name, "project_id": &a.Project.ID,
		"tenant_name": &a.Project.Name, "tenant_id": &a.Project.ID,
		"project_domain_name": &a.ProjectDomain.Name, "project_domain_id": &a.ProjectDomain.ID,
		"domain_name": &a.Domain.Name, "domain_id": &a.Domain.ID,
	}
}

// field reads one field of an account.
func (p *parser) field(a *Account, key, value *yaml.Node) error {
	switch key.Value {
	case "roles":
		return p.list(key, value, &a.Roles)
	case "types":
		return p.list(key, value, &a.Types)
	case "resources":
		return p.resources(a, key, value)
	case "system":
		if value.Kind != yaml.ScalarNode || value.Value != "all" {
			return p.errorf(value, `system is %q: the one value it has is "all"`, value.Value)
		}
		a.System = true
		return nil
	}
	to := a.texts()[key.Value]
	if to == nil {
		var known []string
		for k := range a.texts() {
			known = append(known, k)
		}
		known = append(known, "system", "roles", "types", "resources")
		slices.Sort(known)
		return p.errorf(key, "there is no field %q; there are %s", key.Value, strings.Join(known, ", "))
	}
	if value.Kind != yaml.ScalarNode || value.Tag == "!!null" {
		return p.errorf(key, "%s is no text", key.Value)
	}
	if *to != "" && *to != value.Value {
		return p.errorf(key, "%s contradicts another field of the account: project_name and tenant_name are one", key.Value)
	}
	*to = value.Value
	return nil
}

func (p *parser) list(key, value *yaml.Node, to *[]string) error {
	if value.Kind != yaml.SequenceNode {
		return p.errorf(value, "%s is a list, as [member]", key.Value)
	}
	for _, element := range value.Content {
		element = resolve(element)
		if element.Kind != yaml.ScalarNode || element.Value == "" {
			return p.errorf(element, "%s is a list of names", key.Value)
		}
		*to = append(*to, element.Value)
	}
	return nil
}

func (p *parser) resources(a *Account, key, value *yaml.Node) error {
	if value.Kind != yaml.MappingNode {
		return p.errorf(value, "%s is a mapping with network", key.Value)
	}
	for i := 0; i+1 < len(value.Content); i += 2 {
		k, v := value.Content[i], resolve(value.Content[i+1])
		switch {
		case k.Value != "network":
			p.warnings = append(p.warnings, fmt.Sprintf("%s:%d: resources: %s is ignored; only network is used",
				p.name, k.Line, k.Value))
		case v.Kind != yaml.ScalarNode || v.Value == "":
			return p.errorf(k, "network is the name of a network")
		default:
			a.Network = v.Value
		}
	}
	return nil
}
