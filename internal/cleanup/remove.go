package cleanup

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"strings"

	"github.com/gotempest/tempest/internal/resource"
)

// cloudRemover removes things from a cloud.
type cloudRemover struct {
	access *access
	table  *resource.Table
	find   *finder
	shared
}

// remove asks for the removal of t, with what has to be done before it.
func (c *cloudRemover) remove(ctx context.Context, t *Thing) outcome {
	r, err := c.rightsFor(ctx, t)
	if err != nil {
		return outcome{verdict: refused, reason: err}
	}
	if err := c.protect(t); err != nil {
		return outcome{verdict: refused, reason: err}
	}
	if o := c.prepare(ctx, r, t); o.verdict != gone || len(o.more) > 0 {
		return o
	}
	request, err := c.request(r, t)
	if err != nil {
		return outcome{verdict: refused, reason: err}
	}
	if f := t.first; f != nil {
		a, err := c.send(ctx, r, f.Service, f.Method, f.Path, f.Body, nil)
		if err != nil && a.status != http.StatusNotFound { // the removal tells
			return outcome{verdict: busy, reason: err}
		}
	}
	a, err := r.do(ctx, request)
	if err != nil {
		return outcome{verdict: busy, reason: err}
	}
	o := judge(t, a)
	if o.verdict == gone || o.verdict == going {
		return o
	}
	o.reason = r.refusal(request, a)
	return c.afterRefusal(ctx, r, t, a, o)
}

// protect refuses to remove what the administrator needs.
func (c *cloudRemover) protect(t *Thing) error {
	if c.access.admin == nil || t.removal.Service != identity {
		return nil
	}
	for _, own := range []string{c.access.userID, c.access.admin.project, c.access.domain} {
		if own != "" && t.ID == own {
			return errors.New("it is the administrator's own: tempest does not remove it")
		}
	}
	return nil
}

// judge says what the answer to a removal means.
func judge(t *Thing, a answer) outcome {
	switch {
	case a.status == http.StatusNotFound, a.status == http.StatusGone:
		return outcome{verdict: gone}
	case a.ok() && (t.async || a.status == http.StatusAccepted):
		return outcome{verdict: going}
	case a.ok():
		return outcome{verdict: gone}
	case a.status >= http.StatusInternalServerError:
		return outcome{verdict: busy}
	}
	switch a.status {
	case http.StatusBadRequest, http.StatusConflict, http.StatusLocked, http.StatusTooManyRequests,
		http.StatusRequestTimeout, http.StatusPreconditionFailed:
		return outcome{verdict: busy} // the block storage service says 400 of what is in use
	}
	return outcome{verdict: refused}
}

// look says what has become of t since its removal was accepted.
func (c *cloudRemover) look(ctx context.Context, t *Thing) outcome {
	r, err := c.rightsFor(ctx, t)
	if err != nil {
		return outcome{verdict: busy, reason: err}
	}
	url, err := c.checkURL(r, t)
	if err != nil {
		return outcome{verdict: refused, reason: err}
	}
	a, err := r.do(ctx, call{method: http.MethodGet, url: url, headers: c.headers(r, t)})
	switch {
	case err != nil, a.status == http.StatusTooManyRequests, a.status >= http.StatusInternalServerError:
		return outcome{verdict: going} // until the time is over
	case a.status == http.StatusNotFound, a.status == http.StatusGone:
		return outcome{verdict: gone}
	case !a.ok() && t.async:
		return outcome{verdict: busy, reason: fmt.Errorf("looking whether it is gone: GET was answered %d", a.status)}
	case !a.ok(): // it cannot be looked at: the answer to the removal has to do
		return outcome{verdict: gone}
	}
	if t.checkKey != "" && emptyMember(a.body, t.checkKey) {
		return outcome{verdict: gone}
	}
	return c.judgeState(t, state(a.body))
}

// judgeState says what the state of something that is being removed means.
func (c *cloudRemover) judgeState(t *Thing, s string) outcome {
	switch strings.ToLower(s) {
	case "deleted", "pending_delete":
		return outcome{verdict: gone}
	case "error", "error_deleting", "soft_deleted", "soft-delete", "delete_failed", "deletefailed", "resize_error":
		if t.tries <= forceful {
			return outcome{verdict: busy, reason: fmt.Errorf("its removal was accepted, and left it in state %s", s)}
		}
	}
	return outcome{verdict: going}
}

// emptyMember reports whether a member of an object is missing or holds nothing.
func emptyMember(body []byte, key string) bool {
	var doc map[string]json.RawMessage
	if json.Unmarshal(body, &doc) != nil {
		return false
	}
	switch strings.Join(strings.Fields(string(doc[key])), "") {
	case "", "{}", "[]", "null", `""`:
		return true
	}
	return false
}

// forceful is after how many requests for removal nothing is left to try.
const forceful = 3

// state finds the state of a resource in the answer that shows it.
func state(body []byte) string {
	var doc map[string]json.RawMessage
	if json.Unmarshal(body, &doc) != nil {
		return ""
	}
	if len(doc) == 1 {
		for _, inner := range doc {
			doc = nil
			if json.Unmarshal(inner, &doc) != nil {
				return ""
			}
			break
		}
	}
	for _, key := range []string{"status", "stack_status", "provisioning_status"} {
		var s string
		if json.Unmarshal(doc[key], &s) == nil && s != "" {
			return s
		}
	}
	return ""
}

// rightsFor returns the rights with which t can be removed.
func (c *cloudRemover) rightsFor(ctx context.Context, t *Thing) (*rights, error) {
	a := c.access
	if t.removal.Service == identity && a.admin != nil { // projects of the identity service are the administrator's
		return a.admin, nil
	}
	own := t.scoped || !c.known(t.removal.Service)
	switch {
	case a.admin == nil:
		return a.in(ctx, t.Project)
	case !own || t.Project == "":
		return a.admin, nil
	}
	r, err := a.in(ctx, t.Project)
	if errors.Is(err, errNoProject) {
		if t.scoped {
			return nil, fmt.Errorf("%w, and only a token of it could remove this", err)
		}
		return a.admin, nil
	}
	return r, err
}

// known reports whether the table has types of a service. Of another it is not known what an administrator
// may do with things of other projects.
func (c *cloudRemover) known(service string) bool {
	for _, t := range c.table.Types() {
		if t.Service == service {
			return true
		}
	}
	return false
}

// request is the one that removes t.
func (c *cloudRemover) request(r *rights, t *Thing) (call, error) {
	out := call{method: t.removal.Method, headers: c.headers(r, t)}
	if out.method == "" {
		out.method = http.MethodDelete
	}
	if t.removal.Body != "" {
		out.body = json.RawMessage(t.removal.Body)
	}
	var err error
	out.url, err = c.url(r, t, t.removal.Path)
	return out, err
}

// headers are those of the removal.
func (c *cloudRemover) headers(r *rights, t *Thing) map[string]string {
	h := maps.Clone(t.removal.Header)
	if r == c.access.admin && t.removal.AdminHeader != nil {
		if h == nil {
			h = map[string]string{}
		}
		maps.Copy(h, t.removal.AdminHeader)
	}
	return h
}

// url is the address of a path for these rights, which differs from that for who made t: the block
// storage service has the project in it.
func (c *cloudRemover) url(r *rights, t *Thing, path string) (string, error) {
	if t.removal.Service == "" || path == "" {
		return t.url, nil
	}
	return r.url(t.removal.Service, path)
}

func (c *cloudRemover) checkURL(r *rights, t *Thing) (string, error) {
	path := t.check
	if path == "" {
		path = t.path()
	}
	return c.url(r, t, path)
}
