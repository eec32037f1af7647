package embedded_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/tokens"
)

// service is one that scenarios are replayed against.
type service struct {
	name string // type in the catalogue
	dir  string // folder of its scenarios, in testdata
	root string // of the paths in scenarios, below what the catalogue has; "-" for the root of the host

	redirects bool // they are shown, not followed

	accept  string                 // of requests that do not say
	content string                 // type of bodies that do not say
	headers []string               // shown in transcripts
	always  []string               // headers whose absence is shown
	sorted  func(list string) bool // whether the order of a list of that name is sorted out

	// made is the path of what a request created, or empty. The id is of the
	// answer.
	made func(method, path, id string, body map[string]any) string
	// unlock lets what is at path be deleted.
	unlock func(do func(method, body string, header ...string), path string)
}

// services are all of them, the default of scenarios without a folder first.
func services() []*service {
	return []*service{identityService(), imageService()}
}

func anyList(string) bool { return true }

func identityService() *service {
	return &service{
		name: "identity", root: "/v3",
		content: "application/json",
		headers: []string{"Location", "WWW-Authenticate"},
		always:  []string{"Vary", "X-Openstack-Request-Id"},
		sorted:  anyList,
		made: func(method, path, id string, _ map[string]any) string {
			if method != http.MethodPost || id == "" {
				return ""
			}
			return path + "/" + id
		},
		unlock: func(do func(method, body string, header ...string), path string) {
			member := strings.TrimSuffix(strings.Split(path, "/")[1], "s")
			if member == "domain" || member == "project" || member == "role" {
				do(http.MethodPatch, `{"`+member+`": {"options": {"immutable": null}}}`)
				do(http.MethodPatch, `{"`+member+`": {"enabled": false}}`)
			}
		},
	}
}

func imageService() *service {
	return &service{
		name: "image", dir: "image", root: "-", redirects: true,
		accept: "application/json", content: "application/json",
		headers: []string{
			"Accept-Patch", "Allow", "Content-Md5", "Content-Range", "Location", "Openstack-Image-Import-Methods",
			"Openstack-Image-Store-Ids", "Www-Authenticate",
		},
		always: []string{"X-Openstack-Request-Id"},
		sorted: func(list string) bool { return list == "tags" || list == "tasks" },
		made: func(method, path, id string, body map[string]any) string {
			name, _ := body["namespace"].(string)
			switch {
			case method != http.MethodPost:
			case path == "/v2/images" && id != "":
				return path + "/" + id
			case path == "/v2/metadefs/namespaces" && name != "":
				return path + "/" + url.PathEscape(name)
			}
			return ""
		},
		unlock: func(do func(method, body string, header ...string), path string) {
			if strings.HasPrefix(path, "/v2/images/") {
				do(http.MethodPatch, `[{"op": "replace", "path": "/protected", "value": false}]`,
					"Content-Type", "application/openstack-images-v2.1-json-patch")
			}
		},
	}
}

// targetOf is the cloud of a client of the identity service, whose user is an
// administrator. Region is where its services are, empty for the only one.
func targetOf(t *testing.T, client *gophercloud.ServiceClient, region string) target {
	t.Helper()
	cloud := target{addresses: map[string]string{}, token: client.Token(), project: projectOf(t, client)}
	for _, s := range services() {
		address := strings.TrimRight(client.IdentityBase, "/")
		if s.name != "identity" {
			var err error
			address, err = client.EndpointLocator(gophercloud.EndpointOpts{
				Type: s.name, Region: region, Availability: gophercloud.AvailabilityPublic,
			})
			if err != nil {
				t.Fatalf("finding the %s service: %v", s.name, err)
			}
		}
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		if s.root == "-" {
			u.Path = ""
		}
		cloud.addresses[s.name] = strings.TrimRight(u.String(), "/") + strings.TrimPrefix(s.root, "-")
	}
	return cloud
}

// projectOf is the id of the project of the client's token.
func projectOf(t *testing.T, client *gophercloud.ServiceClient) string {
	t.Helper()
	project, err := tokens.Get(t.Context(), client, client.Token()).ExtractProject()
	if err != nil {
		t.Fatal(err)
	}
	return project.ID
}
