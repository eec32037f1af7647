package glance

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
)

// ordered is a JSON object whose members keep their order: clients print
// schemas in the order in which they come.
type ordered []field

// field is one member of an object.
type field struct {
	name  string
	value any // for encoding/json
}

// parseOrdered reads an object. Its values stay as they are written.
func parseOrdered(data []byte) (ordered, error) {
	decoder := json.NewDecoder(bytes.NewReader(data))
	if opening, err := decoder.Token(); err != nil || opening != json.Delim('{') {
		return nil, fmt.Errorf("reading an object: it starts with %v (%w)", opening, err)
	}
	var o ordered
	for decoder.More() {
		name, err := decoder.Token()
		if err != nil {
			return nil, fmt.Errorf("reading an object: %w", err)
		}
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			return nil, fmt.Errorf("reading an object: %w", err)
		}
		text, _ := name.(string) // the names of members always are
		o = append(o, field{text, value})
	}
	return o, nil
}

// MarshalJSON writes the members in their order.
func (o ordered) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, f := range o {
		if i > 0 {
			b.WriteByte(',')
		}
		name, err := encode(f.name)
		if err != nil {
			return nil, err
		}
		value, err := encode(f.value)
		if err != nil {
			return nil, err
		}
		b.Write(name)
		b.WriteByte(':')
		b.Write(value)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// get returns the member of that name, or nil.
func (o ordered) get(name string) any {
	i := slices.IndexFunc(o, func(f field) bool { return f.name == name })
	if i < 0 {
		return nil
	}
	return o[i].value
}

// without returns o without the members of these names.
func (o ordered) without(names ...string) ordered {
	return slices.DeleteFunc(slices.Clone(o), func(f field) bool { return slices.Contains(names, f.name) })
}

// with returns o with a member of that name, in its old place or at the end.
func (o ordered) with(name string, value any) ordered {
	o = slices.Clone(o)
	i := slices.IndexFunc(o, func(f field) bool { return f.name == name })
	if i < 0 {
		return append(o, field{name, value})
	}
	o[i].value = value
	return o
}
