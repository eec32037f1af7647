package swift

import (
	"crypto/md5" //nolint:gosec // Swift's ETags are MD5
	"encoding/hex"
	"maps"
	"net/http"
	"path"
	"strconv"
	"strings"
	"unicode/utf8"
)

// overridePrefix starts headers of a PUT that say how the object is listed,
// where that differs from what it is: Etag, Size and Content-Type.
const overridePrefix = "X-Object-Sysmeta-Container-Update-Override-"

// objectController answers requests for objects.
//
// Source: swift/proxy/controllers/obj.py and swift/obj/server.py, 2.30.
func (s *Service) objectController() controller {
	return controller{
		methods: map[string]func(*request) *response{
			"GET": s.cors(s.getObject), "HEAD": s.cors(s.getObject), "PUT": s.cors(s.putObject),
			"POST": s.cors(s.postObject), "DELETE": s.cors(s.deleteObject),
			"OPTIONS": func(r *request) *response { return s.options(r, s.objectController().allow()) },
		},
		delayed: []string{"GET", "HEAD", "PUT", "POST", "DELETE"},
	}
}

// isObjectHeader reports whether key is a header that is kept with an object
// beside its metadata.
func isObjectHeader(key string) bool {
	switch key {
	case "Content-Disposition", "Content-Encoding", "X-Delete-At", "X-Object-Manifest", "X-Static-Large-Object",
		"Cache-Control", "Content-Language", "Expires", "X-Robots-Tag":
		return true
	}
	return false
}

// object returns the object that r names; nil if there is none.
func (s *Service) object(r *request) *object {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if _, o := s.stored(r); o != nil && !o.expired(s.clock()) {
		return o
	}
	return nil
}

// stored returns the object that r names, expired or not, and its container; nil
// if there is none. The lock must be held.
func (s *Service) stored(r *request) (*container, *object) {
	_, account, containerName, name := r.parts()
	_, c := s.find(account, containerName)
	if c == nil {
		return nil, nil
	}
	o, _ := c.objects.get(name)
	return c, o
}

// getObject answers with an object, as far as it is asked for.
func (s *Service) getObject(r *request) *response {
	if refused := checkReserved(r); refused != nil {
		return refused
	}
	_, account, containerName, _ := r.parts()
	if refused := r.check(s.containerInfo(account, containerName).header.Get("X-Container-Read")); refused != nil {
		return refused
	}
	o := s.object(r)
	if o == nil {
		resp := fail(http.StatusNotFound)
		if r.precondition(resp) == http.StatusPreconditionFailed {
			return empty(http.StatusPreconditionFailed)
		}
		return resp
	}
	resp := answer(http.StatusOK, cleanType(o.contentType), o.data)
	maps.Copy(resp.header, o.header)
	resp.with("Etag", o.etag).
		with("Last-Modified", o.modified.http()).
		with("X-Timestamp", o.modified.String()).
		with("X-Backend-Timestamp", o.modified.String()).
		with("X-Backend-Data-Timestamp", o.stored.String()).
		with("Accept-Ranges", "bytes")
	resp.conditionalETag = etagAt(r, o.header)
	if ignoresRange(r, o.header) {
		r.header.Del("Range")
	}
	resp = r.conditional(resp)
	if resp.status == http.StatusPreconditionFailed {
		resp.with("Content-Type", pageType).header.Del("Accept-Ranges")
	}
	return resp
}

// etagAt returns what a middleware says the object is to be known by: the
// first header of X-Backend-Etag-Is-At that is there. Empty means its ETag.
func etagAt(r *request, h http.Header) string {
	for name := range strings.SplitSeq(r.header.Get("X-Backend-Etag-Is-At"), ",") {
		if etag := h.Get(strings.TrimSpace(name)); etag != "" {
			return etag
		}
	}
	return ""
}

// ignoresRange reports whether a middleware wants everything of an object that
// has certain headers.
func ignoresRange(r *request, h http.Header) bool {
	for name := range strings.SplitSeq(r.header.Get("X-Backend-Ignore-Range-If-Metadata-Present"), ",") {
		if name = strings.TrimSpace(name); name != "" && h.Get(name) != "" {
			return true
		}
	}
	return false
}

// checkReserved returns the answer to a request for a name that mixes what is
// hidden from clients with what is not, or nil.
func checkReserved(r *request) *response {
	_, _, containerName, name := r.parts()
	hiddenContainer, hidden := strings.HasPrefix(containerName, reserved), strings.HasPrefix(name, reserved)
	switch {
	case strings.Contains(containerName, reserved) && !hiddenContainer:
		return page(http.StatusBadRequest, "Invalid reserved-namespace container")
	case strings.Contains(name, reserved) && !hidden:
		return page(http.StatusBadRequest, "Invalid reserved-namespace object")
	case hiddenContainer && !hidden:
		return page(http.StatusBadRequest, "Invalid user-namespace object in reserved-namespace container")
	case hidden && !hiddenContainer:
		return page(http.StatusBadRequest, "Invalid reserved-namespace object in user-namespace container")
	}
	return nil
}

// mayWrite asks whether the caller may write to the container of r, which must
// be there.
func (s *Service) mayWrite(r *request) *response {
	if refused := checkReserved(r); refused != nil {
		return refused
	}
	_, account, containerName, _ := r.parts()
	info := s.containerInfo(account, containerName)
	if refused := r.check(info.header.Get("X-Container-Write")); refused != nil {
		return refused
	}
	if !info.exists {
		return fail(http.StatusNotFound)
	}
	return nil
}

// putObject stores an object.
func (s *Service) putObject(r *request) *response {
	noneMatch := r.header.Get("If-None-Match")
	if noneMatch != "" && !matches(noneMatch, "") {
		return badText("If-None-Match only supports *")
	}
	if refused := s.mayWrite(r); refused != nil {
		return refused
	}
	guessType(r)
	if refused := s.checkCreation(r); refused != nil {
		return refused
	}
	if noneMatch != "" && s.object(r) != nil {
		return fail(http.StatusPreconditionFailed)
	}
	data, refused := r.readBody()
	if refused != nil {
		return refused
	}
	sum := md5.Sum(data) //nolint:gosec // as above
	o := newObject(r, data, hex.EncodeToString(sum[:]))
	if etag := unquoteETag(r.header.Get("Etag")); etag != "" && etag != o.etag {
		return fail(http.StatusUnprocessableEntity).with("Last-Modified", s.clock().http())
	}
	if !s.keep(r, o) {
		return fail(http.StatusNotFound)
	}
	return empty(http.StatusCreated).with("Etag", o.etag).with("Last-Modified", o.modified.http())
}

// keep stores o under the name in r, unless its container is gone.
func (s *Service) keep(r *request, o *object) bool {
	_, account, containerName, _ := r.parts()
	s.mu.Lock()
	defer s.mu.Unlock()
	_, c := s.find(account, containerName)
	if c == nil {
		return false
	}
	now := s.stamp()
	if at, ok := parseStamp(r.header.Get("X-Timestamp")); ok { // a middleware has given the time
		now = at
	}
	o.stored, o.typed, o.modified = now, now, now
	o.entry = o.list(o.contentType)
	c.set(o)
	return true
}

// newObject is the object that r describes.
func newObject(r *request, data []byte, etag string) *object {
	_, _, _, name := r.parts()
	o := &object{
		name: name, data: data, etag: etag, contentType: value(r.header["Content-Type"]), header: http.Header{},
	}
	for key, values := range r.header {
		kept := isObjectHeader(key) || isMeta("Object", key) || isSysmeta("Object", key) || isTransient(key)
		if text := value(values); kept && (text != "" || isMeta("Object", key)) {
			o.header[key] = []string{text}
		}
	}
	o.deleteAt, _ = strconv.ParseInt(o.header.Get("X-Delete-At"), 10, 64)
	return o
}

// list returns the line for o in a listing of its container. The type is as the
// container knows it, which may hold the size.
func (o *object) list(contentType string) listItem {
	override := func(name string, otherwise string) string {
		if text := o.header.Get(overridePrefix + name); text != "" {
			return text
		}
		return otherwise
	}
	item := listItem{
		name: o.name, hash: override("Etag", o.etag), bytes: int64(len(o.data)), lastModified: o.modified.iso(),
	}
	if size, err := strconv.ParseInt(override("Size", ""), 10, 64); err == nil {
		item.bytes = size
	}
	var size string
	item.contentType, size = splitSize(override("Content-Type", contentType))
	if n, err := strconv.ParseInt(size, 10, 64); err == nil {
		item.bytes = n
	}
	return item
}

// counted is how many bytes o counts for in its container. That of a large
// object is the size of its manifest, whatever the listing says.
func (o *object) counted() int64 {
	if size, err := strconv.ParseInt(o.header.Get(overridePrefix+"Size"), 10, 64); err == nil {
		return size
	}
	return int64(len(o.data))
}

// splitSize takes the parameter swift_bytes out of a content type.
func splitSize(contentType string) (rest, size string) {
	parameters := splitParameters(contentType)
	rest = parameters[0]
	for _, parameter := range parameters[1:] {
		key, text, ok := strings.Cut(parameter, "=")
		key, text = strings.TrimSpace(key), strings.TrimSpace(text)
		switch {
		case !ok:
		case key == "swift_bytes":
			size = text
		default:
			rest += ";" + key + "=" + text
		}
	}
	return rest, size
}

// splitParameters splits a content type at its semicolons, except those in
// quotes.
func splitParameters(contentType string) []string {
	var parts []string
	start, quoted, escaped := 0, false, false
	for i := range len(contentType) {
		switch c := contentType[i]; {
		case escaped:
			escaped = false
		case quoted && c == '\\':
			escaped = true
		case c == '"' && len(parts) > 0:
			quoted = !quoted
		case c == ';' && !quoted:
			parts = append(parts, contentType[start:i])
			start = i + 1
		}
	}
	return append(parts, contentType[start:])
}

// cleanType removes swift_bytes from the end of a content type.
func cleanType(contentType string) string {
	at := strings.LastIndex(contentType, ";")
	if at >= 0 && strings.HasPrefix(strings.TrimLeft(contentType[at+1:], " "), "swift_bytes=") {
		return contentType[:at]
	}
	return contentType
}

// guessType sets the content type where the request does not say it, or asks
// for a guess.
func guessType(r *request) {
	detect := isTrue(r.header.Get("X-Detect-Content-Type"))
	if !detect && r.header.Get("Content-Type") != "" {
		return
	}
	r.header.Set("Content-Type", typeOf(r.path))
	r.header.Del("X-Detect-Content-Type")
}

// typeOf guesses a content type from the end of a name, for some usual ones.
func typeOf(name string) string {
	types := map[string]string{
		".bz2": "application/octet-stream", ".css": "text/css", ".csv": "text/csv", ".doc": "application/msword",
		".gif": "image/gif", ".htm": "text/html", ".html": "text/html", ".ico": "image/vnd.microsoft.icon",
		".jpeg": "image/jpeg", ".jpg": "image/jpeg", ".js": "text/javascript", ".json": "application/json",
		".md": "text/markdown", ".mp3": "audio/mpeg", ".mp4": "video/mp4", ".pdf": "application/pdf",
		".png": "image/png", ".py": "text/x-python", ".sh": "application/x-sh", ".svg": "image/svg+xml",
		".tar": "application/x-tar", ".tgz": "application/x-tar", ".txt": "text/plain", ".wav": "audio/x-wav",
		".xml": "application/xml", ".zip": "application/zip", ".mpeg": "video/mpeg", ".mov": "video/quicktime",
	}
	ext := path.Ext(name)
	if ext == ".gz" || ext == ".bz2" || ext == ".xz" {
		if inner := path.Ext(strings.TrimSuffix(name, ext)); types[inner] != "" {
			return types[inner]
		}
	}
	if t, ok := types[strings.ToLower(ext)]; ok {
		return t
	}
	return "application/octet-stream"
}

// checkCreation returns the answer to a PUT of an object that cannot be, or
// nil. It works out when the object is to expire.
func (s *Service) checkCreation(r *request) *response {
	_, _, _, name := r.parts()
	switch {
	case r.length > maxFileSize:
		return plainText(http.StatusRequestEntityTooLarge, "Your request is too large.")
	case r.length < 0 && !r.chunked:
		return plainText(http.StatusLengthRequired, "Missing Content-Length header.")
	case len(name) > maxObjectName:
		return badText("Object name length of " + strconv.Itoa(len(name)) + " longer than 1024")
	}
	if refused := s.expiry(r); refused != nil {
		return refused
	}
	if !utf8.ValidString(value(r.header["Content-Type"])) {
		return badText("Invalid Content-Type")
	}
	if refused := checkMetadata(r, "Object"); refused != nil {
		return refused
	}
	if r.typed {
		return nil
	}
	_, parameters, _ := strings.Cut(value(r.header["Content-Type"]), ";")
	for parameter := range strings.SplitSeq(parameters, ";") {
		if strings.HasPrefix(strings.TrimLeft(parameter, " "), "swift_") {
			return page(http.StatusBadRequest, "Invalid Content-Type, swift_* is not a valid parameter name.")
		}
	}
	return nil
}

// expiry turns X-Delete-After into X-Delete-At and checks it.
func (s *Service) expiry(r *request) *response {
	const latest = 9999999999 // of ten digits
	now := s.Now()
	if text, ok := r.header["X-Delete-After"]; ok {
		after, err := strconv.ParseInt(strings.TrimSpace(value(text)), 10, 64)
		if err != nil {
			return badText("Non-integer X-Delete-After")
		}
		at := min(max(now.Unix()+after, 0), latest)
		if at <= now.Unix() {
			return badText("X-Delete-After in past")
		}
		r.header.Set("X-Delete-At", strconv.FormatInt(at, 10))
		r.header.Del("X-Delete-After")
	}
	text, ok := r.header["X-Delete-At"]
	if !ok {
		return nil
	}
	at, err := strconv.ParseInt(strings.TrimSpace(value(text)), 10, 64)
	if err != nil {
		return badText("Non-integer X-Delete-At")
	}
	at = min(max(at, 0), latest)
	if at <= now.Unix() {
		return badText("X-Delete-At in past")
	}
	r.header.Set("X-Delete-At", strconv.FormatInt(at, 10))
	return nil
}

// postObject replaces the metadata of an object.
func (s *Service) postObject(r *request) *response {
	if refused := s.mayWrite(r); refused != nil {
		return refused
	}
	if refused := checkMetadata(r, "Object"); refused != nil {
		return refused
	}
	if refused := s.expiry(r); refused != nil {
		return refused
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	c, old := s.stored(r)
	if old == nil || old.expired(s.clock()) {
		return fail(http.StatusNotFound)
	}
	o := old.replaced(r, s.stamp())
	c.set(o)
	resp := fail(http.StatusAccepted).with("X-Backend-Content-Type", o.contentType)
	for key, values := range o.header {
		if isSysmeta("Object", key) {
			resp.header[key] = values
		}
	}
	return resp
}

// replaced is o with the metadata of r.
func (o *object) replaced(r *request, now stamp) *object {
	n := *o
	n.header = http.Header{}
	for key, values := range o.header {
		if isSysmeta("Object", key) || key == "X-Static-Large-Object" {
			n.header[key] = values
		}
	}
	for key, values := range r.header {
		kept := isObjectHeader(key) && key != "X-Static-Large-Object" || isMeta("Object", key) || isTransient(key)
		if text := value(values); kept && (text != "" || isMeta("Object", key)) {
			n.header[key] = []string{text}
		}
	}
	n.modified = now
	if text := value(r.header["Content-Type"]); text != "" {
		n.contentType, n.typed = text, now
		_, size := splitSize(o.contentType)
		if n.size != "" {
			size = n.size
		}
		n.size = size
	}
	listed := n.contentType
	if n.size != "" {
		listed += ";swift_bytes=" + n.size
	}
	n.deleteAt, _ = strconv.ParseInt(n.header.Get("X-Delete-At"), 10, 64)
	n.entry = n.list(listed)
	return &n
}

// deleteObject deletes an object.
func (s *Service) deleteObject(r *request) *response {
	if refused := s.mayWrite(r); refused != nil {
		return refused
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	c, o := s.stored(r)
	if o == nil {
		return fail(http.StatusNotFound)
	}
	c.remove(o.name)
	if o.expired(s.clock()) {
		return fail(http.StatusNotFound)
	}
	return empty(http.StatusNoContent)
}
