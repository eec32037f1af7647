// Package plan decides which tests a run has, before anything is built.
//
// Its input is the inventory that discovery read from source, as plain values;
// its output is a [Plan]. What a run reports is the plan joined with what was
// seen: a test of the plan that gives no result is lost, never passed.
//
// # Parents and subtests
//
// A test that is selected brings the subtests it declares. A subtest can be
// selected without its parent: the parent is then in the plan too, because
// nothing else can start the subtest, but it is marked [Test.Implied]. An
// implied test is not one of the tests that were asked for. It is counted and
// reported only when it fails, so that its failure cannot hide.
//
// Excluding a test excludes its subtests. Excluding a subtest alone leaves its
// parent in the plan, with the subtest named in [Package.Skip].
package plan

import "strings"

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

	// Options are what other options of testlib say, by their name.
	Options map[string][]string

	// File and Line say where the test is declared.
	File string
	Line int

	// Conditional is set on a subtest that its parent may leave out although
	// it passes, because it is declared inside an if, a loop, a switch or a
	// function literal. It is no loss when a Conditional subtest is not seen.
	Conditional bool

	// TakesTurn is set on a top-level test that waits for its turn in the run before it does
	// anything, because it begins with testlib.Start.
	TakesTurn bool

	// Implied is set by [Select] on a test that was not selected itself and
	// runs only because one of its subtests was.
	Implied bool
}

// ID is the identifier of a test in lists and reports: import/path.TestName/sub.
func (t Test) ID() string { return t.Package + "." + t.Name }

// TaggedID is the ID followed by what Python Tempest appends to its own:
// "[id-UUID,attribute,…]", attributes in order. Regular expressions of a
// [Selection] are searched in it. A test that has neither is its plain ID.
func (t Test) TaggedID() string {
	if t.UUID == "" && len(t.Attributes) == 0 {
		return t.ID()
	}
	tags := make([]string, 0, len(t.Attributes)+1)
	if t.UUID != "" {
		tags = append(tags, "id-"+t.UUID)
	}
	tags = append(tags, t.Attributes...)
	return t.ID() + "[" + strings.Join(tags, ",") + "]"
}

// Package is a test package and the plugin it belongs to.
type Package struct {
	Path    string // import path
	Dir     string // absolute; the working directory of its tests
	Plugin  string // name of the plugin, or of the main module's own suite
	Module  string // module path
	Version string // module version; empty for a main or replaced-by-folder module
	Sum     string // of the module, as in go.sum; empty when not known
	Tests   []Test // in source order, a test before its subtests

	// Skip names the subtests that must not run although a test above them is
	// selected: they were excluded. Set by [Select], in source order.
	Skip []string
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
	Excluded []Exclusion // by a list, which may give reasons
}

// Count is how many tests the plan has. Implied tests are not counted.
func (p Plan) Count() int {
	n := 0
	for i := range p.Packages {
		for j := range p.Packages[i].Tests {
			if !p.Packages[i].Tests[j].Implied {
				n++
			}
		}
	}
	return n
}
