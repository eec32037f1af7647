package swift

import (
	"math"
	"net/http"
	"strconv"
	"strings"
)

const (
	versionsEnabled = "X-Versions-Enabled"
	versionID       = "X-Object-Version-Id"

	enabledSysmeta   = "X-Container-Sysmeta-Versions-Enabled"
	keptSysmeta      = "X-Container-Sysmeta-Versions-Container"
	versionedSysmeta = "X-Object-Sysmeta-Versions-Symlink"

	allowReserved = "X-Backend-Allow-Reserved-Names"

	// nullVersion is the ID of an object that is no version.
	nullVersion = "null"

	// maxStamp is what a stamp and its inverse, by which versions are called, are
	// together.
	maxStamp = 999999999999999
)

// objectVersioning keeps each version of the objects of a container in a hidden
// container. The objects are links to their latest versions.
//
// Source: swift/common/middleware/versioned_writes/object_versioning.py, 2.30.
func objectVersioning(s *Service, next handler) handler {
	return func(r *request) *response {
		version, account, container, object := r.parts()
		v := versioning{s: s, next: next, r: r, version: version, account: account, container: container, object: object}
		switch {
		case !validVersion(version):
			return next(r)
		case r.namesAccount() && r.method == http.MethodGet:
			return v.listContainers(next(r))
		case r.namesContainer():
			return v.ofContainer()
		case !r.namesObject():
			return next(r)
		}
		h := s.containerInfo(account, container).header
		v.kept, _, _ = strings.Cut(unquote(h.Get(keptSysmeta)), "/")
		v.enabled = isTrue(h.Get(enabledSysmeta))
		v.writers = h.Get("X-Container-Write")
		id, _ := r.param("version-id")
		switch {
		case id != "":
			return v.sized(v.ofVersion(id))
		case v.kept != "":
			return v.sized(v.ofObject())
		}
		return next(r)
	}
}

// sized makes resp tell the length of the usual page to a HEAD: none.
func (v *versioning) sized(resp *response) *response {
	if v.r.method == http.MethodHead && resp.usual {
		resp.usual, resp.body, resp.length = false, nil, 0
	}
	return resp
}

// versioning is a request in a container that may keep versions.
type versioning struct {
	s    *Service
	next handler
	r    *request

	version, account, container, object string // of the path

	kept    string // the hidden container; empty when there never was one
	enabled bool   // new versions are kept
	writers string // who may write to the container
}

// reservedName is a name that is hidden from clients.
func reservedName(parts ...string) string { return reserved + strings.Join(parts, reserved) }

// splitReserved returns the parts of a name that is hidden from clients.
func splitReserved(name string) ([]string, bool) {
	rest, ok := strings.CutPrefix(name, reserved)
	return strings.Split(rest, reserved), ok
}

// parseStamp reads a stamp in the form of X-Timestamp.
func parseStamp(text string) (stamp, bool) {
	seconds, err := strconv.ParseFloat(text, 64)
	if err != nil || seconds < 0 || seconds*stampsPerSecond > maxStamp {
		return 0, false
	}
	return stamp(math.Round(seconds * stampsPerSecond)), true
}

// keptName is how the version of an object is called in the hidden container:
// later versions come first.
func keptName(object string, t stamp) string { return reservedName(object, (maxStamp - t).String()) }

// splitKept returns the object and the ID of a version that is called so.
func splitKept(name string) (object, id string, ok bool) {
	parts, ok := splitReserved(name)
	if !ok || len(parts) != 2 {
		return name, "", false
	}
	inverse, ok := parseStamp(parts[1])
	if !ok {
		return name, "", false
	}
	return parts[0], (maxStamp - inverse).String(), true
}

func (v *versioning) keptPath(name string) string {
	return pathOf(v.version, v.account, v.kept, name)
}

// inside is a request for what is hidden, with all rights.
func (v *versioning) inside(method, path string) *request {
	return v.r.preAuthorized(method, path, "OV").withHeader(allowReserved, "true")
}

// lost is the answer when the hidden container is gone.
func lost() *response {
	return plainText(http.StatusInternalServerError,
		"The versions container does not exist. You may want to re-enable object versioning.")
}

// stepFailure is the answer to a request of which a step was answered with an
// error; nil for success.
func stepFailure(resp *response) *response {
	switch {
	case resp.ok():
		return nil
	case resp.status == http.StatusNotFound:
		return fail(http.StatusPreconditionFailed)
	case resp.status < http.StatusInternalServerError:
		return resp
	}
	return fail(http.StatusServiceUnavailable)
}

// ofObject answers a request for an object of a container that keeps, or kept,
// versions.
func (v *versioning) ofObject() *response {
	switch v.r.method {
	case http.MethodPut:
		if !v.enabled {
			return v.next(v.r)
		}
		return v.put()
	case http.MethodPost:
		return v.post()
	case http.MethodDelete:
		if !v.enabled {
			return v.next(v.r)
		}
		return v.remove()
	}
	return v.tell(v.next(v.r))
}

// tell says which version an object is.
func (v *versioning) tell(resp *response) *response {
	resp.with(versionID, nullVersion)
	own := quote("/" + v.version + "/" + v.account + "/" + v.container + "/" + v.object)
	if location := unquote(resp.header.Get("Content-Location")); location != "" {
		p, ok := splitPath(location, 4, 4, true)
		if ok && p[1] == v.account && p[2] == v.kept {
			if _, id, ok := splitKept(p[3]); ok {
				resp.with(versionID, id).with("Content-Location", own+"?version-id="+id)
			}
		}
	}
	container, name, _ := strings.Cut(unquote(resp.header.Get(linkHeader)), "/")
	if _, id, ok := splitKept(name); ok && container == v.kept {
		resp.with(versionID, id).with(linkHeader, quote(v.container+"/"+v.object)+"?version-id="+id)
	}
	return resp
}

// copyCurrent keeps the object as a version if it is there and is not one yet.
// It returns why that cannot be.
func (v *versioning) copyCurrent() *response {
	if refused := v.r.check(v.writers); refused != nil {
		return refused
	}
	current := source(v.r, v.next, v.r.path, "OV")
	if current.status == http.StatusNotFound {
		return nil
	}
	if failed := stepFailure(current); failed != nil {
		return failed
	}
	if current.header.Get(versionedSysmeta) == "true" {
		return nil
	}
	at, _ := parseStamp(current.header.Get("X-Timestamp"))
	put := copied(v.r, current, v.keptPath(keptName(v.object, at)), "OV").withHeader(allowReserved, "true")
	resp := v.next(put)
	if resp.status == http.StatusNotFound {
		return lost()
	}
	return stepFailure(resp)
}

// put stores a new version and links the object to it.
func (v *versioning) put() *response {
	if refused := v.copyCurrent(); refused != nil {
		return refused
	}
	body, refused := v.r.readBody()
	if refused != nil {
		return refused
	}
	now := v.s.newStamp()
	name := keptName(v.object, now)
	v.r.header.Set("X-Timestamp", now.String())
	put := v.inside(http.MethodPut, v.keptPath(name)).withBody(body)
	for key, values := range v.r.header {
		if key != "X-Delete-At" && key != "X-Delete-After" {
			put.header[key] = values
		}
	}
	put.header.Set(allowReserved, "true")
	put.typed, v.r.typed = v.r.typed, false
	if put.header.Get("Content-Type") == "" {
		put.header.Set("Content-Type", typeOf(v.object))
	}
	resp := v.next(put)
	if resp.status == http.StatusNotFound {
		return lost()
	}
	if failed := stepFailure(resp); failed != nil {
		return failed
	}
	size := put.header.Get(sloSizeSysmeta)
	if size == "" {
		size = strconv.Itoa(len(body))
	}
	return v.link(name, resp.header.Get("Etag"), size, put.header.Get("Content-Type"))
}

// link makes the object a link to a version.
func (v *versioning) link(name, etag, size, contentType string) *response {
	r := v.r.withBody(nil)
	r.method = http.MethodPut
	kind, _, _ := strings.Cut(contentType, ";")
	for _, key := range []string{
		"Etag", "X-If-Delete-At", linkAccountHeader, "X-Object-Manifest", sloMark, sloETagSysmeta, sloSizeSysmeta,
	} {
		r.header.Del(key)
	}
	r.withHeader(linkKey(linkETagHeader), etag).
		withHeader(linkKey(linkBytesHeader), size).
		withHeader("Content-Type", strings.TrimSpace(kind)).
		withHeader(linkHeader, quote(v.kept+"/"+name)).
		withHeader(versionedSysmeta, "true").
		withHeader(linkFree, "true").
		withHeader(linkReserved, "true").
		withHeader(allowReserved, "true")
	resp := v.next(r)
	_, id, _ := splitKept(name)
	return resp.with("Etag", etag).with(versionID, id)
}

// remove deletes the object and keeps that as a version.
func (v *versioning) remove() *response {
	if refused := v.copyCurrent(); refused != nil {
		return refused
	}
	now := v.s.newStamp()
	name := keptName(v.object, now)
	mark := v.inside(http.MethodPut, v.keptPath(name)).
		withHeader("Content-Type", deletionType).withHeader("X-Timestamp", now.String()).withBody(nil)
	mark.typed = true
	if failed := stepFailure(v.next(mark)); failed != nil {
		return failed
	}
	resp := v.next(v.r)
	if resp.ok() || resp.status == http.StatusNotFound {
		_, id, _ := splitKept(name)
		resp.with(versionID, id)
	}
	return resp
}

// post changes the metadata of the latest version.
func (v *versioning) post() *response {
	again := v.inside(http.MethodPost, v.r.path)
	for key, values := range v.r.header {
		if key != "X-Delete-At" && key != "X-Delete-After" {
			again.header[key] = values
		}
	}
	again.header.Set(allowReserved, "true")
	resp := v.next(v.r)
	if resp.status != http.StatusTemporaryRedirect || !isTrue(resp.header.Get(versionedSysmeta)) {
		return resp
	}
	location := unquote(resp.header.Get("Location"))
	if p, ok := splitPath(location, 4, 4, true); ok && p[1] == v.account && p[2] == v.kept {
		again.path = location
		return v.next(again)
	}
	return resp
}

// ofVersion answers a request for one version.
func (v *versioning) ofVersion(id string) *response {
	if v.r.method == http.MethodPost {
		return page(http.StatusBadRequest, "POST to a specific version is not allowed")
	}
	if id == nullVersion {
		return v.ofNull()
	}
	if v.kept == "" {
		return page(http.StatusBadRequest, "version-aware operations require that the container is versioned")
	}
	at, ok := parseStamp(id)
	if !ok {
		return page(http.StatusBadRequest, "Invalid version parameter")
	}
	name := keptName(v.object, at)
	switch v.r.method {
	case http.MethodDelete:
		return v.removeVersion(name, id)
	case http.MethodPut:
		return v.putVersion(name)
	}
	v.r.path = v.keptPath(name)
	resp := v.next(v.r.withHeader(allowReserved, "true"))
	if resp.ok() {
		resp.with(versionID, id)
	}
	if resp.header.Get("Content-Type") == deletionType {
		gone := fail(http.StatusNotFound).with(versionID, id).with("Content-Type", deletionType)
		gone.unsized = v.r.method == http.MethodHead
		return gone
	}
	return resp
}

// ofNull answers a request for an object that is no version.
func (v *versioning) ofNull() *response {
	switch v.r.method {
	case http.MethodPut:
		if v.r.length > 0 || v.r.chunked {
			return plainText(http.StatusBadRequest, "PUT version-id requests require a zero byte body")
		}
		return crashed()
	case http.MethodDelete:
		return v.next(v.r)
	}
	resp := v.next(v.r)
	switch {
	case !resp.ok():
		return resp
	case strings.Contains(unquote(resp.header.Get("Content-Location")), reservedName("versions", "")):
		return fail(http.StatusNotFound)
	}
	return resp.with(versionID, nullVersion)
}

// putVersion makes a version the latest.
func (v *versioning) putVersion(name string) *response {
	body, refused := v.r.readBody()
	switch {
	case refused != nil:
		return refused
	case len(body) > 0:
		return plainText(http.StatusBadRequest, "PUT version-id requests require a zero byte body")
	}
	head := v.next(v.inside(http.MethodHead, v.keptPath(name)).withQuery("symlink", "get"))
	if head.status == http.StatusNotFound {
		if !v.s.containerInfo(v.account, v.kept).exists {
			return lost()
		}
		return plainText(http.StatusNotFound, "The specified version does not exist")
	}
	if failed := stepFailure(head); failed != nil {
		return failed
	}
	return v.link(name, head.header.Get("Etag"), strconv.FormatInt(head.size(), 10), head.header.Get("Content-Type"))
}

// removeVersion deletes a version, and the object if that is the latest.
func (v *versioning) removeVersion(name, id string) *response {
	head := v.next(v.r.preAuthorized(http.MethodHead, v.r.path, "OV").withQuery("symlink", "get"))
	var target string
	if head.status != http.StatusNotFound {
		if failed := stepFailure(head); failed != nil {
			return failed
		}
		if head.header.Get(versionedSysmeta) == "true" {
			target = unquote(head.header.Get(linkHeader))
		}
	}
	latest := nullVersion
	if target == v.kept+"/"+name {
		v.r.query.Del("version-id")
		if failed := stepFailure(v.next(v.r)); failed != nil {
			return failed
		}
	} else if _, linked, ok := strings.Cut(target, "/"); ok {
		_, latest, _ = splitKept(linked)
	}
	v.r.path = v.keptPath(name)
	resp := v.next(v.r.withHeader(allowReserved, "true"))
	return resp.with(versionID, id).with("X-Object-Current-Version-Id", latest)
}
