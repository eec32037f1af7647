package keystone

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // the S3 signature of old is made with it
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"slices"
	"strings"
)

// createS3Token is POST /v3/s3tokens: an object store asks whom a signed S3
// request is from.
func (s *Service) createS3Token(r *request) (*response, error) {
	if err := r.enforce("s3tokens_validate", nil); err != nil {
		return nil, err
	}
	given := asObject(r.body["credentials"])
	access := given.str("access")
	if access == "" {
		return nil, unauthorized()
	}
	cred, err := s.credentials.get(hashAccess(access))
	if err != nil {
		return nil, err
	}
	blob, err := readBlob(cred)
	if err != nil {
		return nil, err
	}
	toSign, err := base64.URLEncoding.DecodeString(given.str("token"))
	if err != nil || !signedWith(string(toSign), blob.str("secret"), given.str("signature")) {
		return nil, unauthorized()
	}
	if _, err := s.lookUpUser(object{"id": cred.str("user_id")}); err != nil {
		return nil, err
	}
	if _, err := s.lookUpProject(object{"id": cred.str("project_id")}); err != nil {
		return nil, err
	}
	granted, err := s.issue(&token{
		userID: cred.str("user_id"), scope: scope{projectID: cred.str("project_id")},
		methods: []string{"ec2credential"},
	})
	if err != nil {
		return nil, err
	}
	return ok(s.render(granted, true))
}

// signedWith reports whether signature is that of text with secret, in version
// 4 of the scheme of AWS or the one before it.
func signedWith(text, secret, signature string) bool {
	if !strings.HasPrefix(text, "AWS4") {
		mac := hmac.New(sha1.New, []byte(secret))
		mac.Write([]byte(text))
		want := base64.StdEncoding.EncodeToString(mac.Sum(nil))
		return hmac.Equal([]byte(want), []byte(signature))
	}
	lines := strings.Split(text, "\n")
	if len(lines) != 4 || lines[0] != "AWS4-HMAC-SHA256" {
		return false
	}
	parts := strings.Split(lines[2], "/")
	if len(parts) != 4 || parts[3] != "aws4_request" || !slices.Contains([]string{"s3", "iam", "sts"}, parts[2]) {
		return false
	}
	key := []byte("AWS4" + secret)
	for _, part := range append(parts, text) {
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(part))
		key = mac.Sum(nil)
	}
	return hmac.Equal([]byte(hex.EncodeToString(key)), []byte(signature))
}
