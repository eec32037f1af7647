package swift

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRangesArePartsOfTheData(t *testing.T) {
	const size = 10
	for header, want := range map[string][]byteRange{
		"bytes=0-0":                             {{0, 1}},
		"bytes=2-":                              {{2, 10}},
		"bytes=-3":                              {{7, 10}},
		"bytes=-30":                             {{0, 10}},
		"bytes=5-50":                            {{5, 10}},
		"bytes=10-":                             nil,
		"bytes=-0":                              nil,
		"bytes=0-1,4-5":                         {{0, 2}, {4, 6}},
		"bytes=0-1,40-50":                       {{0, 2}},
		"bytes=0-3,1-2,2-4":                     nil, // three pairs overlap
		"bytes=0-1,1-2,3-4":                     {{0, 2}, {1, 3}, {3, 5}},
		"bytes=7-7,6-6,5-5,4-4,3-3,2-2,1-1,0-0": nil, // too many that do not ascend
	} {
		specs, ok := parseRange(header)
		if !ok {
			t.Errorf("parseRange(%q) ignores it", header)
			continue
		}
		if diff := cmp.Diff(want, specs.within(size), cmp.AllowUnexported(byteRange{})); diff != "" {
			t.Errorf("parts of %q (-want +got):\n%s", header, diff)
		}
	}
	for _, header := range []string{
		"", "bytes", "bytes=", "bytes=-", "bytes=1", "bytes=2-1", "bytes=a-b", "lines=1-2", "bytes=1-2,",
	} {
		if specs, ok := parseRange(header); ok {
			t.Errorf("parseRange(%q) = %v, want that it is ignored", header, specs)
		}
	}
}

func FuzzRangesStayInside(f *testing.F) {
	f.Add("bytes=0-1,4-5,-3", int64(10))
	f.Add("bytes=9223372036854775807-", int64(1))
	f.Add("bytes=0-9223372036854775807", int64(7))
	f.Fuzz(func(t *testing.T, header string, size int64) {
		specs, ok := parseRange(header)
		if !ok || size < 0 {
			return
		}
		for _, part := range specs.within(size) {
			if part.start < 0 || part.end > size || part.start > part.end || size > 0 && part.start == part.end {
				t.Errorf("%q of %d bytes has the part %+v", header, size, part)
			}
		}
	})
}

func TestConditionsDecideAboutTheAnswer(t *testing.T) {
	const etag, modified = "abc", "Sun, 22 Nov 2026 18:00:00 GMT"
	const before, later = "Sun, 22 Nov 2026 17:00:00 GMT", "Sun, 22 Nov 2026 19:00:00 GMT"
	for what, tt := range map[string]struct {
		header http.Header
		want   int
	}{
		"none":                  {http.Header{}, http.StatusOK},
		"same tag":              {http.Header{"If-Match": {`"abc"`}}, http.StatusOK},
		"other tag":             {http.Header{"If-Match": {"x"}}, http.StatusPreconditionFailed},
		"any tag":               {http.Header{"If-Match": {"*"}}, http.StatusOK},
		"not this tag":          {http.Header{"If-None-Match": {"x, abc"}}, http.StatusNotModified},
		"not another tag":       {http.Header{"If-None-Match": {"x"}}, http.StatusOK},
		"changed since before":  {http.Header{"If-Modified-Since": {before}}, http.StatusOK},
		"changed since later":   {http.Header{"If-Modified-Since": {later}}, http.StatusNotModified},
		"changed since then":    {http.Header{"If-Modified-Since": {modified}}, http.StatusNotModified},
		"as it was before":      {http.Header{"If-Unmodified-Since": {before}}, http.StatusPreconditionFailed},
		"as it was then":        {http.Header{"If-Unmodified-Since": {modified}}, http.StatusOK},
		"a time that is none":   {http.Header{"If-Modified-Since": {"yesterday"}}, http.StatusOK},
		"a part":                {http.Header{"Range": {"bytes=1-1"}}, http.StatusPartialContent},
		"a part that is not":    {http.Header{"Range": {"bytes=9-"}}, http.StatusRequestedRangeNotSatisfiable},
		"a part of another tag": {http.Header{"If-Match": {"x"}, "Range": {"bytes=1-1"}}, http.StatusPreconditionFailed},
	} {
		t.Run(what, func(t *testing.T) {
			r := &request{method: http.MethodGet, header: tt.header}
			resp := answer(http.StatusOK, textType, []byte("hello")).with("Etag", etag).with("Last-Modified", modified)
			if got := r.conditional(resp).status; got != tt.want {
				t.Errorf("conditional answers %d, want %d", got, tt.want)
			}
		})
	}
}
