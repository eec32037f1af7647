//go:build tempest

package objectstore_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gotempest/tempest/testlib"
)

// link makes a link to an object. target is its path, escaped.
func (s store) link(path, target string, h header) {
	s.e.Helper()
	with := header{"X-Symlink-Target": target}
	for name, value := range h {
		with[name] = value
	}
	s.put(path, nil, with)
}

// linkItem is an object of a listing that may be a link.
type linkItem struct {
	Name   string
	Bytes  int
	Type   string `json:"content_type"`
	Target string `json:"symlink_path"`
	Etag   string `json:"symlink_etag"`
	Length int    `json:"symlink_bytes"`
}

func TestLink(t *testing.T) {
	e := testlib.Start(t, testlib.ID("77bdc7f7-c8b9-4dd7-b128-382a143eb7ac"), testlib.Services("object-store"),
		testlib.Extension("object-store", "symlink"), testlib.Credentials(testlib.ProjectOperator))
	s := operator(e)
	c := s.newContainer(nil)
	_, content := s.newObject(c, nil)
	s.put(at(c, "a target"), content, header{"X-Object-Meta-Colour": "red", "Content-Type": "text/x-poem"})
	target, link := at(c, "a target"), at(c, "link")
	s.link(link, target, header{"X-Object-Meta-Size": "small"})
	there := s.path() + "/" + target

	e.Run("IsFollowed", func(e *testlib.Env) {
		s := operator(e)
		want := header{
			"Content-Location": there, "X-Object-Meta-Colour": "red", "X-Object-Meta-Size": "",
			"Etag": checksum(content), "Content-Type": "text/x-poem",
		}
		a := s.get(link, nil)
		a.has(e, want)
		a.contains(e, content)
		s.head(link, nil).has(e, want)
		s.want(http.StatusPartialContent, http.MethodGet, link, nil, header{"Range": "bytes=2-4"}).
			contains(e, content[2:5])
	}, testlib.ID("d75c627b-2623-4fd3-8c72-17387f48628e"))

	e.Run("IsReadItself", func(e *testlib.Env) {
		a := operator(e).get(link+"?symlink=get", nil)
		a.has(e, header{
			"X-Symlink-Target": target, "X-Object-Meta-Size": "small", "X-Object-Meta-Colour": "",
			"Content-Type": "application/symlink", "Content-Length": "0", "Etag": checksum(nil), "Content-Location": "",
		})
		a.contains(e, nil)
	}, testlib.ID("bba30061-8c22-4e8d-9b7d-c8042c965c30"))

	e.Run("IsListed", func(e *testlib.Env) { linkListed(e, c, there) }, testlib.ID("71653ec8-603e-4849-a02f-32aa0908c958"))

	e.Run("IsCopiedAsItsTarget", func(e *testlib.Env) {
		s := operator(e)
		s.want(http.StatusCreated, "COPY", link, nil, header{"Destination": at(c, "copy")})
		a := s.get(at(c, "copy")+"?symlink=get", nil)
		a.has(e, header{"X-Symlink-Target": ""})
		a.contains(e, content)
	}, testlib.ID("327574a6-6bb4-49d6-99ca-7d78e6085404"))

	e.Run("IsCopiedItself", func(e *testlib.Env) {
		s := operator(e)
		s.want(http.StatusCreated, "COPY", link+"?symlink=get", nil, header{"Destination": at(c, "second link")})
		s.head(at(c, "second link")+"?symlink=get", nil).has(e, header{"X-Symlink-Target": target})
		s.get(at(c, "second link"), nil).contains(e, content)
	}, testlib.ID("57124d08-cf88-4eb9-b754-75c5377e9eac"))

	e.Run("PostIsForItself", func(e *testlib.Env) { postToLink(e, link, target, there) },
		testlib.ID("9eacbf63-f105-4988-a15b-5bdf319f5d81"))

	e.Run("IsDeletedItself", func(e *testlib.Env) {
		s := operator(e)
		s.link(at(c, "to delete"), target, nil)
		s.remove(at(c, "to delete"))
		s.want(http.StatusNotFound, http.MethodHead, at(c, "to delete"), nil, nil)
		s.head(target, nil)
	}, testlib.ID("57f942bf-eb37-44d7-9337-7cc6ebc8f0d3"))

	e.Run("IsOverwritten", func(e *testlib.Env) {
		s := operator(e)
		s.link(at(c, "over"), target, nil)
		s.put(at(c, "over"), []byte("over"), nil)
		a := s.get(at(c, "over"), nil)
		a.has(e, header{"Content-Location": ""})
		a.contains(e, []byte("over"))
		s.get(target, nil).contains(e, content)
	}, testlib.ID("bbd1dce2-cee9-4e65-bfc6-3a00e5e1a068"))

	e.Run("OfALink", func(e *testlib.Env) { linkOfALink(e, c, link, there, content) },
		testlib.ID("fb25c879-c228-48fb-80fe-3a1e883d53e2"))

	e.Run("ToNothing", func(e *testlib.Env) { linkToNothing(e, c) },
		testlib.ID("a1e2cb86-d69d-4a76-b1cc-a46cb40e292f"), testlib.Negative)

	e.Run("Refused", func(e *testlib.Env) { refusedLinks(e, c, target) },
		testlib.ID("6e093d3b-9460-4209-8a62-3b41df233ba3"), testlib.Negative)
}

// linkListed looks at the line of a link to there in a listing.
func linkListed(e *testlib.Env, c, there string) {
	e.Helper()
	a := operator(e).get(c+query("format", "json", "prefix", "link"), nil)
	want := []linkItem{{Name: "link", Type: "application/symlink", Target: there}}
	if diff := cmp.Diff(want, read[[]linkItem](e, a)); diff != "" {
		e.Errorf("listing mismatch (-want +got):\n%s", diff)
	}
}

// postToLink changes the metadata of a link.
func postToLink(e *testlib.Env, link, target, there string) {
	e.Helper()
	s := operator(e)
	a := s.want(http.StatusTemporaryRedirect, http.MethodPost, link, nil, header{"X-Object-Meta-Size": "tiny"})
	a.has(e, header{"Location": there})
	s.head(link+"?symlink=get", nil).has(e, header{"X-Object-Meta-Size": "tiny"})
	s.head(target, nil).has(e, header{"X-Object-Meta-Size": "", "X-Object-Meta-Colour": "red"})
	s.want(http.StatusBadRequest, http.MethodPost, link, nil, header{"X-Symlink-Target": target}).
		contains(e, []byte("A PUT request is required to set a symlink target"))
}

// linkOfALink follows links to links.
func linkOfALink(e *testlib.Env, c, link, there string, content []byte) {
	e.Helper()
	s := operator(e)
	s.link(at(c, "two"), link, nil)
	s.link(at(c, "three"), at(c, "two"), nil)
	a := s.get(at(c, "two"), nil)
	a.has(e, header{"Content-Location": there})
	a.contains(e, content)
	a = s.want(http.StatusConflict, http.MethodGet, at(c, "three"), nil, nil)
	a.contains(e, []byte("Too many levels of symbolic links, maximum allowed is 2"))
	s.want(http.StatusConflict, http.MethodHead, at(c, "three"), nil, nil)
}

// linkToNothing follows a link before there is what it leads to.
func linkToNothing(e *testlib.Env, c string) {
	e.Helper()
	s := operator(e)
	s.link(at(c, "dangling"), at(c, "none"), nil)
	a := s.want(http.StatusNotFound, http.MethodGet, at(c, "dangling"), nil, nil)
	a.has(e, header{"Content-Location": s.path() + "/" + at(c, "none")})
	s.head(at(c, "dangling")+"?symlink=get", nil)
	s.put(at(c, "none"), []byte("at last"), nil)
	s.get(at(c, "dangling"), nil).contains(e, []byte("at last"))
}

// refusedLinks tries to make links that cannot be.
func refusedLinks(e *testlib.Env, c, target string) {
	e.Helper()
	s := operator(e)
	const form = "X-Symlink-Target header must be of the form <container name>/<object name>"
	for what, tt := range map[string]struct {
		target, etag string
		content      string
		status       int
		text         string
	}{
		"with content":     {target, "", "x", 400, "Symlink requests require a zero byte body"},
		"to itself":        {at(c, "refused"), "", "", 400, "Symlink cannot target itself"},
		"to a container":   {c, "", "", 412, form},
		"with a slash":     {"/" + target, "", "", 412, form},
		"of an odd etag":   {target, `a;b`, "", 400, "Bad X-Symlink-Target-Etag format"},
		"of another etag":  {target, "wrong", "", 409, ""},
		"fixed to nothing": {at(c, "nothing"), "wrong", "", 409, "X-Symlink-Target does not exist"},
	} {
		h := header{"X-Symlink-Target": tt.target}
		if tt.etag != "" {
			h["X-Symlink-Target-Etag"] = tt.etag
		}
		a := s.call(http.MethodPut, at(c, "refused"), []byte(tt.content), h)
		if a.Status != tt.status || !strings.Contains(string(a.Body), tt.text) {
			e.Errorf("%s: %d %q, want %d %q", what, a.Status, a.Body, tt.status, tt.text)
		}
	}
	s.want(http.StatusNotFound, http.MethodHead, at(c, "refused"), nil, nil)
}

func TestLinkThatIsFixed(t *testing.T) {
	e := testlib.Start(t, testlib.ID("f61c6b34-2f7f-4d61-abba-7c390b7317dd"), testlib.Services("object-store"),
		testlib.Extension("object-store", "symlink"), testlib.Credentials(testlib.ProjectOperator))
	s := operator(e)
	c := s.newContainer(nil)
	target, link, content := at(c, "target"), at(c, "link"), []byte("content")
	s.put(target, content, header{"Content-Type": "text/x-poem"})

	s.link(link, target, header{"X-Symlink-Target-Etag": checksum(content)})

	s.get(link, nil).contains(e, content)
	s.head(link+"?symlink=get", nil).has(e, header{
		"X-Symlink-Target": target, "X-Symlink-Target-Etag": checksum(content), "X-Symlink-Target-Bytes": "7",
		"Content-Type": "text/x-poem",
	})
	want := []linkItem{{
		Name: "link", Type: "text/x-poem", Target: s.path() + "/" + target, Etag: checksum(content), Length: 7,
	}}
	a := s.get(c+query("format", "json", "prefix", "link"), nil)
	if diff := cmp.Diff(want, read[[]linkItem](e, a)); diff != "" {
		e.Errorf("listing mismatch (-want +got):\n%s", diff)
	}

	s.put(target, []byte("other"), nil)
	a = s.want(http.StatusConflict, http.MethodGet, link, nil, nil)
	a.has(e, header{"Content-Location": s.path() + "/" + target})
	a.contains(e, []byte("Object Etag '"+checksum([]byte("other"))+"' does not match X-Symlink-Target-Etag header '"+
		checksum(content)+"'"))
}

func TestLinkToAnotherAccount(t *testing.T) {
	e := testlib.Start(t, testlib.ID("9f19c117-0466-473a-b7b1-73ebdf0c0f41"), testlib.Services("object-store"),
		testlib.Extension("object-store", "symlink"),
		testlib.Credentials(testlib.ProjectOperator, testlib.AltOperator))
	mine, theirs := operator(e), storeOf(e, testlib.AltOperator)
	far, near := theirs.newContainer(nil), mine.newContainer(nil)
	name, content := theirs.newObject(far, nil)
	mine.link(at(near, "link"), at(far, name), header{"X-Symlink-Target-Account": theirs.name()})

	mine.want(http.StatusForbidden, http.MethodGet, at(near, "link"), nil, nil)
	theirs.want(http.StatusNoContent, http.MethodPost, far, nil,
		header{"X-Container-Read": e.Credential(testlib.ProjectOperator).ProjectID + ":*"})
	a := mine.get(at(near, "link"), nil)
	a.has(e, header{"Content-Location": theirs.path() + "/" + at(far, name)})
	a.contains(e, content)
	mine.head(at(near, "link")+"?symlink=get", nil).has(e, header{
		"X-Symlink-Target": at(far, name), "X-Symlink-Target-Account": theirs.name(),
	})
}

func TestLinkToALargeObject(t *testing.T) {
	e := testlib.Start(t, testlib.ID("fdd11ded-ea07-472c-b98a-061f039a9b16"), testlib.Services("object-store"),
		testlib.Extension("object-store", "symlink", "slo"), testlib.Credentials(testlib.ProjectOperator))
	s, l := operator(e), newLargeObject(e)
	d := newSeries(e)
	dynamic := d.newDynamic(s, "large")

	s.link(at(l.container, "link"), l.path(), nil)
	a := s.get(at(l.container, "link"), nil)
	a.has(e, header{"Etag": l.etag(), "X-Static-Large-Object": "True"})
	a.contains(e, l.content)

	s.link(at(l.container, "fixed"), l.path(),
		header{"X-Symlink-Target-Etag": s.head(l.path(), nil).Header.Get("X-Manifest-Etag")})
	s.get(at(l.container, "fixed"), nil).contains(e, l.content)

	s.link(at(d.container, "link"), dynamic, nil)
	s.get(at(d.container, "link"), nil).contains(e, d.content)
}
