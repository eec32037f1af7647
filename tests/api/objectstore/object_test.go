//go:build tempest

package objectstore_test

import (
	"bytes"
	"compress/zlib"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/gotempest/tempest/testlib"
)

// upload is a container that objects are written to. One of them, at path, most subtests write over.
type upload struct {
	container string
	path      string
}

// write writes random bytes to the object that subtests share, and returns them.
func (u upload) write(e *testlib.Env, h header) []byte {
	e.Helper()
	content := randomBytes(e)
	operator(e).put(u.path, content, h)
	return content
}

func TestObjectUpload(t *testing.T) {
	e := testlib.Start(t, testlib.ID("af2592b1-fbbd-4979-880c-abaf47de6fb4"), testlib.Services("object-store"),
		testlib.Credentials(testlib.ProjectOperator))
	s := operator(e)
	container := s.newContainer(nil)
	s.removeObject(container, "object")
	u := upload{container: container, path: at(container, "object")}

	e.Run("Plain", u.plain, testlib.ID("5b4ce26f-3545-46c9-a2ba-5754358a4c62"), testlib.Smoke)
	e.Run("ContentDisposition", u.contentDisposition, testlib.ID("5daebb1d-f0d5-4dc9-b541-69672eff00b0"))
	e.Run("ContentEncoding", u.contentEncoding, testlib.ID("605f8317-f945-4bee-ae91-013f1da8f0a0"))
	e.Run("ETag", u.etag, testlib.ID("73820093-0503-40b1-a478-edf0e69c7d1f"))
	e.Run("WrongETag", u.wrongETag, testlib.ID("e2aaf2a4-b03c-4e72-ae68-a74cddcdae63"), testlib.Negative)
	e.Run("ExpectContinue", u.expectContinue, testlib.ID("84dafe57-9666-4f6d-84c8-0814d37923b8"))
	e.Run("Chunked", u.chunked, testlib.ID("4f84422a-e2f2-4403-b601-726a4220b54e"))
	e.Run("Empty", u.empty, testlib.ID("c5112475-293d-4fc2-942b-a6f9e241771e"))
	e.Run("ContentType", u.contentType, testlib.ID("cfdd9ab0-5ebb-4fa6-b63a-5d6013a5625d"))
	e.Run("OddName", u.oddName, testlib.ID("5c46178e-d36f-45dc-9e7e-ec2d1cfd3701"))
	e.Run("Again", u.again, testlib.ID("e9730dc6-d283-4f64-9f89-6811f66cff27"))
	e.Run("OnlyWhenNew", u.onlyWhenNew, testlib.ID("f17e9f3b-9e98-41b2-b73a-d2e17dcfcc1d"))
}

func (u upload) plain(e *testlib.Env) {
	s := operator(e)
	content := randomBytes(e)
	path := at(u.container, e.Name("object"))
	s.cleanUp(path)
	s.put(path, content, nil).has(e, header{"Etag": md5Of(content), "Content-Length": "0"})
	s.get(path, nil).contains(e, content)
}

func (u upload) contentDisposition(e *testlib.Env) {
	content := u.write(e, header{"Content-Disposition": "inline"})
	got := operator(e).get(u.path, nil)
	got.has(e, header{"Content-Disposition": "inline"})
	got.contains(e, content)
}

func (u upload) contentEncoding(e *testlib.Env) {
	s := operator(e)
	var packed bytes.Buffer
	content := bytes.Repeat([]byte("x"), 2000)
	w := zlib.NewWriter(&packed)
	if _, err := w.Write(content); err != nil {
		e.Fatal(err)
	}
	if err := w.Close(); err != nil {
		e.Fatal(err)
	}
	s.put(u.path, packed.Bytes(), header{"Content-Encoding": "deflate"})
	got := s.get(u.path, header{"Accept-Encoding": "deflate"})
	got.has(e, header{"Content-Encoding": "deflate"})
	r, err := zlib.NewReader(bytes.NewReader(got.Body))
	if err != nil {
		e.Fatalf("unpacking what was stored: %v", err)
	}
	unpacked, err := io.ReadAll(r)
	if err != nil || !bytes.Equal(unpacked, content) {
		e.Errorf("unpacked %d bytes, %v, want the %d that were packed", len(unpacked), err, len(content))
	}
}

func (u upload) etag(e *testlib.Env) {
	s, content := operator(e), randomBytes(e)
	s.put(u.path, content, header{"Etag": md5Of(content)})
	s.get(u.path, nil).contains(e, content)
}

func (u upload) wrongETag(e *testlib.Env) {
	s := operator(e)
	path := at(u.container, e.Name("object"))
	s.want(http.StatusUnprocessableEntity, http.MethodPut, path, []byte("content"), header{"Etag": md5Of(nil)})
	s.want(http.StatusNotFound, http.MethodHead, path, nil, nil)
}

func (u upload) expectContinue(e *testlib.Env) {
	content := u.write(e, header{"Expect": "100-continue"})
	operator(e).get(u.path, nil).contains(e, content)
}

func (u upload) chunked(e *testlib.Env) {
	s := operator(e)
	content := randomBytes(e)
	unsized := io.MultiReader(bytes.NewReader(content[:512]), bytes.NewReader(content[512:]))
	a, err := s.stream(e.Context(), http.MethodPut, u.path, unsized, nil)
	if err != nil || a.Status != http.StatusCreated {
		e.Fatalf("%s was answered %d %s, %v, want 201", a.call, a.Status, a.Body, err)
	}
	a.has(e, header{"Etag": md5Of(content)})
	got := s.get(u.path, nil)
	got.has(e, header{"Content-Length": strconv.Itoa(len(content))})
	got.contains(e, content)
}

func (u upload) empty(e *testlib.Env) {
	s := operator(e)
	s.put(u.path, nil, nil).has(e, header{"Etag": md5Of(nil)})
	got := s.get(u.path, nil)
	got.has(e, header{"Content-Length": "0"})
	got.contains(e, nil)
}

func (u upload) contentType(e *testlib.Env) {
	s := operator(e)
	named := e.Name("object") + ".html"
	s.newObjectAs(u.container, named, []byte("<p>"), nil)
	s.head(at(u.container, named), nil).has(e, header{"Content-Type": "text/html"}) // guessed from the name
	other, _ := s.newObject(u.container, header{"Content-Type": "text/x-mine; charset=utf-8"})
	s.head(at(u.container, other), nil).has(e, header{"Content-Type": "text/x-mine; charset=utf-8"})
}

func (u upload) oddName(e *testlib.Env) {
	s := operator(e)
	name := e.Name("object") + "/Zürich 東京//%41+&?#;.txt"
	s.newObjectAs(u.container, name, []byte("content"), nil)
	s.get(at(u.container, name), nil).contains(e, []byte("content"))
	a := s.get(u.container+query("prefix", name), nil)
	a.contains(e, []byte(name+"\n"))
}

func (u upload) again(e *testlib.Env) {
	s := operator(e)
	u.write(e, header{"X-Object-Meta-Old": "1"})
	s.put(u.path, []byte("other content"), header{"X-Object-Meta-New": "2"})
	got := s.get(u.path, nil)
	got.contains(e, []byte("other content"))
	got.has(e, header{"X-Object-Meta-Old": "", "X-Object-Meta-New": "2"})
}

func (u upload) onlyWhenNew(e *testlib.Env) {
	s := operator(e)
	name := e.Name("object")
	s.newObjectAs(u.container, name, []byte("first"), header{"If-None-Match": "*"})
	s.want(http.StatusPreconditionFailed, http.MethodPut, at(u.container, name), []byte("second"),
		header{"If-None-Match": "*"})
	s.get(at(u.container, name), nil).contains(e, []byte("first"))
}

// cleanUp registers the removal of what a path names.
func (s store) cleanUp(path string) {
	container, object, _ := strings.Cut(path, "/")
	s.removeObject(container, object)
}

func TestObjectMetadataWhenCreated(t *testing.T) {
	e := testlib.Start(t, testlib.ID("c65a2939-67dc-4ee8-beb2-8fd16e8b1384"), testlib.Services("object-store"),
		testlib.Credentials(testlib.ProjectOperator))
	s := operator(e)
	container := s.newContainer(nil)
	s.removeObject(container, "object")
	u := upload{container: container, path: at(container, "object")} // each subtest writes it anew

	e.Run("Set", func(e *testlib.Env) {
		s, content := operator(e), u.write(e, header{"X-Object-Meta-Test-Meta": "Meta"})
		got := s.get(u.path, nil)
		got.has(e, header{"X-Object-Meta-Test-Meta": "Meta"})
		got.contains(e, content)
	}, testlib.ID("1c7ed3e4-2099-406b-b843-5301d4811baf"))

	e.Run("Empty", func(e *testlib.Env) {
		s, content := operator(e), u.write(e, header{"X-Object-Meta-Test-Meta": ""})
		got := s.get(u.path, nil)
		wantEmptyField(e, got, "X-Object-Meta-Test-Meta")
		got.contains(e, content)
	}, testlib.ID("e4183917-33db-4153-85cc-4dacbb938865"))

	e.Run("Removed", func(e *testlib.Env) {
		s, content := operator(e), u.write(e, header{"X-Object-Meta-Test-Meta": "Meta"})
		s.put(u.path, content, header{"X-Remove-Object-Meta-Test-Meta": "Meta"})
		got := s.get(u.path, nil)
		got.has(e, header{"X-Object-Meta-Test-Meta": ""})
		got.contains(e, content)
	}, testlib.ID("ce798afc-b278-45de-a5ce-2ea124b98b99"))

	e.Run("RemovedWithoutValue", func(e *testlib.Env) {
		s, content := operator(e), u.write(e, header{"X-Object-Meta-Test-Meta": "Meta"})
		s.put(u.path, content, header{"X-Remove-Object-Meta-Test-Meta": ""})
		got := s.get(u.path, nil)
		got.has(e, header{"X-Object-Meta-Test-Meta": ""})
		got.contains(e, content)
	}, testlib.ID("ad21e342-7916-4f9e-ab62-a1f885f2aaf9"))
}

// wantEmptyField wants a field of the header to be there, without a value.
func wantEmptyField(e *testlib.Env, a answer, name string) {
	e.Helper()
	if got, there := a.Header[http.CanonicalHeaderKey(name)]; !there || len(got) != 1 || got[0] != "" {
		e.Errorf("%s is answered with %s: %q, want the field without a value", a.call, name, got)
	}
}

func TestObjectMetadata(t *testing.T) {
	e := testlib.Start(t, testlib.ID("d853266c-e4d5-42e0-bb79-dd1a8ce0b239"), testlib.Services("object-store"),
		testlib.Credentials(testlib.ProjectOperator))
	container := operator(e).newContainer(nil)
	shared, _ := operator(e).newObject(container, nil) // each change replaces its metadata
	// set replaces the metadata of the shared object.
	set := func(e *testlib.Env, h header) {
		e.Helper()
		operator(e).want(http.StatusAccepted, http.MethodPost, at(container, shared), nil, h)
	}
	// change replaces the metadata of an object and returns what it is then.
	change := func(e *testlib.Env, name string, h header) answer {
		e.Helper()
		s := operator(e)
		s.want(http.StatusAccepted, http.MethodPost, at(container, name), nil, h)
		return s.head(at(container, name), nil)
	}

	e.Run("Read", func(e *testlib.Env) {
		s := operator(e)
		name, content := s.newObject(container, header{"X-Object-Meta-Test-Meta": "Meta"})
		s.head(at(container, name), nil).has(e, header{
			"X-Object-Meta-Test-Meta": "Meta", "Content-Length": strconv.Itoa(len(content)), "Etag": md5Of(content),
		})
	}, testlib.ID("9a447cf6-de06-48de-8226-a8c6ed31caf2"), testlib.Smoke)

	e.Run("None", func(e *testlib.Env) {
		s := operator(e)
		name, _ := s.newObject(container, nil)
		for field := range s.head(at(container, name), nil).Header {
			if strings.HasPrefix(field, "X-Object-Meta-") {
				e.Errorf("a new object has %s", field)
			}
		}
	}, testlib.ID("170fb90e-f5c3-4b1f-ae1b-a18810821172"))

	e.Run("Added", func(e *testlib.Env) {
		change(e, shared, header{"X-Object-Meta-Test-Meta": "Meta"}).has(e, header{"X-Object-Meta-Test-Meta": "Meta"})
	}, testlib.ID("7a94c25d-66e6-434c-9c38-97d4e2c29945"), testlib.Smoke)

	e.Run("AddedEmpty", func(e *testlib.Env) {
		wantEmptyField(e, change(e, shared, header{"X-Object-Meta-Test-Meta": ""}), "X-Object-Meta-Test-Meta")
	}, testlib.ID("0dbbe89c-6811-4d84-a2df-eca2bdd40c0e"))

	e.Run("Removed", func(e *testlib.Env) {
		set(e, header{"X-Object-Meta-Test-Meta1": "Meta1"})
		change(e, shared, header{"X-Remove-Object-Meta-Test-Meta1": "Meta1"}).has(e, header{"X-Object-Meta-Test-Meta1": ""})
	}, testlib.ID("48650ed0-c189-4e1e-ad6b-1d4770c6e134"))

	e.Run("RemovedWithoutValue", func(e *testlib.Env) {
		set(e, header{"X-Object-Meta-Test-Meta": "Meta"})
		change(e, shared, header{"X-Remove-Object-Meta-Test-Meta": ""}).has(e, header{"X-Object-Meta-Test-Meta": ""})
	}, testlib.ID("9a88dca4-b684-425b-806f-306cd0e57e42"))

	e.Run("AddedAndRemovedAtOnce", func(e *testlib.Env) {
		set(e, header{"X-Object-Meta-Test-Meta1": "Meta1"})
		change(e, shared, header{"X-Object-Meta-Test-Meta2": "Meta2", "X-Remove-Object-Meta-Test-Meta1": "Meta1"}).has(e,
			header{"X-Object-Meta-Test-Meta1": "", "X-Object-Meta-Test-Meta2": "Meta2"})
	}, testlib.ID("f726174b-2ded-4708-bff7-729d12ce1f84"))

	e.Run("OthersGo", func(e *testlib.Env) {
		name, content := operator(e).newObject(container, header{
			"X-Object-Meta-Old": "1", "Content-Type": "text/x-mine", "Content-Disposition": "inline",
		})
		change(e, name, header{"X-Object-Meta-New": "2"}).has(e, header{
			"X-Object-Meta-Old": "", "X-Object-Meta-New": "2", "Content-Disposition": "",
			"Content-Type": "text/x-mine", "Etag": md5Of(content),
		})
	}, testlib.ID("e43bcae5-1e3a-4671-8915-e6fcbac4da39"))

	e.Run("ContentType", func(e *testlib.Env) {
		name, _ := operator(e).newObject(container, nil)
		change(e, name, header{"Content-Type": "text/x-other"}).has(e, header{"Content-Type": "text/x-other"})
	}, testlib.ID("4d315568-105d-4ed2-ba6c-005cfd221e87"))
}

func TestObjectDeletion(t *testing.T) {
	e := testlib.Start(t, testlib.ID("17738d45-03bd-4d45-9e0b-7b2f58f98687"), testlib.Services("object-store"),
		testlib.Credentials(testlib.ProjectOperator))
	s := operator(e)
	container := s.newContainer(nil)
	path := container + "/object"
	s.put(path, []byte("content"), nil)

	s.remove(path)

	s.want(http.StatusNotFound, http.MethodGet, path, nil, nil)
	s.want(http.StatusNoContent, http.MethodGet, container, nil, nil)
	s.want(http.StatusNotFound, http.MethodDelete, path, nil, nil)
}

func TestObjectIsRefused(t *testing.T) {
	e := testlib.Start(t, testlib.ID("af6fec7e-004e-467b-a156-ac1d1f272095"), testlib.Services("object-store"),
		testlib.Negative, testlib.Feature("object-store", "discoverability"), testlib.Credentials(testlib.ProjectOperator))
	container := operator(e).newContainer(nil)
	max := limits(operator(e)).Swift
	// refused writes an object and wants to be told what is wrong.
	refused := func(e *testlib.Env, status int, name string, h header, why string) {
		e.Helper()
		a := operator(e).want(status, http.MethodPut, at(container, name), nil, h)
		if !strings.Contains(string(a.Body), why) {
			e.Errorf("body = %s, want it to have %q", a.Body, why)
		}
	}

	e.Run("LongName", func(e *testlib.Env) {
		n := max.MaxObjectName
		refused(e, http.StatusBadRequest, strings.Repeat("o", n+1), nil,
			"Object name length of "+strconv.Itoa(n+1)+" longer than "+strconv.Itoa(n))
	}, testlib.ID("e36b8cad-7de1-4db2-84a8-3176756b8808"), testlib.Negative)

	e.Run("LongMetadataName", func(e *testlib.Env) {
		refused(e, http.StatusBadRequest, "object",
			header{"X-Object-Meta-" + strings.Repeat("m", max.MaxMetaName+1): "v"}, "Metadata name too long")
	}, testlib.ID("a61415f5-f810-4658-acbc-6763399d27aa"), testlib.Negative)

	e.Run("LongMetadataValue", func(e *testlib.Env) {
		refused(e, http.StatusBadRequest, "object", header{"X-Object-Meta-M": strings.Repeat("v", max.MaxMetaValue+1)},
			"Metadata value longer than "+strconv.Itoa(max.MaxMetaValue))
	}, testlib.ID("5485d0eb-085e-4ba2-b391-75fd304e1d07"), testlib.Negative)

	e.Run("TooManyMetadata", func(e *testlib.Env) {
		h := header{}
		for i := range max.MaxMetaCount + 1 {
			h["X-Object-Meta-"+strconv.Itoa(i)] = "v"
		}
		refused(e, http.StatusBadRequest, "object", h, "Too many metadata items; max "+strconv.Itoa(max.MaxMetaCount))
	}, testlib.ID("54348306-886b-46dc-bd9b-8c2c0918fb77"), testlib.Negative)

	e.Run("ExpiryInThePast", func(e *testlib.Env) {
		refused(e, http.StatusBadRequest, "object", header{"X-Delete-At": "1"}, "X-Delete-At in past")
		refused(e, http.StatusBadRequest, "object", header{"X-Delete-After": "-1"}, "X-Delete-After in past")
		refused(e, http.StatusBadRequest, "object", header{"X-Delete-At": "soon"}, "Non-integer X-Delete-At")
	}, testlib.ID("2f383b25-bc49-4f3e-bd19-ea6c4295834b"), testlib.Negative)

	e.Run("CopyOfNothing", func(e *testlib.Env) {
		refused(e, http.StatusNotFound, "object", header{"X-Copy-From": container + "/none"}, "")
		refused(e, http.StatusPreconditionFailed, "object", header{"X-Copy-From": "none"},
			"X-Copy-From header must be of the form")
	}, testlib.ID("637dce99-be44-43c3-aa5f-a235c27e3912"), testlib.Negative)

	e.Run("UnknownObject", func(e *testlib.Env) {
		s := operator(e)
		for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodDelete} {
			s.want(http.StatusNotFound, method, container+"/none", nil, nil)
		}
	}, testlib.ID("4a60e39d-af7b-4b38-a1a5-a096be1736c9"), testlib.Negative)

	e.Run("UnknownMethod", func(e *testlib.Env) {
		operator(e).want(http.StatusMethodNotAllowed, "PATCH", container+"/none", nil, nil)
	}, testlib.ID("81446688-f474-4d9e-b02a-e2e0f7e0eaf9"), testlib.Negative)
}
