package swift

import (
	"fmt"
	"net/http"
	"strings"
)

const (
	versionsLocation = "X-Versions-Location"
	historyLocation  = "X-History-Location"

	locationSysmeta = "X-Container-Sysmeta-Versions-Location"
	modeSysmeta     = "X-Container-Sysmeta-Versions-Mode"
	stackMode       = "stack"
	historyMode     = "history"

	// deletionType is the content type of a version that says that the object
	// was deleted.
	deletionType = "application/x-deleted;swift_versions_deleted=1"
)

// versionedWrites keeps old versions of objects: in another container, which
// the container names, or hidden, see [objectVersioning].
//
// Source: swift/common/middleware/versioned_writes/legacy.py, 2.30.
func versionedWrites(s *Service, next handler) handler {
	next = objectVersioning(s, next)
	return func(r *request) *response {
		version, account, container, object := r.parts()
		switch {
		case r.namesContainer():
			if refused := setLocation(r); refused != nil {
				return refused
			}
			return showLocation(next(r))
		case !r.namesObject() || r.method != http.MethodPut && r.method != http.MethodDelete:
			return next(r)
		}
		info := s.containerInfo(account, container)
		archive, _, _ := strings.Cut(unquote(info.header.Get(locationSysmeta)), "/")
		if archive == "" {
			return next(r)
		}
		a := versionArchive{
			r: r, next: next, writers: info.header.Get("X-Container-Write"), stamp: s.newStamp, name: object,
			path: "/" + version + "/" + account + "/" + archive,
		}
		switch {
		case r.method == http.MethodPut:
			if refused := a.copyCurrent(); refused != nil {
				return refused
			}
			return next(r)
		case info.header.Get(modeSysmeta) == historyMode:
			return a.push()
		}
		return a.pop()
	}
}

// newStamp is the time, which no other stamp is.
func (s *store) newStamp() stamp {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stamp()
}

// setLocation reads where a container is to keep its versions, and turns it
// into what is stored. It returns the answer to what cannot be.
func setLocation(r *request) *response {
	h := r.header
	_, stack := h[versionsLocation]
	_, history := h[historyLocation]
	if stack && history {
		switch {
		case value(h[historyLocation]) == "":
			history = false
		case value(h[versionsLocation]) != "":
			return plainText(http.StatusBadRequest,
				"Only one of x-versions-location or x-history-location may be specified")
		default:
			stack = false
		}
	}
	location, mode := value(h[versionsLocation]), stackMode
	if !stack {
		location, mode = value(h[historyLocation]), historyMode
	}
	remove := value(h["X-Remove-Versions-Location"]) != "" || value(h["X-Remove-History-Location"]) != ""
	for _, key := range []string{historyLocation, "X-Remove-Versions-Location", "X-Remove-History-Location"} {
		h.Del(key)
	}
	switch {
	case (stack || history) && location != "":
		if strings.Contains(location, "/") {
			return page(http.StatusPreconditionFailed, "Container name cannot contain slashes")
		}
		h.Set(locationSysmeta, location)
		h.Set(modeSysmeta, mode)
		h.Set(versionsLocation, "")
	case stack || history || remove:
		h.Set(locationSysmeta, "")
		h.Set(modeSysmeta, "")
		h.Set(versionsLocation, "")
	}
	return nil
}

// showLocation tells where a container keeps its versions.
func showLocation(resp *response) *response {
	location := resp.header.Get(locationSysmeta)
	switch {
	case location == "":
	case resp.header.Get(modeSysmeta) == historyMode:
		resp.with(historyLocation, location)
	default:
		resp.with(versionsLocation, location)
	}
	return resp
}

// versionArchive is the container that keeps the versions of an object.
type versionArchive struct {
	r       *request // for the object
	next    handler
	writers string // who may write to the container of the object
	stamp   func() stamp
	name    string // of the object
	path    string // of the archive
}

// prefix is how the names of the versions begin.
func (a *versionArchive) prefix() string { return fmt.Sprintf("%03x%s/", len(a.name), a.name) }

// writeFailure is the answer to a request of which a step was answered with an
// error; nil for success.
func writeFailure(resp *response) *response {
	switch {
	case resp.ok():
		return nil
	case resp.status < http.StatusInternalServerError:
		return fail(http.StatusPreconditionFailed)
	}
	return fail(http.StatusServiceUnavailable)
}

// source reads an object to copy it, a link as the link.
func source(r *request, next handler, path, middleware string) *response {
	resp := next(r.preAuthorized(http.MethodGet, path, middleware).withQuery("symlink", "get"))
	if resp.size() > maxFileSize {
		return fail(http.StatusRequestEntityTooLarge)
	}
	return resp
}

// copied is the request that stores at path what resp holds.
func copied(r *request, resp *response, path, middleware string) *request {
	put := r.preAuthorized(http.MethodPut, path, middleware)
	for key, values := range resp.header {
		if key != "X-Timestamp" {
			put.header[key] = values
		}
	}
	if size := resp.header.Get(sloSizeSysmeta); size != "" {
		put.header.Set("Content-Type", put.header.Get("Content-Type")+"; swift_bytes="+size)
		put.typed = true
	}
	return put.withBody(resp.body)
}

// copyCurrent puts the object, if there is one, into the archive. It returns
// why that cannot be.
func (a *versionArchive) copyCurrent() *response {
	if refused := a.r.check(a.writers); refused != nil {
		return refused
	}
	current := source(a.r, a.next, a.r.path, "VW")
	if current.status == http.StatusNotFound {
		return nil
	}
	if failed := writeFailure(current); failed != nil {
		return failed
	}
	path := a.path + "/" + a.prefix() + current.header.Get("X-Timestamp")
	return writeFailure(a.next(copied(a.r, current, path, "VW")))
}

// push deletes the object and notes that in the archive.
func (a *versionArchive) push() *response {
	if refused := a.copyCurrent(); refused != nil {
		return refused
	}
	mark := a.r.preAuthorized(http.MethodPut, a.path+"/"+a.prefix()+a.stamp().String(), "VW").
		withHeader("Content-Type", deletionType).withBody(nil)
	mark.typed = true
	if failed := writeFailure(a.next(mark)); failed != nil {
		return failed
	}
	return a.next(a.r)
}

// list returns the versions of the object, the newest first.
func (a *versionArchive) list() ([]listItem, *response) {
	list := a.r.preAuthorized(http.MethodGet, a.path, "VW").withQuery("prefix", a.prefix()).withQuery("reverse", "on")
	resp := a.next(list)
	switch {
	case resp.status == http.StatusNotFound:
		return nil, nil
	case !resp.ok() && resp.status < http.StatusInternalServerError:
		return nil, fail(http.StatusPreconditionFailed)
	case !resp.ok() || resp.listing == nil:
		return nil, fail(http.StatusInternalServerError)
	}
	return resp.listing.items, nil
}

// restore puts a version in the place of the object. It reports false when it
// is not there any more.
func (a *versionArchive) restore(name string) (bool, *response) {
	old := source(a.r, a.next, a.path+"/"+name, "VW")
	if old.status == http.StatusNotFound {
		return false, nil
	}
	if failed := writeFailure(old); failed != nil {
		return false, failed
	}
	return true, writeFailure(a.next(copied(a.r, old, a.r.path, "VW")))
}

// remove is the request that removes a version.
func (a *versionArchive) remove(name string) *request {
	return a.r.preAuthorized(http.MethodDelete, a.path+"/"+name, "VW")
}

// pop deletes the object and brings back its last version.
func (a *versionArchive) pop() *response {
	versions, refused := a.list()
	if refused != nil {
		return refused
	}
	if len(versions) > 0 {
		if refused := a.r.check(a.writers); refused != nil {
			return refused
		}
	}
	for i, one := range versions {
		if one.contentType == deletionType {
			return a.popDeletion(one, versions[i+1:])
		}
		restored, failed := a.restore(one.name)
		switch {
		case failed != nil:
			return failed
		case restored:
			return a.next(a.remove(one.name))
		}
	}
	return a.next(a.r)
}

// popDeletion takes back a deletion, if there is nothing to be deleted.
func (a *versionArchive) popDeletion(mark listItem, older []listItem) *response {
	head := a.next(a.r.preAuthorized(http.MethodHead, a.r.path, "VW"))
	if head.status != http.StatusNotFound {
		if failed := writeFailure(head); failed != nil {
			return failed
		}
		return a.next(a.r)
	}
	for _, one := range older {
		if one.contentType == deletionType {
			break
		}
		restored, failed := a.restore(one.name)
		if failed != nil {
			return failed
		}
		if restored {
			removed := a.next(a.remove(one.name))
			if removed.status != http.StatusNotFound {
				if failed := writeFailure(removed); failed != nil {
					return failed
				}
			}
			break
		}
	}
	return a.next(a.remove(mark.name))
}
