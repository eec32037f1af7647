package swift

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
)

const (
	sloMark        = "X-Static-Large-Object"
	sloETagSysmeta = "X-Object-Sysmeta-Slo-Etag"
	sloSizeSysmeta = "X-Object-Sysmeta-Slo-Size"

	// maxSLODepth is how deep static large objects may stand in one another.
	maxSLODepth = 10
)

// staticLargeObjects makes, serves and deletes objects whose segments stand in a
// manifest: a list in JSON, which is what is stored.
//
// Source: swift/common/middleware/slo.py, 2.30.
func staticLargeObjects(s *Service, next handler) handler {
	var self handler
	self = func(r *request) *response {
		switch {
		case r.namesContainer() && r.method == http.MethodGet:
			return listStatic(next(r))
		case !r.namesObject():
			return next(r)
		}
		manifest, _ := r.param("multipart-manifest")
		switch {
		case r.method == http.MethodPut && manifest == "put":
			return putStatic(r, next, self)
		case r.method == http.MethodDelete && manifest == "delete":
			return deleteStatic(r, next)
		case r.reads():
			return getStatic(r, next)
		case len(r.header[sloMark]) > 0:
			return page(http.StatusBadRequest, "X-Static-Large-Object is a reserved header. "+
				"To create a static large object add query param multipart-manifest=put.")
		}
		return next(r)
	}
	return self
}

// listStatic shows in a listing by which ETag large objects are known.
func listStatic(resp *response) *response {
	if !resp.ok() || resp.listing == nil {
		return resp
	}
	for i := range resp.listing.items {
		item := &resp.listing.items[i]
		hash, parameters := parseParameters(item.hash)
		var etag string
		for _, p := range parameters {
			if p.key == "slo_etag" {
				etag = p.text
			} else {
				hash = p.add(hash)
			}
		}
		if etag != "" {
			item.hash = hash
			item.extra = append(item.extra, listField{"slo_etag", `"` + etag + `"`})
		}
	}
	return resp
}

// sloSegment is a segment as it stands in a manifest.
type sloSegment struct {
	Name         string `json:"name"`
	Bytes        int64  `json:"bytes"`
	Hash         string `json:"hash"`
	ContentType  string `json:"content_type"`
	LastModified string `json:"last_modified"`
	Range        string `json:"range"`
	Large        bool   `json:"sub_slo"` // is a static large object itself
	Data         []byte `json:"data"`    // stands in the manifest; then there is nothing else
}

// span returns which bytes of what it is made of a segment has, both included.
func (g sloSegment) span() (first, last int64) {
	if g.Data != nil {
		return 0, int64(len(g.Data)) - 1
	}
	from, to, ok := strings.Cut(g.Range, "-")
	first, errFirst := strconv.ParseInt(from, 10, 64)
	last, errLast := strconv.ParseInt(to, 10, 64)
	if !ok || errFirst != nil || errLast != nil {
		return 0, g.Bytes - 1
	}
	return first, last
}

func (g sloSegment) length() int64 {
	first, last := g.span()
	return last - first + 1
}

// appendJSON adds g as it is stored, or, if raw, as a client may send it.
func (g sloSegment) appendJSON(b []byte, raw bool) []byte {
	if g.Data != nil {
		return append(appendPyJSON(append(b, `{"data": `...), base64.StdEncoding.EncodeToString(g.Data)), '}')
	}
	text := func(key, text string) {
		b = append(append(append(b, '"'), key...), `": `...)
		b = append(appendPyJSON(b, text), ", "...)
	}
	number := func(key string) {
		b = append(append(append(b, '"'), key...), `": `...)
		b = append(strconv.AppendInt(b, g.Bytes, 10), ", "...)
	}
	b = append(b, '{')
	if raw {
		text("etag", g.Hash)
		text("path", g.Name)
		if g.Range != "" {
			text("range", g.Range)
		}
		number("size_bytes")
		return append(b[:len(b)-len(", ")], '}')
	}
	text("name", g.Name)
	number("bytes")
	text("hash", g.Hash)
	text("content_type", g.ContentType)
	text("last_modified", g.LastModified)
	if g.Range != "" {
		text("range", g.Range)
	}
	if g.Large {
		b = append(b, `"sub_slo": true, `...)
	}
	return append(b[:len(b)-len(", ")], '}')
}

// manifestJSON is a manifest as it is stored, or, if raw, as a client may send
// it.
func manifestJSON(segments []sloSegment, raw bool) []byte {
	b := []byte{'['}
	for i, g := range segments {
		if i > 0 {
			b = append(b, ", "...)
		}
		b = g.appendJSON(b, raw)
	}
	return append(b, ']')
}

// getStatic answers a GET or HEAD of what may be a static large object.
func getStatic(r *request, next handler) *response {
	manifest, _ := r.param("multipart-manifest")
	get := r.clone()
	if manifest != "get" {
		etagIsAt(get, sloETagSysmeta)
		ignoreRange(get, sloMark)
	}
	resp := next(get)
	if !isTrue(resp.header.Get(sloMark)) {
		return resp
	}
	if manifest == "get" {
		return showManifest(r, resp)
	}
	size, err := strconv.ParseInt(resp.header.Get(sloSizeSysmeta), 10, 64)
	if err != nil {
		return fail(http.StatusInternalServerError)
	}
	body := resp.body
	resp.with("X-Manifest-Etag", resp.header.Get("Etag")).with("Etag", `"`+resp.header.Get(sloETagSysmeta)+`"`)
	resp.body, resp.conditionalETag = nil, ""
	switch {
	case resp.status != http.StatusOK:
		resp.length = -1
		return resp
	case r.method == http.MethodHead:
		resp.length = size
		return resp
	}
	var segments []sloSegment
	if err := json.Unmarshal(body, &segments); err != nil {
		segments = nil
	}
	w := sloWalk{r: r, next: next, known: map[string][]sloSegment{}}
	resp.length = -1
	return assemble(&partReader{r: r, next: next, source: "SLO"}, resp, size, func(p *partReader, wanted byteRange) {
		if err := w.walk(segments, wanted.start, wanted.end-1, 1, p); err != nil && p.failed == nil {
			p.failed = fail(http.StatusConflict)
		}
	})
}

// showManifest makes resp, which holds a manifest, an answer to who asks for
// that.
func showManifest(r *request, resp *response) *response {
	if format, _ := r.param("format"); format != "raw" {
		return resp.with("Content-Type", "application/json; charset=utf-8")
	}
	var segments []sloSegment
	if err := json.Unmarshal(resp.body, &segments); err != nil || r.method == http.MethodHead {
		segments = nil // Swift reads nothing in the answer to a HEAD
	}
	resp.body, resp.length = manifestJSON(segments, true), -1
	return resp.with("Etag", md5Hex(resp.body))
}

// sloWalk goes through the segments of a large object, and through those of the
// large objects among them.
type sloWalk struct {
	r     *request
	next  handler
	known map[string][]sloSegment // manifests that were read, by name
}

// errSegment says that a segment cannot be read.
var errSegment = errors.New("a segment cannot be read")

// walk reads the bytes from first to last of what segments are together.
func (w *sloWalk) walk(segments []sloSegment, first, last int64, depth int, p *partReader) error {
	for _, g := range segments {
		length := g.length()
		if last < 0 {
			return nil
		}
		if first < length {
			if err := w.visit(g, max(first, 0), min(last, length-1), depth, p); err != nil {
				return err
			}
		}
		first, last = first-length, last-length
	}
	return nil
}

// visit reads the bytes from first to last of a segment.
func (w *sloWalk) visit(g sloSegment, first, last int64, depth int, p *partReader) error {
	start, _ := g.span()
	one := part{inline: g.Data, etag: g.Hash, size: g.Bytes, first: start + first, last: start + last}
	version, account, _, _ := w.r.parts()
	one.path = "/" + version + "/" + account + "/" + strings.TrimLeft(g.Name, "/")
	if !g.Large {
		if !p.read(one) {
			return errSegment
		}
		return nil
	}
	if depth >= maxSLODepth {
		return errSegment
	}
	below, ok := w.known[g.Name]
	if !ok {
		resp := w.next(w.r.sub(http.MethodGet, one.path, "SLO"))
		if !resp.ok() || json.Unmarshal(resp.body, &below) != nil {
			return errSegment
		}
		w.known[g.Name] = below
	}
	return w.walk(below, one.first, one.last, depth+1, p)
}
