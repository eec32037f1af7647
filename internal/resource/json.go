package resource

import (
	"bytes"
	"encoding/json"
	"net/url"
	"path"
	"strings"
)

// object returns the members of a JSON object. Of one that is cut off it returns those that are whole, and
// what is there of the last.
func object(data []byte) map[string]any {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	var obj map[string]any
	if dec.Decode(&obj) == nil {
		return obj
	}
	dec = json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	v, _ := partial(dec)
	obj, _ = v.(map[string]any)
	return obj
}

// partial reads one value from dec, as much as there is. ok says that it is whole.
func partial(dec *json.Decoder) (value any, ok bool) {
	token, err := dec.Token()
	if err != nil {
		return nil, false
	}
	switch token {
	case json.Delim('{'):
		return partialObject(dec)
	case json.Delim('['):
		return partialList(dec)
	}
	return token, true
}

func partialObject(dec *json.Decoder) (map[string]any, bool) {
	obj := map[string]any{}
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			return obj, false
		}
		key, isString := name.(string)
		v, whole := partial(dec)
		if isString && v != nil {
			obj[key] = v
		}
		if !whole {
			return obj, false
		}
	}
	_, err := dec.Token()
	return obj, err == nil
}

func partialList(dec *json.Decoder) ([]any, bool) {
	var elements []any
	for dec.More() {
		v, whole := partial(dec)
		if v != nil {
			elements = append(elements, v)
		}
		if !whole {
			return elements, false
		}
	}
	_, err := dec.Token()
	return elements, err == nil
}

// inner returns the object that is the member key of obj, or obj itself when there is none.
func inner(obj map[string]any, key string) map[string]any {
	if key == "" {
		return obj
	}
	if in, ok := obj[key].(map[string]any); ok {
		return in
	}
	return obj
}

// list returns the objects in a list, nil when v is no list.
func list(v any) []map[string]any {
	elements, ok := v.([]any)
	if !ok {
		return nil
	}
	objects := []map[string]any{}
	for _, e := range elements {
		if obj, ok := e.(map[string]any); ok {
			objects = append(objects, obj)
		}
	}
	return objects
}

// text returns a string or a number as text, "" for anything else.
func text(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	}
	return ""
}

// idOf returns an ID that may be given as a URL.
func idOf(s string) string {
	if strings.Contains(s, "://") {
		return lastOfURL(s)
	}
	return s
}

// lastOfURL returns the last segment of a URL, or s itself when it has no segments.
func lastOfURL(s string) string {
	if !strings.Contains(s, "/") {
		return s
	}
	u, err := url.Parse(s)
	if err != nil {
		return ""
	}
	last := path.Base(strings.TrimSuffix(u.EscapedPath(), "/"))
	if last == "/" || last == "." {
		return ""
	}
	return unescape(last)
}

// unescape returns a segment of a path as text.
func unescape(segment string) string {
	if s, err := url.PathUnescape(segment); err == nil {
		return s
	}
	return segment
}

func firstOf(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}

// SameMember reports whether two JSON objects have a member of one name in common.
func SameMember(a, b []byte) bool {
	other := object(b)
	for name := range object(a) {
		if _, ok := other[name]; ok {
			return true
		}
	}
	return false
}

// SaysGone reports whether an answer about a thing that is 2xx says nevertheless that it is gone: by its
// status, or by an empty member key, if key is not empty.
func SaysGone(body []byte, key string) bool {
	obj := object(body)
	if key != "" {
		switch v := obj[key].(type) {
		case map[string]any:
			return len(v) == 0
		case []any:
			return len(v) == 0
		}
		return false
	}
	if len(obj) == 1 {
		for _, v := range obj {
			if in, ok := v.(map[string]any); ok {
				obj = in
			}
		}
	}
	for _, field := range []string{"status", "stack_status", "provisioning_status"} {
		switch strings.ToUpper(text(obj[field])) {
		case "DELETED", "DELETE_COMPLETE", "SOFT_DELETED":
			return true
		}
	}
	return false
}

// SaysGoing reports whether an element of a list says that its removal is under way.
func SaysGoing(item []byte) bool {
	return strings.EqualFold(text(object(item)["status"]), "deleting")
}
