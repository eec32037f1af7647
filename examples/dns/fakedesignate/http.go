package fakedesignate

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/google/uuid"
)

// maxBody is the most of a body that is read, in bytes.
const maxBody = 1 << 20

// A handler answers one call, with a status and a body, or with an error that is a [*problem].
type handler func(*call) (status int, body any, err error)

// A problem is an error as the API tells it.
type problem struct {
	status  int
	kind    string // "zone_not_found"
	message string
}

func (p *problem) Error() string { return p.message }

// Problems that are the same everywhere.
var (
	errForbidden = &problem{http.StatusForbidden, "forbidden", "Forbidden"}
	errNoZone    = &problem{http.StatusNotFound, "zone_not_found", "Could not find Zone"}
	errNoRecords = &problem{http.StatusNotFound, "recordset_not_found", "Could not find RecordSet"}
)

func invalid(message string) *problem {
	return &problem{http.StatusBadRequest, "invalid_object", message}
}

// serve makes of a handler what net/http wants. Calls are answered one by one.
func (s *Server) serve(h handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		id := "req-" + uuid.NewString()
		w.Header().Set("X-Openstack-Request-Id", id)
		who, err := s.authenticate(r)
		if err != nil {
			write(w, http.StatusUnauthorized, map[string]any{"error": map[string]any{
				"code": http.StatusUnauthorized, "title": "Unauthorized",
				"message": "The request you have made requires authentication.",
			}})
			return
		}
		c := &call{Request: r, Caller: who, all: strings.EqualFold(r.Header.Get("X-Auth-All-Projects"), "true")}
		s.mu.Lock()
		defer s.mu.Unlock()
		var status int
		var body any
		if err = nil; c.all && !c.is("admin") {
			err = errForbidden
		} else {
			status, body, err = h(c)
		}
		if p, ok := errors.AsType[*problem](err); ok {
			status = p.status
			body = map[string]any{"code": p.status, "type": p.kind, "message": p.message, "request_id": id}
		}
		write(w, status, body)
	}
}

func write(w http.ResponseWriter, status int, body any) {
	if body == nil {
		w.WriteHeader(status)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // the client may be gone
}

// decode reads the body of a call, which may have the fields of into and no others.
func (c *call) decode(into any) error {
	d := json.NewDecoder(io.LimitReader(c.Body, maxBody))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return invalid("Provided object does not match schema: " + err.Error())
	}
	return nil
}

// self is the address of what a call is about, or of something below it.
func (c *call) self(below ...string) map[string]string {
	path := strings.TrimSuffix(c.URL.Path, "/")
	return map[string]string{"self": "http://" + c.Host + strings.Join(append([]string{path}, below...), "/")}
}
