package swift

import (
	"bytes"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

const (
	maxDeletions       = 10000 // in one request
	maxFailedDeletions = 1000
	maxPathLength      = maxObjectName + maxContainerName + 2 // bytes
)

// bulk does many things in one request: it unpacks archives, and deletes what a
// list names. The status is always 200; what came of it stands in the body.
//
// Source: swift/common/middleware/bulk.py, 2.30.
func bulk(_ *Service, next handler) handler {
	return func(r *request) *response {
		var resp *response
		if kind, ok := r.param("extract-archive"); ok && r.method == http.MethodPut {
			resp = extract(r, next, kind)
		}
		_, remove := r.param("bulk-delete")
		if remove && (r.method == http.MethodPost || r.method == http.MethodDelete) {
			resp = newDeleter(r, next, "BD").answerList()
		}
		if resp == nil {
			return next(r)
		}
		return resp
	}
}

// failure is something of many that failed: its path, quoted, and why.
type failure struct{ path, why string }

// resultField is something that a result tells: a text or an int.
type resultField struct {
	key   string
	value any
}

func (f resultField) text() string {
	if n, ok := f.value.(int); ok {
		return strconv.Itoa(n)
	}
	text, _ := f.value.(string)
	return text
}

// resultFormat is the content type in which a client wants a result. Otherwise
// is for what cannot be read or had.
func resultFormat(r *request, otherwise string) string {
	format, ok := bestMatch(r.header.Get("Accept"), []string{textType, "application/json", "application/xml", "text/xml"})
	if !ok || format == "" {
		return otherwise
	}
	return format
}

// result is the body that tells what came of many things.
func result(format, root string, told []resultField, failures []failure) []byte {
	switch {
	case format == "application/json":
		return resultJSON(told, failures)
	case strings.HasSuffix(format, "/xml"):
		return resultXML(root, told, failures)
	}
	var b bytes.Buffer
	for _, f := range sortedFields(told) {
		b.WriteString(f.key + ": " + f.text() + "\n")
	}
	b.WriteString("Errors:\n")
	for _, f := range failures {
		b.WriteString(f.path + ", " + f.why + "\n")
	}
	return b.Bytes()
}

func resultJSON(told []resultField, failures []failure) []byte {
	b := []byte{'{'}
	for _, f := range told {
		b = append(appendPyJSON(b, f.key), ": "...)
		if n, ok := f.value.(int); ok {
			b = strconv.AppendInt(b, int64(n), 10)
		} else {
			b = appendPyJSON(b, f.text())
		}
		b = append(b, ", "...)
	}
	b = append(b, `"Errors": [`...)
	for i, f := range failures {
		if i > 0 {
			b = append(b, ", "...)
		}
		b = append(appendPyJSON(append(b, '['), f.path), ", "...)
		b = append(appendPyJSON(b, f.why), ']')
	}
	return append(b, "]}"...)
}

func resultXML(root string, told []resultField, failures []failure) []byte {
	escape := strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace
	var b bytes.Buffer
	b.WriteString("<" + root + ">\n")
	for _, f := range sortedFields(told) {
		key := strings.ToLower(strings.ReplaceAll(f.key, " ", "_"))
		b.WriteString("<" + key + ">" + escape(f.text()) + "</" + key + ">\n")
	}
	b.WriteString("<errors>\n")
	for _, f := range failures {
		b.WriteString("<object><name>" + escape(f.path) + "</name><status>" + escape(f.why) + "</status></object>\n")
	}
	b.WriteString("</errors>\n</" + root + ">\n")
	return b.Bytes()
}

// deletion is something to delete.
type deletion struct {
	name    string // as container or container/object, with or without a slash in front
	version string // of the object; empty for the object itself

	// refused is why it cannot be deleted, if that is known already.
	refused *response
}

// deleter deletes many objects and containers.
type deleter struct {
	r      *request
	next   handler
	source string
	format string // of the result; empty when there is none that the client takes

	deleted, missing int
	failures         []failure
	status           int // of the result, when there are failures
}

func newDeleter(r *request, next handler, source string) *deleter {
	return &deleter{
		r: r, next: next, source: source, format: resultFormat(r, ""), status: http.StatusBadRequest,
	}
}

// answerList deletes what the body of the request lists.
func (d *deleter) answerList() *response {
	targets, refused := d.list()
	return d.answer(targets, refused)
}

// list reads what is to be deleted, one line each.
func (d *deleter) list() ([]deletion, *response) {
	kind := d.r.header.Get("Content-Type")
	p, ok := splitPath(d.r.path, 2, 3, true)
	switch {
	case d.format == "":
		return nil, empty(http.StatusNotAcceptable)
	case !ok || p[1] == "":
		return nil, empty(http.StatusNotFound)
	case kind != "" && !strings.HasPrefix(kind, textType):
		return nil, empty(http.StatusNotAcceptable)
	case d.r.length < 0 && !d.r.chunked:
		return nil, empty(http.StatusLengthRequired)
	}
	body, refused := d.r.readBody()
	if refused != nil {
		return nil, refused
	}
	var targets []deletion
	for line := range strings.SplitSeq(string(body), "\n") {
		if len(line) > 2*maxPathLength {
			return nil, page(http.StatusBadRequest, "Invalid File Name")
		}
		targets = append(targets, deletion{name: unquote(strings.TrimSpace(line))})
	}
	if last := len(targets) - 1; targets[last].name == "" {
		targets = targets[:last]
	}
	if len(targets) > maxDeletions {
		return nil, page(http.StatusRequestEntityTooLarge, "Maximum Bulk Deletes: %d per request", maxDeletions)
	}
	return targets, nil
}

// answer deletes targets, objects before containers, unless the request is
// refused.
func (d *deleter) answer(targets []deletion, refused *response) *response {
	if d.format == "" {
		refused = empty(http.StatusNotAcceptable)
	}
	for _, objects := range []bool{true, false} {
		for _, one := range targets {
			isObject := strings.Contains(strings.Trim(one.name, "/"), "/")
			if refused != nil || one.name == "" || isObject != objects {
				continue
			}
			d.delete(one)
			if len(d.failures) >= maxFailedDeletions {
				refused = page(http.StatusBadRequest, "Max delete failures exceeded")
			}
		}
	}
	status, body := http.StatusOK, ""
	switch {
	case refused != nil:
		status, body = refused.status, string(refused.body)
	case len(d.failures) > 0:
		status = d.status
	case d.deleted == 0 && d.missing == 0:
		status, body = http.StatusBadRequest, "Invalid bulk delete."
	}
	told := []resultField{
		{"Response Status", statusLine(status)}, {"Response Body", body},
		{"Number Deleted", d.deleted}, {"Number Not Found", d.missing},
	}
	return manyAnswer(d.format, "delete", told, d.failures)
}

// manyAnswer is the answer to a request that does many things.
func manyAnswer(format, root string, told []resultField, failures []failure) *response {
	contentType := format
	if format == "" {
		contentType = pageType
	}
	resp := answer(http.StatusOK, contentType, result(format, root, told, failures))
	resp.unsized = true
	return resp
}

// delete deletes one thing.
func (d *deleter) delete(one deletion) {
	version, account, _, _ := d.r.parts()
	path := "/" + version + "/" + account + "/" + strings.TrimLeft(one.name, "/")
	failed := func(why string) { d.failures = append(d.failures, failure{quote(one.name), why}) }
	switch {
	case one.refused != nil && one.refused.status == http.StatusNotFound:
		d.missing++
		return
	case one.refused != nil:
		failed(string(one.refused.body))
		return
	case !utf8.ValidString(path) || strings.Contains(path, reserved):
		failed(statusLine(http.StatusPreconditionFailed))
		return
	}
	r := d.r.sub(http.MethodDelete, path, d.source)
	if one.version != "" {
		r.withQuery("version-id", one.version)
	}
	switch resp := d.next(r); {
	case resp.ok():
		d.deleted++
	case resp.status == http.StatusNotFound:
		d.missing++
	default:
		if resp.status >= http.StatusInternalServerError {
			d.status = http.StatusBadGateway
		}
		failed(statusLine(resp.status))
	}
}

func sortedFields(told []resultField) []resultField {
	return slices.SortedFunc(slices.Values(told), func(a, b resultField) int { return strings.Compare(a.key, b.key) })
}

// statusLine is a status with its name, as in "404 Not Found".
func statusLine(status int) string {
	title, _ := reasons(status)
	if title == "" {
		title = http.StatusText(status)
	}
	return strconv.Itoa(status) + " " + title
}
