package cloud

import (
	"fmt"
	"slices"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/tokens"

	"github.com/gotempest/tempest/internal/accounts"
	"github.com/gotempest/tempest/testlib/config"
)

// DefaultDomain returns the name of the domain of users and projects for which nothing else names one.
func DefaultDomain(core config.Core) string {
	if core.Auth.CredentialsDomain != "" {
		return core.Auth.CredentialsDomain
	}
	return "Default" // as `keystone-manage bootstrap` makes it
}

// AccountLogin returns how an account of a file logs in. Its domains must be set.
func AccountLogin(a accounts.Account) *tokens.AuthOptions {
	o := &tokens.AuthOptions{Password: a.Password, UserID: a.UserID}
	if a.UserID == "" {
		o.Username, o.DomainID = a.Username, a.UserDomain.ID
		if o.DomainID == "" {
			o.DomainName = a.UserDomain.Name
		}
	}
	switch {
	case a.System:
		o.Scope.System = true
	case a.Project.ID != "":
		o.Scope.ProjectID = a.Project.ID
	case !a.Project.IsZero():
		o.Scope.ProjectName, o.Scope.DomainID = a.Project.Name, a.ProjectDomain.ID
		if o.Scope.DomainID == "" {
			o.Scope.DomainName = a.ProjectDomain.Name
		}
	case a.Domain.ID != "":
		o.Scope.DomainID = a.Domain.ID
	default:
		o.Scope.DomainName = a.Domain.Name
	}
	return o
}

// withAccount makes an account of the accounts file the one whose catalogue is read, for want of an administrator:
// the first one of a project that is no admin.
func (c Cloud) withAccount(core config.Core) (Cloud, error) {
	file, err := accounts.Read(core.Auth.AccountsFile)
	if err != nil {
		return Cloud{}, err
	}
	best := slices.IndexFunc(file.Accounts, func(a accounts.Account) bool {
		roles, _ := a.RolesOf(core.Identity.AdminRole, "", "")
		return !a.Project.IsZero() && !slices.Contains(roles, core.Identity.AdminRole)
	})
	a := file.Accounts[max(best, 0)]
	a.SetDomain(DefaultDomain(core))
	o := AccountLogin(a)
	c.Source = fmt.Sprintf("%s:%d", core.Auth.AccountsFile, a.Line)
	c.NoAdmin = true
	c.Auth = gophercloud.AuthOptions{
		IdentityEndpoint: c.Auth.IdentityEndpoint, UserID: o.UserID, Username: o.Username, Password: o.Password,
		DomainID: o.DomainID, DomainName: o.DomainName,
		Scope: &gophercloud.AuthScope{
			ProjectID: o.Scope.ProjectID, ProjectName: o.Scope.ProjectName, DomainID: o.Scope.DomainID,
			DomainName: o.Scope.DomainName, System: o.Scope.System,
		},
	}
	return c, nil
}
