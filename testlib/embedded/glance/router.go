package glance

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// maxDocument is how much of a JSON request is read, in bytes. Glance has no
// limit: this one keeps a mistake of a test from filling the memory.
const maxDocument = 16 << 20

// object is a JSON object.
type object = map[string]any

// caller is who asks.
type caller struct {
	user, project string // ids; project is empty for a token of another scope
	admin         bool   // has the role admin
	roles         []string
}

// request is one call while it is handled. Unless its route is raw, body holds
// what was sent, and the lock of the service that its method needs is held.
type request struct {
	*http.Request
	*Service
	caller caller
	query  url.Values
	vars   map[string]string // of the path, by name
	body   []byte
	id     string // request id, as in the answer
}

// response is what a handler answers: a body for JSON, or data, or nothing.
type response struct {
	status int
	body   any
	data   []byte
	header map[string]string
}

type handler func(*request) (*response, error)

// emptyType is the media type that WebOb gives to answers without a body.
const emptyType = "text/html; charset=UTF-8"

func ok(body any) (*response, error) { return &response{status: http.StatusOK, body: body}, nil }

// noContent is the answer of what is done, with the type that WebOb gives to
// nothing.
func noContent() (*response, error) {
	return &response{
		status: http.StatusNoContent, header: map[string]string{"Content-Type": emptyType},
	}, nil
}

// route is one method of a path.
type route struct {
	method string
	handle handler
	bare   bool // a request with a body is refused
	raw    bool // the handler reads the body and takes the lock
}

func on(method string, h handler) route { return route{method: method, handle: h} }

// onBare is [on] for a method that takes no body.
func onBare(method string, h handler) route { return route{method: method, handle: h, bare: true} }

// onRaw is [on] for a method that reads the body itself.
func onRaw(method string, h handler) route { return route{method: method, handle: h, raw: true} }

// path is a pattern with its methods. The parts of a pattern are compared with
// those of a path; a part in braces is a variable.
type path struct {
	parts   []string
	routes  []route // in the order in which Allow names them
	missing bool    // other methods are answered with 404, not 405
}

// router finds the route of a request.
type router struct {
	byLength map[int][]*path
}

// add registers the methods of a pattern below /v2, as in
// "/images/{image_id}". A pattern without variables goes before one that has
// some.
func (rt *router) add(pattern string, routes ...route) *path {
	p := &path{parts: strings.Split(pattern, "/")[1:], routes: routes}
	if rt.byLength == nil {
		rt.byLength = map[int][]*path{}
	}
	rt.byLength[len(p.parts)] = append(rt.byLength[len(p.parts)], p)
	return p
}

// fits reports whether p is the pattern of parts, and the variables in them.
func (p *path) fits(parts []string) (map[string]string, bool) {
	vars := map[string]string{}
	for i, want := range p.parts {
		if name, ok := strings.CutPrefix(want, "{"); ok && parts[i] != "" {
			vars[strings.TrimSuffix(name, "}")] = latin1(parts[i])
			continue
		}
		if want != parts[i] {
			return nil, false
		}
	}
	return vars, true
}

// latin1 reads each byte of text as a character, as the router of Glance reads
// paths: letters beyond ASCII in them turn into two.
func latin1(text string) string {
	runes := make([]rune, len(text))
	for i := range len(text) {
		runes[i] = rune(text[i])
	}
	return string(runes)
}

// find returns the route of a method of the path, which is below /v2.
func (rt *router) find(method, full string) (route, map[string]string, error) {
	parts := strings.Split("/"+strings.TrimLeft(full, "/"), "/")[1:]
	for _, p := range rt.byLength[len(parts)] {
		vars, ok := p.fits(parts)
		if !ok {
			continue
		}
		if i := slices.IndexFunc(p.routes, func(r route) bool { return r.method == method }); i >= 0 {
			return p.routes[i], vars, nil
		}
		if !p.missing {
			return route{}, nil, methodRefused(method, p.allowed())
		}
	}
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodDelete, http.MethodPatch:
		return route{}, nil, statusError(http.StatusNotFound)
	}
	return route{}, nil, &httpError{
		status:   http.StatusNotImplemented,
		template: "\nThe request method " + method + " is not implemented for this server. <br /><br />\n",
	}
}

func (p *path) allowed() string {
	names := make([]string, len(p.routes))
	for i, r := range p.routes {
		names[i] = r.method
	}
	return strings.Join(names, ", ")
}

// serve answers a request of a known caller to full, a path below /v2.
func (s *Service) serve(w http.ResponseWriter, r *http.Request, full string, c caller) {
	rt, vars, err := s.router.find(r.Method, full)
	if err != nil {
		writeError(w, r, err)
		return
	}
	query, _ := url.ParseQuery(r.URL.RawQuery) // what cannot be read is ignored, as WebOb does
	req := &request{
		Request: r, Service: s, caller: c, query: query, vars: vars,
		id: w.Header().Get(requestIDHeader),
	}
	resp, err := s.run(req, rt)
	if err != nil {
		writeError(w, r, err)
		return
	}
	write(w, resp)
}

// run calls the handler of the route, with what it wants.
func (s *Service) run(r *request, rt route) (*response, error) {
	if rt.bare && r.hasBody() {
		return nil, badRequest("A body is not expected with this request.")
	}
	if rt.raw {
		return rt.handle(r)
	}
	if err := r.readBody(); err != nil {
		return nil, err
	}
	if r.Method == http.MethodGet {
		s.mu.RLock()
		defer s.mu.RUnlock()
	} else {
		s.mu.Lock()
		defer s.mu.Unlock()
	}
	resp, err := rt.handle(r)
	if err != nil || resp.body == nil {
		return resp, err
	}
	resp.data, err = encode(resp.body) // under the lock: what is shown may change
	return resp, err
}

// readBody keeps what the client sends.
func (r *request) readBody() error {
	data, err := io.ReadAll(io.LimitReader(r.Body, maxDocument))
	if err != nil {
		return badRequest("Malformed JSON in request body.")
	}
	r.body = data
	return nil
}

// hasBody reports whether the client sends one, even an empty one in chunks.
func (r *request) hasBody() bool {
	switch r.Method {
	case http.MethodPost, http.MethodPut, http.MethodPatch:
		if len(r.TransferEncoding) > 0 {
			return true
		}
	}
	return r.ContentLength > 0
}

// json decodes what was sent: a map or a list, or nil when nothing was.
func (r *request) json() (any, error) {
	if !r.hasBody() {
		return nil, nil
	}
	var v any
	if err := json.Unmarshal(r.body, &v); err != nil {
		return nil, badRequest("Malformed JSON in request body.")
	}
	switch v.(type) {
	case object, []any:
		return v, nil
	}
	return nil, badRequest("Unexpected body type. Expected list/dict.")
}

// needJSON is [request.json] for a request that must have a body.
func (r *request) needJSON() (any, error) {
	v, err := r.json()
	if err == nil && v == nil {
		return nil, badRequest("Body expected in request.")
	}
	return v, err
}

func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

// write sends resp, whose body is encoded by now.
func write(w http.ResponseWriter, resp *response) {
	h := w.Header()
	for key, value := range resp.header {
		h.Set(key, value)
	}
	if resp.body != nil {
		h.Set("Content-Type", "application/json")
	}
	if resp.status != http.StatusNoContent {
		h.Set("Content-Length", strconv.Itoa(len(resp.data)))
		if h.Get("Content-Type") == "" {
			h["Content-Type"] = nil // not guessed by net/http
		}
	}
	w.WriteHeader(resp.status)
	_, _ = w.Write(resp.data) // the client may be gone: nobody is left to be told
}
