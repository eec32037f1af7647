package provision

import (
	"context"

	"github.com/gotempest/tempest/internal/netsetup"
)

// makeNetwork makes a network with a subnet for a project, and a router to the public network if there is one. It
// returns its name.
func (m *Maker) makeNetwork(ctx context.Context, name, projectID string) (string, error) {
	o := netsetup.FromConfig(m.core)
	o.Name, o.ProjectID, o.DHCP, o.Router = name, projectID, true, m.core.Network.PublicNetwork != ""
	made, err := netsetup.Make(ctx, m.network, o)
	if err != nil {
		return "", err // what it made is found by the project when that is removed
	}
	m.say("made network %s", made.Name)
	return made.Name, nil
}

// removeNetworks removes what the network service has of a project.
func (m *Maker) removeNetworks(ctx context.Context, projectID string) error {
	if m.network == nil {
		return nil
	}
	return netsetup.RemoveAll(ctx, m.network, projectID)
}
