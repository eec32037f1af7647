package swift

import (
	"bytes"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// listing is what a GET of an account or a container holds, until
// [listingFormats] makes text of it.
type listing struct {
	account, container string // names; container is empty for a listing of an account
	items              []listItem
}

// listItem is one line of a listing: a container of an account, an object of a
// container, or, where subdir is set, what the names share up to a delimiter.
type listItem struct {
	subdir string
	name   string
	bytes  int64

	count int64 // of objects; of containers only

	hash, contentType string // of objects only

	lastModified string

	// extra is what middlewares add, in the order of the JSON text. Only JSON
	// shows it.
	extra []listField
}

// listField is one more field of a [listItem]: a text, a bool or an int64.
type listField struct {
	key   string
	value any
}

// listingFormats makes text of listings in the format that the client asks
// for: plain, JSON or XML.
//
// Source: swift/common/middleware/listing_formats.py, 2.30.
func listingFormats(_ *Service, next handler) handler {
	return func(r *request) *response {
		p, ok := splitPath(r.path, 2, 3, false)
		if !ok || !validVersion(p[0]) || !r.reads() {
			return next(r)
		}
		format, refused := listingType(r)
		if refused != nil {
			return refused
		}
		_, fixed := r.param("format")
		r.query.Set("format", "json")
		resp := next(r)
		if resp.status != http.StatusOK && resp.status != http.StatusNoContent {
			return resp
		}
		switch {
		case resp.asJSON:
			format = "application/json"
		case !fixed:
			addVary(resp, "Accept")
		}
		if resp.listing != nil {
			formatListing(r, resp, format)
		}
		return resp
	}
}

// addVary adds to what an answer depends on.
func addVary(resp *response, header string) {
	if old := resp.header.Get("Vary"); old != "" {
		header = old + ", " + header
	}
	resp.header.Set("Vary", header)
}

// formatListing makes the body of resp of its listing.
func formatListing(r *request, resp *response, format string) {
	list := resp.listing
	resp.listing = nil
	resp.header.Set("Content-Type", format+"; charset=utf-8")
	if r.method == http.MethodHead {
		resp.body = nil
		return
	}
	if !r.allowsReserved() {
		list.items = slices.DeleteFunc(list.items, func(i listItem) bool {
			return strings.Contains(i.name+i.subdir, reserved)
		})
	}
	switch {
	case strings.HasSuffix(format, "/xml"):
		resp.body = list.xml()
	case format == "application/json":
		resp.body = list.json()
	default:
		resp.body = list.text()
	}
	resp.status, resp.length = http.StatusOK, -1
	if len(resp.body) == 0 {
		resp.status = http.StatusNoContent
	}
}

// listingType returns the content type that a listing is wanted in.
func listingType(r *request) (string, *response) {
	offers := []string{"text/plain", "application/json", "application/xml", "text/xml"}
	format, _ := r.param("format")
	if !utf8.ValidString(format) {
		return "", badText(`"format" parameter not valid UTF-8`)
	}
	// The format counts as what the client accepts, for who stands behind too.
	switch strings.ToLower(format) {
	case "":
	case "json":
		r.header.Set("Accept", "application/json")
	case "xml":
		r.header.Set("Accept", "application/xml")
	default:
		r.header.Set("Accept", "text/plain")
	}
	best, ok := bestMatch(r.header.Get("Accept"), offers)
	switch {
	case !ok:
		return "", page(http.StatusBadRequest, "Invalid Accept header")
	case best == "":
		return "", fail(http.StatusNotAcceptable)
	}
	return best, nil
}

func (l *listing) text() []byte {
	var b bytes.Buffer
	for _, i := range l.items {
		b.WriteString(i.subdir + i.name + "\n")
	}
	return b.Bytes()
}

func (l *listing) json() []byte {
	b := []byte{'['}
	for n, i := range l.items {
		if n > 0 {
			b = append(b, ", "...)
		}
		b = i.appendJSON(b, l.container == "")
	}
	return append(b, ']')
}

func (i listItem) appendJSON(b []byte, ofAccount bool) []byte {
	fields := i.fields(ofAccount)
	b = append(b, '{')
	for n, f := range fields {
		if n > 0 {
			b = append(b, ", "...)
		}
		b = append(appendPyJSON(b, f.key), ": "...)
		switch v := f.value.(type) {
		case string:
			b = appendPyJSON(b, v)
		case bool:
			b = strconv.AppendBool(b, v)
		case int64:
			b = strconv.AppendInt(b, v, 10)
		}
	}
	return append(b, '}')
}

// fields returns what is told of i, in order.
func (i listItem) fields(ofAccount bool) []listField {
	if i.subdir != "" {
		return []listField{{"subdir", i.subdir}}
	}
	if ofAccount {
		return append([]listField{
			{"name", i.name}, {"count", i.count}, {"bytes", i.bytes}, {"last_modified", i.lastModified},
		}, i.extra...)
	}
	return append([]listField{
		{"bytes", i.bytes}, {"hash", i.hash}, {"name", i.name}, {"content_type", i.contentType},
		{"last_modified", i.lastModified},
	}, i.extra...)
}

const xmlHeader = `<?xml version="1.0" encoding="UTF-8"?>` + "\n"

func (l *listing) xml() []byte {
	var b bytes.Buffer
	b.WriteString(xmlHeader)
	switch {
	case l.container == "":
		b.WriteString(`<account name="` + xmlValue(l.account) + `">` + "\n")
	case len(l.items) == 0:
		b.WriteString(`<container name="` + xmlValue(l.container) + `" />`)
		return b.Bytes()
	default:
		b.WriteString(`<container name="` + xmlValue(l.container) + `">`)
	}
	for _, i := range l.items {
		i.writeXML(&b, l.container == "")
	}
	if l.container == "" {
		b.WriteString("</account>")
	} else {
		b.WriteString("</container>")
	}
	return b.Bytes()
}

func (i listItem) writeXML(b *bytes.Buffer, ofAccount bool) {
	field := func(name, value string) {
		if value == "" {
			b.WriteString("<" + name + " />")
			return
		}
		b.WriteString("<" + name + ">" + xmlText(value) + "</" + name + ">")
	}
	size := strconv.FormatInt(i.bytes, 10)
	switch {
	case i.subdir != "" && ofAccount:
		b.WriteString(`<subdir name="` + xmlValue(i.subdir) + `" />` + "\n")
	case i.subdir != "":
		b.WriteString(`<subdir name="` + xmlValue(i.subdir) + `">`)
		field("name", i.subdir)
		b.WriteString("</subdir>")
	case ofAccount:
		b.WriteString("<container>")
		field("name", i.name)
		field("count", strconv.FormatInt(i.count, 10))
		field("bytes", size)
		field("last_modified", i.lastModified)
		b.WriteString("</container>\n")
	default:
		b.WriteString("<object>")
		field("name", i.name)
		field("hash", i.hash)
		field("bytes", size)
		field("content_type", i.contentType)
		field("last_modified", i.lastModified)
		b.WriteString("</object>")
	}
}

// xmlText escapes text, as it stands between tags.
func xmlText(text string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(text)
}

// xmlValue escapes text, as it stands in an attribute.
func xmlValue(text string) string {
	return strings.NewReplacer(`"`, "&quot;", "\r", "&#13;", "\n", "&#10;", "\t", "&#09;").Replace(xmlText(text))
}

// listQuery is what part of a list of names is wanted.
type listQuery struct {
	limit             int
	marker, endMarker string
	prefix, delimiter string
	path              string
	byPath            bool // path is given
	reverse, reserved bool
}

// listHit is a name, or the part up to a delimiter that several share.
type listHit struct {
	name   string
	subdir bool
}

// pick returns the names that q wants.
//
// Source: list_objects_iter in swift/container/backend.py, 2.30.
func (q listQuery) pick(names []string) []listHit {
	if q.reverse {
		q.marker, q.endMarker = q.endMarker, q.marker
	}
	if q.byPath {
		q.delimiter = "/"
		if q.path != "" {
			q.path = strings.TrimRight(q.path, "/") + "/"
		}
		q.prefix = q.path
	}
	first, last := q.bounds(names)
	var hits []listHit
	for first < last && len(hits) < q.limit {
		at := first
		if q.reverse {
			at = last - 1
		}
		hit, skip := q.look(names[at])
		if hit.name != "" {
			hits = append(hits, hit)
		}
		switch {
		case skip == "" && q.reverse:
			last--
		case skip == "":
			first++
		case q.reverse:
			last, _ = slices.BinarySearch(names, skip)
		default:
			var found bool
			first, found = slices.BinarySearch(names, after(skip))
			if found && q.byPath { // Swift forgets this one
				first++
			}
		}
	}
	return hits
}

// bounds returns the first and the last name, not included, that q may want.
func (q listQuery) bounds(names []string) (first, last int) {
	last = len(names)
	if q.prefix != "" {
		first, _ = slices.BinarySearch(names, q.prefix)
		last, _ = slices.BinarySearch(names, after(q.prefix))
	}
	if q.marker != "" {
		at, found := slices.BinarySearch(names, q.marker)
		if found {
			at++
		}
		first = max(first, at)
	}
	if q.endMarker != "" {
		at, _ := slices.BinarySearch(names, q.endMarker)
		last = min(last, at)
	}
	if !q.reserved {
		at, _ := slices.BinarySearch(names, "\x01")
		first = max(first, at)
	}
	return first, last
}

// look returns what is listed for name, if anything, and the start of names
// that are not to be looked at any more because of it.
func (q listQuery) look(name string) (hit listHit, skip string) {
	if q.delimiter == "" {
		return listHit{name: name}, ""
	}
	at := strings.Index(name[len(q.prefix):], q.delimiter)
	end := len(q.prefix) + at + len(q.delimiter)
	switch {
	case q.byPath && name == q.path:
		return listHit{}, ""
	case at < 0 || q.byPath && len(name) == end:
		return listHit{name: name}, ""
	case q.byPath || name[:end] == q.marker:
		return listHit{}, name[:end]
	}
	return listHit{name: name[:end], subdir: true}, name[:end]
}

// after returns the least text that is greater than all that start with prefix.
func after(prefix string) string {
	last, size := utf8.DecodeLastRuneInString(prefix)
	return prefix[:len(prefix)-size] + string(last+1)
}
