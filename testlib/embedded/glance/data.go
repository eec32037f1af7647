package glance

import (
	"bytes"
	"crypto/md5" //nolint:gosec // it is what the API has for a checksum
	"crypto/sha512"
	"encoding/hex"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"github.com/gotempest/tempest/internal/lazyregexp"
)

// stageHost is the property that tells where staged data is.
const stageHost = reservedPrefix + "_stage_host"

// dataType refuses a body of another media type than that of data.
func (r *request) dataType() error {
	media, _, _ := mime.ParseMediaType(contentType(r.Request)) // what cannot be read is none
	if media != "application/octet-stream" {
		return mediaRefused(r.Request, "")
	}
	return nil
}

func upload(r *request) (*response, error) {
	if err := r.dataType(); err != nil {
		return nil, err
	}
	if store := r.Header.Get("X-Image-Meta-Store"); store != "" && store != storeName {
		return nil, badRequest("Store for identifier %s not found", store)
	}
	id := r.vars["image_id"]
	if err := r.begin(id, saving); err != nil {
		if statusOf(err) == http.StatusForbidden {
			return nil, forbidden("Not allowed to upload image data for image %s", id)
		}
		return nil, err
	}
	data, err := readData(r.Request)
	r.mu.Lock()
	defer r.mu.Unlock()
	i := r.images[id]
	if i == nil || i.status != saving {
		return nil, refuse(http.StatusGone, "Image %s could not be found after upload. The image may have been"+
			" deleted during the upload, cleaning up the chunks uploaded.", id)
	}
	changed := *i
	if err != nil {
		changed.status = queued
		r.save(&changed)
		return nil, err
	}
	changed.fill(data)
	r.save(&changed)
	return noContent()
}

// begin brings a queued image of the caller into a state in which data comes.
func (r *request) begin(id, status string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	i, err := r.ownImage(id)
	if err != nil {
		return err
	}
	if i.status != queued {
		return conflict("Image status transition from %s to %s is not allowed", i.status, status)
	}
	if missing := i.missingFormats(); status == saving && len(missing) > 0 {
		noun := "Property"
		if len(missing) > 1 {
			noun = "Properties"
		}
		return badRequest("%s %s must be set prior to saving data.", noun, strings.Join(missing, ", "))
	}
	changed := *i
	changed.status = status
	r.save(&changed)
	return nil
}

// missingFormats names the formats that i has not been given.
func (i *image) missingFormats() []string {
	var missing []string
	if i.diskFormat == nil || *i.diskFormat == "" {
		missing = append(missing, "disk_format")
	}
	if i.containerFormat == nil || *i.containerFormat == "" {
		missing = append(missing, "container_format")
	}
	return missing
}

// readData reads the body of r.
func readData(r *http.Request) ([]byte, error) {
	var b bytes.Buffer
	const most = 64 << 20 // of what a client says to believe before it comes
	b.Grow(int(min(max(r.ContentLength, 0), most)))
	if _, err := io.Copy(&b, r.Body); err != nil {
		return nil, statusError(http.StatusBadRequest) // the client is gone
	}
	return b.Bytes(), nil
}

// fill stores data in i, which is a copy, and makes it active.
func (i *image) fill(data []byte) {
	checksum, hash := md5.Sum(data), sha512.Sum512(data) //nolint:gosec // see the import
	i.checksum, i.hashValue = hex.EncodeToString(checksum[:]), hex.EncodeToString(hash[:])
	size := int64(len(data))
	i.size = &size
	if i.text("container_format") == "bare" {
		if virtual := virtualSize(i.text("disk_format"), data); virtual > 0 {
			i.virtualSize = &virtual
		}
	}
	i.data, i.stored, i.staged = data, true, nil
	i.status = active
}

func stage(r *request) (*response, error) {
	if err := r.dataType(); err != nil {
		return nil, err
	}
	id := r.vars["image_id"]
	if err := r.begin(id, uploading); err != nil {
		return nil, err
	}
	data, err := readData(r.Request)
	r.mu.Lock()
	defer r.mu.Unlock()
	i := r.images[id]
	if i == nil || i.status != uploading {
		return nil, notFound("No image found with ID %s", id)
	}
	changed := *i
	if err != nil {
		changed.status = queued
		r.save(&changed)
		return nil, err
	}
	size := int64(len(data))
	changed.staged, changed.size = data, &size
	r.save(&changed)
	return noContent()
}

func download(r *request) (*response, error) {
	if r.hasBody() {
		return nil, badRequest("A body is not expected with this request.")
	}
	r.mu.RLock()
	defer r.mu.RUnlock()
	i, err := r.image(r.vars["image_id"])
	if err != nil {
		return nil, err
	}
	if i.status == deactivated && !r.caller.admin {
		return nil, forbidden("The requested image has been deactivated. Image data download is forbidden.")
	}
	if !i.stored {
		return &response{status: http.StatusNoContent}, nil
	}
	size := int64(len(i.data))
	resp := &response{status: http.StatusOK, data: i.data, header: map[string]string{
		"Content-Type": "application/octet-stream", "Content-Md5": i.checksum,
	}}
	part, err := requestedRange(r.Header, size)
	if err != nil {
		return nil, err
	}
	if part != nil {
		resp.status, resp.data = http.StatusPartialContent, i.data[part.start:part.end]
		resp.header["Content-Range"] = "bytes " + strconv.FormatInt(part.start, 10) + "-" +
			strconv.FormatInt(part.end-1, 10) + "/" + strconv.FormatInt(size, 10)
	}
	return resp, nil
}

// byteRange is a part of data, from start up to but not with end.
type byteRange struct{ start, end int64 }

var (
	rangePattern        = lazyregexp.New(`(?i)^bytes *= *(\d*) *- *(\d*)`)
	contentRangePattern = lazyregexp.New(`^bytes (\d+)-(\d+)/(\d+|\*)`)
)

// requestedRange is the part of data that a client asks for, or nil for all of
// it. Glance reads Content-Range too, as its first clients sent it.
func requestedRange(h http.Header, size int64) (*byteRange, error) {
	if text := h.Get("Range"); text != "" {
		return readRange(text, size)
	}
	if text := h.Get("Content-Range"); text != "" {
		return readContentRange(text, size)
	}
	return nil, nil
}

func readRange(text string, size int64) (*byteRange, error) {
	if strings.Contains(text, ",") {
		return nil, badRequest("Requests with multiple ranges are not supported in Glance." +
			" You may make multiple single-range requests instead.")
	}
	match := rangePattern().FindStringSubmatch(text)
	if match == nil || match[1] == "" && match[2] == "" {
		return nil, rangeRefused("Invalid Range header.")
	}
	first, _ := strconv.ParseInt(match[1], 10, 64) // digits, or nothing
	last, _ := strconv.ParseInt(match[2], 10, 64)
	if match[1] == "" {
		if start := size - last; 0 < start && start < size {
			return &byteRange{start, size}, nil
		}
		if size == 0 {
			return nil, badStart("Range", size)
		}
		return &byteRange{0, size}, nil
	}
	if match[2] != "" && last < first {
		return nil, rangeRefused("Invalid Range header.")
	}
	if first >= size {
		return nil, badStart("Range", size)
	}
	if match[2] == "" || last >= size {
		last = size - 1
	}
	return &byteRange{first, last + 1}, nil
}

func readContentRange(text string, size int64) (*byteRange, error) {
	match := contentRangePattern().FindStringSubmatch(text)
	if match == nil {
		return nil, rangeRefused("Invalid Content-Range header.")
	}
	first, _ := strconv.ParseInt(match[1], 10, 64) // digits
	last, _ := strconv.ParseInt(match[2], 10, 64)
	whole, _ := strconv.ParseInt(match[3], 10, 64)
	switch {
	case last < first, match[3] != "*" && first >= whole:
		return nil, rangeRefused("Invalid Content-Range header.")
	case last >= size && match[3] == "*":
		return nil, rangeRefused("Invalid stop position in Content-Range header. The stop position MUST be in the"+
			" inclusive range [0, %d].", size-1)
	case first >= size:
		return nil, badStart("Content-Range", size)
	}
	return &byteRange{first, min(last+1, size)}, nil
}

func rangeRefused(format string, args ...any) error {
	return refuseWith(http.StatusRequestedRangeNotSatisfiable, format, args...)
}

func badStart(header string, size int64) error {
	return rangeRefused("Invalid start position in %s header. Start position MUST be in the inclusive range [0, %d].",
		header, size-1)
}
