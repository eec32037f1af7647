package cleanup

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// maxRounds bounds how often a container is listed until it is empty.
const maxRounds = 10000

// object is what the object store says of one.
type object struct {
	Name    string
	Subdir  string
	Version string `json:"version_id"`
}

// emptyContainer deletes the objects in a container, with all their versions. Versioning is switched off
// first, because with it a deleted object gives room to an older one.
func (c *cloudRemover) emptyContainer(ctx context.Context, r *rights, t *Thing) outcome {
	path := t.path()
	address, err := r.url(objectStore, path)
	if err != nil {
		return outcome{verdict: refused, reason: err}
	}
	a, err := r.do(ctx, call{method: http.MethodHead, url: address})
	switch {
	case err != nil:
		return outcome{verdict: busy, reason: err}
	case a.status == http.StatusNotFound:
		return outcome{verdict: gone}
	case a.ok() && a.header.Get("X-Container-Object-Count") == "0" && a.header.Get("X-Versions-Enabled") == "" &&
		a.header.Get("X-Versions-Location") == "" && a.header.Get("X-History-Location") == "" && t.tries == 0:
		return ready // if the count is late, the container says so
	}
	versioned := a.header.Get("X-Versions-Enabled") != ""
	if versioned || a.header.Get("X-Versions-Location")+a.header.Get("X-History-Location") != "" {
		off := map[string]string{"X-Remove-Versions-Location": "x", "X-Remove-History-Location": "x"}
		if versioned {
			off = map[string]string{"X-Versions-Enabled": "false"}
		}
		if _, err := c.send(ctx, r, objectStore, http.MethodPost, path, "", off); err != nil {
			return outcome{verdict: busy, reason: err}
		}
	}
	for range maxRounds {
		n, err := c.deleteObjects(ctx, r, address, versioned)
		if err != nil {
			return outcome{verdict: busy, reason: err}
		}
		if n == 0 {
			return ready
		}
	}
	return outcome{verdict: busy, reason: fmt.Errorf("its objects do not come to an end")}
}

// deleteObjects deletes the objects of one page of a container's list, and says how many there were.
func (c *cloudRemover) deleteObjects(ctx context.Context, r *rights, container string, versions bool) (int, error) {
	query := "?format=json&limit=1000"
	if versions {
		query += "&versions"
	}
	a, err := r.do(ctx, call{method: http.MethodGet, url: container + query})
	if err != nil {
		return 0, err
	}
	if a.status == http.StatusNotFound {
		return 0, nil
	}
	if !a.ok() {
		return 0, fmt.Errorf("listing objects: %w", r.refusal(call{method: http.MethodGet}, a))
	}
	var objects []object
	if len(a.body) > 0 {
		if err := json.Unmarshal(a.body, &objects); err != nil {
			return 0, fmt.Errorf("listing objects: %w", err)
		}
	}
	_, err = parallel(ctx, objects, func(ctx context.Context, o object) ([]struct{}, error) {
		request := call{method: http.MethodDelete, url: container + "/" + escapeObject(o.Name)}
		if versions && o.Version != "" {
			request.url += "?version-id=" + url.QueryEscape(o.Version)
		}
		a, err := r.do(ctx, request)
		if err == nil && !a.ok() && a.status != http.StatusNotFound {
			err = fmt.Errorf("object %q: %w", o.Name, r.refusal(request, a))
		}
		return nil, err
	})
	return len(objects), err
}

// escapeObject makes a name a part of a URL. A slash in it stays one.
func escapeObject(name string) string {
	parts := strings.Split(name, "/")
	for i, p := range parts {
		parts[i] = url.PathEscape(p)
	}
	return strings.Join(parts, "/")
}
