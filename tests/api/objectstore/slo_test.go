//go:build tempest

package objectstore_test

import (
	"bytes"
	"crypto/md5"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gotempest/tempest/testlib"
	"github.com/gotempest/tempest/testlib/data"
)

// minSegment is the least number of bytes of a segment that every object store takes. The last may be smaller.
const (
	minSegment   = 1 << 20
	smallSegment = 1 << 10
)

// segment is an element of the manifest of a static large object, as it is sent.
type segment struct {
	Path  string `json:"path,omitempty"`
	Etag  string `json:"etag,omitempty"`
	Size  int    `json:"size_bytes,omitempty"`
	Range string `json:"range,omitempty"`
	Data  string `json:"data,omitempty"`
}

// checksum is the Etag of an object with this content.
func checksum(content []byte) string {
	sum := md5.Sum(content)
	return hex.EncodeToString(sum[:])
}

// checksums is the Etag of a large object of these segments, quoted as in its header.
func checksums(segments ...string) string {
	return `"` + checksum([]byte(strings.Join(segments, ""))) + `"`
}

// largeObject is a static large object and its segments, all in one container.
type largeObject struct {
	container, name string
	segments        []segment
	content         []byte
}

// newSegments makes a container with two segments that differ, the second small.
func newSegments(e *testlib.Env) largeObject {
	e.Helper()
	s := operator(e)
	l := largeObject{container: s.newContainer(nil)}
	for i, size := range []int{minSegment, smallSegment} {
		content := data.Bytes(e.Rand(), size)
		path := at(l.container, "segment "+strconv.Itoa(i))
		s.put(path, content, nil)
		l.segments = append(l.segments, segment{
			Path: "/" + l.container + "/segment " + strconv.Itoa(i), Etag: checksum(content), Size: size,
		})
		l.content = append(l.content, content...)
	}
	return l
}

// newLargeObject makes a static large object of two segments.
func newLargeObject(e *testlib.Env) largeObject {
	e.Helper()
	l := newSegments(e)
	l.name = "large"
	operator(e).putManifest(at(l.container, l.name), l.segments)
	return l
}

func (l largeObject) path() string { return at(l.container, l.name) }

func (l largeObject) etag() string { return checksums(l.segments[0].Etag, l.segments[1].Etag) }

// putManifest makes a static large object.
func (s store) putManifest(path string, manifest []segment) answer {
	s.e.Helper()
	body, err := json.Marshal(manifest)
	if err != nil {
		s.e.Fatalf("writing the manifest: %v", err)
	}
	return s.want(http.StatusCreated, http.MethodPut, path+"?multipart-manifest=put", body, nil)
}

// read returns the body of an answer in JSON.
func read[T any](e *testlib.Env, a answer) T {
	e.Helper()
	var v T
	a.into(e, &v)
	return v
}

func TestStaticLargeObject(t *testing.T) {
	e := testlib.Start(t, testlib.ID("cc55a95a-f6a7-4a38-8914-193e50335ac4"), testlib.Services("object-store"),
		testlib.Extension("object-store", "slo"), testlib.Credentials(testlib.ProjectOperator))
	l := newLargeObject(e)

	e.Run("IsMade", func(e *testlib.Env) {
		a := operator(e).putManifest(at(l.container, "made"), l.segments)
		a.has(e, header{"Etag": l.etag()})
	}, testlib.ID("2c3f24a6-36e8-4711-9aa2-800ee1fc7b5b"))

	e.Run("IsDescribed", func(e *testlib.Env) {
		operator(e).head(l.path(), nil).has(e, header{
			"Etag": l.etag(), "Content-Length": strconv.Itoa(len(l.content)), "X-Static-Large-Object": "True",
			"Content-Type": "application/octet-stream", "Accept-Ranges": "bytes",
		})
	}, testlib.ID("e69ad766-e1aa-44a2-bdd2-bf62c09c1456"))

	e.Run("IsRead", func(e *testlib.Env) {
		a := operator(e).get(l.path(), nil)
		a.has(e, header{"Etag": l.etag(), "X-Static-Large-Object": "True"})
		a.contains(e, l.content)
	}, testlib.ID("49bc49bc-dd1b-4c0f-904e-d9f10b830ee8"))

	e.Run("IsReadInPart", func(e *testlib.Env) { staticInPart(e, l) }, testlib.ID("1baa7317-d10f-477a-b4b7-c69598800f62"))

	e.Run("IsReadOnCondition", func(e *testlib.Env) {
		s := operator(e)
		s.want(http.StatusNotModified, http.MethodGet, l.path(), nil, header{"If-None-Match": l.etag()})
		s.want(http.StatusPreconditionFailed, http.MethodGet, l.path(), nil, header{"If-Match": `"another"`})
		s.want(http.StatusOK, http.MethodHead, l.path(), nil, header{"If-Match": l.etag()})
		s.want(http.StatusOK, http.MethodHead, l.path(), nil, header{"If-None-Match": `"another"`})
	}, testlib.ID("245ed968-542a-468a-b327-f96e46e82ce2"))

	e.Run("ManifestIsRead", func(e *testlib.Env) { checkManifest(e, l) },
		testlib.ID("7a3bc0d0-b31d-443b-b826-968dd060aaee"))

	e.Run("IsListedWithItsSize", func(e *testlib.Env) {
		type item struct {
			Name  string
			Bytes int
			Etag  string `json:"slo_etag"`
			Type  string `json:"content_type"`
		}
		a := operator(e).get(at(l.container)+query("format", "json", "prefix", l.name), nil)
		want := []item{{l.name, len(l.content), l.etag(), "application/octet-stream"}}
		if diff := cmp.Diff(want, read[[]item](e, a)); diff != "" {
			e.Errorf("listing mismatch (-want +got):\n%s", diff)
		}
	}, testlib.ID("a4f1f74c-38fa-4000-9a7e-6043f93a8dad"))

	e.Run("IsCopiedToAPlainObject", func(e *testlib.Env) {
		s := operator(e)
		s.want(http.StatusCreated, "COPY", l.path(), nil, header{"Destination": at(l.container, "plain")})
		a := s.get(at(l.container, "plain"), nil)
		a.has(e, header{"X-Static-Large-Object": "", "Etag": checksum(l.content)})
		a.contains(e, l.content)
	}, testlib.ID("afb421a3-044e-4117-9712-e820a51160cb"))

	e.Run("ManifestIsCopied", func(e *testlib.Env) {
		s := operator(e)
		s.want(http.StatusCreated, "COPY", l.path()+"?multipart-manifest=get", nil,
			header{"Destination": at(l.container, "copy")})
		a := s.get(at(l.container, "copy"), nil)
		a.has(e, header{"X-Static-Large-Object": "True", "Etag": l.etag()})
		a.contains(e, l.content)
	}, testlib.ID("22c10f17-cc65-4cdc-9b27-ffab1f7e5171"))

	e.Run("MetadataAreChanged", func(e *testlib.Env) {
		s := operator(e)
		s.want(http.StatusAccepted, http.MethodPost, l.path(), nil, header{"X-Object-Meta-Colour": "red"})
		s.head(l.path(), nil).has(e, header{
			"X-Object-Meta-Colour": "red", "X-Static-Large-Object": "True", "Etag": l.etag(),
			"Content-Length": strconv.Itoa(len(l.content)),
		})
	}, testlib.ID("4388cf31-6516-4d90-8e12-f36780248eb9"))
}

// staticInPart reads ranges of a large object.
func staticInPart(e *testlib.Env, l largeObject) {
	e.Helper()
	s := operator(e)
	end := len(l.content)
	for what, tt := range map[string]struct {
		want []byte
		at   string
	}{
		"bytes=10-19":           {l.content[10:20], "bytes 10-19"},
		"bytes=1048570-1048581": {l.content[minSegment-6 : minSegment+6], "bytes 1048570-1048581"},
		"bytes=-5":              {l.content[end-5:], "bytes 1049595-1049599"},
		"bytes=1048576-":        {l.content[minSegment:], "bytes 1048576-1049599"},
	} {
		a := s.want(http.StatusPartialContent, http.MethodGet, l.path(), nil, header{"Range": what})
		a.has(e, header{"Content-Range": tt.at + "/" + strconv.Itoa(end), "Etag": l.etag()})
		a.contains(e, tt.want)
	}
	s.want(http.StatusRequestedRangeNotSatisfiable, http.MethodGet, l.path(), nil, header{"Range": "bytes=2000000-"})
}

// checkManifest reads the manifest of a large object in both of its forms.
func checkManifest(e *testlib.Env, l largeObject) {
	e.Helper()
	s := operator(e)
	type part struct {
		Name, Hash string
		Bytes      int
		Type       string `json:"content_type"`
		Modified   string `json:"last_modified"`
	}
	a := s.get(l.path()+"?multipart-manifest=get", nil)
	a.has(e, header{"Content-Type": "application/json; charset=utf-8", "X-Static-Large-Object": "True"})
	got := read[[]part](e, a)
	var want []part
	for i, p := range l.segments {
		if len(got) > i && got[i].Modified == "" {
			e.Errorf("segment %d has no date", i)
		}
		want = append(want, part{Name: p.Path, Hash: p.Etag, Bytes: p.Size, Type: "application/octet-stream"})
	}
	for i := range got {
		got[i].Modified = ""
	}
	if diff := cmp.Diff(want, got); diff != "" {
		e.Errorf("manifest mismatch (-want +got):\n%s", diff)
	}

	a = s.get(l.path()+"?multipart-manifest=get&format=raw", nil)
	a.has(e, header{"Etag": checksum(a.Body)})
	if diff := cmp.Diff(l.segments, read[[]segment](e, a)); diff != "" {
		e.Errorf("raw manifest mismatch (-want +got):\n%s", diff)
	}
}

func TestStaticLargeObjectIsDeletedWithItsSegments(t *testing.T) {
	e := testlib.Start(t, testlib.ID("87b6dfa1-abe9-404d-8bf0-6c3751e6aa77"), testlib.Services("object-store"),
		testlib.Extension("object-store", "slo"), testlib.Credentials(testlib.ProjectOperator))
	s, l := operator(e), newLargeObject(e)

	a := s.want(http.StatusOK, http.MethodDelete, l.path()+"?multipart-manifest=delete", nil,
		header{"Accept": "application/json"})

	got := read[bulkResult](e, a)
	want := bulkResult{Status: "200 OK", Deleted: 3, Errors: [][]string{}}
	if diff := cmp.Diff(want, got); diff != "" {
		e.Errorf("result mismatch (-want +got):\n%s", diff)
	}
	s.want(http.StatusNoContent, http.MethodHead, l.container, nil, nil).has(e, header{"X-Container-Object-Count": "0"})
}

func TestStaticLargeObjectSegmentsStay(t *testing.T) {
	e := testlib.Start(t, testlib.ID("338ef14f-4ab3-4c6a-b52a-5809c07ad330"), testlib.Services("object-store"),
		testlib.Extension("object-store", "slo"), testlib.Credentials(testlib.ProjectOperator))
	s, l := operator(e), newLargeObject(e)

	s.remove(l.path())
	s.want(http.StatusNoContent, http.MethodHead, l.container, nil, nil).has(e, header{"X-Container-Object-Count": "2"})

	s.putManifest(l.path(), l.segments)
	s.put(l.path(), []byte("plain"), nil)
	a := s.get(l.path(), nil)
	a.has(e, header{"X-Static-Large-Object": ""})
	a.contains(e, []byte("plain"))
	s.want(http.StatusNoContent, http.MethodHead, l.container, nil, nil).has(e, header{"X-Container-Object-Count": "3"})
}

func TestStaticLargeObjectOfOddSegments(t *testing.T) {
	e := testlib.Start(t, testlib.ID("b581d36f-3fda-49f2-8cd8-c63d3ae28fc1"), testlib.Services("object-store"),
		testlib.Extension("object-store", "slo"), testlib.Credentials(testlib.ProjectOperator))
	l := newLargeObject(e)
	first, second := l.segments[0], l.segments[1]

	e.Run("Ranges", func(e *testlib.Env) {
		s, path := operator(e), at(l.container, "ranges")
		s.putManifest(path, []segment{
			{Path: first.Path, Range: "100-199"}, {Path: second.Path, Range: "-10"}, {Path: first.Path, Range: "1048575-"},
		})
		a := s.get(path, nil)
		a.has(e, header{"Etag": checksums(first.Etag+":100-199;", second.Etag+":1014-1023;", first.Etag+":1048575-1048575;")})
		a.contains(e, bytes.Join([][]byte{
			l.content[100:200], l.content[len(l.content)-10:], l.content[minSegment-1 : minSegment],
		}, nil))
		a = s.want(http.StatusPartialContent, http.MethodGet, path, nil, header{"Range": "bytes=95-104"})
		a.contains(e, append(bytes.Clone(l.content[195:200]), l.content[len(l.content)-10:len(l.content)-5]...))
	}, testlib.ID("d1f05f46-7c9a-419e-b44d-d8535aea5f42"))

	e.Run("InlineData", func(e *testlib.Env) {
		s, path, text := operator(e), at(l.container, "inline"), []byte("in the manifest")
		s.putManifest(path, []segment{
			{Data: base64.StdEncoding.EncodeToString(text)}, {Path: second.Path},
		})
		a := s.get(path, nil)
		a.has(e, header{"Etag": checksums(checksum(text), second.Etag)})
		a.contains(e, append(bytes.Clone(text), l.content[minSegment:]...))
	}, testlib.ID("c4566820-81fb-471e-83d7-699f06c0d84f"))

	e.Run("LargeObjects", func(e *testlib.Env) {
		s, path := operator(e), at(l.container, "nested")
		s.putManifest(path, []segment{{Path: "/" + l.container + "/" + l.name}, {Path: second.Path}})
		s.get(path, nil).contains(e, append(bytes.Clone(l.content), l.content[minSegment:]...))
		a := s.want(http.StatusPartialContent, http.MethodGet, path, nil, header{"Range": "bytes=1049590-1049609"})
		a.contains(e, append(bytes.Clone(l.content[1049590:]), l.content[minSegment:minSegment+10]...))
		parts := read[[]struct {
			Name  string
			Large bool `json:"sub_slo"`
		}](e, s.get(path+"?multipart-manifest=get", nil))
		if len(parts) != 2 || !parts[0].Large || parts[1].Large {
			e.Errorf("manifest = %+v, want the first of two to be a large object", parts)
		}
	}, testlib.ID("1a899f1c-55f3-4e5e-aaa9-8c46d9bd02aa"))

	e.Run("SegmentsOfAnotherContainer", func(e *testlib.Env) {
		s := operator(e)
		other := s.newContainer(nil)
		s.putManifest(at(other, "far"), l.segments)
		s.get(at(other, "far"), nil).contains(e, l.content)
	}, testlib.ID("44976769-b455-4cf0-b6c1-78d00f66d3c4"))

	e.Run("NoConditions", func(e *testlib.Env) {
		s, path := operator(e), at(l.container, "loose")
		s.putManifest(path, []segment{{Path: first.Path}, {Path: second.Path}})
		s.get(path, nil).contains(e, l.content)
	}, testlib.ID("a265797a-c351-4b9b-b830-6e6b5fd9ef4c"))
}

func TestStaticLargeObjectWithLostSegments(t *testing.T) {
	e := testlib.Start(t, testlib.ID("bcac4d17-d32d-4f47-ab4e-cfbb57b85f7e"), testlib.Services("object-store"),
		testlib.Negative, testlib.Extension("object-store", "slo"), testlib.Credentials(testlib.ProjectOperator))
	s, l := operator(e), newLargeObject(e)
	first := at(l.container, "segment 0")

	s.put(first, data.Bytes(e.Rand(), minSegment), nil)
	s.want(http.StatusConflict, http.MethodGet, l.path(), nil, nil)

	s.remove(first)
	s.want(http.StatusConflict, http.MethodGet, l.path(), nil, nil)
	s.head(l.path(), nil).has(e, header{"Etag": l.etag()})
	s.want(http.StatusPartialContent, http.MethodGet, l.path(), nil, header{"Range": "bytes=1048576-"}).
		contains(e, l.content[minSegment:])
}

func TestStaticLargeObjectWithItsEtag(t *testing.T) {
	e := testlib.Start(t, testlib.ID("90996331-33c7-40c9-a6aa-03d530ff4bc2"), testlib.Services("object-store"),
		testlib.Negative, testlib.Extension("object-store", "slo"), testlib.Credentials(testlib.ProjectOperator))
	s, l := operator(e), newSegments(e)
	body, err := json.Marshal(l.segments)
	if err != nil {
		e.Fatalf("writing the manifest: %v", err)
	}
	path := at(l.container, "large")
	put := func(etag string) answer {
		return s.call(http.MethodPut, path+"?multipart-manifest=put", body, header{"Etag": etag})
	}

	if a := put(checksum(l.content)); a.Status != http.StatusUnprocessableEntity {
		e.Errorf("making it with a wrong Etag: status %d, want 422", a.Status)
	}
	s.want(http.StatusNotFound, http.MethodHead, path, nil, nil)
	if a := put(l.etag()); a.Status != http.StatusCreated {
		e.Errorf("making it with the right Etag: status %d, want 201", a.Status)
	}
}

func TestStaticLargeObjectKeepsTheClientWaiting(t *testing.T) {
	e := testlib.Start(t, testlib.ID("8ea38a0c-ca5f-43ca-9cc2-8cb46911118b"), testlib.Services("object-store"),
		testlib.Extension("object-store", "slo"), testlib.Credentials(testlib.ProjectOperator))
	s, l := operator(e), newSegments(e)
	path := at(l.container, "large") + "?multipart-manifest=put&heartbeat=on"
	type result struct {
		Status string `json:"Response Status"`
		Etag   string
		Errors [][]string
	}
	for what, tt := range map[string]struct {
		manifest []segment
		want     result
	}{
		"all there": {l.segments, result{"201 Created", l.etag(), [][]string{}}},
		"one lost": {[]segment{{Path: "/" + l.container + "/none"}}, result{"400 Bad Request", "",
			[][]string{{"/" + l.container + "/none", "404 Not Found"}}}},
	} {
		body, err := json.Marshal(tt.manifest)
		if err != nil {
			e.Fatalf("writing the manifest: %v", err)
		}
		a, err := s.send(e.Context(), http.MethodPut, path, body, header{"Accept": "application/json"})
		if err != nil || a.Status != http.StatusAccepted {
			e.Fatalf("%s: status %d: %v, want 202", what, a.Status, err)
		}
		if !bytes.HasPrefix(a.Body, []byte(" ")) {
			e.Errorf("%s: the body does not begin with a space", what)
		}
		if diff := cmp.Diff(tt.want, read[result](e, a)); diff != "" {
			e.Errorf("%s: result mismatch (-want +got):\n%s", what, diff)
		}
	}
}

func TestStaticLargeObjectManifestsAreRefused(t *testing.T) {
	e := testlib.Start(t, testlib.ID("fd0de134-9b52-4137-9e33-66b1fbcfa817"), testlib.Services("object-store"),
		testlib.Negative, testlib.Extension("object-store", "slo"), testlib.Credentials(testlib.ProjectOperator))
	s, c := operator(e), ""
	c = s.newContainer(nil)
	s.put(at(c, "small"), []byte("small"), nil)
	one := "/" + c + "/small"

	for what, tt := range map[string]struct {
		manifest string
		want     string
	}{
		"no JSON":          {`nonsense`, "Manifest must be valid JSON.\n"},
		"no list":          {`{"path": "` + one + `"}`, "Manifest must be a list.\n"},
		"no object":        {`["` + one + `"]`, "Index 0: not a JSON object\n"},
		"another key":      {`[{"path": "` + one + `", "colour": "red"}]`, "Index 0: extraneous keys \"colour\"\n"},
		"path of a number": {`[{"path": 1}]`, "Index 0: \"path\" must be a string\n"},
		"path of no object": {`[{"path": "/` + c + `"}]`, "Index 0: path does not refer to an object. " +
			"Path must be of the form /container/object.\n"},
		"etag of a number": {`[{"path": "` + one + `", "etag": 1}]`,
			"Index 0: \"etag\" must be a string or null (if provided)\n"},
		"size that is none": {`[{"path": "` + one + `", "size_bytes": "big"}]`, "Index 0: invalid size_bytes\n"},
		"size of nothing": {`[{"path": "` + one + `", "size_bytes": 0}, {"path": "` + one + `"}]`,
			"Index 0: too small; each segment must be at least 1 byte.\n"},
		"itself":             {`[{"path": "/` + c + `/large"}]`, "Index 0: manifest must not include itself as a segment\n"},
		"range that is none": {`[{"path": "` + one + `", "range": "b-a"}]`, "Index 0: invalid range\n"},
		"two ranges": {`[{"path": "` + one + `", "range": "0-1,3-4"}]`,
			"Index 0: multiple ranges (only one allowed)\n"},
		"range outside": {`[{"path": "` + one + `", "size_bytes": 5, "range": "7-9"}]`, "Index 0: unsatisfiable range\n"},
		"data of no base64": {`[{"data": "***"}]`, "Index 0: data must be valid base64\nInline data segments " +
			"require at least one object-backed segment.\n"},
		"data alone":     {`[{"data": "eA=="}]`, "Inline data segments require at least one object-backed segment.\n"},
		"several":        {`["x", {"path": 2}]`, "Index 0: not a JSON object\nIndex 1: \"path\" must be a string\n"},
		"no such object": {`[{"path": "/` + c + `/none"}]`, "Errors:\n/" + c + "/none, 404 Not Found\n"},
		"another size":   {`[{"path": "` + one + `", "size_bytes": 6}]`, "Errors:\n" + one + ", Size Mismatch\n"},
		"another etag":   {`[{"path": "` + one + `", "etag": "x"}]`, "Errors:\n" + one + ", Etag Mismatch\n"},
		"range behind":   {`[{"path": "` + one + `", "range": "7-9"}]`, "Errors:\n" + one + ", Unsatisfiable Range\n"},
	} {
		a := s.want(http.StatusBadRequest, http.MethodPut, at(c, "large")+"?multipart-manifest=put", []byte(tt.manifest), nil)
		if got := string(a.Body); got != tt.want {
			e.Errorf("%s is refused with %q, want %q", what, got, tt.want)
		}
	}
	s.want(http.StatusNotFound, http.MethodHead, at(c, "large"), nil, nil)
}

func TestStaticLargeObjectNeedsAManifest(t *testing.T) {
	e := testlib.Start(t, testlib.ID("85a0533b-6606-49ee-a5be-09ec5efbc3c3"), testlib.Services("object-store"),
		testlib.Negative, testlib.Extension("object-store", "slo"), testlib.Credentials(testlib.ProjectOperator))
	s := operator(e)
	c := s.newContainer(nil)
	s.put(at(c, "plain"), []byte("plain"), nil)

	a := s.want(http.StatusBadRequest, http.MethodPut, at(c, "large"), nil, header{"X-Static-Large-Object": "True"})
	if !bytes.Contains(a.Body, []byte("X-Static-Large-Object is a reserved header")) {
		e.Errorf("a reserved header is refused with %q", a.Body)
	}
	s.want(http.StatusBadRequest, http.MethodPut, at(c, "large")+"?multipart-manifest=put", nil,
		header{"X-Copy-From": at(c, "plain")})

	a = s.want(http.StatusOK, http.MethodDelete, at(c, "plain")+"?multipart-manifest=delete", nil,
		header{"Accept": "application/json"})
	got := read[bulkResult](e, a)
	want := bulkResult{Status: "400 Bad Request", Errors: [][]string{{"/" + at(c, "plain"), "Not an SLO manifest"}}}
	if diff := cmp.Diff(want, got); diff != "" {
		e.Errorf("result of deleting a plain object as a large one (-want +got):\n%s", diff)
	}
	s.head(at(c, "plain"), nil)

	a = s.want(http.StatusOK, http.MethodDelete, at(c, "none")+"?multipart-manifest=delete", nil,
		header{"Accept": "application/json"})
	if got := read[bulkResult](e, a); got.Missing != 1 {
		e.Errorf("deleting what is not there found %d missing, want 1", got.Missing)
	}
}
