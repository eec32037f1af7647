package gocmd

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSplitFlags(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]struct{ words, unquoted []string }{
		"":               {},
		"  ":             {},
		"-a  -b=c\t-d\n": {[]string{"-a", "-b=c", "-d"}, []string{"-a", "-b=c", "-d"}},
		`'-a b' "-c 'd"`: {[]string{"'-a b'", `"-c 'd"`}, []string{"-a b", "-c 'd"}},
		`-a='b c'`:       {[]string{"-a='b", "c'"}, []string{"-a='b", "c'"}},
		`'-a b`:          {[]string{"'-a b"}, []string{"-a b"}},
		`'`:              {[]string{"'"}, []string{""}},
		`''-a`:           {[]string{"''", "-a"}, []string{"", "-a"}},
	} {
		words := SplitFlags(in)
		var unquoted []string
		for _, w := range words {
			unquoted = append(unquoted, Unquote(w))
		}
		if diff := cmp.Diff(want.words, words); diff != "" {
			t.Errorf("words of %q (-want +got):\n%s", in, diff)
		}
		if diff := cmp.Diff(want.unquoted, unquoted); diff != "" {
			t.Errorf("words of %q without quotes (-want +got):\n%s", in, diff)
		}
	}
}

func TestSetting(t *testing.T) {
	t.Parallel()
	env := []string{"A=1", "AB=2", "A=3", "B="}
	for name, want := range map[string]string{"A": "A=3", "AB": "AB=2", "B": "B=", "C": "C"} {
		if got := Setting(env, name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}
