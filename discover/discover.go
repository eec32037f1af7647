// Package discover finds the plugins of a main module and the tests they hold.
//
// A plugin is a required module with a package tempestplugin at its root. That
// package, the marker, and the test files are read as source: nothing of a
// plugin is compiled, linked or executed. [Find] asks the go command for the
// module graph once, downloads required modules that are not in the module
// cache, and reads the rest from disk.
//
// The user's go.mod, go.sum, go.work and go.work.sum are never written. Find
// makes copies of them in [Options.WorkDir]; [Inventory.BuildFlags] and
// [Inventory.Env] point the go command at the copies.
//
// What is wrong with one plugin is a [Fault] of that plugin. Find returns an
// error only for what ends everything; see [Error].
//
// Results are sorted: two calls on one tree agree.
package discover

import (
	"slices"

	"github.com/gotempest/tempest/internal/option"
)

// TestlibModule is the path of the module that holds the in-tree suite and
// testlib.
const TestlibModule = "github.com/gotempest/tempest"

// Tag is the build tag of integration tests.
const Tag = "tempest"

// MarkerAPI is the version of the plugin contract that this package reads.
const MarkerAPI = 1

// Options configures [Find]. The zero value, but for WorkDir, finds everything
// in the module around the current directory.
type Options struct {
	// Dir is a folder in the main module or workspace. Empty means the current
	// directory.
	Dir string

	// WorkDir is an existing folder that Find writes the overlay into. It must
	// live as long as the BuildFlags and Env of the inventory are used.
	WorkDir string

	// Env is the environment of go commands. Nil means that of this process.
	Env []string

	// Tags are build tags beyond [Tag], as asked for by the user.
	Tags []string

	// Only and Disable narrow to plugins, by name or module path. A plugin left
	// out stays in the inventory as Disabled, without packages and faults.
	Only, Disable []string

	// Allow are patterns, as [module.MatchPrefixPatterns] takes them, of the modules whose plugins may take part,
	// beside the module around Dir, the in-tree suite and adopted modules. Another plugin is Disabled and Refused,
	// also when it is a module of the workspace. Empty allows all.
	Allow []string

	// Adopt names required modules without a marker whose tests are to run.
	Adopt []Adoption

	// Patterns are package patterns, relative to Dir ("./...") or import paths.
	// Packages that match none are left out; a pattern that matches no test
	// package is an error. Empty means all packages.
	Patterns []string

	// Locked refuses to add anything to go.mod and go.sum: a missing sum is an
	// [Error] that lists what is missing.
	Locked bool

	// Core holds the options that tempest itself has. A plugin that declares one
	// of them differently has a fault.
	Core []option.Group

	// SkipTests leaves out packages and tests: modules and markers only.
	SkipTests bool
}

// Adoption is a required module without a marker, whose tests are to run.
type Adoption struct {
	Module string   // module path
	Name   string   // plugin name; empty means the last element of the path
	Tests  []string // package patterns below the module root; empty means ./...
	Tags   []string // build tags; they apply to the whole invocation
}

// Inventory is what [Find] found.
type Inventory struct {
	// Main is the main module: in a workspace, the one around Options.Dir, or
	// else the first that go.work names.
	Main Module

	// Modules are the modules of the build list, main modules first.
	Modules []Module

	// Plugins has the main module's suite first, then the in-tree suite, then
	// the others by name. Broken and disabled ones are included.
	Plugins []Plugin

	// Tags is the set of build tags of the one invocation, sorted, [Tag] first:
	// those of Options, of GOFLAGS and of adopted modules.
	Tags []string

	// BuildFlags make the go command use the overlay: -modfile, -mod. They do
	// not hold -tags.
	BuildFlags []string

	// Env is to be added to the environment of go commands.
	Env []string

	// Testlib is the testlib that tests link, nil when the module graph has
	// none.
	Testlib *Testlib

	// WorkDir is that of the options.
	WorkDir string

	env  []string // Options.Env
	root string   // directory that go commands run in
}

// Module is a module of the build list.
type Module struct {
	Path      string
	Version   string // empty for a main module
	Replace   string // "path version" or folder; empty when not replaced
	Sum       string // as in go.sum; empty when not known
	Dir       string // absolute; empty when not in the module cache
	GoMod     string // go.mod file
	GoVersion string // go directive
	Main      bool   // main module or module of the workspace
	Indirect  bool
}

// Testlib says which testlib the tests link.
type Testlib struct {
	Module
	Protocol int // protocol.Version; 0 when it could not be read
}

// Plugin is one plugin, or the main module's own suite.
type Plugin struct {
	Name    string // module path when the marker gives none
	Module  string
	Version string // empty for a main module
	Replace string // as in [Module]
	Sum     string // as in [Module]
	Dir     string // root folder of the module

	// API, Patterns and Tags are what the marker says. The Tags of a plugin
	// are used only when Options.Tags asks for them; those of an adopted module
	// always.
	API      int
	Patterns []string
	Tags     []string

	// Collections are the lists of the plugin's own services that the marker
	// names.
	Collections []Collection

	Main     bool // of the main module or workspace
	InTree   bool // tempest's own suite
	Adopted  bool
	Disabled bool
	Refused  bool // disabled because Options.Allow does not name its module

	// Groups are the option groups that the marker declares, without options
	// that clash with those of a plugin that takes part.
	Groups []option.Group

	Packages []Package // by import path
	Faults   []Fault
}

// Package is a package with tests of the suite.
type Package struct {
	Path  string // import path
	Dir   string // absolute
	Tests []Test // in source order, a test before its subtests
}

// Test is a test or a subtest with a literal name.
type Test struct {
	Name       string // as the testing package prints it: "TestA/sub_b"
	UUID       string
	Attributes []string // sorted
	Services   []string // sorted

	// Options are what other options of testlib say, by their name, as "Exclusive": the words of each,
	// separated by spaces. nil for none.
	Options map[string][]string

	File string // absolute
	Line int

	// TakesTurn is set on a top-level test whose first statement calls testlib.Start.
	TakesTurn bool

	// Conditional is set on a subtest that its parent may leave out although
	// it passes. It says nothing of the parent itself being conditional.
	Conditional bool
}

// Kind says what is wrong with a plugin, in one stable word.
type Kind string

// Kinds of faults.
const (
	DoesNotCompile Kind = "does-not-compile" // marker or test file
	MissingImport  Kind = "missing-import"   // imports a package that no module provides
	BadMarker      Kind = "bad-marker"       // constants missing or of the wrong type
	UnknownAPI     Kind = "unknown-api"      // a contract this tempest does not know
	DuplicateName  Kind = "duplicate-name"   // two modules, one plugin name
	DuplicateID    Kind = "duplicate-id"     // two tests, one UUID
	OptionClash    Kind = "option-clash"     // one option, declared in two ways
	NoTests        Kind = "no-tests"         // nothing to run
	IgnoredTest    Kind = "ignored-test"     // looks like a test, but Go does not run it
	NeedsNewerGo   Kind = "needs-newer-go"   // go directive above the toolchain
	Unresolvable   Kind = "unresolvable"     // a requirement that cannot be had
	VersionClash   Kind = "version-clash"    // builds alone, not in this graph
)

// Fault is something wrong with one plugin.
type Fault struct {
	Kind    Kind
	Plugin  string // name if known, else the module path
	Module  string
	Message string // one line
	Remedy  string // one line; may be empty
	Place   string // file:line; may be empty
}

// Plugin returns the plugin with that name or module path, or nil. One that is refused gives way to one that is not.
func (inv *Inventory) Plugin(name string) *Plugin {
	i := slices.IndexFunc(inv.Plugins, func(p Plugin) bool { return p.is(name) && !p.Refused })
	if i < 0 {
		i = slices.IndexFunc(inv.Plugins, func(p Plugin) bool { return p.is(name) })
	}
	if i < 0 {
		return nil
	}
	return &inv.Plugins[i]
}

// Faults returns the faults of all plugins.
func (inv *Inventory) Faults() []Fault {
	var all []Fault
	for _, p := range inv.Plugins {
		all = append(all, p.Faults...)
	}
	return all
}
