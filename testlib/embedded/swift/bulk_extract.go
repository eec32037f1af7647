package swift

import (
	"archive/tar"
	"bytes"
	"compress/bzip2"
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"
)

const (
	maxNewContainers     = 10000 // in one archive
	maxFailedExtractions = 1000
)

// extract unpacks an archive: each file becomes an object.
func extract(r *request, next handler, kind string) *response {
	open := map[string]func(io.Reader) (io.Reader, error){
		"tar":     func(body io.Reader) (io.Reader, error) { return body, nil },
		"tar.gz":  func(body io.Reader) (io.Reader, error) { return gzip.NewReader(body) },
		"tar.bz2": func(body io.Reader) (io.Reader, error) { return bzip2.NewReader(body), nil },
	}[strings.Trim(strings.ToLower(kind), ".")]
	if open == nil {
		return page(http.StatusBadRequest, "Unsupported archive format")
	}
	x := &extraction{
		r: r, next: next, format: resultFormat(r, ""), known: map[string]bool{}, status: http.StatusBadRequest,
	}
	refused := x.run(open)
	status, body := http.StatusCreated, ""
	switch {
	case refused != nil:
		status, body = refused.status, string(refused.body)
	case len(x.failures) > 0:
		status = x.status
	case x.files == 0:
		status, body = http.StatusBadRequest, "Invalid Tar File: No Valid Files"
	}
	told := []resultField{
		{"Response Status", statusLine(status)}, {"Response Body", body}, {"Number Files Created", x.files},
	}
	return manyAnswer(x.format, "extract", told, x.failures)
}

// extraction is an archive that is being unpacked.
type extraction struct {
	r      *request
	next   handler
	format string          // of the result; empty when there is none that the client takes
	known  map[string]bool // containers that were looked at

	files, containers int // that were made
	failures          []failure
	status            int // of the result, when there are failures
}

// run unpacks the body of the request. It returns why not, if it cannot.
func (x *extraction) run(open func(io.Reader) (io.Reader, error)) *response {
	p, ok := splitPath(x.r.path, 2, 3, true)
	switch {
	case x.format == "":
		return empty(http.StatusNotAcceptable)
	case x.r.length < 0 && !x.r.chunked:
		return empty(http.StatusLengthRequired)
	case !ok || p[1] == "":
		return empty(http.StatusNotFound)
	}
	counted := &counter{from: x.r.body}
	body, err := open(counted)
	if err != nil {
		return badArchive(err)
	}
	archive := tar.NewReader(body)
	for first := true; len(x.failures) < maxFailedExtractions; first = false {
		file, err := archive.Next()
		switch {
		case errors.Is(err, io.EOF) && counted.bytes == 0:
			return page(http.StatusBadRequest, "Invalid Tar File: empty file")
		case errors.Is(err, io.EOF):
			return nil
		case err != nil && first:
			return badArchive(err)
		case err != nil:
			return nil // what follows is not looked at
		}
		if refused := x.file(p, file, archive); refused != nil {
			return refused
		}
	}
	return nil
}

// counter counts what is read from it.
type counter struct {
	from  io.Reader
	bytes int
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.from.Read(p)
	c.bytes += n
	return n, err
}

// badArchive refuses what is no archive.
func badArchive(err error) *response {
	why := err.Error()
	var structural bzip2.StructuralError
	switch {
	case errors.Is(err, tar.ErrHeader):
		why = "invalid header"
	case errors.Is(err, gzip.ErrHeader):
		why = "not a gzip file"
	case errors.As(err, &structural):
		why = "invalid compressed data"
	case errors.Is(err, io.ErrUnexpectedEOF):
		why = "truncated header"
	}
	return page(http.StatusBadRequest, "Invalid Tar File: %s", why)
}

// file makes an object of a file of the archive. p is where to, as parts of a
// path. It returns why the whole archive is refused, if it is.
func (x *extraction) file(p []string, file *tar.Header, content io.Reader) *response {
	switch file.Typeflag {
	case tar.TypeReg, tar.TypeCont, tar.TypeGNUSparse:
	default:
		return nil
	}
	name := strings.TrimLeft(strings.TrimPrefix(file.Name, "./"), "/")
	if base := strings.TrimRight(p[2], "/"); base != "" {
		name = base + "/" + name
	}
	container, _, ok := strings.Cut(name, "/")
	if !ok {
		return nil // a file beside the folders
	}
	fails := func(status int) {
		x.failures = append(x.failures, failure{quote(name[:min(len(name), maxPathLength)]), statusLine(status)})
	}
	switch {
	case !utf8.ValidString(name) || strings.Contains(name, reserved):
		fails(http.StatusPreconditionFailed)
		return nil
	case file.Size > maxFileSize:
		fails(http.StatusRequestEntityTooLarge)
		return nil
	}
	lacking, refused := x.container("/" + p[0] + "/" + p[1] + "/" + container)
	if refused != nil {
		return refused
	}
	resp := x.next(x.put("/"+p[0]+"/"+p[1]+"/"+name, file, content))
	x.known[container] = true
	if resp.ok() {
		x.files++
		return nil
	}
	if lacking != nil {
		x.failures = append(x.failures, *lacking)
	}
	fails(resp.status)
	switch {
	case resp.status == http.StatusUnauthorized:
		return empty(http.StatusUnauthorized)
	case resp.status >= http.StatusInternalServerError:
		x.status = http.StatusBadGateway
	}
	return nil
}

// container makes a container, unless it is there. It returns why it cannot be
// made, and why the whole archive is refused because of that.
func (x *extraction) container(path string) (*failure, *response) {
	if x.known[path[strings.LastIndex(path, "/")+1:]] {
		return nil, nil
	}
	resp := x.next(x.r.sub(http.MethodHead, path, "EA"))
	if resp.ok() {
		return nil, nil
	}
	if resp.status == http.StatusNotFound {
		resp = x.next(x.r.sub(http.MethodPut, path, "EA"))
		if resp.ok() {
			if x.containers++; x.containers > maxNewContainers {
				return nil, page(http.StatusBadRequest, "More than %d containers to create from tar.", maxNewContainers)
			}
			return nil, nil
		}
	}
	if resp.status == http.StatusUnauthorized {
		return nil, empty(http.StatusUnauthorized)
	}
	return &failure{quote(path[:min(len(path), maxPathLength)]), statusLine(resp.status)}, nil
}

// put is the request that makes an object of a file.
func (x *extraction) put(path string, file *tar.Header, content io.Reader) *request {
	r := x.r.sub(http.MethodPut, path, "EA")
	for key, values := range x.r.header {
		if key == "X-Delete-At" || key == "X-Delete-After" || isMeta("Object", key) {
			r.header[key] = values
		}
	}
	for key, text := range file.PAXRecords {
		for _, prefix := range []string{"SCHILY.xattr.user.", "LIBARCHIVE.xattr.user."} {
			name, ok := strings.CutPrefix(key, prefix)
			meta, isMeta := strings.CutPrefix(name, "meta.")
			switch {
			case ok && name == "mime_type":
				r.header.Set("Content-Type", text)
			case ok && isMeta:
				r.header.Set("X-Object-Meta-"+meta, text)
			}
		}
	}
	r.body, r.length = io.LimitReader(content, file.Size), file.Size
	r.header.Set("Content-Length", strconv.FormatInt(file.Size, 10))
	if file.Size == 0 {
		r.body = bytes.NewReader(nil)
	}
	return r
}
