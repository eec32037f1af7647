package config

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/BurntSushi/toml"

	"github.com/gotempest/tempest/internal/option"
)

// convert returns the value that l gives to o: a string, bool, int64, float64,
// time.Duration, or a []any of these. problem says what is wrong with it.
func convert(o option.Option, l layer) (value any, problem string) {
	elem, list := o.Elem()
	if !list {
		return scalar(o, o.Type, l.raw, l.text)
	}
	items, text, problem := listItems(o, l)
	if problem != "" {
		return nil, problem
	}
	values := make([]any, len(items))
	for i, item := range items {
		if values[i], problem = scalar(o, elem, item, text); problem != "" {
			return nil, fmt.Sprintf("element %d: %s", i+1, problem)
		}
	}
	return values, ""
}

// listItems returns the elements of a list, and whether they are text still. A list may
// be written as text, in the file too.
func listItems(o option.Option, l layer) (items []any, text bool, problem string) {
	raw := l.raw
	if s, ok := raw.(string); ok {
		if !l.text || !strings.HasPrefix(strings.TrimSpace(s), "[") {
			for _, w := range option.SplitList(s) {
				items = append(items, w)
			}
			return items, true, ""
		}
		var doc struct{ V any }
		if _, err := toml.Decode("V = "+s, &doc); err != nil {
			return nil, false, describe(o, s) + " is not a list of TOML"
		}
		raw = doc.V
	}
	v := reflect.ValueOf(raw)
	if v.Kind() != reflect.Slice {
		return nil, false, fmt.Sprintf("want %s, found %s", typeText(o.Type), describe(o, raw))
	}
	for i := range v.Len() {
		items = append(items, v.Index(i).Interface())
	}
	return items, false, ""
}

// scalar converts one value that is not a list, and checks its range.
func scalar(o option.Option, word string, raw any, text bool) (value any, problem string) {
	var ok bool
	if s, isString := raw.(string); isString && (text || word == "duration") {
		value, ok = option.ParseText(word, s)
	} else {
		value, ok = fromTOML(word, raw)
	}
	if !ok {
		return nil, fmt.Sprintf("want %s, found %s", typeText(word), describe(o, raw))
	}
	if problem := outOfRange(o, word, value); problem != "" {
		return nil, problem
	}
	if len(o.Choices) > 0 && !slices.Contains(o.Choices, fmt.Sprint(value)) && (value != "" || o.Default != "") {
		return nil, fmt.Sprintf("%s is not one of %s", describe(o, raw), strings.Join(o.Choices, ", "))
	}
	return value, ""
}

// fromTOML converts a value as the TOML parser returns it.
func fromTOML(word string, raw any) (any, bool) {
	switch v := raw.(type) {
	case string:
		return v, word == "string"
	case bool:
		return v, word == "bool"
	case int64:
		if word == "float" {
			return float64(v), true
		}
		return v, word == "int"
	case float64:
		return v, word == "float"
	}
	return nil, false
}

// outOfRange says by which bound of o a value is refused.
func outOfRange(o option.Option, word string, value any) string {
	if f, ok := value.(float64); ok && math.IsNaN(f) && (o.Min != "" || o.Max != "") {
		return "not a number"
	}
	if bound, ok := option.ParseText(word, o.Min); ok && o.Min != "" && option.Compare(value, bound) < 0 {
		return fmt.Sprintf("%v is less than %s, the least allowed", value, o.Min)
	}
	if bound, ok := option.ParseText(word, o.Max); ok && o.Max != "" && option.Compare(value, bound) > 0 {
		return fmt.Sprintf("%v is more than %s, the most allowed", value, o.Max)
	}
	return ""
}

// typeText says in words what a value of a type looks like.
func typeText(word string) string {
	if elem, ok := strings.CutPrefix(word, "[]"); ok {
		return "a list of " + elem + "s"
	}
	switch word {
	case "int":
		return "an integer"
	case "bool":
		return "true or false"
	case "float":
		return "a number"
	case "duration":
		return `a duration such as "90s"`
	}
	return "a " + word
}

// maxShown is how many bytes of a wrong value messages repeat.
const maxShown = 60

// describe says in words what a value is, without the text of a secret.
func describe(o option.Option, raw any) string {
	switch v := raw.(type) {
	case string:
		if o.Secret || len(v) > maxShown {
			return "a string"
		}
		return strconv.Quote(v)
	case bool:
		return strconv.FormatBool(v)
	case int64:
		return fmt.Sprintf("the integer %d", v)
	case float64:
		return fmt.Sprintf("the number %v", v)
	case map[string]any:
		return "a table"
	case time.Time:
		return "a date"
	}
	if reflect.ValueOf(raw).Kind() == reflect.Slice {
		return "a list"
	}
	return fmt.Sprintf("%T", raw)
}
