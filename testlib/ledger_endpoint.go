package testlib

import (
	"crypto/sha256"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/tokens"

	"github.com/gotempest/tempest/internal/cloud"
	"github.com/gotempest/tempest/internal/resource"
)

// endpoints knows which service a URL belongs to, from the catalogues that were seen.
type endpoints struct {
	mu       sync.RWMutex
	services map[string]string    // official type of the service at a URL without a slash at its end
	where    map[string][2]string // region and interface of such a URL
	seen     map[*tokens.ServiceCatalog]bool
}

// learn takes a catalogue in.
func (n *endpoints) learn(c *tokens.ServiceCatalog) {
	if c == nil {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.seen[c] {
		return
	}
	if n.seen == nil {
		n.seen = map[*tokens.ServiceCatalog]bool{}
	}
	n.seen[c] = true
	for _, service := range c.Entries {
		for _, e := range service.Endpoints {
			n.add(e, service.Type)
		}
	}
}

// add takes one endpoint in. The caller holds the lock.
func (n *endpoints) add(e tokens.Endpoint, serviceType string) {
	if n.services == nil {
		n.services, n.where = map[string]string{}, map[string][2]string{}
	}
	if at := strings.TrimRight(e.URL, "/"); at != "" {
		n.services[at] = cloud.ServiceType(serviceType)
		n.where[at] = [2]string{e.RegionID, e.Interface}
	}
}

// find returns the service of a URL, and what stands in the URL behind its endpoint and version. ok is false
// when no catalogue lists it.
func (n *endpoints) find(u *url.URL) (service, path string, ok bool) {
	full := plainURL(u)
	bare, _, _ := strings.Cut(full, "?")
	n.mu.RLock()
	defer n.mu.RUnlock()
	for at := bare; ; {
		if s, known := n.services[at]; known {
			path, ok = resource.Split(at, s, full)
			return s, path, ok
		}
		i := strings.LastIndexByte(at, '/')
		if i < 0 {
			return "", "", false
		}
		at = at[:i]
	}
}

// plainURL returns a URL without user and fragment.
func plainURL(u *url.URL) string {
	c := *u
	c.User, c.Fragment, c.RawFragment = nil, "", ""
	return c.String()
}

// locate returns the service of a URL and the path behind its endpoint. The catalogues of those who may call are
// looked at when none that was seen before has it. Without any, the service is "" and the path that of the URL.
func (b *books) locate(e *Env, u *url.URL) (service, path string) {
	if service, path, ok := b.endpoints.find(u); ok {
		return service, path
	}
	b.learnAll(e)
	if service, path, ok := b.endpoints.find(u); ok {
		return service, path
	}
	return "", u.RequestURI()
}

// learnAll takes in the catalogues of the accounts of a test, and where the identity service is.
func (b *books) learnAll(e *Env) {
	for at := e; at != nil; at = at.parent {
		for _, a := range at.users {
			if saved := a.saved.Load(); saved != nil {
				b.endpoints.learn(saved.Catalog)
			}
		}
	}
	b.endpoints.mu.Lock()
	defer b.endpoints.mu.Unlock()
	b.endpoints.add(tokens.Endpoint{URL: b.session.Cloud.Auth.IdentityEndpoint}, cloud.Identity)
}

// whose returns who sends a request.
func (b *books) whose(e *Env, who string, r *http.Request) owner {
	token := r.Header.Get("X-Auth-Token")
	b.mu.Lock()
	o, ok := b.owners[sha256.Sum256([]byte(token))]
	b.mu.Unlock()
	if ok {
		return o
	}
	if a := e.find(Persona(who)); a != nil {
		return owner{a.UserID, a.ProjectID}
	}
	for at := e; at != nil && token != ""; at = at.parent {
		for _, a := range at.users {
			if a.token() == token {
				return owner{a.UserID, a.ProjectID}
			}
		}
	}
	return owner{}
}

// learnToken takes in the answer to a login.
func (b *books) learnToken(h http.Header, body []byte) {
	token := h.Get("X-Subject-Token")
	var answer struct {
		Token struct {
			User    struct{ ID string }   `json:"user"`
			Project struct{ ID string }   `json:"project"`
			Catalog []tokens.CatalogEntry `json:"catalog"`
		} `json:"token"`
	}
	if token == "" || json.Unmarshal(body, &answer) != nil {
		return
	}
	b.mu.Lock()
	b.owners[sha256.Sum256([]byte(token))] = owner{answer.Token.User.ID, answer.Token.Project.ID}
	b.mu.Unlock()
	b.endpoints.mu.Lock()
	defer b.endpoints.mu.Unlock()
	for _, service := range answer.Token.Catalog {
		for _, e := range service.Endpoints {
			b.endpoints.add(e, service.Type)
		}
	}
}

// of returns an endpoint of a service, "" for an unknown one: one in the region and of the interface that
// are asked for, if it was seen. Where endpoints name projects, it is that of the project.
func (n *endpoints) of(service string, eo gophercloud.EndpointOpts, project string) string {
	eo.ApplyDefaults(service)
	n.mu.RLock()
	defer n.mu.RUnlock()
	best, most := "", -1
	for at, s := range n.services {
		if s != service {
			continue
		}
		fits := 0
		if project != "" && strings.Contains(at, project) {
			fits += 4
		}
		if where := n.where[at]; where[1] == string(eo.Availability) {
			fits += 2
		}
		if eo.Region == "" || n.where[at][0] == eo.Region {
			fits++
		}
		if fits > most || fits == most && at < best {
			best, most = at, fits
		}
	}
	return best
}
