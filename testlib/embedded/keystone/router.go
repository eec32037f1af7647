package keystone

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// maxBody is how much of a request body is read, in bytes. Keystone's own
// limit (oslo_middleware max_request_body_size) is the same.
const maxBody = 114688

// request is one call while it is handled.
type request struct {
	*http.Request
	*Service
	query url.Values
	body  object    // what was sent; empty when nothing was
	auth  *authInfo // nil for a caller without a valid token
	vars  object    // path values, for policy
}

// response is what a handler answers: a body for JSON, or raw text, or nothing.
type response struct {
	status int
	body   any
	raw    string
	header map[string]string
}

type handler func(*request) (*response, error)

func ok(body any) (*response, error) { return &response{status: http.StatusOK, body: body}, nil }
func created(body any) (*response, error) {
	return &response{status: http.StatusCreated, body: body}, nil
}
func noContent() (*response, error) { return &response{status: http.StatusNoContent}, nil }

// router collects handlers by path and method.
type router struct {
	service *Service
	paths   map[string]map[string]handler
}

// handle registers h for a pattern of net/http with a method, as in
// "GET /users/{user_id}", below /v3. GET answers HEAD too, unless HEAD has a
// handler of its own.
func (rt *router) handle(pattern string, h handler) {
	method, path, _ := strings.Cut(pattern, " ")
	if rt.paths[path] == nil {
		rt.paths[path] = map[string]handler{}
	}
	rt.paths[path][method] = h
}

// mux returns the collected handlers as one.
func (rt *router) mux() *http.ServeMux {
	mux := http.NewServeMux()
	for path, methods := range rt.paths {
		if h, ok := methods[http.MethodGet]; ok && methods[http.MethodHead] == nil {
			methods[http.MethodHead] = h
		}
		vars := pathVars(path)
		mux.HandleFunc("/v3"+path, func(w http.ResponseWriter, r *http.Request) {
			rt.service.serve(w, r, methods, vars)
		})
	}
	return mux
}

// pathVars returns the names of the wildcards in path.
func pathVars(path string) []string {
	var names []string
	for part := range strings.SplitSeq(path, "/") {
		if strings.HasPrefix(part, "{") {
			names = append(names, strings.Trim(part, "{}"))
		}
	}
	return names
}

// serve handles one request for a known path.
func (s *Service) serve(w http.ResponseWriter, r *http.Request, methods map[string]handler, vars []string) {
	h, known := methods[r.Method]
	if !known && r.Method == http.MethodOptions {
		w.Header().Set("Allow", allowed(methods))
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(http.StatusOK)
		return
	}
	if !known {
		refuseMethod(w, allowed(methods))
		return
	}
	body, err := readBody(r)
	if err != nil {
		s.writeError(w, err)
		return
	}
	query, _ := url.ParseQuery(r.URL.RawQuery) // what cannot be read is ignored, as Werkzeug does
	req := &request{Request: r, Service: s, query: query, body: body, vars: object{}}
	for _, name := range vars {
		req.vars[name] = r.PathValue(name)
	}
	resp, err := s.transact(req, h)
	if err != nil {
		s.writeError(w, err)
		return
	}
	write(w, resp)
}

// transact runs h under the lock that its method needs.
func (s *Service) transact(r *request, h handler) (*response, error) {
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		s.mu.RLock()
		defer s.mu.RUnlock()
	} else {
		s.mu.Lock()
		defer s.mu.Unlock()
	}
	r.auth = s.authenticate(r.Header.Get("X-Auth-Token"))
	resp, err := h(r)
	if err != nil || resp.body == nil {
		return resp, err
	}
	text, err := encode(resp.body)
	resp.raw = string(text)
	return resp, err
}

// readBody decodes the body, which must be a JSON object when there is one.
func readBody(r *http.Request) (object, error) {
	data, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil {
		return nil, expecting("valid JSON", "request body")
	}
	if len(data) > maxBody {
		return nil, &apiError{status: http.StatusRequestEntityTooLarge, message: "Request is too large."}
	}
	if len(data) == 0 {
		return object{}, nil
	}
	if !isJSON(r.Header.Get("Content-Type")) {
		return nil, expecting("application/json", "Content-Type header")
	}
	var body object
	if err := json.Unmarshal(data, &body); err != nil || body == nil {
		return nil, expecting("valid JSON", "request body")
	}
	return body, nil
}

func isJSON(contentType string) bool {
	if contentType == "" {
		return true
	}
	media, _, err := mime.ParseMediaType(contentType)
	return err == nil && (media == "application/json" ||
		strings.HasPrefix(media, "application/") && strings.HasSuffix(media, "+json"))
}

func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return b.Bytes(), err
}

// write sends resp, whose body is encoded by now.
func write(w http.ResponseWriter, resp *response) {
	for key, value := range resp.header {
		w.Header().Set(key, value)
	}
	if resp.status != http.StatusNoContent && w.Header().Get("Content-Type") == "" {
		w.Header().Set("Content-Type", "application/json")
	}
	w.WriteHeader(resp.status)
	_, _ = io.WriteString(w, resp.raw) // the client may be gone: nobody is left to be told
}

// writeError sends err in Keystone's format.
func (s *Service) writeError(w http.ResponseWriter, err error) {
	e, ok := errors.AsType[*apiError](err)
	if !ok {
		e = &apiError{
			status:  http.StatusInternalServerError,
			message: "An unexpected error prevented the server from fulfilling your request.",
		}
	}
	body := object{"code": e.status, "message": e.message, "title": http.StatusText(e.status)}
	if e.identity != nil {
		body["identity"] = e.identity
	}
	header := map[string]string{}
	if e.status == http.StatusUnauthorized {
		header["WWW-Authenticate"] = `Keystone uri="` + s.url("") + `"`
	}
	data, _ := encode(object{"error": body}) // strings and numbers always encode
	write(w, &response{status: e.status, raw: string(data), header: header})
}

// allowed lists methods for the Allow header.
func allowed(methods map[string]handler) string {
	names := append(slices.Collect(maps.Keys(methods)), http.MethodOptions)
	slices.Sort(names)
	return strings.Join(names, ", ")
}

// refuseMethod answers a method that the path does not have, as flask does.
func refuseMethod(w http.ResponseWriter, allowed string) {
	w.Header().Set("Allow", allowed)
	data, _ := encode(object{"message": "The method is not allowed for the requested URL."})
	write(w, &response{status: http.StatusMethodNotAllowed, raw: string(data)})
}

// refusePath answers a path that does not exist, as flask does.
func refusePath(w http.ResponseWriter) {
	const page = "<!doctype html>\n<html lang=en>\n<title>404 Not Found</title>\n<h1>Not Found</h1>\n" +
		"<p>The requested URL was not found on the server. If you entered the URL manually please check " +
		"your spelling and try again.</p>\n"
	write(w, &response{
		status: http.StatusNotFound,
		raw:    page,
		header: map[string]string{"Content-Type": "text/html; charset=utf-8"},
	})
}
