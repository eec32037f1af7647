//go:build tempest

package objectstore_test

import (
	"encoding/xml"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gotempest/tempest/testlib"
)

func TestContainerLife(t *testing.T) {
	e := testlib.Start(t, testlib.ID("3aa30c1e-2d11-4970-89bb-459bbff8a76e"), testlib.Services("object-store"),
		testlib.Credentials(testlib.ProjectOperator))

	e.Run("Created", func(e *testlib.Env) {
		s := operator(e)
		name := e.Name("container")
		s.removeContainer(name)
		s.want(http.StatusCreated, http.MethodPut, name, nil, nil).has(e, header{"Content-Length": "0"})
	}, testlib.ID("92139d73-7819-4db1-85f8-3f2f22a8d91f"), testlib.Smoke)

	e.Run("CreatedAgain", func(e *testlib.Env) {
		s := operator(e)
		name := s.newContainer(nil)
		s.want(http.StatusAccepted, http.MethodPut, name, nil, nil)
	}, testlib.ID("49f866ed-d6af-4395-93e7-4187eb56d322"))

	e.Run("Deleted", func(e *testlib.Env) {
		s := operator(e)
		name := s.newContainer(nil)
		s.remove(name)
	}, testlib.ID("95d3a249-b702-4082-a2c4-14bb860cf06a"))

	e.Run("GoneWhenDeleted", func(e *testlib.Env) {
		s := operator(e)
		name := s.newContainer(nil)
		s.remove(name)
		s.want(http.StatusNotFound, http.MethodGet, name+"?limit=9999&format=json", nil, nil)
	}, testlib.ID("86b2ab08-92d5-493d-acd2-85f0c848819e"), testlib.Negative)

	e.Run("NotDeletedWhileFull", func(e *testlib.Env) {
		s := operator(e)
		name := s.newContainer(nil)
		s.newObject(name, nil)
		a := s.want(http.StatusConflict, http.MethodDelete, name, nil, nil)
		if !strings.Contains(string(a.Body), "There was a conflict when trying to complete your request.") {
			e.Errorf("body = %s, want it to speak of a conflict", a.Body)
		}
	}, testlib.ID("42da116e-1e8c-4c96-9e06-2f13884ed2b1"), testlib.Negative)

	e.Run("OddName", func(e *testlib.Env) {
		s := operator(e)
		name := e.Name("container") + " Zürich 東京 %41+&?#"
		s.removeContainer(name)
		s.want(http.StatusCreated, http.MethodPut, at(name), nil, nil)
		if diff := cmp.Diff([]string{name}, listed(s, query("prefix", name))); diff != "" {
			e.Errorf("containers mismatch (-want +got):\n%s", diff)
		}
	}, testlib.ID("e8dd5821-2974-4c9d-b8be-dff5327dc241"))
}

func TestContainerMetadataWhenCreated(t *testing.T) {
	e := testlib.Start(t, testlib.ID("cc989cf9-bc97-40bf-b8fc-8fbaaab8bfd7"), testlib.Services("object-store"),
		testlib.Credentials(testlib.ProjectOperator))

	e.Run("Empty", func(e *testlib.Env) {
		s := operator(e)
		name := s.newContainer(header{"X-Container-Meta-Test-Container-Meta": ""})
		s.stat(name).has(e, header{"X-Container-Meta-Test-Container-Meta": ""})
	}, testlib.ID("c2ac4d59-d0f5-40d5-ba19-0635056d48cd"))

	e.Run("Underscores", func(e *testlib.Env) {
		s := operator(e)
		name := s.newContainer(header{"X-Container-Meta-test_container_meta": "Meta1"})
		s.stat(name).has(e, header{"X-Container-Meta-Test-Container-Meta": "Meta1"})
	}, testlib.ID("e1e8df32-7b22-44e1-aa08-ccfd8d446b58"))

	e.Run("Removed", func(e *testlib.Env) {
		s := operator(e)
		name := s.newContainer(header{"X-Container-Meta-Test": "Meta1"})
		s.want(http.StatusAccepted, http.MethodPut, name, nil, header{"X-Remove-Container-Meta-Test": "Meta1"})
		s.stat(name).has(e, header{"X-Container-Meta-Test": ""})
	}, testlib.ID("8a21ebad-a5c7-4e29-b428-384edc8cd156"))

	e.Run("RemovedWithoutValue", func(e *testlib.Env) {
		s := operator(e)
		name := s.newContainer(header{"X-Container-Meta-Test": "Meta1"})
		s.want(http.StatusAccepted, http.MethodPut, name, nil, header{"X-Remove-Container-Meta-Test": ""})
		s.stat(name).has(e, header{"X-Container-Meta-Test": ""})
	}, testlib.ID("24d16451-1c0c-4e4f-b59c-9840a3aba40e"))
}

// stat reads the header of a container.
func (s store) stat(container string) answer {
	s.e.Helper()
	return s.want(http.StatusNoContent, http.MethodHead, at(container), nil, nil)
}

// change changes the metadata of a container and returns what it is then.
func (s store) change(container string, h header) answer {
	s.e.Helper()
	s.want(http.StatusNoContent, http.MethodPost, at(container), nil, h)
	return s.stat(container)
}

func TestContainerMetadata(t *testing.T) {
	e := testlib.Start(t, testlib.ID("7a59cb84-7261-4406-ad74-ec9eaa79a020"), testlib.Services("object-store"),
		testlib.Credentials(testlib.ProjectOperator))
	// The subtests change fields of their own, so they can share a container.
	name := operator(e).newContainer(header{
		"X-Container-Meta-Removed": "1", "X-Container-Meta-Valueless": "1", "X-Container-Meta-Old": "1",
	})

	e.Run("Read", func(e *testlib.Env) {
		operator(e).change(name, header{"X-Container-Meta-Name": "Pictures"}).has(e,
			header{"X-Container-Meta-Name": "Pictures"})
	}, testlib.ID("96e68f0e-19ec-4aa2-86f3-adc6a45e14dd"), testlib.Smoke)

	e.Run("None", func(e *testlib.Env) {
		s := operator(e)
		for field := range s.stat(s.newContainer(nil)).Header {
			if strings.HasPrefix(field, "X-Container-Meta-") {
				e.Errorf("a new container has %s", field)
			}
		}
	}, testlib.ID("a2faf936-6b13-4f8d-92a2-c2278355821e"))

	e.Run("Added", func(e *testlib.Env) {
		operator(e).change(name, header{"X-Container-Meta-Added": "Meta1"}).has(e,
			header{"X-Container-Meta-Added": "Meta1"})
	}, testlib.ID("2ae5f295-4bf1-4e04-bfad-21e54b62cec5"))

	e.Run("AddedEmpty", func(e *testlib.Env) {
		operator(e).change(name, header{"X-Container-Meta-Empty": ""}).has(e, header{"X-Container-Meta-Empty": ""})
	}, testlib.ID("31f40a5f-6a52-4314-8794-cd89baed3040"))

	e.Run("Removed", func(e *testlib.Env) {
		operator(e).change(name, header{"X-Remove-Container-Meta-Removed": "Meta1"}).has(e,
			header{"X-Container-Meta-Removed": ""})
	}, testlib.ID("3a5ce7d4-6e4b-47d0-9d87-7cd42c325094"))

	e.Run("RemovedWithoutValue", func(e *testlib.Env) {
		operator(e).change(name, header{"X-Remove-Container-Meta-Valueless": ""}).has(e,
			header{"X-Container-Meta-Valueless": ""})
	}, testlib.ID("a2e36378-6f1f-43f4-840a-ffd9cfd61914"))

	e.Run("AddedAndRemovedAtOnce", func(e *testlib.Env) {
		operator(e).change(name, header{"X-Container-Meta-New": "Meta2", "X-Remove-Container-Meta-Old": "Meta1"}).has(e,
			header{"X-Container-Meta-New": "Meta2", "X-Container-Meta-Old": ""})
	}, testlib.ID("cf19bc0b-7e16-4a5a-aaed-cb0c2fe8deef"))

	e.Run("OthersStay", func(e *testlib.Env) {
		s := operator(e)
		s.change(name, header{"X-Container-Meta-Stays": "here"})
		s.change(name, header{"X-Container-Meta-Comes": "now"}).has(e,
			header{"X-Container-Meta-Stays": "here", "X-Container-Meta-Comes": "now"})
	}, testlib.ID("79ace94c-a1bc-4293-8336-54134afc59b8"))
}

// containerListing is a container and the names of the objects in it, in order.
type containerListing struct {
	container string
	names     []string
}

func TestContainerListing(t *testing.T) {
	e := testlib.Start(t, testlib.ID("421b8384-b919-433a-bda0-e21829a40698"), testlib.Services("object-store"),
		testlib.Credentials(testlib.ProjectOperator))
	s := operator(e)
	container := s.newContainer(nil)
	names := []string{"Object", "Swift/deep/Object", "Swift/one", "Swift/two", "also"} // in the order of bytes
	for i, name := range names {
		s.newObjectAs(container, name, []byte(name), header{"Content-Type": "text/x-" + strconv.Itoa(i)})
	}
	l := containerListing{container: container, names: names}

	e.Run("Plain", l.plain, testlib.ID("312ff6bd-5290-497f-bda1-7c5fec6697ab"), testlib.Smoke)
	e.Run("Empty", l.empty, testlib.ID("4646ac2d-9bfb-4c7d-a3c5-0f527402b3df"))
	e.Run("Delimiter", l.delimiter, testlib.ID("fe323a32-57b9-4704-a996-2e68f83b09bc"))
	e.Run("DelimiterAndPrefix", l.delimiterAndPrefix, testlib.ID("033efcb0-300f-4049-88d4-6fddcadaf963"))
	e.Run("EndMarker", l.endMarker, testlib.ID("55b4fa5c-e12e-4ca9-8fcf-a79afe118522"))
	e.Run("JSON", l.json, testlib.ID("196f5034-6ab0-4032-9da9-a937bbb9fba9"))
	e.Run("XML", l.xml, testlib.ID("655a53ca-4d15-408c-a377-f4c6dbd0a1fa"))
	e.Run("JSONOfFolders", l.jsonOfFolders, testlib.ID("10deb0bd-e978-40b5-996c-6f47c5a75f24"))
	e.Run("Limit", l.limit, testlib.ID("297ec38b-2b61-4ff4-bcd1-7fa055e97b61"))
	e.Run("Marker", l.marker, testlib.ID("c31ddc63-2a58-4f6b-b25c-94d2937e6867"))
	e.Run("PageByPage", l.pageByPage, testlib.ID("4d83454a-a50c-4a85-a3e2-145ccfe46588"))
	e.Run("FoldersPageByPage", l.foldersPageByPage, testlib.ID("39fcbb31-3957-4508-8475-80c5661cc459"))
	e.Run("Path", l.path, testlib.ID("58ca6cc9-6af0-408d-aaec-2a6a7b2f0df9"))
	e.Run("Prefix", l.prefix, testlib.ID("77e742c7-caf2-4ec9-8aa4-f7d509a3344c"))
	e.Run("Reverse", l.reverse, testlib.ID("99bf320f-4033-4155-a7b0-514207d10e2c"))
	e.Run("AcceptHeader", l.acceptHeader, testlib.ID("b402dc0c-6e52-4a3b-9624-c8414e88c48c"))
	e.Run("BadParameters", l.badParameters, testlib.ID("392994cc-c2bc-4ef3-8ab4-1752710743b2"), testlib.Negative)
}

// wantList lists the container and wants some names.
func (l containerListing) wantList(e *testlib.Env, query string, want ...string) answer {
	e.Helper()
	a := operator(e).get(l.container+query, nil)
	if diff := cmp.Diff(want, a.lines()); diff != "" {
		e.Errorf("listing the container%s mismatch (-want +got):\n%s", query, diff)
	}
	return a
}

// wantNone lists the container and wants nothing.
func (l containerListing) wantNone(e *testlib.Env, query string) {
	e.Helper()
	operator(e).want(http.StatusNoContent, http.MethodGet, l.container+query, nil, nil).contains(e, nil)
}

func (l containerListing) plain(e *testlib.Env) {
	l.wantList(e, "", l.names...).has(e, header{
		"Content-Type": "text/plain; charset=utf-8", "X-Container-Object-Count": strconv.Itoa(len(l.names)),
	})
}

func (l containerListing) empty(e *testlib.Env) {
	s := operator(e)
	s.want(http.StatusNoContent, http.MethodGet, s.newContainer(nil), nil, nil).contains(e, nil)
}

func (l containerListing) delimiter(e *testlib.Env) {
	l.wantList(e, "?delimiter=/", "Object", "Swift/", "also")
}

func (l containerListing) delimiterAndPrefix(e *testlib.Env) {
	l.wantList(e, "?delimiter=/&prefix=Swift/", "Swift/deep/", "Swift/one", "Swift/two")
	l.wantList(e, "?delimiter=/&prefix=Swift", "Swift/")
}

func (l containerListing) endMarker(e *testlib.Env) {
	l.wantList(e, "?end_marker=Swift/one", l.names[:2]...)
	l.wantList(e, "?end_marker=zzzz", l.names...)
}

func (l containerListing) json(e *testlib.Env) {
	a := operator(e).get(l.container+"?format=json", nil)
	a.has(e, header{"Content-Type": "application/json; charset=utf-8"})
	checkObjects(e, a, l.names)
}

func (l containerListing) xml(e *testlib.Env) {
	a := operator(e).get(l.container+"?format=xml", nil)
	a.has(e, header{"Content-Type": "application/xml; charset=utf-8"})
	var list struct {
		XMLName xml.Name `xml:"container"`
		Name    string   `xml:"name,attr"`
		Objects []struct {
			Name         string `xml:"name"`
			Hash         string `xml:"hash"`
			Bytes        int    `xml:"bytes"`
			ContentType  string `xml:"content_type"`
			LastModified string `xml:"last_modified"`
		} `xml:"object"`
	}
	if err := xml.Unmarshal(a.Body, &list); err != nil {
		e.Fatalf("reading %s: %v", a.Body, err)
	}
	var got []string
	for _, o := range list.Objects {
		got = append(got, o.Name)
		if o.Hash != md5Of([]byte(o.Name)) || o.Bytes != len(o.Name) || o.ContentType == "" || o.LastModified == "" {
			e.Errorf("listed %+v, want what was stored", o)
		}
	}
	if diff := cmp.Diff(l.names, got); diff != "" || list.Name != l.container {
		e.Errorf("container %q, want %q; objects mismatch (-want +got):\n%s", list.Name, l.container, diff)
	}
}

func (l containerListing) jsonOfFolders(e *testlib.Env) {
	a := operator(e).get(l.container+"?format=json&delimiter=/", nil)
	var list []struct{ Name, Subdir string }
	a.into(e, &list)
	want := []struct{ Name, Subdir string }{{Name: "Object"}, {Subdir: "Swift/"}, {Name: "also"}}
	if diff := cmp.Diff(want, list); diff != "" {
		e.Errorf("listing mismatch (-want +got):\n%s", diff)
	}
}

func (l containerListing) limit(e *testlib.Env) {
	l.wantList(e, query("limit", strconv.Itoa(5+e.Rand().IntN(9_000))), l.names...)
	l.wantList(e, "?limit=2", l.names[:2]...)
}

func (l containerListing) marker(e *testlib.Env) {
	l.wantList(e, "?marker=AaaaObject1234567890", l.names...)
	l.wantList(e, "?marker=Swift/one", l.names[3:]...)
	l.wantNone(e, "?marker="+l.names[4])
}

func (l containerListing) pageByPage(e *testlib.Env) {
	l.wantList(e, "?limit=2", l.names[:2]...)
	l.wantList(e, "?limit=2&marker="+l.names[1], l.names[2:4]...)
	l.wantList(e, "?limit=2&marker="+l.names[3], l.names[4])
	l.wantNone(e, "?limit=2&marker="+l.names[4])
}

func (l containerListing) foldersPageByPage(e *testlib.Env) {
	l.wantList(e, "?delimiter=/&limit=2", "Object", "Swift/")
	l.wantList(e, "?delimiter=/&limit=2&marker=Swift/", "also")
	l.wantList(e, "?delimiter=/&limit=2&marker=also&reverse=true", "Swift/", "Object")
}

func (l containerListing) path(e *testlib.Env) {
	l.wantList(e, "?path=Swift", "Swift/one", "Swift/two")
}

func (l containerListing) prefix(e *testlib.Env) {
	l.wantList(e, "?prefix=Swift/", l.names[1:4]...)
	l.wantNone(e, "?prefix=none")
}

func (l containerListing) reverse(e *testlib.Env) {
	l.wantList(e, "?reverse=true", l.names[4], l.names[3], l.names[2], l.names[1], l.names[0])
	l.wantList(e, "?reverse=true&marker=Swift/one&limit=1", l.names[1])
}

func (l containerListing) acceptHeader(e *testlib.Env) {
	s := operator(e)
	s.get(l.container, header{"Accept": "application/json"}).has(e,
		header{"Content-Type": "application/json; charset=utf-8"})
	s.want(http.StatusNotAcceptable, http.MethodGet, l.container, nil, header{"Accept": "image/png"})
}

func (l containerListing) badParameters(e *testlib.Env) {
	s := operator(e)
	s.want(http.StatusPreconditionFailed, http.MethodGet, l.container+"?limit=1000000000", nil, nil)
	s.want(http.StatusBadRequest, http.MethodGet, l.container+"?delimiter=%FF", nil, nil)
}

// checkObjects checks a listing in JSON of objects whose content is their name.
func checkObjects(e *testlib.Env, a answer, names []string) {
	e.Helper()
	var list []struct {
		Name, Hash   string
		Bytes        int
		ContentType  string `json:"content_type"`
		LastModified string `json:"last_modified"`
	}
	a.into(e, &list)
	var got []string
	for i, o := range list {
		got = append(got, o.Name)
		if o.Hash != md5Of([]byte(o.Name)) || o.Bytes != len(o.Name) || o.ContentType != "text/x-"+strconv.Itoa(i) {
			e.Errorf("listed %+v, want what was stored", o)
		}
		if _, err := time.Parse("2006-01-02T15:04:05.999999", o.LastModified); err != nil {
			e.Errorf("last_modified of %s: %v", o.Name, err)
		}
	}
	if diff := cmp.Diff(names, got); diff != "" {
		e.Errorf("objects mismatch (-want +got):\n%s", diff)
	}
}

func TestContainerIsRefused(t *testing.T) {
	e := testlib.Start(t, testlib.ID("8aebcb7f-bd16-41d0-bf3a-870cf6bfa4a1"), testlib.Services("object-store"),
		testlib.Negative, testlib.Feature("object-store", "discoverability"), testlib.Credentials(testlib.ProjectOperator))
	max := limits(operator(e)).Swift
	// refused makes a container and wants to be told what is wrong.
	refused := func(e *testlib.Env, name string, h header, why string) {
		e.Helper()
		a := operator(e).want(http.StatusBadRequest, http.MethodPut, name, nil, h)
		if !strings.Contains(string(a.Body), why) {
			e.Errorf("body = %s, want it to have %q", a.Body, why)
		}
	}

	e.Run("LongName", func(e *testlib.Env) {
		n := max.MaxContainerName
		refused(e, strings.Repeat("c", n+1), nil,
			"Container name length of "+strconv.Itoa(n+1)+" longer than "+strconv.Itoa(n))
	}, testlib.ID("30686921-4bed-4764-a038-40d741ed4e78"), testlib.Negative)

	e.Run("LongMetadataName", func(e *testlib.Env) {
		refused(e, e.Name("container"),
			header{"X-Container-Meta-" + strings.Repeat("m", max.MaxMetaName+1): "penguin"}, "Metadata name too long")
	}, testlib.ID("41e645bf-2e68-4f84-bf7b-c71aa5cd76ce"), testlib.Negative)

	e.Run("LongMetadataValue", func(e *testlib.Env) {
		refused(e, e.Name("container"), header{"X-Container-Meta-Animal": strings.Repeat("v", max.MaxMetaValue+1)},
			"Metadata value longer than "+strconv.Itoa(max.MaxMetaValue))
	}, testlib.ID("81e36922-326b-4b7c-8155-3bbceecd7a82"), testlib.Negative)

	e.Run("TooManyMetadata", func(e *testlib.Env) {
		h := header{}
		for i := range max.MaxMetaCount + 1 {
			h["X-Container-Meta-Animal-"+strconv.Itoa(i)] = "penguin"
		}
		refused(e, e.Name("container"), h, "Too many metadata items; max "+strconv.Itoa(max.MaxMetaCount))
	}, testlib.ID("ac666539-d566-4f02-8ceb-58e968dfb732"), testlib.Negative)

	e.Run("TooLargeMetadata", func(e *testlib.Env) {
		h := header{}
		for i := range max.MaxMetaSize/max.MaxMetaValue + 1 {
			h["X-Container-Meta-"+strconv.Itoa(i)] = strings.Repeat("v", max.MaxMetaValue)
		}
		refused(e, e.Name("container"), h, "Total metadata too large; max "+strconv.Itoa(max.MaxMetaSize))
	}, testlib.ID("12068c50-65d4-4dbc-8041-e530194f57a7"), testlib.Negative)

	e.Run("UnknownPolicy", func(e *testlib.Env) {
		refused(e, e.Name("container"), header{"X-Storage-Policy": "none"}, "Invalid X-Storage-Policy")
	}, testlib.ID("19659c12-dcfc-4557-9e79-8ef002729471"), testlib.Negative)

	e.Run("BadACL", func(e *testlib.Env) {
		refused(e, e.Name("container"), header{"X-Container-Write": ".r:*"}, "Referrers not allowed in write ACL")
	}, testlib.ID("9cd91e83-cbc8-40b5-96e4-603967460e00"), testlib.Negative)

	e.Run("NameWithSlash", func(e *testlib.Env) {
		operator(e).want(http.StatusNotFound, http.MethodPut, e.Name("container")+"/object", []byte("x"), nil)
	}, testlib.ID("ea54d4a9-73c2-4471-88f4-7a826f8612e0"), testlib.Negative)
}

func TestUnknownContainer(t *testing.T) {
	e := testlib.Start(t, testlib.ID("7f1beeb4-5260-465c-a9ec-148fbb5131d2"), testlib.Services("object-store"),
		testlib.Negative, testlib.Credentials(testlib.ProjectOperator))

	e.Run("ReadingMetadata", func(e *testlib.Env) {
		operator(e).want(http.StatusNotFound, http.MethodHead, e.Name("none"), nil, nil)
	}, testlib.ID("1a95ab2e-b712-4a98-8a4d-8ce21b7557d6"), testlib.Negative)

	e.Run("ChangingMetadata", func(e *testlib.Env) {
		operator(e).want(http.StatusNotFound, http.MethodPost, e.Name("none"), nil,
			header{"X-Container-Meta-Animal": "penguin"})
	}, testlib.ID("125a24fa-90a7-4cfc-b604-44e49d788390"), testlib.Negative)

	e.Run("RemovingMetadata", func(e *testlib.Env) {
		operator(e).want(http.StatusNotFound, http.MethodPost, e.Name("none"), nil,
			header{"X-Remove-Container-Meta-Animal": "penguin"})
	}, testlib.ID("65387dbf-a0e2-4aac-9ddc-16eb3f1f69ba"), testlib.Negative)

	e.Run("Listing", func(e *testlib.Env) {
		operator(e).want(http.StatusNotFound, http.MethodGet, e.Name("none")+"?limit=9999&format=json", nil, nil)
	}, testlib.ID("14331d21-1e81-420a-beea-19cb5e5207f5"), testlib.Negative)

	e.Run("Deleting", func(e *testlib.Env) {
		operator(e).want(http.StatusNotFound, http.MethodDelete, e.Name("none"), nil, nil)
	}, testlib.ID("75ca5f9b-a414-487e-b221-eabe1b793d1e"), testlib.Negative)
}

func TestContainerQuota(t *testing.T) {
	e := testlib.Start(t, testlib.ID("02ae6674-429d-422b-973a-c2b77d94acc9"), testlib.Services("object-store"),
		testlib.Extension("object-store", "container_quotas"), testlib.Credentials(testlib.ProjectOperator))
	const (
		maxBytes = 10
		maxCount = 5
	)
	quota := header{
		"X-Container-Meta-Quota-Bytes": strconv.Itoa(maxBytes), "X-Container-Meta-Quota-Count": strconv.Itoa(maxCount),
	}

	e.Run("Kept", func(e *testlib.Env) {
		s := operator(e)
		name := s.newContainer(quota)
		s.newObjectAs(name, "object", []byte(strings.Repeat("x", maxBytes)), nil)
		s.stat(name).has(e, header{"X-Container-Bytes-Used": strconv.Itoa(maxBytes)})
	}, testlib.ID("9a0fb034-86af-4df0-86fa-f8bd7db21ae0"), testlib.Smoke)

	e.Run("TooLarge", func(e *testlib.Env) {
		s := operator(e)
		name := s.newContainer(quota)
		a := s.want(http.StatusRequestEntityTooLarge, http.MethodPut, name+"/object",
			[]byte(strings.Repeat("x", maxBytes+1)), nil)
		if !strings.Contains(string(a.Body), "Upload exceeds quota.") {
			e.Errorf("body = %s, want the quota named", a.Body)
		}
		s.stat(name).has(e, header{"X-Container-Bytes-Used": "0"})
	}, testlib.ID("22eeeb2b-3668-4160-baef-44790f65a5a0"), testlib.Smoke)

	e.Run("TooMany", func(e *testlib.Env) {
		s := operator(e)
		name := s.newContainer(quota)
		for i := range maxCount {
			s.newObjectAs(name, "object"+strconv.Itoa(i), nil, nil)
		}
		count := header{"X-Container-Object-Count": strconv.Itoa(maxCount)}
		s.stat(name).has(e, count) // Swift counts anew when it is asked, and else only now and then
		s.want(http.StatusRequestEntityTooLarge, http.MethodPut, name+"/over", nil, nil)
		s.stat(name).has(e, count)
	}, testlib.ID("3a387039-697a-44fc-a9c0-935de31f426b"), testlib.Smoke)

	e.Run("OfCopies", func(e *testlib.Env) {
		s := operator(e)
		from := s.newContainer(nil)
		object, _ := s.newObject(from, nil)
		name := s.newContainer(quota)
		s.want(http.StatusRequestEntityTooLarge, "COPY", at(from, object), nil, header{"Destination": at(name, "copy")})
	}, testlib.ID("3898c5da-d760-4246-a109-7604ffa75495"), testlib.Negative)

	e.Run("NoNumber", func(e *testlib.Env) {
		s := operator(e)
		name := s.newContainer(nil)
		a := s.want(http.StatusBadRequest, http.MethodPost, name, nil, header{"X-Container-Meta-Quota-Bytes": "abc"})
		a.contains(e, []byte("Invalid bytes quota."))
		a = s.want(http.StatusBadRequest, http.MethodPost, name, nil, header{"X-Container-Meta-Quota-Count": "abc"})
		a.contains(e, []byte("Invalid count quota."))
	}, testlib.ID("108230e8-bec3-4ca7-98a0-6b7553c65dee"), testlib.Negative)
}
