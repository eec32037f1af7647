//go:build tempest

package objectstore_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gotempest/tempest/testlib"
)

// holds fails the test unless a container has so many objects and bytes.
func (s store) holds(container string, objects, bytes int) answer {
	s.e.Helper()
	a := s.want(http.StatusNoContent, http.MethodHead, container, nil, nil)
	a.has(s.e, header{
		"X-Container-Object-Count": strconv.Itoa(objects), "X-Container-Bytes-Used": strconv.Itoa(bytes),
	})
	return a
}

func TestVersionsAreTakenBack(t *testing.T) {
	e := testlib.Start(t, testlib.ID("a151e158-dcbf-4a1f-a1e7-46cd65895a6f"), testlib.Services("object-store"),
		testlib.Feature("object_store", "object_versioning"), testlib.Credentials(testlib.ProjectOperator))
	s := operator(e)
	old := s.newContainer(nil)
	s.holds(old, 0, 0).has(e, header{"X-Versions-Location": ""})
	c := s.newContainer(header{"X-Versions-Location": old})
	s.holds(c, 0, 0).has(e, header{"X-Versions-Location": old})
	first, second := randomBytes(e), randomBytes(e)
	path := at(c, "object")

	s.put(path, first, nil)
	s.put(path, second, nil)
	s.get(path, nil).contains(e, second)

	s.remove(path)
	s.holds(c, 1, len(first)).has(e, header{"X-Versions-Location": old})
	s.get(path, nil).contains(e, first)

	s.remove(path)
	s.holds(c, 0, 0).has(e, header{"X-Versions-Location": old})
	s.holds(old, 0, 0).has(e, header{"X-Versions-Location": ""})
}

func TestVersionsKeepTheirMetadata(t *testing.T) {
	e := testlib.Start(t, testlib.ID("12407285-7318-4a1f-8f34-257aea8b087b"), testlib.Services("object-store"),
		testlib.Extension("object-store", "versioned_writes"), testlib.Credentials(testlib.ProjectOperator))
	s := operator(e)
	old := s.newContainer(nil)
	c := s.newContainer(header{"X-Versions-Location": old})
	path, meta := at(c, "object"), header{"X-Object-Meta-Number": "1", "Content-Type": "text/first"}

	s.put(path, []byte("one"), meta)
	s.put(path, []byte("two"), nil)
	wantOldVersions(e, s, old, "object", []byte("one"))
	s.remove(path)

	a := s.get(path, nil)
	a.contains(e, []byte("one"))
	a.has(e, meta)
	s.remove(path)
	s.want(http.StatusNotFound, http.MethodGet, path, nil, nil)
}

// wantOldVersions checks the names and contents of the old versions of an object.
func wantOldVersions(e *testlib.Env, s store, container, object string, contents ...[]byte) {
	e.Helper()
	a := s.call(http.MethodGet, container, nil, nil)
	names := a.lines()
	if len(names) != len(contents) {
		e.Fatalf("%s has %q, want %d versions", container, names, len(contents))
	}
	for i, name := range names {
		if want := fmt.Sprintf("%03x%s/", len(object), object); !strings.HasPrefix(name, want) {
			e.Errorf("a version is called %s, want a name that begins with %s", name, want)
		}
		s.get(at(container, name), nil).contains(e, contents[i])
	}
}

func TestVersionsAreKept(t *testing.T) {
	e := testlib.Start(t, testlib.ID("337ec781-f095-4b2c-900c-6550b3b697d7"), testlib.Services("object-store"),
		testlib.Extension("object-store", "versioned_writes"), testlib.Credentials(testlib.ProjectOperator))
	s := operator(e)
	old := s.newContainer(nil)
	c := s.newContainer(header{"X-History-Location": old})
	s.holds(c, 0, 0).has(e, header{"X-History-Location": old, "X-Versions-Location": ""})
	path := at(c, "object")

	s.put(path, []byte("one"), nil)
	s.put(path, []byte("two"), nil)
	wantOldVersions(e, s, old, "object", []byte("one"))

	s.remove(path)
	s.want(http.StatusNotFound, http.MethodGet, path, nil, nil)
	wantOldVersions(e, s, old, "object", []byte("one"), []byte("two"), nil)
	items := read[[]struct {
		Type string `json:"content_type"`
	}](e, s.get(old+"?format=json", nil))
	if got, want := items[len(items)-1].Type, "application/x-deleted;swift_versions_deleted=1"; got != want {
		e.Errorf("the last version has type %q, want %q", got, want)
	}

	s.put(path, []byte("three"), nil)
	s.holds(old, 3, 6)
	s.want(http.StatusNotFound, http.MethodDelete, at(c, "none"), nil, nil)
}

func TestVersionsLocationIsChanged(t *testing.T) {
	e := testlib.Start(t, testlib.ID("b15a1362-840b-497c-97c0-bfa7f6265e31"), testlib.Services("object-store"),
		testlib.Extension("object-store", "versioned_writes"), testlib.Credentials(testlib.ProjectOperator))
	s := operator(e)
	c, old := s.newContainer(nil), s.newContainer(nil)
	post := func(h header) { s.want(http.StatusNoContent, http.MethodPost, c, nil, h) }
	wants := func(versions, history string) {
		e.Helper()
		s.want(http.StatusNoContent, http.MethodHead, c, nil, nil).
			has(e, header{"X-Versions-Location": versions, "X-History-Location": history})
	}

	post(header{"X-Versions-Location": old})
	wants(old, "")
	post(header{"X-History-Location": old})
	wants("", old)
	post(header{"X-Versions-Location": old, "X-History-Location": ""})
	wants(old, "")
	post(header{"X-Remove-Versions-Location": "x"})
	wants("", "")
	post(header{"X-Versions-Location": old})
	post(header{"X-Versions-Location": ""})
	wants("", "")

	a := s.want(http.StatusBadRequest, http.MethodPost, c, nil,
		header{"X-Versions-Location": old, "X-History-Location": old})
	a.contains(e, []byte("Only one of x-versions-location or x-history-location may be specified"))
	s.want(http.StatusPreconditionFailed, http.MethodPost, c, nil, header{"X-Versions-Location": "a/b"})

	post(header{"X-Versions-Location": e.Name("container")})
	s.put(at(c, "object"), []byte("one"), nil)
	s.want(http.StatusPreconditionFailed, http.MethodPut, at(c, "object"), []byte("two"), nil)
	s.get(at(c, "object"), nil).contains(e, []byte("one"))
}

// version is an object of a listing of versions.
type version struct {
	Name    string
	ID      string `json:"version_id"`
	Latest  bool   `json:"is_latest"`
	Bytes   int
	Hash    string
	Type    string `json:"content_type"`
	Deleted bool   `json:"-"`
}

// deletion is the content type of the version that says that an object was deleted.
const deletion = "application/x-deleted;swift_versions_deleted=1"

// newVersioned makes a container that keeps versions. It is gone, with all of them, when the test ends.
func (s store) newVersioned() string {
	s.e.Helper()
	name := s.e.Name("container")
	s.e.Cleanup("container "+name+" and its versions", func(ctx context.Context) error {
		var errs []error
		a, err := s.send(ctx, http.MethodGet, name+"?versions=true&format=json", nil, nil)
		if err != nil || a.Status == http.StatusNotFound {
			return err
		}
		for _, v := range read[[]version](s.e, a) {
			errs = append(errs, s.delete(ctx, at(name, v.Name)+"?version-id="+v.ID))
		}
		return errors.Join(append(errs, s.delete(ctx, name))...)
	})
	s.want(http.StatusCreated, http.MethodPut, name, nil, header{"X-Versions-Enabled": "true"})
	return name
}

// versions returns all versions in a container, without their IDs, and the IDs.
func (s store) versions(container string) (list []version, ids []string) {
	s.e.Helper()
	for _, v := range read[[]version](s.e, s.get(container+"?versions=true&format=json", nil)) {
		ids = append(ids, v.ID)
		v.ID, v.Deleted, v.Type = "", v.Type == deletion, ""
		list = append(list, v)
	}
	return list, ids
}

func TestObjectVersions(t *testing.T) {
	e := testlib.Start(t, testlib.ID("7ac0759f-46ef-48bc-939e-40f9b81ae95d"), testlib.Services("object-store"),
		testlib.Extension("object-store", "object_versioning"), testlib.Credentials(testlib.ProjectOperator))
	s := operator(e)
	c := s.newVersioned()
	path := at(c, "object")
	s.want(http.StatusNoContent, http.MethodHead, c, nil, nil).has(e, header{"X-Versions-Enabled": "True"})

	var ids []string
	for i := range 3 {
		a := s.put(path, fmt.Appendf(nil, "content %d", i), header{"X-Object-Meta-Number": strconv.Itoa(i)})
		ids = append(ids, a.Header.Get("X-Object-Version-Id"))
	}

	a := s.get(path, nil)
	a.contains(e, []byte("content 2"))
	a.has(e, header{
		"X-Object-Version-Id": ids[2], "Content-Location": s.path() + "/" + path + "?version-id=" + ids[2],
	})
	for i, id := range ids {
		a := s.get(path+"?version-id="+id, nil)
		a.contains(e, fmt.Appendf(nil, "content %d", i))
		a.has(e, header{"X-Object-Version-Id": id, "X-Object-Meta-Number": strconv.Itoa(i)})
		s.head(path+"?version-id="+id, nil).has(e, header{"X-Object-Meta-Number": strconv.Itoa(i)})
	}
	entry := func(i int, latest bool) version {
		content := fmt.Appendf(nil, "content %d", i)
		return version{Name: "object", Latest: latest, Bytes: len(content), Hash: checksum(content)}
	}
	list, listed := s.versions(c)
	if diff := cmp.Diff([]version{entry(2, true), entry(1, false), entry(0, false)}, list); diff != "" {
		e.Errorf("versions mismatch (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{ids[2], ids[1], ids[0]}, listed); diff != "" {
		e.Errorf("version IDs mismatch (-want +got):\n%s", diff)
	}
	plain := read[[]version](e, s.get(c+"?format=json", nil))
	if len(plain) != 1 || plain[0].Bytes != 9 || plain[0].Hash != checksum([]byte("content 2")) {
		e.Errorf("the container has %+v, want the last version alone", plain)
	}
	s.holds(c, 1, 27)
}

func TestObjectVersionsAreDeleted(t *testing.T) {
	e := testlib.Start(t, testlib.ID("05aea9b9-cfda-4df3-8883-0ab84397cee3"), testlib.Services("object-store"),
		testlib.Extension("object-store", "object_versioning"), testlib.Credentials(testlib.ProjectOperator))
	s := operator(e)
	c := s.newVersioned()
	path := at(c, "object")
	put := func(content string) string {
		return s.put(path, []byte(content), nil).Header.Get("X-Object-Version-Id")
	}
	first, second := put("one"), put("second")

	deleted := s.remove(path).Header.Get("X-Object-Version-Id")
	s.want(http.StatusNotFound, http.MethodGet, path, nil, nil)
	s.get(path+"?version-id="+second, nil).contains(e, []byte("second"))
	a := s.want(http.StatusNotFound, http.MethodGet, path+"?version-id="+deleted, nil, nil)
	a.has(e, header{"X-Object-Version-Id": deleted, "Content-Type": deletion})
	list, ids := s.versions(c)
	want := []version{
		{Name: "object", Latest: true, Deleted: true, Hash: checksum(nil)},
		{Name: "object", Bytes: 6, Hash: checksum([]byte("second"))},
		{Name: "object", Bytes: 3, Hash: checksum([]byte("one"))},
	}
	if diff := cmp.Diff(want, list); diff != "" {
		e.Errorf("versions mismatch (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{deleted, second, first}, ids); diff != "" {
		e.Errorf("version IDs mismatch (-want +got):\n%s", diff)
	}
	a = s.want(http.StatusConflict, http.MethodDelete, c, nil, nil)
	a.contains(e, []byte("Delete all versions before deleting container."))

	s.put(path+"?version-id="+first, nil, nil) // makes it the latest again
	s.get(path, nil).contains(e, []byte("one"))
	a = s.remove(path + "?version-id=" + second)
	a.has(e, header{"X-Object-Version-Id": second, "X-Object-Current-Version-Id": first})
	a = s.remove(path + "?version-id=" + first)
	a.has(e, header{"X-Object-Version-Id": first, "X-Object-Current-Version-Id": "null"})
	s.want(http.StatusNotFound, http.MethodGet, path, nil, nil)
	s.remove(path + "?version-id=" + deleted)
	s.holds(c, 0, 0)
	s.remove(c)
}

func TestObjectVersionsAreSuspended(t *testing.T) {
	e := testlib.Start(t, testlib.ID("70941d64-39f3-4d4f-9aab-56559f1714aa"), testlib.Services("object-store"),
		testlib.Extension("object-store", "object_versioning"), testlib.Credentials(testlib.ProjectOperator))
	s := operator(e)
	c := s.newVersioned()
	path := at(c, "object")
	switchTo := func(enabled string) {
		s.want(http.StatusNoContent, http.MethodPost, c, nil, header{"X-Versions-Enabled": enabled})
	}

	switchTo("false")
	s.want(http.StatusNoContent, http.MethodHead, c, nil, nil).has(e, header{"X-Versions-Enabled": "False"})
	s.put(path, []byte("before"), nil)
	s.get(path, nil).has(e, header{"X-Object-Version-Id": "null"})
	switchTo("true")
	s.put(path, []byte("kept"), nil)
	switchTo("false")
	s.put(path, []byte("after"), nil)

	list, ids := s.versions(c)
	want := []version{
		{Name: "object", Latest: true, Bytes: 5, Hash: checksum([]byte("after"))},
		{Name: "object", Bytes: 4, Hash: checksum([]byte("kept"))},
		{Name: "object", Bytes: 6, Hash: checksum([]byte("before"))},
	}
	if diff := cmp.Diff(want, list); diff != "" {
		e.Errorf("versions mismatch (-want +got):\n%s", diff)
	}
	if len(ids) == 0 || ids[0] != "null" || slices.Contains(ids[1:], "null") {
		e.Errorf("version IDs are %q, want the first to be null", ids)
	}
	s.get(path+"?version-id=null", nil).contains(e, []byte("after"))
	s.remove(path + "?version-id=null")
	s.want(http.StatusNotFound, http.MethodGet, path, nil, nil)
	s.get(path+"?version-id="+ids[1], nil).contains(e, []byte("kept"))
}

func TestObjectVersionMetadata(t *testing.T) {
	e := testlib.Start(t, testlib.ID("040454f6-dff3-4da7-bbfb-62181c21fc5b"), testlib.Services("object-store"),
		testlib.Extension("object-store", "object_versioning"), testlib.Credentials(testlib.ProjectOperator))
	s := operator(e)
	c := s.newVersioned()
	path := at(c, "object")
	first := s.put(path, []byte("one"), nil).Header.Get("X-Object-Version-Id")
	s.put(path, []byte("two"), nil)

	s.want(http.StatusAccepted, http.MethodPost, path, nil, header{"X-Object-Meta-Colour": "red"})

	s.head(path, nil).has(e, header{"X-Object-Meta-Colour": "red"})
	s.head(path+"?version-id="+first, nil).has(e, header{"X-Object-Meta-Colour": ""})
	s.holds(c, 1, 6)
	s.want(http.StatusCreated, "COPY", path+"?version-id="+first, nil, header{"Destination": at(c, "copy")})
	s.get(at(c, "copy"), nil).contains(e, []byte("one"))
}

func TestObjectVersionsAreRefused(t *testing.T) {
	e := testlib.Start(t, testlib.ID("b4d48b67-bd74-4aa4-8ef0-f3aabc24b950"), testlib.Services("object-store"),
		testlib.Negative, testlib.Extension("object-store", "object_versioning", "versioned_writes"),
		testlib.Credentials(testlib.ProjectOperator))
	s := operator(e)
	c, plain := s.newVersioned(), s.newContainer(nil)
	legacy := s.newContainer(header{"X-Versions-Location": plain})
	id := s.put(at(c, "object"), []byte("one"), nil).Header.Get("X-Object-Version-Id")
	s.put(at(plain, "object"), []byte("one"), nil)

	for what, tt := range map[string]struct {
		method, path string
		h            header
		status       int
		text         string
	}{
		"change of a version": {http.MethodPost, at(c, "object") + "?version-id=" + id, nil, 400,
			"POST to a specific version is not allowed"},
		"version of no number": {http.MethodGet, at(c, "object") + "?version-id=x", nil, 400,
			"Invalid version parameter"},
		"version that is not there": {http.MethodGet, at(c, "object") + "?version-id=1600000000.00000", nil, 404, ""},
		"version of a plain container": {http.MethodGet, at(plain, "object") + "?version-id=" + id, nil, 400,
			"version-aware operations require that the container is versioned"},
		"return to no version": {http.MethodPut, at(c, "object") + "?version-id=1600000000.00000", nil, 404,
			"The specified version does not exist"},
		"both kinds": {http.MethodPost, legacy, header{"X-Versions-Enabled": "true"}, 400, "Cannot enable object " +
			"versioning on a container that is already using the legacy versioned writes feature."},
		"paging of versions": {http.MethodGet, c + "?versions&version_marker=" + id, nil, 400,
			"version_marker param requires marker"},
		"delimiter of versions": {http.MethodGet, c + "?versions&delimiter=1", nil, 400, "invalid delimiter param"},
	} {
		a := s.call(tt.method, tt.path, nil, tt.h)
		if a.Status != tt.status || !strings.Contains(string(a.Body), tt.text) {
			e.Errorf("%s: %d %q, want %d %q", what, a.Status, a.Body, tt.status, tt.text)
		}
	}
	a := s.want(http.StatusBadRequest, http.MethodPut, at(c, "object")+"?version-id="+id, []byte("content"), nil)
	a.contains(e, []byte("PUT version-id requests require a zero byte body"))
}

func TestObjectVersionsAreListedInParts(t *testing.T) {
	e := testlib.Start(t, testlib.ID("bc94b6a8-c9ee-4de5-8559-fd6c550c38da"), testlib.Services("object-store"),
		testlib.Extension("object-store", "object_versioning"), testlib.Credentials(testlib.ProjectOperator))
	s := operator(e)
	c := s.newVersioned()
	ids := map[string][]string{}
	for _, name := range []string{"a", "a", "b/c", "b/d", "e"} {
		ids[name] = append(ids[name], s.put(at(c, name), []byte(name), nil).Header.Get("X-Object-Version-Id"))
	}
	list := func(query string) string {
		var names []string
		a := s.get(c+"?versions&format=json&"+query, nil)
		for _, v := range read[[]struct{ Name, Subdir string }](e, a) {
			names = append(names, v.Name+v.Subdir)
		}
		return strings.Join(names, " ")
	}
	for query, want := range map[string]string{
		"": "a a b/c b/d e", "limit=3": "a a b/c", "prefix=b": "b/c b/d", "marker=a": "b/c b/d e",
		"marker=a&version_marker=" + ids["a"][1]: "a b/c b/d e", "delimiter=/": "a a b/ e", "reverse=true": "e b/d b/c a a",
	} {
		if got := list(query); got != want {
			e.Errorf("?versions&%s lists %q, want %q", query, got, want)
		}
	}
}
