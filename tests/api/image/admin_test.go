//go:build tempest

package image_test

import (
	"encoding/hex"
	"net/http"
	"testing"

	"github.com/gotempest/tempest/testlib"
	"github.com/gotempest/tempest/testlib/data"
)

// projectID returns what looks as the ID of a project, but is that of none.
func projectID(e *testlib.Env) string { return hex.EncodeToString(data.Bytes(e.Rand(), 16)) }

func TestImageOwner(t *testing.T) {
	e := testlib.Start(t, testlib.ID("7b9eb7d5-8087-4ced-b537-f5cc74b2bf4c"), testlib.Services("image"),
		testlib.Credentials(testlib.ProjectAdmin))
	admin := e.Image(testlib.ProjectAdmin)

	e.Run("IsChosen", func(e *testlib.Env) {
		owner := projectID(e)
		image := newImage(e, admin, fields{"owner": owner})
		if got := show(e, admin, image.ID).Owner; got != owner {
			e.Errorf("owner = %s, want %s", got, owner)
		}
	}, testlib.ID("646a6eaa-135f-4493-a0af-12583021224e"), testlib.RelatedBug("1420008"))

	e.Run("IsChanged", func(e *testlib.Env) {
		image, owner := newImage(e, admin, fields{"owner": projectID(e)}), projectID(e)
		update(e, admin, image.ID, replace("/owner", owner))
		if got := show(e, admin, image.ID).Owner; got != owner || got == image.Owner {
			e.Errorf("owner = %s, want %s", got, owner)
		}
	}, testlib.ID("525ba546-10ef-4aad-bba1-1858095ce553"), testlib.RelatedBug("1420008"))

	e.Run("IsNotForMembers", func(e *testlib.Env) {
		member := e.Image(testlib.ProjectMember)
		_, err := createImage(e, member, fields{"name": e.Name("image"), "owner": projectID(e)})
		e.WantStatus("making an image for another project", err, http.StatusForbidden)
		image := newImage(e, member, nil)
		refuseUpdate(e, member, image.ID, "giving an image away", http.StatusForbidden, replace("/owner", projectID(e)))
	}, testlib.ID("be63a933-684c-4259-a066-4915dae49887"), testlib.Negative, testlib.Credentials(testlib.ProjectMember))
}
