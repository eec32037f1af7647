//go:build tempest

package objectstore_test

import (
	"encoding/json"
	"encoding/xml"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gotempest/tempest/testlib"
)

func TestEmptyAccount(t *testing.T) {
	e := testlib.Start(t, testlib.ID("8f0968c1-0104-4a5d-8219-1a4d5aad858e"), testlib.Services("object-store"),
		testlib.Credentials(testlib.ProjectOperator))

	e.Run("HasNoContainers", func(e *testlib.Env) {
		a := operator(e).want(http.StatusNoContent, http.MethodGet, "", nil, nil)
		a.has(e, header{
			"X-Account-Container-Count": "0", "X-Account-Object-Count": "0", "X-Account-Bytes-Used": "0",
		})
		a.contains(e, nil)
	}, testlib.ID("884ec421-fbad-4fcc-916b-0580f2699565"))

	e.Run("HasNoMetadata", func(e *testlib.Env) {
		a := operator(e).call(http.MethodHead, "", nil, nil) // 200 before the account is stored, 204 afterwards
		if a.Status != http.StatusOK && a.Status != http.StatusNoContent {
			e.Errorf("%s was answered %d, want 200 or 204", a.call, a.Status)
		}
		for name := range a.Header {
			if strings.HasPrefix(name, "X-Account-Meta-") {
				e.Errorf("a new account has %s", name)
			}
		}
	}, testlib.ID("b904c2e3-24c2-4dba-ad7d-04e90a761be5"))

	e.Run("IsAnEmptyList", func(e *testlib.Env) {
		operator(e).get("?format=json", nil).contains(e, []byte("[]"))
	}, testlib.ID("690304a3-1305-48fc-b01f-17ac2efc0412"))
}

// accountListing is the names of the containers of an account, in order.
type accountListing struct {
	names  []string
	first  string
	middle string
	last   string
}

func TestAccountListing(t *testing.T) {
	e := testlib.Start(t, testlib.ID("20fd0c50-2de1-4793-ae20-7923ea9b3cc7"), testlib.Services("object-store"),
		testlib.Credentials(testlib.ProjectOperator))
	s := operator(e)
	var names []string
	for _, letter := range "abcdef" {
		name := e.Name(string(letter))
		s.removeContainer(name)
		s.want(http.StatusCreated, http.MethodPut, name, nil, nil)
		names = append(names, name)
	}
	slices.Sort(names)
	first, middle, last := names[0], names[len(names)/2], names[len(names)-1]
	l := accountListing{names: names, first: first, middle: middle, last: last}

	e.Run("Plain", l.plain, testlib.ID("3499406a-ae53-4f8c-b43a-133d4dc6fe3f"), testlib.Smoke)
	e.Run("JSON", l.json, testlib.ID("1c7efa35-e8a2-4b0b-b5ff-862c7fd83704"))
	e.Run("XML", l.xml, testlib.ID("4477b609-1ca6-4d4b-b25d-ad3f01086089"))
	e.Run("AcceptHeader", l.acceptHeader, testlib.ID("8c5aa3ac-fd73-46a7-bf75-9830342a31b0"))
	e.Run("Limit", l.limit, testlib.ID("5cfa4ab2-4373-48dd-a41f-a532b12b08b2"))
	e.Run("Marker", l.marker, testlib.ID("638f876d-6a43-482a-bbb3-0840bca101c6"))
	e.Run("EndMarker", l.endMarker, testlib.ID("5ca164e4-7bde-43fa-bafb-913b53b9e786"))
	e.Run("MarkerAndEndMarker", l.markerAndEndMarker, testlib.ID("ac8502c2-d4e4-4f68-85a6-40befea2ef5e"))
	e.Run("LimitAndMarker", l.limitAndMarker, testlib.ID("f7064ae8-dbcc-48da-b594-82feef6ea5af"))
	e.Run("LimitAndEndMarker", l.limitAndEndMarker, testlib.ID("888a3f0e-7214-4806-8e50-5e0c9a69bb5e"))
	e.Run("LimitAndMarkerAndEndMarker", l.limitAndMarkerAndEndMarker, testlib.ID("8cf98d9c-e3a0-4e44-971b-c87656fdddbd"))
	e.Run("Prefix", l.prefix, testlib.ID("365e6fc7-1cfe-463b-a37c-8bd08d47b6aa"))
	e.Run("Reverse", l.reverse, testlib.ID("b1811cff-d1ed-4c15-a52e-efd8de41cf34"))
	e.Run("Delimiter", l.delimiter, testlib.ID("597646d1-ff13-447e-805d-c4b169e69c21"))
	e.Run("LimitTooLarge", l.limitTooLarge, testlib.ID("261034fb-d614-45e9-a333-34b0b3fc788d"), testlib.Negative)
	e.Run("CountsWhatIsStored", l.countsWhatIsStored, testlib.ID("75f77c06-c515-4291-91d2-a2b5baaf7921"))
}

// wantList lists the account and wants some of the containers.
func (l accountListing) wantList(e *testlib.Env, query string, want []string) {
	e.Helper()
	if diff := cmp.Diff(want, listed(operator(e), query)); diff != "" {
		e.Errorf("listing the account%s mismatch (-want +got):\n%s", query, diff)
	}
}

func (l accountListing) plain(e *testlib.Env) {
	a := operator(e).get("", nil)
	a.has(e, header{
		"Content-Type":              "text/plain; charset=utf-8",
		"X-Account-Container-Count": strconv.Itoa(len(l.names)),
	})
	if diff := cmp.Diff(l.names, a.lines()); diff != "" {
		e.Errorf("containers mismatch (-want +got):\n%s", diff)
	}
	checkPolicies(e, a)
}

func (l accountListing) json(e *testlib.Env) {
	a := operator(e).get("?format=json", nil)
	a.has(e, header{"Content-Type": "application/json; charset=utf-8"})
	var list []struct {
		Name         string
		Count, Bytes *int
		LastModified string `json:"last_modified"`
	}
	a.into(e, &list)
	var got []string
	for _, c := range list {
		got = append(got, c.Name)
		if c.Count == nil || *c.Count != 0 || c.Bytes == nil || *c.Bytes != 0 || c.LastModified == "" {
			e.Errorf("listed %+v, want an empty container with a time", c)
		}
	}
	if diff := cmp.Diff(l.names, got); diff != "" {
		e.Errorf("containers mismatch (-want +got):\n%s", diff)
	}
}

func (l accountListing) xml(e *testlib.Env) {
	s := operator(e)
	a := s.get("?format=xml", nil)
	a.has(e, header{"Content-Type": "application/xml; charset=utf-8"})
	var list struct {
		XMLName    xml.Name `xml:"account"`
		Name       string   `xml:"name,attr"`
		Containers []struct {
			Name         string `xml:"name"`
			Count        int    `xml:"count"`
			Bytes        int    `xml:"bytes"`
			LastModified string `xml:"last_modified"`
		} `xml:"container"`
	}
	if err := xml.Unmarshal(a.Body, &list); err != nil {
		e.Fatalf("reading %s: %v", a.Body, err)
	}
	var got []string
	for _, c := range list.Containers {
		got = append(got, c.Name)
	}
	if diff := cmp.Diff(l.names, got); diff != "" || list.Name != s.name() {
		e.Errorf("account %q, want %q; containers mismatch (-want +got):\n%s", list.Name, s.name(), diff)
	}
}

func (l accountListing) acceptHeader(e *testlib.Env) {
	s := operator(e)
	s.get("", header{"Accept": "application/json"}).has(e, header{"Content-Type": "application/json; charset=utf-8"})
	s.get("", header{"Accept": "text/xml"}).has(e, header{"Content-Type": "text/xml; charset=utf-8"})
	s.want(http.StatusNotAcceptable, http.MethodGet, "", nil, header{"Accept": "image/png"})
}

func (l accountListing) limit(e *testlib.Env) {
	for _, limit := range []int{1, len(l.names) / 2, len(l.names)} {
		l.wantList(e, query("limit", strconv.Itoa(limit)), l.names[:limit])
	}
}

func (l accountListing) marker(e *testlib.Env) {
	l.wantList(e, query("marker", l.last), nil)
	l.wantList(e, query("marker", l.middle), l.names[len(l.names)/2+1:])
}

func (l accountListing) endMarker(e *testlib.Env) {
	l.wantList(e, query("end_marker", l.first), nil)
	l.wantList(e, query("end_marker", l.middle), l.names[:len(l.names)/2])
}

func (l accountListing) markerAndEndMarker(e *testlib.Env) {
	l.wantList(e, query("marker", l.first, "end_marker", l.last), l.names[1:len(l.names)-1])
}

func (l accountListing) limitAndMarker(e *testlib.Env) {
	from, limit := e.Rand().IntN(len(l.names)), e.Rand().IntN(len(l.names))
	after := l.names[from+1:]
	l.wantList(e, query("marker", l.names[from], "limit", strconv.Itoa(limit)), none(after[:min(limit, len(after))]))
}

func (l accountListing) limitAndEndMarker(e *testlib.Env) {
	limit := 1 + e.Rand().IntN(len(l.names))
	l.wantList(e, query("end_marker", l.middle, "limit", strconv.Itoa(limit)), l.names[:min(limit, len(l.names)/2)])
}

func (l accountListing) limitAndMarkerAndEndMarker(e *testlib.Env) {
	limit := 1 + e.Rand().IntN(len(l.names))
	l.wantList(e, query("marker", l.first, "end_marker", l.last, "limit", strconv.Itoa(limit)),
		l.names[1:1+min(limit, len(l.names)-2)])
}

func (l accountListing) prefix(e *testlib.Env) {
	l.wantList(e, query("prefix", l.first[:len(l.first)-1]), l.names[:1])
	l.wantList(e, query("prefix", "nothing begins so"), nil)
}

func (l accountListing) reverse(e *testlib.Env) {
	reversed := slices.Clone(l.names)
	slices.Reverse(reversed)
	l.wantList(e, "?reverse=true", reversed)
	l.wantList(e, query("reverse", "true", "marker", l.middle), reversed[len(l.names)/2:])
}

func (l accountListing) delimiter(e *testlib.Env) {
	common := l.first[:strings.Index(l.first, "-")+1]
	l.wantList(e, query("delimiter", "-"), []string{common})
}

func (l accountListing) limitTooLarge(e *testlib.Env) {
	operator(e).want(http.StatusPreconditionFailed, http.MethodGet, "?limit=1000000000", nil, nil)
}

func (l accountListing) countsWhatIsStored(e *testlib.Env) {
	s := operator(e)
	_, content := s.newObject(l.first, nil)
	got := s.want(http.StatusNoContent, http.MethodHead, l.first, nil, nil)
	got.has(e, header{
		"X-Container-Object-Count": "1", "X-Container-Bytes-Used": strconv.Itoa(len(content)),
	})
}

// listed returns the names that a listing of the account has.
func listed(s store, query string) []string {
	s.e.Helper()
	a := s.call(http.MethodGet, query, nil, nil)
	if a.Status != http.StatusOK && (a.Status != http.StatusNoContent || len(a.Body) > 0) {
		s.e.Fatalf("%s was answered %d %s, want a listing", a.call, a.Status, a.Body)
	}
	return none(a.lines())
}

// none returns nil for a list without elements, as a comparison wants it.
func none(list []string) []string {
	if len(list) == 0 {
		return nil
	}
	return list
}

// checkPolicies checks that the answer about an account with containers says how much it uses of each storage policy:
// three numbers, or none.
func checkPolicies(e *testlib.Env, a answer) {
	e.Helper()
	const prefix = "X-Account-Storage-Policy-"
	used := map[string]int{}
	for name := range a.Header {
		rest, is := strings.CutPrefix(name, prefix)
		for _, suffix := range []string{"-Bytes-Used", "-Object-Count", "-Container-Count"} {
			if policy, has := strings.CutSuffix(rest, suffix); is && has {
				used[policy]++
			}
		}
	}
	if len(used) == 0 {
		e.Errorf("%s: no fields %s…", a.call, prefix)
	}
	for policy, fields := range used {
		if fields != 3 {
			e.Errorf("%s: %d fields for the policy %s, want 3", a.call, fields, policy)
		}
	}
}

func TestAccountMetadata(t *testing.T) {
	e := testlib.Start(t, testlib.ID("2773eb64-f914-42df-b015-9e1cf524441b"), testlib.Services("object-store"),
		testlib.Credentials(testlib.ProjectOperator))
	// change changes the metadata and returns what it is then.
	change := func(e *testlib.Env, h header) answer {
		e.Helper()
		s := operator(e)
		s.want(http.StatusNoContent, http.MethodPost, "", nil, h)
		return s.want(http.StatusNoContent, http.MethodHead, "", nil, nil)
	}

	e.Run("Read", func(e *testlib.Env) {
		change(e, header{"X-Account-Meta-Read1": "Meta1", "X-Account-Meta-Read2": "Meta2"}).has(e,
			header{"X-Account-Meta-Read1": "Meta1", "X-Account-Meta-Read2": "Meta2"})
	}, testlib.ID("4894c312-6056-4587-8d6f-86ffbf861f80"), testlib.Smoke)

	e.Run("Added", func(e *testlib.Env) {
		change(e, header{"X-Account-Meta-Added": "one"}).has(e, header{"X-Account-Meta-Added": "one"})
		change(e, header{"X-Account-Meta-Added": "two"}).has(e, header{"X-Account-Meta-Added": "two"})
	}, testlib.ID("e2a08b5f-3115-4768-a3ee-d4287acd6c08"))

	e.Run("Removed", func(e *testlib.Env) {
		operator(e).want(http.StatusNoContent, http.MethodPost, "", nil, header{"X-Account-Meta-Removed": "Meta"})
		change(e, header{"X-Remove-Account-Meta-Removed": "Meta"}).has(e, header{"X-Account-Meta-Removed": ""})
	}, testlib.ID("9f60348d-c46f-4465-ae06-d51dbd470953"))

	e.Run("AddedEmpty", func(e *testlib.Env) {
		change(e, header{"X-Account-Meta-Empty": ""}).has(e, header{"X-Account-Meta-Empty": ""})
	}, testlib.ID("64fd53f3-adbd-4639-af54-436e4982dbfb"))

	e.Run("RemovedWithoutValue", func(e *testlib.Env) {
		operator(e).want(http.StatusNoContent, http.MethodPost, "", nil, header{"X-Account-Meta-Valueless": "Meta"})
		change(e, header{"X-Remove-Account-Meta-Valueless": ""}).has(e, header{"X-Account-Meta-Valueless": ""})
	}, testlib.ID("d4d884d3-4696-4b85-bc98-4f57c4dd2bf1"))

	e.Run("AddedAndRemovedAtOnce", func(e *testlib.Env) {
		operator(e).want(http.StatusNoContent, http.MethodPost, "", nil, header{"X-Account-Meta-Old": "Meta1"})
		change(e, header{"X-Account-Meta-New": "Meta2", "X-Remove-Account-Meta-Old": "Meta1"}).has(e,
			header{"X-Account-Meta-New": "Meta2", "X-Account-Meta-Old": ""})
	}, testlib.ID("8e5fc073-59b9-42ee-984a-29ed11b2c749"))

	e.Run("OthersStay", func(e *testlib.Env) {
		operator(e).want(http.StatusNoContent, http.MethodPost, "", nil, header{"X-Account-Meta-Stays": "here"})
		change(e, header{"X-Account-Meta-Comes": "now"}).has(e,
			header{"X-Account-Meta-Stays": "here", "X-Account-Meta-Comes": "now"})
	}, testlib.ID("d634f2a5-5f90-47fd-b81c-e32186fc7989"))

	e.Run("UTF8", func(e *testlib.Env) {
		change(e, header{"X-Account-Meta-Place": "Zürich 東京"}).has(e, header{"X-Account-Meta-Place": "Zürich 東京"})
	}, testlib.ID("f3ea1a6c-9995-447d-a9da-714f87366a55"))
}

func TestAccountIsClosedToOthers(t *testing.T) {
	e := testlib.Start(t, testlib.ID("d9e2aa24-ca24-4395-a994-1c844a3795aa"), testlib.Services("object-store"),
		testlib.Negative, testlib.Credentials(testlib.ProjectOperator, testlib.AltOperator))

	e.Run("Listing", func(e *testlib.Env) {
		operator(e).as(testlib.AltOperator).want(http.StatusForbidden, http.MethodGet, "?format=json", nil, nil)
	}, testlib.ID("070e6aca-6152-4867-868d-1118d68fb38c"), testlib.Negative)

	e.Run("Writing", func(e *testlib.Env) {
		s := operator(e).as(testlib.AltOperator)
		s.want(http.StatusForbidden, http.MethodPut, e.Name("container"), nil, nil)
		s.want(http.StatusForbidden, http.MethodPost, "", nil, header{"X-Account-Meta-A": "b"})
		s.want(http.StatusForbidden, http.MethodDelete, "", nil, nil)
	}, testlib.ID("ea3edb22-3b7a-417c-b031-f881985b3d7d"), testlib.Negative)

	e.Run("Nobody", func(e *testlib.Env) {
		s := operator(e).anonymous()
		a := s.want(http.StatusUnauthorized, http.MethodGet, "", nil, nil)
		if !strings.HasPrefix(a.Header.Get("Www-Authenticate"), "Swift realm=") {
			e.Errorf("Www-Authenticate = %q, want the realm of Swift", a.Header.Get("Www-Authenticate"))
		}
		s.want(http.StatusUnauthorized, http.MethodPut, e.Name("container"), nil, nil)
	}, testlib.ID("737b4bef-d5e7-43f3-a2e8-0d4d016a4615"), testlib.Negative)

	e.Run("ReaderOfTheProject", func(e *testlib.Env) {
		s := operator(e).as(testlib.ProjectReader)
		s.want(http.StatusForbidden, http.MethodGet, "", nil, nil)
		s.want(http.StatusForbidden, http.MethodPut, e.Name("container"), nil, nil)
	}, testlib.ID("96cadb11-51fb-4b66-9e27-ce140d4fcdbd"), testlib.Negative, testlib.Credentials(testlib.ProjectReader))

	e.Run("Deletion", func(e *testlib.Env) {
		operator(e).want(http.StatusForbidden, http.MethodDelete, "", nil, nil)
	}, testlib.ID("dffd0e7a-bc5d-401c-9a64-7cb625e17f5e"), testlib.Negative)
}

func TestResellerUsesAnyAccount(t *testing.T) {
	e := testlib.Start(t, testlib.ID("cd641317-613c-4065-8fbf-392d52464d20"), testlib.Services("object-store"),
		testlib.Credentials(testlib.ProjectOperator, testlib.AltReseller))
	s := operator(e)
	container := s.newContainer(nil)
	reseller := s.as(testlib.AltReseller)

	if !slices.Contains(reseller.get("", nil).lines(), container) {
		e.Errorf("the reseller does not see %s", container)
	}
	name, content := reseller.newObject(container, nil)
	s.get(at(container, name), nil).contains(e, content)
}

// capabilities is what /info says, as far as tests need it.
type capabilities struct {
	Swift struct {
		Version               string
		MaxFileSize           int64 `json:"max_file_size"`
		MaxContainerName      int   `json:"max_container_name_length"`
		MaxObjectName         int   `json:"max_object_name_length"`
		MaxMetaName           int   `json:"max_meta_name_length"`
		MaxMetaValue          int   `json:"max_meta_value_length"`
		MaxMetaCount          int   `json:"max_meta_count"`
		MaxMetaSize           int   `json:"max_meta_overall_size"`
		ContainerListingLimit int   `json:"container_listing_limit"`
		AccountListingLimit   int   `json:"account_listing_limit"`
		Policies              []struct {
			Name    string
			Aliases string
			Default bool
		}
	}
}

// limits asks the store what it can do.
func limits(s store) capabilities {
	s.e.Helper()
	var c capabilities
	s.anonymous().root().get("info", nil).into(s.e, &c)
	return c
}

func TestInfo(t *testing.T) {
	e := testlib.Start(t, testlib.ID("6eb04a6a-4860-4e31-ba91-ea3347d76b58"), testlib.Services("object-store"),
		testlib.Feature("object-store", "discoverability"), testlib.Credentials(testlib.ProjectOperator))
	s := operator(e)

	a := s.anonymous().root().get("info", nil)

	a.has(e, header{"Content-Type": "application/json; charset=UTF-8"})
	var all map[string]json.RawMessage
	a.into(e, &all)
	if len(all["swift"]) == 0 {
		e.Errorf("/info = %s, want a member swift", a.Body)
	}
	var c capabilities
	a.into(e, &c)
	defaults := 0
	for _, p := range c.Swift.Policies {
		if p.Default {
			defaults++
		}
	}
	if c.Swift.Version == "" || c.Swift.MaxContainerName == 0 || c.Swift.MaxFileSize == 0 || defaults != 1 {
		e.Errorf("swift = %+v, want its version, its limits and one policy that is the default", c.Swift)
	}

	e.Run("Head", func(e *testlib.Env) {
		operator(e).anonymous().root().head("info", nil).has(e, header{"Content-Type": "application/json; charset=UTF-8"})
	}, testlib.ID("4daf31f4-07ec-41d2-a26a-fda54a3aa29e"))

	e.Run("IsReadOnly", func(e *testlib.Env) {
		root := operator(e).anonymous().root()
		root.want(http.StatusMethodNotAllowed, http.MethodPut, "info", nil, nil)
		root.want(http.StatusMethodNotAllowed, http.MethodDelete, "info", nil, nil)
	}, testlib.ID("04b5b724-ca71-486f-9b74-ef3a61cb5073"), testlib.Negative)

	e.Run("OfAdministrators", func(e *testlib.Env) {
		operator(e).root().want(http.StatusForbidden, http.MethodGet, "info?swiftinfo_sig=0&swiftinfo_expires=1", nil, nil)
	}, testlib.ID("cf7b771f-d5ff-4fb2-b67b-5723a1305f6a"), testlib.Negative)
}
