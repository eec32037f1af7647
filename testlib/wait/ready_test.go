package wait_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/gotempest/tempest/testlib/wait"
)

// fakeService answers each path with its list of answers, one after the other, the last one for ever. An
// answer is a JSON body, or a status: "404".
type fakeService map[string][]string

// client returns a client of the service. It needs no network, which time in a synctest bubble would wait for.
func (f fakeService) client(serviceType string) *gophercloud.ServiceClient {
	answers := &answering{script: f, next: map[string]int{}}
	return &gophercloud.ServiceClient{
		ProviderClient: &gophercloud.ProviderClient{HTTPClient: http.Client{Transport: answers}},
		Endpoint:       "http://cloud.test/", Type: serviceType,
	}
}

type answering struct {
	script fakeService

	mu   sync.Mutex
	next map[string]int
}

func (a *answering) RoundTrip(r *http.Request) (*http.Response, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	key := strings.TrimPrefix(r.URL.Path, "/")
	list := a.script[key]
	if len(list) == 0 {
		return response(r, "404"), nil
	}
	i := min(a.next[key], len(list)-1)
	a.next[key]++
	return response(r, list[i]), nil
}

func response(r *http.Request, answer string) *http.Response {
	status, body := http.StatusOK, answer
	if len(answer) == len("404") {
		status, _ = strconv.Atoi(answer)
		body = `{"error": "as ordered"}`
	}
	return &http.Response{
		StatusCode: status, Body: io.NopCloser(strings.NewReader(body)), Request: r,
		Header: http.Header{"Content-Type": {"application/json"}, "X-Openstack-Request-Id": {"req-answer"}},
	}
}

// readyTest is a ready wait against a service that answers as ordered.
type readyTest struct {
	service fakeService
	wait    waitFunc
	want    string // part of the error; empty means success
}

// waitFunc is a wait for one thing.
type waitFunc func(context.Context, *gophercloud.ServiceClient) error

// settles waits for a status.
func settles[T any, S ~string](
	f func(context.Context, *gophercloud.ServiceClient, string, wait.Options, ...S) (T, error), id string, want S,
) waitFunc {
	return func(ctx context.Context, c *gophercloud.ServiceClient) error {
		_, err := f(ctx, c, id, quick, want)
		return err
	}
}

// gone waits for something that one ID names.
func gone(f func(context.Context, *gophercloud.ServiceClient, string, wait.Options) error, id string) waitFunc {
	return func(ctx context.Context, c *gophercloud.ServiceClient) error { return f(ctx, c, id, quick) }
}

// pair waits for something that two names name.
func pair(
	f func(_ context.Context, _ *gophercloud.ServiceClient, a, b string, _ wait.Options) error, a, b string,
) waitFunc {
	return func(ctx context.Context, c *gophercloud.ServiceClient) error { return f(ctx, c, a, b, quick) }
}

// timeIsOver is in the error of a wait that had all of its time.
const timeIsOver = " after 1m0s"

// quick is short enough to tell "at once" from "when the time was over".
var quick = wait.Options{Timeout: time.Minute}

func runReady(t *testing.T, serviceType string, tests map[string]readyTest) {
	t.Helper()
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				err := tt.wait(t.Context(), tt.service.client(serviceType))
				if tt.want == "" {
					if err != nil {
						t.Errorf("error: %v", err)
					}
					return
				}
				if _, ok := errors.AsType[*wait.Error](err); !ok || !strings.Contains(err.Error(), tt.want) {
					t.Errorf("error = %v\nwant one with %q", err, tt.want)
				}
				// What does not say that it waits for ever must end at once.
				if late := strings.Contains(tt.want, timeIsOver); errors.Is(err, wait.ErrTimeout) != late {
					t.Errorf("error = %v\nwant it when the time is over: %t", err, late)
				}
			})
		})
	}
}

const (
	building = `{"server": {"id": "s", "status": "BUILD", "OS-EXT-STS:task_state": "spawning"}}`
	settling = `{"server": {"id": "s", "status": "ACTIVE", "OS-EXT-STS:task_state": "spawning"}}`
	active   = `{"server": {"id": "s", "status": "ACTIVE", "OS-EXT-STS:task_state": null}}`
	broken   = `{"server": {"id": "s", "status": "ERROR", "fault": {"code": 500, "message": "No valid host was found."}}}`
	erasing  = `{"server": {"id": "s", "status": "ERROR", "OS-EXT-STS:task_state": "deleting"}}`
	actions  = `{"instanceActions": [
		{"action": "reboot", "request_id": "req-reboot", "message": null, "start_time": "2026-01-01T00:00:02.000000"},
		{"action": "create", "request_id": "req-create", "message": "Error", "start_time": "2026-01-01T00:00:01.000000"}]}`
	addressed = `{"server": {"id": "s", "status": "ACTIVE", "addresses": {"net": [{"addr": "192.0.2.7", "version": 4}]}}}`
)

func TestCompute(t *testing.T) {
	t.Parallel()
	server := func(want ...string) waitFunc {
		return func(ctx context.Context, c *gophercloud.ServiceClient) error {
			s, err := wait.Server(ctx, c, "s", quick, want...)
			if err == nil && s.ID != "s" {
				return fmt.Errorf("got server %q", s.ID)
			}
			return err
		}
	}
	runReady(t, "compute", map[string]readyTest{
		"a server is built": {fakeService{"servers/s": {building, settling, active}}, server("ACTIVE"), ""},
		"a task goes on": {
			fakeService{"servers/s": {building, settling}}, server("ACTIVE"),
			"server s to be ACTIVE: ACTIVE (spawning) after 1m0s",
		},
		"it is building already": {fakeService{"servers/s": {building}}, server("BUILD"), ""},
		"it fails": {
			fakeService{"servers/s": {building, broken}, "servers/s/os-instance-actions": {actions}}, server("ACTIVE"),
			"does not get out of that state; the service says: fault 500: No valid host was found. [req-create]",
		},
		"it is meant to fail": {fakeService{"servers/s": {building, broken}}, server("ERROR"), ""},
		"it is restored":      {fakeService{"servers/s": {erasing, active}}, server("ACTIVE"), ""},
		"it vanishes":         {fakeService{"servers/s": {building, "404"}}, server("ACTIVE"), "404"},
		"it is gone":          {fakeService{"servers/s": {active, erasing, "404"}}, gone(wait.ServerGone, "s"), ""},
		"it cannot be deleted": {
			fakeService{"servers/s": {erasing, broken}}, gone(wait.ServerGone, "s"), "ERROR after",
		},
		"it is not deleted for good": {
			fakeService{"servers/s": {`{"server": {"status": "SOFT_DELETED"}}`}},
			gone(wait.ServerGone, "s"), "SOFT_DELETED after 0s",
		},
		"its task ends": {
			fakeService{"servers/s": {settling, settling, active}},
			func(ctx context.Context, c *gophercloud.ServiceClient) error {
				_, err := wait.ServerIdle(ctx, c, "s", quick)
				return err
			}, "",
		},
		"it gets an address": {
			fakeService{"servers/s": {active, addressed}},
			func(ctx context.Context, c *gophercloud.ServiceClient) error {
				_, err := wait.ServerAddress(ctx, c, "s", "192.0.2.7", quick)
				return err
			}, "",
		},
		"it loses an address": {
			fakeService{"servers/s": {addressed, active}},
			pair(wait.ServerAddressGone, "s", "192.0.2.7"), "",
		},
		"an interface comes up": {
			fakeService{"servers/s/os-interface/p": {
				"404", `{"interfaceAttachment": {"port_state": "DOWN"}}`, `{"interfaceAttachment": {"port_state": "ACTIVE"}}`,
			}},
			func(ctx context.Context, c *gophercloud.ServiceClient) error {
				_, err := wait.Interface(ctx, c, "s", "p", quick, "ACTIVE")
				return err
			}, "",
		},
		"an interface stays": {
			fakeService{
				"servers/s/os-interface/p":      {`{"interfaceAttachment": {"port_state": "ACTIVE"}}`},
				"servers/s/os-instance-actions": {actions},
			},
			pair(wait.InterfaceGone, "s", "p"), "interface p of server s to be gone: there after 1m0s",
		},
		"a volume is detached": {
			fakeService{"servers/s/os-volume_attachments/v": {`{"volumeAttachment": {"id": "v"}}`, "404"}},
			pair(wait.ServerVolumeGone, "s", "v"), "",
		},
	})
}

// volume is a volume with a status, and attachments to servers.
func volume(status string, servers ...string) string {
	list := make([]string, len(servers))
	for i, s := range servers {
		list[i] = fmt.Sprintf(`{"server_id": %q}`, s)
	}
	return fmt.Sprintf(`{"volume": {"id": "v", "status": %q, "attachments": [%s]}}`, status, strings.Join(list, ", "))
}

// moving is a volume on its way to another type and host.
func moving(status, volumeType, host, migration string) string {
	return fmt.Sprintf(`{"volume": {"id": "v", "status": %q, "volume_type": %q, "os-vol-host-attr:host": %q,
		"migration_status": %q}}`, status, volumeType, host, migration)
}

const cinderMessage = `{"messages": [{"event_id": "VOLUME_VOLUME_001_002", "request_id": "req-volume",
	"user_message": "schedule allocate volume: Could not find any available weighted backend."}]}`

func TestBlockStorage(t *testing.T) {
	t.Parallel()
	status := func(want ...string) waitFunc {
		return func(ctx context.Context, c *gophercloud.ServiceClient) error {
			_, err := wait.Volume(ctx, c, "v", quick, want...)
			return err
		}
	}
	attached := func(ctx context.Context, c *gophercloud.ServiceClient) error {
		_, err := wait.VolumeAttached(ctx, c, "v", "s", quick)
		return err
	}
	detached := func(ctx context.Context, c *gophercloud.ServiceClient) error {
		_, err := wait.VolumeDetached(ctx, c, "v", "s", quick)
		return err
	}
	retyped := pair(wait.VolumeRetyped, "v", "fast")
	migrated := func(ctx context.Context, c *gophercloud.ServiceClient) error {
		return wait.VolumeMigrated(ctx, c, "v", "node@b", quick)
	}
	runReady(t, "block-storage", map[string]readyTest{
		"a volume is made": {
			fakeService{"volumes/v": {volume("creating"), volume("downloading"), volume("available")}}, status("available"), "",
		},
		"it fails": {
			fakeService{"volumes/v": {volume("creating"), volume("error")}, "messages": {cinderMessage}}, status("available"),
			"Could not find any available weighted backend. (VOLUME_VOLUME_001_002) [req-volume]",
		},
		"it cannot be extended": {
			fakeService{"volumes/v": {volume("error_extending")}}, status("available"), "error_extending after 0s",
		},
		"it is gone": {
			fakeService{"volumes/v": {volume("deleting"), "404"}},
			gone(wait.VolumeGone, "v"), "",
		},
		"it cannot be deleted": {
			fakeService{"volumes/v": {volume("deleting"), volume("error_deleting")}},
			gone(wait.VolumeGone, "v"), "error_deleting",
		},
		"it is attached": {
			fakeService{"volumes/v": {volume("attaching"), volume("in-use"), volume("in-use", "s")}},
			attached, "",
		},
		"another has it": {
			fakeService{"volumes/v": {volume("in-use", "other")}}, attached, "to be attached: in-use after 1m0s",
		},
		"it is detached": {
			fakeService{"volumes/v": {volume("in-use", "s"), volume("detaching", "s"), volume("available")}},
			detached, "",
		},
		"others keep it": {
			fakeService{"volumes/v": {volume("in-use", "s", "other"), volume("in-use", "other")}},
			detached, "",
		},
		"it stays attached": {
			fakeService{"volumes/v": {volume("in-use", "s")}},
			detached, "in-use, attached after 1m0s",
		},
		"it gets a type": {
			fakeService{"volumes/v": {moving("retyping", "slow", "", ""), moving("available", "fast", "", "success")}},
			retyped, "",
		},
		"it keeps its type": {
			fakeService{"volumes/v": {moving("available", "slow", "n", "")}},
			retyped, `available of type slow on host "n", migration "" after 1m0s`,
		},
		"its migration fails": {
			fakeService{"volumes/v": {moving("available", "slow", "n", "error")}},
			retyped, "migration failed after 0s",
		},
		"it moves": {
			fakeService{"volumes/v": {
				moving("available", "", "old@b#p", "migrating"), moving("available", "", "node@b#p", "success"),
			}},
			migrated, "",
		},
		"it moves elsewhere": {
			fakeService{"volumes/v": {moving("available", "", "node@bad#p", "success")}},
			migrated, `"node@bad#p", migration "success" after 1m0s`,
		},
	})
}

func TestBlockStorageBesideVolumes(t *testing.T) {
	t.Parallel()
	of := func(kind, status, more string) string {
		return fmt.Sprintf(`{%q: {"id": "x", "status": %q%s}}`, kind, status, more)
	}
	runReady(t, "block-storage", map[string]readyTest{
		"a snapshot is made": {
			fakeService{"snapshots/x": {of("snapshot", "creating", ""), of("snapshot", "available", "")}},
			settles(wait.Snapshot, "x", "available"), "",
		},
		"a snapshot cannot be deleted": {
			fakeService{"snapshots/x": {of("snapshot", "deleting", ""), of("snapshot", "error_deleting", "")}},
			gone(wait.SnapshotGone, "x"),
			"snapshot x to be gone: error_deleting",
		},
		"a backup fails": {
			fakeService{"backups/x": {of("backup", "creating", ""), of("backup", "error", `, "fail_reason": "no service"`)}},
			settles(wait.Backup, "x", "available"), "the service says: no service",
		},
		"a backup is gone": {
			fakeService{"backups/x": {of("backup", "deleting", ""), "404"}},
			gone(wait.BackupGone, "x"), "",
		},
		"an attachment fails": {
			fakeService{"attachments/x": {of("attachment", "attaching", ""), of("attachment", "error_attaching", "")}},
			settles(wait.Attachment, "x", "attached"), "error_attaching",
		},
		"an attachment is gone": {
			fakeService{"attachments/x": {of("attachment", "detaching", ""), "404"}},
			gone(wait.AttachmentGone, "x"), "",
		},
		"QoS specs lose a type": {
			fakeService{"qos-specs/x/associations": {
				`{"qos_associations": [{"id": "a"}, {"id": "b"}]}`, `{"qos_associations": [{"id": "b"}]}`,
			}},
			pair(wait.QoSDisassociated, "x", "a"), "",
		},
		"QoS specs keep one": {
			fakeService{"qos-specs/x/associations": {`{"qos_associations": [{"id": "b"}]}`}},
			func(ctx context.Context, c *gophercloud.ServiceClient) error {
				return wait.QoSDisassociated(ctx, c, "x", "", quick)
			}, "to be disassociated: associated after 1m0s",
		},
	})
}

// picture is an image with a status and more properties.
func picture(status, more string) string {
	return fmt.Sprintf(`{"id": "i", "status": %q, "size": null%s}`, status, more)
}

func TestImage(t *testing.T) {
	t.Parallel()
	activeImage := settles(wait.Image, "i", "active")
	inStores := func(stores ...string) waitFunc {
		return func(ctx context.Context, c *gophercloud.ServiceClient) error {
			_, err := wait.ImageInStores(ctx, c, "i", quick, stores...)
			return err
		}
	}
	task := func(ctx context.Context, c *gophercloud.ServiceClient) error {
		_, err := wait.ImageTask(ctx, c, "t", quick)
		return err
	}
	failed := picture("queued", `, "os_glance_failed_import": "fs"`)
	tasks := `{"tasks": [{"status": "failure", "message": "URL refused", "request_id": "req-import"}]}`
	runReady(t, "image", map[string]readyTest{
		"an image is imported": {
			fakeService{"images/i": {picture("queued", ""), picture("importing", ""), picture("active", "")}}, activeImage, "",
		},
		"it is killed": {
			fakeService{"images/i": {picture("saving", ""), picture("killed", "")}},
			activeImage, "killed after",
		},
		"its import fails": {
			fakeService{"images/i": {picture("importing", ""), failed}, "images/i/tasks": {tasks}}, activeImage,
			"import failed in fs; URL refused [req-import]",
		},
		"it is gone": {
			fakeService{"images/i": {picture("active", ""), "404"}},
			gone(wait.ImageGone, "i"), "",
		},
		"it comes into its stores": {
			fakeService{"images/i": {
				picture("active", `, "stores": "a", "os_glance_importing_to_stores": "b"`),
				picture("active", `, "stores": "a,b", "os_glance_importing_to_stores": ""`),
			}}, inStores("a", "b"), "",
		},
		"one store has failed": {
			fakeService{"images/i": {
				picture("active", `, "stores": "a", "os_glance_importing_to_stores": "b"`),
				picture("active", `, "stores": "a", "os_glance_failed_import": "b"`),
			}}, inStores("a", "b"), "import failed in b",
		},
		"one store is left out": {
			fakeService{"images/i": {picture("active", `, "stores": "a"`)}}, inStores("a", "b"), "in a after 1m0s",
		},
		"it leaves a store": {
			fakeService{"images/i": {picture("active", `, "stores": "a,b"`), picture("active", `, "stores": "a"`)}},
			pair(wait.ImageNotInStore, "i", "b"), "",
		},
		"a task is done": {fakeService{"tasks/t": {`{"status": "processing"}`, `{"status": "success"}`}}, task, ""},
		"a task has failed": {
			fakeService{"tasks/t": {`{"status": "pending"}`, `{"status": "failure", "message": "no input"}`}}, task,
			"failure after",
		},
	})
}

func TestNetwork(t *testing.T) {
	t.Parallel()
	of := func(kind, status string) string { return fmt.Sprintf(`{%q: {"id": "x", "status": %q}}`, kind, status) }
	ports := func(status ...string) string {
		list := make([]string, len(status))
		for i, s := range status {
			list[i] = fmt.Sprintf(`{"status": %q}`, s)
		}
		return fmt.Sprintf(`{"ports": [%s]}`, strings.Join(list, ", "))
	}
	devicePorts := func(ctx context.Context, c *gophercloud.ServiceClient) error {
		_, err := wait.DevicePorts(ctx, c, "s", quick, "ACTIVE", "N/A")
		return err
	}
	runReady(t, "network", map[string]readyTest{
		"a port comes up": {
			fakeService{"ports/x": {of("port", "BUILD"), of("port", "DOWN"), of("port", "ACTIVE")}},
			settles(wait.Port, "x", "ACTIVE"), "",
		},
		"a port fails": {
			fakeService{"ports/x": {of("port", "ERROR")}},
			settles(wait.Port, "x", "ACTIVE"), "ERROR after 0s",
		},
		"a port is gone": {
			fakeService{"ports/x": {of("port", "DOWN"), "404"}},
			gone(wait.PortGone, "x"), "",
		},
		"a router comes up": {
			fakeService{"routers/x": {of("router", "ALLOCATING"), of("router", "ACTIVE")}},
			settles(wait.Router, "x", "ACTIVE"), "",
		},
		"a router is gone": {
			fakeService{"routers/x": {"404"}},
			gone(wait.RouterGone, "x"), "",
		},
		"a floating IP is bound": {
			fakeService{"floatingips/x": {of("floatingip", "DOWN"), of("floatingip", "ACTIVE")}},
			settles(wait.FloatingIP, "x", "ACTIVE"), "",
		},
		"a floating IP is gone": {
			fakeService{"floatingips/x": {"404"}},
			gone(wait.FloatingIPGone, "x"), "",
		},
		"a network is up": {
			fakeService{"networks/x": {of("network", "ACTIVE")}},
			settles(wait.Network, "x", "ACTIVE"), "",
		},
		"a network stays": {
			fakeService{"networks/x": {of("network", "ACTIVE")}},
			gone(wait.NetworkGone, "x"),
			"network x to be gone: there after 1m0s",
		},
		"a subnet is gone": {
			fakeService{"subnets/x": {`{"subnet": {"id": "x"}}`, "404"}},
			gone(wait.SubnetGone, "x"), "",
		},
		"all ports come up": {
			fakeService{"ports": {ports(), ports("ACTIVE", "DOWN"), ports("ACTIVE", "N/A")}},
			devicePorts, "",
		},
		"one port stays down": {
			fakeService{"ports": {ports("ACTIVE", "DOWN")}},
			devicePorts, "1 ACTIVE, 1 DOWN after 1m0s",
		},
		"one port fails": {fakeService{"ports": {ports("ACTIVE", "ERROR")}}, devicePorts, "ERROR after 0s"},
	})
}

func TestObjectStore(t *testing.T) {
	t.Parallel()
	runReady(t, "object-store", map[string]readyTest{
		"an object can be read": {
			fakeService{"c/o": {"404", "{}"}},
			pair(wait.Object, "c", "o"), "",
		},
		"an object is gone": {
			fakeService{"c/o": {"{}", "404"}},
			pair(wait.ObjectGone, "c", "o"), "",
		},
		"an object stays": {
			fakeService{"c/o": {"{}"}},
			pair(wait.ObjectGone, "c", "o"),
			"object c/o to be gone: there after 1m0s",
		},
		"an object is listed": {
			fakeService{"c": {`[{"name": "other"}]`, `[]`, `[{"name": "other"}, {"name": "o"}]`, `[]`}},
			pair(wait.ObjectListed, "c", "o"), "",
		},
		"an object is not listed": {
			fakeService{"c": {`[{"name": "o"}]`, `[]`}},
			pair(wait.ObjectUnlisted, "c", "o"), "",
		},
		"its container is gone": {
			fakeService{"c": {"404"}},
			pair(wait.ObjectUnlisted, "c", "o"), "",
		},
		"a container is listed": {
			fakeService{"": {`[]`, `[{"name": "c"}]`, `[]`}},
			gone(wait.ContainerListed, "c"), "",
		},
		"a container is not listed": {
			fakeService{"": {`[{"name": "c"}]`, `[]`}},
			gone(wait.ContainerUnlisted, "c"), "",
		},
		"a container is gone": {
			fakeService{"c": {"{}", "404"}},
			gone(wait.ContainerGone, "c"), "",
		},
	})
}

func TestPlacementAndIdentity(t *testing.T) {
	t.Parallel()
	runReady(t, "placement", map[string]readyTest{
		"a consumer lets go": {
			fakeService{"allocations/s": {`{"allocations": {"rp": {}}}`, `{"allocations": {}}`}},
			gone(wait.AllocationsGone, "s"), "",
		},
		"a consumer holds on": {
			fakeService{"allocations/s": {`{"allocations": {"rp": {}}}`}},
			gone(wait.AllocationsGone, "s"),
			"to be gone: 1 resource provider after 1m0s",
		},
		"a provider is unused": {
			fakeService{"resource_providers/rp/allocations": {`{"allocations": {"a": {}, "b": {}}}`, `{"allocations": {}}`}},
			gone(wait.ProviderUnused, "rp"), "",
		},
		"a provider offers": {
			fakeService{"resource_providers/rp/inventories": {
				"404", `{"inventories": {}}`, `{"inventories": {"VCPU": {"total": 8}}}`,
			}},
			func(ctx context.Context, c *gophercloud.ServiceClient) error {
				i, err := wait.Inventory(ctx, c, "rp", "VCPU", quick)
				if err == nil && i.Total != 8 {
					return fmt.Errorf("total = %d, want 8", i.Total)
				}
				return err
			}, "",
		},
		"a provider offers something else": {
			fakeService{"resource_providers/rp/inventories": {`{"inventories": {"VGPU": {}}}`}},
			func(ctx context.Context, c *gophercloud.ServiceClient) error {
				_, err := wait.Inventory(ctx, c, "rp", "VCPU", quick)
				return err
			}, "offering [VGPU] after 1m0s",
		},
	})
	runReady(t, "identity", map[string]readyTest{
		"a token is revoked": {
			fakeService{"auth/tokens": {"{}", "404"}},
			gone(wait.TokenRevoked, "gAAAA"), "",
		},
		"a token stays valid": {
			fakeService{"auth/tokens": {"{}"}},
			gone(wait.TokenRevoked, "gAAAA"), "waiting for the token to be revoked: valid after 1m0s",
		},
	})
}
