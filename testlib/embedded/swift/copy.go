package swift

import (
	"maps"
	"net/http"
	"strings"
)

// serverSideCopy answers COPY, and PUT with X-Copy-From: it reads one object
// and stores another.
//
// Source: swift/common/middleware/copy.py, 2.30.
func serverSideCopy(_ *Service, next handler) handler {
	return func(r *request) *response {
		switch {
		case !r.namesObject():
			return next(r)
		case r.method == http.MethodPut && r.header.Get("X-Copy-From") != "":
			return copyFrom(r, next)
		case r.method == "COPY":
			return copyTo(r, next)
		case r.method == http.MethodOptions:
			return withCopy(next(r))
		}
		return next(r)
	}
}

// withCopy adds COPY to the methods that resp tells of.
func withCopy(resp *response) *response {
	for _, key := range []string{"Allow", "Access-Control-Allow-Methods"} {
		if old := resp.header.Get(key); resp.ok() && old != "" && !strings.Contains(old, "COPY") {
			resp.header.Set(key, old+", COPY")
		}
	}
	return resp
}

// headerPath reads a header that names a container and an object.
func headerPath(r *request, key string) (containerName, object string, refused *response) {
	path := "/" + strings.TrimPrefix(unquote(r.header.Get(key)), "/")
	p, ok := splitPath(path, 2, 2, true)
	if !ok || p[1] == "" {
		return "", "", page(http.StatusPreconditionFailed,
			"%s header must be of the form <container name>/<object name>", key)
	}
	return p[0], p[1], nil
}

// headerAccount reads a header that names an account; otherwise is what counts
// without it.
func headerAccount(r *request, key, otherwise string) (string, *response) {
	if len(r.header[key]) == 0 {
		return otherwise, nil
	}
	name := unquote(r.header.Get(key))
	switch {
	case name == "":
		return "", page(http.StatusPreconditionFailed, "Account name cannot be empty")
	case strings.Contains(name, "/"):
		return "", page(http.StatusPreconditionFailed, "Account name cannot contain slashes")
	}
	return name, nil
}

// copyTo answers COPY, as the PUT that it stands for.
func copyTo(r *request, next handler) *response {
	if r.header.Get("Destination") == "" {
		return page(http.StatusPreconditionFailed, "Destination header required")
	}
	version, account, containerName, object := r.parts()
	target, refused := headerAccount(r, "Destination-Account", account)
	if refused != nil {
		return refused
	}
	if len(r.header["Destination-Account"]) > 0 {
		r.header.Set("X-Copy-From-Account", quote(account))
		r.header.Del("Destination-Account")
	}
	toContainer, toObject, refused := headerPath(r, "Destination")
	if refused != nil {
		return refused
	}
	r.method, r.path = http.MethodPut, pathOf(version, target, toContainer, toObject)
	r.body, r.length, r.chunked = http.NoBody, 0, false
	r.header.Set("X-Copy-From", quote("/"+containerName+"/"+object))
	r.header.Del("Destination")
	return copyFrom(r, next)
}

// copyFrom answers a PUT with X-Copy-From.
func copyFrom(r *request, next handler) *response {
	if r.length > 0 {
		return badText("Copy requests require a zero byte body")
	}
	version, account, _, _ := r.parts()
	account, refused := headerAccount(r, "X-Copy-From-Account", account)
	if refused != nil {
		return refused
	}
	containerName, object, refused := headerPath(r, "X-Copy-From")
	if refused != nil {
		return refused
	}
	source := next(copySource(r, pathOf(version, account, containerName, object)))
	switch {
	case source.status >= http.StatusMultipleChoices:
		return source
	case source.size() > maxFileSize:
		return fail(http.StatusRequestEntityTooLarge)
	}
	sink := copySink(r, source)
	told := http.Header{
		"X-Copied-From-Account": {quote(account)},
		"X-Copied-From":         {quote(containerName + "/" + object)},
	}
	tellOf(told, source, "Last-Modified", "X-Copied-From-Last-Modified")
	tellOf(told, source, "X-Object-Version-Id", "X-Copied-From-Version-Id")
	for key, values := range sink.header {
		if isMeta("Object", key) || isSysmeta("Object", key) || isTransient(key) || key == "X-Delete-At" {
			told[key] = values
		}
	}
	resp := next(sink)
	if resp.ok() {
		maps.Copy(resp.header, told)
	}
	return resp
}

func tellOf(told http.Header, source *response, key, as string) {
	if text := source.header.Get(key); text != "" {
		told.Set(as, text)
	}
}

// copySource is the request for the object to copy.
func copySource(r *request, path string) *request {
	get := r.clone()
	get.method, get.path, get.source = http.MethodGet, path, "SSC"
	get.body, get.length, get.chunked = http.NoBody, 0, false
	get.header.Set("X-Newest", "true")
	if what, _ := get.param("multipart-manifest"); what == "get" {
		get.query.Set("format", "raw")
	}
	return get
}

// copySink is the request that stores the copy.
func copySink(r *request, source *response) *request {
	put := r.clone()
	put.source = "SSC"
	fresh := isTrue(r.header.Get("X-Fresh-Metadata"))
	for key, values := range source.header {
		if notCopied(key) || len(r.header[key]) > 0 || fresh && !isSysmeta("Object", key) {
			continue
		}
		put.header[key] = values
	}
	manifest, _ := put.param("multipart-manifest")
	if manifest == "get" {
		copyManifest(put, source)
	}
	put.query.Del("version-id")
	put.withBody(source.body)
	static, dynamic := source.header.Get("X-Static-Large-Object") != "", source.header.Get("X-Object-Manifest") != ""
	if source.status == http.StatusOK && !static && (!dynamic || manifest == "get") {
		put.header.Set("Etag", unquoteETag(source.header.Get("Etag")))
	} else {
		maps.DeleteFunc(put.header, func(key string, _ []string) bool { return strings.HasPrefix(key, overridePrefix) })
	}
	put.header.Del("X-Copy-From")
	put.header.Del("X-Copy-From-Account")
	if r.header.Get("Content-Type") == "" {
		put.header["Content-Type"] = source.header["Content-Type"]
	}
	return put
}

// notCopied reports whether a header of an object is not one of its copy.
func notCopied(key string) bool {
	switch key {
	case "X-Static-Large-Object", "X-Object-Manifest", "Etag", "Content-Type", "X-Timestamp", "X-Backend-Timestamp":
		return true
	}
	return false
}

// copyManifest makes put store the manifest of a large object.
func copyManifest(put *request, source *response) {
	if source.header.Get("X-Static-Large-Object") != "" {
		put.query.Set("multipart-manifest", "put")
	}
	if text := source.header.Get("X-Object-Manifest"); text != "" {
		put.query.Del("multipart-manifest")
		put.header.Set("X-Object-Manifest", text)
	}
}
