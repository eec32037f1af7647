package swift

import (
	"crypto/md5" //nolint:gosec // Swift's ETags are MD5
	"encoding/hex"
	"net/http"
	"strings"
)

// listingPage is how many lines a listing has at most.
const listingPage = 10000

// dynamicLargeObjects serves objects whose segments are all objects of a
// container whose names begin alike, as their X-Object-Manifest says.
//
// Source: swift/common/middleware/dlo.py, 2.30.
func dynamicLargeObjects(_ *Service, next handler) handler {
	return func(r *request) *response {
		if !r.namesObject() {
			return next(r)
		}
		manifest, _ := r.param("multipart-manifest")
		switch {
		case r.reads() && manifest != "get":
			return getDynamic(r, next)
		case r.method == http.MethodPut:
			if refused := checkManifestHeader(r); refused != nil {
				return refused
			}
		}
		return next(r)
	}
}

// checkManifestHeader returns the answer to a PUT with an X-Object-Manifest
// that cannot be, or nil.
func checkManifestHeader(r *request) *response {
	values, ok := r.header["X-Object-Manifest"]
	if !ok {
		return nil
	}
	container, prefix, _ := strings.Cut(value(values), "/")
	if container == "" || prefix == "" || strings.ContainsAny(value(values), "?&") || strings.HasPrefix(prefix, "/") {
		return page(http.StatusBadRequest, "X-Object-Manifest must be in the format container/prefix")
	}
	return nil
}

// getDynamic answers a GET or HEAD of what may be a dynamic large object.
func getDynamic(r *request, next handler) *response {
	get := r.clone()
	ignoreRange(get, "X-Object-Manifest")
	resp := next(get)
	manifest := resp.header.Get("X-Object-Manifest")
	if manifest == "" {
		return resp
	}
	version, account, _, _ := r.parts()
	container, prefix, ok := strings.Cut(unquote(manifest), "/")
	if !ok {
		return crashed()
	}
	path := pathOf(version, account, container, "")
	segments, refused := listSegments(r, next, path, prefix)
	if refused != nil {
		return refused
	}
	var size int64
	sum := md5.New() //nolint:gosec // as above
	for _, one := range segments {
		size += one.bytes
		_, _ = sum.Write([]byte(unquoteETag(one.hash))) // a hash takes everything
	}
	resp.status, resp.body, resp.length = http.StatusOK, nil, size
	resp.header.Del("Content-Range")
	resp.with("Etag", `"`+hex.EncodeToString(sum.Sum(nil))+`"`)
	resp.conditionalETag = ""
	if status := r.precondition(resp); status != 0 {
		resp.status, resp.length = status, -1
		return resp
	}
	return sendDynamic(r, next, resp, path, segments)
}

// sendDynamic makes resp the answer to r, with the content of the segments.
func sendDynamic(r *request, next handler, resp *response, path string, segments []listItem) *response {
	size := resp.length
	if wanted, ok := parseRange(r.header.Get("Range")); ok {
		switch {
		case len(wanted) > 1: // several ranges are not for large objects of this kind
			r = r.clone()
			r.header.Del("Range")
		case len(wanted.within(size)) == 0:
			refused := rangeRefused(empty(http.StatusOK), size).with("Accept-Ranges", "bytes")
			refused.unsized = r.method == http.MethodHead
			return refused
		}
	}
	if r.method == http.MethodHead {
		return resp
	}
	return assemble(&partReader{r: r, next: next, source: "DLO"}, resp, size, func(p *partReader, wanted byteRange) {
		first, last := wanted.start, wanted.end-1
		for _, one := range segments {
			if first < one.bytes && last >= 0 {
				piece := part{path: path + "/" + one.name, size: -1, first: max(first, 0), last: last}
				if last >= one.bytes-1 {
					piece.last = -1
				}
				if !p.read(piece) {
					return
				}
			}
			first, last = max(first-one.bytes, -1), max(last-one.bytes, -1)
		}
	})
}

// listSegments returns all objects of a container whose names begin with
// prefix, or the answer that there is no list.
func listSegments(r *request, next handler, path, prefix string) ([]listItem, *response) {
	var all []listItem
	for marker := ""; ; {
		list := r.sub(http.MethodGet, path, "DLO").withQuery("prefix", prefix)
		if marker != "" {
			list.withQuery("marker", marker)
		}
		resp := next(list)
		if !resp.ok() || resp.listing == nil {
			return nil, resp
		}
		all = append(all, resp.listing.items...)
		if len(resp.listing.items) < listingPage {
			return all, nil
		}
		marker = resp.listing.items[listingPage-1].name
	}
}
