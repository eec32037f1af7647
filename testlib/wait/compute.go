package wait

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/attachinterfaces"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/instanceactions"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/servers"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/volumeattach"
)

// Server waits until a server has one of the wanted states, as "ACTIVE", "SHUTOFF" or
// "VERIFY_RESIZE", and no task is under way; "BUILD" is reached with a task.
//
// The wait ends at once when the server is idle in ERROR, DELETED or SOFT_DELETED: only another
// request gets it out of there (Compute API guide, "Server concepts", server status). The error
// then holds the fault of the server, and the request id of its last action that failed.
func Server(ctx context.Context, compute *gophercloud.ServiceClient, id string, o Options, want ...string) (
	*servers.Server, error) {
	return For(ctx, Poll[*servers.Server, string]{
		What: "server " + id, Get: getServer(compute, id), State: serverState, Want: want,
		Bad: []string{"ERROR", "DELETED", "SOFT_DELETED"}, Explain: explainServer(compute),
	}, o)
}

// ServerIdle waits until no task of a server is under way, whatever its status is then. It is for what
// ends in the status in which it began, such as a snapshot or a reboot.
func ServerIdle(ctx context.Context, compute *gophercloud.ServiceClient, id string, o Options) (
	*servers.Server, error) {
	return For(ctx, Poll[*servers.Server, string]{
		What: "server " + id, Get: getServer(compute, id), Want: []string{"idle"}, Explain: explainServer(compute),
		State: func(s *servers.Server) string {
			if s.TaskState == "" {
				return "idle"
			}
			return s.TaskState
		},
	}, o)
}

// ServerGone waits until a server that was deleted is gone. The wait ends at once when nothing deletes it any
// more: when it is idle in ERROR, or in SOFT_DELETED, which is where a cloud with a
// reclaim interval leaves it until it is deleted by force.
func ServerGone(ctx context.Context, compute *gophercloud.ServiceClient, id string, o Options) error {
	_, err := For(ctx, Poll[*servers.Server, string]{
		What: "server " + id, Get: getServer(compute, id), State: serverState, Want: []string{stateGone, "DELETED"},
		NotFound: stateGone, Bad: []string{"ERROR", "SOFT_DELETED"}, Explain: explainServer(compute),
	}, o)
	return err
}

// ServerAddress waits until a server lists an IP address, fixed or floating. Nova learns of
// floating ones with a delay.
func ServerAddress(ctx context.Context, compute *gophercloud.ServiceClient, id, address string, o Options) (
	*servers.Server, error) {
	return For(ctx, addressPoll(compute, id, address, true), o)
}

// ServerAddressGone waits until a server no longer lists an IP address, or is gone itself.
func ServerAddressGone(ctx context.Context, compute *gophercloud.ServiceClient, id, address string, o Options) error {
	_, err := For(ctx, addressPoll(compute, id, address, false), o)
	return err
}

// Interface waits until the port of a server's interface has the wanted state, as "ACTIVE". A 404 means that it
// is not attached yet.
func Interface(ctx context.Context, compute *gophercloud.ServiceClient, serverID, portID string, o Options,
	want ...string) (*attachinterfaces.Interface, error) {
	return For(ctx, Poll[*attachinterfaces.Interface, string]{
		What: fmt.Sprintf("interface %s of server %s", portID, serverID), Get: getInterface(compute, serverID, portID),
		State: func(i *attachinterfaces.Interface) string { return i.PortState }, Want: want, NotFound: "not attached",
		Explain: func(ctx context.Context, _ *attachinterfaces.Interface) Reason {
			return lastAction(ctx, compute, serverID)
		},
	}, o)
}

// InterfaceGone waits until an interface is detached from a server.
func InterfaceGone(ctx context.Context, compute *gophercloud.ServiceClient, serverID, portID string, o Options) error {
	p := gone(fmt.Sprintf("interface %s of server %s", portID, serverID), getInterface(compute, serverID, portID))
	p.Explain = func(ctx context.Context, _ *attachinterfaces.Interface) Reason {
		return lastAction(ctx, compute, serverID)
	}
	_, err := For(ctx, p, o)
	return err
}

// ServerVolumeGone waits until a server no longer lists a volume among its attachments. The
// volume itself becomes "available" a moment later or sooner: see [Volume].
func ServerVolumeGone(ctx context.Context, compute *gophercloud.ServiceClient, serverID, volumeID string,
	o Options) error {
	p := gone(fmt.Sprintf("volume %s on server %s", volumeID, serverID),
		func(ctx context.Context) (*volumeattach.VolumeAttachment, error) {
			return volumeattach.Get(ctx, compute, serverID, volumeID).Extract()
		})
	p.Explain = func(ctx context.Context, _ *volumeattach.VolumeAttachment) Reason {
		return lastAction(ctx, compute, serverID)
	}
	_, err := For(ctx, p, o)
	return err
}

func getServer(compute *gophercloud.ServiceClient, id string) func(context.Context) (*servers.Server, error) {
	return func(ctx context.Context) (*servers.Server, error) { return servers.Get(ctx, compute, id).Extract() }
}

func getInterface(compute *gophercloud.ServiceClient, serverID, portID string) func(context.Context) (
	*attachinterfaces.Interface, error) {
	return func(ctx context.Context) (*attachinterfaces.Interface, error) {
		return attachinterfaces.Get(ctx, compute, serverID, portID).Extract()
	}
}

// serverState is the status of a server, with its task if there is one: "ACTIVE (reboot_started)".
// A server in BUILD has one all the time.
func serverState(s *servers.Server) string {
	if s.TaskState == "" || s.Status == "BUILD" {
		return s.Status
	}
	return fmt.Sprintf("%s (%s)", s.Status, s.TaskState)
}

func addressPoll(compute *gophercloud.ServiceClient, id, address string, listed bool) Poll[*servers.Server, string] {
	p := Poll[*servers.Server, string]{
		What: fmt.Sprintf("address %s of server %s", address, id), Get: getServer(compute, id),
		State: func(s *servers.Server) string {
			if slices.Contains(addresses(s), address) {
				return "listed"
			}
			return "not listed"
		},
		Want: []string{"listed"},
	}
	if !listed {
		p.Want, p.NotFound = []string{"not listed", stateGone}, stateGone
	}
	return p
}

// addresses are all IP addresses that a server lists.
func addresses(s *servers.Server) []string {
	var all []string
	for _, network := range s.Addresses {
		list, _ := network.([]any)
		for _, entry := range list {
			fields, _ := entry.(map[string]any)
			if a, ok := fields["addr"].(string); ok {
				all = append(all, a)
			}
		}
	}
	return all
}

// explainServer says what Nova knows of a server that went wrong.
func explainServer(compute *gophercloud.ServiceClient) func(context.Context, *servers.Server) Reason {
	return func(ctx context.Context, s *servers.Server) Reason {
		r := lastAction(ctx, compute, s.ID)
		if s.Fault.Message != "" {
			r.Message = fmt.Sprintf("fault %d: %s", s.Fault.Code, strings.TrimSpace(s.Fault.Message))
		}
		return r
	}
}

// lastAction is what Nova's list of actions says of the last one that failed, or of the last one.
func lastAction(ctx context.Context, compute *gophercloud.ServiceClient, serverID string) Reason {
	page, err := instanceactions.List(compute, serverID, nil).AllPages(ctx)
	if err != nil {
		return Reason{}
	}
	actions, err := instanceactions.ExtractInstanceActions(page)
	if err != nil || len(actions) == 0 {
		return Reason{}
	}
	newest := func(a, b instanceactions.InstanceAction) int { return b.StartTime.Compare(a.StartTime) }
	slices.SortStableFunc(actions, newest)
	failed := func(a instanceactions.InstanceAction) bool { return a.Message != "" }
	last := actions[max(slices.IndexFunc(actions, failed), 0)]
	if last.Message == "" {
		return Reason{RequestID: last.RequestID}
	}
	return Reason{
		Message:   fmt.Sprintf("action %s: %s", last.Action, strings.TrimSpace(last.Message)),
		RequestID: last.RequestID,
	}
}
