package swift

import (
	"strings"
	"testing"
)

func TestAccessListsAreCleaned(t *testing.T) {
	for acl, want := range map[string]string{
		"bob, sue":           "bob,sue",
		"bob,,,sue":          "bob,sue",
		".referrer : *":      ".r:*",
		".ref:*.example.com": ".r:.example.com",
		".r:*, .rlistings":   ".r:*,.rlistings",
		".r:- *.example.com": ".r:-.example.com",
		"project:user, *:*":  "project:user,*:*",
		"":                   "",
	} {
		if got, err := cleanACL("X-Container-Read", acl); err != nil || got != want {
			t.Errorf("cleanACL(%q) = %q, %v, want %q", acl, got, err, want)
		}
	}
	for _, acl := range []string{".r:", ".r:-", ".r:.", ".unknown:x"} {
		if got, err := cleanACL("X-Container-Read", acl); err == nil {
			t.Errorf("cleanACL(%q) = %q, want an error", acl, got)
		}
	}
	if got, err := cleanACL("X-Container-Write", ".r:*"); err == nil {
		t.Errorf("cleanACL of a referrer for writes = %q, want an error", got)
	}
}

func FuzzCleanAccessListsHaveNoEmptyEntries(f *testing.F) {
	f.Add(".r:*,.rlistings,a:b")
	f.Add(".ref: -*.x , ,y")
	f.Fuzz(func(t *testing.T, acl string) {
		clean, err := cleanACL("X-Container-Read", acl)
		if err != nil || clean == "" {
			return
		}
		for entry := range strings.SplitSeq(clean, ",") {
			if entry == "" || entry != strings.TrimSpace(entry) || entry == ".r:" {
				t.Errorf("cleanACL(%q) = %q, which has the entry %q", acl, clean, entry)
			}
		}
	})
}

func TestTheLastReferrerThatFitsCounts(t *testing.T) {
	for _, tt := range []struct {
		referrer string
		list     []string
		want     bool
	}{
		{"", nil, false},
		{"", []string{"*"}, true},
		{"http://www.example.com/a", []string{".example.com"}, true},
		{"http://www.example.com:8080/a", []string{".example.com", "-www.example.com"}, false},
		{"http://www.example.com/a", []string{"-www.example.com", "*"}, true},
		{"http://example.com/a", []string{".example.com"}, false},
		{"http://example.com/a", []string{"example.com"}, true},
		{"nonsense", []string{"unknown"}, true},
	} {
		if got := referrerAllowed(tt.referrer, tt.list); got != tt.want {
			t.Errorf("referrerAllowed(%q, %q) = %t, want %t", tt.referrer, tt.list, got, tt.want)
		}
	}
}
