package glance

import (
	"net/http"
	"slices"
	"strings"
	"testing"
)

// FuzzRange holds what is read of a header to the data there is.
func FuzzRange(f *testing.F) {
	for _, text := range []string{"bytes=0-", "bytes=-5", "bytes=3-4", "bytes 2-4/*", "bytes 0-9/10", "bytes=-", "x"} {
		f.Add("Range", text, int64(10))
		f.Add("Content-Range", text, int64(10))
	}
	f.Fuzz(func(t *testing.T, name, text string, size int64) {
		if size < 0 {
			return
		}
		h := http.Header{}
		h[http.CanonicalHeaderKey(name)] = []string{text}
		part, err := requestedRange(h, size)
		if err == nil && part != nil && (part.start < 0 || part.start >= part.end || part.end > size) {
			t.Errorf("%s: %q of %d bytes is %+v", name, text, size, *part)
		}
	})
}

// FuzzPointer looks for pointers that cannot be split.
func FuzzPointer(f *testing.F) {
	for _, text := range []string{"/a", "/a~1b", "/locations/-", "/", "//", "/ /", "~"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		parts, err := splitPointer(text)
		if err == nil && len(parts) == 0 {
			t.Errorf("%q has no parts", text)
		}
	})
}

func TestListsAreSplitAtCommasOutsideQuotes(t *testing.T) {
	t.Parallel()
	tests := []struct {
		list string
		want []string
	}{
		{"a", []string{"a"}},
		{"a,b", []string{"a", "b"}},
		{`"a,b",c`, []string{"a,b", "c"}},
		{`a,"b"`, []string{"a", "b"}},
		{`"a\"b"`, []string{`a\"b`}},
	}
	for _, tt := range tests {
		got, err := splitQuoted(tt.list)
		if err != nil || !slices.Equal(got, tt.want) {
			t.Errorf("%s: %q, %v, want %q", tt.list, got, err, tt.want)
		}
	}
	for list, want := range map[string]string{
		`"a`:   "The quote is not closed.",
		`a"b"`: "There is no comma before opening quotation mark.",
		`"a"b`: "There is no comma after closing quotation mark.",
	} {
		if _, err := splitQuoted(list); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error = %v, want %q", list, err, want)
		}
	}
}

func TestFormatOfErrorsIsNegotiated(t *testing.T) {
	t.Parallel()
	for accept, want := range map[string]string{
		"":                                  "",
		"*/*":                               "text/html",
		"application/json":                  "application/json",
		"application/*":                     "application/json",
		"text/plain":                        "",
		"text/html;q=0.1, application/json": "application/json",
		"text/*;q=0, */*":                   "application/json",
		"application/json;q=x, text/html":   "text/html",
	} {
		if got := acceptable(accept, "text/html", "application/json"); got != want {
			t.Errorf("%q: %q, want %q", accept, got, want)
		}
	}
}
