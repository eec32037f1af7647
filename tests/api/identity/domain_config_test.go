//go:build tempest

package identity_test

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/domains"

	"github.com/gotempest/tempest/testlib"
)

// configuration is what a domain does otherwise than the service: options by group
// and name.
//
// Source: https://docs.openstack.org/api-ref/identity/v3/#domain-configuration
type configuration map[string]map[string]any

// readConfig reads a configuration, or the part of one, below the domains of the API.
func readConfig(e *testlib.Env, path string) (map[string]any, error) {
	var body struct {
		Config map[string]any `json:"config"`
	}
	err := ask(e, e.Identity(testlib.ProjectAdmin), "GET", "domains/"+path, nil, &body)
	return body.Config, err
}

// wantOption checks that the option at path is there and has a value.
func wantOption(e *testlib.Env, path, name string, want any) {
	e.Helper()
	got, err := readConfig(e, path)
	wantOK(e, "reading "+path, err)
	if diff := cmp.Diff(map[string]any{name: want}, got); diff != "" {
		e.Errorf("%s mismatch (-want +got):\n%s", path, diff)
	}
}

func TestDomainConfigDefaults(t *testing.T) {
	e := testlib.Start(t, testlib.ID("11a02bf0-6f94-4380-b3b0-c8dc18fc0d22"), testlib.Services("identity"),
		testlib.Credentials(testlib.ProjectAdmin))

	whole, err := readConfig(e, "config/default")

	wantOK(e, "reading the defaults", err)
	for _, group := range []string{"identity", "ldap"} {
		answer, err := readConfig(e, "config/"+group+"/default")
		wantOK(e, "reading the defaults of "+group, err)
		options, _ := answer[group].(map[string]any)
		if diff := cmp.Diff(whole[group], answer[group]); diff != "" || len(options) == 0 {
			e.Errorf("defaults of %s mismatch (-whole +group):\n%s", group, diff)
		}
		for _, name := range slices.Sorted(maps.Keys(options)) {
			wantOption(e, "config/"+group+"/"+name+"/default", name, options[name])
		}
		for _, name := range map[string][]string{"identity": {"driver", "list_limit"}, "ldap": {"url"}}[group] {
			if _, has := options[name]; !has {
				e.Errorf("defaults of %s = %v, want %s among them", group, options, name)
			}
		}
	}
}

// configured is a domain with a configuration that nobody uses.
type configured struct {
	*domains.Domain
	path   string // of the configuration, below the domains of the API
	config configuration
}

// newConfigured makes one.
func newConfigured(e *testlib.Env) configured {
	e.Helper()
	domain := newDomain(e)
	c := configured{Domain: domain, path: domain.ID + "/config", config: configuration{
		"identity": {"driver": "ldap"},
		"ldap":     {"url": "ldap://192.0.2.1:389/", "user_tree_dn": "ou=Users,dc=example,dc=org"},
	}}
	var body struct {
		Config configuration `json:"config"`
	}
	admin := e.Identity(testlib.ProjectAdmin)
	err := ask(e, admin, "PUT", "domains/"+c.path, object{"config": c.config}, &body)
	if err != nil {
		e.Fatalf("configuring the domain: %v", err)
	}
	e.Cleanup("configuration of domain "+domain.ID, func(ctx context.Context) error {
		_, err := admin.Delete(ctx, admin.ServiceURL("domains", c.path), nil)
		return err
	})
	if diff := cmp.Diff(c.config, body.Config); diff != "" {
		e.Errorf("configuration mismatch (-sent +answered):\n%s", diff)
	}
	return c
}

// change updates a part of the configuration and checks what it is then.
func (c configured) change(e *testlib.Env, part string, config any, want configuration) {
	e.Helper()
	var body struct {
		Config configuration `json:"config"`
	}
	admin := e.Identity(testlib.ProjectAdmin)
	err := ask(e, admin, "PATCH", "domains/"+c.path+part, object{"config": config}, &body)
	wantOK(e, "updating the configuration"+part, err)
	if diff := cmp.Diff(want, body.Config); diff != "" {
		e.Errorf("updated configuration mismatch (-want +got):\n%s", diff)
	}
}

// remove deletes a part of the configuration and checks that it is gone.
func (c configured) remove(e *testlib.Env, part string) {
	e.Helper()
	wantOK(e, "deleting the configuration"+part,
		ask(e, e.Identity(testlib.ProjectAdmin), "DELETE", "domains/"+c.path+part, nil, nil))
	_, err := readConfig(e, c.path+part)
	e.WantStatus("reading the deleted configuration"+part, err, http.StatusNotFound)
}

func TestDomainConfig(t *testing.T) {
	e := testlib.Start(t, testlib.ID("7f60172b-87f1-4277-b099-4affc5fa13f2"), testlib.Services("identity"),
		testlib.Credentials(testlib.ProjectAdmin))
	c := newConfigured(e)

	e.Run("Read", func(e *testlib.Env) {
		for group, options := range c.config {
			answer, err := readConfig(e, c.path+"/"+group)
			wantOK(e, "reading the group "+group, err)
			if diff := cmp.Diff(map[string]any{group: options}, answer); diff != "" {
				e.Errorf("group %s mismatch (-want +got):\n%s", group, diff)
			}
			for name, value := range options {
				wantOption(e, c.path+"/"+group+"/"+name, name, value)
			}
		}
	}, testlib.ID("9e3ff13c-f597-4f01-9377-d6c06c2a1477"))

	e.Run("IsRefused", func(e *testlib.Env) {
		admin := e.Identity(testlib.ProjectAdmin)
		for what, config := range map[string]any{
			"nothing":            object{},
			"an unknown group":   configuration{"none": {"url": "x"}},
			"an unknown option":  configuration{"ldap": {"none": "x"}},
			"an option as group": object{"ldap": "x"},
		} {
			err := ask(e, admin, "PATCH", "domains/"+c.path, object{"config": config}, nil)
			e.WantStatus("updating the configuration with "+what, err, http.StatusForbidden)
		}
		err := ask(e, admin, "PATCH", "domains/"+c.path+"/ldap",
			object{"config": configuration{"identity": {"driver": "sql"}}}, nil)
		e.WantStatus("updating another group than the address says", err, http.StatusForbidden)
	}, testlib.ID("a3a9dd43-cc68-4917-9472-624a5eed8a23"), testlib.Negative)

	e.Run("IsRefusedToMembers", func(e *testlib.Env) {
		member := e.Identity(testlib.ProjectMember)
		e.WantStatus("reading the configuration",
			ask(e, member, "GET", "domains/"+c.path, nil, nil), http.StatusForbidden)
		e.WantStatus("deleting the configuration",
			ask(e, member, "DELETE", "domains/"+c.path, nil, nil), http.StatusForbidden)
	}, testlib.ID("3ff879e9-9020-4cb3-b096-85cb5b8d8e9c"), testlib.Negative, testlib.Credentials(testlib.ProjectMember))

	e.Run("Password", func(e *testlib.Env) {
		c.change(e, "", configuration{"ldap": {"password": "secret"}}, c.config)
		_, err := readConfig(e, c.path+"/ldap/password")
		e.WantStatus("reading the password", err, http.StatusNotFound)
	}, testlib.ID("95f1957a-7507-44f9-b2ad-280391140f76"))

	e.Run("Updated", func(e *testlib.Env) {
		next := configuration{"identity": c.config["identity"], "ldap": maps.Clone(c.config["ldap"])}
		next["ldap"]["url"] = "ldap://192.0.2.2:389/"
		c.change(e, "", next, next)
		read, err := readConfig(e, c.path)
		wantOK(e, "reading the configuration", err)
		if diff := cmp.Diff(map[string]any{"identity": next["identity"], "ldap": next["ldap"]}, read); diff != "" {
			e.Errorf("configuration mismatch (-updated +read):\n%s", diff)
		}
		c.remove(e, "")
	}, testlib.ID("7161023e-5dd0-4612-9da0-1bac6ac30b63"))
}

func TestDomainConfigParts(t *testing.T) {
	e := testlib.Start(t, testlib.ID("c7510fa2-6661-4170-9c6b-4783a80651e9"), testlib.Services("identity"),
		testlib.Credentials(testlib.ProjectAdmin))
	c := newConfigured(e)
	next := configuration{"identity": {"driver": "first", "list_limit": json.Number("7")}, "ldap": c.config["ldap"]}

	c.change(e, "/identity", configuration{"identity": next["identity"]}, next)

	next["identity"] = map[string]any{"driver": "second", "list_limit": json.Number("7")}
	c.change(e, "/identity/driver", object{"driver": "second"}, next)

	c.remove(e, "/identity/driver")
	c.remove(e, "/identity")
	read, err := readConfig(e, c.path)
	wantOK(e, "reading the rest", err)
	if diff := cmp.Diff(map[string]any{"ldap": c.config["ldap"]}, read); diff != "" {
		e.Errorf("rest mismatch (-want +got):\n%s", diff)
	}
}
