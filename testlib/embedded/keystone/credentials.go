package keystone

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
)

const ec2Type = "ec2"

// credentialResource is the API of credentials of any type.
func (s *Service) credentialResource() *resource {
	return &resource{
		member: "credential", collection: "credentials", table: s.credentials,
		schema: credentialSchema, patch: credentialPatchSchema,
		filters: []string{"user_id", "type"},
		list:    s.listCredentials,
		create:  s.createCredential,
		update:  s.updateCredential,
		remove: func(r *request, _ object) error {
			return r.checkPrimary()
		},
		show: func(r *request, o object) (object, error) { return o, r.checkPrimary() },
	}
}

// checkPrimary refuses tokens that somebody delegated.
func (r *request) checkPrimary() error {
	t := r.auth.token
	if t.trustID != "" || t.oauthID != "" || t.appCredentialID != "" {
		return notAllowed("Delegated tokens cannot access credentials directly")
	}
	return nil
}

// listCredentials lists what the caller may see one by one.
func (s *Service) listCredentials(r *request) ([]object, error) {
	target := object{}
	if r.auth != nil && !r.auth.token.scope.system {
		target["credential"] = object{"user_id": r.auth.token.actingUser()}
	}
	if err := r.enforce("list_credentials", target); err != nil {
		return nil, err
	}
	var visible []object
	for _, o := range s.credentials.list() {
		if r.enforce("get_credential", object{"credential": o}) == nil && r.checkPrimary() == nil {
			visible = append(visible, o)
		}
	}
	return visible, nil
}

func (s *Service) createCredential(r *request, o object) error {
	if err := r.checkPrimary(); err != nil {
		return err
	}
	o.setDefault("project_id", nil)
	if !strings.EqualFold(o.str("type"), ec2Type) {
		return nil
	}
	blob, err := readBlob(o)
	if err != nil {
		return err
	}
	access, _ := blob["access"].(string)
	o["id"] = hashAccess(access)
	if s.credentials.byID[o.id()] != nil {
		return conflict("credential", "Duplicate entry found with ID "+o.id())
	}
	return nil
}

// readBlob reads the blob of an EC2 credential.
func readBlob(o object) (object, error) {
	var blob object
	if err := json.Unmarshal([]byte(o.str("blob")), &blob); err != nil {
		return nil, badRequest("Invalid blob in credential")
	}
	if len(blob) == 0 {
		return nil, expecting("blob", "credential")
	}
	if blob["access"] == nil {
		return nil, expecting("access", "credential")
	}
	return blob, nil
}

// hashAccess is the id of the EC2 credential with that access key.
func hashAccess(access string) string {
	sum := sha256.Sum256([]byte(access))
	return hex.EncodeToString(sum[:])
}

func (s *Service) updateCredential(r *request, old, patch object) (object, error) {
	if err := r.checkPrimary(); err != nil {
		return nil, err
	}
	if strings.EqualFold(old.str("type"), ec2Type) {
		blob, err := readBlob(patch)
		if err != nil {
			return nil, err
		}
		before, err := readBlob(old)
		if err != nil {
			return nil, err
		}
		for _, key := range []string{"trust_id", "app_cred_id", "access_token_id", "access_id"} {
			if blob[key] != before[key] {
				return nil, badRequest("%s can not be updated for credential", key)
			}
		}
	}
	next := old.with(patch)
	return next, r.enforce("update_credential", object{"credential": next})
}

func (s *Service) ec2Routes(rt *router) {
	const list = "/users/{user_id}/credentials/OS-EC2"
	rt.handle("GET "+list, s.listEC2)
	rt.handle("POST "+list, s.createEC2)
	rt.handle("GET "+list+"/{credential_id}", s.getEC2)
	rt.handle("DELETE "+list+"/{credential_id}", s.deleteEC2)
	rt.handle("POST /s3tokens", s.createS3Token)
}

// ec2View shows a credential as the EC2 API does.
func (s *Service) ec2View(o object) object {
	blob, err := readBlob(o)
	if err != nil {
		blob = object{}
	}
	path := "users/" + o.str("user_id") + "/credentials/OS-EC2/" + blob.str("access")
	return object{
		"user_id": o["user_id"], "tenant_id": o["project_id"], "access": blob["access"], "secret": blob["secret"],
		"trust_id": blob["trust_id"], "links": object{"self": s.url(path)},
	}
}

func (s *Service) listEC2(r *request) (*response, error) {
	if err := r.enforce("ec2_list_credentials", nil); err != nil {
		return nil, err
	}
	if err := r.checkPrimary(); err != nil {
		return nil, err
	}
	user, err := s.users.get(r.PathValue("user_id"))
	if err != nil {
		return nil, err
	}
	var shown []object
	for _, o := range s.credentials.where("user_id", user.id()) {
		if o.str("type") == ec2Type {
			shown = append(shown, s.ec2View(o))
		}
	}
	return r.bareCollection("credentials", shown)
}

func (s *Service) createEC2(r *request) (*response, error) {
	id := r.PathValue("user_id")
	if err := r.enforce("ec2_create_credential", object{"credential": object{"user_id": id}}); err != nil {
		return nil, err
	}
	if _, err := s.users.get(id); err != nil {
		return nil, err
	}
	project, err := s.projects.get(r.body.str("tenant_id"))
	if err != nil {
		return nil, err
	}
	if err := r.checkPrimary(); err != nil {
		return nil, err
	}
	access := newID()
	o := object{
		"id": hashAccess(access), "type": ec2Type, "user_id": id, "project_id": project.id(),
		"blob": fmt.Sprintf(`{"access": %q, "secret": %q, "trust_id": null}`, access, newID()),
	}
	s.credentials.put(o)
	return created(object{"credential": s.ec2View(o)})
}

// ec2InPath returns the credential whose access key is in the path.
func (s *Service) ec2InPath(r *request, action string) (object, error) {
	if r.auth == nil {
		return nil, unauthorized()
	}
	o, err := s.credentials.get(hashAccess(r.PathValue("credential_id")))
	if err != nil {
		return nil, err
	}
	if err := r.enforce(action, object{"credential": o}); err != nil {
		return nil, err
	}
	if _, err := s.users.get(r.PathValue("user_id")); err != nil {
		return nil, err
	}
	if o.str("type") != ec2Type {
		return nil, unauthorized()
	}
	return o, r.checkPrimary()
}

func (s *Service) getEC2(r *request) (*response, error) {
	o, err := s.ec2InPath(r, "ec2_get_credential")
	if err != nil {
		return nil, err
	}
	return ok(object{"credential": s.ec2View(o)})
}

func (s *Service) deleteEC2(r *request) (*response, error) {
	o, err := s.ec2InPath(r, "ec2_delete_credential")
	if err != nil {
		return nil, err
	}
	s.credentials.remove(o.id())
	return noContent()
}

// policyResource stores policy texts for other services. Keystone does nothing
// else with them.
func (s *Service) policyResource() *resource {
	return &resource{
		member: "policy", collection: "policies", table: s.policies,
		schema: policySchema, patch: changed(policySchema),
		filters: []string{"type"},
	}
}
