package discover

import (
	"strings"
	"testing"
)

// realNames are the names that the testing package gives to subtests.
func realNames(t *testing.T, raw []string) []string {
	t.Helper()
	var got []string
	t.Run("parent", func(t *testing.T) {
		parent := t.Name()
		for _, r := range raw {
			t.Run(r, func(t *testing.T) { got = append(got, strings.TrimPrefix(t.Name(), parent)) })
		}
	})
	return got
}

func checkNames(t *testing.T, raw []string) {
	t.Helper()
	names := newNamer()
	for i, want := range realNames(t, raw) {
		if got := names.name("", raw[i]); got != want {
			t.Errorf("name %d of %q = %q, want %q", i, raw, got, want)
		}
	}
}

func TestNamesAreThoseOfTesting(t *testing.T) {
	for name, raw := range map[string][]string{
		"plain":                         {"a", "b"},
		"spaces":                        {"a b\tc\u00a0d\u3000e\u2028f"},
		"not printable":                 {"a\x00b", "\x7f", "\u200b", "\ufeff", "\xff\xfe"},
		"twice":                         {"a", "a", "a"},
		"empty":                         {"", "", "#00", "#01"},
		"slash":                         {"a/b", "a/b", "/", "//"},
		"same after rewriting":          {"a b", "a_b"},
		"number taken by a repeat":      {"a", "a", "a#01"},
		"number taken before":           {"a#01", "a", "a"},
		"number that is not taken":      {"a", "a#01", "a#02", "a", "a"},
		"number of a number":            {"a", "a", "a#01", "a#01", "a#01#01"},
		"digits that are no number":     {"a", "a", "a#1", "a#001", "a#+1", "a#0x1", "a#١", "a#-1", "a#+0"},
		"number zero":                   {"a", "a#00", "a#00"},
		"more than ninety-nine":         append(repeat("x", 102), "x#99", "x#100", "x#101", "x#102"),
		"number beyond what fits":       {"a", "a#2147483647", "a#2147483648", "a#99999999999999999999"},
		"empty beside a lone number":    {"#00", ""},
		"empty beside a slash":          {"/", "", "/#01"},
		"number on a name with a slash": {"a/", "a/#00", "a/"},
	} {
		t.Run(name, func(t *testing.T) { checkNames(t, raw) })
	}
}

func repeat(s string, n int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = s
	}
	return all
}

func FuzzNames(f *testing.F) {
	f.Add("a,a,a#01")
	f.Add(",,#00,a b,a_b")
	f.Add("a#01,a,a,a#02,#,##,#01")
	f.Fuzz(func(t *testing.T, list string) { checkNames(t, strings.Split(list, ",")) })
}
