package embedded_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// A scenario is a text file of requests, one a line, that is replayed against a
// cloud. The transcripts of two clouds that behave alike are equal.
//
//	[name =] METHOD PATH [@token] [^token] [BODY]
//
// PATH is below /v3. The request is made with the token called after @, the
// administrator's unless given, none for @-; the token after ^ goes into
// X-Subject-Token. Name keeps what the answer gives: the token of
// X-Subject-Token, or the id of the one object. {name} stands for it, {run} for a
// name that is new in each replay, {role-reader} and so on for the ids of the
// roles that a bootstrap makes. A line that starts with # is a comment.
type scenario struct {
	name  string
	lines []string
}

// scenarios reads those in testdata.
func scenarios(t *testing.T) []scenario {
	t.Helper()
	paths, err := filepath.Glob("testdata/*.scenario")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no scenarios: %v", err)
	}
	var all []scenario
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimSuffix(filepath.Base(path), ".scenario")
		all = append(all, scenario{name: name, lines: strings.Split(string(data), "\n")})
	}
	return all
}

// replayer replays one scenario against one cloud.
type replayer struct {
	base string            // http://host:port/v3
	vars map[string]string // by name
	made []string          // paths of what was created
	out  strings.Builder
}

var linePattern = regexp.MustCompile(
	`^(?:([a-z0-9]+) = )?([A-Z]+) (\S+)(?: @(\S+))?(?: \^(\S+))?(?: ([\[{].*|\S+))?$`)

// replay runs s against the identity service at base with the token of its
// administrator, and returns the transcript. Nothing that s created stays.
func replay(ctx context.Context, t *testing.T, s scenario, base, adminToken, run string) string {
	t.Helper()
	r := &replayer{base: base, vars: map[string]string{"admin": adminToken, "run": run}}
	if err := r.findRoles(ctx); err != nil {
		t.Fatal(err)
	}
	defer r.cleanUp(ctx, t)
	for _, line := range s.lines {
		if line = strings.TrimSpace(line); line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		m := linePattern.FindStringSubmatch(line)
		if m == nil {
			t.Fatalf("%s.scenario: cannot read %q", s.name, line)
		}
		if err := r.step(ctx, m[1], m[2], m[3], m[4], m[5], m[6]); err != nil {
			t.Fatalf("%s.scenario: %s: %v", s.name, line, err)
		}
	}
	return r.out.String()
}

// findRoles keeps the ids of the default roles.
func (r *replayer) findRoles(ctx context.Context) error {
	_, data, err := r.do(ctx, http.MethodGet, "/roles", "", http.Header{"X-Auth-Token": {r.vars["admin"]}})
	if err != nil {
		return err
	}
	var list struct{ Roles []struct{ ID, Name string } }
	if err := json.Unmarshal(data, &list); err != nil {
		return err
	}
	for _, role := range list.Roles {
		if slices.Contains([]string{"admin", "member", "reader"}, role.Name) {
			r.vars["role-"+role.Name] = role.ID
		}
	}
	return nil
}

// expand replaces {name} by what is kept under that name. What looks like JSON
// stays.
func (r *replayer) expand(text string) string {
	for name, value := range r.vars {
		text = strings.ReplaceAll(text, "{"+name+"}", value)
	}
	return text
}

func (r *replayer) step(ctx context.Context, name, method, path, caller, subject, body string) error {
	header := http.Header{}
	if body != "" {
		header.Set("Content-Type", "application/json")
	}
	if caller == "" {
		caller = "admin"
	}
	if caller != "-" {
		header.Set("X-Auth-Token", r.expand("{"+caller+"}"))
	}
	if subject != "" {
		header.Set("X-Subject-Token", r.expand("{"+subject+"}"))
	}
	resp, data, err := r.do(ctx, method, r.expand(path), r.expand(body), header)
	if errors.Is(err, io.EOF) {
		return errors.New("no answer: a real Keystone does so where its code fails")
	}
	if err != nil {
		return err
	}
	if resp.StatusCode == http.StatusCreated || resp.StatusCode == http.StatusOK {
		r.keep(name, method, path, resp, data)
	}
	fmt.Fprintf(&r.out, "> %s %s @%s %s\n", method, path, caller, body)
	r.describe(resp, data)
	return nil
}

func (r *replayer) do(
	ctx context.Context, method, path, body string, header http.Header,
) (*http.Response, []byte, error) {
	req, err := http.NewRequestWithContext(ctx, method, r.base+path, strings.NewReader(body))
	if err != nil {
		return nil, nil, err
	}
	req.Header = header
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, nil, err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	return resp, data, err
}

// keep remembers what an answer gave.
func (r *replayer) keep(name, method, path string, resp *http.Response, data []byte) {
	if token := resp.Header.Get("X-Subject-Token"); token != "" {
		if name != "" {
			r.vars[name] = token
		}
		return
	}
	var body map[string]any
	if json.Unmarshal(data, &body) != nil {
		return
	}
	for _, value := range body {
		if list, ok := value.([]any); ok && len(list) == 1 && method == http.MethodPost {
			value = list[0]
		}
		o, _ := value.(map[string]any)
		id, ok := o["id"].(string)
		if !ok {
			continue
		}
		if name != "" {
			r.vars[name] = id
		}
		if method == http.MethodPost {
			r.made = append(r.made, r.expand(path)+"/"+id)
		}
	}
}

// cleanUp deletes what is left, the newest first.
func (r *replayer) cleanUp(ctx context.Context, t *testing.T) {
	t.Helper()
	ctx = context.WithoutCancel(ctx)
	header := http.Header{"X-Auth-Token": {r.vars["admin"]}, "Content-Type": {"application/json"}}
	for _, path := range slices.Backward(r.made) {
		member := strings.TrimSuffix(strings.Split(path, "/")[1], "s")
		if member == "domain" || member == "project" || member == "role" {
			body := `{"` + member + `": {"options": {"immutable": null}}}`
			_, _, _ = r.do(ctx, http.MethodPatch, path, body, header) // the deletion tells
			body = `{"` + member + `": {"enabled": false}}`
			_, _, _ = r.do(ctx, http.MethodPatch, path, body, header)
		}
		resp, _, err := r.do(ctx, http.MethodDelete, path, "", header)
		if err != nil || resp.StatusCode != http.StatusNoContent && resp.StatusCode != http.StatusNotFound {
			t.Errorf("left behind: %s (%v)", path, err)
		}
	}
}

// describe writes what matters of an answer, with what differs from replay to
// replay replaced.
func (r *replayer) describe(resp *http.Response, data []byte) {
	fmt.Fprintf(&r.out, "< %d\n", resp.StatusCode)
	for _, key := range []string{"Location", "WWW-Authenticate"} {
		if value := resp.Header.Get(key); value != "" {
			fmt.Fprintf(&r.out, "< %s: %s\n", key, r.normalise(value))
		}
	}
	if kind := resp.Header.Get("Content-Type"); kind != "application/json" {
		fmt.Fprintf(&r.out, "< Content-Type: %s\n", kind)
	}
	if resp.Header.Get("X-Subject-Token") != "" {
		fmt.Fprintf(&r.out, "< X-Subject-Token\n")
	}
	for _, key := range []string{"Vary", "X-Openstack-Request-Id"} {
		if resp.Header.Get(key) == "" {
			fmt.Fprintf(&r.out, "< no %s\n", key)
		}
	}
	var body any
	if len(data) == 0 {
		return
	}
	if json.Unmarshal(data, &body) != nil {
		fmt.Fprintf(&r.out, "%s\n", data)
		return
	}
	r.out.WriteString(text(r.canonical(body)))
}

var (
	idPattern     = regexp.MustCompile(`\b[0-9a-f]{32}\b|\b[0-9a-f]{64}\b`)
	timePattern   = regexp.MustCompile(`20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?`)
	tokenPattern  = regexp.MustCompile(`gAAAA[\w-]+`)
	secretPattern = regexp.MustCompile(`^[\w-]{86}$`)
)

// normalise replaces ids, times and the like in text.
func (r *replayer) normalise(text string) string {
	text = strings.ReplaceAll(text, strings.TrimSuffix(r.base, "/v3"), "BASE")
	for _, name := range slices.Sorted(mapsKeys(r.vars)) {
		if value := r.vars[name]; value != "" && value != "default" {
			text = strings.ReplaceAll(text, value, "{"+name+"}")
		}
	}
	text = idPattern.ReplaceAllString(text, "ID")
	text = timePattern.ReplaceAllString(text, "TIME")
	text = tokenPattern.ReplaceAllString(text, "TOKEN")
	if secretPattern.MatchString(text) {
		return "SECRET"
	}
	return text
}

func mapsKeys(m map[string]string) func(func(string) bool) {
	return func(yield func(string) bool) {
		for key := range m {
			if !yield(key) {
				return
			}
		}
	}
}

// canonical normalises all texts in v and sorts its lists, whose order the API
// does not promise.
func (r *replayer) canonical(v any) any {
	switch v := v.(type) {
	case string:
		return r.normalise(v)
	case map[string]any:
		m := make(map[string]any, len(v))
		for key, value := range v {
			switch key {
			case "catalog":
				value = identityOnly(value)
			case "audit_ids":
				value = len(value.([]any)) // they are random
			}
			m[r.normalise(key)] = r.canonical(value)
		}
		return m
	case []any:
		list := make([]any, len(v))
		for i, item := range v {
			list[i] = r.canonical(item)
		}
		slices.SortFunc(list, func(a, b any) int { return strings.Compare(text(a), text(b)) })
		return list
	}
	return v
}

// identityOnly drops all services but this one from a catalogue: a real cloud
// may have more.
func identityOnly(catalog any) any {
	list, _ := catalog.([]any)
	return slices.DeleteFunc(slices.Clone(list), func(item any) bool {
		service, _ := item.(map[string]any)
		return service["type"] != "identity"
	})
}

// text is v as one line of JSON.
func text(v any) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return err.Error()
	}
	return b.String()
}
