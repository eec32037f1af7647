package keystone

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // OAuth 1.0 signatures are made with it
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

const (
	requestTokenLifetime = 8 * time.Hour  // [oauth1] request_token_duration
	accessTokenLifetime  = 24 * time.Hour // [oauth1] access_token_duration
)

// oauthRoutes are those of OAuth 1.0a delegation: a consumer asks for a request
// token, a user authorizes it with some roles, the consumer changes it into an
// access token, and that is good for tokens of the user.
func (s *Service) oauthRoutes(rt *router) {
	s.consumerResource().routes(rt)
	rt.handle("POST /OS-OAUTH1/request_token", s.createRequestToken)
	rt.handle("PUT /OS-OAUTH1/authorize/{request_token_id}", s.authorizeRequestToken)
	rt.handle("POST /OS-OAUTH1/access_token", s.createAccessToken)
	const list = "GET /users/{user_id}/OS-OAUTH1/access_tokens"
	rt.handle(list, s.listAccessTokens)
	rt.handle(list+"/{access_token_id}", s.getAccessToken)
	rt.handle("DELETE /users/{user_id}/OS-OAUTH1/access_tokens/{access_token_id}", s.deleteAccessToken)
	rt.handle(list+"/{access_token_id}/roles", s.listAccessTokenRoles)
	rt.handle(list+"/{access_token_id}/roles/{role_id}", s.getAccessTokenRole)
}

func (s *Service) consumerResource() *resource {
	return &resource{
		member: "consumer", collection: "consumers", prefix: "OS-OAUTH1/", table: s.consumers,
		schema: newObject(nil, prop{Name: "description", Schema: nullableText}),
		patch: &schema{
			Types: []string{"object"}, MinProperties: 1, Open: true, Not: &schema{Required: []string{"secret"}},
			Properties: []prop{{Name: "description", Schema: nullableText}},
		},
		get: func(id string) (object, error) {
			if o, ok := s.consumers.byID[id]; ok {
				return o, nil
			}
			return nil, notFoundText("Consumer not found")
		},
		create: func(_ *request, o object) error {
			o["secret"] = newID()
			return nil
		},
		remove: func(_ *request, o object) error {
			for _, t := range []*table{s.requestTokens, s.accessTokens} {
				for _, token := range t.where("consumer_id", o.id()) {
					t.remove(token.id())
				}
			}
			return nil
		},
		view: func(r *request, o object) object {
			if r.Method == http.MethodPost {
				return o // the one time that the secret shows
			}
			return o.without("secret")
		},
	}
}

// errNoOAuth is a request that is not signed at all. Keystone answers 500.
var errNoOAuth = errors.New("no OAuth parameters in the Authorization header")

// oauthParams returns the parameters in the Authorization header.
func oauthParams(r *request) url.Values {
	params := url.Values{}
	text, found := strings.CutPrefix(r.Header.Get("Authorization"), "OAuth ")
	if !found {
		return params
	}
	for part := range strings.SplitSeq(text, ",") {
		key, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		plain, err := url.PathUnescape(strings.Trim(value, `"`))
		if err == nil {
			params.Add(key, plain)
		}
	}
	return params
}

// oauthSigned reports whether the request is signed with both secrets.
func (r *request) oauthSigned(params url.Values, consumerSecret, tokenSecret string) bool {
	key := escape(consumerSecret) + "&" + escape(tokenSecret)
	want := key
	if params.Get("oauth_signature_method") == "HMAC-SHA1" {
		mac := hmac.New(sha1.New, []byte(key))
		mac.Write([]byte(r.oauthBase(params)))
		want = base64.StdEncoding.EncodeToString(mac.Sum(nil))
	} else if params.Get("oauth_signature_method") != "PLAINTEXT" {
		return false
	}
	return hmac.Equal([]byte(want), []byte(params.Get("oauth_signature")))
}

// oauthBase is the text that is signed.
//
// Source: RFC 5849, section 3.4.1.
func (r *request) oauthBase(params url.Values) string {
	var pairs []string
	for _, values := range []url.Values{params, r.query} {
		for key, list := range values {
			if key == "oauth_signature" || key == "realm" {
				continue
			}
			for _, value := range list {
				pairs = append(pairs, escape(key)+"="+escape(value))
			}
		}
	}
	slices.Sort(pairs)
	return r.Method + "&" + escape(r.baseURL+r.URL.Path) + "&" + escape(strings.Join(pairs, "&"))
}

// escape is the percent-encoding of OAuth.
func escape(text string) string { return strings.ReplaceAll(url.QueryEscape(text), "+", "%20") }

// form answers 201 with form-encoded values, in the order given.
func form(pairs ...string) (*response, error) {
	return &response{
		status: http.StatusCreated, raw: strings.Join(pairs, "&"),
		header: map[string]string{"Content-Type": "application/x-www-form-urlencoded"},
	}, nil
}

func (s *Service) createRequestToken(r *request) (*response, error) {
	params := oauthParams(r)
	if len(params) == 0 {
		return nil, errNoOAuth
	}
	project := r.Header.Get("Requested-Project-Id")
	if params.Get("oauth_consumer_key") == "" {
		return nil, expecting("oauth_consumer_key", "request")
	}
	if project == "" {
		return nil, expecting("Requested-Project-Id", "request")
	}
	if _, err := s.projects.get(project); err != nil {
		return nil, err
	}
	consumer, err := s.consumers.get(params.Get("oauth_consumer_key"))
	if err != nil {
		return nil, err
	}
	if !r.oauthSigned(params, consumer.str("secret"), "") {
		return nil, unauthorized()
	}
	o := object{
		"id": newID(), "secret": newID(), "consumer_id": consumer.id(), "requested_project_id": project,
		"expires_at": timestamp(s.now().Add(requestTokenLifetime)),
	}
	s.requestTokens.put(o)
	return form("oauth_token="+o.id(), "oauth_token_secret="+o.str("secret"), "oauth_expires_at="+o.str("expires_at"))
}

// current returns the object called id in t unless it has expired.
func (s *Service) current(t *table, id string) (object, error) {
	o, err := t.get(id)
	if err != nil {
		return nil, err
	}
	if at, err := parseTime(o.str("expires_at")); err != nil || s.now().After(at) {
		return nil, unauthorized()
	}
	return o, nil
}

func (s *Service) authorizeRequestToken(r *request) (*response, error) {
	if err := r.enforce("authorize_request_token", nil); err != nil {
		return nil, err
	}
	given, found := r.body["roles"]
	if !found {
		given = []any{}
	}
	if err := validate(rolesSchema, given); err != nil {
		return nil, err
	}
	if err := r.checkDelegated(); err != nil {
		return nil, err
	}
	if r.auth.token.appCredentialID != "" {
		return nil, notAllowed("")
	}
	token, err := s.current(s.requestTokens, r.PathValue("request_token_id"))
	if err != nil {
		return nil, err
	}
	have := s.rolesOn(r.auth.token.userID, scope{projectID: token.str("requested_project_id")})
	roles := []object{}
	for _, item := range given.([]any) {
		asked := asObject(item)
		if name := asked.str("name"); name != "" {
			asked, found = s.roles.find(nameKey(name, ""))
			if !found {
				return nil, notFoundText("Role %s is not defined", name)
			}
		}
		if !slices.Contains(have, asked.id()) {
			return nil, unauthorized()
		}
		roles = append(roles, object{"id": asked.id()})
	}
	const verifierBytes = 6 // eight letters
	verifier := randomText(verifierBytes)
	s.requestTokens.put(token.with(object{
		"verifier": verifier, "roles": roles, "authorizing_user_id": r.auth.token.userID,
	}))
	return ok(object{"token": object{"oauth_verifier": verifier}})
}

func (s *Service) createAccessToken(r *request) (*response, error) {
	params := oauthParams(r)
	if len(params) == 0 {
		return nil, errNoOAuth
	}
	for _, name := range []string{"oauth_consumer_key", "oauth_token", "oauth_verifier"} {
		if params.Get(name) == "" {
			return nil, expecting(name, "request")
		}
	}
	token, err := s.current(s.requestTokens, params.Get("oauth_token"))
	if err != nil {
		return nil, err
	}
	consumer := s.consumers.byID[params.Get("oauth_consumer_key")]
	if token.str("consumer_id") != consumer.id() || token.str("verifier") != params.Get("oauth_verifier") ||
		!r.oauthSigned(params, consumer.str("secret"), token.str("secret")) ||
		token.str("authorizing_user_id") == "" {
		return nil, unauthorized()
	}
	o := object{
		"id": newID(), "secret": newID(), "consumer_id": consumer.id(),
		"project_id": token["requested_project_id"], "authorizing_user_id": token["authorizing_user_id"],
		"roles": token["roles"], "expires_at": timestamp(s.now().Add(accessTokenLifetime)),
	}
	s.requestTokens.remove(token.id())
	s.accessTokens.put(o)
	return form("oauth_token="+o.id(), "oauth_token_secret="+o.str("secret"), "oauth_expires_at="+o.str("expires_at"))
}

// authOAuth authenticates as the user who authorized the access token.
func (s *Service) authOAuth(r *request, l *login, _ object) error {
	params := oauthParams(r)
	if len(params) == 0 {
		return errNoOAuth
	}
	id := params.Get("oauth_token")
	if id == "" {
		return expecting("oauth_token", "request")
	}
	access, err := s.current(s.accessTokens, id)
	if err != nil {
		return err
	}
	consumer := s.consumers.byID[access.str("consumer_id")]
	if params.Get("oauth_consumer_key") != consumer.id() ||
		!r.oauthSigned(params, consumer.str("secret"), access.str("secret")) {
		return unauthorized()
	}
	l.token.userID, l.token.oauthID = access.str("authorizing_user_id"), id
	l.token.scope = scope{projectID: access.str("project_id")}
	return nil
}

// delegatedRoles are the ids of the roles of an access token, and of those that
// they imply.
func (s *store) delegatedRoles(id string) map[string]bool {
	ids := map[string]bool{}
	for _, role := range roleIDs(s.accessTokens.byID[id]["roles"]) {
		ids[role] = true
	}
	return s.withImplied(ids)
}

// accessTokenView shows an access token without its secret.
func (s *Service) accessTokenView(o object) object {
	path := "users/" + o.str("authorizing_user_id") + "/OS-OAUTH1/access_tokens/" + o.id()
	return o.without("secret", "roles").with(object{
		"links": object{"self": s.url(path), "roles": s.url(path + "/roles")},
	})
}

func (s *Service) listAccessTokens(r *request) (*response, error) {
	if err := r.enforce("list_access_tokens", nil); err != nil {
		return nil, err
	}
	list := s.accessTokens.where("authorizing_user_id", r.PathValue("user_id"))
	for i, o := range list {
		list[i] = s.accessTokenView(o)
	}
	return r.bareCollection("access_tokens", list)
}

// accessTokenInPath returns the access token in the path.
func (s *Service) accessTokenInPath(r *request, action string) (object, error) {
	if err := r.enforce(action, nil); err != nil {
		return nil, err
	}
	o, err := s.accessTokens.get(r.PathValue("access_token_id"))
	if err == nil && o.str("authorizing_user_id") != r.PathValue("user_id") {
		err = notFound("token", o.id())
	}
	return o, err
}

func (s *Service) getAccessToken(r *request) (*response, error) {
	o, err := s.accessTokenInPath(r, "get_access_token")
	if err != nil {
		return nil, err
	}
	return ok(object{"access_token": s.accessTokenView(o)})
}

func (s *Service) deleteAccessToken(r *request) (*response, error) {
	o, err := s.accessTokenInPath(r, "delete_access_token")
	if err != nil {
		return nil, err
	}
	s.accessTokens.remove(o.id())
	return noContent()
}

func (s *Service) listAccessTokenRoles(r *request) (*response, error) {
	o, err := s.accessTokenInPath(r, "list_access_token_roles")
	if err != nil {
		return nil, err
	}
	var roles []object
	for _, id := range roleIDs(o["roles"]) {
		roles = append(roles, s.roles.byID[id].without("description"))
	}
	return r.collection("roles", roles)
}

func (s *Service) getAccessTokenRole(r *request) (*response, error) {
	o, err := s.accessTokenInPath(r, "get_access_token_role")
	if err != nil {
		return nil, err
	}
	id := r.PathValue("role_id")
	if !slices.Contains(roleIDs(o["roles"]), id) {
		return nil, notFound("role", id)
	}
	return ok(object{"role": s.linked("roles", s.roles.byID[id].without("description"))})
}
