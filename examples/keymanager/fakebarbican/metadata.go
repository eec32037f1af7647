package fakebarbican

import (
	"maps"
	"net/http"
	"regexp"
	"strings"
)

var urlSafe = regexp.MustCompile(`^[A-Za-z0-9_-]*$`)

const badKey = "Invalid Key. Key must be URL safe."

// metadata is all of a secret's own metadata.
func (s *Server) metadata() resource {
	return resource{
		http.MethodGet: {title: "Secret metadata retrieval", allow: reader, anyAccept: true,
			do: func(c *call) (reply, error) {
				return reply{body: map[string]any{"metadata": maps.Clone(c.secret.metadata)}}, nil
			}},
		http.MethodPut: {title: "Secret metadata creation", allow: writer,
			types: []string{jsonType}, do: s.replaceMetadata},
		http.MethodPost: {title: "Secret metadatum creation", allow: writer,
			types: []string{jsonType}, do: s.addMetadatum},
	}
}

// metadatum is one key of a secret's metadata.
func (s *Server) metadatum(key string) resource {
	return resource{
		otherMethods: {anyAccept: true},
		http.MethodGet: {title: "Secret metadatum retrieval", allow: reader,
			do: func(c *call) (reply, error) {
				value, ok := c.secret.metadata[key]
				if !ok {
					return reply{}, noMetadatum()
				}
				return reply{body: pair(key, value)}, nil
			}},
		http.MethodPut: {title: "Secret metadatum update", allow: writer, anyAccept: true, types: []string{jsonType},
			do: func(c *call) (reply, error) { return s.updateMetadatum(c, key) }},
		// Deleting what is not there succeeds too.
		http.MethodDelete: {title: "Secret metadatum removal", allow: writer,
			do: func(c *call) (reply, error) {
				delete(c.secret.metadata, key)
				return reply{status: http.StatusNoContent}, nil
			}},
	}
}

func (s *Server) replaceMetadata(c *call) (reply, error) {
	m, err := c.object(schema{
		name:       "SecretMetadata",
		properties: map[string]property{"metadata": {kind: "object", required: true}},
	})
	if err != nil {
		return reply{}, err
	}
	all := map[string]string{}
	for key, v := range m["metadata"].(map[string]any) { // the schema said so
		value, ok := v.(string)
		switch {
		case !urlSafe.MatchString(key):
			return reply{}, fail(http.StatusBadRequest, badKey)
		case !ok:
			return reply{}, fail(http.StatusBadRequest, "Invalid Metadata. Keys and Values must be Strings.")
		}
		all[strings.ToLower(key)] = value
	}
	c.secret.metadata = all
	return reply{status: http.StatusCreated, body: map[string]any{"metadata_ref": c.metadataRef()}}, nil
}

func (s *Server) addMetadatum(c *call) (reply, error) {
	key, value, err := c.metadatum()
	if err != nil {
		return reply{}, err
	}
	if _, ok := c.secret.metadata[key]; ok {
		return reply{}, fail(http.StatusConflict, "Conflict. Key in request is already in the secret metadata")
	}
	c.secret.metadata[key] = value
	return reply{status: http.StatusCreated, location: c.metadataRef() + "/" + key, body: pair(key, value)}, nil
}

func (s *Server) updateMetadatum(c *call, name string) (reply, error) {
	key, value, err := c.metadatum()
	if err != nil {
		return reply{}, err
	}
	if _, ok := c.secret.metadata[name]; !ok {
		return reply{}, noMetadatum()
	}
	if key != name { // Barbican's own text ends like this
		return reply{}, fail(http.StatusConflict, "Key in request data does not match key in the ")
	}
	c.secret.metadata[key] = value
	return reply{body: pair(key, value)}, nil
}

// metadatum reads one key and its value from the body.
func (c *call) metadatum() (key, value string, err error) {
	m, err := c.object(schema{
		name: "SecretMetadatum",
		properties: map[string]property{
			"key":   {kind: "string", length: 255, required: true},
			"value": {kind: "string", length: 255, required: true},
		},
		closed: true,
	})
	if err != nil {
		return "", "", err
	}
	key = text(m, "key")
	if !urlSafe.MatchString(key) {
		return "", "", fail(http.StatusBadRequest, badKey)
	}
	return strings.ToLower(key), text(m, "value"), nil
}

func (c *call) metadataRef() string { return c.ref("secrets/" + c.secret.id + "/metadata") }

func pair(key, value string) map[string]any { return map[string]any{"key": key, "value": value} }

func noMetadatum() error { return fail(http.StatusNotFound, "Secret metadata not found.") }
