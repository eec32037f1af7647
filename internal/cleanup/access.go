package cleanup

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/tokens"

	"github.com/gotempest/tempest/internal/cloud"
)

// Account is a user of one project that exists without tempest.
type Account struct {
	Auth gophercloud.AuthOptions
	// UserName and ProjectName say who it is, for messages.
	UserName, ProjectName string
}

// access gives the rights that a removal needs. Its methods may be called concurrently.
type access struct {
	session  *cloud.Session
	admin    *rights
	adminErr error  // why there is no administrator
	userID   string // of the administrator
	domain   string // of the administrator
	accounts []Account
	readOnly bool // gives no roles

	mu       sync.Mutex
	projects map[string]*projectRights
	granted  map[string]bool // projects on which the administrator got the role
	byID     map[string]*rights
	loggedIn bool // accounts
}

// projectRights are those in one project, asked for once.
type projectRights struct {
	once   sync.Once
	rights *rights
	err    error
}

// errNoProject says that a project is not there any more.
var errNoProject = errors.New("its project does not exist any more")

// newAccess logs the administrator in. Without one, the accounts have to do.
func newAccess(ctx context.Context, s *cloud.Session, accounts []Account) (*access, error) {
	a := &access{session: s, accounts: accounts, projects: map[string]*projectRights{}, granted: map[string]bool{}}
	admin, err := s.Administrator(userAgent{s.Transport()}) //nolint:contextcheck // the session has ctx
	switch {
	case err != nil && len(accounts) == 0:
		return nil, err
	case err != nil:
		a.adminErr = err
		a.logInAccounts(ctx)
		if len(a.byID) == 0 {
			return nil, err
		}
		return a, nil
	}
	a.admin = &rights{session: s, provider: admin.Provider, who: "the administrator"}
	if p, err := admin.Token.ExtractProject(); err == nil && p != nil {
		a.admin.project = p.ID
		a.domain = p.Domain.ID
	}
	if u, err := admin.Token.ExtractUser(); err == nil && u != nil {
		a.userID = u.ID
	}
	return a, nil
}

// userAgent names the calls.
type userAgent struct{ next http.RoundTripper }

func (u userAgent) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("User-Agent", "tempest-cleanup "+r.Header.Get("User-Agent"))
	return u.next.RoundTrip(r)
}

// logInAccounts makes tokens of the accounts. One that cannot log in is of no use here.
func (a *access) logInAccounts(ctx context.Context) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.loggedIn {
		return
	}
	a.loggedIn, a.byID = true, map[string]*rights{}
	for _, account := range a.accounts {
		auth := account.Auth
		auth.IdentityEndpoint = a.session.Cloud.Auth.IdentityEndpoint
		a.session.Secrets.Pin(auth.Password)
		r, err := a.logIn(ctx, auth, "user "+account.UserName)
		if err == nil && r.project != "" && a.byID[r.project] == nil {
			a.byID[r.project] = r
		}
	}
}

// in returns the rights in a project: those of an account of it if there is one, else those of the
// administrator with a role there.
func (a *access) in(ctx context.Context, project string) (*rights, error) {
	if a.admin != nil && project == a.admin.project {
		return a.admin, nil
	}
	a.logInAccounts(ctx)
	a.mu.Lock()
	if r := a.byID[project]; r != nil {
		a.mu.Unlock()
		return r, nil
	}
	p := a.projects[project]
	if p == nil {
		p = &projectRights{}
		a.projects[project] = p
	}
	a.mu.Unlock()
	p.once.Do(func() { p.rights, p.err = a.enter(ctx, project) })
	return p.rights, p.err
}

// forget makes the next call of in try again.
func (a *access) forget(project string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.projects, project)
}

// has reports whether the cloud has a service.
func (a *access) has(service string) bool {
	if a.admin == nil {
		return true // each account has a catalogue of its own
	}
	_, err := a.admin.url(service, "/")
	return err == nil
}

// enter gives the administrator a role on a project and a token for it.
func (a *access) enter(ctx context.Context, project string) (*rights, error) {
	if a.admin == nil {
		return nil, fmt.Errorf("there is neither an administrator (%w) nor an account of its project %s", a.adminErr, project)
	}
	url, err := a.roleURL(ctx, project)
	if err != nil {
		return nil, err
	}
	had, err := a.admin.do(ctx, call{method: http.MethodHead, url: url})
	if err != nil {
		return nil, err
	}
	if !had.ok() {
		if a.readOnly {
			return nil, fmt.Errorf("only a token of its project %s could tell, and a dry run takes no role there", project)
		}
		c := call{method: http.MethodPut, url: url}
		got, err := a.admin.do(ctx, c)
		switch {
		case err != nil:
			return nil, err
		case got.status == http.StatusNotFound:
			return nil, errNoProject
		case !got.ok():
			return nil, fmt.Errorf("giving the administrator a role on project %s: %w", project, a.admin.refusal(c, got))
		}
		a.mu.Lock()
		a.granted[project] = true
		a.mu.Unlock()
	}
	auth := a.session.Cloud.Auth
	auth.Scope = &gophercloud.AuthScope{ProjectID: project}
	auth.TenantID, auth.TenantName = "", ""
	return a.logIn(ctx, auth, "the administrator in project "+project)
}

// roleURL is the address of the administrator's role on a project.
func (a *access) roleURL(ctx context.Context, project string) (string, error) {
	client, err := cloud.NewClient(a.admin.provider, cloud.Identity, a.session.Cloud.Endpoint)
	if err != nil {
		return "", err
	}
	admin, err := a.session.Administrator(a.session.Transport()) //nolint:contextcheck // logged in already
	if err != nil {
		return "", err
	}
	role, err := admin.RoleID(ctx, client, a.session.Core.Identity.AdminRole)
	if err != nil {
		return "", err
	}
	if role == "" {
		return "", fmt.Errorf("the cloud has no role %q (identity.admin_role)", a.session.Core.Identity.AdminRole)
	}
	return a.admin.url(identity, "/projects/"+project+"/users/"+a.userID+"/roles/"+role)
}

// logIn returns the rights of who logs in.
func (a *access) logIn(ctx context.Context, auth gophercloud.AuthOptions, who string) (*rights, error) {
	p, err := openstack.NewClient(auth.IdentityEndpoint)
	if err != nil {
		return nil, fmt.Errorf("logging in %s: %w", who, err)
	}
	p.HTTPClient = http.Client{Transport: userAgent{a.session.Transport()}}
	auth.AllowReauth = auth.TokenID == ""
	r := &rights{session: a.session, provider: p, who: who}
	if err := openstack.Authenticate(ctx, p, auth); err != nil {
		return nil, fmt.Errorf("logging in %s: %s", who, r.oneLine(err.Error()))
	}
	token, ok := p.GetAuthResult().(tokens.CreateResult)
	if !ok {
		return nil, fmt.Errorf("logging in %s: not a token of identity v3", who)
	}
	catalog, err := token.ExtractServiceCatalog()
	if err != nil {
		return nil, fmt.Errorf("reading the catalogue of %s: %w", who, err)
	}
	p.EndpointLocator = a.session.Locator(p, catalog)
	if project, err := token.ExtractProject(); err == nil && project != nil {
		r.project = project.ID
	}
	return r, nil
}

// close takes the roles away that the administrator got, except on projects that are gone.
func (a *access) close(ctx context.Context) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	var errs []error
	for project := range a.granted {
		url, err := a.roleURL(ctx, project)
		if err == nil {
			c := call{method: http.MethodDelete, url: url}
			var got answer
			if got, err = a.admin.do(ctx, c); err == nil && !got.ok() && got.status != http.StatusNotFound {
				err = a.admin.refusal(c, got)
			}
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("taking the administrator's role on project %s away again: %w", project, err))
			continue
		}
		delete(a.granted, project)
	}
	return errors.Join(errs...)
}
