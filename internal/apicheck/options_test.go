package apicheck

import (
	"slices"
	"testing"

	"github.com/gotempest/tempest/internal/option"
)

func TestCompareOptions(t *testing.T) {
	text := option.Option{Name: "o", Type: "string", Default: `a "b" c`}
	tests := map[string]struct {
		after func(*option.Option)
		want  []string
	}{
		"Same":     {after: func(o *option.Option) { o.Help = "new text" }},
		"Default":  {func(o *option.Option) { o.Default = "b" }, []string{`!g.o: default changed from "a \"b\" c" to "b"`}},
		"Type":     {func(o *option.Option) { o.Type = "int" }, []string{`!g.o: type changed from "string" to "int"`}},
		"Required": {func(o *option.Option) { o.Required = true }, []string{`!g.o: required changed from "" to "true"`}},
		"Bounded":  {func(o *option.Option) { o.Max = "9" }, []string{`!g.o: max changed from "" to "9"`}},
		"Limited": {func(o *option.Option) { o.Choices = []string{"a"} },
			[]string{`!g.o: choices changed from "" to "a"`}},
		"Deprecated": {func(o *option.Option) { o.Deprecated = "use p" },
			[]string{`g.o: deprecated changed from "" to "use p"`}},
		"Renamed": {func(o *option.Option) { o.Name, o.Renamed = "p", []string{"g.o"} },
			[]string{"g.o: renamed to g.p", `g.o: renamed changed from "" to "g.o"`}},
		"Gone": {func(o *option.Option) { o.Name = "p" }, []string{"!g.o: removed", "g.p: added"}},
		"GoneForARequiredOne": {func(o *option.Option) { o.Name, o.Default, o.Required = "p", "", true },
			[]string{"!g.o: removed", "!g.p: added, and required"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			after := text
			tt.after(&after)
			got := compareOptions(t, text, after)
			if !slices.Equal(got, tt.want) {
				t.Errorf("changes: %q\nwant:    %q", got, tt.want)
			}
		})
	}
}

// Freedom that is taken away breaks a configuration, freedom that is given
// does not.
func TestCompareChoicesOfOptions(t *testing.T) {
	wide := option.Option{Name: "o", Type: "int", Min: "1", Choices: []string{"1", "2"}}
	narrow := option.Option{Name: "o", Type: "int", Min: "1", Choices: []string{"2"}}
	free := option.Option{Name: "o", Type: "int"}
	for _, tt := range []struct {
		before, after option.Option
		want          []string
	}{
		{narrow, wide, []string{`g.o: choices changed from "2" to "1,2"`}},
		{wide, narrow, []string{`!g.o: choices changed from "1,2" to "2"`}},
		{narrow, free, []string{`g.o: min changed from "1" to ""`, `g.o: choices changed from "2" to ""`}},
	} {
		if got := compareOptions(t, tt.before, tt.after); !slices.Equal(got, tt.want) {
			t.Errorf("changes: %q\nwant:    %q", got, tt.want)
		}
	}
}

// An option that must be set breaks every configuration, but for one of a table
// that no configuration has.
func TestCompareRequiredOptions(t *testing.T) {
	one := option.Option{Name: "one", Type: "string"}
	must := option.Option{Name: "must", Type: "string", Required: true}
	table := func(list bool, options ...option.Option) string {
		return Options([]option.Group{{Name: "g", List: list, Options: options}})
	}
	for _, tt := range []struct {
		before, after string
		compatible    bool
	}{
		{table(false, one), table(false, one, must), false},
		{table(false), table(false, must), false},
		{table(true, one), table(true, one, must), false},
		{table(true), table(true, must), true},
	} {
		changes, err := CompareOptions(tt.before, tt.after)
		if err != nil || len(changes) != 1 || changes[0].Compatible != tt.compatible {
			t.Errorf("from\n%sto\n%s: %v, %v; want one change, compatible: %v",
				tt.before, tt.after, changes, err, tt.compatible)
		}
	}
}

func TestCompareOptionsRefusesABrokenRecord(t *testing.T) {
	if _, err := CompareOptions("g.o string default=x\n", ""); err == nil {
		t.Error("no error for a value without quotes")
	}
}

func compareOptions(t *testing.T, before, after option.Option) []string {
	t.Helper()
	record := func(o option.Option) string {
		return "# comment\n" + Options([]option.Group{{Name: "g", Options: []option.Option{o}}})
	}
	changes, err := CompareOptions(record(before), record(after))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range changes {
		if c.Compatible {
			got = append(got, c.Message)
		} else {
			got = append(got, "!"+c.Message)
		}
	}
	return got
}
