package keystone

import (
	"slices"
	"strings"
)

// allows reports whether the access rules of t, if it has any, allow a call of
// a service. Services ask; Keystone itself does not.
//
// Source: keystonemiddleware, auth_token, _validate_access_rules.
func (t *grantedToken) allows(service, method, path string) bool {
	if t.appCredential == nil {
		return true
	}
	rules, ok := t.appCredential["access_rules"].([]object)
	if !ok {
		return true
	}
	return slices.ContainsFunc(rules, func(rule object) bool {
		return rule.str("service") == service && rule.str("method") == method &&
			matchParts(parts(rule.str("path")), parts(path))
	})
}

func parts(path string) []string { return strings.Split(strings.Trim(path, "/"), "/") }

// matchParts matches the parts of a path with those of a rule, where * and
// {name} stand for one part and ** for any number of them.
func matchParts(want, have []string) bool {
	switch {
	case len(want) == 0:
		return len(have) == 0
	case want[0] == "**":
		for i := range len(have) + 1 {
			if matchParts(want[1:], have[i:]) {
				return true
			}
		}
		return false
	case len(have) == 0:
		return false
	}
	wild := want[0] == "*" || strings.HasPrefix(want[0], "{") && strings.HasSuffix(want[0], "}")
	return (wild || want[0] == have[0]) && matchParts(want[1:], have[1:])
}
