//go:build tempest

package testlib

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/gotempest/tempest/internal/ledger"
)

// creation makes one resource. Words in braces in path and body are values of earlier ones, or of the cloud: {name}
// is a new name.
type creation struct {
	kind    string // type in the table; empty when the request makes no entry
	service string
	method  string // POST if empty
	path    string // behind the endpoint of the client
	body    string
	version string // microversion, "compute 2.1"
	keep    string // word for the ID; if empty, kind
	until   string // status to wait for before the next
}

// made makes resources one after the other and returns their entries.
func made(e *Env, values map[string]string, list []creation) {
	e.Helper()
	for _, c := range list {
		values["name"] = e.Name(c.kind)
		client := e.Client(ProjectAdmin, c.service)
		before := len(shownOf(e))
		if err := send1(e, client, c, values); err != nil {
			e.Errorf("making a %s %s: %v", c.service, c.kind, err)
			continue
		}
		entries := shownOf(e)[before:]
		if c.kind == "" {
			if len(entries) > 0 {
				e.Errorf("%s %s made the entry %+v, want none", c.method, c.path, entries[0].thing)
			}
			continue
		}
		if len(entries) != 1 {
			e.Errorf("%s %s made %d entries, want one", c.service, c.path, len(entries))
			continue
		}
		n := entries[0]
		if n.thing.Type != c.kind || n.thing.ID == "" || n.state != ledger.Made {
			e.Errorf("%s %s: entry %+v in state %v, want a %s", c.service, c.path, n.thing, n.state, c.kind)
		}
		if strings.Contains(c.body, "{name}") && n.thing.Name != values["name"] {
			e.Errorf("%s %s: name %q, want %q", c.service, c.kind, n.thing.Name, values["name"])
		}
		key := c.kind
		if c.keep != "" {
			key = c.keep
		}
		values[key] = n.thing.ID
		if c.until != "" {
			waitForStatus(e, n, c.until)
		}
	}
}

// shownOf returns the entries of what answers have shown.
func shownOf(e *Env) []*entry {
	return slices.DeleteFunc(e.session.books.of(e.root()), func(n *entry) bool { return n.hidden != nil })
}

var wordInBraces = regexp.MustCompile(`\{[a-z_0-9]+\}`)

func send1(e *Env, client *gophercloud.ServiceClient, c creation, values map[string]string) error {
	fill := func(s string) string {
		return wordInBraces.ReplaceAllStringFunc(s, func(w string) string {
			if v, ok := values[strings.Trim(w, "{}")]; ok {
				return v
			}
			return w
		})
	}
	method := c.method
	if method == "" {
		method = http.MethodPost
	}
	opts := &gophercloud.RequestOpts{
		OkCodes: []int{200, 201, 202, 204}, KeepResponseBody: true, MoreHeaders: map[string]string{},
	}
	if c.body != "" {
		opts.RawBody = strings.NewReader(fill(c.body))
		opts.MoreHeaders["Content-Type"] = "application/json"
	}
	if c.version != "" {
		opts.MoreHeaders["OpenStack-API-Version"] = c.version
	}
	resp, err := client.Request(e.Context(), method, client.ServiceURL(strings.Split(fill(c.path), "/")[1:]...), opts)
	if err == nil {
		err = resp.Body.Close()
	}
	return err
}

func waitForStatus(e *Env, n *entry, want string) {
	e.Helper()
	path, _, _ := strings.Cut(n.thing.Path, "?")
	for range 300 {
		a, err := e.put(e.Context(), n, question{method: "GET", service: n.thing.Service, path: path, url: n.urlOf(path)})
		if err != nil {
			e.Fatal(err)
		}
		var obj map[string]map[string]any
		_ = json.Unmarshal(a.body, &obj)
		for _, o := range obj {
			if strings.EqualFold(fmt.Sprint(o["status"]), want) {
				return
			}
		}
		if !waitFor(e.Context(), firstPoll) {
			break
		}
	}
	e.Fatalf("%s did not become %s", n.short(), want)
}

// removed lets what was left be removed as leaks are, and by the administrator alone if asAdmin, and checks that it
// worked.
func removed(e *Env, asAdmin bool) {
	e.Helper()
	ctx, cancel := context.WithTimeout(e.Context(), leakTime)
	defer cancel()
	for _, n := range e.session.books.of(e) {
		if asAdmin && !n.kind.Scoped {
			n.token, n.intent.Who = "", ""
		}
		there, err := e.isThere(ctx, n)
		if !there || err != nil {
			e.Errorf("%s is not seen, although it was just made: %v", n.describe(), err)
		}
	}
	leaks := e.leaks(ctx)
	e.removeLeaks(ctx, leaks)
	for _, l := range leaks {
		if e.session.books.stateOf(l.entry) != ledger.Gone {
			e.Errorf("%s is still there: %s", l.describe(), l.fate)
		} else {
			e.Logf("%s: %s", l.describe(), l.fate)
		}
	}
	left, err := e.isThereAny(ctx, leaks)
	if err != nil || left != "" {
		e.Errorf("%s is seen after its removal: %v", left, err)
	}
}

func (e *Env) isThereAny(ctx context.Context, leaks []*leak) (string, error) {
	for _, l := range leaks {
		if there, err := e.isThere(ctx, l.entry); there || err != nil {
			return l.describe(), err
		}
	}
	return "", nil
}

// eachWay runs f twice: what it makes is removed as the one who made it, and as an administrator of another project.
func eachWay(e *Env, list []creation) {
	for name, asAdmin := range map[string]bool{"as its maker": false, "as administrator": true} {
		e.Run(name, func(e *Env) {
			c := e.Credential(ProjectAdmin)
			values := map[string]string{"user_id": c.UserID, "project_id": c.ProjectID}
			made(e, values, list)
			removed(e.root(), asAdmin)
		})
	}
}

func TestLedgerIdentity(t *testing.T) {
	e := Start(t, ID("0f3c1f0a-3a0d-4c1e-9a53-5b8a7c1d2e10"), Services("identity"), Credentials(ProjectAdmin))
	const s = "identity"
	eachWay(e, []creation{
		{kind: "domain", service: s, path: "/domains", body: `{"domain":{"name":"{name}"}}`},
		{kind: "project", service: s, path: "/projects", body: `{"project":{"name":"{name}"}}`},
		{kind: "user", service: s, path: "/users", body: `{"user":{"name":"{name}","password":"{name}"}}`},
		{kind: "group", service: s, path: "/groups", body: `{"group":{"name":"{name}"}}`},
		{kind: "role", service: s, path: "/roles", body: `{"role":{"name":"{name}"}}`},
		{kind: "service", service: s, path: "/services", body: `{"service":{"name":"{name}","type":"tempest-test"}}`},
		{kind: "region", service: s, path: "/regions", body: `{"region":{"description":"x"}}`},
		{kind: "endpoint", service: s, path: "/endpoints",
			body: `{"endpoint":{"service_id":"{service}","interface":"public","url":"http://127.0.0.1:1"}}`},
		{kind: "policy", service: s, path: "/policies", body: `{"policy":{"blob":"{}","type":"application/json"}}`},
		{kind: "credential", service: s, path: "/credentials",
			body: `{"credential":{"blob":"x","type":"t","user_id":"{user_id}","project_id":"{project_id}"}}`},
		{kind: "ec2_credential", service: s, path: "/users/{user_id}/credentials/OS-EC2",
			body: `{"tenant_id":"{project_id}"}`},
		{kind: "registered_limit", service: s, path: "/registered_limits",
			body: `{"registered_limits":[{"service_id":"{service}","resource_name":"r","default_limit":1}]}`},
		{kind: "oauth_consumer", service: s, path: "/OS-OAUTH1/consumers", body: `{"consumer":{"description":"{name}"}}`},
		{kind: "endpoint_group", service: s, path: "/OS-EP-FILTER/endpoint_groups",
			body: `{"endpoint_group":{"name":"{name}","filters":{"interface":"public"}}}`},
		{kind: "mapping", service: s, method: "PUT", path: "/OS-FEDERATION/mappings/{project}",
			body: `{"mapping":{"rules":[{"local":[{"user":{"name":"{0}"}}],"remote":[{"type":"U"}]}]}}`},
		{kind: "identity_provider", service: s, method: "PUT", path: "/OS-FEDERATION/identity_providers/{project}",
			body: `{"identity_provider":{"enabled":true}}`},
		{kind: "service_provider", service: s, method: "PUT", path: "/OS-FEDERATION/service_providers/{project}",
			body: `{"service_provider":{"enabled":true,"auth_url":"http://127.0.0.1:1","sp_url":"http://127.0.0.1:1"}}`},
		// Parts of what was just made, and what belongs to no one.
		{service: s, method: "PUT", path: "/projects/{project}/users/{user}/roles/{role}"},
		{service: s, method: "PUT", path: "/groups/{group}/users/{user}"},
		{service: s, method: "PUT", path: "/projects/{project}/tags/x"},
		{service: s, path: "/credentials",
			body: `{"credential":{"blob":"x","type":"t","user_id":"{user}","project_id":"{project}"}}`},
	})
}

// Application credentials cannot be made or removed by anyone but their user.
func TestLedgerApplicationCredential(t *testing.T) {
	e := Start(t, ID("0f3c1f0a-3a0d-4c1e-9a53-5b8a7c1d2e11"), Services("identity"), Credentials(ProjectAdmin))
	values := map[string]string{"user_id": e.Credential(ProjectAdmin).UserID, "name": e.Name("app")}
	if err := send1(e, e.Identity(ProjectAdmin), creation{path: "/users/{user_id}/application_credentials", body: `
		{"application_credential":{"name":"{name}",
			"access_rules":[{"path":"/v2.1/{name}","method":"GET","service":"compute"}]}}`,
	}, values); err != nil {
		e.Fatal(err)
	}
	entries := e.session.books.of(e)
	if len(entries) != 2 || entries[0].thing.Type != "application_credential" || entries[1].thing.Type != "access_rule" {
		e.Fatalf("entries = %+v, want an application credential and an access rule", entries)
	}
	removed(e, false)
}

func TestLedgerImage(t *testing.T) {
	e := Start(t, ID("0f3c1f0a-3a0d-4c1e-9a53-5b8a7c1d2e12"), Services("image"), Credentials(ProjectAdmin))
	const s = "image"
	eachWay(e, []creation{
		{kind: "image", service: s, path: "/images",
			body: `{"name":"{name}","visibility":"shared","disk_format":"raw","container_format":"bare"}`},
		{service: s, path: "/images/{image}/members", body: `{"member":"{project_id}"}`},
		{service: s, method: "PUT", path: "/images/{image}/tags/x"},
		{kind: "metadef_namespace", service: s, path: "/metadefs/namespaces", body: `{"namespace":"{name}"}`},
		{service: s, path: "/metadefs/namespaces/{metadef_namespace}/objects", body: `{"name":"o"}`},
		{service: s, path: "/metadefs/namespaces/{metadef_namespace}/properties",
			body: `{"name":"p","type":"string","title":"t"}`},
	})
}

func TestLedgerNetwork(t *testing.T) {
	e := Start(t, ID("0f3c1f0a-3a0d-4c1e-9a53-5b8a7c1d2e13"), Services("network"), Credentials(ProjectAdmin))
	const s = "network"
	eachWay(e, []creation{
		{kind: "network", service: s, path: "/networks", body: `{"network":{"name":"{name}"}}`},
		{kind: "subnet", service: s, path: "/subnets",
			body: `{"subnet":{"name":"{name}","network_id":"{network}","ip_version":4,"cidr":"10.9.8.0/24"}}`},
		{kind: "port", service: s, path: "/ports", body: `{"port":{"name":"{name}","network_id":"{network}"}}`},
		{kind: "router", service: s, path: "/routers", body: `{"router":{"name":"{name}"}}`},
		{kind: "router_interface", service: s, method: "PUT", path: "/routers/{router}/add_router_interface",
			body: `{"subnet_id":"{subnet}"}`},
		{kind: "security_group", service: s, path: "/security-groups", body: `{"security_group":{"name":"{name}"}}`},
		{service: s, path: "/security-group-rules",
			body: `{"security_group_rule":{"direction":"ingress","security_group_id":"{security_group}"}}`},
		{kind: "address_group", service: s, path: "/address-groups",
			body: `{"address_group":{"name":"{name}","addresses":["10.1.0.0/24"]}}`},
		{kind: "address_scope", service: s, path: "/address-scopes",
			body: `{"address_scope":{"name":"{name}","ip_version":4}}`},
		{kind: "subnetpool", service: s, path: "/subnetpools", body: `{"subnetpool":{"name":"{name}",
			"address_scope_id":"{address_scope}","default_prefixlen":24,"prefixes":["10.77.0.0/16"]}}`},
		{kind: "policy", service: s, path: "/qos/policies", body: `{"policy":{"name":"{name}"}}`},
		{service: s, path: "/qos/policies/{policy}/bandwidth_limit_rules",
			body: `{"bandwidth_limit_rule":{"max_kbps":1000,"max_burst_kbps":1000}}`},
		{service: s, path: "/rbac-policies", body: `{"rbac_policy":{"object_id":"{network}","object_type":"network",
			"action":"access_as_shared","target_tenant":"{project_id}"}}`},
		{service: s, method: "PUT", path: "/networks/{network}/tags/x"},
	})
}

func TestLedgerNetworkBulk(t *testing.T) {
	e := Start(t, ID("0f3c1f0a-3a0d-4c1e-9a53-5b8a7c1d2e14"), Services("network"), Credentials(ProjectAdmin))
	values := map[string]string{"name": e.Name("bulk")}
	err := send1(e, e.Client(ProjectAdmin, "network"), creation{path: "/networks",
		body: `{"networks":[{"name":"{name}-1"},{"name":"{name}-2"}]}`}, values)
	if err != nil {
		e.Fatal(err)
	}
	entries := e.session.books.of(e)
	if len(entries) != 2 || entries[1].thing.Name != values["name"]+"-2" {
		e.Fatalf("entries = %+v, want two networks", entries)
	}
	removed(e, false)
}

func TestLedgerFloatingIP(t *testing.T) {
	e := Start(t, ID("0f3c1f0a-3a0d-4c1e-9a53-5b8a7c1d2e15"), Services("network"), Credentials(ProjectAdmin))
	values := map[string]string{"public": e.PublicNetworkID()}
	made(e, values, []creation{{kind: "floatingip", service: "network", path: "/floatingips",
		body: `{"floatingip":{"floating_network_id":"{public}"}}`}})
	removed(e, true)
}

func TestLedgerBlockStorage(t *testing.T) {
	e := Start(t, ID("0f3c1f0a-3a0d-4c1e-9a53-5b8a7c1d2e16"), Services("block-storage"), Credentials(ProjectAdmin))
	const s = "block-storage"
	eachWay(e, []creation{
		{kind: "volume", service: s, path: "/volumes", body: `{"volume":{"name":"{name}","size":1}}`, until: "available"},
		{kind: "snapshot", service: s, path: "/snapshots", body: `{"snapshot":{"name":"{name}","volume_id":"{volume}"}}`,
			until: "available"},
		{kind: "volume", service: s, path: "/volumes", body: `{"volume":{"name":"{name}","size":1}}`, until: "available",
			keep: "other"},
		{kind: "transfer", service: s, path: "/os-volume-transfer",
			body: `{"transfer":{"name":"{name}","volume_id":"{other}"}}`},
		{kind: "volume_type", service: s, path: "/types", body: `{"volume_type":{"name":"{name}"}}`},
		{service: s, path: "/types/{volume_type}/extra_specs", body: `{"extra_specs":{"a":"b"}}`},
		{kind: "qos_specs", service: s, path: "/qos-specs", body: `{"qos_specs":{"name":"{name}","a":"b"}}`},
		{kind: "group_type", service: s, path: "/group_types", body: `{"group_type":{"name":"{name}"}}`,
			version: "volume 3.11"},
		{service: s, path: "/volumes/{volume}/metadata", body: `{"metadata":{"a":"b"}}`},
	})
}

func TestLedgerUploadedImage(t *testing.T) {
	e := Start(t, ID("0f3c1f0a-3a0d-4c1e-9a53-5b8a7c1d2e17"), Services("block-storage", "image"),
		Credentials(ProjectAdmin))
	made(e, map[string]string{}, []creation{
		{kind: "volume", service: "block-storage", path: "/volumes", body: `{"volume":{"name":"{name}","size":1}}`,
			until: "available"},
		{kind: "uploaded_image", service: "block-storage", path: "/volumes/{volume}/action",
			body: `{"os-volume_upload_image":{"image_name":"{name}"}}`},
	})
	waitForStatus(e, e.session.books.of(e)[0], "available")
	removed(e, false)
}

func TestLedgerPlacement(t *testing.T) {
	e := Start(t, ID("0f3c1f0a-3a0d-4c1e-9a53-5b8a7c1d2e18"), Services("placement"), Credentials(ProjectAdmin))
	const (
		s = "placement"
		v = "placement 1.28"
	)
	eachWay(e, []creation{
		{kind: "resource_provider", service: s, path: "/resource_providers", body: `{"name":"{name}"}`, version: v},
		{kind: "resource_class", service: s, method: "PUT", path: "/resource_classes/CUSTOM_TEMPEST_LEDGER", version: v},
		{service: s, method: "PUT", path: "/resource_classes/CUSTOM_TEMPEST_LEDGER", version: v},
		{kind: "trait", service: s, method: "PUT", path: "/traits/CUSTOM_TEMPEST_LEDGER", version: v},
		{service: s, path: "/resource_providers/{resource_provider}/inventories",
			body: `{"resource_provider_generation":0,"resource_class":"VCPU","total":4}`, version: v},
		{kind: "allocation", service: s, method: "PUT", path: "/allocations/2b6aef5c-3d5c-4f5a-9f3c-0b3b1d8c7a01", version: v,
			body: `{"allocations":{"{resource_provider}":{"resources":{"VCPU":1}}},"project_id":"{project_id}",
				"user_id":"{user_id}","consumer_generation":null}`},
	})
}

func TestLedgerObjectStore(t *testing.T) {
	e := Start(t, ID("0f3c1f0a-3a0d-4c1e-9a53-5b8a7c1d2e19"), Services("object-store"), Credentials(ProjectAdmin))
	const s = "object-store"
	eachWay(e, []creation{
		{kind: "container", service: s, method: "PUT", path: "/a b%2520c"},
		{service: s, method: "PUT", path: "/a b%2520c"},
		{kind: "object", service: s, method: "PUT", path: "/a b%2520c/x/y z", body: `{}`},
		{service: s, method: "PUT", path: "/a b%2520c/x/y z", body: `{}`},
		{service: s, path: "/a b%2520c/x/y z"},
	})
}

func TestLedgerCompute(t *testing.T) {
	e := Start(t, ID("0f3c1f0a-3a0d-4c1e-9a53-5b8a7c1d2e20"), Services("compute", "network"), Credentials(ProjectAdmin))
	const s = "compute"
	values := map[string]string{"image_ref": e.ImageID(), "flavor_ref": e.FlavorID()}
	list := []creation{
		{kind: "flavor", service: s, path: "/flavors",
			body: `{"flavor":{"name":"{name}","ram":64,"vcpus":1,"disk":0}}`},
		{service: s, path: "/flavors/{flavor}/os-extra_specs", body: `{"extra_specs":{"a":"b"}}`},
		{kind: "keypair", service: s, path: "/os-keypairs", body: `{"keypair":{"name":"{name}"}}`},
		{kind: "server_group", service: s, path: "/os-server-groups",
			body: `{"server_group":{"name":"{name}","policies":["affinity"]}}`},
		{kind: "aggregate", service: s, path: "/os-aggregates", body: `{"aggregate":{"name":"{name}"}}`},
		{kind: "network", service: "network", path: "/networks", body: `{"network":{"name":"{name}"}}`},
		{kind: "subnet", service: "network", path: "/subnets",
			body: `{"subnet":{"name":"{name}","network_id":"{network}","ip_version":4,"cidr":"10.9.8.0/24"}}`},
		{kind: "server", service: s, path: "/servers", until: "active", body: `{"server":{"name":"{name}",
			"imageRef":"{image_ref}","flavorRef":"{flavor_ref}","networks":[{"uuid":"{network}"}]}}`},
		{service: s, path: "/servers/{server}/os-interface", body: `{"interfaceAttachment":{"net_id":"{network}"}}`},
		{service: s, path: "/servers/{server}/action", body: `{"reboot":{"type":"HARD"}}`},
		{service: s, path: "/servers/{server}/metadata", body: `{"metadata":{"a":"b"}}`},
	}
	for name, asAdmin := range map[string]bool{"as its maker": false, "as administrator": true} {
		e.Run(name, func(e *Env) {
			made(e, values, list)
			removed(e.root(), asAdmin)
		})
	}
}

func TestLedgerServerImage(t *testing.T) {
	e := Start(t, ID("0f3c1f0a-3a0d-4c1e-9a53-5b8a7c1d2e21"), Services("compute", "network"), Credentials(ProjectAdmin))
	values := map[string]string{"image_ref": e.ImageID(), "flavor_ref": e.FlavorID()}
	made(e, values, []creation{
		{kind: "server", service: "compute", path: "/servers", until: "active", version: "compute 2.37",
			body: `{"server":{"name":"{name}","imageRef":"{image_ref}","flavorRef":"{flavor_ref}","networks":"none"}}`},
		{kind: "server_image", service: "compute", path: "/servers/{server}/action",
			body: `{"createImage":{"name":"{name}"}}`},
	})
	removed(e, false)
}

// Nova answers with one of several servers: the others are found by their names.
func TestLedgerServersAtOnce(t *testing.T) {
	e := Start(t, ID("0f3c1f0a-3a0d-4c1e-9a53-5b8a7c1d2e22"), Services("compute"), Credentials(ProjectAdmin))
	values := map[string]string{"image_ref": e.ImageID(), "flavor_ref": e.FlavorID(), "name": e.Name("server")}
	err := send1(e, e.Client(ProjectAdmin, "compute"), creation{path: "/servers", version: "compute 2.37",
		body: `{"server":{"name":"{name}","imageRef":"{image_ref}","flavorRef":"{flavor_ref}","networks":"none",
			"min_count":2}}`}, values)
	if err != nil {
		e.Fatal(err)
	}
	e.resolve(e.Context(), e.session.books.of(e))
	if entries := e.session.books.of(e); len(entries) != 2 || entries[1].thing.Name != values["name"]+"-2" &&
		entries[0].thing.Name != values["name"]+"-2" {
		e.Errorf("entries = %+v, want two servers", entries)
	}
	removed(e, false)
}

// hiddenFound lets what no answer showed be looked for, and returns the entries that were found of a type.
func hiddenFound(e *Env, typeName string) []*entry {
	e.Helper()
	b := e.session.books
	hidden, _ := b.hiddenOf(e)
	e.resolve(e.Context(), hidden)
	return slices.DeleteFunc(b.of(e), func(n *entry) bool { return n.hidden == nil || n.thing.Type != typeName })
}

// bootFromVolume makes a server whose root volume Nova makes of the image, with a blank one beside it, and returns its
// entry.
func bootFromVolume(e *Env, goes bool) *entry {
	e.Helper()
	made(e, map[string]string{"image_ref": e.ImageID(), "flavor_ref": e.FlavorID(), "goes": fmt.Sprint(goes)}, []creation{
		{service: "compute", path: "/servers", kind: "server", version: "compute 2.37", until: "active",
			body: `{"server":{"name":"{name}","flavorRef":"{flavor_ref}","networks":"none","block_device_mapping_v2":[
				{"boot_index":0,"source_type":"image","destination_type":"volume","uuid":"{image_ref}","volume_size":1,
					"delete_on_termination":{goes}},
				{"boot_index":-1,"source_type":"blank","destination_type":"volume","volume_size":1,
					"delete_on_termination":{goes}}]}}`},
	})
	return e.session.books.of(e.root())[0]
}

// Nova makes the volumes of a server, and does not say so in its answer. Two tests in two projects do it at once, and
// each finds its own when its server is gone.
func TestLedgerVolumesOfServer(t *testing.T) {
	for _, id := range []string{"0f3c1f0a-3a0d-4c1e-9a53-5b8a7c1d2e23", "0f3c1f0a-3a0d-4c1e-9a53-5b8a7c1d2e24"} {
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			e := Start(t, ID(id), Services("compute", "block-storage"), Credentials(ProjectAdmin))
			server := bootFromVolume(e, false)
			ctx := e.Context()
			leaks := e.leaks(ctx)
			e.removeLeaks(ctx, leaks)
			if e.session.books.stateOf(server) != ledger.Gone {
				e.Errorf("the server is still there: %s", leaks[0].fate)
			}

			found := hiddenFound(e, "volume")

			if len(found) != 2 {
				e.Errorf("entries = %+v, want two volumes", found)
			}
			for _, n := range found {
				if n.intent.Project != e.Credential(ProjectAdmin).ProjectID || !strings.HasSuffix(n.request(), "/servers") {
					e.Errorf("%s: %+v", n.describe(), n.intent)
				}
			}
			removed(e, false)
		})
	}
}

// Volumes that go with their server are no leaks, and nothing of them is left.
func TestLedgerVolumesThatGo(t *testing.T) {
	e := Start(t, ID("0f3c1f0a-3a0d-4c1e-9a53-5b8a7c1d2e25"), Services("compute", "block-storage"),
		Credentials(ProjectAdmin))
	bootFromVolume(e, true)
	e.removeLeaks(e.Context(), e.leaks(e.Context()))
	hiddenFound(e, "volume")
	if leaks := e.leaks(e.Context()); len(leaks) > 0 {
		e.Errorf("left behind %s", leaks[0].describe())
	}
}

// The image of a server on volumes is made of snapshots.
func TestLedgerSnapshotsOfServerImage(t *testing.T) {
	e := Start(t, ID("0f3c1f0a-3a0d-4c1e-9a53-5b8a7c1d2e26"), Services("compute", "block-storage", "image"),
		Credentials(ProjectAdmin))
	server := bootFromVolume(e, false)
	made(e, map[string]string{"server": server.thing.ID}, []creation{
		{kind: "server_image", service: "compute", path: "/servers/{server}/action",
			body: `{"createImage":{"name":"{name}"}}`},
	})
	if found := hiddenFound(e, "snapshot"); len(found) != 2 {
		e.Errorf("entries = %+v, want two snapshots", found)
	}
	removed(e, false)
}
