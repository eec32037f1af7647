package schema

import (
	"errors"
	"net"
	"net/netip"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/gotempest/tempest/internal/lazyregexp"
)

// formats are those that OpenStack writes in its own way, or that JSON Schema does not have.
func formats() []*jsonschema.Format {
	return []*jsonschema.Format{
		{Name: "date-time", Validate: checkText(isTime, "it is no time such as 2026-01-02T03:04:05Z")},
		{Name: "iso8601-date-time", Validate: checkText(isTime, "it is no time such as 2026-01-02T03:04:05Z")},
		{Name: "uuid", Validate: checkText(uuidText().MatchString, "it is neither a UUID nor 32 hexadecimal digits")},
		{Name: "cidr", Validate: checkText(isCIDR, "it is no network such as 10.0.0.0/24")},
		{Name: "mac-address", Validate: checkText(isMAC, "it is no address such as fa:16:3e:00:00:01")},
	}
}

// checkText makes a check of strings; other values are for "type" to judge.
func checkText(fits func(string) bool, problem string) func(any) error {
	return func(v any) error {
		if s, ok := v.(string); ok && !fits(s) {
			return errors.New(problem)
		}
		return nil
	}
}

// timeText is what services write: RFC 3339 with and without fractions and zone, a zone without its colon, and
// Python's str() of a time.
var timeText = lazyregexp.New(
	`^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])[Tt ](?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d+)?` +
		`(?:[Zz]|[+-]\d{2}:?\d{2})?$`)

func isTime(s string) bool { return timeText().MatchString(s) }

var uuidText = lazyregexp.New(`^(?i:[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|[0-9a-f]{32})$`)

func isCIDR(s string) bool {
	_, err := netip.ParsePrefix(s)
	return err == nil
}

func isMAC(s string) bool {
	const length = 6
	a, err := net.ParseMAC(s)
	return err == nil && len(a) == length
}
