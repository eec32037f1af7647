//go:build tempest

package objectstore_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/xml"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gotempest/tempest/testlib"
	"github.com/gotempest/tempest/testlib/data"
)

// bulkResult says what came of a call that did many things.
type bulkResult struct {
	Status  string     `json:"Response Status"`
	Body    string     `json:"Response Body"`
	Created int        `json:"Number Files Created"`
	Deleted int        `json:"Number Deleted"`
	Missing int        `json:"Number Not Found"`
	Errors  [][]string `json:"Errors"` // path and status
}

// archive returns a tar archive of files.
func archive(e *testlib.Env, files ...tar.Header) []byte {
	e.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, f := range files {
		content := []byte(f.Linkname) // which a plain file does not have
		f.Linkname, f.Size, f.Mode = "", int64(len(content)), 0o600
		if err := w.WriteHeader(&f); err != nil {
			e.Fatalf("writing an archive: %v", err)
		}
		if _, err := w.Write(content); err != nil {
			e.Fatalf("writing an archive: %v", err)
		}
	}
	if err := w.Close(); err != nil {
		e.Fatalf("writing an archive: %v", err)
	}
	return b.Bytes()
}

// file is a file of an archive, with its content.
func file(name, content string) tar.Header {
	return tar.Header{Typeflag: tar.TypeReg, Name: name, Linkname: content}
}

// bulk makes a call that does many things, and returns what came of it.
func (s store) bulk(method, path string, h header, body []byte) bulkResult {
	s.e.Helper()
	with := header{"Accept": "application/json"}
	for name, value := range h {
		with[name] = value
	}
	return read[bulkResult](s.e, s.want(http.StatusOK, method, path, body, with))
}

// newArchived makes a container with an object by uploading an archive.
func (s store) newArchived() (container, object string) {
	s.e.Helper()
	container, object = s.e.Name("container"), data.Letters(s.e.Rand(), 8)
	s.removeContainer(container)
	body := archive(s.e, tar.Header{Typeflag: tar.TypeDir, Name: container + "/"}, file(container+"/"+object, "x"))
	got := s.bulk(http.MethodPut, "?extract-archive=tar", nil, body)
	if diff := cmp.Diff(bulkResult{Status: "201 Created", Created: 1, Errors: [][]string{}}, got); diff != "" {
		s.e.Fatalf("result of the upload mismatch (-want +got):\n%s", diff)
	}
	return container, object
}

func TestArchivesIntoAContainer(t *testing.T) {
	e := testlib.Start(t, testlib.ID("ab256bfc-80ce-4d9c-a465-93534572a0ae"), testlib.Services("object-store"),
		testlib.Extension("object-store", "bulk_upload"), testlib.Credentials(testlib.ProjectOperator))
	s := operator(e)
	c := s.newContainer(nil)

	e.Run("Compressed", func(e *testlib.Env) {
		s := operator(e)
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		if _, err := w.Write(archive(e, file("gz/a", "a"), file("./gz/b", "b"))); err != nil {
			e.Fatalf("compressing: %v", err)
		}
		if err := w.Close(); err != nil {
			e.Fatalf("compressing: %v", err)
		}
		bz2, err := io.ReadAll(base64.NewDecoder(base64.StdEncoding, strings.NewReader(bzip2Archive)))
		if err != nil {
			e.Fatalf("decoding the archive: %v", err)
		}
		for format, body := range map[string][]byte{"tar.gz": b.Bytes(), ".TAR.BZ2": bz2} {
			got := s.bulk(http.MethodPut, c+"?extract-archive="+format, nil, body)
			if got.Created == 0 || got.Status != "201 Created" {
				e.Errorf("%s: %+v, want files created", format, got)
			}
		}
		for object, content := range map[string]string{"gz/a": "a", "gz/b": "b", "bz2/a": "of bzip2\n"} {
			s.get(at(c, object), nil).contains(e, []byte(content))
		}
	}, testlib.ID("e42ca4a5-eed0-413a-8b30-aa709ed96c4f"))

	e.Run("Metadata", func(e *testlib.Env) {
		s, f := operator(e), file("meta", "text")
		f.Format, f.PAXRecords = tar.FormatPAX, map[string]string{
			"SCHILY.xattr.user.mime_type": "text/x-poem", "SCHILY.xattr.user.meta.colour": "red",
		}
		s.bulk(http.MethodPut, c+"?extract-archive=tar", header{"X-Object-Meta-Size": "small"}, archive(e, f))
		s.head(at(c, "meta"), nil).has(e, header{
			"Content-Type": "text/x-poem", "X-Object-Meta-Colour": "red", "X-Object-Meta-Size": "small",
		})
	}, testlib.ID("9e6a61d9-f778-4da3-bb86-8e4d6f2ff339"))

	e.Run("OtherFiles", func(e *testlib.Env) {
		s := operator(e)
		got := s.bulk(http.MethodPut, c+"?extract-archive=tar", nil, archive(e,
			tar.Header{Typeflag: tar.TypeDir, Name: "folder/"}, file("/folder/file", ""),
			tar.Header{Typeflag: tar.TypeFifo, Name: "pipe"}))
		if diff := cmp.Diff(bulkResult{Status: "201 Created", Created: 1, Errors: [][]string{}}, got); diff != "" {
			e.Errorf("result mismatch (-want +got):\n%s", diff)
		}
		s.head(at(c, "folder/file"), nil)
	}, testlib.ID("91d3d25c-bf8d-4fda-bd7f-569bc2f76473"))

	e.Run("Refused", func(e *testlib.Env) { refuseArchives(e, c) }, testlib.ID("d35504be-af3a-4742-8519-76d4a22fde95"),
		testlib.Negative)
}

// bzip2Archive is a tar archive of a file bz2/a, compressed with bzip2.
const bzip2Archive = "QlpoOTFBWSZTWb5Fa0cAAH57kMoQAGBAAP2AAAhxIN4QBAAACCAAdQ1J5T0ho0NHqehGQSSTTIBoAaGkym19dSEEYJ" +
	"CRi+TE4yaCBDIg4OXSelYwDlfxg4KoSEiQyrYjgWTaZviQbxufY3UGPqrK6FPqGaSD8XckU4UJC+RWtHA="

func refuseArchives(e *testlib.Env, c string) {
	e.Helper()
	s := operator(e)
	long := strings.Repeat("x", 1025)
	for what, tt := range map[string]struct {
		body []byte
		want bulkResult
	}{
		"no archive": {bytes.Repeat([]byte("x"), 512), bulkResult{
			Status: "400 Bad Request", Body: "Invalid Tar File: invalid header", Errors: [][]string{}}},
		"nothing in it": {archive(e), bulkResult{
			Status: "400 Bad Request", Body: "Invalid Tar File: No Valid Files", Errors: [][]string{}}},
		"name too long": {archive(e, file("fine", "x"), file(long, "x")), bulkResult{
			Status: "400 Bad Request", Created: 1, Errors: [][]string{{c + "/" + long, "400 Bad Request"}}}},
	} {
		got := s.bulk(http.MethodPut, c+"?extract-archive=tar", nil, tt.body)
		if diff := cmp.Diff(tt.want, got); diff != "" {
			e.Errorf("%s: result mismatch (-want +got):\n%s", what, diff)
		}
	}
	a := s.want(http.StatusBadRequest, http.MethodPut, c+"?extract-archive=zip", []byte("x"), nil)
	a.contains(e, []byte("Unsupported archive format"))
	got := s.bulk(http.MethodPut, c+"?extract-archive=tar.gz", nil, archive(e, file("a", "x")))
	if got.Status != "400 Bad Request" || !strings.HasPrefix(got.Body, "Invalid Tar File: ") {
		e.Errorf("an archive that is not compressed: %+v, want it refused", got)
	}
}

func TestArchiveNeedsRights(t *testing.T) {
	e := testlib.Start(t, testlib.ID("495645ac-39ff-4c5e-912e-f99dea61d388"), testlib.Services("object-store"),
		testlib.Negative, testlib.Extension("object-store", "bulk_upload", "bulk_delete"),
		testlib.Credentials(testlib.ProjectOperator, testlib.AltOperator))
	s := operator(e)
	container, object := s.newArchived()
	stranger := s.as(testlib.AltOperator)

	got := stranger.bulk(http.MethodPut, "?extract-archive=tar", nil, archive(e, file(container+"/new", "x")))
	want := bulkResult{Status: "400 Bad Request", Errors: [][]string{
		{"/v1/" + s.name() + "/" + container, "403 Forbidden"}, {container + "/new", "403 Forbidden"}}}
	if diff := cmp.Diff(want, got); diff != "" {
		e.Errorf("result of a stranger's upload (-want +got):\n%s", diff)
	}
	got = stranger.bulk(http.MethodPost, "?bulk-delete", nil, []byte(container+"/"+object))
	want = bulkResult{Status: "400 Bad Request", Errors: [][]string{{container + "/" + object, "403 Forbidden"}}}
	if diff := cmp.Diff(want, got); diff != "" {
		e.Errorf("result of a stranger's deletion (-want +got):\n%s", diff)
	}
	got = s.anonymous().bulk(http.MethodPut, "?extract-archive=tar", nil,
		archive(e, file(container+"/new", "x")))
	if got.Status != "401 Unauthorized" || got.Created != 0 {
		e.Errorf("an upload without a token: %+v, want it refused", got)
	}
	if diff := cmp.Diff([]string{object}, s.get(container, nil).lines()); diff != "" {
		e.Errorf("objects mismatch (-want +got):\n%s", diff)
	}
}

func TestArchive(t *testing.T) {
	e := testlib.Start(t, testlib.ID("6a6e3052-4333-4e5a-944a-558c24318a92"), testlib.Services("object-store"),
		testlib.Extension("object-store", "bulk_upload"), testlib.Credentials(testlib.ProjectOperator))

	e.Run("IsUploaded", func(e *testlib.Env) {
		s := operator(e)
		container, object := s.newArchived()
		if list := s.get("", nil).lines(); !slices.Contains(list, container) {
			e.Errorf("the account has %q, want %s among them", list, container)
		}
		if diff := cmp.Diff([]string{object}, s.get(container, nil).lines()); diff != "" {
			e.Errorf("objects mismatch (-want +got):\n%s", diff)
		}
	}, testlib.ID("a407de51-1983-47cc-9f14-47c2b059413c"))

	e.Run("IsDeleted", func(e *testlib.Env) { deleteMany(e, http.MethodDelete) },
		testlib.ID("c075e682-0d2a-43b2-808d-4116200d736d"), testlib.Extension("object-store", "bulk_delete"))
	e.Run("IsDeletedByPost", func(e *testlib.Env) { deleteMany(e, http.MethodPost) },
		testlib.ID("dbea2bcb-efbb-4674-ac8a-a5a0e33d1d79"), testlib.Extension("object-store", "bulk_delete"))
}

func TestManyAreDeleted(t *testing.T) {
	e := testlib.Start(t, testlib.ID("9f150c51-bfb9-4f61-824c-c9f4961c5411"), testlib.Services("object-store"),
		testlib.Extension("object-store", "bulk_upload", "bulk_delete"), testlib.Credentials(testlib.ProjectOperator))

	e.Run("Missing", func(e *testlib.Env) {
		s := operator(e)
		c, object := s.newArchived()
		s.put(at(c, "caf\u00e9 au lait"), nil, nil)
		list := strings.Join([]string{c, "/" + c + "/none", at(c, "caf\u00e9 au lait"), "", at(c, object)}, "\n") + "\n"
		got := s.bulk(http.MethodPost, "?bulk-delete", header{"Content-Type": "text/plain"}, []byte(list))
		want := bulkResult{Status: "200 OK", Deleted: 3, Missing: 1, Errors: [][]string{}}
		if diff := cmp.Diff(want, got); diff != "" {
			e.Errorf("result mismatch (-want +got):\n%s", diff)
		}
	}, testlib.ID("062e517d-486b-4bbe-8868-f4021adaacc2"))

	e.Run("NotEmpty", func(e *testlib.Env) {
		s := operator(e)
		c, _ := s.newArchived()
		got := s.bulk(http.MethodPost, "?bulk-delete", header{"Content-Type": "text/plain"}, []byte(c))
		want := bulkResult{Status: "400 Bad Request", Errors: [][]string{{c, "409 Conflict"}}}
		if diff := cmp.Diff(want, got); diff != "" {
			e.Errorf("result mismatch (-want +got):\n%s", diff)
		}
	}, testlib.ID("3990b461-ec67-4c7e-87f0-ca6b386416b4"), testlib.Negative)

	e.Run("Refused", func(e *testlib.Env) {
		s := operator(e)
		got := s.bulk(http.MethodPost, "?bulk-delete", header{"Content-Type": "text/plain"}, []byte("\n"))
		want := bulkResult{Status: "400 Bad Request", Body: "Invalid bulk delete.", Errors: [][]string{}}
		if diff := cmp.Diff(want, got); diff != "" {
			e.Errorf("result of deleting nothing (-want +got):\n%s", diff)
		}
		got = s.bulk(http.MethodPost, "?bulk-delete", header{"Content-Type": "application/json"}, []byte("[]"))
		if got.Status != "406 Not Acceptable" {
			e.Errorf("a list in JSON: %+v, want it refused", got)
		}
	}, testlib.ID("a2e43df3-da24-433f-acbf-b91cef3bbffd"), testlib.Negative)
}

// deleteMany deletes a container and what is in it in one call.
func deleteMany(e *testlib.Env, method string) {
	e.Helper()
	s := operator(e)
	c, object := s.newArchived()

	got := s.bulk(method, "?bulk-delete", header{"Content-Type": "text/plain"}, []byte(c+"/"+object+"\n"+c))

	want := bulkResult{Status: "200 OK", Deleted: 2, Errors: [][]string{}}
	if diff := cmp.Diff(want, got); diff != "" {
		e.Errorf("result mismatch (-want +got):\n%s", diff)
	}
	if list := s.call(http.MethodGet, "", nil, nil).lines(); slices.Contains(list, c) {
		e.Errorf("the account has %q, want no %s", list, c)
	}
}

func TestBulkResultForms(t *testing.T) {
	e := testlib.Start(t, testlib.ID("5dff4016-19ec-4272-a41e-9433ed81ffd6"), testlib.Services("object-store"),
		testlib.Extension("object-store", "bulk_delete"), testlib.Credentials(testlib.ProjectOperator))
	s, name := operator(e), e.Name("container")
	send := func(accept string) answer {
		return s.want(http.StatusOK, http.MethodPost, "?bulk-delete", []byte(name),
			header{"Accept": accept, "Content-Type": "text/plain"})
	}

	a := send("text/plain")
	a.has(e, header{"Content-Type": "text/plain"})
	a.contains(e, []byte("Number Deleted: 0\nNumber Not Found: 1\nResponse Body: \nResponse Status: 200 OK\nErrors:\n"))

	a = send("application/xml")
	var got struct {
		XMLName xml.Name `xml:"delete"`
		Missing int      `xml:"number_not_found"`
		Status  string   `xml:"response_status"`
	}
	if err := xml.Unmarshal(a.Body, &got); err != nil || got.Missing != 1 || got.Status != "200 OK" {
		e.Errorf("the result in XML is %+v (%v), want one missing: %s", got, err, a.Body)
	}

	if a := send("image/png"); !bytes.Contains(a.Body, []byte("Response Status: 406 Not Acceptable")) {
		e.Errorf("a form that there is not is answered with %q", a.Body)
	}
}
