package swift

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

const (
	// statusClientDisconnect is answered to nobody: the client is gone.
	statusClientDisconnect = 499

	pageType = "text/html; charset=UTF-8"
	textType = "text/plain"
)

// response is an answer on its way back through the pipeline. A middleware may
// change it, but not the bytes of body, which may be those of an object.
type response struct {
	status int
	header http.Header // keys are canonical; Content-Length is set when it is sent
	body   []byte

	// listing is what a listing holds, in place of body: whoever stands in
	// front of [listingFormats] sees text. Nil for what is no listing.
	listing *listing

	// conditionalETag is what If-Match and If-None-Match are compared with, in
	// place of ETag, where that is not what a client knows the data by.
	conditionalETag string

	// unsized is set for an answer that does not tell its length.
	unsized bool

	// asJSON is set for a listing that is JSON whatever the client asks for.
	asJSON bool

	// relative keeps a path in Location from becoming a URL.
	relative bool

	// usual is set for the usual page of a status, which a HEAD does not tell the
	// length of.
	usual bool

	// length is the length that a HEAD tells when there is no body; -1 takes
	// that of body.
	length int64
}

// answer is a response with a body of the content type given.
func answer(status int, contentType string, body []byte) *response {
	return &response{
		status: status, header: http.Header{"Content-Type": {contentType}}, body: body, length: -1,
	}
}

// empty is a response without a body.
func empty(status int) *response { return answer(status, pageType, nil) }

// plainText is a response of plain text.
func plainText(status int, text string) *response { return answer(status, textType, []byte(text)) }

// page is a response with a text of its own in place of the usual page.
func page(status int, format string, args ...any) *response {
	return answer(status, pageType, fmt.Appendf(nil, format, args...))
}

// fail is the usual page for a status.
func fail(status int) *response {
	title, text := reasons(status)
	if text == "" {
		return empty(status)
	}
	resp := page(status, "<html><h1>%s</h1><p>%s</p></html>", title, text)
	resp.usual = true
	return resp
}

// ok reports whether the response is a success.
func (r *response) ok() bool { return r.status/100 == 2 }

// with sets a header and returns r.
func (r *response) with(key, value string) *response {
	r.header.Set(key, value)
	return r
}

// size is the length of what r stands for, which may be left out for a HEAD.
func (r *response) size() int64 {
	if r.length >= 0 {
		return r.length
	}
	return int64(len(r.body))
}

// told is the length that req is told of, in bytes. It reports false for the one
// case in which Swift tells none: a HEAD of an object that is refused.
func (r *response) told(req *request) (size int64, ok bool) {
	switch {
	case r.unsized:
		return 0, false
	case !r.usual || req.method0 != http.MethodHead:
		return r.size(), true
	case r.status == http.StatusUnauthorized || r.status == http.StatusForbidden:
		return 0, !req.namesObject()
	}
	return 0, true
}

// send writes r as the answer to req.
func (r *response) send(w http.ResponseWriter, req *request) {
	for key, values := range r.header {
		w.Header()[key] = values
	}
	if size, told := r.told(req); told {
		w.Header().Set("Content-Length", strconv.FormatInt(size, 10))
	}
	if r.status == http.StatusNoContent || r.status == http.StatusNotModified {
		// Swift tells these for such a status too. net/http takes them away,
		// but only under their usual names.
		for _, key := range []string{"Content-Length", "Content-Type"} {
			if values, ok := w.Header()[key]; ok {
				w.Header()[strings.ToLower(key)] = values
				w.Header().Del(key)
			}
		}
	}
	w.WriteHeader(r.status)
	if r.unsized {
		_ = http.NewResponseController(w).Flush() // so that net/http does not tell the length by itself
	}
	if req.method0 != http.MethodHead {
		_, _ = w.Write(r.body) // the client may be gone: nobody is left to be told
	}
}

// reasons returns the title and the text of the page for a status.
//
// Source: RESPONSE_REASONS of swift/common/swob.py, 2.30.
func reasons(status int) (title, text string) {
	switch status {
	case http.StatusAccepted:
		return "Accepted", "The request is accepted for processing."
	case http.StatusMovedPermanently:
		return "Moved Permanently", "The resource has moved permanently."
	case http.StatusFound:
		return "Found", "The resource has moved temporarily."
	case http.StatusSeeOther:
		return "See Other", "The response to the request can be found under a different URI."
	case http.StatusTemporaryRedirect:
		return "Temporary Redirect", "The resource has moved temporarily."
	}
	if status >= http.StatusInternalServerError {
		return serverReasons(status)
	}
	return clientReasons(status)
}

func clientReasons(status int) (title, text string) {
	texts := map[int]string{
		400: "The server could not comply with the request since it is either malformed or otherwise incorrect.",
		401: "This server could not verify that you are authorized to access the document you requested.",
		402: "Access was denied for financial reasons.",
		403: "Access was denied to this resource.",
		404: "The resource could not be found.",
		405: "The method is not allowed for this resource.",
		406: "The resource is not available in a format acceptable to your browser.",
		408: "The server has waited too long for the request to be sent by the client.",
		409: "There was a conflict when trying to complete your request.",
		410: "This resource is no longer available.",
		411: "Content-Length header required.",
		412: "A precondition for this request was not met.",
		413: "The body of your request was too large for this server.",
		414: "The request URI was too long for this server.",
		415: "The request media type is not supported by this server.",
		416: "The Range requested is not available.",
		417: "Expectation failed.",
		422: "Unable to process the contained instructions",
		499: "The client was disconnected during request.",
	}
	switch status {
	case http.StatusRequestTimeout:
		title = "Request Timeout"
	case statusClientDisconnect:
		title = "Client Disconnect"
	default:
		title = http.StatusText(status)
	}
	return title, texts[status]
}

func serverReasons(status int) (title, text string) {
	switch status {
	case http.StatusInternalServerError:
		return "Internal Error", "The server has either erred or is incapable of performing the requested operation."
	case http.StatusNotImplemented:
		return "Not Implemented", "The requested method is not implemented by this server."
	case http.StatusBadGateway:
		return "Bad Gateway", "Bad gateway."
	case http.StatusServiceUnavailable:
		return "Service Unavailable", "The server is currently unavailable. Please try again at a later time."
	case http.StatusGatewayTimeout:
		return "Gateway Timeout", "A timeout has occurred speaking to a backend server."
	}
	return http.StatusText(status), ""
}
