package swift

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// listContainers counts the versions of a container to its bytes.
func (v *versioning) listContainers(resp *response) *response {
	if !resp.ok() || resp.listing == nil {
		return resp
	}
	for i := range resp.listing.items {
		item := &resp.listing.items[i]
		if item.subdir == "" && !strings.HasPrefix(item.name, reserved) {
			item.bytes += v.s.containerInfo(v.account, reservedName("versions", item.name)).bytes
		}
	}
	return resp
}

// ofContainer answers a request for a container.
func (v *versioning) ofContainer() *response {
	_, set := v.r.header[versionsEnabled]
	switch {
	case set && (v.r.method == http.MethodPut || v.r.method == http.MethodPost):
		return v.enable()
	case v.r.method == http.MethodDelete:
		return v.removeContainer()
	}
	resp := v.next(v.r)
	if on := resp.header.Get(enabledSysmeta); on != "" {
		resp.with(versionsEnabled, on)
	}
	v.kept = unquote(resp.header.Get(keptSysmeta))
	if v.kept != "" {
		bytes, _ := strconv.ParseInt(resp.header.Get("X-Container-Bytes-Used"), 10, 64)
		bytes += v.s.containerInfo(v.account, v.kept).bytes
		resp.with("X-Container-Bytes-Used", strconv.FormatInt(bytes, 10))
	} else if !strings.HasPrefix(v.container, reserved) {
		v.kept = reservedName("versions", v.container)
	}
	if !resp.ok() || v.r.method != http.MethodGet || resp.listing == nil {
		return resp
	}
	_, all := v.r.param("versions")
	for i := range resp.listing.items {
		v.showVersion(&resp.listing.items[i], all)
	}
	if all {
		return v.listVersions(resp)
	}
	return resp
}

// field returns a field that was added to a line of a listing, and removes it.
func (i *listItem) field(key string) (any, bool) {
	at := slices.IndexFunc(i.extra, func(f listField) bool { return f.key == key })
	if at < 0 {
		return nil, false
	}
	found := i.extra[at].value
	i.extra = slices.Delete(slices.Clone(i.extra), at, at+1)
	return found, true
}

// showVersion shows in place of the link that an object is the version that it
// leads to. With all the path of the version stays, for [versioning.listVersions].
func (v *versioning) showVersion(i *listItem, all bool) {
	before := *i
	path, linked := i.field("symlink_path")
	etag, fixed := i.field("symlink_etag")
	size, sized := i.field("symlink_bytes")
	text, _ := path.(string)
	p, ok := splitPath(unquote(text), 4, 4, true)
	if !linked || !fixed || !sized || !ok || p[2] != v.kept {
		*i = before
		return
	}
	_, parameters := parseParameters(i.hash)
	i.hash, _ = etag.(string)
	for _, one := range parameters {
		i.hash = one.add(i.hash)
	}
	i.bytes, _ = size.(int64)
	if name, id, ok := splitKept(p[3]); ok && !all {
		text = quote("/v1/"+p[1]+"/"+v.container+"/"+name) + "?version-id=" + id
	}
	i.extra = append(i.extra, listField{"symlink_path", text}, listField{"version_symlink", true})
}

// removeContainer deletes a container that has neither objects nor versions.
func (v *versioning) removeContainer() *response {
	v.kept = unquote(v.s.containerInfo(v.account, v.container).header.Get(keptSysmeta))
	if v.kept != "" {
		info := v.s.containerInfo(v.account, v.kept)
		if info.objects > 0 {
			return page(http.StatusConflict, "Delete all versions before deleting container.")
		}
		if resp := v.next(v.inside(http.MethodDelete, v.keptPath(""))); !resp.ok() && resp.status != http.StatusNotFound {
			return page(http.StatusInternalServerError, "Error deleting versioned container")
		}
	}
	return v.next(v.r)
}

// enable has a container keep versions, or no more.
func (v *versioning) enable() *response {
	info := v.s.containerInfo(v.account, v.container)
	switch {
	case info.header.Get(locationSysmeta) != "" || info.header.Get(versionsLocation) != "":
		return page(http.StatusBadRequest, "Cannot enable object versioning on a container "+
			"that is already using the legacy versioned writes feature.")
	case info.header.Get("X-Container-Sync-To") != "":
		return page(http.StatusBadRequest, "Cannot enable object versioning on a container "+
			"configured as source of container syncing.")
	}
	on := isTrue(value(v.r.header[versionsEnabled]))
	v.r.header.Set(enabledSysmeta, "False")
	if !on {
		return v.next(v.r)
	}
	v.r.header.Set(enabledSysmeta, "True")
	v.kept = reservedName("versions", v.container)
	made := v.next(v.inside(http.MethodPut, v.keptPath("")))
	if !made.ok() && made.status != http.StatusConflict {
		return page(http.StatusInternalServerError, "Error enabling object versioning")
	}
	v.r.header.Set(keptSysmeta, quote(v.kept))
	resp := v.next(v.r)
	if !resp.ok() {
		v.next(v.inside(http.MethodDelete, v.keptPath("")))
	}
	return resp
}

// versionQuery makes the query of a listing of versions one of the hidden
// container. It returns the answer to what cannot be.
func (v *versioning) versionQuery() (*request, *response) {
	list := v.inside(http.MethodGet, v.keptPath(""))
	for _, key := range []string{"prefix", "marker", "limit", "delimiter", "reverse"} {
		if text, ok := v.r.param(key); ok {
			list.withQuery(key, text)
		}
	}
	marker, marked := v.r.param("marker")
	after, ok := v.r.param("version_marker")
	switch {
	case ok && !marked:
		return nil, page(http.StatusBadRequest, "version_marker param requires marker")
	case ok && after != nullVersion:
		at, ok := parseStamp(after)
		if !ok {
			return nil, page(http.StatusBadRequest, "invalid version_marker param")
		}
		list.withQuery("marker", keptName(marker, at))
	case !ok && marked:
		list.withQuery("marker", reservedName(marker, "")+":") // behind all digits
	}
	if text, _ := v.r.param("delimiter"); strings.ContainsAny(text, "0123456789."+reserved) {
		return nil, page(http.StatusBadRequest, "invalid delimiter param")
	}
	if prefix, ok := v.r.param("prefix"); ok {
		list.withQuery("prefix", reservedName(prefix))
	}
	return list, nil
}

// listVersions makes resp, which lists the objects of a container, a listing of
// all their versions. There is such a listing in JSON alone.
func (v *versioning) listVersions(resp *response) *response {
	if best, _ := bestMatch(v.r.header.Get("Accept"), []string{"application/json"}); best == "" {
		return fail(http.StatusNotAcceptable)
	}
	list, refused := v.versionQuery()
	if refused != nil {
		return refused
	}
	found := versionListing{latest: map[string]bool{}, current: map[string]bool{}, folders: map[string]bool{}}
	for _, item := range resp.listing.items {
		found.addObject(item)
	}
	kept := v.next(list)
	switch {
	case kept.ok() && kept.listing != nil:
		for _, item := range kept.listing.items {
			found.addVersion(item, "/v1/"+v.account+"/"+v.kept+"/")
		}
	case kept.status != http.StatusNotFound:
		return kept
	}
	limit, refused := v.r.limit()
	if refused != nil {
		return refused
	}
	reverse, _ := v.r.param("reverse")
	resp.listing.items = found.items(isTrue(reverse), limit)
	resp.asJSON = true
	return resp
}

// versionListing is a listing of versions in the making.
type versionListing struct {
	objects, versions []listItem
	folders           map[string]bool // names up to a delimiter
	latest            map[string]bool // objects whose latest version is listed
	current           map[string]bool // paths that objects are links to
}

// addObject adds an object, which is a version of its own unless it is a link
// to one.
func (l *versionListing) addObject(item listItem) {
	if item.subdir != "" {
		l.folders[item.subdir] = true
		return
	}
	if _, linked := item.field("version_symlink"); linked {
		path, _ := item.field("symlink_path")
		text, _ := path.(string)
		l.current[unquote(text)] = true
		return
	}
	item.extra = append(item.extra, listField{"version_id", nullVersion}, listField{"is_latest", true})
	l.objects = append(l.objects, item)
	l.latest[item.name] = true
}

// addVersion adds a line of the listing of the hidden container. folder is the
// path of that.
func (l *versionListing) addVersion(item listItem, folder string) {
	if item.subdir != "" {
		if parts, ok := splitReserved(item.subdir); ok {
			l.folders[parts[0]] = true
		}
		return
	}
	name, id, ok := splitKept(item.name)
	if !ok {
		return
	}
	latest := l.current[folder+item.name] || item.contentType == deletionType && !l.latest[name]
	if latest {
		l.latest[name] = true
	}
	item.name = name
	item.extra = append(item.extra, listField{"is_latest", latest}, listField{"version_id", id})
	l.versions = append(l.versions, item)
}

// items returns everything in the order of the names, as much as is wanted.
func (l *versionListing) items(reverse bool, limit int) []listItem {
	all := slices.Concat(l.objects, l.versions)
	for name := range l.folders {
		all = append(all, listItem{subdir: name})
	}
	slices.SortStableFunc(all, func(a, b listItem) int {
		if reverse {
			a, b = b, a
		}
		return cmp.Compare(a.name+a.subdir, b.name+b.subdir)
	})
	return all[:min(len(all), limit)]
}
