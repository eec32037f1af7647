package lookup_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/gotempest/tempest/internal/lookup"
)

const (
	one = "5ad5a1a6-0000-4000-8000-000000000001"
	two = "5ad5a1a6-0000-4000-8000-000000000002"

	oneProject = "5ad5a1a6000040008000000000000001" // as Keystone writes IDs
)

// service answers a GET of a path, with its query, and counts them.
type service struct {
	answers map[string]string // "502 …" is a status
	asked   []string
}

func (s *service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	at := r.URL.Path
	if r.URL.RawQuery != "" {
		at += "?" + r.URL.RawQuery
	}
	s.asked = append(s.asked, at)
	body, ok := s.answers[at]
	if !ok {
		http.Error(w, "no such thing", http.StatusNotFound)
		return
	}
	var status int
	if _, err := fmt.Sscanf(body, "%d ", &status); err == nil {
		http.Error(w, body, status)
		return
	}
	fmt.Fprint(w, body)
}

// clients returns clients for every type of service, all of them at s.
func clients(t *testing.T, s *service) lookup.Clients {
	t.Helper()
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	return func(string) (*gophercloud.ServiceClient, error) {
		return &gophercloud.ServiceClient{ProviderClient: &gophercloud.ProviderClient{}, Endpoint: server.URL + "/p/"}, nil
	}
}

func TestFind(t *testing.T) {
	t.Parallel()
	answers := map[string]string{
		"/p/images/" + one:    `{"id": "` + one + `", "name": "cirros"}`,
		"/p/images?name=twin": `{"images": [{"id": "` + two + `", "name": "twin"}, {"id": "` + one + `", "name": "twin"}]}`,
		"/p/images?name=a+b%2Fc": `{"images": [{"id": "` + two + `", "name": "a b/c"}, ` +
			`{"id": "` + one + `", "name": "a b/c d"}]}`,
		"/p/images?name=gone":   `{"images": []}`,
		"/p/images?name=" + two: `{"images": [{"id": "` + one + `", "name": "` + two + `"}]}`,
		"/p/images":             `{"images": [{"id": "x", "name": "cirros"}, {"id": "y"}, {"id": "z", "name": "cirros"}]}`,
		"/p/images?name=html":   `<html>`, "/p/images?name=odd": `{"pictures": []}`, "/p/images?name=down": "502 oh",
		"/p/flavors/42": `{"flavor": {"id": "42", "name": "m1.tiny"}}`,
		"/p/flavors?is_public=None": `{"flavors": [{"id": "42", "name": "m1.tiny"}], ` +
			`"flavors_links": [{"rel": "next", "href": "https://elsewhere/v2.1/flavors?marker=42"}]}`,
		"/p/flavors?marker=42":      `{"flavors": [{"id": "84", "name": "m1.micro"}]}`,
		"/p/networks?name=public":   `{"networks": [{"id": "` + one + `", "name": "public"}]}`,
		"/p/roles?name=member":      `{"roles": [{"id": "r", "name": "member"}], "links": {"next": null}}`,
		"/p/types/" + one:           "400 not an ID here",
		"/p/types?is_public=None":   `{"volume_types": [{"id": "t", "name": "` + one + `"}]}`,
		"/p/domains/default":        `{"domain": {"id": "default", "name": "Default"}}`,
		"/p/domains?name=Default":   `{"domains": [{"id": "default", "name": "Default"}]}`,
		"/p/projects/" + oneProject: `{"project": {"id": "` + oneProject + `", "name": "admin"}}`,
		"/p/security-groups?name=no+ends": `{"security_groups": [], ` +
			`"security_groups_links": [{"rel": "next", "href": "?name=no+ends"}]}`,
		"/p/routers/" + one:                 "503 try later",
		"/p/subnets?name=loop":              `{"subnets": [{"id": "s", "name": "loop"}], "next": "/v2/subnets?marker=s"}`,
		"/p/subnets?marker=s":               `{"subnets": [], "next": "/v2/subnets?marker=s"}`,
		"/p/subnetpools?name=none+anywhere": "404 gone",
	}
	for _, tt := range []struct {
		kind, wanted string
		want         string // ID or error
	}{
		{"image", one, one},
		{"image", "a b/c", two},
		{"image", two, one}, // a name that looks like an ID
		{"image", "twin", `2 images have the name "twin": use one of their IDs, ` + one + ", " + two},
		{"image", "gone", `the cloud has no image with the name or ID "gone"; it has cirros`},
		{"image", "html", "is no JSON object"},
		{"image", "odd", "has no list images"},
		{"image", "down", "502"},
		{"flavor", "42", "42"},
		{"flavor", "m1.tiny", "42"},
		{"flavor", "m1.micro", "84"}, // on the second page
		{"flavor", "m1.big", `no flavor with the name or ID "m1.big"; it has m1.tiny`},
		{"network", "public", one},
		{"role", "member", "r"},
		{"volume_type", one, "t"},
		{"domain", "default", "default"},
		{"domain", "Default", "default"},
		{"project", oneProject, oneProject},
		{"security_group", "no ends", `no security group with the name or ID "no ends"`},
		{"subnet", "loop", "s"},
		{"router", one, "503"},
		{"subnet_pool", "none anywhere", "404"},
		{"picture", "x", "want one of domain, flavor"},
		{"image", "", "no name and no ID is given"},
	} {
		r, err := lookup.Find(t.Context(), clients(t, &service{answers: answers}), tt.kind, tt.wanted)
		if err == nil && (r.ID != tt.want || r.Kind != tt.kind) || err != nil && !strings.Contains(err.Error(), tt.want) {
			t.Errorf("Find(%s, %q) = %+v, %v; want %q", tt.kind, tt.wanted, r, err, tt.want)
		}
	}
}

func TestFindTellsMissingFromAmbiguous(t *testing.T) {
	t.Parallel()
	c := clients(t, &service{answers: map[string]string{
		"/p/networks?name=a": `{"networks": []}`,
		"/p/networks?name=b": `{"networks": [{"id": "2", "name": "b"}, {"id": "1", "name": "b"}]}`,
	}})

	_, err := lookup.Find(t.Context(), c, "network", "a")
	var missing *lookup.MissingError
	if !errors.As(err, &missing) || missing.Wanted != "a" || missing.Others != nil {
		t.Errorf("Find error = %#v, want a MissingError", err)
	}
	_, err = lookup.Find(t.Context(), c, "network", "b")
	var ambiguous *lookup.AmbiguousError
	if !errors.As(err, &ambiguous) || !slices.Equal(ambiguous.IDs, []string{"1", "2"}) {
		t.Errorf("Find error = %#v, want an AmbiguousError", err)
	}
}

func TestFindNeedsOneCallForAnIDAndOneForAName(t *testing.T) {
	t.Parallel()
	s := &service{answers: map[string]string{
		"/p/images/" + one: `{"id": "` + one + `"}`, "/p/images?name=a": `{"images": [{"id": "i", "name": "a"}]}`,
	}}
	c := clients(t, s)

	for i, wanted := range []string{one, "a"} {
		if _, err := lookup.Find(t.Context(), c, "image", wanted); err != nil || len(s.asked) != i+1 {
			t.Errorf("Find(%s): %v after %d calls, want %d", wanted, err, len(s.asked), i+1)
		}
	}
}

func TestFindNamesTheServiceThatIsNotThere(t *testing.T) {
	t.Parallel()
	none := func(service string) (*gophercloud.ServiceClient, error) { return nil, errors.New("no " + service) }

	_, err := lookup.Find(t.Context(), none, "volume_type", "x")

	if err == nil || err.Error() != `finding the volume type "x": no block-storage` {
		t.Errorf("Find error = %v", err)
	}
}

func TestEveryKindHasAService(t *testing.T) {
	t.Parallel()
	for _, kind := range lookup.Kinds() {
		if lookup.Service(kind) == "" {
			t.Errorf("kind %s has no service", kind)
		}
	}
}
