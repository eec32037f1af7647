package swift

import (
	"bufio"
	"bytes"
	"crypto/hmac"
	"net/http"
	"net/textproto"
	"net/url"
	"strconv"
	"strings"

	"github.com/gotempest/tempest/internal/lazyregexp"
)

// maxFormValue is how much of the value of a field is looked at, in bytes.
const maxFormValue = 4096

// formPost stores the files that a page has uploaded, if the form in the page
// has a signature that was made with a key of the account or of the container.
//
// Source: swift/common/middleware/formpost.py, 2.30.
func formPost(s *Service, next handler) handler {
	return func(r *request) *response {
		if r.method != http.MethodPost {
			return next(r)
		}
		kind, attributes := parseDisposition(r.header.Get("Content-Type"))
		boundary, ok := attributes["boundary"]
		if kind != "multipart/form-data" || !ok {
			return next(r)
		}
		f := formUpload{s: s, r: r, next: next, fields: map[string]string{}}
		if p, ok := splitPath(r.path, 3, 4, true); ok && validVersion(p[0]) {
			f.keys = s.signingKeys(p[1], p[2])
		}
		return f.run(boundary)
	}
}

// attributeForm is an attribute of a Content-Disposition.
var attributeForm = lazyregexp.New(`^(\w+)=(".*?"|[^";]+)(; ?|$)`)

// parseDisposition splits a header into its value and its attributes.
func parseDisposition(header string) (string, map[string]string) {
	attributes := map[string]string{}
	kind, rest, ok := strings.Cut(header, ";")
	if !ok {
		return header, attributes
	}
	rest = strings.TrimSpace(rest)
	for {
		m := attributeForm().FindStringSubmatch(rest)
		if m == nil {
			return strings.TrimSpace(kind), attributes
		}
		rest = rest[len(m[0]):]
		attributes[m[1]] = strings.Trim(m[2], `"`)
	}
}

// formUpload is a form that is being worked on.
type formUpload struct {
	s      *Service
	r      *request
	next   handler
	keys   []signingKey
	fields map[string]string
	files  int

	status  int // of the last file; 0 for none
	message string
	shared  http.Header // what of the last answer browsers want to see
}

// formPart is one part of a form.
type formPart struct {
	header  textproto.MIMEHeader
	kind    string
	named   map[string]string // attributes of its disposition
	content []byte
}

// run stores the files of the form.
func (f *formUpload) run(boundary string) *response {
	body, refused := f.r.readBody()
	if refused != nil {
		return refused
	}
	parts, ok := splitForm(body, boundary)
	if !ok {
		return plainText(http.StatusBadRequest, "FormPost: invalid starting boundary")
	}
	for _, part := range parts {
		if part.kind != "form-data" || part.named["filename"] == "" {
			if name, ok := part.named["name"]; ok {
				text := string(part.content[:min(len(part.content), maxFormValue)])
				f.fields[strings.ToLower(name)] = strings.TrimRight(text, "\r\n-")
			}
			continue
		}
		more, refused := f.file(part)
		if refused != nil {
			return refused
		}
		if !more {
			break
		}
	}
	if f.status == 0 {
		f.status, f.message = http.StatusBadRequest, "no files to process"
	}
	return f.answer()
}

// splitForm splits the body of a form into its parts.
func splitForm(body []byte, boundary string) ([]formPart, bool) {
	body = bytes.TrimLeft(body, "\r\n")
	first, rest, _ := bytes.Cut(body, []byte("\n"))
	if string(bytes.TrimSpace(first)) != "--"+boundary {
		return nil, false
	}
	var parts []formPart
	for {
		one, after, found := bytes.Cut(rest, []byte("\r\n--"+boundary))
		reader := textproto.NewReader(bufio.NewReader(bytes.NewReader(one)))
		h, err := reader.ReadMIMEHeader()
		part := formPart{header: h}
		if _, content, ok := bytes.Cut(one, []byte("\r\n\r\n")); ok && err == nil {
			part.content = content
		}
		part.kind, part.named = parseDisposition(h.Get("Content-Disposition"))
		parts = append(parts, part)
		if !found || bytes.HasPrefix(after, []byte("--")) {
			return parts, true
		}
		_, rest, _ = bytes.Cut(after, []byte("\n"))
	}
}

// number reads a field that is a number, 0 when it is not there.
func (f *formUpload) number(name, problem string) (int64, *response) {
	text := strings.TrimSpace(f.fields[name])
	if text == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0, plainText(http.StatusBadRequest, "FormPost: "+name+" not an integer"+problem)
	}
	return n, nil
}

// file stores a file of the form. It reports whether to go on, or why the form
// is refused.
func (f *formUpload) file(part formPart) (bool, *response) {
	f.files++
	most, refused := f.number("max_file_count", "")
	if refused != nil {
		return false, refused
	}
	if int64(f.files) > most {
		f.status, f.message = http.StatusBadRequest, "max file count exceeded"
		return false, nil
	}
	if len(f.keys) == 0 {
		return false, f.unauthorized("Invalid Signature")
	}
	size, refused := f.number("max_file_size", "")
	if refused != nil {
		return false, refused
	}
	put, refused := f.put(part)
	if refused != nil {
		return false, refused
	}
	if refused := f.verify(); refused != nil {
		return false, refused
	}
	if int64(len(part.content)) > size {
		return false, plainText(http.StatusBadRequest, "FormPost: max_file_size exceeded")
	}
	resp := f.next(put)
	f.status, f.shared = resp.status, resp.header
	return resp.ok(), nil
}

// put is the request that stores a file.
func (f *formUpload) put(part formPart) (*request, *response) {
	path := f.r.path
	if !strings.HasSuffix(path, "/") && strings.Count(path, "/") < 4 {
		path += "/"
	}
	put := f.r.preAuthorized(http.MethodPut, path+part.named["filename"], "FP").withBody(part.content)
	for _, field := range [][3]string{
		{"x_delete_at", "X-Delete-At", ": Unix timestamp required."},
		{"x_delete_after", "X-Delete-After", ": Number of seconds required."},
	} {
		if _, ok := f.fields[field[0]]; !ok {
			continue
		}
		n, refused := f.number(field[0], field[2])
		if refused != nil {
			return nil, refused
		}
		put.header.Set(field[1], strconv.FormatInt(n, 10))
	}
	for name, header := range map[string]string{"content-type": "Content-Type", "content-encoding": "Content-Encoding"} {
		text, ok := f.fields[name]
		if !ok {
			text = part.header.Get(header)
		}
		if text != "" {
			put.header.Set(header, text)
		}
	}
	return put, nil
}

// verify returns the answer to a form whose signature is wrong or too old, or
// nil.
func (f *formUpload) verify() *response {
	expires, refused := f.number("expires", "")
	switch {
	case refused != nil:
		return plainText(http.StatusBadRequest, "FormPost: expired not an integer")
	case expires < f.s.Now().Unix():
		return f.unauthorized("Form Expired")
	}
	digest, signature, ok := readSignature(f.fields["signature"])
	if !ok {
		return f.unauthorized("Invalid Signature")
	}
	orZero := func(name string) string {
		if text := f.fields[name]; text != "" {
			return text
		}
		return "0"
	}
	text := strings.Join([]string{
		f.r.path, f.fields["redirect"], orZero("max_file_size"), orZero("max_file_count"), orZero("expires"),
	}, "\n")
	for _, key := range f.keys {
		if hmac.Equal(sign(digest, key.key, text), signature) {
			return nil
		}
	}
	return f.unauthorized("Invalid Signature")
}

func (f *formUpload) unauthorized(why string) *response {
	return withRealm(page(http.StatusUnauthorized, "FormPost: %s", why))
}

// answer says what came of the form, or sends the browser where the form says.
func (f *formUpload) answer() *response {
	var resp *response
	if to := f.fields["redirect"]; to != "" {
		separator := "?"
		if strings.Contains(to, "?") {
			separator = "&"
		}
		to += separator + "status=" + strconv.Itoa(f.status) + "&message=" + url.PathEscape(f.message)
		resp = page(http.StatusSeeOther,
			`<html><body><p><a href="%s">Click to continue...</a></p></body></html>`, to).with("Location", to)
		resp.header["Content-Type"] = nil // none, not even a guess
	} else {
		text := statusLine(f.status)
		if f.message != "" {
			text += "\r\nFormPost: " + titled(f.message)
		}
		resp = plainText(f.status, text)
	}
	for key, values := range f.shared {
		if strings.HasPrefix(key, "Access-Control") {
			resp.header[key] = values
		}
	}
	return resp
}

// titled begins each word with a capital letter.
func titled(text string) string {
	words := strings.Fields(text)
	for i, w := range words {
		words[i] = strings.ToUpper(w[:1]) + w[1:]
	}
	return strings.Join(words, " ")
}
