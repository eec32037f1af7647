//go:build tempest

// Package heavy has tests that make much of everything in the six services, for the kill tests of
// tempest: whatever is killed at whatever moment, nothing may stay.
package heavy

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/gotempest/tempest/testlib"
)

func TestServer(t *testing.T)  { t.Parallel(); server(t) }
func TestVolume(t *testing.T)  { t.Parallel(); volume(t) }
func TestImage(t *testing.T)   { t.Parallel(); image(t) }
func TestObjects(t *testing.T) { t.Parallel(); objects(t) }
func TestPeople(t *testing.T)  { t.Parallel(); people(t) }
func TestGlobals(t *testing.T) { t.Parallel(); globals(t) }

// object is what a service says of a thing.
type object map[string]any

func (o object) text(key string) string { s, _ := o[key].(string); return s }

// call makes a request; body and answer are JSON. An answer of one member is that.
func call(e *testlib.Env, ctx context.Context, c *gophercloud.ServiceClient, method, path string, body any) (object, error) {
	o := &gophercloud.RequestOpts{OkCodes: []int{200, 201, 202, 204}, KeepResponseBody: true}
	if body != nil {
		o.JSONBody = body
	}
	if c.Type == "compute" {
		o.MoreHeaders = map[string]string{"OpenStack-API-Version": "compute 2.64"}
	}
	resp, err := c.Request(ctx, method, c.ServiceURL(strings.Split(path, "/")...), o)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	var doc object
	_ = json.NewDecoder(resp.Body).Decode(&doc) // many have no body
	for _, inner := range doc {
		if m, ok := inner.(map[string]any); ok && len(doc) == 1 {
			return m, nil
		}
	}
	return doc, nil
}

// create makes a thing of a collection, and has it removed.
func create(e *testlib.Env, c *gophercloud.ServiceClient, collection string, body any) object {
	e.Helper()
	o, err := call(e, e.Context(), c, http.MethodPost, collection, body)
	if err != nil {
		e.Fatalf("POST %s: %v", collection, err)
	}
	id := o.text("id")
	if n, ok := o["id"].(float64); ok {
		id = fmt.Sprint(int(n))
	}
	if id == "" {
		id = o.text("name")
	}
	e.Cleanup(collection+" "+id, func(ctx context.Context) error {
		return remove(e, ctx, c, collection+"/"+id)
	})
	return o
}

// remove removes a thing and waits until it is gone.
func remove(e *testlib.Env, ctx context.Context, c *gophercloud.ServiceClient, path string) error {
	for {
		_, err := call(e, ctx, c, http.MethodDelete, path, nil)
		switch {
		case gophercloud.ResponseCodeIs(err, http.StatusNotFound):
			return nil
		case err != nil && !gophercloud.ResponseCodeIs(err, http.StatusConflict):
			return err
		case err == nil && !strings.HasPrefix(path, "servers/") && c.Type != "volumev3" && c.Type != "block-storage":
			return nil
		}
		if !pause(ctx) {
			return fmt.Errorf("%s is still there: %w", path, context.Cause(ctx))
		}
		if _, err := call(e, ctx, c, http.MethodGet, path, nil); gophercloud.ResponseCodeIs(err, http.StatusNotFound) {
			return nil
		}
	}
}

func pause(ctx context.Context) bool {
	select {
	case <-time.After(300 * time.Millisecond):
		return true
	case <-ctx.Done():
		return false
	}
}

// until waits until a thing has a status.
func until(e *testlib.Env, c *gophercloud.ServiceClient, path, want string) {
	e.Helper()
	for {
		o, err := call(e, e.Context(), c, http.MethodGet, path, nil)
		if err != nil {
			e.Fatalf("GET %s: %v", path, err)
		}
		switch s := strings.ToLower(o.text("status")); {
		case s == want:
			return
		case s == "error":
			e.Fatalf("%s is in state error", path)
		}
		if !pause(e.Context()) {
			e.Fatalf("%s is not %s", path, want)
		}
	}
}

func server(t *testing.T) {
	e := testlib.Start(t, testlib.ID("6b3f0f5e-1d5e-4c55-9a8d-0d7f6d1e6a01"), testlib.Services("compute", "network"),
		testlib.Credentials(testlib.ProjectMember))
	n, c := e.Network(testlib.ProjectMember), e.Compute(testlib.ProjectMember)
	public := publicNetwork(e, n)
	net := create(e, n, "networks", object{"network": object{"name": e.Name("net")}})
	sub := create(e, n, "subnets", object{"subnet": object{
		"network_id": net["id"], "ip_version": 4, "cidr": "10.9.0.0/24",
	}})
	router := create(e, n, "routers", object{"router": object{
		"name": e.Name("router"), "external_gateway_info": object{"network_id": public},
	}})
	interfaces := "routers/" + router.text("id")
	if _, err := call(e, e.Context(), n, http.MethodPut, interfaces+"/add_router_interface", object{"subnet_id": sub["id"]}); err != nil {
		e.Fatal(err)
	}
	e.Cleanup("interface of "+router.text("id"), func(ctx context.Context) error {
		_, err := call(e, ctx, n, http.MethodPut, interfaces+"/remove_router_interface", object{"subnet_id": sub["id"]})
		return err
	})
	create(e, n, "floatingips", object{"floatingip": object{"floating_network_id": public}})
	group := create(e, n, "security-groups", object{"security_group": object{"name": e.Name("group")}})
	port := create(e, n, "ports", object{"port": object{
		"network_id": net["id"], "name": e.Name("port"), "security_groups": []any{group["id"]},
	}})
	key := create(e, c, "os-keypairs", object{"keypair": object{"name": e.Name("key")}})
	affinity := create(e, c, "os-server-groups", object{"server_group": object{"name": e.Name("group"), "policy": "affinity"}})
	s := create(e, c, "servers", object{
		"server": object{
			"name": e.Name("server"), "flavorRef": e.FlavorID(), "imageRef": e.ImageID(), "key_name": key["name"],
			"networks": []any{object{"port": port["id"]}, object{"uuid": net["id"]}},
		},
		"os:scheduler_hints": object{"group": affinity["id"]},
	})
	until(e, c, "servers/"+s.text("id"), "active")
}

func publicNetwork(e *testlib.Env, n *gophercloud.ServiceClient) any {
	e.Helper()
	var doc struct{ Networks []object }
	if _, err := n.Get(e.Context(), n.ServiceURL("networks")+"?router:external=true", &doc, nil); err != nil || len(doc.Networks) == 0 {
		e.Fatalf("there is no public network: %v", err)
	}
	return doc.Networks[0]["id"]
}

func volume(t *testing.T) {
	e := testlib.Start(t, testlib.ID("6b3f0f5e-1d5e-4c55-9a8d-0d7f6d1e6a02"), testlib.Services("volume"),
		testlib.Credentials(testlib.ProjectMember))
	c := e.BlockStorage(testlib.ProjectMember)
	v := create(e, c, "volumes", object{"volume": object{"name": e.Name("volume"), "size": 1}})
	until(e, c, "volumes/"+v.text("id"), "available")
	s := create(e, c, "snapshots", object{"snapshot": object{"name": e.Name("snapshot"), "volume_id": v["id"]}})
	until(e, c, "snapshots/"+s.text("id"), "available")
	from := create(e, c, "volumes", object{"volume": object{"name": e.Name("volume"), "size": 1, "snapshot_id": s["id"]}})
	until(e, c, "volumes/"+from.text("id"), "available")
}

func image(t *testing.T) {
	e := testlib.Start(t, testlib.ID("6b3f0f5e-1d5e-4c55-9a8d-0d7f6d1e6a03"), testlib.Services("image"),
		testlib.Credentials(testlib.ProjectMember))
	c := e.Image(testlib.ProjectMember)
	i := create(e, c, "images", object{"name": e.Name("image"), "disk_format": "raw", "container_format": "bare", "protected": true})
	path := "images/" + i.text("id")
	e.Cleanup("protection of "+path, func(ctx context.Context) error {
		o := &gophercloud.RequestOpts{
			OkCodes: []int{200}, JSONBody: []object{{"op": "replace", "path": "/protected", "value": false}},
			MoreHeaders: map[string]string{"Content-Type": "application/openstack-images-v2.1-json-patch"},
		}
		_, err := c.Request(ctx, http.MethodPatch, c.ServiceURL("images", i.text("id")), o)
		return err
	})
	o := &gophercloud.RequestOpts{
		OkCodes: []int{204}, RawBody: strings.NewReader(strings.Repeat("x", 1<<20)),
		MoreHeaders: map[string]string{"Content-Type": "application/octet-stream"},
	}
	if _, err := c.Request(e.Context(), http.MethodPut, c.ServiceURL("images", i.text("id"), "file"), o); err != nil {
		e.Fatal(err)
	}
	until(e, c, path, "active")
}

func objects(t *testing.T) {
	e := testlib.Start(t, testlib.ID("6b3f0f5e-1d5e-4c55-9a8d-0d7f6d1e6a04"), testlib.Services("object_store"),
		testlib.Credentials(testlib.ProjectMember))
	c := e.ObjectStore(testlib.ProjectMember)
	send := func(ctx context.Context, method, path, body string) error {
		o := &gophercloud.RequestOpts{OkCodes: []int{200, 201, 202, 204, 404}}
		if body != "" {
			o.RawBody = strings.NewReader(body)
		}
		_, err := c.Request(ctx, method, c.Endpoint+path, o)
		return err
	}
	box := e.Name("box")
	paths := []string{box}
	for i := range 5 {
		paths = append(paths, fmt.Sprintf("%s/folder/object%%20%d", box, i))
	}
	for _, path := range paths {
		if err := send(e.Context(), http.MethodPut, path, "x"); err != nil {
			e.Fatal(err)
		}
		e.Cleanup(path, func(ctx context.Context) error { return send(ctx, http.MethodDelete, path, "") })
	}
}

func people(t *testing.T) {
	e := testlib.Start(t, testlib.ID("6b3f0f5e-1d5e-4c55-9a8d-0d7f6d1e6a05"), testlib.Services("identity"),
		testlib.Credentials(testlib.ProjectAdmin, testlib.ProjectReader))
	c := e.Identity(testlib.ProjectAdmin)
	name := prefix() + e.Name("d")
	d := create(e, c, "domains", object{"domain": object{"name": name, "enabled": false}})
	if _, err := call(e, e.Context(), c, http.MethodPatch, "domains/"+d.text("id"), object{"domain": object{"enabled": true}}); err != nil {
		e.Fatal(err)
	}
	e.Cleanup("state of domain", func(ctx context.Context) error {
		_, err := call(e, ctx, c, http.MethodPatch, "domains/"+d.text("id"), object{"domain": object{"enabled": false}})
		return err
	})
	create(e, c, "projects", object{"project": object{"name": e.Name("p"), "domain_id": d["id"]}})
	create(e, c, "users", object{"user": object{"name": e.Name("u"), "domain_id": d["id"], "password": "x1y2z3Q!"}})
	create(e, c, "groups", object{"group": object{"name": e.Name("g"), "domain_id": d["id"]}})
	create(e, c, "roles", object{"role": object{"name": prefix() + e.Name("r")}})
}

func globals(t *testing.T) {
	e := testlib.Start(t, testlib.ID("6b3f0f5e-1d5e-4c55-9a8d-0d7f6d1e6a06"), testlib.Services("compute", "volume"),
		testlib.Credentials(testlib.ProjectAdmin))
	c, v := e.Compute(testlib.ProjectAdmin), e.BlockStorage(testlib.ProjectAdmin)
	create(e, c, "flavors", object{"flavor": object{"name": prefix() + e.Name("f"), "ram": 64, "vcpus": 1, "disk": 1}})
	create(e, c, "os-aggregates", object{"aggregate": object{"name": prefix() + e.Name("a")}})
	create(e, v, "types", object{"volume_type": object{"name": prefix() + e.Name("t")}})
}

// prefix begins the names of what belongs to no project, so that the kill test knows it.
func prefix() string { return os.Getenv("KILLTEST_PREFIX") }
