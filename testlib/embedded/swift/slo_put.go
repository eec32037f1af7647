package swift

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

const (
	maxManifestSize     = 8 << 20 // bytes
	maxManifestSegments = 1000    // that are objects

	tooSmall = "too small; each segment must be at least 1 byte."
)

// crashed is the answer of a Swift that has stumbled over a request.
func crashed() *response { return plainText(http.StatusInternalServerError, "An error occurred") }

// sloEntry is a segment as the client describes it.
type sloEntry struct {
	path string
	etag *string
	size *int64
	span rangeSpecs // one, or none for all
	data []byte     // in place of all other
}

// parseManifest reads the manifest that a client sends for the object at path.
func parseManifest(body []byte, path string) ([]sloEntry, *response) {
	var parsed any
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	if err := d.Decode(&parsed); err != nil || d.More() {
		return nil, page(http.StatusBadRequest, "Manifest must be valid JSON.\n")
	}
	list, ok := parsed.([]any)
	if !ok {
		return nil, page(http.StatusBadRequest, "Manifest must be a list.\n")
	}
	var wrong []string
	entries := make([]sloEntry, len(list))
	for i, raw := range list {
		problem, broken := entries[i].parse(raw, path, i == len(list)-1)
		if broken {
			return nil, crashed()
		}
		if problem != "" {
			wrong = append(wrong, fmt.Sprintf("Index %d: %s", i, problem))
		}
	}
	inline, broken := allInline(list)
	switch {
	case broken:
		return nil, crashed()
	case inline:
		wrong = append(wrong, "Inline data segments require at least one object-backed segment.")
	}
	if len(wrong) > 0 {
		return nil, plainText(http.StatusBadRequest, strings.Join(wrong, "\n")+"\n")
	}
	return entries, nil
}

// allInline reports whether a manifest has data alone. Swift stumbles over what
// cannot be asked for that.
func allInline(list []any) (all, broken bool) {
	for _, raw := range list {
		var has bool
		switch v := raw.(type) {
		case map[string]any:
			_, has = v["data"]
		case string:
			has = strings.Contains(v, "data")
		case []any:
			has = slices.Contains(v, any("data"))
		default:
			return false, true
		}
		if !has {
			return false, false
		}
	}
	return len(list) > 0, false
}

// parse reads one element of a manifest. It returns what is wrong with it, and
// whether Swift stumbles over it.
func (e *sloEntry) parse(raw any, path string, last bool) (problem string, broken bool) {
	fields, ok := raw.(map[string]any)
	if !ok {
		return "not a JSON object", false
	}
	_, inline := fields["data"]
	_, backed := fields["path"]
	allowed := []string{"data"}
	switch {
	case !inline && !backed:
		return "", true
	case !inline:
		allowed = []string{"path", "range", "etag", "size_bytes"}
	}
	var more []string
	for key := range fields {
		if !slices.Contains(allowed, key) {
			more = append(more, string(appendPyJSON(nil, key)))
		}
	}
	if len(more) > 0 {
		slices.Sort(more)
		return "extraneous keys " + strings.Join(more, ", "), false
	}
	if inline {
		return e.parseData(fields["data"])
	}
	return e.parsePath(fields, path, last), false
}

// parseData reads an element that is data.
func (e *sloEntry) parseData(raw any) (problem string, broken bool) {
	text, ok := raw.(string)
	if !ok {
		return "data must be valid base64", false
	}
	plain := strings.TrimRight(text, "=")
	padding := len(text) - len(plain)
	data, err := base64.RawStdEncoding.DecodeString(plain)
	switch {
	case err != nil, (len(plain)+padding)%4 != 0 && padding < (4-len(plain)%4)%4, strings.ContainsAny(text, "\r\n"):
		return "data must be valid base64", false
	case len(data) == 0:
		return tooSmall, false
	}
	e.data = data
	return "", false
}

// parsePath reads an element that is an object.
func (e *sloEntry) parsePath(fields map[string]any, self string, last bool) string {
	path, ok := fields["path"].(string)
	if !ok {
		return `"path" must be a string`
	}
	e.path = path
	if raw := fields["etag"]; raw != nil {
		etag, ok := raw.(string)
		if !ok {
			return `"etag" must be a string or null (if provided)`
		}
		e.etag = &etag
	}
	if !strings.Contains(strings.Trim(path, "/"), "/") {
		return "path does not refer to an object. Path must be of the form /container/object."
	}
	if raw := fields["size_bytes"]; raw != nil {
		size, ok := pyInt(raw)
		if !ok {
			return "invalid size_bytes"
		}
		if size < 1 && !last {
			return tooSmall
		}
		e.size = &size
	}
	p, _ := splitPath(self, 2, 3, true)
	if self == "/"+p[0]+"/"+p[1]+"/"+strings.TrimLeft(path, "/") {
		return "manifest must not include itself as a segment"
	}
	return e.parseRange(fields["range"])
}

// parseRange reads which bytes of an object are wanted.
func (e *sloEntry) parseRange(raw any) string {
	text, ok := raw.(string)
	switch {
	case raw == nil, ok && text == "", raw == false, raw == json.Number("0"):
		return ""
	case !ok:
		return "invalid range"
	}
	if e.span, ok = parseRange("bytes=" + text); !ok {
		return "invalid range"
	}
	if len(e.span) > 1 {
		return "multiple ranges (only one allowed)"
	}
	if e.size != nil && len(e.span.within(*e.size)) != 1 {
		return "unsatisfiable range"
	}
	return ""
}

// pyInt reads a number as Python's int does.
func pyInt(raw any) (int64, bool) {
	switch v := raw.(type) {
	case bool:
		if v {
			return 1, true
		}
		return 0, true
	case json.Number:
		if n, err := v.Int64(); err == nil {
			return n, true
		}
		f, err := v.Float64()
		return int64(f), err == nil
	case string:
		n, err := strconv.ParseInt(strings.TrimSpace(v), 10, 64)
		return n, err == nil
	}
	return 0, false
}

// putStatic makes a static large object of the manifest that r has. What it
// names is looked at through self, because it may be a large object too.
func putStatic(r *request, next, self handler) *response {
	switch {
	case len(r.header["X-Copy-From"]) > 0:
		return page(http.StatusMethodNotAllowed, "Multipart Manifest PUTs cannot be COPY requests")
	case r.length < 0 && !r.chunked:
		return fail(http.StatusLengthRequired)
	case r.length > maxManifestSize:
		return page(http.StatusRequestEntityTooLarge, "Manifest File > %d bytes", maxManifestSize)
	}
	body, refused := r.readBody()
	if refused != nil {
		return refused
	}
	entries, refused := parseManifest(body, r.path)
	if refused != nil {
		return refused
	}
	objects := 0
	for _, e := range entries {
		if e.data == nil {
			objects++
		}
	}
	if objects > maxManifestSegments {
		return page(http.StatusRequestEntityTooLarge,
			"Number of object-backed segments must be <= %d", maxManifestSegments)
	}
	p := sloPut{
		r: r, next: next, self: self, format: resultFormat(r, textType), segments: make([]sloSegment, len(entries)),
	}
	beat, _ := r.param("heartbeat")
	p.heartbeat = isTrue(beat)
	p.add(entries)
	return p.store()
}

// sloPut is a static large object in the making.
type sloPut struct {
	r          *request
	next, self handler
	format     string // of the result
	heartbeat  bool   // the client wants to hear something at once
	segments   []sloSegment
	size       int64
	problems   []failure
}

// add looks at what the segments are of. What is of one object is looked at
// together.
func (p *sloPut) add(entries []sloEntry) {
	var paths []string
	of := map[string][]int{}
	for i, e := range entries {
		switch {
		case e.data != nil:
			p.segments[i] = sloSegment{Data: e.data}
			p.size += int64(len(e.data))
			continue
		case len(of[e.path]) == 0:
			paths = append(paths, e.path)
		}
		of[e.path] = append(of[e.path], i)
	}
	version, account, _, _ := p.r.parts()
	for _, path := range paths {
		head := p.self(p.r.sub(http.MethodHead, "/"+version+"/"+account+"/"+strings.TrimLeft(path, "/"), "SLO"))
		for _, i := range of[path] {
			p.segments[i] = p.segment(entries[i], head, i == len(entries)-1)
		}
	}
}

// segment is a segment of an object that head tells of.
func (p *sloPut) segment(e sloEntry, head *response, last bool) sloSegment {
	wrong := func(what string) { p.problems = append(p.problems, failure{quote(e.path), what}) }
	if !head.ok() {
		wrong(statusLine(head.status))
		return sloSegment{}
	}
	etag, size := unquoteETag(head.header.Get("Etag")), head.size()
	contentType, _, _ := strings.Cut(head.header.Get("Content-Type"), ";")
	g := sloSegment{
		Name: "/" + strings.TrimLeft(e.path, "/"), Bytes: size, Hash: etag, ContentType: contentType,
		Large: isTrue(head.header.Get(sloMark)),
	}
	if at, err := http.ParseTime(head.header.Get("Last-Modified")); err == nil {
		g.LastModified = at.UTC().Format("2006-01-02T15:04:05.000000")
	}
	length := size
	if len(e.span) > 0 {
		span := e.span.within(size)
		switch {
		case len(span) == 0:
			wrong("Unsatisfiable Range")
		case span[0] != byteRange{0, size}:
			g.Range = fmt.Sprintf("%d-%d", span[0].start, span[0].end-1)
			length = span[0].end - span[0].start
		}
	}
	if length < 1 && !last {
		wrong("T" + tooSmall[1:])
	}
	if e.size != nil && *e.size != size {
		wrong("Size Mismatch")
	}
	if e.etag != nil && *e.etag != etag {
		wrong("Etag Mismatch")
	}
	p.size += length
	return g
}

// etag is what the large object is known by.
func (p *sloPut) etag() string {
	var sums strings.Builder
	for _, g := range p.segments {
		switch {
		case g.Data != nil:
			sums.WriteString(md5Hex(g.Data))
		case g.Range != "":
			sums.WriteString(g.Hash + ":" + g.Range + ";")
		default:
			sums.WriteString(g.Hash)
		}
	}
	return md5Hex([]byte(sums.String()))
}

// store stores the manifest, if nothing is wrong with it.
func (p *sloPut) store() *response {
	if len(p.problems) > 0 {
		return p.answer(fail(http.StatusBadRequest), nil)
	}
	etag := p.etag()
	if given := unquoteETag(p.r.header.Get("Etag")); given != "" && given != etag {
		return p.answer(fail(http.StatusUnprocessableEntity), nil)
	}
	manifest := manifestJSON(p.segments, false)
	h := p.r.header
	h.Set(sloETagSysmeta, etag)
	h.Set(sloSizeSysmeta, strconv.FormatInt(p.size, 10))
	h.Set(sloMark, "True")
	h.Set("Etag", md5Hex(manifest))
	base, parameters, more := strings.Cut(h.Get(overridePrefix+"Etag"), ";")
	if base == "" {
		base = h.Get("Etag")
	}
	if more {
		base += ";" + parameters
	}
	h.Set(overridePrefix+"Etag", base+"; slo_etag="+etag)
	if h.Get("Content-Type") == "" {
		h.Set("Content-Type", typeOf(p.r.path))
	}
	h.Set("Content-Type", h.Get("Content-Type")+";swift_bytes="+strconv.FormatInt(p.size, 10))
	p.r.typed = true
	resp := p.next(p.r.withBody(manifest))
	told := []resultField{{"Response Status", statusLine(resp.status)}}
	if resp.ok() {
		resp.with("Etag", `"`+etag+`"`)
		told = append(told, resultField{"Etag", resp.header.Get("Etag")},
			resultField{"Last Modified", resp.header.Get("Last-Modified")})
	}
	return p.answer(resp, told)
}

// answer is the answer that says what came of the PUT.
func (p *sloPut) answer(resp *response, told []resultField) *response {
	if !p.heartbeat {
		if len(p.problems) > 0 {
			return answer(resp.status, p.format, result(p.format, "upload", nil, p.problems))
		}
		return resp
	}
	body := string(resp.body)
	if told == nil {
		title, text := reasons(resp.status)
		told, body = []resultField{{"Response Status", statusLine(resp.status)}}, title+"\n"+text
	}
	told = append(told, resultField{"Response Body", body})
	text := append([]byte(" \r\n\r\n"), result(p.format, "upload", told, p.problems)...)
	accepted := answer(http.StatusAccepted, p.format, text)
	accepted.unsized = true
	return accepted
}
