package schema

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

// mismatches lists the differences that are no mere sum of others: a JSON pointer each, what is expected, and what
// there is.
func mismatches(e *jsonschema.ValidationError, value any) []string {
	var list []string
	seen := map[string]bool{}
	printer := message.NewPrinter(language.English)
	var visit func(*jsonschema.ValidationError)
	visit = func(e *jsonschema.ValidationError) {
		if len(e.Causes) > 0 {
			if text, choice := choiceOf(e); choice {
				list = append(list, pointer(e.InstanceLocation)+": "+text)
			}
			for _, cause := range e.Causes {
				visit(cause)
			}
			return
		}
		text := pointer(e.InstanceLocation) + ": " + e.ErrorKind.LocalizedString(printer)
		if !aboutParts(e.ErrorKind) {
			text += shown(value, e.InstanceLocation)
		}
		if !seen[text] {
			seen[text] = true
			list = append(list, text)
		}
	}
	visit(e)
	return list
}

// choiceOf says of what follows that one of several would do.
func choiceOf(e *jsonschema.ValidationError) (string, bool) {
	switch e.ErrorKind.(type) {
	case *kind.AnyOf, *kind.OneOf:
		return "none of the alternatives fits:", true
	}
	return "", false
}

// aboutParts reports whether a message names what it is about: showing all of the value would help nobody.
func aboutParts(k jsonschema.ErrorKind) bool {
	switch k.(type) {
	case *kind.Required, *kind.AdditionalProperties, *kind.DependentRequired, *kind.Dependency, *kind.Type:
		return true
	}
	return false
}

// pointer returns a JSON pointer, "/" for the whole.
//
// Source: RFC 6901
func pointer(location []string) string {
	if len(location) == 0 {
		return "/"
	}
	escape := strings.NewReplacer("~", "~0", "/", "~1")
	var b strings.Builder
	for _, part := range location {
		b.WriteString("/" + escape.Replace(part))
	}
	return b.String()
}

// maxShown is how much of a value is shown, in bytes.
const maxShown = 80

// shown returns the value at a place, to stand behind a message.
func shown(value any, location []string) string {
	for _, part := range location {
		switch v := value.(type) {
		case map[string]any:
			value = v[part]
		case []any:
			i, err := strconv.Atoi(part)
			if err != nil || i < 0 || i >= len(v) {
				return ""
			}
			value = v[i]
		default:
			return ""
		}
	}
	if value == nil {
		return ""
	}
	text, err := json.Marshal(value)
	if err != nil {
		return ""
	}
	if len(text) > maxShown {
		return fmt.Sprintf(", there is %s…", strings.ToValidUTF8(string(text[:maxShown]), ""))
	}
	return fmt.Sprintf(", there is %s", text)
}
