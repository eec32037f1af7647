//go:build tempest

package objectstore_test

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gotempest/tempest/testlib"
)

// form is what a page sends that has files uploaded.
type form struct {
	path      string // of the container, or of the beginning of the names in it
	redirect  string
	maxSize   int
	maxCount  int
	expires   int64
	signature string // "" is the right one
	more      [][2]string
	files     []formFile
}

// formFile is one file of a form.
type formFile struct{ name, kind, content string }

// newForm is a form with one file.
func newForm(path string) form {
	return form{
		path: path, maxSize: 100 << 20, maxCount: 10, expires: inAnHour(),
		files: []formFile{{"testfile", "application/octet-stream", "hello world"}},
	}
}

// post sends a form, signed with a key, as somebody without a token.
func (f form) post(s store, key signer) answer {
	s.e.Helper()
	if f.signature == "" {
		f.signature = hex.EncodeToString(key.sign(s.path()+"/"+f.path, f.redirect, f.maxSize, f.maxCount, f.expires))
	}
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	fields := append([][2]string{
		{"redirect", f.redirect}, {"max_file_size", strconv.Itoa(f.maxSize)},
		{"max_file_count", strconv.Itoa(f.maxCount)}, {"expires", strconv.FormatInt(f.expires, 10)},
		{"signature", f.signature},
	}, f.more...)
	for _, field := range fields {
		if err := w.WriteField(field[0], field[1]); err != nil {
			s.e.Fatalf("writing a form: %v", err)
		}
	}
	for i, file := range f.files {
		part, err := w.CreatePart(textproto.MIMEHeader{
			"Content-Disposition": {fmt.Sprintf(`form-data; name="file%d"; filename=%q`, i+1, file.name)},
			"Content-Type":        {file.kind},
		})
		if err != nil {
			s.e.Fatalf("writing a form: %v", err)
		}
		fmt.Fprint(part, file.content)
	}
	if err := w.Close(); err != nil {
		s.e.Fatalf("writing a form: %v", err)
	}
	a, err := s.anonymous().send(s.e.Context(), http.MethodPost, f.path, b.Bytes(),
		header{"Content-Type": w.FormDataContentType()})
	if err != nil {
		s.e.Fatal(err)
	}
	return a
}

func TestFormPost(t *testing.T) {
	e := testlib.Start(t, testlib.ID("f702298f-318c-419e-b584-5bbf92246e1e"), testlib.Services("object-store"),
		testlib.Extension("object-store", "formpost"), testlib.Credentials(testlib.ProjectOperator))
	s, key := operator(e), newSigner(e, "Meta")
	key.digest = "sha1" // which all of them know
	s.signs("Temp-URL-Key", key.key)
	c := s.newContainer(nil)

	e.Run("File", func(e *testlib.Env) {
		s := operator(e)
		a := newForm(c+"/begins").post(s, key)
		wantForm(e, a, http.StatusCreated, "201 Created")
		s.get(at(c, "beginstestfile"), nil).contains(e, []byte("hello world"))
	}, testlib.ID("80fac02b-6e54-4f7b-be0d-a965b5cbef76"))

	e.Run("Files", func(e *testlib.Env) {
		s, f := operator(e), newForm(c)
		f.files = []formFile{{"one.html", "text/html", "<p>"}, {"two.txt", "text/plain", strings.Repeat("x", 10000)}}
		wantForm(e, f.post(s, key), http.StatusCreated, "201 Created")
		for _, file := range f.files {
			a := s.get(at(c, file.name), nil)
			a.contains(e, []byte(file.content))
			a.has(e, header{"Content-Type": file.kind})
		}
	}, testlib.ID("7f9df711-9d91-42c9-9a82-71f0927ac9d8"))

	e.Run("Redirect", func(e *testlib.Env) {
		s, f := operator(e), newForm(c+"/redirect-")
		f.redirect = "http://example.com/done?a=b"
		a := f.post(s, key)
		if a.Status != http.StatusSeeOther {
			e.Errorf("%s: status %d, want 303", a.call, a.Status)
		}
		a.has(e, header{"Location": f.redirect + "&status=201&message="})
	}, testlib.ID("c73e3573-675b-47c8-9e6f-1078eba1dd45"))

	e.Run("Attributes", func(e *testlib.Env) {
		s, f := operator(e), newForm(c+"/attributes-")
		deletion := strconv.FormatInt(inAnHour(), 10)
		f.more = [][2]string{{"x_delete_at", deletion}, {"content-type", "text/x-poem"}, {"content-encoding", "none"}}
		wantForm(e, f.post(s, key), http.StatusCreated, "201 Created")
		s.head(at(c, "attributes-testfile"), nil).has(e, header{
			"X-Delete-At": deletion, "Content-Type": "text/x-poem", "Content-Encoding": "none",
		})
	}, testlib.ID("912f4952-40cc-41ff-85f5-4dfc27c50b06"))

	e.Run("Expired", func(e *testlib.Env) {
		f := newForm(c)
		f.expires = time.Now().Add(-time.Second).Unix()
		wantForm(e, f.post(operator(e), key), http.StatusUnauthorized, "FormPost: Form Expired")
	}, testlib.ID("d3fb3c4d-e627-48ce-9379-a1631f21336d"), testlib.Negative)

	e.Run("OfAnotherKey", func(e *testlib.Env) {
		a := newForm(c).post(operator(e), signer{key.digest, "Wrong"})
		wantForm(e, a, http.StatusUnauthorized, "FormPost: Invalid Signature")
	}, testlib.ID("b277257f-113c-4499-b8d1-5fead79f7360"), testlib.Negative)

	e.Run("Refused", func(e *testlib.Env) { refusedForms(e, key, c) },
		testlib.ID("74aea5d7-5dc4-4e9f-a5a6-4697dfa0a7ca"), testlib.Negative)
}

// wantForm checks what came of a form.
func wantForm(e *testlib.Env, a answer, status int, text string) {
	e.Helper()
	a.wellFormed(e, other)
	if a.Status != status || string(a.Body) != text {
		e.Errorf("%s: %d %q, want %d %q", a.call, a.Status, a.Body, status, text)
	}
}

// refusedForms sends forms that are not as they have to be.
func refusedForms(e *testlib.Env, key signer, c string) {
	e.Helper()
	s := operator(e)
	for what, tt := range map[string]struct {
		change func(*form)
		status int
		text   string
	}{
		"too many files": {func(f *form) {
			f.maxCount, f.files = 1, append(f.files, formFile{"second", "text/plain", "x"})
		}, 400, "400 Bad Request\r\nFormPost: Max File Count Exceeded"},
		"too large":     {func(f *form) { f.maxSize = 5 }, 400, "FormPost: max_file_size exceeded"},
		"no files":      {func(f *form) { f.files = nil }, 400, "400 Bad Request\r\nFormPost: No Files To Process"},
		"no signature":  {func(f *form) { f.signature = "x" }, 401, "FormPost: Invalid Signature"},
		"account alone": {func(f *form) { f.path = "" }, 401, "FormPost: Invalid Signature"},
		"time of letters": {func(f *form) { f.more = [][2]string{{"expires", "soon"}} }, 400,
			"FormPost: expired not an integer"},
		"size of letters": {func(f *form) { f.more = [][2]string{{"max_file_size", "big"}} }, 400,
			"FormPost: max_file_size not an integer"},
		"deletion of letters": {func(f *form) { f.more = [][2]string{{"x_delete_at", "soon"}} }, 400,
			"FormPost: x_delete_at not an integer: Unix timestamp required."},
	} {
		f := newForm(c + "/refused-")
		tt.change(&f)
		a := f.post(s, key)
		if a.Status != tt.status || string(a.Body) != tt.text {
			e.Errorf("%s: %d %q, want %d %q", what, a.Status, a.Body, tt.status, tt.text)
		}
	}
	a := s.anonymous().want(http.StatusBadRequest, http.MethodPost, c, []byte("nonsense\r\n"),
		header{"Content-Type": "multipart/form-data; boundary=x"})
	a.contains(e, []byte("FormPost: invalid starting boundary"))
}

func TestFormPostToAContainerWithAKey(t *testing.T) {
	e := testlib.Start(t, testlib.ID("3430f360-fd0d-4280-a1ce-2eb877a7d561"), testlib.Services("object-store"),
		testlib.Extension("object-store", "formpost"), testlib.Credentials(testlib.ProjectOperator))
	s, key := operator(e), newSigner(e, "of the container")
	c := s.newContainer(header{"X-Container-Meta-Temp-URL-Key-2": key.key})
	other := s.newContainer(nil)

	wantForm(e, newForm(c).post(s, key), http.StatusCreated, "201 Created")
	wantForm(e, newForm(other).post(s, key), http.StatusUnauthorized, "FormPost: Invalid Signature")
}
