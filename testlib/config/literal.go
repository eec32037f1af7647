package config

import (
	"errors"

	"github.com/gotempest/tempest/internal/option"
)

// Literal returns the value of o that text stands for, as in a variable, in the form in which
// tempest.toml has it. The error says why o cannot have it.
func Literal(o option.Option, text string) (string, error) {
	value, problem := convert(o, layer{raw: text, text: true})
	if problem != "" {
		return "", errors.New(problem)
	}
	if o.Type == "duration" {
		value = text
	}
	return tomlValue(value), nil
}
