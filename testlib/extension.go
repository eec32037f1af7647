package testlib

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/gotempest/tempest/internal/cloud"
	"github.com/gotempest/tempest/testlib/config"
)

// asked is what the cloud was asked, and has answered, once in this process.
type asked struct {
	mu      sync.Mutex
	answers map[string]*answer
}

type answer struct {
	mu    sync.Mutex
	known bool
	value any
}

// once returns the answer to a question. Tests that ask the same wait for one call; a call that
// fails is made again by the next.
func (a *asked) once(question string, ask func() (any, error)) (any, error) {
	a.mu.Lock()
	if a.answers == nil {
		a.answers = map[string]*answer{}
	}
	got := a.answers[question]
	if got == nil {
		got = &answer{}
		a.answers[question] = got
	}
	a.mu.Unlock()
	got.mu.Lock()
	defer got.mu.Unlock()
	if got.known {
		return got.value, nil
	}
	value, err := ask()
	if err != nil {
		return nil, err
	}
	got.value, got.known = value, true
	return value, nil
}

// askingClient returns a client of the administrator for what a test must know before it begins.
func (e *Env) askingClient(serviceType string) (*gophercloud.ServiceClient, error) {
	a, err := e.administrator()
	if err != nil {
		return nil, err
	}
	c, err := cloud.NewClient(e.attach(a.Provider, "admin"), serviceType, e.session.Endpoint(serviceType))
	if err != nil {
		return nil, e.session.noService(serviceType, err)
	}
	return c, nil
}

// checkExtensions skips the test when the cloud lacks one of its extensions.
func (e *Env) checkExtensions(list []extension) {
	e.Helper()
	for _, x := range list {
		names, source, err := e.extensions(x.service)
		if err != nil {
			e.Fatal(err)
		}
		for _, alias := range x.aliases {
			if !slices.Contains(names, alias) {
				e.Skipf("needs the extension %s of the service %s, which %s does not list", alias, x.service, source)
			}
		}
	}
}

// objectStore is the service type of the object store, whose extensions are called otherwise.
const objectStore = "object-store"

// extensions returns the extensions of a service, and who lists them.
func (e *Env) extensions(service string) (names []string, source string, err error) {
	group, option := config.ServiceGroup(service)+"_feature_enabled", "api_extensions"
	if service == objectStore {
		option = "discoverable_apis"
	}
	flags, err := e.flags()
	if err != nil {
		return nil, "", err
	}
	list, configurable := flags.lists[group+"."+option]
	if len(list) > 0 {
		return list, fmt.Sprintf("[%s] %s", group, option), nil
	}
	v, err := e.session.asked.once("extensions of "+service, func() (any, error) {
		c, err := e.askingClient(service)
		if err != nil {
			return nil, err
		}
		ctx, cancel := e.fixtureContext()
		defer cancel()
		return listExtensions(ctx, c, service)
	})
	if gophercloud.ResponseCodeIs(err, http.StatusNotFound) {
		err = errors.New("it does not list them")
		if configurable {
			err = fmt.Errorf("%w; set [%s] %s", err, group, option)
		}
	}
	if err != nil {
		return nil, "", fmt.Errorf("asking for the extensions of %s: %w", service, err)
	}
	return v.([]string), "the service", nil
}

// listExtensions asks a service for its extensions.
func listExtensions(ctx context.Context, c *gophercloud.ServiceClient, service string) ([]string, error) {
	if service == objectStore {
		info := map[string]json.RawMessage{}
		if _, err := c.Get(ctx, infoURL(c.Endpoint), &info, nil); err != nil {
			return nil, err
		}
		return slices.Sorted(maps.Keys(info)), nil
	}
	var doc struct{ Extensions extensionList }
	if _, err := c.Get(ctx, c.ServiceURL("extensions"), &doc, nil); err != nil {
		return nil, err
	}
	if doc.Extensions == nil {
		return nil, errors.New("the answer has no list of them")
	}
	return doc.Extensions, nil
}

// infoURL returns the URL of /info of an object store, whose endpoint is that of an account.
func infoURL(endpoint string) string {
	before, _, _ := strings.Cut(endpoint, "/v1/")
	return strings.TrimSuffix(before, "/") + "/info"
}

// extensionList is the aliases of extensions. Keystone puts the list one level deeper than the
// others.
type extensionList []string

// UnmarshalJSON implements [json.Unmarshaler].
func (l *extensionList) UnmarshalJSON(data []byte) error {
	type entry struct{ Alias string }
	var list []entry
	if len(data) > 0 && data[0] == '{' {
		var deeper struct{ Values []entry }
		if err := json.Unmarshal(data, &deeper); err != nil {
			return err
		}
		list = deeper.Values
	} else if err := json.Unmarshal(data, &list); err != nil {
		return err
	}
	*l = extensionList{}
	for _, x := range list {
		*l = append(*l, x.Alias)
	}
	return nil
}
