package fakebarbican

// Barbican's new default policies.
// Source: barbican/common/policies/{base,secrets,secretmeta,acls,containers,consumers}.py, 15.0.

// A rule tells whether the caller may do what it asks for.
type rule func(*call) bool

// A target is what a rule looks at in a secret or a container.
type target struct {
	projectID string
	creatorID string
	acl       *acl // nil means the default: open to the project
}

func (c *call) target() target {
	if c.secret != nil {
		return c.secret.target
	}
	return c.container.target
}

func anyone(*call) bool { return true }

// member: for what does not exist yet, and for lists.
func member(c *call) bool { return c.caller.ProjectID != "" && c.caller.is("member") }

// owner: admins of its project, and the member who created it.
func owner(c *call) bool {
	t := c.target()
	if c.caller.ProjectID == "" || c.caller.ProjectID != t.projectID {
		return false
	}
	return c.caller.is("admin") || c.caller.is("member") && c.caller.UserID == t.creatorID
}

// writer: owners, and other members unless it is private.
func writer(c *call) bool {
	t := c.target()
	open := t.acl == nil || t.acl.projectAccess
	return owner(c) || open && member(c) && c.caller.ProjectID == t.projectID
}

// reader: writers, and the users that the ACL names, from whatever project.
func reader(c *call) bool {
	t := c.target()
	return writer(c) || c.caller.ProjectID != "" && t.acl != nil && t.acl.names(c.caller.UserID)
}
