package wait

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/blockstorage/v3/attachments"
	"github.com/gophercloud/gophercloud/v2/openstack/blockstorage/v3/backups"
	"github.com/gophercloud/gophercloud/v2/openstack/blockstorage/v3/qos"
	"github.com/gophercloud/gophercloud/v2/openstack/blockstorage/v3/snapshots"
	"github.com/gophercloud/gophercloud/v2/openstack/blockstorage/v3/volumes"
)

// badVolume are the statuses from which a volume comes back only by another request (Block
// Storage API v3, "Volumes", statuses of a volume).
var badVolume = []string{
	"error", "error_deleting", "error_backing-up", "error_restoring", "error_extending", "error_managing",
}

// Volume waits until a volume has one of the wanted statuses, as "available", "in-use" or
// "reserved".
//
// The wait ends at once when its status is one of the errors: error, error_deleting, error_backing-up,
// error_restoring, error_extending, error_managing. The error then holds the last message that Cinder
// keeps for the volume, and its request id.
func Volume(ctx context.Context, blockStorage *gophercloud.ServiceClient, id string, o Options, want ...string) (
	*volumes.Volume, error) {
	return For(ctx, Poll[*volumes.Volume, string]{
		What: "volume " + id, Get: getVolume(blockStorage, id), Want: want, Bad: badVolume,
		State:   func(v *volumes.Volume) string { return v.Status },
		Explain: explain[*volumes.Volume](blockStorage, id),
	}, o)
}

// VolumeGone waits until a volume that was deleted is gone. The wait ends at once when its status is
// one of the errors of [Volume]. A volume that was in error before is "deleting" as soon as the
// request is answered.
func VolumeGone(ctx context.Context, blockStorage *gophercloud.ServiceClient, id string, o Options) error {
	_, err := For(ctx, Poll[*volumes.Volume, string]{
		What: "volume " + id, Get: getVolume(blockStorage, id), Want: []string{stateGone}, NotFound: stateGone,
		Bad: badVolume, State: func(v *volumes.Volume) string { return v.Status },
		Explain: explain[*volumes.Volume](blockStorage, id),
	}, o)
	return err
}

// VolumeAttached waits until a volume is in use, and lists an attachment to a server.
func VolumeAttached(ctx context.Context, blockStorage *gophercloud.ServiceClient, id, serverID string, o Options) (
	*volumes.Volume, error) {
	return For(ctx, Poll[*volumes.Volume, string]{
		What: fmt.Sprintf("volume %s on server %s", id, serverID), Get: getVolume(blockStorage, id),
		Want: []string{"attached"}, Bad: badVolume, Explain: explain[*volumes.Volume](blockStorage, id),
		State: func(v *volumes.Volume) string {
			if v.Status == "in-use" && attached(v, serverID) {
				return "attached"
			}
			return v.Status
		},
	}, o)
}

// VolumeDetached waits until a volume lists no attachment to a server, and is "available", or "in-use"
// by others.
func VolumeDetached(ctx context.Context, blockStorage *gophercloud.ServiceClient, id, serverID string, o Options) (
	*volumes.Volume, error) {
	return For(ctx, Poll[*volumes.Volume, string]{
		What: fmt.Sprintf("volume %s on server %s", id, serverID), Get: getVolume(blockStorage, id),
		Want: []string{"detached"}, Bad: badVolume, Explain: explain[*volumes.Volume](blockStorage, id),
		State: func(v *volumes.Volume) string {
			switch {
			case attached(v, serverID):
				return v.Status + ", attached"
			case v.Status == "available", v.Status == "in-use":
				return "detached"
			}
			return v.Status
		},
	}, o)
}

// VolumeRetyped waits until a volume has a type, given by its name, and is "available" or "in-use". The
// wait ends at once when the migration that the change needs has failed.
func VolumeRetyped(ctx context.Context, blockStorage *gophercloud.ServiceClient, id, volumeType string,
	o Options) error {
	return moved(ctx, blockStorage, id, o, "of type "+volumeType, func(v *migrating) bool {
		return v.VolumeType == volumeType
	})
}

// VolumeMigrated waits until a volume is on a host, as "node@backend" or "node@backend#pool", and its
// migration is done. The wait ends at once when that has failed. Only administrators see hosts.
func VolumeMigrated(ctx context.Context, blockStorage *gophercloud.ServiceClient, id, host string, o Options) error {
	return moved(ctx, blockStorage, id, o, "on host "+host, func(v *migrating) bool {
		return v.MigrationStatus == "success" && (v.Host == host || strings.HasPrefix(v.Host, host+"#"))
	})
}

// migrating is what Cinder says of a volume and its migration.
type migrating struct {
	Status          string `json:"status"`
	VolumeType      string `json:"volume_type"`
	Host            string `json:"os-vol-host-attr:host"`
	MigrationStatus string `json:"migration_status"`
}

// moved waits until a volume that is idle is as wanted.
func moved(ctx context.Context, blockStorage *gophercloud.ServiceClient, id string, o Options, want string,
	is func(*migrating) bool) error {
	const failed = "migration failed"
	_, err := For(ctx, Poll[*migrating, string]{
		What: "volume " + id, Want: []string{want}, Bad: append([]string{failed}, badVolume...),
		Get: func(ctx context.Context) (*migrating, error) {
			var v migrating
			return &v, volumes.Get(ctx, blockStorage, id).ExtractIntoStructPtr(&v, "volume")
		},
		State: func(v *migrating) string {
			idle := v.Status == "available" || v.Status == "in-use"
			switch {
			case v.MigrationStatus == "error":
				return failed
			case idle && is(v):
				return want
			}
			return fmt.Sprintf("%s of type %s on host %q, migration %q", v.Status, v.VolumeType, v.Host, v.MigrationStatus)
		},
		Explain: explain[*migrating](blockStorage, id),
	}, o)
	return err
}

// Snapshot waits until a snapshot of a volume has one of the wanted statuses, as "available". The wait ends
// at once in error and error_deleting (Block Storage API v3, "Volume snapshots").
func Snapshot(ctx context.Context, blockStorage *gophercloud.ServiceClient, id string, o Options, want ...string) (
	*snapshots.Snapshot, error) {
	return For(ctx, snapshotPoll(blockStorage, id, want), o)
}

// SnapshotGone waits until a snapshot that was deleted is gone.
func SnapshotGone(ctx context.Context, blockStorage *gophercloud.ServiceClient, id string, o Options) error {
	p := snapshotPoll(blockStorage, id, []string{stateGone})
	p.NotFound = stateGone
	_, err := For(ctx, p, o)
	return err
}

func snapshotPoll(blockStorage *gophercloud.ServiceClient, id string, want []string) Poll[*snapshots.Snapshot, string] {
	return Poll[*snapshots.Snapshot, string]{
		What: "snapshot " + id, Want: want, Bad: []string{"error", "error_deleting"},
		Get: func(ctx context.Context) (*snapshots.Snapshot, error) {
			return snapshots.Get(ctx, blockStorage, id).Extract()
		},
		State:   func(s *snapshots.Snapshot) string { return s.Status },
		Explain: explain[*snapshots.Snapshot](blockStorage, id),
	}
}

// Backup waits until a backup has one of the wanted statuses, as "available". The wait ends at
// once in error and error_deleting (Block Storage API v3, "Backups"), with the reason that the backup gives.
func Backup(ctx context.Context, blockStorage *gophercloud.ServiceClient, id string, o Options, want ...string) (
	*backups.Backup, error) {
	return For(ctx, backupPoll(blockStorage, id, want), o)
}

// BackupGone waits until a backup that was deleted is gone.
func BackupGone(ctx context.Context, blockStorage *gophercloud.ServiceClient, id string, o Options) error {
	p := backupPoll(blockStorage, id, []string{stateGone})
	p.NotFound = stateGone
	_, err := For(ctx, p, o)
	return err
}

func backupPoll(blockStorage *gophercloud.ServiceClient, id string, want []string) Poll[*backups.Backup, string] {
	return Poll[*backups.Backup, string]{
		What: "backup " + id, Want: want, Bad: []string{"error", "error_deleting"},
		Get: func(ctx context.Context) (*backups.Backup, error) {
			return backups.Get(ctx, blockStorage, id).Extract()
		},
		State: func(b *backups.Backup) string { return b.Status },
		Explain: func(ctx context.Context, b *backups.Backup) Reason {
			r := lastMessage(ctx, blockStorage, id)
			if b.FailReason != "" {
				r.Message = b.FailReason
			}
			return r
		},
	}
}

// Attachment waits until an attachment, a record of its own since microversion 3.27, has one of the wanted
// statuses, as "attached". The wait ends at once in error_attaching and error_detaching (Block Storage API v3,
// "Attachments").
func Attachment(ctx context.Context, blockStorage *gophercloud.ServiceClient, id string, o Options, want ...string) (
	*attachments.Attachment, error) {
	return For(ctx, Poll[*attachments.Attachment, string]{
		What: "attachment " + id, Get: getAttachment(blockStorage, id), Want: want,
		State: func(a *attachments.Attachment) string { return a.Status },
		Bad:   []string{"error_attaching", "error_detaching"},
	}, o)
}

// AttachmentGone waits until an attachment is gone.
func AttachmentGone(ctx context.Context, blockStorage *gophercloud.ServiceClient, id string, o Options) error {
	return Gone(ctx, "attachment "+id, getAttachment(blockStorage, id), o)
}

func getAttachment(blockStorage *gophercloud.ServiceClient, id string) func(context.Context) (
	*attachments.Attachment, error) {
	return func(ctx context.Context) (*attachments.Attachment, error) {
		return attachments.Get(ctx, blockStorage, id).Extract()
	}
}

// QoSDisassociated waits until QoS specs are no longer associated with a volume type, given by its
// ID; an empty ID means with none at all. Cinder takes the request and does it later.
func QoSDisassociated(ctx context.Context, blockStorage *gophercloud.ServiceClient, id, volumeTypeID string,
	o Options) error {
	_, err := For(ctx, Poll[[]qos.QosAssociation, string]{
		What: "QoS specs " + id, Want: []string{"disassociated"},
		Get: func(ctx context.Context) ([]qos.QosAssociation, error) {
			page, err := qos.ListAssociations(blockStorage, id).AllPages(ctx)
			if err != nil {
				return nil, err
			}
			return qos.ExtractAssociations(page)
		},
		State: func(list []qos.QosAssociation) string {
			of := func(a qos.QosAssociation) bool { return volumeTypeID == "" || a.ID == volumeTypeID }
			if slices.ContainsFunc(list, of) {
				return "associated"
			}
			return "disassociated"
		},
	}, o)
	return err
}

func getVolume(blockStorage *gophercloud.ServiceClient, id string) func(context.Context) (*volumes.Volume, error) {
	return func(ctx context.Context) (*volumes.Volume, error) {
		return volumes.Get(ctx, blockStorage, id).Extract()
	}
}

func attached(v *volumes.Volume, serverID string) bool {
	return slices.ContainsFunc(v.Attachments, func(a volumes.Attachment) bool { return a.ServerID == serverID })
}

func explain[T any](blockStorage *gophercloud.ServiceClient, id string) func(context.Context, T) Reason {
	return func(ctx context.Context, _ T) Reason { return lastMessage(ctx, blockStorage, id) }
}

// messagesMicroversion is the first with messages that can be asked for by resource (Block Storage API v3,
// microversion 3.5).
const messagesMicroversion = "3.5"

// lastMessage is the newest message that Cinder keeps for the user about a resource.
func lastMessage(ctx context.Context, blockStorage *gophercloud.ServiceClient, id string) Reason {
	client := *blockStorage
	client.Microversion = messagesMicroversion
	query := url.Values{"resource_uuid": {id}, "sort": {"created_at:desc"}, "limit": {"1"}}
	var answer struct {
		Messages []struct {
			EventID     string `json:"event_id"`
			UserMessage string `json:"user_message"`
			RequestID   string `json:"request_id"`
		} `json:"messages"`
	}
	_, err := client.Get(ctx, client.ServiceURL("messages")+"?"+query.Encode(), &answer, nil)
	if err != nil || len(answer.Messages) == 0 {
		return Reason{}
	}
	m := answer.Messages[0]
	return Reason{Message: fmt.Sprintf("%s (%s)", m.UserMessage, m.EventID), RequestID: m.RequestID}
}
