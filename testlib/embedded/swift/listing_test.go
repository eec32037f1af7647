package swift

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// texts are the names of hits.
func texts(hits []listHit) []string {
	list := []string{}
	for _, h := range hits {
		list = append(list, h.name)
	}
	return list
}

func TestListingsArePickedByName(t *testing.T) {
	names := []string{"\x00hidden", "a", "a/b", "a/c/d", "a/c/e", "b/", "b/x", "é", "z"}
	for what, tt := range map[string]struct {
		query listQuery
		want  []string
	}{
		"everything":             {listQuery{limit: 100}, names[1:]},
		"what is hidden":         {listQuery{limit: 2, reserved: true}, names[:2]},
		"nothing":                {listQuery{limit: 0}, []string{}},
		"after a marker":         {listQuery{limit: 2, marker: "a/c/d"}, []string{"a/c/e", "b/"}},
		"before an end":          {listQuery{limit: 100, endMarker: "a/c"}, []string{"a", "a/b"}},
		"a prefix":               {listQuery{limit: 100, prefix: "a/"}, []string{"a/b", "a/c/d", "a/c/e"}},
		"up to a delimiter":      {listQuery{limit: 100, delimiter: "/"}, []string{"a", "a/", "b/", "é", "z"}},
		"a prefix and delimiter": {listQuery{limit: 100, prefix: "a/", delimiter: "/"}, []string{"a/b", "a/c/"}},
		"after a folder":         {listQuery{limit: 100, marker: "a/", delimiter: "/"}, []string{"b/", "é", "z"}},
		"the other way":          {listQuery{limit: 3, reverse: true}, []string{"z", "é", "b/x"}},
		"folders the other way":  {listQuery{limit: 4, reverse: true, delimiter: "/"}, []string{"z", "é", "b/", "a/"}},
		"from a marker down": {
			listQuery{limit: 100, reverse: true, marker: "b/", endMarker: "a/b"}, []string{"a/c/e", "a/c/d"},
		},
		"a path":  {listQuery{limit: 100, byPath: true, path: "a"}, []string{"a/b"}},
		"the top": {listQuery{limit: 100, byPath: true}, []string{"a", "b/", "é", "z"}},
	} {
		t.Run(what, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, texts(tt.query.pick(names))); diff != "" {
				t.Errorf("pick of %+v (-want +got):\n%s", tt.query, diff)
			}
		})
	}
}

// FuzzPagesMakeUpTheListing asks for listings of pages, each after the last
// name of the one before, which together are the whole.
func FuzzPagesMakeUpTheListing(f *testing.F) {
	f.Add("a b/c b/d b/e c/ d", "/", "", 2)
	f.Add("aa ab ba bb", "a", "", 1)
	f.Add("a-1 a-2 b-1 \u00e9-x", "-", "a", 1)
	f.Fuzz(func(t *testing.T, text, delimiter, prefix string, size int) {
		if size < 1 || size > 100 || strings.ContainsAny(text+delimiter+prefix, "\U0010ffff\ud7ff") {
			return // names at the end of what Unicode has cannot be stepped over
		}
		names := strings.Fields(strings.ToValidUTF8(text, ""))
		slices.Sort(names)
		names = slices.Compact(names)
		whole := listQuery{
			limit:     listingLimit,
			delimiter: strings.ToValidUTF8(delimiter, ""), prefix: strings.ToValidUTF8(prefix, ""),
		}
		want := texts(whole.pick(names))
		got, page := []string{}, whole
		page.limit = size
		for len(got) <= len(want) {
			next := texts(page.pick(names))
			if len(next) == 0 {
				break
			}
			got = append(got, next...)
			page.marker = next[len(next)-1]
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("pages of %d of %q with %+v (-whole +pages):\n%s", size, names, whole, diff)
		}
	})
}

func TestAcceptPrefersWhatTheClientDoes(t *testing.T) {
	offers := []string{"text/plain", "application/json", "application/xml", "text/xml"}
	for header, want := range map[string]string{
		"":                                  "text/plain",
		"*/*":                               "text/plain",
		"application/json":                  "application/json",
		"application/*":                     "application/json",
		"application/xml;q=0.5, text/*;q=1": "text/plain",
		"text/xml, */*":                     "text/xml",
		"image/png":                         "",
	} {
		if got, ok := bestMatch(header, offers); !ok || got != want {
			t.Errorf("bestMatch(%q) = %q, %t, want %q", header, got, ok, want)
		}
	}
	for _, header := range []string{"json", "text/", "text/plain;q=x", "text/plain;q", "te xt/plain"} {
		if got, ok := bestMatch(header, offers); ok {
			t.Errorf("bestMatch(%q) = %q, want that it cannot be read", header, got)
		}
	}
}
