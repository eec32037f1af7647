package cleanup

import (
	"context"
	"errors"
	"fmt"
	"net/http"
)

// forceVolumeThing removes a snapshot or a backup whatever its state is.
func (c *cloudRemover) forceVolumeThing(ctx context.Context, r *rights, t *Thing) error {
	if t.tries == 0 { // it may only need time
		return nil
	}
	err := c.act(ctx, r, t, http.MethodPost, "/action", `{"os-reset_status":{"status":"error"}}`)
	return errors.Join(err, c.act(ctx, r, t, http.MethodPost, "/action", `{"os-force_delete":{}}`))
}

// freeVolume takes from a volume what keeps it: attachments, snapshots, and in the end its state.
func (c *cloudRemover) freeVolume(ctx context.Context, r *rights, t *Thing) ([]*Thing, error) {
	var doc struct {
		Volume struct {
			Status      string
			Attachments []struct {
				ServerID     string `json:"server_id"`
				AttachmentID string `json:"attachment_id"`
			}
		}
	}
	if err := c.get(ctx, r, blockStorage, t.path(), &doc); err != nil {
		return nil, err
	}
	var errs []error
	for _, a := range doc.Volume.Attachments {
		if err := c.detach(ctx, r, t, a.ServerID, a.AttachmentID); err != nil && t.tries >= forceful {
			errs = append(errs, err)
		}
	}
	more, err := c.snapshots(ctx, r, t)
	errs = append(errs, err)
	if t.tries >= forceful-1 && len(more) == 0 && len(doc.Volume.Attachments) == 0 {
		errs = append(errs,
			c.act(ctx, r, t, http.MethodPost, "/action",
				`{"os-reset_status":{"status":"error","attach_status":"detached","migration_status":"none"}}`),
			c.act(ctx, r, t, http.MethodPost, "/action", `{"os-force_delete":{}}`))
	}
	return more, errors.Join(errs...)
}

// detach takes a volume from its server: through the compute service when that still has the server, else by the
// attachment alone.
func (c *cloudRemover) detach(ctx context.Context, r *rights, t *Thing, server, attachment string) error {
	if server != "" {
		_, err := c.send(ctx, r, compute, http.MethodDelete,
			fmt.Sprintf("/servers/%s/os-volume_attachments/%s", server, t.ID), "", nil)
		if err == nil {
			return nil
		}
	}
	if attachment != "" {
		_, err := c.send(ctx, r, blockStorage, http.MethodDelete, "/attachments/"+attachment, "",
			map[string]string{"OpenStack-API-Version": "volume 3.27"})
		if err == nil {
			return nil
		}
	}
	return c.act(ctx, r, t, http.MethodPost, "/action",
		fmt.Sprintf(`{"os-force_detach":{"attachment_id":%q,"connector":null}}`, attachment))
}

// snapshots are those of a volume, which must go before it.
func (c *cloudRemover) snapshots(ctx context.Context, r *rights, t *Thing) ([]*Thing, error) {
	kind, ok := c.table.Type(blockStorage, "snapshot")
	if !ok {
		return nil, nil
	}
	all, err := c.find.list(ctx, r, kind, join2(kind.List.All, "volume_id", t.ID))
	for _, s := range all {
		s.Why = "of " + t.String()
		s.Project = t.Project
	}
	return all, err
}
