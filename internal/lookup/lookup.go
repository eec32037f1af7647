// Package lookup finds resources of the cloud by name or ID: where Python Tempest wants
// UUIDs, a configuration of tempest may name an image, a flavor or a network as its users do.
package lookup

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/gotempest/tempest/internal/lazyregexp"
)

// Resource is something in the cloud.
type Resource struct {
	Kind string // "image"
	ID   string
	Name string
}

// Clients returns the client of a service, by its official type.
type Clients func(serviceType string) (*gophercloud.ServiceClient, error)

// kind says how resources of one kind are found.
type kind struct {
	service string // type
	path    string // of the list, with the query that shows those of all projects
	list    string // key of the list in the answer
	object  string // key of the resource in the answer to GET path/ID; empty when the answer is it
	byName  bool   // the list can be narrowed by ?name=
	words   bool   // IDs may be any word, not only UUIDs
}

// kinds returns the kinds that can be found. It is a function, so that nobody can change the
// table.
func kinds() map[string]kind {
	return map[string]kind{
		"image":   {service: "image", path: "images", list: "images", byName: true},
		"flavor":  {service: "compute", path: "flavors?is_public=None", list: "flavors", object: "flavor", words: true},
		"network": {service: "network", path: "networks", list: "networks", object: "network", byName: true},
		"subnet":  {service: "network", path: "subnets", list: "subnets", object: "subnet", byName: true},
		"router":  {service: "network", path: "routers", list: "routers", object: "router", byName: true},
		"subnet_pool": {
			service: "network", path: "subnetpools", list: "subnetpools", object: "subnetpool", byName: true,
		},
		"security_group": {
			service: "network", path: "security-groups", list: "security_groups", object: "security_group", byName: true,
		},
		"volume_type": {
			service: "block-storage", path: "types?is_public=None", list: "volume_types", object: "volume_type",
		},
		"domain":  {service: "identity", path: "domains", list: "domains", object: "domain", byName: true, words: true},
		"project": {service: "identity", path: "projects", list: "projects", object: "project", byName: true},
		"user":    {service: "identity", path: "users", list: "users", object: "user", byName: true},
		"group":   {service: "identity", path: "groups", list: "groups", object: "group", byName: true},
		"role":    {service: "identity", path: "roles", list: "roles", object: "role", byName: true},
	}
}

// Kinds returns the kinds of resources that [Find] knows, sorted.
func Kinds() []string {
	var names []string
	for name := range kinds() {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Service returns the type of the service that has resources of a kind, "" for an unknown kind.
func Service(kindName string) string { return kinds()[kindName].service }

// A MissingError reports that the cloud has no such resource.
type MissingError struct {
	Kind, Wanted string
	Others       []string // names of some that it has
}

func (e *MissingError) Error() string {
	text := fmt.Sprintf("the cloud has no %s with the name or ID %q", words(e.Kind), e.Wanted)
	if len(e.Others) > 0 {
		text += "; it has " + strings.Join(e.Others, ", ")
	}
	return text
}

// An AmbiguousError reports that several resources have the name.
type AmbiguousError struct {
	Kind, Wanted string
	IDs          []string
}

func (e *AmbiguousError) Error() string {
	return fmt.Sprintf("%d %ss have the name %q: use one of their IDs, %s",
		len(e.IDs), words(e.Kind), e.Wanted, strings.Join(e.IDs, ", "))
}

func words(kindName string) string { return strings.ReplaceAll(kindName, "_", " ") }

// Find returns the resource of a kind that has this ID, or else this name. The error is a
// [*MissingError] when there is none and an [*AmbiguousError] when several have the name.
func Find(ctx context.Context, clients Clients, kindName, nameOrID string) (Resource, error) {
	k, ok := kinds()[kindName]
	if !ok {
		return Resource{}, fmt.Errorf("%q is no kind of resource: want one of %s", kindName, strings.Join(Kinds(), ", "))
	}
	if nameOrID == "" {
		return Resource{}, fmt.Errorf("finding a %s: no name and no ID is given", words(kindName))
	}
	c, err := clients(k.service)
	if err != nil {
		return Resource{}, fmt.Errorf("finding the %s %q: %w", words(kindName), nameOrID, err)
	}
	f := finder{client: c, kind: k, name: kindName}
	r, err := f.find(ctx, nameOrID)
	if err != nil {
		return Resource{}, err
	}
	return r, nil
}

// finder finds resources of one kind.
type finder struct {
	client *gophercloud.ServiceClient
	kind   kind
	name   string
}

var (
	uuid = lazyregexp.New(`^[0-9a-fA-F]{8}-?([0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}$`)
	word = lazyregexp.New(`^[A-Za-z0-9_.-]+$`)
)

func (f finder) find(ctx context.Context, nameOrID string) (Resource, error) {
	if uuid().MatchString(nameOrID) || f.kind.words && word().MatchString(nameOrID) {
		r, found, err := f.get(ctx, nameOrID)
		if found || err != nil {
			return r, err
		}
	}
	all, err := f.named(ctx, nameOrID)
	if err != nil {
		return Resource{}, err
	}
	var ids []string
	for _, r := range all {
		if r.Name == nameOrID {
			ids = append(ids, r.ID)
		}
	}
	switch len(ids) {
	case 0:
		return Resource{}, f.missing(ctx, nameOrID)
	case 1:
		return Resource{f.name, ids[0], nameOrID}, nil
	}
	slices.Sort(ids)
	return Resource{}, &AmbiguousError{f.name, nameOrID, ids}
}

// get asks for one by its ID.
func (f finder) get(ctx context.Context, id string) (r Resource, found bool, err error) {
	path, _, _ := strings.Cut(f.kind.path, "?")
	raw, err := f.send(ctx, f.client.ServiceURL(path, url.PathEscape(id)))
	if gophercloud.ResponseCodeIs(err, http.StatusNotFound) || gophercloud.ResponseCodeIs(err, http.StatusBadRequest) {
		return Resource{}, false, nil
	}
	if err != nil {
		return Resource{}, false, f.failed(id, err)
	}
	if f.kind.object != "" {
		raw, _ = raw[f.kind.object].(map[string]any)
	}
	r = f.resource(raw)
	return r, r.ID != "", nil
}

func (f finder) resource(raw map[string]any) Resource {
	id, _ := raw["id"].(string)
	name, _ := raw["name"].(string)
	return Resource{f.name, id, name}
}

// named lists those that have the name and, where the service cannot tell, all.
func (f finder) named(ctx context.Context, name string) ([]Resource, error) {
	query := url.Values{}
	if f.kind.byName {
		query.Set("name", name)
	}
	all, err := f.list(ctx, query, mostPages)
	if err != nil {
		return nil, f.failed(name, err)
	}
	return all, nil
}

// mostOthers is how many names a message lists of those that there are.
const mostOthers = 8

func (f finder) missing(ctx context.Context, wanted string) error {
	e := &MissingError{Kind: f.name, Wanted: wanted}
	all, err := f.list(ctx, nil, 1)
	if err != nil {
		return e //nolint:nilerr // the list is only a help
	}
	for _, r := range all {
		if r.Name != "" && !slices.Contains(e.Others, r.Name) {
			e.Others = append(e.Others, r.Name)
		}
	}
	slices.Sort(e.Others)
	if len(e.Others) > mostOthers {
		e.Others = append(e.Others[:mostOthers], "…")
	}
	return e
}

func (f finder) failed(wanted string, err error) error {
	return fmt.Errorf("finding the %s %q: %w", words(f.name), wanted, err)
}

// mostPages is more pages than a list of one cloud has: a service that points back to the first
// page does not keep us for ever.
const mostPages = 1000

// list reads the pages of a list.
func (f finder) list(ctx context.Context, query url.Values, pages int) ([]Resource, error) {
	next := f.client.ServiceURL(f.kind.path)
	if len(query) > 0 {
		sep := "?"
		if strings.Contains(next, "?") {
			sep = "&"
		}
		next += sep + query.Encode()
	}
	var all []Resource
	for range pages {
		raw, err := f.send(ctx, next)
		if err != nil {
			return nil, err
		}
		items, ok := raw[f.kind.list].([]any)
		if !ok {
			return nil, fmt.Errorf("the answer to GET %s has no list %s", next, f.kind.list)
		}
		for _, item := range items {
			if object, ok := item.(map[string]any); ok {
				all = append(all, f.resource(object))
			}
		}
		link := nextPage(raw, f.kind.list)
		if link == "" || len(items) == 0 {
			break
		}
		if next, err = resolve(next, link); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// nextPage returns the link to the next page, in the three forms that services give it.
func nextPage(raw map[string]any, list string) string {
	if next, ok := raw["next"].(string); ok {
		return next
	}
	if links, ok := raw["links"].(map[string]any); ok {
		next, _ := links["next"].(string)
		return next
	}
	links, _ := raw[list+"_links"].([]any)
	for _, l := range links {
		if link, ok := l.(map[string]any); ok && link["rel"] == "next" {
			next, _ := link["href"].(string)
			return next
		}
	}
	return ""
}

// resolve returns the page that link asks for, at the place of base: behind a proxy the host and the
// path of links lead nowhere.
func resolve(base, link string) (string, error) {
	b, err := url.Parse(base)
	if err != nil {
		return "", err
	}
	l, err := url.Parse(link)
	if err != nil {
		return "", err
	}
	b.RawQuery = l.RawQuery
	return b.String(), nil
}

func (f finder) send(ctx context.Context, at string) (map[string]any, error) {
	resp, err := f.client.Get(ctx, at, nil, &gophercloud.RequestOpts{KeepResponseBody: true})
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	var raw map[string]any
	if err := json.NewDecoder(resp.Body).Decode(&raw); err != nil {
		return nil, fmt.Errorf("the answer to GET %s is no JSON object: %w", at, err)
	}
	return raw, nil
}
