package swift

import (
	"bytes"
	"crypto/md5" //nolint:gosec // Swift's ETags are MD5
	"encoding/hex"
	"net/http"
	"strings"
)

// A large object is one whose content is that of others, its segments, one
// after the other. What it is made of stands in a manifest: an object of its
// own, whose name the large object has. [staticLargeObjects] and
// [dynamicLargeObjects] differ in the manifest; this file is what they share.

// part is a piece of a large object: bytes of a segment, or bytes that stand in
// the manifest itself.
type part struct {
	inline []byte // in place of a segment

	path        string // of the segment, unquoted
	etag        string // that the segment must have; empty for any
	size        int64  // that the segment must have when it is read as a whole; -1 for any
	first, last int64  // the bytes wanted, both included; last is -1 for the rest
}

// partReader reads parts of a large object on behalf of a request. Segments
// are read from what stands behind the middleware.
type partReader struct {
	r      *request
	next   handler
	source string
	body   bytes.Buffer
	failed *response // what the large object cannot be read for; nil while it can
}

// read adds a part to the body. It reports whether that was possible.
func (p *partReader) read(one part) bool {
	if p.failed != nil {
		return false
	}
	if one.inline != nil {
		p.body.Write(one.inline[one.first : one.last+1])
		return true
	}
	resp := p.next(p.r.sub(http.MethodGet, one.path, p.source).withQuery("multipart-manifest", "get"))
	size := int64(len(resp.body))
	whole := one.first <= 0 && (one.last < 0 || one.last == one.size-1)
	last := one.last
	if last < 0 {
		last = size - 1
	}
	switch {
	case resp.status >= http.StatusInternalServerError:
		p.failed = fail(http.StatusServiceUnavailable)
	case !resp.ok(), one.etag != "" && unquoteETag(resp.header.Get("Etag")) != one.etag,
		whole && one.size >= 0 && one.size != size, last >= size, one.first > last+1:
		p.failed = fail(http.StatusConflict)
	default:
		p.body.Write(resp.body[max(one.first, 0) : last+1])
		return true
	}
	return false
}

// assemble makes resp, which describes a large object of size bytes, the answer
// to r, with the ranges that r asks for. read gives the parts of a range to a
// [partReader], until that fails.
//
// What cannot be read from its very beginning is a conflict. What breaks off
// later is sent as far as it goes, and the connection is cut.
func assemble(p *partReader, resp *response, size int64, read func(*partReader, byteRange)) *response {
	ranges := []byteRange{{0, size}}
	wanted, partial := parseRange(p.r.header.Get("Range"))
	if partial {
		ranges = wanted.within(size)
	}
	switch {
	case len(ranges) == 0:
		return rangeRefused(resp, size)
	case size == 0:
		return resp
	}
	var data [][]byte
	for _, one := range ranges {
		p.body = bytes.Buffer{}
		read(p, one)
		if p.failed != nil && len(data) == 0 && p.body.Len() == 0 {
			return p.failed
		}
		if p.failed == nil && int64(p.body.Len()) != one.end-one.start {
			p.failed = fail(http.StatusConflict)
		}
		data = append(data, p.body.Bytes())
	}
	if len(ranges) > 1 {
		return p.multipart(resp, size, ranges, data)
	}
	if partial {
		resp.status = http.StatusPartialContent
		resp.with("Content-Range", contentRange(ranges[0], size))
	}
	resp.length = ranges[0].end - ranges[0].start
	resp.body = data[0][:min(resp.length, int64(len(data[0])))]
	return resp
}

// multipart makes resp the answer to a request for several ranges.
func (p *partReader) multipart(resp *response, size int64, ranges []byteRange, data [][]byte) *response {
	at := -1
	resp = multipart(resp, size, ranges, func(byteRange) []byte {
		at++
		return data[at]
	})
	if p.failed != nil {
		resp.length = int64(len(resp.body)) + 1 // which cuts the connection
	}
	return resp
}

// ignoreRange has the whole of an object read, whatever the range asked for, if
// it has a certain header.
func ignoreRange(r *request, header string) {
	addBackend(r, "X-Backend-Ignore-Range-If-Metadata-Present", header)
}

// etagIsAt has conditions compared with a certain header of the object, if it
// has that, in place of its ETag.
func etagIsAt(r *request, header string) { addBackend(r, "X-Backend-Etag-Is-At", header) }

func addBackend(r *request, key, name string) {
	if old := r.header.Get(key); old != "" {
		name = old + "," + name
	}
	r.header.Set(key, name)
}

// parameter is a parameter behind a value, as in "value; key=text".
type parameter struct{ key, text string }

// parseParameters splits a header or a hash of a listing into its value and the
// parameters behind it.
func parseParameters(text string) (string, []parameter) {
	head, rest, _ := strings.Cut(text, ";")
	var all []parameter
	for one := range strings.SplitSeq(rest, ";") {
		key, value, ok := strings.Cut(strings.TrimSpace(one), "=")
		if ok {
			all = append(all, parameter{strings.ToLower(strings.TrimSpace(key)), strings.Trim(value, `"`)})
		}
	}
	return strings.TrimSpace(head), all
}

// add puts a parameter behind text.
func (p parameter) add(text string) string { return text + "; " + p.key + "=" + p.text }

// md5Hex is the MD5 of data, which is what Swift calls its ETag.
func md5Hex(data []byte) string {
	sum := md5.Sum(data) //nolint:gosec // as Swift does
	return hex.EncodeToString(sum[:])
}
