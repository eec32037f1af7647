//go:build tempest

package objectstore_test

import (
	"bytes"
	"net/http"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gotempest/tempest/testlib"
	"github.com/gotempest/tempest/testlib/data"
)

// series are objects whose names begin alike, of which dynamic large objects are made.
type series struct {
	container, prefix string
	content           []byte
	etag              string // of a large object of all of them
}

// newSeries makes a container with two objects in a series.
func newSeries(e *testlib.Env) series {
	e.Helper()
	s := operator(e)
	d := series{container: s.newContainer(nil), prefix: "part of it/"}
	var sums []string
	for i := range 2 {
		content := data.Bytes(e.Rand(), 150+i)
		s.put(at(d.container, d.prefix+strconv.Itoa(i)), content, nil)
		d.content = append(d.content, content...)
		sums = append(sums, checksum(content))
	}
	d.etag = checksums(sums...)
	return d
}

// manifest is the value of X-Object-Manifest for the series.
func (d series) manifest() string { return at(d.container, d.prefix) }

// newDynamic makes a dynamic large object of the series.
func (d series) newDynamic(s store, name string) string {
	s.e.Helper()
	path := at(d.container, name)
	s.put(path, nil, header{"X-Object-Manifest": d.manifest()})
	return path
}

func TestDynamicLargeObject(t *testing.T) {
	e := testlib.Start(t, testlib.ID("61653d41-a9d6-4eaf-94c9-2e1d76e66f58"), testlib.Services("object-store"),
		testlib.Credentials(testlib.ProjectOperator))
	d := newSeries(e)

	e.Run("IsDescribed", func(e *testlib.Env) {
		s := operator(e)
		s.head(d.newDynamic(s, "described"), nil).has(e, header{
			"X-Object-Manifest": d.manifest(), "Etag": d.etag, "Content-Length": strconv.Itoa(len(d.content)),
			"Accept-Ranges": "bytes", "Content-Type": "application/octet-stream",
		})
	}, testlib.ID("23a3674c-d6de-46c3-86af-ff92bfc8a3da"))

	e.Run("IsRead", func(e *testlib.Env) {
		s := operator(e)
		a := s.get(d.newDynamic(s, "read"), nil)
		a.has(e, header{"X-Object-Manifest": d.manifest(), "Etag": d.etag, "Accept-Ranges": "bytes"})
		a.contains(e, d.content)
	}, testlib.ID("11b4515b-7ba7-4ca8-8838-357ded86fc10"))

	e.Run("IsMadeOfAnObject", func(e *testlib.Env) {
		s, path := operator(e), at(d.container, "made")
		s.put(path, nil, nil)
		s.want(http.StatusAccepted, http.MethodPost, path, nil, header{"X-Object-Manifest": d.manifest()})
		s.head(path, nil).has(e, header{"X-Object-Manifest": d.manifest()})
	}, testlib.ID("08854588-6449-4bb7-8cca-f2e1040f5e6f"))

	e.Run("IsMadeAfterItsParts", func(e *testlib.Env) {
		s, path := operator(e), at(d.container, "later")
		s.put(path, nil, nil)
		s.want(http.StatusAccepted, http.MethodPost, path, nil, header{"X-Object-Manifest": d.manifest()})
		s.head(path, nil).has(e, header{"X-Object-Manifest": d.manifest(), "Etag": d.etag})
		s.get(path, nil).contains(e, d.content)
	}, testlib.ID("e3e6a64a-9f50-4955-b987-6ce6767c97fb"))

	e.Run("IsReadInPart", func(e *testlib.Env) { dynamicInPart(e, d) }, testlib.ID("2e5b6f9e-7c42-43f4-86b7-f6d774258ddf"))

	e.Run("IsReadOnCondition", func(e *testlib.Env) {
		s := operator(e)
		path := d.newDynamic(s, "conditions")
		s.want(http.StatusNotModified, http.MethodGet, path, nil, header{"If-None-Match": d.etag})
		s.want(http.StatusPreconditionFailed, http.MethodGet, path, nil, header{"If-Match": `"another"`})
		s.get(path, header{"If-Match": d.etag}).contains(e, d.content)
	}, testlib.ID("88713287-c535-4f2f-aad9-80dc36dbadd4"))

	e.Run("ManifestIsRead", func(e *testlib.Env) { dynamicManifest(e, d) },
		testlib.ID("90c33a6c-340c-4023-8a2b-af0b52dbe060"))

	e.Run("IsListedAsItsManifest", func(e *testlib.Env) { dynamicListed(e, d) },
		testlib.ID("a6c7290d-1388-4a8a-8dc2-f52db4b2a671"))

	e.Run("IsCopiedToAPlainObject", func(e *testlib.Env) {
		s, to := operator(e), at(d.container, "plain")
		s.want(http.StatusCreated, "COPY", d.newDynamic(s, "source"), nil, header{"Destination": to})
		a := s.get(to, nil)
		a.has(e, header{"X-Object-Manifest": "", "Etag": checksum(d.content)})
		a.contains(e, d.content)
	}, testlib.ID("76bdd9c8-0a25-4016-bd3e-705f66aa4e03"))

	e.Run("ManifestIsCopied", func(e *testlib.Env) {
		s, to := operator(e), at(d.container, "manifest copy")
		s.want(http.StatusCreated, "COPY", d.newDynamic(s, "source")+"?multipart-manifest=get", nil,
			header{"Destination": to})
		a := s.get(to, nil)
		a.has(e, header{"X-Object-Manifest": d.manifest(), "Etag": d.etag})
		a.contains(e, d.content)
	}, testlib.ID("f5ee6b56-2492-45a4-b117-97e3bb84a5c1"))

	e.Run("PartsOfAnotherContainer", func(e *testlib.Env) {
		s := operator(e)
		path := at(s.newContainer(nil), "far")
		s.put(path, nil, header{"X-Object-Manifest": d.manifest()})
		s.get(path, nil).contains(e, d.content)
	}, testlib.ID("09e93e58-25f0-4310-8ec9-d29f447e5cab"))
}

// dynamicInPart reads ranges of a large object.
func dynamicInPart(e *testlib.Env, d series) {
	e.Helper()
	s := operator(e)
	path := d.newDynamic(s, "ranges")
	for what, tt := range map[string]struct {
		want []byte
		at   string
	}{
		"bytes=140-159": {d.content[140:160], "bytes 140-159/301"},
		"bytes=150-":    {d.content[150:], "bytes 150-300/301"},
		"bytes=-3":      {d.content[298:], "bytes 298-300/301"},
	} {
		a := s.want(http.StatusPartialContent, http.MethodGet, path, nil, header{"Range": what})
		a.has(e, header{"Content-Range": tt.at, "Etag": d.etag})
		a.contains(e, tt.want)
	}
	a := s.want(http.StatusRequestedRangeNotSatisfiable, http.MethodGet, path, nil, header{"Range": "bytes=301-"})
	a.has(e, header{"Content-Range": "bytes */301"})
	s.get(path, header{"Range": "bytes=0-1,5-6"}).contains(e, d.content) // several ranges are ignored
}

// dynamicManifest reads what a manifest has itself.
func dynamicManifest(e *testlib.Env, d series) {
	e.Helper()
	s, path, text := operator(e), at(d.container, "manifest"), []byte("its own content")
	s.put(path, text, header{"X-Object-Manifest": d.manifest()})
	a := s.get(path+"?multipart-manifest=get", nil)
	a.has(e, header{"X-Object-Manifest": d.manifest(), "Etag": checksum(text)})
	a.contains(e, text)
	s.get(path, nil).contains(e, d.content)
}

// dynamicListed looks at the line of a large object in a listing.
func dynamicListed(e *testlib.Env, d series) {
	e.Helper()
	s := operator(e)
	d.newDynamic(s, "listed")
	type item struct {
		Name  string
		Bytes int
	}
	got := read[[]item](e, s.get(at(d.container)+query("format", "json", "prefix", "listed"), nil))
	if diff := cmp.Diff([]item{{"listed", 0}}, got); diff != "" {
		e.Errorf("listing mismatch (-want +got):\n%s", diff)
	}
}

func TestDynamicLargeObjectFollowsItsParts(t *testing.T) {
	e := testlib.Start(t, testlib.ID("96da2b61-048e-4d34-8704-a48bdd94268d"), testlib.Services("object-store"),
		testlib.Credentials(testlib.ProjectOperator))
	s, d := operator(e), newSeries(e)
	path := d.newDynamic(s, "large")

	s.put(at(d.container, d.prefix+"2"), []byte("more"), nil)
	s.get(path, nil).contains(e, append(bytes.Clone(d.content), "more"...))

	s.remove(at(d.container, d.prefix+"0"))
	s.get(path, nil).contains(e, append(bytes.Clone(d.content[150:]), "more"...))

	s.want(http.StatusAccepted, http.MethodPost, path, nil, header{"X-Object-Meta-Colour": "red"})
	a := s.want(http.StatusOK, http.MethodGet, path, nil, nil)
	a.has(e, header{"X-Object-Manifest": "", "X-Object-Meta-Colour": "red"})
	a.contains(e, nil)
}

func TestDynamicLargeObjectOfNothing(t *testing.T) {
	e := testlib.Start(t, testlib.ID("dfc25001-26ca-4da5-893c-bdb2ef13cf15"), testlib.Services("object-store"),
		testlib.Negative, testlib.Credentials(testlib.ProjectOperator))
	s := operator(e)
	c := s.newContainer(nil)

	s.put(at(c, "large"), []byte("own"), header{"X-Object-Manifest": c + "/none"})
	a := s.get(at(c, "large"), nil)
	a.has(e, header{"Content-Length": "0", "Etag": checksums()})
	a.contains(e, nil)

	s.put(at(c, "lost"), nil, header{"X-Object-Manifest": e.Name("container") + "/none"})
	s.want(http.StatusNotFound, http.MethodGet, at(c, "lost"), nil, nil)
}

func TestDynamicLargeObjectManifestsAreRefused(t *testing.T) {
	e := testlib.Start(t, testlib.ID("5808f292-2d58-495e-baae-403017eabafd"), testlib.Services("object-store"),
		testlib.Negative, testlib.Credentials(testlib.ProjectOperator))
	s := operator(e)
	c := s.newContainer(nil)

	for _, value := range []string{"container", "container/", "/prefix", "container//prefix", "c/prefix?a", "c/prefix&a"} {
		a := s.want(http.StatusBadRequest, http.MethodPut, at(c, "large"), nil, header{"X-Object-Manifest": value})
		if want := "X-Object-Manifest must be in the format container/prefix"; string(a.Body) != want {
			e.Errorf("%s is refused with %q, want %q", value, a.Body, want)
		}
	}
	s.want(http.StatusNotFound, http.MethodHead, at(c, "large"), nil, nil)
}
