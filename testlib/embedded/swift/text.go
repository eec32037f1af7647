package swift

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
)

// quote escapes text for a URL; slashes stay.
func quote(text string) string {
	var b strings.Builder
	for i := range len(text) {
		c := text[i]
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', strings.IndexByte("_.-~/", c) >= 0:
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

// unquote undoes the escapes of a URL in text. What is no escape stays.
func unquote(text string) string {
	if plain, err := url.PathUnescape(text); err == nil {
		return plain
	}
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] == '%' && i+2 < len(text) {
			if c, err := strconv.ParseUint(text[i+1:i+3], 16, 8); err == nil {
				b.WriteByte(byte(c))
				i += 2
				continue
			}
		}
		b.WriteByte(text[i])
	}
	return b.String()
}

// appendPyJSON appends text as Python writes it in JSON: ASCII only.
func appendPyJSON(b []byte, text string) []byte {
	b = append(b, '"')
	for _, c := range text {
		switch {
		case c == '"' || c == '\\':
			b = append(b, '\\', byte(c))
		case c == '\n':
			b = append(b, `\n`...)
		case c == '\r':
			b = append(b, `\r`...)
		case c == '\t':
			b = append(b, `\t`...)
		case c == '\b':
			b = append(b, `\b`...)
		case c == '\f':
			b = append(b, `\f`...)
		case c >= ' ' && c <= '~':
			b = append(b, byte(c))
		case c > 0xffff:
			high, low := utf16.EncodeRune(c)
			b = fmt.Appendf(b, `\u%04x\u%04x`, high, low)
		default:
			b = fmt.Appendf(b, `\u%04x`, c)
		}
	}
	return append(b, '"')
}

// pyRepr quotes text as Python's repr does.
func pyRepr(text string) string {
	if strings.Contains(text, "'") && !strings.Contains(text, `"`) {
		return `"` + text + `"`
	}
	return "'" + strings.ReplaceAll(strings.ReplaceAll(text, `\`, `\\`), "'", `\'`) + "'"
}

// bestMatch returns which of offers an Accept header prefers; "" for none. It
// reports false for a header that cannot be read.
func bestMatch(accept string, offers []string) (string, bool) {
	if accept == "" {
		return offers[0], true
	}
	wanted, ok := parseAccept(accept)
	if !ok {
		return "", false
	}
	for _, w := range wanted {
		for _, offer := range offers {
			kind, sub, _ := strings.Cut(offer, "/")
			if (w.kind == "*" || w.kind == kind) && (w.sub == "*" || w.sub == sub) {
				return offer, true
			}
		}
	}
	return "", true
}

// accepted is one of the types of an Accept header.
type accepted struct {
	kind, sub string
	quality   float64
}

// parseAccept reads an Accept header and returns its types, the ones preferred
// first.
func parseAccept(header string) ([]accepted, bool) {
	var all []accepted
	for text := range strings.SplitSeq(header, ",") {
		parts := strings.Split(text, ";")
		kind, sub, ok := strings.Cut(strings.TrimSpace(parts[0]), "/")
		if !ok || kind == "" || sub == "" || strings.ContainsAny(kind+sub, ` ()<>@:\"/[]?={}`) {
			return nil, false
		}
		a := accepted{kind, sub, 1}
		for _, parameter := range parts[1:] {
			name, value, ok := strings.Cut(parameter, "=")
			if !ok {
				return nil, false
			}
			if strings.TrimSpace(name) == "q" {
				q, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
				if err != nil {
					return nil, false
				}
				a.quality = q
			}
		}
		all = append(all, a)
	}
	slices.SortStableFunc(all, func(a, b accepted) int {
		return cmp.Or(cmp.Compare(b.quality, a.quality), cmp.Compare(b.exact(), a.exact()))
	})
	return all, true
}

// exact is 1 for a type without *, else 0.
func (a accepted) exact() int {
	if a.kind == "*" || a.sub == "*" {
		return 0
	}
	return 1
}
