package cloud

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"syscall"

	"github.com/gophercloud/gophercloud/v2"
)

// explain says in one line why the administrator cannot log in, and what to do.
func (s *Session) explain(err error) error {
	at := s.Cloud.Auth.IdentityEndpoint
	if s.Cloud.Name != "" {
		at = fmt.Sprintf("cloud %q at %s", s.Cloud.Name, at)
	}
	if cause := context.Cause(s.ctx); cause != nil {
		return cause
	}
	var code gophercloud.ErrUnexpectedResponseCode
	if errors.As(err, &code) {
		return s.explainStatus(at, code)
	}
	check := fmt.Sprintf("check that the cloud is up, and auth_url in %s", s.Cloud.Source)
	var dns *net.DNSError
	var timeout net.Error
	var authority x509.UnknownAuthorityError
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return fmt.Errorf("%s: connection refused; %s", at, check)
	case errors.As(err, &dns):
		return fmt.Errorf("%s: no such host; %s", at, check)
	case errors.As(err, &timeout) && timeout.Timeout():
		return fmt.Errorf("%s: no answer within %s (auth.connect_timeout) and %s (auth.request_timeout); %s",
			at, s.Core.Auth.ConnectTimeout, s.Core.Auth.RequestTimeout, check)
	case errors.As(err, &authority):
		return fmt.Errorf("%s: its certificate is signed by an unknown authority; set cacert in %s", at, s.Cloud.Source)
	case errors.Is(err, http.ErrSchemeMismatch):
		return fmt.Errorf("%s: it does not speak TLS; auth_url in %s should start with http://", at, s.Cloud.Source)
	}
	return fmt.Errorf("%s: %s; %s", at, s.Secrets.Text(singleLine(err.Error())), check)
}

func (s *Session) explainStatus(at string, code gophercloud.ErrUnexpectedResponseCode) error {
	ao := s.Cloud.Auth
	who := fmt.Sprintf("user %q", ao.Username+ao.UserID)
	switch {
	case ao.ApplicationCredentialSecret != "" && ao.Password == "":
		who = fmt.Sprintf("application credential %q", ao.ApplicationCredentialID+ao.ApplicationCredentialName)
	case ao.TokenID != "" && ao.Password == "":
		who = "the token"
	}
	switch code.Actual {
	case http.StatusUnauthorized:
		return fmt.Errorf("%s: %s is rejected (401); check password, domain and project in %s", at, who, s.Cloud.Source)
	case http.StatusNotFound:
		if ao.TokenID != "" && ao.Password == "" { // Keystone says so of tokens
			return fmt.Errorf("%s: the token is not known there (404); check token and auth_url in %s", at, s.Cloud.Source)
		}
		return fmt.Errorf("%s: no identity service of version 3 there (404); check auth_url in %s", at, s.Cloud.Source)
	}
	return fmt.Errorf("%s: logging in %s: status %d: %s", at, who, code.Actual,
		s.Secrets.Text(shortText(singleLine(string(code.Body)))))
}

// shortText returns the start of s, as long as a message should repeat of a body.
func shortText(s string) string {
	const most = 200
	if len(s) <= most {
		return s
	}
	return s[:most] + "…"
}
