//go:build tempest

package wait_test

import (
	"context"
	"testing"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/blockstorage/v3/snapshots"
	"github.com/gophercloud/gophercloud/v2/openstack/blockstorage/v3/volumes"
	"github.com/gophercloud/gophercloud/v2/openstack/blockstorage/v3/volumetypes"

	"github.com/gotempest/tempest/testlib"
	"github.com/gotempest/tempest/testlib/wait"
)

// newVolume asks for a volume of 1 GiB, and returns its ID.
func newVolume(e *testlib.Env, c *gophercloud.ServiceClient, volumeType string) string {
	e.Helper()
	v, err := volumes.Create(e.Context(), c, volumes.CreateOpts{
		Name: e.Name("volume"), Size: 1, VolumeType: volumeType,
	}, nil).Extract()
	must(e, "making a volume", err)
	e.Cleanup("volume "+v.ID, func(ctx context.Context) error {
		if err := volumes.Delete(ctx, c, v.ID, nil).ExtractErr(); err != nil {
			return err
		}
		return wait.VolumeGone(ctx, c, v.ID, e.Wait("block-storage"))
	})
	return v.ID
}

// newVolumeType makes a volume type, which only administrators can.
func newVolumeType(e *testlib.Env, extra map[string]string) string {
	e.Helper()
	c := e.Client(testlib.ProjectAdmin, "block-storage")
	t, err := volumetypes.Create(e.Context(), c, volumetypes.CreateOpts{
		Name: e.Name("volume-type"), ExtraSpecs: extra,
	}).Extract()
	must(e, "making a volume type", err)
	e.Cleanup("volume type "+t.ID, func(ctx context.Context) error {
		return volumetypes.Delete(ctx, c, t.ID).ExtractErr()
	})
	return t.Name
}

func TestVolumes(t *testing.T) {
	e := testlib.Start(t, testlib.ID("d3b6c1f4-0d7e-4f0e-8f43-6c1c49b5f1d1"), testlib.Services("block-storage"),
		testlib.Credentials(testlib.ProjectMember, testlib.ProjectAdmin))
	realCloud(e)
	ctx, c, o := e.Context(), e.Client(member, "block-storage"), e.Wait("block-storage")
	id := newVolume(e, c, "")
	_, err := wait.Volume(ctx, c, id, o, "available")
	must(e, "volume", err)

	s, err := snapshots.Create(ctx, c, snapshots.CreateOpts{Name: e.Name("snapshot"), VolumeID: id}).Extract()
	must(e, "making a snapshot", err)
	e.Cleanup("snapshot "+s.ID, func(ctx context.Context) error { return snapshots.Delete(ctx, c, s.ID).ExtractErr() })
	_, err = wait.Snapshot(ctx, c, s.ID, o, "available")
	must(e, "snapshot", err)
	must(e, "deleting the snapshot", snapshots.Delete(ctx, c, s.ID).ExtractErr())
	must(e, "snapshot", wait.SnapshotGone(ctx, c, s.ID, o))

	must(e, "extending", volumes.ExtendSize(ctx, c, id, volumes.ExtendSizeOpts{NewSize: 2}).ExtractErr())
	v, err := wait.Volume(ctx, c, id, o, "available")
	must(e, "volume", err)
	if v.Size != 2 {
		e.Errorf("size = %d, want 2", v.Size)
	}
}

func TestVolumeIsRetyped(t *testing.T) {
	e := testlib.Start(t, testlib.ID("4f8f7d4e-6a4b-47e5-8f2d-3f4f2f6f9b7c"), testlib.Services("block-storage"),
		testlib.Credentials(testlib.ProjectMember, testlib.ProjectAdmin))
	realCloud(e)
	ctx, c, o := e.Context(), e.Client(testlib.ProjectAdmin, "block-storage"), e.Wait("block-storage")
	first, second := newVolumeType(e, nil), newVolumeType(e, nil)
	id := newVolume(e, c, first)
	_, err := wait.Volume(ctx, c, id, o, "available")
	must(e, "volume", err)

	must(e, "retyping", volumes.ChangeType(ctx, c, id, volumes.ChangeTypeOpts{NewType: second}).ExtractErr())

	must(e, "volume", wait.VolumeRetyped(ctx, c, id, second, o))
}

func TestVolumeFails(t *testing.T) {
	e := testlib.Start(t, testlib.ID("2c7a7c0d-7a2c-4b0c-9f9e-5d6a0a1f7d6b"), testlib.Services("block-storage"),
		testlib.Credentials(testlib.ProjectMember, testlib.ProjectAdmin))
	realCloud(e)
	c := e.Client(member, "block-storage")
	id := newVolume(e, c, newVolumeType(e, map[string]string{"volume_backend_name": "there-is-none"}))

	_, err := wait.Volume(e.Context(), c, id, e.Wait("block-storage"), "available")

	explained(e, err, "any available weighted backend")
}
