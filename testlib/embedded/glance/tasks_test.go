package glance

import (
	"context"
	"errors"
	"testing"
)

// runTask makes a service on which a client has asked for a task with that
// input, and waits for it. The answer is that of the task then.
func runTask(t *testing.T, kind, input string, fetch func(context.Context, string) ([]byte, error)) (*client, object) {
	t.Helper()
	c := newClient(t)
	c.service.fetch = fetch
	made := c.call(t, "POST", "/v2/tasks", `{"type": "`+kind+`", "input": `+input+`}`, 201)
	if made["status"] != taskPending || made["result"] != nil {
		t.Errorf("task when it is made = %v", made)
	}
	c.service.work.Wait()
	id, _ := made["id"].(string)
	return c, c.call(t, "GET", "/v2/tasks/"+id, "", 200)
}

func TestTaskImportsAnImageOfNobody(t *testing.T) {
	t.Parallel()
	c, task := runTask(t, legacyImport, `{
		"import_from": "http://192.0.2.7/x", "import_from_format": "raw",
		"image_properties": {"name": "n", "disk_format": "raw", "container_format": "bare"}
	}`, func(_ context.Context, from string) ([]byte, error) { return []byte(from), nil })

	result, _ := task["result"].(object)
	id, _ := result["image_id"].(string)
	if task["status"] != taskSuccess || id == "" {
		t.Fatalf("task = %v", task)
	}
	got := c.call(t, "GET", "/v2/images/"+id, "", 200)
	if got["status"] != active || got["owner"] != nil || got["size"] != 18.0 || got["virtual_size"] != 512.0 {
		t.Errorf("image = %v", got)
	}
}

func TestTasksFail(t *testing.T) {
	t.Parallel()
	const from = `"import_from": "http://192.0.2.7/x"`
	tests := map[string]struct{ kind, input, message string }{
		"no format": {legacyImport, "{" + from + "}", "Input does not contain 'import_from_format' field"},
		"no properties": {
			legacyImport, "{" + from + `, "import_from_format": ""}`,
			"Input does not contain 'image_properties' field",
		},
		"nothing there": {
			legacyImport, "{" + from + `, "import_from_format": "raw", "image_properties": {}}`,
			"Task failed due to Internal Error",
		},
		"no input":          {"api_image_import", "{}", "Input to api_image_import task is empty."},
		"input of no image": {"api_image_import", `{"a": 1}`, "Missing required 'image_id' field"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, task := runTask(t, tt.kind, tt.input, func(context.Context, string) ([]byte, error) {
				return nil, errors.New("nothing there")
			})
			if task["status"] != taskFailure || task["message"] != tt.message || task["expires_at"] == nil {
				t.Errorf("task = %v, want the message %q", task, tt.message)
			}
		})
	}
}

func TestTaskWithoutFormatsFails(t *testing.T) {
	t.Parallel()
	_, task := runTask(t, legacyImport,
		`{"import_from": "http://192.0.2.7/x", "import_from_format": "raw", "image_properties": {"name": "n"}}`,
		func(context.Context, string) ([]byte, error) { return []byte("data"), nil })
	if task["status"] != taskFailure {
		t.Errorf("task = %v", task)
	}
}
