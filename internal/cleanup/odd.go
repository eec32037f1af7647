package cleanup

import (
	"context"
	"errors"
	"fmt"
	"net/http"
)

// Services by their official types.
const (
	blockStorage = "block-storage"
	compute      = "compute"
	identity     = "identity"
	imageService = "image"
	network      = "network"
	objectStore  = "object-store"
)

// ready says that nothing has to be done before a removal.
var ready = outcome{verdict: gone}

// prepare does what has to be done before a removal. An outcome other than ready ends this attempt.
func (c *cloudRemover) prepare(ctx context.Context, r *rights, t *Thing) outcome {
	switch {
	case t.removes(network, "routers"):
		return c.emptyRouter(ctx, r, t)
	case t.Type == "container" && t.removal.Service == objectStore:
		return c.emptyContainer(ctx, r, t)
	case t.removes(identity, "users"):
		return c.emptyUser(ctx, t)
	case t.removes(identity, "projects"):
		return c.emptyProject(ctx, t)
	case t.removes(identity, "domains"):
		return c.emptyDomain(ctx, r, t)
	}
	return ready
}

// afterRefusal does what may help after the cloud has refused to remove t, so that the next request is
// accepted. It returns o, or what has been found out beyond it.
func (c *cloudRemover) afterRefusal(ctx context.Context, r *rights, t *Thing, a answer, o outcome) outcome {
	var more []*Thing
	var err error
	switch {
	case t.removes(compute, "servers"):
		err = c.forceServer(ctx, r, t)
	case t.removes(blockStorage, "volumes"):
		more, err = c.freeVolume(ctx, r, t)
	case t.removes(blockStorage, "snapshots"), t.removes(blockStorage, "backups"),
		t.removes(blockStorage, "group_snapshots"):
		err = c.forceVolumeThing(ctx, r, t)
	case t.removes(imageService, "images") && a.status == http.StatusForbidden:
		return c.unprotect(ctx, r, t, o)
	case a.status == http.StatusForbidden && t.tries == 0 && t.immutable() != "":
		return c.makeMutable(ctx, r, t, o)
	case t.removes(network, "networks"), t.removes(network, "subnets"), t.removes(network, "ports"):
		more, err = c.freePorts(ctx, r, t)
	case t.removes(network, "routers"):
		err = c.act(ctx, r, t, http.MethodPut, "", `{"router":{"routes":[]}}`)
	case t.removes(compute, "os-aggregates"):
		err = c.emptyAggregate(ctx, r, t)
	case t.removes(identity, "projects"):
		more, err = c.children(ctx, r, t)
		if t.tries < forceful { // it is disabled now, if it is a domain
			o.verdict = busy
		}
	}
	o.more = more
	if len(more) > 0 {
		o.verdict = busy
	}
	if err != nil {
		o.reason = fmt.Errorf("%w; %w", o.reason, err)
	}
	return o
}

// act sends a request about t, to a path behind its own. The error says what the cloud has
// refused.
func (c *cloudRemover) act(ctx context.Context, r *rights, t *Thing, method, behind, body string) error {
	_, err := c.send(ctx, r, t.removal.Service, method, t.path()+behind, body, t.removal.Header)
	return err
}

// send makes a request that has to succeed.
func (c *cloudRemover) send(ctx context.Context, r *rights, service, method, path, body string,
	header map[string]string) (answer, error) {
	address, err := r.url(service, path)
	if err != nil {
		return answer{}, err
	}
	request := call{method: method, url: address, headers: header}
	if body != "" {
		request.body = raw(body)
	}
	a, err := r.do(ctx, request)
	if err != nil {
		return a, err
	}
	if !a.ok() {
		return a, fmt.Errorf("%s: %w", path, r.refusal(request, a))
	}
	return a, nil
}

// raw is JSON to be sent as it is.
type raw string

// MarshalJSON returns the text.
func (r raw) MarshalJSON() ([]byte, error) { return []byte(r), nil }

// get reads an object.
func (c *cloudRemover) get(ctx context.Context, r *rights, service, path string, into any) error {
	a, err := c.send(ctx, r, service, http.MethodGet, path, "", nil)
	if err != nil {
		return err
	}
	return a.decode(into)
}

// unprotect lifts the protection of an image. Whoever has asked for its removal has made it.
func (c *cloudRemover) unprotect(ctx context.Context, r *rights, t *Thing, o outcome) outcome {
	header := map[string]string{"Content-Type": "application/openstack-images-v2.1-json-patch"}
	_, err := c.send(ctx, r, t.removal.Service, http.MethodPatch, t.path(),
		`[{"op":"replace","path":"/protected","value":false}]`, header)
	if err != nil {
		o.reason = errors.Join(o.reason, err)
		return o
	}
	if t.tries > 0 { // it was not that
		return o
	}
	return outcome{verdict: busy, reason: o.reason}
}

// forceServer helps with a server that cannot be deleted in the state it is in.
func (c *cloudRemover) forceServer(ctx context.Context, r *rights, t *Thing) error {
	switch t.tries {
	case 0:
		return c.act(ctx, r, t, http.MethodPost, "/action", `{"unlock":null}`)
	case 1:
		return c.act(ctx, r, t, http.MethodPost, "/action", `{"os-resetState":{"state":"error"}}`)
	}
	return c.act(ctx, r, t, http.MethodPost, "/action", `{"forceDelete":null}`)
}

func (c *cloudRemover) emptyAggregate(ctx context.Context, r *rights, t *Thing) error {
	var doc struct {
		Aggregate struct{ Hosts []string }
	}
	if err := c.get(ctx, r, compute, t.path(), &doc); err != nil {
		return err
	}
	var errs []error
	for _, host := range doc.Aggregate.Hosts {
		errs = append(errs, c.act(ctx, r, t, http.MethodPost, "/action", fmt.Sprintf(`{"remove_host":{"host":%q}}`, host)))
	}
	return errors.Join(errs...)
}
