package swift

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"
)

// Limits of what a request may hold.
//
// Source: swift/common/constraints.py, 2.30.
const (
	maxMetaName      = 128
	maxMetaValue     = 256
	maxMetaCount     = 90
	maxMetaSize      = 4096
	maxHeaderSize    = 8192
	maxObjectName    = 1024
	maxContainerName = 256
	maxAccountName   = 256
	listingLimit     = 10000
)

// isMeta reports whether key is a header with metadata of a kind of thing,
// that is of Account, Container or Object.
func isMeta(kind, key string) bool {
	name, ok := strings.CutPrefix(key, "X-"+kind+"-Meta-")
	return ok && name != ""
}

// isSysmeta is [isMeta] for what middlewares keep with a thing.
func isSysmeta(kind, key string) bool {
	name, ok := strings.CutPrefix(key, "X-"+kind+"-Sysmeta-")
	return ok && name != ""
}

// isTransient reports whether key is a header that middlewares keep with an
// object until the next POST.
func isTransient(key string) bool {
	name, ok := strings.CutPrefix(key, "X-Object-Transient-Sysmeta-")
	return ok && name != ""
}

// isOwners reports whether key is a header that only the owner of an account
// sees and sets.
func isOwners(key string) bool {
	switch key {
	case "X-Container-Read", "X-Container-Write", "X-Container-Sync-Key", "X-Container-Sync-To",
		"X-Account-Meta-Temp-Url-Key", "X-Account-Meta-Temp-Url-Key-2",
		"X-Container-Meta-Temp-Url-Key", "X-Container-Meta-Temp-Url-Key-2", "X-Account-Access-Control":
		return true
	}
	return false
}

// dropOwners removes the owner's headers from h unless r is of the owner.
func dropOwners(r *request, h http.Header) {
	if !r.owner {
		maps.DeleteFunc(h, func(key string, _ []string) bool { return isOwners(key) })
	}
}

// value is the value of a header, whose several lines are one list.
func value(values []string) string { return strings.Join(values, ",") }

// badText is a 400 in plain text.
func badText(text string) *response { return plainText(http.StatusBadRequest, text) }

// checkMetadata returns the answer to a request with metadata beyond the
// limits, or nil.
func checkMetadata(r *request, kind string) *response {
	prefix := "X-" + kind + "-Meta-"
	count, size := 0, 0
	for _, key := range slices.Sorted(maps.Keys(r.header)) {
		text := value(r.header[key])
		if len(text) > maxHeaderSize {
			return badText("Header value too long: " + key[:min(len(key), maxMetaName)])
		}
		name, ok := strings.CutPrefix(key, prefix)
		if !ok {
			continue
		}
		if kind != "Object" && !utf8.ValidString(text) {
			return badText("Metadata must be valid UTF-8")
		}
		count++
		size += len(name) + len(text)
		if refused := checkMetaItem(strings.ToLower(prefix), name, text, count, size); refused != nil {
			return refused
		}
	}
	return nil
}

// checkMetaItem checks one piece of metadata, with what there was so far.
func checkMetaItem(prefix, name, text string, count, size int) *response {
	switch {
	case name == "":
		return badText("Metadata name cannot be empty")
	case len(name) > maxMetaName:
		return badText("Metadata name too long: " + prefix + name)
	case len(text) > maxMetaValue:
		return badText("Metadata value longer than 256: " + prefix + name)
	case count > maxMetaCount:
		return badText("Too many metadata items; max 90")
	case size > maxMetaSize:
		return badText("Total metadata too large; max 4096")
	}
	return nil
}

// checkTotal returns the answer to a request that would leave an account or a
// container with more metadata than it may have, or nil.
func checkTotal(kind string, h http.Header) *response {
	count, size := 0, 0
	for key, values := range h {
		if name, ok := strings.CutPrefix(key, "X-"+kind+"-Meta-"); ok {
			count++
			size += len(name) + len(value(values))
		}
	}
	switch {
	case count > maxMetaCount:
		return page(http.StatusBadRequest, "Too many metadata items; max 90")
	case size > maxMetaSize:
		return page(http.StatusBadRequest, "Total metadata too large; max 4096")
	}
	return nil
}

// updated returns old with the metadata that r sets and removes, and with the
// other headers that keep allows.
func updated(r *request, kind string, old http.Header, keep func(string) bool) http.Header {
	h := old.Clone()
	wanted := func(key string) bool { return isMeta(kind, key) || isSysmeta(kind, key) || keep(key) }
	for key := range r.header {
		if name, ok := strings.CutPrefix(key, "X-Remove-"); ok {
			switch {
			case isMeta(kind, "X-"+name):
				h.Del("X-" + name)
			case keep("X-" + name):
				h.Del("X-" + name)
			}
		}
	}
	for key, values := range r.header {
		if !wanted(key) {
			continue
		}
		if text := value(values); text != "" {
			h[key] = []string{text}
		} else {
			delete(h, key)
		}
	}
	return h
}

// limit reads the limit of a listing.
func (r *request) limit() (int, *response) {
	text, _ := r.param("limit")
	if text == "" || strings.Trim(text, "0123456789") != "" {
		return listingLimit, nil
	}
	n := 0
	for _, digit := range text {
		if n = n*10 + int(digit-'0'); n > listingLimit {
			return 0, page(http.StatusPreconditionFailed, "Maximum limit is %d", listingLimit)
		}
	}
	return n, nil
}

// listQuery reads what part of a listing is wanted.
func (r *request) listQuery() (listQuery, *response) {
	for _, name := range []string{"marker", "end_marker", "prefix", "delimiter", "path", "format", "reverse"} {
		if text, _ := r.param(name); !utf8.ValidString(text) {
			return listQuery{}, badText(`"` + name + `" parameter not valid UTF-8`)
		}
	}
	limit, refused := r.limit()
	if refused != nil {
		return listQuery{}, refused
	}
	q := listQuery{limit: limit, reserved: r.allowsReserved()}
	q.marker, _ = r.param("marker")
	q.endMarker, _ = r.param("end_marker")
	q.prefix, _ = r.param("prefix")
	q.delimiter, _ = r.param("delimiter")
	q.path, q.byPath = r.param("path")
	reverse, _ := r.param("reverse")
	q.reverse = isTrue(reverse)
	return q, nil
}
