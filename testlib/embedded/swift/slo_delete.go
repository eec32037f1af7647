package swift

import (
	"encoding/json"
	"net/http"
)

// maxSegmentsToDelete bounds how many segments wait for their deletion.
const maxSegmentsToDelete = 10 * maxManifestSegments

// deleteStatic deletes a static large object and all its segments.
func deleteStatic(r *request, next handler) *response {
	if !validName(r.path, false) {
		return page(http.StatusPreconditionFailed, "Invalid UTF8 or contains NULL")
	}
	r.header.Del("Content-Type")
	d := newDeleter(r, next, "SLO")
	targets, refused := segmentsToDelete(r, next)
	return d.answer(targets, refused)
}

// segmentsToDelete returns what a static large object is made of: its segments,
// those of the large objects among them, and the manifests themselves.
func segmentsToDelete(r *request, next handler) ([]deletion, *response) {
	type waiting struct {
		deletion

		look bool // whether it has segments of its own
	}
	_, _, container, object := r.parts()
	id, _ := r.param("version-id")
	queue := []waiting{{deletion{name: "/" + container + "/" + object, version: id}, true}}
	var targets []deletion
	for len(queue) > 0 {
		if len(queue) > maxSegmentsToDelete {
			return nil, page(http.StatusBadRequest, "Too many buffered slo segments to delete.")
		}
		one := queue[0]
		queue = queue[1:]
		if !one.look {
			targets = append(targets, one.deletion)
			continue
		}
		segments, refused := readManifest(r, next, one.name)
		one.refused, one.look = refused, false
		for _, g := range segments {
			if g.Data == nil {
				queue = append(queue, waiting{deletion{name: g.Name}, g.Large})
			}
		}
		queue = append(queue, one)
	}
	return targets, nil
}

// readManifest reads the manifest called name, as /container/object.
func readManifest(r *request, next handler, name string) ([]sloSegment, *response) {
	version, account, _, _ := r.parts()
	get := r.sub(http.MethodGet, "/"+version+"/"+account+name, "SLO").withQuery("multipart-manifest", "get")
	if id, ok := r.param("version-id"); ok {
		get.withQuery("version-id", id)
	}
	resp := next(get)
	switch {
	case resp.status == http.StatusNotFound:
		return nil, page(http.StatusNotFound, "SLO manifest not found")
	case resp.status == http.StatusUnauthorized:
		return nil, page(http.StatusUnauthorized, "401 Unauthorized")
	case !resp.ok():
		return nil, page(http.StatusInternalServerError, "Unable to load SLO manifest or segment.")
	case !isTrue(resp.header.Get(sloMark)):
		return nil, page(http.StatusBadRequest, "Not an SLO manifest")
	}
	var segments []sloSegment
	if err := json.Unmarshal(resp.body, &segments); err != nil {
		return nil, page(http.StatusInternalServerError, "Unable to load SLO manifest")
	}
	return segments, nil
}
