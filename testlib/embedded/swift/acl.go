package swift

import (
	"fmt"
	"net/url"
	"strings"
)

// parseACL splits an access list into referrers and groups.
//
// Source: swift/common/middleware/acl.py, 2.30, version 1 of the format.
func parseACL(acl string) (referrers, groups []string) {
	if acl == "" {
		return nil, nil
	}
	for value := range strings.SplitSeq(acl, ",") {
		if host, ok := strings.CutPrefix(value, ".r:"); ok {
			referrers = append(referrers, host)
		} else {
			groups = append(groups, unquote(value))
		}
	}
	return referrers, groups
}

// referrerAllowed reports whether the value of a Referer header is among
// referrers. Of several that fit, the last one counts.
func referrerAllowed(referrer string, referrers []string) bool {
	if len(referrers) == 0 {
		return false
	}
	host := "unknown"
	if u, err := url.Parse(referrer); err == nil && u.Hostname() != "" {
		host = strings.ToLower(u.Hostname())
	}
	allowed := false
	for _, pattern := range referrers {
		pattern, negated := strings.CutPrefix(pattern, "-")
		fits := pattern == host || strings.HasPrefix(pattern, ".") && strings.HasSuffix(host, pattern)
		switch {
		case negated && fits:
			allowed = false
		case !negated && (fits || pattern == "*"):
			allowed = true
		}
	}
	return allowed
}

// cleanACL brings the value of a header that holds an access list into its
// usual form.
func cleanACL(header, acl string) (string, error) {
	var values []string
	for raw := range strings.SplitSeq(acl, ",") {
		raw = strings.TrimSpace(raw)
		first, second, ok := strings.Cut(raw, ":")
		first, second = strings.TrimSpace(first), strings.TrimSpace(second)
		switch {
		case raw == "":
			continue
		case !ok || !strings.HasPrefix(first, "."):
			values = append(values, raw)
			continue
		}
		switch first {
		case ".r", ".ref", ".referer", ".referrer":
		default:
			return "", fmt.Errorf( //nolint:staticcheck // Swift's text
				"Unknown designator %s in ACL: %s", pyRepr(first), pyRepr(raw))
		}
		if strings.Contains(strings.ToLower(header), "write") {
			return "", fmt.Errorf("Referrers not allowed in write ACL: %s", pyRepr(raw)) //nolint:staticcheck // Swift's text
		}
		host, err := cleanReferrer(second, raw)
		if err != nil {
			return "", err
		}
		values = append(values, ".r:"+host)
	}
	return strings.Join(values, ","), nil
}

// cleanReferrer brings what follows .r: into its usual form.
func cleanReferrer(host, raw string) (string, error) {
	host, negated := strings.CutPrefix(host, "-")
	host = strings.TrimSpace(host)
	if host != "*" {
		host = strings.TrimSpace(strings.TrimPrefix(host, "*"))
	}
	if host == "" || host == "." {
		return "", fmt.Errorf( //nolint:staticcheck // Swift's text
			"No host/domain value after referrer designation in ACL: %s", pyRepr(raw))
	}
	if negated {
		host = "-" + host
	}
	return host, nil
}
