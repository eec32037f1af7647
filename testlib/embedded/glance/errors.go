package glance

import (
	"errors"
	"fmt"
	"html"
	"net/http"
	"strconv"
	"strings"

	"github.com/gotempest/tempest/internal/lazyregexp"
)

// httpError is an answer that says why a request was refused. Its text is
// written as WebOb writes it: HTML, JSON or plain, as the client accepts.
type httpError struct {
	status      int
	explanation string            // empty: the usual one of the status
	detail      string            // what follows the explanation
	header      map[string]string // further headers of the answer
	template    string            // body for statuses that have no explanation
}

func (e *httpError) Error() string {
	if e.detail != "" {
		return e.detail
	}
	return e.text()
}

// refuse is the error of a status with an explanation of its own.
func refuse(status int, format string, args ...any) error {
	return &httpError{status: status, explanation: fmt.Sprintf(format, args...)}
}

// refuseWith is the error of a status with the usual explanation, and a detail.
func refuseWith(status int, format string, args ...any) error {
	return &httpError{status: status, detail: fmt.Sprintf(format, args...)}
}

func badRequest(format string, args ...any) error {
	return refuse(http.StatusBadRequest, format, args...)
}

func forbidden(format string, args ...any) error {
	return refuse(http.StatusForbidden, format, args...)
}

func notFound(format string, args ...any) error { return refuse(http.StatusNotFound, format, args...) }

func conflict(format string, args ...any) error { return refuse(http.StatusConflict, format, args...) }

func tooLarge(format string, args ...any) error {
	return refuse(http.StatusRequestEntityTooLarge, format, args...)
}

// statusError is the error of a status without anything to add.
func statusError(status int) error { return &httpError{status: status} }

// statusOf is the status with which err is answered: 500 for what is no
// [httpError].
func statusOf(err error) int {
	if e, ok := errors.AsType[*httpError](err); ok {
		return e.status
	}
	return http.StatusInternalServerError
}

// methodRefused is the 405 of a path that exists.
func methodRefused(method, allowed string) error {
	return &httpError{
		status:   http.StatusMethodNotAllowed,
		header:   map[string]string{"Allow": allowed},
		template: "The method " + method + " is not allowed for this resource. <br /><br />\n",
	}
}

// mediaRefused is the 415 of a request whose media type is another than those
// that accept names, which may be empty.
func mediaRefused(r *http.Request, accept string) error {
	e := &httpError{
		status:   http.StatusUnsupportedMediaType,
		template: "The request media type " + contentType(r) + " is not supported by this server.\n<br /><br />\n",
	}
	if accept != "" {
		e.header = map[string]string{"Accept-Patch": accept}
	}
	return e
}

// contentType is the media type that r says its body has.
func contentType(r *http.Request) string {
	if kind := r.Header.Get("Content-Type"); kind != "" {
		return kind
	}
	return "text/plain" // what Eventlet, below Glance, makes of none
}

// text is the explanation that a client reads.
func (e *httpError) text() string {
	if e.explanation != "" {
		return e.explanation
	}
	switch e.status {
	case http.StatusUnauthorized:
		return "This server could not verify that you are authorized to access the document you requested." +
			" Either you supplied the wrong credentials (e.g., bad password), or your browser does not" +
			" understand how to supply the credentials required."
	case http.StatusForbidden:
		return "Access was denied to this resource."
	case http.StatusNotFound:
		return "The resource could not be found."
	case http.StatusConflict:
		return "There was a conflict when trying to complete your request."
	case http.StatusRequestedRangeNotSatisfiable:
		return "The Range requested is not available."
	case http.StatusInternalServerError:
		return "The server has either erred or is incapable of performing the requested operation."
	}
	return "The server could not comply with the request since it is either malformed or otherwise incorrect."
}

// title is the reason phrase of the status.
func (e *httpError) title() string {
	if e.status == http.StatusRequestedRangeNotSatisfiable {
		return "Request Range Not Satisfiable"
	}
	return http.StatusText(e.status)
}

// body is what all formats show, with each text passed through escape.
func (e *httpError) body(escape func(string) string) string {
	if e.template != "" {
		return e.template + escape(e.detail)
	}
	return escape(e.text()) + "<br /><br />\n" + escape(e.detail) + "\n\n"
}

// writeError sends err in the format that the client accepts.
func writeError(w http.ResponseWriter, r *http.Request, err error) {
	e, ok := errors.AsType[*httpError](err)
	if !ok {
		e = &httpError{status: http.StatusInternalServerError}
	}
	line := strconv.Itoa(e.status) + " " + e.title()
	var kind, text string
	accept := r.Header.Get("Accept")
	if r.Method == http.MethodHead {
		accept = "text/html" // nobody reads the text
	}
	switch acceptable(accept, "text/html", "application/json") {
	case "text/html":
		kind = "text/html; charset=UTF-8"
		text = "<html>\n <head>\n  <title>" + line + "</title>\n </head>\n <body>\n  <h1>" + line + "</h1>\n  " +
			e.body(htmlEscape) + "\n </body>\n</html>"
	case "application/json":
		kind = "application/json"
		data, _ := encode(map[string]any{"message": e.body(noEscape), "code": line, "title": e.title()})
		text = string(data) // texts always encode
	default:
		kind = "text/plain; charset=UTF-8"
		text = line + "\n\n" + stripTags(e.body(noEscape))
	}
	for key, value := range e.header {
		w.Header().Set(key, value)
	}
	if r.Method == http.MethodHead {
		text = ""
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Length", strconv.Itoa(len(text)))
	w.WriteHeader(e.status)
	_, _ = w.Write([]byte(text)) // the client may be gone: nobody is left to be told
}

func noEscape(text string) string { return text }

// htmlEscape is WebOb's: letters beyond ASCII become references too.
func htmlEscape(text string) string {
	text = strings.ReplaceAll(html.EscapeString(text), "&#34;", "&quot;")
	text = strings.ReplaceAll(text, "&#39;", "&#x27;")
	var b strings.Builder
	for _, r := range text {
		if r < 0x80 {
			b.WriteRune(r)
			continue
		}
		fmt.Fprintf(&b, "&#%d;", r)
	}
	return b.String()
}

var (
	breakTag = lazyregexp.New(`(?i)<br[^>]*>`)
	anyTag   = lazyregexp.New(`<[^>]*>`)
)

// stripTags turns a body into plain text.
func stripTags(text string) string {
	text = strings.NewReplacer("\n", " ", "\r", "").Replace(text)
	return anyTag().ReplaceAllString(breakTag().ReplaceAllString(text, "\n"), "")
}

// acceptable returns which of the offers the Accept header prefers, the first
// of those it likes equally, and "" when it takes none. A header that is
// missing takes none, as WebOb has it.
func acceptable(accept string, offers ...string) string {
	best, bestQuality := "", 0.0
	for _, offer := range offers {
		if quality := acceptQuality(accept, offer); quality > bestQuality {
			best, bestQuality = offer, quality
		}
	}
	return best
}

// acceptQuality is how much the header likes a media type: the quality of the
// range in it that says most about the type.
func acceptQuality(accept, media string) float64 {
	family, _, _ := strings.Cut(media, "/")
	quality, specific := 0.0, 0
	for part := range strings.SplitSeq(accept, ",") {
		fields := strings.Split(part, ";")
		level := 0
		switch strings.ToLower(strings.TrimSpace(fields[0])) {
		case media:
			level = 3
		case family + "/*":
			level = 2
		case "*/*":
			level = 1
		}
		if level <= specific {
			continue
		}
		specific, quality = level, 1
		for _, field := range fields[1:] {
			if value, ok := strings.CutPrefix(strings.TrimSpace(field), "q="); ok {
				quality, _ = strconv.ParseFloat(value, 64) // what is no number counts as none
			}
		}
	}
	return quality
}
