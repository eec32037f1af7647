package cloud

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/gotempest/tempest/testlib/config"
)

// Info says which cloud tests run against.
type Info struct {
	Embedded bool     // the embedded cloud; the other fields are empty
	Name     string   // entry of clouds.yaml; empty for OS_* variables
	AuthURL  string   // of the identity service
	User     string   // name of the administrator
	Region   string   // empty for the first of the catalogue
	Services []string // types in the catalogue, sorted

	// Env holds variables that test processes need beside the environment to
	// find the same cloud: they run in other folders.
	Env []string
}

// String says what the cloud is, as the end of "tests against …".
func (i Info) String() string {
	switch {
	case i.Embedded:
		return "the embedded cloud, a simulator and no OpenStack"
	case i.Name != "":
		return fmt.Sprintf("cloud %q at %s as %s", i.Name, i.AuthURL, i.User)
	}
	return fmt.Sprintf("the cloud at %s as %s", i.AuthURL, i.User)
}

// Preflight finds the cloud that tests with this configuration run against, and
// logs in once. The error is one line that says what is wrong and what to do.
func Preflight(ctx context.Context, core config.Core) (Info, error) {
	c, err := Choose(core)
	if err != nil {
		return Info{}, err
	}
	if c.IsEmbedded {
		return Info{Embedded: true}, nil
	}
	s, err := Open(ctx, core)
	if err != nil {
		return Info{}, err
	}
	defer s.Close()
	a, err := s.Administrator(s.Transport()) //nolint:contextcheck // the session has ctx
	if err != nil {
		return Info{}, err
	}
	info := Info{Name: c.Name, AuthURL: c.Auth.IdentityEndpoint, Region: c.Endpoint.Region}
	if u, err := a.Token.ExtractUser(); err == nil && u != nil {
		info.User = u.Name
	}
	for _, entry := range a.Catalog.Entries {
		info.Services = append(info.Services, entry.Type)
	}
	slices.Sort(info.Services)
	if c.File != "" {
		info.Env = append(info.Env, "OS_CLIENT_CONFIG_FILE="+c.File)
	}
	if path, err := filepath.Abs(core.Auth.AccountsFile); err == nil && core.Auth.AccountsFile != "" {
		info.Env = append(info.Env, config.EnvName("auth.accounts_file="+path))
	}
	return info, nil
}
