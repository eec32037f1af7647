package discover

import (
	"context"
	"errors"
)

// Explanation says why the packages of a plugin do not build in this module
// graph.
type Explanation struct {
	Plugin, Module string

	// Raised are the modules that the graph has in a later version than the
	// plugin itself requires.
	Raised []Raise

	// Alone says that the plugin's test packages compile with the versions the
	// plugin itself requires.
	Alone bool

	// AloneOutput is what the compiler said when they do not.
	AloneOutput string
}

// Raise is a module in a later version than a plugin asked for.
type Raise struct {
	Module   string
	Required string   // version that the plugin requires
	Selected string   // version in the graph
	Chain    []string // "path@version" from the main module to the selected one
}

// Explain looks into why packages of the named plugin do not build. Call it
// after a build failure: it compiles the plugin alone.
func Explain(ctx context.Context, inv *Inventory, plugin string) (*Explanation, error) {
	return nil, errors.ErrUnsupported // replaced by the next commit
}
