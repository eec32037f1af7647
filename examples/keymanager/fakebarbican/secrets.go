package fakebarbican

import (
	"encoding/base64"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
)

// Content types of a payload.
const (
	textType   = "text/plain"
	binaryType = "application/octet-stream"
	pkcs8Type  = "application/pkcs8"
)

// payloadTypes is how Barbican spells them in messages.
var payloadTypes = [...]string{
	textType, "text/plain;charset=utf-8", "text/plain; charset=utf-8", binaryType, pkcs8Type,
}

const (
	isoTime    = "2006-01-02T15:04:05"
	noPayload  = "Not Found. Sorry but your secret has no payload."
	wrongType  = "Wrong payload content-type"
	tooLarge   = "Provided information too large to process"
	badPayload = "Invalid payload for payload_content_encoding"
)

type secret struct {
	target
	id         string
	name       any // string or nil, like the next two
	algorithm  any
	mode       any
	bitLength  any // int or nil
	kind       string
	expiration time.Time // zero means never
	created    time.Time
	updated    time.Time
	payload    []byte
	stored     string // content type of the payload; empty means that there is none
	metadata   map[string]string
}

func secretSchema() schema {
	return schema{name: "Secret", properties: map[string]property{
		"name":       {kind: "string", null: true, length: 255},
		"algorithm":  {kind: "string", length: 255},
		"mode":       {kind: "string", length: 255},
		"bit_length": {kind: "integer", min: 1, max: 32767},
		"expiration": {kind: "string", length: 255},
		"payload":    {kind: "string"},
		"secret_type": {kind: "string",
			enum: []string{"symmetric", "passphrase", "private", "public", "certificate", "opaque"}},
		"payload_content_type":     {kind: "string", null: true, length: 255},
		"payload_content_encoding": {kind: "string", enum: []string{"base64"}},
		"transport_key_needed":     {kind: "string", enum: []string{"true", "false"}},
		"transport_key_id":         {kind: "string"},
	}}
}

// expired tells whether the secret is gone for everybody.
func (x *secret) expired(now time.Time) bool {
	return !x.expiration.IsZero() && !x.expiration.After(now)
}

func (s *Server) secretList() resource {
	return resource{
		http.MethodGet:  {title: "Secret(s) retrieval", allow: member, do: s.listSecrets},
		http.MethodPost: {title: "Secret creation", allow: member, types: []string{jsonType}, do: s.createSecret},
	}
}

// findSecret finds the secret with an id, and below it what rest names.
func (s *Server) findSecret(c *call, id string, rest []string) (resource, error) {
	if !isUUID(id) {
		return nil, fail(http.StatusNotFound, "Not Found. Provided secret id is invalid.")
	}
	x := s.secrets[id]
	if x == nil || x.expired(s.now()) {
		return nil, fail(http.StatusNotFound, "Secret not found.")
	}
	c.secret = x
	switch {
	case len(rest) == 0:
		return s.oneSecret(c), nil
	case rest[0] == "payload" && len(rest) == 1:
		return resource{
			otherMethods: {anyAccept: true},
			http.MethodGet: {
				title: "Secret payload retrieval", allow: reader, anyAccept: true, do: s.readPayload,
			},
		}, nil
	case rest[0] == "metadata" && len(rest) == 1:
		return s.metadata(), nil
	case rest[0] == "metadata" && len(rest) == 2:
		return s.metadatum(rest[1]), nil
	case rest[0] == "acl" && len(rest) == 1:
		return s.acls("SecretACL(s)", "secrets/"+id, &x.acl), nil
	}
	return nil, &problem{status: http.StatusNotFound}
}

func (s *Server) oneSecret(c *call) resource {
	get := operation{title: "Secret retrieval", allow: reader, anyAccept: true, do: s.describeSecret}
	if !wantsJSON(c.Header.Get("Accept")) { // an old way to ask for the payload
		get.do = s.readPayload
	}
	return resource{
		http.MethodGet: get,
		http.MethodPut: {title: "Secret update", allow: writer, anyAccept: true,
			types: []string{binaryType, textType}, do: s.storePayload},
		http.MethodDelete: {title: "Secret deletion", allow: writer, anyAccept: true, do: s.deleteSecret},
	}
}

func (s *Server) createSecret(c *call) (reply, error) {
	m, err := c.object(secretSchema())
	if err != nil {
		return reply{}, err
	}
	now := s.now()
	x := &secret{
		target: target{projectID: c.caller.ProjectID, creatorID: c.caller.UserID},
		id:     uuid.NewString(),
		name:   m["name"], algorithm: m["algorithm"], mode: m["mode"],
		kind:    "opaque",
		created: now, updated: now,
		metadata: map[string]string{},
	}
	if kind := text(m, "secret_type"); kind != "" {
		x.kind = kind
	}
	if _, ok := m["bit_length"]; ok {
		x.bitLength = number(m, "bit_length")
	}
	if x.expiration, err = expiration(text(m, "expiration"), now); err != nil {
		return reply{}, err
	}
	if err := s.takePayload(x, m); err != nil {
		return reply{}, err
	}
	s.secrets[x.id] = x
	ref := c.ref("secrets/" + x.id)
	return reply{status: http.StatusCreated, location: ref, body: map[string]any{"secret_ref": ref}}, nil
}

// expiration reads the time at which a new secret goes.
func expiration(value string, now time.Time) (time.Time, error) {
	if value == "" {
		return time.Time{}, nil
	}
	t, err := parseTime(value)
	if err != nil {
		return time.Time{}, mismatch("Secret", "expiration", "Invalid date for 'expiration'")
	}
	if !t.After(now) {
		return time.Time{}, mismatch("Secret", "expiration", "'expiration' is before current time")
	}
	return t, nil
}

// takePayload moves the payload of a request to create x into it.
func (s *Server) takePayload(x *secret, m map[string]any) error {
	kind, given := m["payload_content_type"]
	payload, ok := m["payload"].(string)
	if !ok {
		if given {
			return mismatch("Secret", "payload", "payload must be provided when payload_content_type is specified")
		}
		return nil
	}
	if kind == nil {
		return mismatch("Secret", "payload_content_type",
			"If 'payload' is supplied, 'payload_content_type' must also be supplied.")
	}
	stored := normalType(text(m, "payload_content_type"))
	if stored == "" {
		return mismatch("Secret", "payload_content_type", "payload_content_type is not one of %s",
			pythonList(payloadTypes[:]))
	}
	encoding := text(m, "payload_content_encoding")
	if stored == textType && encoding != "" {
		return mismatch("Secret", "payload_content_encoding", "payload_content_encoding is not one of None")
	}
	if stored != textType && encoding == "" {
		return mismatch("Secret", "payload_content_encoding",
			"payload_content_encoding is not one of ['base64', 'binary']")
	}
	if len(payload) > s.options.MaxPayload {
		return fail(http.StatusRequestEntityTooLarge, tooLarge)
	}
	if payload == "" {
		return mismatch("Secret", "payload", "If 'payload' specified, must be non empty")
	}
	x.payload, x.stored = []byte(payload), stored
	if encoding == "base64" {
		data, err := decodeBase64(payload)
		if err != nil {
			return mismatch("Secret", "payload", badPayload)
		}
		x.payload = data
	}
	return nil
}

// storePayload adds the payload to a secret that was created without one.
func (s *Server) storePayload(c *call) (reply, error) {
	const issue = "%s issue seen - %s."
	switch {
	case len(c.data) == 0:
		return reply{}, fail(http.StatusBadRequest, issue, c.title, "No data supplied to process.")
	case len(c.data) > s.options.MaxPayload:
		return reply{}, fail(http.StatusRequestEntityTooLarge, issue, c.title, tooLarge)
	case c.secret.stored != "":
		return reply{}, fail(http.StatusConflict, "Secret already has data, cannot modify it.")
	}
	stored, payload := contentType(c.Request), c.data
	if encoding := c.Header.Get("Content-Encoding"); stored != textType && encoding != "" {
		if !strings.EqualFold(encoding, "base64") {
			return reply{}, fail(http.StatusBadRequest, issue, c.title,
				"Text-based binary secret payloads must specify a content-encoding of 'base64'")
		}
		data, err := decodeBase64(string(payload))
		if err != nil {
			return reply{}, fail(http.StatusInternalServerError,
				"%s failure seen - please contact site administrator.", c.title) // not 400: Barbican's own fault
		}
		payload = data
	}
	c.secret.payload, c.secret.stored = payload, stored
	return reply{status: http.StatusNoContent}, nil
}

// readPayload answers with the payload, in the type that the caller accepts.
func (s *Server) readPayload(c *call) (reply, error) {
	if c.secret.stored == "" {
		return reply{}, fail(http.StatusNotFound, noPayload)
	}
	accept := c.Header.Get("Accept")
	kind, sent := normalType(accept), accept
	switch accept {
	case "":
		kind, sent = binaryType, binaryType
	case "*/*":
		kind = c.secret.stored
	case textType:
		sent = "text/plain; charset=UTF-8"
	}
	if kind == "" || kind == textType && !utf8.Valid(c.secret.payload) {
		return reply{}, fail(http.StatusNotAcceptable, "%s issue seen - %s.", c.title, wrongType)
	}
	return reply{raw: slices.Clone(c.secret.payload), contentType: sent}, nil
}

func (s *Server) describeSecret(c *call) (reply, error) {
	return reply{body: c.describe(c.secret)}, nil
}

// describe returns what the API says of x, which is never its payload.
func (c *call) describe(x *secret) map[string]any {
	m := map[string]any{
		"created": x.created.Format(isoTime), "updated": x.updated.Format(isoTime), "status": "ACTIVE",
		"name": x.name, "secret_type": x.kind, "expiration": nil,
		"algorithm": x.algorithm, "bit_length": x.bitLength, "mode": x.mode,
		"creator_id": x.creatorID, "secret_ref": c.ref("secrets/" + x.id),
	}
	if !x.expiration.IsZero() {
		m["expiration"] = x.expiration.Format(isoTime)
	}
	if x.stored != "" {
		m["content_types"] = map[string]any{"default": x.stored}
	}
	return m
}

// deleteSecret removes the secret, from the containers that hold it too.
func (s *Server) deleteSecret(c *call) (reply, error) {
	delete(s.secrets, c.secret.id)
	for _, box := range s.containers {
		box.refs = slices.DeleteFunc(box.refs, func(r secretRef) bool { return r.secretID == c.secret.id })
	}
	return reply{status: http.StatusNoContent}, nil
}

// ref returns the URL of a resource.
func (c *call) ref(path string) string { return c.base + "/v1/" + path }

func isUUID(id string) bool {
	parsed, err := uuid.Parse(id)
	return err == nil && parsed.Version() == 4 && parsed.String() == id
}

// normalType returns the content type that Barbican notes for one that clients
// may give, or "" for one that it does not support.
func normalType(kind string) string {
	kind, parameters, has := strings.Cut(strings.ToLower(kind), ";")
	kind = strings.TrimSpace(kind)
	if _, charset, _ := strings.Cut(parameters, "="); has && strings.TrimSpace(charset) != "utf-8" {
		return ""
	}
	switch kind {
	case textType, binaryType, pkcs8Type:
		return kind
	}
	return ""
}

var notBase64 = regexp.MustCompile(`[^A-Za-z0-9+/=]`)

// decodeBase64 decodes like Python's base64.b64decode, which overlooks foreign
// characters.
func decodeBase64(s string) ([]byte, error) {
	return base64.StdEncoding.DecodeString(notBase64.ReplaceAllString(s, ""))
}

// parseTime reads the forms of ISO 8601 that clients send; without a zone, UTC
// is meant.
func parseTime(value string) (time.Time, error) {
	var failure error
	for _, layout := range []string{time.RFC3339, isoTime, "2006-01-02T15:04", time.DateTime, time.DateOnly} {
		t, err := time.Parse(layout, value)
		if err == nil {
			return t.UTC(), nil
		}
		failure = err
	}
	return time.Time{}, failure
}
