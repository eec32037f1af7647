//go:build tempest

package wait_test

import (
	"context"
	"testing"

	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/attachinterfaces"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/flavors"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/quotasets"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/servers"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/volumeattach"
	"github.com/gophercloud/gophercloud/v2/openstack/image/v2/images"

	"github.com/gotempest/tempest/testlib"
	"github.com/gotempest/tempest/testlib/wait"
)

func TestServerLives(t *testing.T) {
	e := testlib.Start(t, testlib.ID("f4c3d5d8-3d8a-4d1a-a6f5-4b0b5d1b8f4e"),
		testlib.Services("compute", "image", "network", "block-storage", "placement"),
		testlib.Credentials(testlib.ProjectMember, testlib.ProjectAdmin))
	realCloud(e)
	ctx, c, o := e.Context(), e.Client(member, "compute"), e.Wait("compute")
	small, large := smallFlavors(e)
	networkID, _ := privateNetwork(e)
	id := boot(e, networkID, small)
	_, err := wait.Server(ctx, c, id, o, "ACTIVE")
	must(e, "server", err)
	_, err = wait.DevicePorts(ctx, e.Client(member, "network"), id, e.Wait("network"), "ACTIVE", "DOWN")
	must(e, "ports", err)

	e.Run("Reboot", func(e *testlib.Env) {
		must(e, "rebooting", servers.Reboot(ctx, c, id, servers.RebootOpts{Type: servers.HardReboot}).ExtractErr())
		s, err := wait.ServerIdle(ctx, c, id, o)
		must(e, "server", err)
		if s.Status != "ACTIVE" {
			e.Errorf("status = %s", s.Status)
		}
	})
	e.Run("Resize", func(e *testlib.Env) { resize(e, id, large) })
	e.Run("Volume", func(e *testlib.Env) { attachVolume(e, id) })
	e.Run("Interface", func(e *testlib.Env) { attachInterface(e, id, networkID) })
	e.Run("Image", func(e *testlib.Env) { snapshot(e, id) })

	must(e, "deleting the server", servers.Delete(ctx, c, id).ExtractErr())
	must(e, "server", wait.ServerGone(ctx, c, id, o))
	must(e, "allocations", wait.AllocationsGone(ctx, e.Client(testlib.ProjectAdmin, "placement"), id, o))
}

func resize(e *testlib.Env, id, flavor string) {
	ctx, c, o := e.Context(), e.Client(member, "compute"), e.Wait("compute")
	must(e, "resizing", servers.Resize(ctx, c, id, servers.ResizeOpts{FlavorRef: flavor}).ExtractErr())
	_, err := wait.Server(ctx, c, id, o, "VERIFY_RESIZE")
	must(e, "server", err)
	must(e, "confirming", servers.ConfirmResize(ctx, c, id).ExtractErr())
	_, err = wait.Server(ctx, c, id, o, "ACTIVE")
	must(e, "server", err)
}

func attachVolume(e *testlib.Env, id string) {
	ctx, c, o := e.Context(), e.Client(member, "compute"), e.Wait("block-storage")
	storage := e.Client(member, "block-storage")
	volumeID := newVolume(e, storage, "")
	_, err := wait.Volume(ctx, storage, volumeID, o, "available")
	must(e, "volume", err)
	_, err = volumeattach.Create(ctx, c, id, volumeattach.CreateOpts{VolumeID: volumeID}).Extract()
	must(e, "attaching", err)
	e.Cleanup("attachment of volume "+volumeID, func(ctx context.Context) error {
		if err := volumeattach.Delete(ctx, c, id, volumeID).ExtractErr(); err != nil {
			return err
		}
		return wait.ServerVolumeGone(ctx, c, id, volumeID, o)
	})
	_, err = wait.VolumeAttached(ctx, storage, volumeID, id, o)
	must(e, "volume", err)

	must(e, "detaching", volumeattach.Delete(ctx, c, id, volumeID).ExtractErr())
	must(e, "volume", wait.ServerVolumeGone(ctx, c, id, volumeID, o))
	_, err = wait.VolumeDetached(ctx, storage, volumeID, id, o)
	must(e, "volume", err)
}

func attachInterface(e *testlib.Env, id, networkID string) {
	ctx, c, o := e.Context(), e.Client(member, "compute"), e.Wait("compute")
	p := port(e, networkID)
	_, err := attachinterfaces.Create(ctx, c, id, attachinterfaces.CreateOpts{PortID: p.ID}).Extract()
	must(e, "attaching", err)
	_, err = wait.Interface(ctx, c, id, p.ID, o, "ACTIVE", "DOWN") // without an L2 agent it stays DOWN
	must(e, "interface", err)
	address := p.FixedIPs[0].IPAddress
	_, err = wait.ServerAddress(ctx, c, id, address, o)
	must(e, "address", err)

	must(e, "detaching", attachinterfaces.Delete(ctx, c, id, p.ID).ExtractErr())
	must(e, "interface", wait.InterfaceGone(ctx, c, id, p.ID, o))
	must(e, "address", wait.ServerAddressGone(ctx, c, id, address, o))
}

func snapshot(e *testlib.Env, id string) {
	ctx, c, o := e.Context(), e.Client(member, "compute"), e.Wait("compute")
	image := e.Client(member, "image")
	imageID, err := servers.CreateImage(ctx, c, id, servers.CreateImageOpts{Name: e.Name("image")}).ExtractImageID()
	must(e, "making an image", err)
	e.Cleanup("image "+imageID, func(ctx context.Context) error { return images.Delete(ctx, image, imageID).ExtractErr() })
	_, err = wait.ServerIdle(ctx, c, id, o)
	must(e, "server", err)
	// Nova's fake driver takes no picture, so that the image stays empty.
	_, err = wait.Image(ctx, image, imageID, e.Wait("image"), images.ImageStatusActive, images.ImageStatusQueued)
	must(e, "image", err)
	must(e, "deleting the image", images.Delete(ctx, image, imageID).ExtractErr())
	must(e, "image", wait.ImageGone(ctx, image, imageID, e.Wait("image")))
}

func TestServerFails(t *testing.T) {
	e := testlib.Start(t, testlib.ID("0b0f8c0e-6f64-4fd2-a26a-f3ad3b1c2bb7"), testlib.Services("compute", "image"),
		testlib.Credentials(testlib.ProjectMember, testlib.ProjectAdmin))
	realCloud(e)
	ctx, o := e.Context(), e.Wait("compute")
	admin := e.Client(testlib.ProjectAdmin, "compute")
	private, disk := false, 1
	huge, err := flavors.Create(ctx, admin, flavors.CreateOpts{
		Name: e.Name("flavor"), RAM: 512, VCPUs: 9999, Disk: &disk, IsPublic: &private,
	}).Extract()
	must(e, "making a flavor", err)
	e.Cleanup("flavor "+huge.ID, func(ctx context.Context) error {
		return flavors.Delete(ctx, admin, huge.ID).ExtractErr()
	})
	project := e.Credential(member).ProjectID
	_, err = flavors.AddAccess(ctx, admin, huge.ID, flavors.AddAccessOpts{Tenant: project}).Extract()
	must(e, "giving access to the flavor", err)
	cores := 10000
	_, err = quotasets.Update(ctx, admin, project, quotasets.UpdateOpts{Cores: &cores}).Extract()
	must(e, "raising the quota", err)
	id := boot(e, "", huge.ID)

	_, err = wait.Server(ctx, e.Client(member, "compute"), id, o, "ACTIVE")

	explained(e, err, "No valid host")
}
