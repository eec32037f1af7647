package swift

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Limits of a Range header, beyond which it is refused.
//
// Source: swift/common/swob.py, 2.30.
const (
	maxRangeOverlaps       = 2
	maxNonAscendingRanges  = 8
	maxRanges              = 50
	statusRangeUnsatisfied = http.StatusRequestedRangeNotSatisfiable
)

// conditional applies the conditions and the ranges that r asks for to resp,
// which holds everything: a 200 becomes 206, 304, 412 or 416. A middleware
// that puts an answer together from others takes these headers from the
// requests it makes, and calls this at the end.
func (r *request) conditional(resp *response) *response {
	if status := r.precondition(resp); status != 0 {
		resp.status, resp.body, resp.length = status, nil, -1
		return resp
	}
	if resp.status != http.StatusOK || r.method == http.MethodHead {
		return resp
	}
	return r.partial(resp)
}

// precondition returns the status that the conditions of r lead to, or 0.
func (r *request) precondition(resp *response) int {
	etag := resp.conditionalETag
	if etag == "" {
		etag = resp.header.Get("Etag")
	}
	if tags := r.header.Get("If-None-Match"); etag != "" && tags != "" && matches(tags, etag) {
		return http.StatusNotModified
	}
	match := r.header.Get("If-Match")
	if etag != "" && match != "" && !matches(match, etag) {
		return http.StatusPreconditionFailed
	}
	if resp.status == http.StatusNotFound && match != "" && matches(match, "") {
		return http.StatusPreconditionFailed
	}
	modified, err := http.ParseTime(resp.header.Get("Last-Modified"))
	if err != nil {
		return 0
	}
	if since, ok := r.time("If-Modified-Since"); ok && !modified.After(since) {
		return http.StatusNotModified
	}
	if since, ok := r.time("If-Unmodified-Since"); ok && modified.After(since) {
		return http.StatusPreconditionFailed
	}
	return 0
}

// time reads a header that holds a time.
func (r *request) time(key string) (time.Time, bool) {
	t, err := http.ParseTime(r.header.Get(key))
	return t, err == nil
}

// matches reports whether etag is among tags, the value of an If-Match header.
func matches(tags, etag string) bool {
	for tag := range strings.SplitSeq(tags, ",") {
		if tag = strings.TrimSpace(tag); tag == "*" || tag != "" && unquoteETag(tag) == unquoteETag(etag) {
			return true
		}
	}
	return false
}

// unquoteETag removes the quotes around an ETag.
func unquoteETag(tag string) string {
	if len(tag) > 1 && strings.HasPrefix(tag, `"`) && strings.HasSuffix(tag, `"`) {
		return tag[1 : len(tag)-1]
	}
	return tag
}

// byteRange is a part of some data, end not included.
type byteRange struct{ start, end int64 }

// partial cuts resp down to the ranges that r asks for, if it does.
func (r *request) partial(resp *response) *response {
	wanted, ok := parseRange(r.header.Get("Range"))
	if !ok || resp.header.Get("Content-Range") != "" {
		return resp
	}
	size := int64(len(resp.body))
	ranges := wanted.within(size)
	switch {
	case len(ranges) == 0:
		return rangeRefused(resp, size)
	case size == 0:
		return resp
	case len(ranges) == 1:
		resp.status = http.StatusPartialContent
		resp.header.Set("Content-Range", contentRange(ranges[0], size))
		resp.body, resp.length = resp.body[ranges[0].start:ranges[0].end], -1
		return resp
	}
	return multipart(resp, size, ranges, func(part byteRange) []byte { return resp.body[part.start:part.end] })
}

// rangeRefused makes resp the answer to a request for parts that data of size
// bytes does not have.
func rangeRefused(resp *response, size int64) *response {
	refused := fail(statusRangeUnsatisfied)
	resp.status, resp.body, resp.length = refused.status, refused.body, -1
	return resp.with("Content-Range", fmt.Sprintf("bytes */%d", size))
}

// multipart makes resp one document of several parts of data of size bytes.
func multipart(resp *response, size int64, ranges []byteRange, read func(byteRange) []byte) *response {
	var random [16]byte
	_, _ = rand.Read(random[:]) // never fails
	boundary := hex.EncodeToString(random[:])
	var b bytes.Buffer
	for _, part := range ranges {
		fmt.Fprintf(&b, "--%s\r\nContent-Type: %s\r\nContent-Range: %s\r\n\r\n",
			boundary, resp.header.Get("Content-Type"), contentRange(part, size))
		b.Write(read(part))
		b.WriteString("\r\n")
	}
	fmt.Fprintf(&b, "--%s--", boundary)
	resp.status, resp.body, resp.length = http.StatusPartialContent, b.Bytes(), -1
	return resp.with("Content-Type", "multipart/byteranges;boundary="+boundary)
}

func contentRange(part byteRange, size int64) string {
	return fmt.Sprintf("bytes %d-%d/%d", part.start, part.end-1, size)
}

// rangeSpec is one range as it is written; -1 stands for what is left out.
type rangeSpec struct{ first, last int64 }

type rangeSpecs []rangeSpec

// parseRange reads a Range header. It reports false for one that is to be
// ignored, as none and one that cannot be read are.
func parseRange(header string) (rangeSpecs, bool) {
	list, ok := strings.CutPrefix(strings.ReplaceAll(header, " ", ""), "bytes=")
	if !ok {
		return nil, false
	}
	var specs rangeSpecs
	for text := range strings.SplitSeq(list, ",") {
		first, last, ok := strings.Cut(text, "-")
		if !ok || first == "" && last == "" {
			return nil, false
		}
		spec := rangeSpec{-1, -1}
		if !rangeNumber(first, &spec.first) || !rangeNumber(last, &spec.last) {
			return nil, false
		}
		if first != "" && last != "" && spec.first > spec.last {
			return nil, false
		}
		specs = append(specs, spec)
	}
	return specs, true
}

// rangeNumber reads a number of a range into n, unless there is none.
func rangeNumber(text string, n *int64) bool {
	if text == "" {
		return true
	}
	value, err := strconv.ParseUint(text, 10, 63)
	*n = int64(value) //nolint:gosec // it has 63 bits
	return err == nil
}

// within returns the parts of data of size bytes that are asked for. None means
// that the request cannot be satisfied, or asks too much.
func (specs rangeSpecs) within(size int64) []byteRange {
	var all []byteRange
	for _, s := range specs {
		switch {
		case s.first < 0 && s.last == 0:
		case s.first < 0:
			all = append(all, byteRange{max(size-s.last, 0), size})
		case s.first >= size:
		case s.last < 0:
			all = append(all, byteRange{s.first, size})
		default:
			all = append(all, byteRange{s.first, min(s.last, size-1) + 1})
		}
	}
	if len(all) > maxRanges || overlaps(all) > maxRangeOverlaps {
		return nil
	}
	ascending := slices.IsSortedFunc(all, func(a, b byteRange) int { return int(min(1, max(-1, a.start-b.start))) })
	if !ascending && len(all) >= maxNonAscendingRanges {
		return nil
	}
	return all
}

// overlaps counts the pairs of ranges of which one starts or ends inside the
// other.
func overlaps(all []byteRange) int {
	inside := func(n int64, r byteRange) bool { return r.start < n && n < r.end }
	count := 0
	for i, a := range all {
		for _, b := range all[i+1:] {
			if inside(b.start, a) || inside(b.end, a) || inside(a.start, b) || inside(a.end, b) {
				count++
			}
		}
	}
	return count
}
