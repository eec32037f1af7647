// Package schema checks answers of services against JSON Schema.
//
// A [Schema] is one JSON Schema, for one value. A [Set] is a list of rules that say which schema is for which
// answer: by service, method, path, status and microversion. Given to
// [github.com/gotempest/tempest/testlib.Env.Validate], it checks every answer that a client gets:
//
//	//go:embed schemas
//	var files embed.FS
//
//	answers, err := schema.New(files, schema.Rule{
//		Service: "compute", Method: "GET", Path: "/servers/*", Status: []int{200}, MinVersion: "2.73",
//		Body: "schemas/server.json",
//	})
//	...
//	e.Validate(client, answers)
//
// A schema that names no draft in "$schema" is of draft 2020-12; the ones of Python Tempest are of draft 4, and
// need `"$schema": "http://json-schema.org/draft-04/schema#"`. Formats are checked, as OpenStack writes them, see
// [Schema].
package schema

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// Schema is one JSON Schema. Its methods may be called concurrently.
//
// Beside the formats of JSON Schema it knows these, and is less strict about them than the standard is:
//
//   - date-time, iso8601-date-time: RFC 3339, also without a time zone or with a space for the T;
//   - uuid: with dashes, or 32 digits as Keystone writes them;
//   - cidr, mac-address.
type Schema struct {
	name     string
	compiled *jsonschema.Schema
}

// Parse reads a schema from JSON text. References lead to other places in the same text.
func Parse(text string) (*Schema, error) {
	return newLoader(nil).schema("given as text", text)
}

// Open reads a schema from a file, whose path may end in a fragment, as "volume.json#/$defs/attachment". References
// lead to files beside it. There is no network: those to other places are an error.
func Open(files fs.FS, path string) (*Schema, error) {
	return newLoader(files).schema("given as text", path)
}

// scheme is that of the URLs of schemas: of files, and of texts.
const scheme = "schema"

// loader compiles schemas of a file system.
type loader struct {
	files fs.FS // nil for none
	texts int
	*jsonschema.Compiler
}

func newLoader(files fs.FS) *loader {
	l := &loader{files: files, Compiler: jsonschema.NewCompiler()}
	l.AssertFormat()
	for _, f := range formats() {
		l.RegisterFormat(f)
	}
	l.UseLoader(l)
	return l
}

// Load reads the file that a URL names.
func (l *loader) Load(address string) (any, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	if u.Scheme != scheme || u.Host != "files" || l.files == nil {
		return nil, fmt.Errorf("%s is not one of the files of this schema", address)
	}
	data, err := fs.ReadFile(l.files, strings.TrimPrefix(u.Path, "/"))
	if err != nil {
		return nil, err
	}
	return decode(data)
}

// schema compiles JSON text, or else a file. where names it in errors.
func (l *loader) schema(where, source string) (*Schema, error) {
	name := source
	address := scheme + "://files/" + source
	if strings.HasPrefix(strings.TrimSpace(source), "{") {
		l.texts++
		name = where
		address = fmt.Sprintf("%s://texts/%d", scheme, l.texts)
		value, err := decode([]byte(source))
		if err != nil {
			return nil, fmt.Errorf("reading schema %s: %w", name, err)
		}
		if err := l.AddResource(address, value); err != nil {
			return nil, fmt.Errorf("reading schema %s: %w", name, err)
		}
	}
	compiled, err := l.Compile(address)
	if err != nil {
		return nil, fmt.Errorf("reading schema %s: %s", name, oneLine(err))
	}
	return &Schema{name: name, compiled: compiled}, nil
}

// oneLine returns an error of the library as one line.
func oneLine(err error) string {
	var invalid *jsonschema.SchemaValidationError
	if errors.As(err, &invalid) {
		var mismatch *jsonschema.ValidationError
		if errors.As(invalid.Err, &mismatch) {
			return "it is no JSON Schema: " + strings.Join(mismatches(mismatch, nil), "; ")
		}
	}
	text := strings.Join(strings.Fields(err.Error()), " ")
	return strings.ReplaceAll(text, scheme+"://files/", "")
}

// decode reads JSON and keeps numbers as they are.
func decode(data []byte) (any, error) { return jsonschema.UnmarshalJSON(bytes.NewReader(data)) }

// Validate says how a value differs from the schema, nil for not at all. The value is what encoding/json makes of
// JSON, as Body of a gophercloud result is, or JSON itself as []byte. The error names each place by its JSON
// pointer.
func (s *Schema) Validate(value any) error {
	switch v := value.(type) {
	case []byte:
		decoded, err := decode(v)
		if err != nil {
			return fmt.Errorf("it is no JSON: %w", err)
		}
		value = decoded
	case json.RawMessage:
		return s.Validate([]byte(v))
	}
	err := s.compiled.Validate(value)
	var mismatch *jsonschema.ValidationError
	if err == nil || !errors.As(err, &mismatch) {
		return err
	}
	return &MismatchError{Schema: s.name, Places: mismatches(mismatch, value)}
}

// MismatchError says how a value differs from a schema.
type MismatchError struct {
	Schema string   // file, or the rule that holds it
	Places []string // a JSON pointer each, and what is wrong there
}

// maxPlaces is how many differences an error shows.
const maxPlaces = 10

// Error shows each difference in a line of its own.
func (e *MismatchError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "it does not fit schema %s:", e.Schema)
	for i, p := range e.Places {
		if i == maxPlaces {
			fmt.Fprintf(&b, "\n  and %d more", len(e.Places)-i)
			break
		}
		b.WriteString("\n  " + p)
	}
	return b.String()
}
