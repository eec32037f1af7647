package swift

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/gotempest/tempest/testlib/embedded/keystone"
)

// request is one call on its way through the pipeline: of a client, or of a
// middleware (see [request.sub]). A middleware may change it.
type request struct {
	ctx     context.Context
	method  string
	path    string // unquoted, as in "/v1/AUTH_x/container/object"
	query   url.Values
	header  http.Header // keys are canonical
	body    io.Reader   // never nil
	length  int64       // of the body, in bytes; -1 when it is not known
	chunked bool        // the client did not say a length because it sends chunks
	host    string      // as the client called it, as in "127.0.0.1:8080"
	transID string

	remoteAddr string // of the client, with port

	// authorize says whether the request may go on: the answer that refuses
	// it, or nil. [keystoneAuth] sets it. A controller calls [request.check],
	// with acl set to what the container says. Nil lets everything pass.
	authorize func(*request) *response
	acl       string

	// authorized is set by a middleware in front of [keystoneAuth] that has
	// decided itself, and has set authorize.
	authorized bool

	user     *keystone.TokenInfo // whose token it has; nil for none
	remote   bool                // somebody is known to call: what is refused is 403, not 401
	typed    bool                // a middleware has set the content type, swift_bytes and all
	owner    bool                // the caller owns the account; set by authorize
	reseller bool                // the caller may touch every account, and made this very request
	source   string              // the middleware that made the request; empty for a client's
	method0  string              // the method of the client, where a middleware has changed it
}

// newRequest reads r. Its body is read when somebody asks for it.
func newRequest(r *http.Request, transID string) *request {
	query, _ := url.ParseQuery(r.URL.RawQuery) // what cannot be read is ignored
	req := &request{
		ctx: r.Context(), method: r.Method, path: r.URL.Path, query: query, header: dashed(r.Header),
		body: r.Body, length: r.ContentLength, host: r.Host, transID: transID, method0: r.Method,
		remoteAddr: r.RemoteAddr,
	}
	req.chunked = len(r.TransferEncoding) > 0
	if req.length == 0 && r.Header.Get("Content-Length") == "" {
		req.length = -1
	}
	return req
}

// dashed returns h with dashes for the underscores in names: WSGI, which Swift is written for, does not tell one from
// the other.
func dashed(h http.Header) http.Header {
	for key, values := range h {
		if name := strings.ReplaceAll(key, "_", "-"); name != key {
			delete(h, key)
			h[http.CanonicalHeaderKey(name)] = values
		}
	}
	return h
}

// clone returns a copy of r whose headers and query can be changed. Both read
// the same body.
func (r *request) clone() *request {
	c := *r
	c.header = r.header.Clone()
	c.query = url.Values{}
	for key, values := range r.query {
		c.query[key] = append([]string(nil), values...)
	}
	return &c
}

// sub returns a request of the middleware called source on behalf of r: with
// the caller's rights, without query and body, and with only those headers that
// say who the caller is. Path is unquoted.
func (r *request) sub(method, path, source string) *request {
	c := *r
	c.method, c.path, c.source = method, path, source
	c.query = url.Values{}
	c.body, c.length, c.chunked = http.NoBody, 0, false
	c.header = http.Header{}
	for _, key := range []string{
		"X-Auth-Token", "X-Service-Token", "Referer", "Origin", "Access-Control-Request-Method", "User-Agent",
	} {
		if values := r.header[key]; len(values) > 0 {
			c.header[key] = values
		}
	}
	c.acl, c.owner, c.reseller = "", false, false // who checks the caller's rights finds out anew
	return &c
}

// preAuthorized is [request.sub] with the right to do everything.
func (r *request) preAuthorized(method, path, source string) *request {
	c := r.sub(method, path, source)
	c.authorize, c.authorized = nil, true
	return c
}

// withBody sets the body of r.
func (r *request) withBody(data []byte) *request {
	r.body, r.length, r.chunked = bytes.NewReader(data), int64(len(data)), false
	return r
}

// withQuery adds a parameter to r.
func (r *request) withQuery(key, value string) *request {
	r.query.Set(key, value)
	return r
}

// withHeader sets a header of r.
func (r *request) withHeader(key, value string) *request {
	r.header.Set(key, value)
	return r
}

// readBody reads the rest of the body. The answer is 499 when the client sent
// less than it said.
func (r *request) readBody() ([]byte, *response) {
	var b bytes.Buffer
	if r.length > 0 {
		b.Grow(int(min(r.length, maxGrow)))
	}
	_, err := io.Copy(&b, io.LimitReader(r.body, maxFileSize+1))
	switch {
	case b.Len() > maxFileSize:
		return nil, fail(http.StatusRequestEntityTooLarge)
	case err != nil || r.length > 0 && int64(b.Len()) < r.length:
		return nil, fail(statusClientDisconnect)
	}
	return b.Bytes(), nil
}

// maxGrow bounds how much memory is set aside for a body before it comes.
const maxGrow = 64 << 20

// splitPath splits a path into its parts, at least least and at most most of
// them; parts that are not there are empty. With rest the last part takes what
// is left, slashes too. It reports false for a path of another form.
func splitPath(path string, least, most int, rest bool) ([]string, bool) {
	segments := strings.SplitN(path, "/", most+1+extra(rest))
	if segments[0] != "" || len(segments) < least+1 {
		return nil, false
	}
	for _, s := range segments[1 : least+1] {
		if s == "" {
			return nil, false
		}
	}
	if len(segments) > most+1 {
		if segments[most+1] != "" {
			return nil, false
		}
		segments = segments[:most+1]
	}
	parts := make([]string, most)
	copy(parts, segments[1:])
	return parts, true
}

// extra is how many segments more are split off to see whether there are any.
func extra(rest bool) int {
	if rest {
		return 0
	}
	return 1
}

// parts returns what the path names. All are empty for a path that names
// nothing.
func (r *request) parts() (version, account, container, object string) {
	p, ok := splitPath(r.path, 1, 4, true)
	if !ok {
		return "", "", "", ""
	}
	return p[0], p[1], p[2], p[3]
}

// namesObject reports whether the path is that of an object.
func (r *request) namesObject() bool {
	p, ok := splitPath(r.path, 4, 4, true)
	return ok && p[3] != ""
}

// namesContainer reports whether the path is that of a container.
func (r *request) namesContainer() bool {
	p, ok := splitPath(r.path, 3, 3, false)
	return ok && p[2] != ""
}

// namesAccount reports whether the path is that of an account.
func (r *request) namesAccount() bool {
	_, ok := splitPath(r.path, 2, 2, false)
	return ok
}

// pathOf is the path of what is named. Parts that are empty at the end are left
// out.
func pathOf(version, account, container, object string) string {
	path := "/" + version + "/" + account
	if container != "" {
		path += "/" + container
	}
	if object != "" {
		path += "/" + object
	}
	return path
}

// param returns a parameter of the query, and whether it is there.
func (r *request) param(name string) (string, bool) {
	values, ok := r.query[name]
	if !ok || len(values) == 0 {
		return "", false
	}
	return values[len(values)-1], true // the last one counts
}

// check asks whether the caller may go on, with the access list given. It
// returns the answer that refuses the request, or nil.
func (r *request) check(acl string) *response {
	if r.authorize == nil {
		return nil
	}
	r.acl = acl
	return r.authorize(r)
}

// reads reports whether r only reads.
func (r *request) reads() bool { return r.method == http.MethodGet || r.method == http.MethodHead }

// allowsReserved reports whether r may name what is hidden from clients: names
// that hold [reserved].
func (r *request) allowsReserved() bool {
	return isTrue(r.header.Get("X-Backend-Allow-Reserved-Names"))
}

// reserved separates the parts of names that middlewares keep to themselves.
const reserved = "\x00"

// isTrue reports whether text is one of Swift's words for true.
func isTrue(text string) bool {
	switch strings.ToLower(text) {
	case "true", "1", "yes", "on", "t", "y":
		return true
	}
	return false
}
