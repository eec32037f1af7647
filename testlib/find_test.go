//nolint:thelper // the functions are tests, which another process runs
package testlib

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/gotempest/tempest/testlib/embedded"
)

// fakeImages is an image service with two images, "one" and twice "twin".
func fakeImages(*embedded.Cloud) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Query().Get("name") {
		case "one":
			fmt.Fprint(w, `{"images": [{"id": "id-of-one", "name": "one"}]}`)
		case "twin":
			fmt.Fprint(w, `{"images": [{"id": "a", "name": "twin"}, {"id": "b", "name": "twin"}]}`)
		default:
			fmt.Fprint(w, `{"images": []}`)
		}
	})
}

// caseFind is a test that uses the image of the configuration, and one of another name.
func caseFind(t *testing.T) {
	e := Start(t, Fake("image", fakeImages))
	for range 2 { // the second time it is known
		fmt.Println("image:", e.ImageID(), "other:", e.ImageAltID())
	}
	e.Run("Flavor", func(e *Env) { fmt.Println("flavor:", e.FlavorID()) })
	fmt.Println("found:", e.Find("image", "one"))
	e.Run("Twin", func(e *Env) { e.Find("image", "twin") })
}

func TestFindTakesNames(t *testing.T) {
	t.Parallel()
	out, passed := runCase(t, "Find", "TEMPEST_COMPUTE__IMAGE=one")

	if passed {
		t.Error("a test that finds two images of one name passed")
	}
	for _, want := range []string{
		"image: id-of-one other: id-of-one", "found: id-of-one", "compute.flavor is not set",
		`2 images have the name "twin": use one of their IDs, a, b`, "--- SKIP: TestCase/Find/Flavor",
		"--- FAIL: TestCase/Find/Twin",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("the output lacks %q:\n%s", want, out)
		}
	}
	if n := strings.Count(out, "GET") - strings.Count(out, "name=twin"); strings.Count(out, "name=one") != 2 {
		t.Errorf("%d calls, %d by the name one, want 2: the option's resource is looked up once\n%s",
			n, strings.Count(out, "name=one"), out)
	}
}

func TestFindNamesTheOption(t *testing.T) {
	t.Parallel()
	out, passed := runCase(t, "Find", "TEMPEST_COMPUTE__IMAGE=gone")

	if want := `compute.image: the cloud has no image with the name or ID "gone"`; passed || !strings.Contains(out, want) {
		t.Errorf("passed %v; the output lacks %q:\n%s", passed, want, out)
	}
}

// Region and interface of a service may be others than those of the identity service.
func TestOptionsOfAServiceChooseItsEndpoint(t *testing.T) {
	t.Parallel()
	out, passed := runCase(t, "Find", "TEMPEST_COMPUTE__IMAGE=one", "TEMPEST_IMAGE__REGION=Elsewhere")

	if want := `finding the image "one"`; passed || !strings.Contains(out, want) || strings.Contains(out, "id-of-one") {
		t.Errorf("passed %v; the output lacks %q:\n%s", passed, want, out)
	}
}
