package fakebarbican

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
)

type container struct {
	target
	id        string
	name      any // string or nil
	kind      string
	created   time.Time
	refs      []secretRef
	consumers []consumer
}

type secretRef struct {
	name     any // string or nil
	secretID string
}

type consumer struct {
	name, url string
	created   time.Time
}

func containerSchema() schema {
	return schema{
		name: "Container",
		properties: map[string]property{
			"name":        {kind: "string", null: true, length: 255},
			"type":        {kind: "string", enum: []string{"generic", "rsa", "certificate"}},
			"secret_refs": {kind: "array"},
		},
		required: []string{"type"},
	}
}

func refSchema(name, within string) schema {
	return schema{
		name:   name,
		within: within,
		properties: map[string]property{
			"name":       {kind: "string", null: true, length: 255},
			"secret_ref": {kind: "string", nonEmpty: true},
		},
		required: []string{"secret_ref"},
	}
}

func (s *Server) containerList() resource {
	return resource{
		otherMethods:    {},
		http.MethodGet:  {title: "Containers(s) retrieval", allow: member, do: s.listContainers},
		http.MethodPost: {title: "Container creation", allow: member, types: []string{jsonType}, do: s.createContainer},
	}
}

// findContainer finds the container with an id, and below it what rest names.
func (s *Server) findContainer(c *call, id string, rest []string) (resource, error) {
	if !isUUID(id) {
		return nil, fail(http.StatusNotFound, "Not Found. Provided container id is invalid.")
	}
	box := s.containers[id]
	if box == nil {
		return nil, fail(http.StatusNotFound, "Secrets container not found.")
	}
	c.container = box
	switch strings.Join(rest, "/") {
	case "":
		return s.oneContainer(), nil
	case "secrets":
		return resource{
			http.MethodPost: {title: "Container Secret creation", allow: writer,
				types: []string{jsonType}, do: s.addRef},
			http.MethodDelete: {title: "Container Secret deletion", allow: writer, anyAccept: true, do: s.removeRef},
		}, nil
	case "consumers":
		return s.consumers(), nil
	case "acl":
		return s.acls("ContainerACL(s)", "containers/"+id, &box.acl), nil
	}
	return nil, &problem{status: http.StatusNotFound}
}

func (s *Server) oneContainer() resource {
	return resource{
		otherMethods: {},
		http.MethodGet: {title: "Container retrieval", allow: reader, do: func(c *call) (reply, error) {
			return reply{body: c.describeContainer(c.container)}, nil
		}},
		http.MethodDelete: {title: "Container deletion", allow: writer, anyAccept: true,
			do: func(c *call) (reply, error) {
				delete(s.containers, c.container.id)
				return reply{status: http.StatusNoContent}, nil
			}},
	}
}

func (s *Server) createContainer(c *call) (reply, error) {
	m, err := c.object(containerSchema())
	if err != nil {
		return reply{}, err
	}
	list, _ := m["secret_refs"].([]any)
	refs, err := s.secretRefs(c, text(m, "type"), list)
	if err != nil {
		return reply{}, err
	}
	box := &container{
		target: target{projectID: c.caller.ProjectID, creatorID: c.caller.UserID},
		id:     uuid.NewString(), name: m["name"], kind: text(m, "type"),
		created: s.now(), refs: refs,
	}
	s.containers[box.id] = box
	ref := c.ref("containers/" + box.id)
	return reply{status: http.StatusCreated, location: ref, body: map[string]any{"container_ref": ref}}, nil
}

// secretRefs reads the references of a new container.
func (s *Server) secretRefs(c *call, kind string, list []any) ([]secretRef, error) {
	var refs []secretRef
	names, ids := map[string]bool{}, map[string]bool{}
	for _, item := range list {
		m, ok := item.(map[string]any)
		if !ok {
			return nil, mismatch("Container", "secret_refs", "%s is not of type 'object'", python(item))
		}
		if err := refSchema("Container", "secret_refs").check(m); err != nil {
			return nil, err
		}
		refs = append(refs, secretRef{name: m["name"], secretID: refID(text(m, "secret_ref"))})
		names[text(m, "name")], ids[refID(text(m, "secret_ref"))] = true, true
		if !strings.HasPrefix(text(m, "secret_ref"), c.base) {
			return nil, fail(http.StatusBadRequest, "Provided field value is not supported")
		}
	}
	switch {
	case len(names) < len(refs):
		return nil, mismatch("Container", "secret_refs", "Duplicate reference names are not allowed")
	case len(ids) < len(refs):
		return nil, mismatch("Container", "secret_refs", "Duplicate secret ids are not allowed")
	}
	if len(refs) > 0 {
		if err := checkNames(kind, names); err != nil {
			return nil, err
		}
	}
	for _, r := range refs {
		if !s.has(c, r.secretID) {
			return nil, fail(http.StatusNotFound, "Secret provided for '%v' doesn't exist.", r.name)
		}
	}
	return refs, nil
}

// checkNames holds the names of the references against the container's type.
func checkNames(kind string, names map[string]bool) error {
	var required, optional []string
	var allowed, missing string
	switch kind {
	case "rsa":
		required, optional = []string{"public_key", "private_key"}, []string{"private_key_passphrase"}
		allowed = "only 'private_key', 'public_key' and 'private_key_passphrase' reference names are allowed" +
			" for RSA type"
		missing = "The minimum required reference names are 'public_key' and'private_key' for RSA type"
	case "certificate":
		required = []string{"certificate"}
		optional = []string{"private_key", "private_key_passphrase", "intermediates"}
		allowed = "only 'private_key', 'certificate' , 'private_key_passphrase',  or 'intermediates'" +
			" reference names are allowed for Certificate type"
		missing = "The minimum required reference name is 'certificate' for Certificate type"
	default:
		return nil
	}
	for name := range names {
		if !slices.Contains(required, name) && !slices.Contains(optional, name) {
			return mismatch("Container", "secret_refs", "%s", allowed)
		}
	}
	for _, name := range required {
		if !names[name] {
			return mismatch("Container", "secret_refs", "%s", missing)
		}
	}
	return nil
}

// has tells whether the caller's project has a secret with that id.
func (s *Server) has(c *call, id string) bool {
	x := s.secrets[id]
	return x != nil && x.projectID == c.caller.ProjectID && !x.expired(s.now())
}

// refID returns the id at the end of a reference.
func refID(ref string) string {
	ref = strings.TrimSuffix(ref, "/")
	return ref[strings.LastIndexByte(ref, '/')+1:]
}

// addRef puts an existing secret into an existing container.
func (s *Server) addRef(c *call) (reply, error) {
	if c.container.kind != "generic" {
		return reply{}, fail(http.StatusBadRequest, "Only 'generic' containers can be modified.")
	}
	m, err := c.object(refSchema("ContainerSecret", ""))
	if err != nil {
		return reply{}, err
	}
	r := secretRef{name: m["name"], secretID: refID(text(m, "secret_ref"))}
	switch {
	case !s.has(c, r.secretID):
		return reply{}, fail(http.StatusNotFound, "Secret provided doesn't exist.")
	case slices.Contains(c.container.refs, r):
		return reply{}, fail(http.StatusConflict, "Conflict. A secret with that name and ID is already stored in "+
			"this container. The same secret can exist in a container as long as the name is unique.")
	}
	c.container.refs = append(c.container.refs, r)
	ref := c.ref("containers/" + c.container.id)
	return reply{status: http.StatusCreated, location: ref, body: map[string]any{"container_ref": ref}}, nil
}

func (s *Server) removeRef(c *call) (reply, error) {
	m, err := c.object(refSchema("ContainerSecret", ""))
	if err != nil {
		return reply{}, err
	}
	r := secretRef{name: m["name"], secretID: refID(text(m, "secret_ref"))}
	if !s.has(c, r.secretID) {
		return reply{}, fail(http.StatusNotFound, "Secret '%v' with reference '%s' doesn't exist.",
			r.name, text(m, "secret_ref"))
	}
	at := slices.Index(c.container.refs, r)
	if at < 0 {
		return reply{}, fail(http.StatusNotFound, "Secret provided is not in the container")
	}
	c.container.refs = slices.Delete(c.container.refs, at, at+1)
	return reply{status: http.StatusNoContent}, nil
}

func (s *Server) listContainers(c *call) (reply, error) {
	q := c.URL.Query()
	all := []map[string]any{}
	for _, box := range slices.SortedFunc(maps.Values(s.containers), byCreation) {
		if box.projectID == c.caller.ProjectID && like(box.name, q.Get("name")) &&
			(q.Get("type") == "" || q.Get("type") == box.kind) {
			all = append(all, c.describeContainer(box))
		}
	}
	return c.page("containers", "containers", all), nil
}

func byCreation(a, b *container) int {
	if n := a.created.Compare(b.created); n != 0 {
		return n
	}
	return strings.Compare(a.id, b.id)
}

func (c *call) describeContainer(box *container) map[string]any {
	refs, consumers := []map[string]any{}, []map[string]any{}
	for _, r := range box.refs {
		refs = append(refs, map[string]any{"name": r.name, "secret_ref": c.ref("secrets/" + r.secretID)})
	}
	for _, x := range box.consumers {
		consumers = append(consumers, map[string]any{"name": x.name, "URL": x.url})
	}
	created := box.created.Format(isoTime)
	return map[string]any{
		"created": created, "updated": created, "status": "ACTIVE",
		"name": box.name, "type": box.kind, "creator_id": box.creatorID,
		"secret_refs": refs, "consumers": consumers, "container_ref": c.ref("containers/" + box.id),
	}
}

// consumers of a container: who has said that it uses it.
func (s *Server) consumers() resource {
	return resource{
		http.MethodGet: {title: "ContainerConsumers(s) retrieval", allow: reader, do: s.listConsumers},
		http.MethodPost: {title: "ContainerConsumer creation", allow: reader, types: []string{jsonType},
			do: s.addConsumer},
		http.MethodDelete: {title: "ContainerConsumer deletion", allow: reader, types: []string{jsonType},
			do: s.removeConsumer},
	}
}

func (s *Server) listConsumers(c *call) (reply, error) {
	all := []map[string]any{}
	for _, x := range c.container.consumers {
		created := x.created.Format(isoTime)
		all = append(all, map[string]any{
			"created": created, "updated": created, "status": "ACTIVE", "name": x.name, "URL": x.url,
		})
	}
	return c.page("consumers", "containers/"+c.container.id+"/consumers", all), nil
}

// consumer reads one from the body, and finds it in the container.
func (c *call) consumer() (consumer, int, error) {
	m, err := c.object(schema{
		name: "Consumer",
		properties: map[string]property{
			"name": {kind: "string", length: 36, nonEmpty: true},
			"URL":  {kind: "string", length: 255, nonEmpty: true},
		},
		required: []string{"name", "URL"},
	})
	if err != nil {
		return consumer{}, 0, err
	}
	x := consumer{name: text(m, "name"), url: text(m, "URL")}
	at := slices.IndexFunc(c.container.consumers, func(y consumer) bool { return y.name == x.name && y.url == x.url })
	return x, at, nil
}

func (s *Server) addConsumer(c *call) (reply, error) {
	x, at, err := c.consumer()
	if err != nil {
		return reply{}, err
	}
	if at < 0 {
		x.created = s.now()
		c.container.consumers = append(c.container.consumers, x)
	}
	// Barbican's own Location leads nowhere either.
	return reply{
		location: c.ref("consumers/" + c.container.id + "/consumers"),
		body:     c.describeContainer(c.container),
	}, nil
}

func (s *Server) removeConsumer(c *call) (reply, error) {
	_, at, err := c.consumer()
	if err != nil {
		return reply{}, err
	}
	if at < 0 {
		return reply{}, fail(http.StatusNotFound, "Consumer not found.")
	}
	c.container.consumers = slices.Delete(c.container.consumers, at, at+1)
	return reply{body: c.describeContainer(c.container)}, nil
}
