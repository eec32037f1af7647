//go:build tempest

package objectstore_test

import (
	"bytes"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/gotempest/tempest/testlib"
)

// site is a container that anybody may read, and who is to look at it.
type site struct {
	e         *testlib.Env
	owner     store
	container string
}

// newSite makes a container that anybody may read, with metadata.
func newSite(e *testlib.Env, meta header) site {
	e.Helper()
	s := operator(e)
	h := header{"X-Container-Read": ".r:*,.rlistings"}
	for name, value := range meta {
		h["X-Container-Meta-"+name] = value
	}
	return site{e: e, owner: s, container: s.newContainer(h)}
}

// write puts pages into the site.
func (w site) write(files map[string]string) {
	w.e.Helper()
	for name, content := range files {
		w.owner.put(at(w.container, name), []byte(content), header{"Content-Type": "text/html"})
	}
}

// in is the same site for the calls of a subtest.
func (w site) in(e *testlib.Env) site {
	e.Helper()
	w.e, w.owner = e, operator(e)
	return w
}

// set changes metadata of the site.
func (w site) set(meta header) {
	w.e.Helper()
	h := header{}
	for name, value := range meta {
		h["X-Container-Meta-"+name] = value
	}
	w.owner.want(http.StatusNoContent, http.MethodPost, w.container, nil, h)
}

// visit has somebody without a token look at a page of the site.
func (w site) visit(status int, page string) answer {
	w.e.Helper()
	s := w.owner.anonymous()
	a, err := s.send(w.e.Context(), http.MethodGet, w.container+page, nil, nil)
	if err != nil {
		w.e.Fatal(err)
	}
	a.wellFormed(w.e, other)
	if a.Status != status {
		w.e.Fatalf("%s: status %d, want %d: %s", a.call, a.Status, status, a.Body)
	}
	return a
}

// shows fails the test unless a page has all these parts.
func (a answer) shows(e *testlib.Env, parts ...string) {
	e.Helper()
	for _, part := range parts {
		if !bytes.Contains(a.Body, []byte(part)) {
			e.Errorf("%s: the page has no %q:\n%s", a.call, part, a.Body)
		}
	}
}

func TestStaticWeb(t *testing.T) {
	e := testlib.Start(t, testlib.ID("91429558-27b0-4f9e-bc48-1f8d3895e269"), testlib.Services("object-store"),
		testlib.Extension("object-store", "staticweb"), testlib.Credentials(testlib.ProjectOperator))
	w := newSite(e, nil)
	w.write(map[string]string{"page": "front"})

	e.Run("Index", func(e *testlib.Env) {
		w := w.in(e)
		w.set(header{"Web-Index": "page"})
		a := w.visit(http.StatusOK, "/")
		a.wellFormed(e, object)
		a.contains(e, []byte("front"))
		w.set(header{"Web-Index": ""})
		w.owner.want(http.StatusNoContent, http.MethodHead, w.container, nil, nil).
			has(e, header{"X-Container-Meta-Web-Index": ""})
	}, testlib.ID("c1f055ab-621d-4a6a-831f-846fcb578b8b"))

	e.Run("Listing", func(e *testlib.Env) {
		w := w.in(e)
		w.set(header{"Web-Listings": "true"})
		if list := w.owner.get(w.container, nil).lines(); !slices.Contains(list, "page") { // as ever, for who has a token
			e.Errorf("the container has %q, want the page among them", list)
		}
		w.visit(http.StatusOK, "/").shows(e, `<a href="page">page</a>`)
		w.set(header{"Web-Listings": ""})
		w.owner.want(http.StatusNoContent, http.MethodHead, w.container, nil, nil).
			has(e, header{"X-Container-Meta-Web-Listings": ""})
	}, testlib.ID("941814cf-db9e-4b21-8112-2b6d0af10ee5"))

	e.Run("Style", func(e *testlib.Env) {
		w := w.in(e)
		w.set(header{"Web-Listings": "true", "Web-Listings-Css": "listings.css"})
		w.visit(http.StatusOK, "/").shows(e, `<link rel="stylesheet" type="text/css" href="listings.css" />`,
			`<a href="page">page</a>`)
	}, testlib.ID("bc37ec94-43c8-4990-842e-0e5e02fc8926"))

	e.Run("Error", func(e *testlib.Env) {
		w := w.in(e)
		w.set(header{"Web-Listings": "true", "Web-Error": "error.html"})
		w.write(map[string]string{"404error.html": "there is no such page"})
		a := w.visit(http.StatusNotFound, "/notexisting")
		a.has(e, header{"Content-Type": "text/html"})
		a.contains(e, []byte("there is no such page"))
	}, testlib.ID("f18b4bef-212e-45e7-b3ca-59af3a465f82"))
}

func TestStaticWebIndexes(t *testing.T) {
	e := testlib.Start(t, testlib.ID("17961cb2-cdcc-433b-8679-44467723966b"), testlib.Services("object-store"),
		testlib.Extension("object-store", "staticweb"), testlib.Credentials(testlib.ProjectOperator))
	w := newSite(e, header{"Web-Index": "index.html"})
	w.write(map[string]string{"index.html": "front", "page": "page", "sub/index.html": "of sub"})

	a := w.visit(http.StatusMovedPermanently, "")
	if got, want := a.Header.Get("Location"), w.owner.base+w.container+"/"; got != want {
		e.Errorf("Location = %q, want %q", got, want)
	}
	w.visit(http.StatusOK, "/").contains(e, []byte("front"))
	w.visit(http.StatusOK, "/page").contains(e, []byte("page"))
	w.visit(http.StatusMovedPermanently, "/sub")
	w.visit(http.StatusOK, "/sub/").contains(e, []byte("of sub"))
	w.visit(http.StatusNotFound, "/none")

	w.set(header{"Web-Index": ""})
	w.visit(http.StatusOK, "").shows(e, "index.html\npage\nsub/index.html\n")
}

func TestStaticWebListings(t *testing.T) {
	e := testlib.Start(t, testlib.ID("1dab507b-7a7d-49f4-b021-58da57ca8946"), testlib.Services("object-store"),
		testlib.Extension("object-store", "staticweb"), testlib.Credentials(testlib.ProjectOperator))
	w := newSite(e, header{"Web-Listings": "true"})
	w.write(map[string]string{"a <b>": strings.Repeat("x", 2500), "sub/file": "in sub", "sub/deep/file": "deep"})
	path := w.owner.path() + "/" + w.container

	w.visit(http.StatusMovedPermanently, "")
	w.visit(http.StatusOK, "/").shows(e, "<title>Listing of "+path+"/</title>",
		`<td class="colname"><a href="sub/">sub/</a></td>`,
		`<tr class="item type-text type-html">`, `<a href="a%20%3Cb%3E">a &lt;b&gt;</a>`, `<td class="colsize">2Ki</td>`)
	w.visit(http.StatusMovedPermanently, "/sub")
	a := w.visit(http.StatusOK, "/sub/")
	a.has(e, header{"Content-Type": "text/html; charset=UTF-8"})
	a.shows(e, "Listing of "+path+"/sub/", `<a href="../">../</a>`, `<a href="deep/">deep/</a>`,
		`<a href="file">file</a>`, `<td class="colsize">6</td>`)
	w.visit(http.StatusNotFound, "/none/")

	w.set(header{"Web-Listings-Css": "listings.css", "Web-Listings-Label": "My site"})
	w.visit(http.StatusOK, "/").shows(e, `<h1 id="title">Listing of My site/</h1>`)
	w.visit(http.StatusOK, "/sub/").shows(e, `<link rel="stylesheet" type="text/css" href="../listings.css" />`,
		"<title>Listing of My site/sub/</title>")
}

func TestStaticWebErrorOfAPrivateSite(t *testing.T) {
	e := testlib.Start(t, testlib.ID("731881e5-5cd7-4d21-8ba3-b2dd8aa2bcdf"), testlib.Services("object-store"),
		testlib.Negative, testlib.Extension("object-store", "staticweb"), testlib.Credentials(testlib.ProjectOperator))
	w := newSite(e, header{"Web-Index": "index.html", "Web-Error": "error.html"})
	w.write(map[string]string{"index.html": "front", "401error.html": "not for you"})

	w.owner.want(http.StatusNoContent, http.MethodPost, w.container, nil, header{"X-Container-Read": ".r:example.com"})

	if a := w.visit(http.StatusUnauthorized, "/"); strings.Contains(string(a.Body), "not for you") {
		e.Errorf("a page of a site that is not for everybody is shown: %s", a.Body)
	}
}

func TestStaticWebWithoutListing(t *testing.T) {
	e := testlib.Start(t, testlib.ID("8c0d75c1-3274-46df-ab3a-da1f70d9e399"), testlib.Services("object-store"),
		testlib.Negative, testlib.Extension("object-store", "staticweb"), testlib.Credentials(testlib.ProjectOperator))
	w := newSite(e, header{"Web-Listings": "off", "Web-Index": "index.html"})
	w.write(map[string]string{"page": "page"})

	w.visit(http.StatusNotFound, "/").shows(e, "Web Listing Disabled",
		"<b>X-Container-Meta-Web-Index: index.html</b>")
	w.visit(http.StatusOK, "/page")
}

func TestStaticWebFolders(t *testing.T) {
	e := testlib.Start(t, testlib.ID("8625c888-6d07-416b-bbf1-d5c35ff1e6bb"), testlib.Services("object-store"),
		testlib.Extension("object-store", "staticweb"), testlib.Credentials(testlib.ProjectOperator))
	w := newSite(e, header{"Web-Listings": "true", "Web-Index": "index.html", "Web-Directory-Type": "text/directory"})
	w.write(map[string]string{"folder/file": "x", "folder2/index.html": "of the folder"})
	for _, name := range []string{"folder", "folder2"} {
		w.owner.put(at(w.container, name), nil, header{"Content-Type": "text/directory"})
	}

	w.visit(http.StatusMovedPermanently, "/folder")
	w.visit(http.StatusOK, "/folder/").shows(e, "Listing of")
	w.visit(http.StatusMovedPermanently, "/folder2")
	w.visit(http.StatusOK, "/folder2/").contains(e, []byte("of the folder"))
}

func TestStaticWebWithAToken(t *testing.T) {
	e := testlib.Start(t, testlib.ID("c620bf70-dcc6-4deb-9818-42456644c96c"), testlib.Services("object-store"),
		testlib.Extension("object-store", "staticweb"), testlib.Credentials(testlib.ProjectOperator))
	w := newSite(e, header{"Web-Listings": "true"})
	w.write(map[string]string{"page": "page"})
	plain := w.owner.newContainer(nil)
	mode := header{"X-Web-Mode": "true"}

	w.owner.get(w.container, nil).contains(e, []byte("page\n"))
	a, err := w.owner.send(e.Context(), http.MethodGet, w.container+"/", nil, mode)
	if err != nil || a.Status != http.StatusOK {
		e.Fatalf("asking for the site: status %d: %v, want 200", a.Status, err)
	}
	a.shows(e, `<a href="page">page</a>`)
	w.owner.want(http.StatusNotFound, http.MethodGet, plain, nil, mode)
}
