package testlib

import (
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/gotempest/tempest/testlib/config"
)

// CloudInfo says which cloud tests run against.
type CloudInfo struct {
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
func (i CloudInfo) String() string {
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
func Preflight(ctx context.Context, core config.Core) (CloudInfo, error) {
	c, err := chooseCloud(core)
	if err != nil {
		return CloudInfo{}, err
	}
	if c.isEmbedded {
		return CloudInfo{Embedded: true}, nil
	}
	s, err := openSession(ctx, core)
	if err != nil {
		return CloudInfo{}, err
	}
	defer s.net.CloseIdleConnections()
	a, err := s.administrator(newCallLog(io.Discard, s, "preflight"))
	if err != nil {
		return CloudInfo{}, err
	}
	info := CloudInfo{Name: c.name, AuthURL: c.auth.IdentityEndpoint, Region: c.endpoint.Region}
	if u, err := a.token.ExtractUser(); err == nil && u != nil {
		info.User = u.Name
	}
	for _, entry := range a.catalog.Entries {
		info.Services = append(info.Services, entry.Type)
	}
	slices.Sort(info.Services)
	if c.file != "" {
		info.Env = []string{"OS_CLIENT_CONFIG_FILE=" + c.file}
	}
	return info, nil
}
