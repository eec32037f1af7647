package keystone

// trustScope reads the trust that a token is asked for.
func (s *Service) trustScope(_ *login, _ object) error { return notFound("trust", "") }

// resolveTrust works out what a token made with a trust stands for.
func (s *Service) resolveTrust(_ *grantedToken) error { return nil }

// renderTrust adds the trust to a token's body.
func (s *Service) renderTrust(_ *grantedToken, _ object) {}

// useTrust counts one use of a trust.
func (s *Service) useTrust(_ object) {}

// delegatedRoles are the roles of an OAuth access token.
func (s *Service) delegatedRoles(_ string) map[string]bool { return nil }

func (s *Service) authOAuth(_ *request, _ *login, _ object) error { return unauthorized() }
