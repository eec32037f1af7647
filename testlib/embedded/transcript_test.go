package embedded_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// describe writes what matters of an answer, with what differs from replay to
// replay replaced.
func (r *replayer) describe(service *service, resp *http.Response, data []byte) {
	fmt.Fprintf(&r.out, "< %d\n", resp.StatusCode)
	for _, key := range service.headers {
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
	for _, key := range service.always {
		if resp.Header.Get(key) == "" {
			fmt.Fprintf(&r.out, "< no %s\n", key)
		}
	}
	var body any
	if len(data) == 0 {
		return
	}
	if json.Unmarshal(data, &body) != nil {
		fmt.Fprintf(&r.out, "%s\n", r.normalise(string(data)))
		return
	}
	r.out.WriteString(text(r.canonical(service, "", body)))
}

var (
	idPattern     = regexp.MustCompile(`\b[0-9a-f]{32}\b|\b[0-9a-f]{64}\b`)
	uuidPattern   = regexp.MustCompile(`\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b`)
	timePattern   = regexp.MustCompile(`20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?`)
	tokenPattern  = regexp.MustCompile(`gAAAA[\w-]+`)
	secretPattern = regexp.MustCompile(`^[\w-]{86}$`)
)

// normalise replaces ids, times and the like in text.
func (r *replayer) normalise(text string) string {
	for name, address := range r.addresses {
		base := "BASE"
		if name != r.service.name {
			base = strings.ToUpper(name)
		}
		text = strings.ReplaceAll(text, strings.TrimSuffix(address, "/v3"), base)
	}
	for _, name := range slices.Sorted(maps.Keys(r.vars)) {
		value := r.vars[name]
		known := value == "" || value == "default" || name == "admin-project" && r.service.name == "identity"
		if !known {
			text = strings.ReplaceAll(text, value, "{"+name+"}")
		}
	}
	text = idPattern.ReplaceAllString(text, "ID")
	text = uuidPattern.ReplaceAllString(text, "UUID")
	text = timePattern.ReplaceAllString(text, "TIME")
	text = tokenPattern.ReplaceAllString(text, "TOKEN")
	if secretPattern.MatchString(text) {
		return "SECRET"
	}
	return text
}

// canonical normalises all texts in v, which is called name in what it is in,
// and sorts the lists whose order the API does not promise.
func (r *replayer) canonical(service *service, name string, v any) any {
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
			m[r.normalise(key)] = r.canonical(service, key, value)
		}
		return m
	case []any:
		list := make([]any, len(v))
		for i, item := range v {
			list[i] = r.canonical(service, "", item)
		}
		if service.sorted(name) {
			slices.SortFunc(list, func(a, b any) int { return strings.Compare(text(a), text(b)) })
		}
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
