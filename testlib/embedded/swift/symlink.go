package swift

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

const (
	linkHeader        = "X-Symlink-Target"
	linkAccountHeader = "X-Symlink-Target-Account"
	linkETagHeader    = "X-Symlink-Target-Etag"
	linkBytesHeader   = "X-Symlink-Target-Bytes"

	// linkSysmeta stands in front of the part of these names behind "X-" where
	// they are stored.
	linkSysmeta = "X-Object-Sysmeta-"

	// linkFree marks links that do not count when links lead to links.
	linkFree = "X-Object-Sysmeta-Symloop-Extend"
	// linkReserved marks links that may lead to what is hidden from clients.
	linkReserved = "X-Object-Sysmeta-Allow-Reserved-Names"

	maxLinks = 2

	emptyETag = "d41d8cd98f00b204e9800998ecf8427e"
)

// linkKey is the header in which a header of a link is stored.
func linkKey(header string) string { return linkSysmeta + strings.TrimPrefix(header, "X-") }

// symlinks makes objects that stand for another one, and reads that in their
// place.
//
// Source: swift/common/middleware/symlink.py, 2.30.
func symlinks(_ *Service, next handler) handler {
	return func(r *request) *response {
		switch {
		case r.namesContainer() && r.method == http.MethodGet:
			return listLinks(r, next(r))
		case !r.namesObject():
			return next(r)
		}
		switch r.method {
		case http.MethodGet, http.MethodHead:
			if what, _ := r.param("symlink"); what == "get" {
				return showLink(next(r))
			}
			f := linkFollower{origin: r, next: next, soft: true}
			return f.follow(r, "")
		case http.MethodPut:
			if len(r.header[linkHeader]) > 0 {
				return putLink(r, next)
			}
		case http.MethodPost:
			return postLink(r, next)
		}
		return next(r)
	}
}

// listLinks shows in a listing where links lead.
func listLinks(r *request, resp *response) *response {
	if !resp.ok() || resp.listing == nil {
		return resp
	}
	version, account, _, _ := r.parts()
	for i := range resp.listing.items {
		item := &resp.listing.items[i]
		if item.subdir == "" {
			item.showLink(version, account)
		}
	}
	return resp
}

// showLink takes where a link leads out of the hash of i.
func (i *listItem) showLink(version, account string) {
	hash, parameters := parseParameters(i.hash)
	var target string
	var extra []listField
	for _, p := range parameters {
		switch p.key {
		case "symlink_target":
			target = p.text
		case "symlink_target_account":
			account = p.text
		case "symlink_target_etag":
			extra = append(extra, listField{"symlink_etag", p.text})
		case "symlink_target_bytes":
			n, _ := strconv.ParseInt(p.text, 10, 64)
			extra = append(extra, listField{"symlink_bytes", n})
		default:
			hash = p.add(hash)
		}
	}
	if target != "" {
		extra = append(extra, listField{"symlink_path", "/" + version + "/" + account + "/" + target})
	}
	i.hash, i.extra = hash, append(i.extra, extra...)
}

// showLink makes resp, which may be a link, tell where it leads.
func showLink(resp *response) *response {
	for _, key := range []string{linkHeader, linkAccountHeader, linkETagHeader, linkBytesHeader} {
		if text := resp.header.Get(linkKey(key)); text != "" {
			resp.with(key, text).header.Del(linkKey(key))
		}
	}
	return resp
}

// linkFollower reads what a link leads to.
type linkFollower struct {
	origin *request
	next   handler
	soft   bool // follows also links that are not fixed to an ETag
	links  int
	last   string // path that a link led to, quoted
}

// follow makes a request, and that for what the link leads to if the object is
// one. etag is what the object must have; empty for any.
func (f *linkFollower) follow(r *request, etag string) *response {
	get := r.clone()
	ignoreRange(get, linkKey(linkHeader))
	resp := f.next(get)
	target, fixed := resp.header.Get(linkKey(linkHeader)), resp.header.Get(linkKey(linkETagHeader))
	found := resp.header.Get("Etag")
	if target == "" || fixed == "" && !f.soft {
		if found != "" && etag != "" && found != etag {
			return f.conflict("Object Etag %s does not match X-Symlink-Target-Etag header %s", pyRepr(found), pyRepr(etag))
		}
		if f.last != "" {
			resp.header.Set("Content-Location", f.last)
		}
		return resp
	}
	if fixed != "" {
		found = fixed
	}
	switch {
	case etag != "" && etag != found:
		return f.conflict("X-Symlink-Target-Etag headers do not match")
	case f.links >= maxLinks:
		return plainText(http.StatusConflict,
			fmt.Sprintf("Too many levels of symbolic links, maximum allowed is %d", maxLinks))
	}
	version, account, _, _ := r.parts()
	account = quote(account)
	if other := resp.header.Get(linkKey(linkAccountHeader)); other != "" {
		account = other
	}
	f.last = "/" + version + "/" + account + "/" + strings.TrimLeft(target, "/")
	to := f.origin.sub(r.method, unquote(f.last), "SYM")
	to.header = r.header.Clone()
	if resp.header.Get(linkReserved) != "" {
		to = f.origin.preAuthorized(r.method, unquote(f.last), "SYM")
		to.header = r.header.Clone()
		to.header.Set("X-Backend-Allow-Reserved-Names", "true")
	}
	if !isTrue(resp.header.Get(linkFree)) {
		f.links++
	}
	return f.follow(to, fixed)
}

// conflict says that a link does not fit what it leads to.
func (f *linkFollower) conflict(format string, args ...any) *response {
	return plainText(http.StatusConflict, fmt.Sprintf(format, args...)).with("Content-Location", f.last)
}

// putLink makes a link.
func putLink(r *request, next handler) *response {
	body, refused := r.readBody()
	switch {
	case refused != nil:
		return refused
	case len(body) > 0:
		return plainText(http.StatusBadRequest, "Symlink requests require a zero byte body")
	}
	r.withBody(nil)
	target, refused := readLink(r)
	if refused != nil {
		return refused
	}
	h := r.header
	etag := unquoteETag(h.Get(linkETagHeader))
	if etag != "" {
		if refused := fixLink(r, next, target, etag); refused != nil {
			return refused
		}
	}
	for _, key := range []string{linkHeader, linkAccountHeader} {
		if text := h.Get(key); text != "" {
			h.Set(linkKey(key), text)
		}
		h.Del(key)
	}
	listed := h.Get(overridePrefix + "Etag")
	if listed == "" {
		listed = emptyETag
	}
	for _, p := range []parameter{
		{"symlink_target", h.Get(linkKey(linkHeader))}, {"symlink_target_account", h.Get(linkKey(linkAccountHeader))},
		{"symlink_target_etag", h.Get(linkKey(linkETagHeader))}, {"symlink_target_bytes", h.Get(linkKey(linkBytesHeader))},
	} {
		if p.text != "" {
			listed = p.add(listed)
		}
	}
	h.Set(overridePrefix+"Etag", listed)
	return next(r)
}

// readLink reads where a link is to lead, and brings that into its usual form.
// It returns the path, unquoted.
func readLink(r *request) (string, *response) {
	if strings.HasPrefix(unquote(r.header.Get(linkHeader)), "/") {
		return "", plainText(http.StatusPreconditionFailed,
			"X-Symlink-Target header must be of the form <container name>/<object name>")
	}
	container, object, refused := headerPath(r, linkHeader)
	if refused != nil {
		return "", refused
	}
	r.header.Set(linkHeader, quote(container+"/"+object))
	_, account, _, _ := r.parts()
	account, refused = headerAccount(r, linkAccountHeader, account)
	if refused != nil {
		return "", refused
	}
	if len(r.header[linkAccountHeader]) > 0 {
		r.header.Set(linkAccountHeader, quote(account))
	}
	path := pathOf("v1", account, container, object)
	_, ownAccount, ownContainer, ownObject := r.parts()
	etag := unquoteETag(r.header.Get(linkETagHeader))
	switch {
	case path == pathOf("v1", ownAccount, ownContainer, ownObject):
		return "", plainText(http.StatusBadRequest, "Symlink cannot target itself")
	case strings.ContainsAny(etag, `;"\`):
		return "", plainText(http.StatusBadRequest, "Bad X-Symlink-Target-Etag format")
	case etag == "" && r.header.Get("Content-Type") == "":
		r.header.Set("Content-Type", "application/symlink")
	}
	return path, nil
}

// fixLink fixes a link to the ETag of what it leads to, or returns why not.
func fixLink(r *request, next handler, target, etag string) *response {
	f := linkFollower{origin: r, next: next, last: quote(target)}
	head := r.sub(http.MethodHead, target, "SYM")
	if r.allowsReserved() {
		head.withHeader("X-Backend-Allow-Reserved-Names", "true")
	}
	resp := f.follow(head, etag)
	switch {
	case resp.status == http.StatusConflict:
		return resp
	case resp.status == http.StatusNotFound:
		return f.conflict("X-Symlink-Target does not exist")
	case resp.status == http.StatusUnauthorized:
		return unauthorized(r)
	case !resp.ok():
		return fail(resp.status)
	}
	h, listed := r.header, overridePrefix+"Etag"
	if h.Get(listed) == "" {
		_, more, ok := strings.Cut(resp.header.Get(listed), ";")
		if slo := resp.header.Get(sloETagSysmeta); ok {
			h.Set(listed, emptyETag+";"+more)
		} else if slo != "" {
			h.Set(listed, emptyETag+"; slo_etag="+slo)
		}
	}
	size := resp.header.Get(sloSizeSysmeta)
	if size == "" {
		size = strconv.FormatInt(resp.size(), 10)
	}
	h.Set(linkKey(linkBytesHeader), size)
	h.Set(linkKey(linkETagHeader), etag)
	if h.Get("Content-Type") == "" {
		h.Set("Content-Type", resp.header.Get("Content-Type"))
	}
	return nil
}

// postLink answers a POST. That to a link changes the link itself, and says so.
func postLink(r *request, next handler) *response {
	if len(r.header[linkHeader]) > 0 {
		return plainText(http.StatusBadRequest, "A PUT request is required to set a symlink target")
	}
	resp := next(r)
	target := resp.header.Get(linkKey(linkHeader))
	if !resp.ok() || target == "" {
		return resp
	}
	version, account, _, _ := r.parts()
	account = quote(account)
	if other := resp.header.Get(linkKey(linkAccountHeader)); other != "" {
		account = other
	}
	told := page(http.StatusTemporaryRedirect, "The requested POST was applied to a symlink. POST "+
		"directly to the target to apply requested metadata.").
		with("Location", "/"+version+"/"+account+"/"+target)
	told.relative = true
	if etag := resp.header.Get(linkKey(linkETagHeader)); etag != "" {
		told.with(linkETagHeader, etag)
	}
	for key, values := range resp.header {
		if isSysmeta("Object", key) {
			told.header[key] = values
		}
	}
	return told
}
