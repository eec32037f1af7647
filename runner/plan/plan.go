// Package plan decides which tests a run has, before anything is built.
//
// Its input is the inventory that discovery read from source, as plain values;
// its output is a [Plan]. What a run reports is the plan joined with what was
// seen: a test of the plan that gives no result is lost, never passed.
package plan

// Test is one test or subtest that source code declares.
type Test struct {
	// Package is the import path.
	Package string

	// Name is the full name as the testing package prints it, with spaces
	// rewritten: "TestSecrets" or "TestSecrets/Read".
	Name string

	// UUID is what testlib.ID says; may be empty.
	UUID string

	// Attributes and Services are what testlib.Start or Env.Run say, sorted.
	Attributes []string
	Services   []string

	// File and Line say where the test is declared.
	File string
	Line int

	// Conditional is set on a subtest that its parent may leave out although
	// it passes, because it is declared inside an if, a loop, a switch or a
	// function literal. It is no loss when a Conditional subtest is not seen.
	Conditional bool
}

// ID is the identifier of a test in lists and reports: import/path.TestName/sub.
func (t Test) ID() string { return t.Package + "." + t.Name }

// Package is a test package and the plugin it belongs to.
type Package struct {
	Path    string // import path
	Dir     string // absolute; the working directory of its tests
	Plugin  string // name of the plugin, or of the main module's own suite
	Module  string // module path
	Version string // module version; empty for a main or replaced-by-folder module
	Tests   []Test // in source order, a test before its subtests
}

// Fault is something wrong with one plugin. A run with faults ends with exit
// code 3, and each is a failed case in the reports under the plugin's name.
type Fault struct {
	Plugin  string // name if known, else the module path
	Module  string
	Kind    string // stable word, as "does-not-compile"
	Message string // one line
	Remedy  string // one line; may be empty
	Place   string // file:line, may be empty
}

// Plan is what a run is going to do.
type Plan struct {
	Packages []Package // only packages with at least one test selected
	Faults   []Fault
}
