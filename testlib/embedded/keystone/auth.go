package keystone

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"slices"
	"time"
)

// secret is a password or the like, hashed. The hash is a quick one: it keeps
// the text out of memory dumps, and nobody steals this database.
type secret struct {
	salt [8]byte
	hash [sha256.Size]byte
}

func newSecret(text string) secret {
	var s secret
	_, _ = rand.Read(s.salt[:]) // never fails: crypto/rand aborts the program instead
	s.hash = sha256.Sum256(append(s.salt[:], text...))
	return s
}

func (s secret) matches(text string) bool {
	hash := sha256.Sum256(append(s.salt[:], text...))
	return subtle.ConstantTimeCompare(hash[:], s.hash[:]) == 1
}

// authMethods are the supported ways to authenticate, as error bodies list
// them.
var authMethods = [...]string{"external", "password", "token", "oauth1", "mapped", "application_credential"}

// login is an authentication under way.
type login struct {
	identity object
	scope    any // what was asked for, nil for none
	token    token
	unscoped bool // whether no scope was asked for explicitly
	trust    object
}

// createToken is POST /v3/auth/tokens.
func (s *Service) createToken(r *request) (*response, error) {
	auth, given := r.body["auth"]
	if given && auth != nil {
		if err := validate(tokenIssueSchema, auth); err != nil {
			return nil, err
		}
	}
	data := asObject(auth)
	if len(data) == 0 {
		return nil, expecting("auth", "request body")
	}
	if err := checkNames(data); err != nil {
		return nil, err
	}
	l := &login{identity: asObject(data["identity"]), scope: data["scope"]}
	steps := []func(*request, *login) error{
		s.checkMethods, s.readScope, s.runMethods, s.checkMultiFactor, s.defaultScope,
	}
	for _, step := range steps {
		if err := step(r, l); err != nil {
			return nil, err
		}
	}
	granted, err := s.issue(&l.token)
	if err != nil {
		return nil, err
	}
	s.useTrust(l.trust)
	return &response{
		status: http.StatusCreated,
		body:   s.render(granted, !r.query.Has("nocatalog")),
		header: map[string]string{"X-Subject-Token": granted.id},
	}, nil
}

// asObject returns v as an object, empty when it is none.
func asObject(v any) object {
	switch v := v.(type) {
	case map[string]any:
		return v
	case object:
		return v
	}
	return object{}
}

// checkNames wants an id or a name wherever the request describes a user, a
// project or a domain.
func checkNames(auth object) error {
	password := asObject(asObject(auth["identity"])["password"])
	scope := asObject(auth["scope"])
	places := []struct {
		in         object
		key, place string
	}{
		{password, "user", "identity/password/user"},
		{asObject(password["user"]), "domain", "identity/password/user/domain"},
		{scope, "project", "scope/project"},
		{asObject(scope["project"]), "domain", "scope/project/domain"},
		{scope, "domain", "scope/domain"},
	}
	for _, p := range places {
		described, ok := p.in[p.key].(map[string]any)
		if !ok {
			continue
		}
		_, id := described["id"]
		_, name := described["name"]
		if !id && !name {
			return badRequest("Invalid input for field %s: id or name must be present.", p.place)
		}
	}
	return nil
}

// methods returns the names of the methods asked for, each once.
func (l *login) methods() []string {
	var names []string
	list, _ := l.identity["methods"].([]any)
	for _, item := range list {
		if name, ok := item.(string); ok && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

func (s *Service) checkMethods(_ *request, l *login) error {
	for _, name := range l.methods() {
		if _, ok := l.identity[name]; !ok {
			return expecting(name, "identity")
		}
	}
	for _, name := range l.methods() {
		if !slices.Contains(authMethods[:], name) {
			return unsupportedMethod()
		}
	}
	return nil
}

func unsupportedMethod() error {
	return &apiError{
		status:   http.StatusUnauthorized,
		message:  "Attempted to authenticate with an unsupported method.",
		identity: object{"methods": authMethods},
	}
}

// runMethods runs each method; they must agree on the user.
func (s *Service) runMethods(r *request, l *login) error {
	run := map[string]func(*request, *login, object) error{
		"password":               s.authPassword,
		"token":                  s.authToken,
		"application_credential": s.authApplicationCredential,
		"oauth1":                 s.authOAuth,
		"mapped":                 authMapped,
		"external":               authExternal,
	}
	for _, name := range l.methods() {
		before := l.token.userID
		if err := run[name](r, l, asObject(l.identity[name])); err != nil {
			return err
		}
		if before != "" && before != l.token.userID {
			return unauthorized()
		}
		l.token.methods = slices.Insert(l.token.methods, 0, name)
	}
	if l.token.userID == "" {
		return unauthorized()
	}
	l.token.methods = unique(l.token.methods)
	return nil
}

func unique(names []string) []string {
	var kept []string
	for _, name := range names {
		if !slices.Contains(kept, name) {
			kept = append(kept, name)
		}
	}
	return kept
}

// checkMultiFactor holds the user to their multi-factor rules: one of the
// rules must be covered by the methods that succeeded.
func (s *Service) checkMultiFactor(_ *request, l *login) error {
	options, _ := s.users.byID[l.token.userID]["options"].(map[string]any)
	rules, _ := options["multi_factor_auth_rules"].([]any)
	if options["multi_factor_auth_enabled"] == false || len(rules) == 0 {
		return nil
	}
	for _, rule := range rules {
		wanted, _ := rule.([]any)
		missing := slices.ContainsFunc(wanted, func(name any) bool {
			text, _ := name.(string)
			return !slices.Contains(l.token.methods, text)
		})
		if !missing {
			return nil
		}
	}
	return unauthorized()
}

// lookUpUser finds the enabled user that described names by id, or by name and
// domain.
func (s *Service) lookUpUser(described object) (object, error) {
	id, name := described.str("id"), described.str("name")
	if id == "" && name == "" {
		return nil, expecting("id or name", "user")
	}
	var user, domain object
	var err error
	if name != "" {
		if described["domain"] == nil {
			return nil, expecting("domain", "user")
		}
		if domain, err = s.lookUpDomain(asObject(described["domain"])); err != nil {
			return nil, err
		}
		user = s.users.byID[s.users.ids[nameKey(name, domain.id())]]
	} else {
		user = s.users.byID[id]
		domain = s.projects.byID[user.str("domain_id")]
	}
	if user == nil || !domain.enabled() || !user.enabled() {
		return nil, unauthorized()
	}
	return user, nil
}

// lookUpDomain finds the enabled domain that described names.
func (s *Service) lookUpDomain(described object) (object, error) {
	id, name := described.str("id"), described.str("name")
	if id == "" && name == "" {
		return nil, expecting("id or name", "domain")
	}
	domain, err := s.domain(id)
	if name != "" {
		domain, err = s.domainByName(name)
	}
	if err != nil || !domain.enabled() {
		return nil, unauthorized()
	}
	return domain, nil
}

func (s *Service) authPassword(_ *request, l *login, data object) error {
	if _, ok := data["user"]; !ok {
		return expecting("user", "None")
	}
	described := asObject(data["user"])
	user, err := s.lookUpUser(described)
	if err != nil {
		return err
	}
	if !s.passwordIs(user.id(), described.str("password")) {
		return unauthorized()
	}
	l.token.userID = user.id()
	return nil
}

// passwordIs reports whether text is the password, or other secret, of id.
func (s *store) passwordIs(id, text string) bool {
	secret, ok := s.secrets[id]
	return ok && secret.matches(text)
}

func (s *Service) authToken(_ *request, l *login, data object) error {
	if _, ok := data["id"]; !ok {
		return expecting("id", "token")
	}
	old, err := s.validateToken(data.str("id"), 0, "1")
	if err != nil {
		return err // Keystone answers 404 for a bad token, too
	}
	asked := asObject(l.scope)
	switch {
	case old.oauthID != "":
		return notAllowed("Using OAuth-scoped token to create another token. " +
			"Create a new OAuth-scoped token instead")
	case old.trustID != "":
		return notAllowed("Using trust-scoped token to create another token. " +
			"Create a new trust-scoped token instead")
	case old.scope.system && (asked["project"] != nil || asked["domain"] != nil):
		return notAllowed("Using a system-scoped token to create a project-scoped or domain-scoped " +
			"token is not allowed.")
	case old.appCredentialID != "":
		return notAllowed("Using a delegated token to create another token is not allowed.")
	}
	l.token.userID = old.userID
	l.token.expires = old.expires
	l.token.parentAuditID = old.auditID
	if old.parentAuditID != "" {
		l.token.parentAuditID = old.parentAuditID
	}
	l.token.methods = append(l.token.methods, old.methods...)
	return nil
}

func (s *Service) authApplicationCredential(_ *request, l *login, data object) error {
	cred, err := s.lookUpApplicationCredential(data)
	if err != nil {
		return err
	}
	owner := object{"id": cred.str("user_id")}
	if _, err := s.lookUpUser(owner); err != nil {
		return err
	}
	if !s.passwordIs(cred.id(), data.str("secret")) {
		return unauthorized()
	}
	if limit, ok := cred["expires_at"].(string); ok {
		at, err := time.Parse(credentialTime, limit)
		if err != nil || !s.now().Before(at) {
			return unauthorized()
		}
	}
	l.token.userID = cred.str("user_id")
	l.token.appCredentialID = cred.id()
	return nil
}

// authMapped refuses federated users: there are none.
func authMapped(_ *request, _ *login, data object) error {
	if data["identity_provider"] == nil {
		return expecting("identity_provider", "mapped")
	}
	return unauthorized()
}

// authExternal refuses users whom a web server in front has authenticated:
// there is none.
func authExternal(*request, *login, object) error { return unauthorized() }

// lookUpApplicationCredential finds what data names by id, or by name and user.
func (s *Service) lookUpApplicationCredential(data object) (object, error) {
	if id := data.str("id"); id != "" {
		return s.appCredentials.get(id)
	}
	name := data.str("name")
	if name == "" {
		return nil, expecting("name or ID", "application credential")
	}
	described := asObject(data["user"])
	if len(described) == 0 {
		return nil, expecting("user", "application credential")
	}
	userID := described.str("id")
	if userID == "" {
		if described["domain"] == nil {
			return nil, expecting("domain", "user")
		}
		user, err := s.lookUpUser(described)
		if err != nil {
			return nil, err
		}
		userID = user.id()
	}
	cred, ok := s.appCredentials.find(nameKey(name, userID))
	if !ok {
		return nil, unauthorized()
	}
	return cred, nil
}
