package discover

import (
	"strings"

	"github.com/gotempest/tempest/internal/gocmd"
)

// userFlags is GOFLAGS taken apart. Flags on the command line overrule those in
// GOFLAGS, and the overlay needs some of them for itself.
type userFlags struct {
	modFile string   // of -modfile: the go.mod that the user means
	tags    []string // of -tags
	rest    string   // GOFLAGS without -mod, -modfile and -tags
	changed bool     // rest differs from GOFLAGS
}

// emptyFlags says nothing. An empty GOFLAGS in the environment would let the
// go command fall back to what go env -w has written.
const emptyFlags = "-x=false"

func readUserFlags(goflags string) userFlags {
	var u userFlags
	var rest []string
	for _, word := range gocmd.SplitFlags(goflags) {
		flag := gocmd.Unquote(word)
		name, value, _ := strings.Cut(strings.TrimLeft(flag, "-"), "=")
		switch name {
		case "mod":
		case "modfile":
			u.modFile = value
		case "tags":
			u.tags = strings.FieldsFunc(value, func(c rune) bool { return c == ',' || c == ' ' })
		default:
			rest = append(rest, word)
			continue
		}
		u.changed = true
	}
	if u.rest = strings.Join(rest, " "); u.rest == "" {
		u.rest = emptyFlags
	}
	return u
}
