package swift

import (
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"
)

// controller answers the requests for one kind of path. Its methods are by
// name, as in "GET". Those of delayed decide themselves who may call them: they
// know more about what is asked for.
type controller struct {
	methods map[string]func(*request) *response
	delayed []string
}

// allow is the value of the Allow header of c.
func (c controller) allow() string {
	var names []string
	for _, name := range []string{"OPTIONS", "GET", "DELETE", "HEAD", "PUT", "POST"} {
		if c.methods[name] != nil {
			names = append(names, name)
		}
	}
	return strings.Join(names, ", ")
}

func validVersion(version string) bool { return version == "v1" || version == "v1.0" }

// proxy is the end of the pipeline: it finds the controller for the path and
// asks whether the caller may call it.
//
// Source: swift/proxy/server.py, 2.30.
func (s *Service) proxy(r *request) *response {
	if !validName(r.path, r.allowsReserved()) {
		return page(http.StatusPreconditionFailed, "Invalid UTF8 or contains NULL")
	}
	c, refused := s.controller(r)
	if refused != nil {
		return refused
	}
	method := c.methods[r.method]
	if method == nil {
		return fail(http.StatusMethodNotAllowed).with("Allow", c.allow())
	}
	if r.authorize == nil {
		return method(r)
	}
	refusal := r.authorize(r)
	if refusal != nil && !slices.Contains(c.delayed, r.method) {
		return refusal
	}
	if refusal != nil {
		return method(r)
	}
	// The decision has been made. Whoever comes next shall not ask again.
	authorize := r.authorize
	r.authorize = nil
	resp := method(r)
	r.authorize = authorize
	return resp
}

// controller returns what answers requests for the path of r, or the answer
// that there is no such path.
func (s *Service) controller(r *request) (controller, *response) {
	if r.path == "/info" {
		return s.infoController(), nil
	}
	p, ok := splitPath(r.path, 1, 4, true)
	if !ok {
		return controller{}, fail(http.StatusNotFound)
	}
	account, container, object := p[1], p[2], p[3]
	switch {
	case account != "" && !validVersion(p[0]):
		return controller{}, fail(http.StatusBadRequest)
	case account != "" && container != "" && object != "":
		return s.objectController(), nil
	case account != "" && container != "":
		return s.containerController(), nil
	case account != "" && object == "":
		return s.accountController(), nil
	}
	return controller{}, page(http.StatusPreconditionFailed, "Bad URL")
}

// validName reports whether text can name something.
func validName(text string, withReserved bool) bool {
	return text != "" && utf8.ValidString(text) && (withReserved || !strings.Contains(text, reserved))
}
