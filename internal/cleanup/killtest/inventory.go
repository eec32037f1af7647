//go:build linux

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/gotempest/tempest/internal/cloud"
	"github.com/gotempest/tempest/testlib/config"
)

// source is a list of a service. It is not taken from the table of package resource: that is what is tested.
type source struct {
	service, path, key string
	header             string // microversion
}

func sources() []source {
	return []source{
		{"compute", "servers/detail?all_tenants=1", "servers", ""},
		{"compute", "flavors/detail?is_public=None", "flavors", ""},
		{"compute", "os-aggregates", "aggregates", ""},
		{"compute", "os-server-groups?all_projects=1", "server_groups", "compute 2.13"},
		{"network", "networks", "networks", ""}, {"network", "subnets", "subnets", ""}, {"network", "ports", "ports", ""},
		{"network", "routers", "routers", ""}, {"network", "floatingips", "floatingips", ""},
		{"network", "security-groups", "security_groups", ""}, {"network", "subnetpools", "subnetpools", ""},
		{"network", "address-scopes", "address_scopes", ""}, {"network", "rbac-policies", "rbac_policies", ""},
		{"network", "security-group-rules", "security_group_rules", ""}, {"network", "quotas", "quotas", ""},
		{"block-storage", "volumes/detail?all_tenants=1", "volumes", ""},
		{"block-storage", "snapshots/detail?all_tenants=1", "snapshots", ""},
		{"block-storage", "backups/detail?all_tenants=1", "backups", ""},
		{"block-storage", "types?is_public=None", "volume_types", ""},
		{"block-storage", "attachments?all_tenants=1", "attachments", "volume 3.27"},
		{"image", "images?limit=1000", "images", ""},
		{"identity", "projects", "projects", ""}, {"identity", "users", "users", ""}, {"identity", "groups", "groups", ""},
		{"identity", "domains", "domains", ""}, {"identity", "roles", "roles", ""},
		{"identity", "role_assignments", "role_assignments", ""}, {"identity", "credentials", "credentials", ""},
		{"identity", "services", "services", ""}, {"identity", "endpoints", "endpoints", ""},
		{"identity", "regions", "regions", ""}, {"identity", "policies", "policies", ""},
		{"identity", "OS-TRUST/trusts", "trusts", ""},
		{"placement", "resource_providers", "resource_providers", ""},
	}
}

// inventory lists what is in the cloud.
type inventory struct {
	prefix     string
	shared     bool
	domainID   string // for the projects of the tests
	domainName string
	role       string // path of the administrator's role to be taken away; empty for none
	session    *cloud.Session
	admin      *cloud.Admin
	projects   map[string]bool // that the tests made, by ID
	users      map[string]bool
}

func openInventory(ctx context.Context, prefix string, shared bool) (*inventory, error) {
	core, _, err := config.LoadCore(config.Options{Path: "-"})
	if err != nil {
		return nil, err
	}
	i := &inventory{
		prefix: prefix, shared: shared, domainName: prefix + "domain", projects: map[string]bool{}, users: map[string]bool{},
	}
	if i.session, err = cloud.Open(ctx, core); err != nil {
		return nil, err
	}
	i.admin, err = i.session.Administrator(i.session.Transport()) //nolint:contextcheck // the session has ctx
	if err != nil {
		return nil, err
	}
	if err := i.becomeReseller(ctx); err != nil {
		return nil, fmt.Errorf("giving the administrator the reseller admin's role: %w", err)
	}
	var doc struct{ Domain struct{ ID string } }
	body := map[string]any{"domain": map[string]any{"name": i.domainName}}
	if err := i.call(ctx, http.MethodPost, "identity", "domains", "", body, &doc); err != nil {
		return nil, fmt.Errorf("making a domain: %w", err)
	}
	i.domainID = doc.Domain.ID
	return i, nil
}

// becomeReseller gives the administrator the role that sees the containers of all projects, until close.
func (i *inventory) becomeReseller(ctx context.Context) error {
	user, err := i.admin.Token.ExtractUser()
	if err != nil {
		return err
	}
	project, err := i.admin.Token.ExtractProject()
	if err != nil {
		return err
	}
	c, err := cloud.NewClient(i.admin.Provider, "identity", i.session.Cloud.Endpoint)
	if err != nil {
		return err
	}
	role, err := i.admin.RoleID(ctx, c, i.session.Core.ObjectStore.ResellerAdminRole)
	if err != nil || role == "" {
		return errors.Join(err, errors.New("there is no such role"))
	}
	path := "projects/" + project.ID + "/users/" + user.ID + "/roles/" + role
	if i.call(ctx, http.MethodHead, "identity", path, "", nil, nil) == nil {
		return nil
	}
	if err := i.call(ctx, http.MethodPut, "identity", path, "", nil, nil); err != nil {
		return err
	}
	i.role = path
	i.session.ForgetAdministrator()
	i.admin, err = i.session.Administrator(i.session.Transport()) //nolint:contextcheck // the session has ctx
	return err
}

// close removes the domain, and the role.
func (i *inventory) close(ctx context.Context) {
	off := map[string]any{"domain": map[string]any{"enabled": false}}
	err := errors.Join(i.call(ctx, http.MethodPatch, "identity", "domains/"+i.domainID, "", off, nil),
		i.call(ctx, http.MethodDelete, "identity", "domains/"+i.domainID, "", nil, nil))
	if err != nil {
		fmt.Fprintln(os.Stderr, "killtest: removing its domain:", err)
	}
	if i.role != "" {
		if err := i.call(ctx, http.MethodDelete, "identity", i.role, "", nil, nil); err != nil {
			fmt.Fprintln(os.Stderr, "killtest: taking the administrator's role away:", err)
		}
	}
}

func (i *inventory) call(ctx context.Context, method, service, path, header string, body, into any) error {
	c, err := cloud.NewClient(i.admin.Provider, service, i.session.Cloud.Endpoint)
	if err != nil {
		return err
	}
	o := &gophercloud.RequestOpts{OkCodes: []int{200, 201, 204}, KeepResponseBody: true, JSONBody: body}
	if header != "" {
		o.MoreHeaders = map[string]string{"OpenStack-API-Version": header}
	}
	resp, err := c.Request(ctx, method, c.ServiceURL("")+path, o)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil || into == nil {
		return err
	}
	return json.Unmarshal(data, into)
}

// item is one thing.
type item struct {
	kind, id, name, project, domain, user string
}

func (it item) String() string {
	return fmt.Sprintf("%s %s %q, project %s", it.kind, it.id, it.name, it.project)
}

// list returns everything, by kind and ID.
func (i *inventory) list(ctx context.Context) (map[string]item, error) {
	all := map[string]item{}
	for _, s := range sources() {
		var doc map[string]json.RawMessage
		if err := i.call(ctx, http.MethodGet, s.service, s.path, s.header, nil, &doc); err != nil {
			return nil, fmt.Errorf("listing %s: %w", s.key, err)
		}
		var objects []map[string]any
		if err := json.Unmarshal(doc[s.key], &objects); err != nil {
			return nil, fmt.Errorf("listing %s: %w", s.key, err)
		}
		for _, o := range objects {
			it := newItem(s.key, o)
			all[it.kind+" "+it.id] = it
		}
	}
	return all, nil
}

func newItem(kind string, o map[string]any) item {
	text := func(names ...string) string {
		for _, n := range names {
			if s, ok := o[n].(string); ok && s != "" {
				return s
			}
		}
		return ""
	}
	it := item{
		kind: kind, id: text("id", "uuid"), name: text("name"), domain: text("domain_id"), user: text("user_id"),
		project: text("project_id", "tenant_id", "os-vol-tenant-attr:tenant_id", "owner",
			"os-extended-snapshot-attributes:project_id", "os-backup-project-attr:project_id"),
	}
	if it.id == "" { // role assignments, quotas
		data, _ := json.Marshal(o) //nolint:errchkjson // it was JSON
		it.id = string(data)
	}
	if n, ok := o["id"].(float64); ok {
		it.id = fmt.Sprint(int(n))
	}
	return it
}

// know learns from the ledgers which projects and users the tests have made.
func (i *inventory) know(_ context.Context, ledgers string) {
	_ = filepath.WalkDir(ledgers, func(path string, d fs.DirEntry, err error) error { // no ledger, nothing to learn
		if err != nil || d.IsDir() {
			return nil //nolint:nilerr // as above
		}
		data, _ := os.ReadFile(path)
		for line := range strings.Lines(string(data)) {
			var l struct {
				Project, User string
				Things        []struct{ Type, ID string }
			}
			_ = json.Unmarshal([]byte(line), &l) // a torn last line
			for _, t := range l.Things {
				switch t.Type {
				case "project":
					i.projects[t.ID] = true
				case "user":
					i.users[t.ID] = true
				}
			}
		}
		return nil
	})
}

// more returns what is there and was not before. It looks again for a while, because others come and go.
func (i *inventory) more(ctx context.Context, before map[string]item) ([]string, error) {
	const looks, between = 6, 4 * time.Second
	var more []string
	for look := range looks {
		if look > 0 {
			time.Sleep(between)
		}
		now, err := i.list(ctx)
		if err != nil {
			return nil, err
		}
		more = nil
		for key, it := range now {
			if _, was := before[key]; !was && i.counts(it, now) {
				more = append(more, it.String())
			}
		}
		if len(more) == 0 {
			break
		}
	}
	slices.Sort(more)
	boxes, err := i.containers(ctx)
	return append(more, boxes...), err
}

// counts reports whether a new thing counts: all do, unless the cloud is shared. Then those that are known to be from
// here do, and those of projects that are no more.
func (i *inventory) counts(it item, now map[string]item) bool {
	if !i.shared {
		return true
	}
	_, there := now["projects "+it.project]
	orphan := it.project != "" && !there
	return orphan || i.projects[it.project] || i.users[it.user] || it.domain == i.domainID ||
		strings.HasPrefix(it.name, i.prefix) || i.named(it.id)
}

// named reports whether the text of an assignment names what the tests have made.
func (i *inventory) named(text string) bool {
	for id := range i.projects {
		if strings.Contains(text, id) {
			return true
		}
	}
	for id := range i.users {
		if strings.Contains(text, id) {
			return true
		}
	}
	return strings.Contains(text, i.domainID) && !strings.HasPrefix(text, i.domainID)
}

// containers returns those that are in the accounts of projects that tests have made. The administrator sees them
// as reseller admin, also when the project is gone.
func (i *inventory) containers(ctx context.Context) ([]string, error) {
	var found []string
	c, err := cloud.NewClient(i.admin.Provider, "object-store", i.session.Cloud.Endpoint)
	if err != nil {
		return nil, err
	}
	base := c.Endpoint[:strings.LastIndex(strings.TrimSuffix(c.Endpoint, "/"), "_")+1]
	for project := range i.projects {
		o := &gophercloud.RequestOpts{OkCodes: []int{200, 204, 404}}
		resp, err := c.Request(ctx, http.MethodHead, base+project, o)
		if err != nil {
			return nil, fmt.Errorf("looking for containers (the administrator needs the reseller admin's role): %w", err)
		}
		if n := resp.Header.Get("X-Account-Container-Count"); n != "" && n != "0" {
			found = append(found, fmt.Sprintf("%s containers of project %s", n, project))
		}
	}
	return found, nil
}
