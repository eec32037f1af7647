package discover

import "strings"

// Reason says why nothing could be found at all, in one stable word.
type Reason string

// Reasons of an [Error].
const (
	BadEnvironment Reason = "bad-environment" // no go command, or settings that it refuses
	NoModule       Reason = "no-module"       // no go.mod here or in a parent folder
	BadModule      Reason = "bad-module"      // go.mod or go.work cannot be used
	NoNetwork      Reason = "no-network"      // modules missing from the cache, and no way to get them
	UnknownPlugin  Reason = "unknown-plugin"  // in Only or Disable
	Refused        Reason = "refused"         // in Only, but not in Allow, or Allow cannot be read
	BadAdoption    Reason = "bad-adoption"    // in Adopt
	BadTag         Reason = "bad-tag"         // in Tags
	NoMatch        Reason = "no-match"        // a pattern that matches nothing
	MissingSums    Reason = "missing-sums"    // Locked, and go.sum is not complete
)

// Error is what ends everything. Its text is what a user should read: the
// place, what is wrong, and the remedy.
type Error struct {
	Reason  Reason
	Place   string // file:line, file or folder; may be empty
	Message string
	Remedy  string // may be empty
	Err     error  // cause; may be nil
}

func (e *Error) Error() string {
	var b strings.Builder
	if e.Place != "" {
		b.WriteString(e.Place + ": ")
	}
	b.WriteString(e.Message)
	if e.Remedy != "" {
		b.WriteString("; " + e.Remedy)
	}
	return b.String()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }
