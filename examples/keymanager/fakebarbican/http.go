package fakebarbican

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"

	"github.com/google/uuid"
)

const jsonType = "application/json"

// A call is one request on its way through the server.
type call struct {
	*http.Request
	caller    Caller
	base      string // URL of the service, without the version
	path      string // below /v1/, without the leading slash
	data      []byte // body
	truncated bool   // data is only the beginning of the body

	title     string     // of the operation
	secret    *secret    // that the path names, if any
	container *container // that the path names, if any
}

// A reply is the answer to a call that succeeded.
type reply struct {
	status      int // 0 means 200
	location    string
	body        any    // written as JSON, unless raw is set
	raw         []byte // written as it is
	contentType string // of raw
}

// A problem is the answer to a call that failed.
type problem struct {
	status int
	detail any // a string, or nil for JSON's null
}

func (p *problem) Error() string { return fmt.Sprintf("%d %v", p.status, p.detail) }

func fail(status int, format string, args ...any) error {
	return &problem{status: status, detail: fmt.Sprintf(format, args...)}
}

// ServeHTTP answers one request. The path may have a prefix that was stripped
// by the caller: references lead back through it.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("OpenStack-API-Version", "key-manager 1.0")
	h.Set("Vary", "OpenStack-API-Version")
	c := &call{Request: r, base: baseURL(r)}
	if r.URL.Path == "/" || r.URL.Path == "" {
		versions := map[string]any{"versions": map[string]any{"values": []any{versionInfo(c)}}}
		write(w, reply{status: http.StatusMultipleChoices, body: versions})
		return
	}
	caller, err := s.options.Authenticate(r)
	if err != nil {
		refuse(w)
		return
	}
	c.caller = caller
	h.Set("X-Openstack-Request-Id", requestID(r))
	body, err := io.ReadAll(io.LimitReader(r.Body, maxRequest+1))
	if err != nil {
		writeProblem(w, fail(http.StatusInternalServerError, "Read Error"))
		return
	}
	c.data, c.truncated = body[:min(len(body), maxRequest)], len(body) > maxRequest

	s.mu.Lock()
	answer, err := s.answer(c)
	s.mu.Unlock()
	if err != nil {
		writeProblem(w, err)
		return
	}
	write(w, answer)
}

// answer does the checks in Barbican's order, then the operation.
func (s *Server) answer(c *call) (reply, error) {
	rest, versioned := strings.CutPrefix(c.URL.Path, "/v1")
	if !versioned || rest != "" && rest[0] != '/' {
		return reply{}, &problem{status: http.StatusNotFound}
	}
	c.path = strings.TrimPrefix(rest, "/")
	found, err := s.find(c)
	if err != nil {
		return reply{}, err
	}
	op, ok := found[c.Method]
	if !ok {
		return reply{}, refusal(found, c.Header.Get("Accept"))
	}
	c.title = op.title
	if !op.anyAccept && !accepts(c.Header.Get("Accept"), jsonType) {
		return reply{}, &problem{status: http.StatusNotAcceptable}
	}
	if !op.allow(c) {
		return reply{}, fail(http.StatusForbidden,
			"%s attempt not allowed - please review your user/project privileges", op.title)
	}
	if len(op.types) > 0 && !slices.Contains(op.types, contentType(c.Request)) {
		return reply{}, fail(http.StatusUnsupportedMediaType,
			"Unexpected content type. Expected content types are: %s", pythonList(op.types))
	}
	return op.do(c)
}

// refusal is the answer to a method that a resource lacks.
func refusal(r resource, accept string) error {
	kind := "text/html"
	if op, ok := r[otherMethods]; ok {
		kind = jsonType
		if op.anyAccept {
			accept = ""
		}
	}
	if !accepts(accept, kind) {
		return &problem{status: http.StatusNotAcceptable}
	}
	return &problem{status: http.StatusMethodNotAllowed}
}

// refuse answers like keystonemiddleware, which stands in front of Barbican.
func refuse(w http.ResponseWriter) {
	w.Header().Set("WWW-Authenticate", "Keystone")
	write(w, reply{status: http.StatusUnauthorized, body: map[string]any{"error": map[string]any{
		"code": http.StatusUnauthorized, "title": "Unauthorized",
		"message": "The request you have made requires authentication.",
	}}})
}

func writeProblem(w http.ResponseWriter, err error) {
	p, ok := errors.AsType[*problem](err)
	if !ok {
		p = &problem{status: http.StatusInternalServerError, detail: err.Error()}
	}
	if p.detail == nil && p.status != http.StatusNotAcceptable {
		p = &problem{status: p.status, detail: ""}
	}
	write(w, reply{status: p.status, body: map[string]any{
		"code": p.status, "title": http.StatusText(p.status), "description": p.detail,
	}})
}

func write(w http.ResponseWriter, r reply) {
	if r.location != "" {
		w.Header().Set("Location", r.location)
	}
	data, kind := r.raw, r.contentType
	if kind == "" && r.status != http.StatusNoContent {
		kind = jsonType
		encoded, err := json.Marshal(r.body)
		if err != nil { // a fault of this package
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		data = encoded
	}
	if kind != "" {
		w.Header().Set("Content-Type", kind)
	}
	if r.status == 0 {
		r.status = http.StatusOK
	}
	w.WriteHeader(r.status)
	w.Write(data) //nolint:errcheck // the client has gone: nobody is left to tell
}

// baseURL returns the URL under which the client reached the service. The
// request line still has the prefix that [http.StripPrefix] took from r.URL.
func baseURL(r *http.Request) string {
	asked, _, _ := strings.Cut(r.RequestURI, "?")
	prefix, ok := strings.CutSuffix(strings.TrimSuffix(asked, "/"), strings.TrimSuffix(r.URL.EscapedPath(), "/"))
	if !ok {
		prefix = ""
	}
	return "http://" + r.Host + prefix
}

// requestID returns the caller's own request id, or a new one.
func requestID(r *http.Request) string {
	if id := r.Header.Get("X-Openstack-Request-Id"); id != "" {
		return id
	}
	return "req-" + uuid.NewString()
}

// contentType returns the media type of the body without its parameters.
func contentType(r *http.Request) string {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		return ""
	}
	return kind
}

// accepts tells whether an Accept header allows a media type.
func accepts(header, want string) bool {
	if header == "" {
		return true
	}
	group, _, _ := strings.Cut(want, "/")
	for kind := range strings.SplitSeq(header, ",") {
		switch kind, _, _ := strings.Cut(strings.TrimSpace(kind), ";"); kind {
		case "*/*", group + "/*", want:
			return true
		}
	}
	return false
}

// wantsJSON tells whether Barbican takes GET on a secret as a request for its
// description, not for its payload.
func wantsJSON(accept string) bool {
	return accept == "" || accept == jsonType || accept == "*/*"
}

// pythonList prints a list as Barbican's messages do.
func pythonList(items []string) string { return "['" + strings.Join(items, "', '") + "']" }
