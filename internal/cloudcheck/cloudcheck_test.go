package cloudcheck_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gotempest/tempest/internal/cloud"
	"github.com/gotempest/tempest/internal/cloudcheck"
	"github.com/gotempest/tempest/internal/option"
	"github.com/gotempest/tempest/testlib/config"
)

// answers holds what the services of a cloud answer to a GET, by type and path. What starts with a number is a status.
type answers map[string]map[string]string

// services are six small services beside the embedded identity service.
func services() answers {
	const id = "5ad5a1a6-0000-4000-8000-00000000000"
	return answers{
		"image": {
			"/v2/images?name=cirros":   `{"images": [{"id": "` + id + `1", "name": "cirros"}]}`,
			"/v2/images?name=twin":     `{"images": [{"id": "2", "name": "twin"}, {"id": "1", "name": "twin"}]}`,
			"/v2/images?name=raw":      `{"images": [{"id": "3", "name": "raw"}]}`,
			"/v2/images?name=gone":     `{"images": []}`,
			"/v2/images":               `{"images": [{"id": "3", "name": "raw"}]}`,
			"/v2/images/" + id + "1":   `{"id": "` + id + `1", "status": "active"}`,
			"/v2/images?status=active": `{"images": [{"name": "cirros"}, {"name": "twin"}]}`,
			"/v2/images/3":             `{"id": "3", "status": "queued"}`,
			"/v2/info/import":          `{"import-methods": {"value": ["glance-direct"]}}`,
		},
		"compute": {
			"/": `{"version": {"id": "v2.1", ` +
				`"status": "CURRENT", "version": "2.93", "min_version": "2.1"}}`,
			"/flavors?is_public=true": `{"flavors": [{"name": "m1.nano"}]}`,
			"/flavors/42":             `{"flavor": {"id": "42", "name": "m1.nano"}}`,
			"/flavors?is_public=None": `{"flavors": [{"id": "42", "name": "m1.nano"}]}`,
			"/os-hypervisors": `{"hypervisors": [{"state": "up", "status": "enabled"}, {"state": "down", "status": ` +
				`"enabled"}]}`,
		},
		"network": {
			"/v2.0/extensions":                    `{"extensions": [{"alias": "router"}, {"alias": "external-net"}]}`,
			"/v2.0/networks?router:external=true": `{"networks": []}`,
			"/v2.0/networks?name=public":          `{"networks": [{"id": "1", "name": "public"}]}`,
			"/v2.0/networks?name=private":         `{"networks": [{"id": "2", "name": "private"}]}`,
			"/v2.0/networks/1":                    `{"network": {"id": "1", "router:external": true}}`,
			"/v2.0/networks/2":                    `{"network": {"id": "2", "router:external": false}}`,
			"/v2.0/routers?name=gateway":          `{"routers": [{"id": "1", "name": "gateway"}]}`,
			"/v2.0/routers/1":                     `{"router": {"external_gateway_info": {"network_id": "1"}}}`,
			"/v2.0/routers?name=aimless":          `{"routers": [{"id": "2", "name": "aimless"}]}`,
			"/v2.0/routers/2":                     `{"router": {"external_gateway_info": null}}`,
			"/v2.0/networks?name=breaking":        "500 out of order",
		},
		"block-storage": {
			"/":           `{"versions": [{"id": "v3.0", "status": "CURRENT", "version": "3.70", "min_version": "3.0"}]}`,
			"/extensions": `{"extensions": [{"alias": "backups"}]}`,
			"/os-services": `{"services": [{"binary": "cinder-volume", "host": "a@lvm", "status": "enabled", "state": ` +
				`"up"}]}`,
			"/types?is_public=None": `{"volume_types": [{"id": "1", "name": "plain"}, ` +
				`{"id": "2", "name": "multi"}]}`,
			"/types/1": `{"volume_type": {"id": "1", "extra_specs": {}}}`,
			"/types/2": `{"volume_type": {"id": "2", ` +
				`"extra_specs": {"multiattach": "<is> True"}}}`,
			"/scheduler-stats/get_pools?detail=true": `{"pools": [{"capabilities": {"volume_backend_name": "LVM"}}]}`,
		},
		"placement": {
			"/": `{"versions": [{"id": "v1.0", "status": "CURRENT", "max_version": "1.39", "min_version": "1.0"}]}`,
		},
		"object-store": {
			"/info": `{"swift": {}, "slo": {}, "versioned_writes": {}, "tempurl": {"allowed_digests": ["sha256", ` +
				`"sha512"]}}`,
		},
	}
}

// open returns a session with an embedded cloud that has these services.
func open(t *testing.T, values *config.Values, all answers) *cloud.Session {
	t.Helper()
	core, err := config.Decode[config.Core](values)
	if err != nil {
		t.Fatal(err)
	}
	s, err := cloud.Open(t.Context(), core)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	for serviceType, paths := range all {
		_, err := s.Embedded.Handle(serviceType, serviceType, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, ok := paths[r.URL.RequestURI()]
			var status int
			if _, err := fmt.Sscanf(body, "%d ", &status); err == nil {
				http.Error(w, body, status)
			} else if !ok {
				http.NotFound(w, r)
			} else {
				fmt.Fprint(w, body)
			}
		}))
		if err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// check compares a configuration with the cloud, and returns all findings but those of the empty configuration.
func check(t *testing.T, file string, all answers) ([]string, cloudcheck.Report) {
	t.Helper()
	path := filepath.Join(t.TempDir(), config.FileName)
	if err := os.WriteFile(path, []byte("auth.cloud = 'embedded'\n"+file), 0o600); err != nil {
		t.Fatal(err)
	}
	core, err := config.CoreGroups()
	if err != nil {
		t.Fatal(err)
	}
	plugin := []option.Group{{Name: "dns", Options: []option.Option{
		{Name: "network", Type: "string", Resource: "network"},
		{Name: "images", Type: "[]string", Resource: "image"},
		{Name: "odd", Type: "string", Resource: "starship"},
	}}, {Name: "service_available", Options: []option.Option{{Name: "dns", Type: "bool", Default: "true"}}}}
	values, err := config.Check(config.Options{Path: path, Env: []string{}}, plugin)
	if err != nil {
		t.Fatal(err)
	}
	report, err := cloudcheck.Check(t.Context(), open(t, values, all), values, option.Merge(core, plugin))
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, f := range report.Findings {
		if f.Origin.Kind == config.FromFile {
			line := fmt.Sprintf("%s %s: %s; %s", f.Level, f.Option, f.Cloud, f.Remedy)
			found = append(found, strings.TrimSuffix(line, "; "))
		}
	}
	return found, report
}

func TestCheckFindsMismatches(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/findings.txt")
	if err != nil {
		t.Fatal(err)
	}
	for block := range strings.SplitSeq(strings.TrimSpace(string(text)), "\n\n") {
		file, want, ok := strings.Cut(block, "\n>")
		if !ok {
			t.Fatalf("%q has no line with >", block)
		}
		want = strings.TrimSpace(want)
		t.Run(strings.ReplaceAll(file, "\n", " "), func(t *testing.T) {
			t.Parallel()
			found, _ := check(t, file, services())
			got := strings.Join(found, "\n")
			prefix, cut := strings.CutSuffix(want, "…")
			if got != want && (!cut || !strings.HasPrefix(got, prefix)) {
				t.Errorf("findings (-want +got)\n%s", cmp.Diff(want, got))
			}
		})
	}
}

// A cloud of which the services are missing makes no mismatch as long as nothing says that they are there.
func TestCheckTakesACloudWithIdentityAlone(t *testing.T) {
	t.Parallel()
	_, report := check(t, "", nil)

	for _, f := range report.Findings {
		if f.Level != cloudcheck.Note {
			t.Errorf("%s %s", f.Level, f)
		}
	}
	for _, name := range []string{"identity.admin_role", "service_available.image"} {
		if !slices.Contains(report.Checked, name) {
			t.Errorf("checked = %v, want %s too", report.Checked, name)
		}
	}
	if !slices.Contains(report.Unchecked, "compute_feature_enabled.rescue") {
		t.Errorf("unchecked = %v", report.Unchecked)
	}
}

// outOfOrder are services of which some paths answer with an error.
func outOfOrder() answers {
	all := services()
	for _, path := range []struct{ service, path string }{
		{"network", "/v2.0/extensions"}, {"block-storage", "/extensions"}, {"block-storage", "/os-services"},
		{"image", "/v2/info/import"}, {"compute", "/os-hypervisors"},
	} {
		all[path.service][path.path] = "500 out of order"
	}
	return all
}

// A service that answers with an error is unknown, not fine.
func TestCheckTellsWhatItCouldNotSee(t *testing.T) {
	t.Parallel()
	_, report := check(t, "", outOfOrder())

	var unknown []string
	for _, f := range report.Findings {
		if f.Level == cloudcheck.Unknown {
			unknown = append(unknown, f.Option)
		}
	}
	want := []string{
		"network_feature_enabled.api_extensions", "image_feature_enabled.import_image",
		"volume_feature_enabled.api_extensions", "volume_feature_enabled.backup", "compute.min_compute_nodes",
	}
	if diff := cmp.Diff(want, unknown); diff != "" || report.Worst() != cloudcheck.Unknown {
		t.Errorf("unknown (-want +got)\n%s", diff)
	}
}

// What is said not to be there is not asked.
func TestCheckLeavesServicesThatAreSwitchedOff(t *testing.T) {
	t.Parallel()
	off := "[service_available]\n"
	for _, name := range []string{"compute", "image", "network", "volume", "object_store"} {
		off += name + " = false\n"
	}

	found, report := check(t, off, outOfOrder())

	if report.Worst() != cloudcheck.Note {
		t.Errorf("findings %q, want notes alone", found)
	}
	for _, f := range report.Findings {
		if group, _, _ := strings.Cut(f.Option, "."); group != "service_available" && group != "identity" {
			t.Errorf("%s of a service that is switched off", f)
		}
	}
}

// Where nothing is named, the report says what could be.
func TestCheckProposesResources(t *testing.T) {
	t.Parallel()
	_, report := check(t, "", services())

	got := map[string]string{}
	for _, f := range report.Findings {
		got[f.Option] = f.Cloud
	}
	for option, want := range map[string]string{
		"compute.image":          "it is not set, and the cloud has cirros, twin",
		"compute.flavor":         "it is not set, and the cloud has m1.nano",
		"network.public_network": "it is not set, and the cloud has none",
	} {
		if got[option] != want {
			t.Errorf("%s: %q, want %q", option, got[option], want)
		}
	}
}
