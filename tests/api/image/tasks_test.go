//go:build tempest

package image_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/image/v2/tasks"
	"github.com/gophercloud/gophercloud/v2/pagination"

	"github.com/gotempest/tempest/testlib"
	"github.com/gotempest/tempest/testlib/data"
)

// newTask asks for an import as a task of its own, from an address of a kind that the service does not take.
func newTask(e *testlib.Env, client *gophercloud.ServiceClient) error {
	return tasks.Create(e.Context(), client, tasks.CreateOpts{Type: "import", Input: map[string]any{
		"import_from": "ftp://192.0.2.1/image", "import_from_format": "raw", "image_properties": map[string]any{},
	}}).Err
}

func TestTaskIsRead(t *testing.T) {
	e := testlib.Start(t, testlib.ID("f688c096-4e82-4ce7-a4bc-efb2c88da55e"), testlib.Services("image"),
		testlib.Feature("image", "import_image"), testlib.Credentials(testlib.ProjectMember, testlib.ProjectAdmin))
	client, admin := e.Image(testlib.ProjectMember), e.Image(testlib.ProjectAdmin)
	need(e, client, glanceDirect)
	image := newImage(e, client, nil)
	stage(e, client, image.ID, sample(e))
	_, err := startImport(e, client, image.ID, importRequest{Method: importMethod{Name: glanceDirect}})
	wantOK(e, "importing", err)
	done := waitTask(e, client, image.ID, "success")

	got, err := tasks.Get(e.Context(), admin, done.ID).Extract()

	wantOK(e, "reading the task", err)
	if got.Status != "success" || got.Type != "api_image_import" ||
		got.Owner != e.Credential(testlib.ProjectMember).ProjectID || got.Input["image_id"] != image.ID {
		e.Errorf("task = %+v, want the successful import of image %s", got, image.ID)
	}
	found := false
	err = tasks.List(admin, tasks.ListOpts{Status: "success", SortKey: "created_at", SortDir: "desc"}).EachPage(
		e.Context(), func(_ context.Context, p pagination.Page) (bool, error) {
			page, err := tasks.ExtractTasks(p)
			for _, one := range page {
				found = found || one.ID == done.ID
				if one.Status != "success" {
					e.Errorf("task %s is %s, though successful ones were asked for", one.ID, one.Status)
				}
			}
			return !found, err
		})
	wantOK(e, "listing tasks", err)
	if !found {
		e.Errorf("task %s is not listed", done.ID)
	}
}

func TestTaskIsRefused(t *testing.T) {
	e := testlib.Start(t, testlib.ID("9fe354fb-3199-4fb8-af4c-0131e5d38705"), testlib.Services("image"), testlib.Negative,
		testlib.Credentials(testlib.ProjectAdmin))
	admin := e.Image(testlib.ProjectAdmin)

	e.Run("Members", func(e *testlib.Env) {
		member := e.Image(testlib.ProjectMember)
		e.WantStatus("a member starting a task", newTask(e, member), http.StatusForbidden)
		e.WantStatus("a member reading a task",
			tasks.Get(e.Context(), member, data.UUID(e.Rand())).Err, http.StatusForbidden)
		_, err := tasks.List(member, nil).AllPages(e.Context())
		e.WantStatus("a member listing tasks", err, http.StatusForbidden)
	}, testlib.ID("ae6a2482-3901-4ff4-a9bd-83d3554da884"), testlib.Negative, testlib.Credentials(testlib.ProjectMember))

	e.Run("WrongRequest", func(e *testlib.Env) {
		post := func(body object) error {
			_, err := admin.Post(e.Context(), admin.ServiceURL("tasks"), body, nil, nil)
			return err
		}
		e.WantStatus("importing by an unknown protocol", newTask(e, admin), http.StatusBadRequest)
		e.WantStatus("an unknown type", post(object{"type": "wrong", "input": object{}}), http.StatusBadRequest)
		e.WantStatus("no input", post(object{"type": "import"}), http.StatusBadRequest)
		e.WantStatus("no type", post(object{"input": object{}}), http.StatusBadRequest)
	}, testlib.ID("8d9815a5-c964-4a54-9f5a-9e4c71f5b5c8"), testlib.Negative)

	e.Run("Unknown", func(e *testlib.Env) {
		unknown := data.UUID(e.Rand())
		e.WantStatus("reading a task that there is not",
			tasks.Get(e.Context(), admin, unknown).Err, http.StatusNotFound)
		_, err := admin.Delete(e.Context(), admin.ServiceURL("tasks", unknown), nil)
		e.WantStatus("deleting a task", err, http.StatusMethodNotAllowed)
	}, testlib.ID("1aec9a81-7045-4b64-9977-83dfe5eea580"), testlib.Negative)

	e.Run("WrongList", func(e *testlib.Env) {
		for _, query := range []string{
			"status=wrong", "type=wrong", "sort_key=wrong", "sort_dir=wrong", "limit=-1", "limit=x",
			"marker=" + data.UUID(e.Rand()),
		} {
			_, err := get[object](e.Context(), admin, "tasks?"+query)
			e.WantStatus("listing tasks by "+query, err, http.StatusBadRequest)
		}
	}, testlib.ID("122d7003-030c-4a9b-bd3a-b4495e7d6215"), testlib.Negative)
}
