package option

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Elem returns the word for the type of one value of o, and whether o is a list of them.
func (o Option) Elem() (word string, list bool) { return strings.CutPrefix(o.Type, "[]") }

// ParseText converts text of a tag, a variable or an override to the type that word
// names: a string, bool, int64, float64 or time.Duration.
func ParseText(word, s string) (any, bool) {
	var v any
	var err error
	switch word {
	case "string":
		return s, true
	case "bool":
		v, err = strconv.ParseBool(s)
	case "int":
		v, err = strconv.ParseInt(s, 10, 64)
	case "float":
		v, err = strconv.ParseFloat(s, 64)
	case "duration":
		v, err = time.ParseDuration(s)
	default:
		return nil, false
	}
	return v, err == nil
}

// Compare orders two numbers of one type, as [ParseText] returns them. Values without an
// order are equal.
func Compare(a, b any) int {
	switch a := a.(type) {
	case int64:
		return cmp.Compare(a, b.(int64))
	case float64:
		return cmp.Compare(a, b.(float64))
	case time.Duration:
		return cmp.Compare(a, b.(time.Duration))
	}
	return 0
}

// check says what is wrong with the values in the tags of o.
func (o Option) check() error {
	word, _ := o.Elem()
	low, err := o.bound("min", o.Min)
	if err != nil {
		return err
	}
	high, err := o.bound("max", o.Max)
	if err != nil {
		return err
	}
	if low != nil && high != nil && Compare(low, high) > 0 {
		return fmt.Errorf("min %s is above max %s", o.Min, o.Max)
	}
	for _, c := range o.Choices {
		if _, ok := ParseText(word, c); !ok {
			return fmt.Errorf("choice %q, and the type is %s", c, o.Type)
		}
	}
	if o.Resource != "" && (word != "string" || !kind().MatchString(o.Resource)) {
		return fmt.Errorf("resource is %q, and the type is %s: a kind such as image, of a string", o.Resource, o.Type)
	}
	return o.checkDefault(word, low, high)
}

func (o Option) bound(tag, text string) (any, error) {
	if text == "" {
		return nil, nil //nolint:nilnil // no bound
	}
	word, _ := o.Elem()
	v, ok := ParseText(word, text)
	if !ok || word == "string" || word == "bool" {
		return nil, fmt.Errorf("%s is %q, and the type is %s", tag, text, o.Type)
	}
	return v, nil
}

func (o Option) checkDefault(word string, low, high any) error {
	if o.Default == "" {
		return nil
	}
	values := []string{o.Default}
	if _, list := o.Elem(); list {
		values = SplitList(o.Default)
	}
	for _, text := range values {
		v, ok := ParseText(word, text)
		switch {
		case !ok:
			return fmt.Errorf("default is %q, and the type is %s", o.Default, o.Type)
		case low != nil && Compare(v, low) < 0, high != nil && Compare(v, high) > 0:
			return fmt.Errorf("default is %q, outside of min and max", o.Default)
		case o.Choices != nil && !slices.Contains(o.Choices, text):
			return fmt.Errorf("default is %q, which is not among the choices", o.Default)
		}
	}
	return nil
}
