package plan

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Selection says which tests of an inventory to run. The zero value selects
// all of them.
//
// A test is selected when
//   - it is of a plugin in Plugins, if there are any, and of none in NoPlugins,
//   - Regex, Smoke or IncludeList selects it, or none of the three is given,
//   - LoadList names it, if there is one, and
//   - neither ExcludeList nor ExcludeRegex names it.
//
// Regular expressions have Go's syntax and are searched in the tagged ID
// ([Test.TaggedID]) from anywhere in it, as Python Tempest does, and in the plain
// ID, so that a $ is the end of the name too.
//
// Every entry must match a test of the inventory, whether or not the rest of the
// selection then drops that test.
//
// # Lists
//
// An include or exclude list has one regular expression a line. A # starts a
// comment, on an exclude list the reason; the #01 that the testing package gives
// to the second of two equal names is none. A line that is an ID with its tags,
// "example.com/p.TestA[id-UUID,smoke]", means that test: as an expression its
// brackets would mean something else.
//
// A load list has one test a line: an ID with or without tags, or a UUID with or
// without "id-" before it. An ID whose name is unknown, as those of Python
// Tempest are, means the test with the UUID in its tags. Lines that start with #
// are comments. The order of a list is of no matter.
type Selection struct {
	// Regex holds the values of --regex. White space separates expressions; a
	// test that any of them finds is selected.
	Regex []string

	// ExcludeRegex is one expression; a test that it finds is left out.
	ExcludeRegex string

	// IncludeList and ExcludeList are paths of files with one expression a
	// line, LoadList that of a file with one test a line. Empty means no such
	// list.
	IncludeList, ExcludeList, LoadList string

	// Smoke selects the tests with the attribute "smoke". It cannot be
	// combined with Regex.
	Smoke bool

	// Plugins and NoPlugins are names of plugins.
	Plugins, NoPlugins []string
}

// smokeAttribute is the attribute that [Selection.Smoke] looks for.
const smokeAttribute = "smoke"

// An Exclusion is a test that [Selection.ExcludeList] leaves out.
type Exclusion struct {
	Test   Test
	Reason string // the comment on the line that excludes it; may be empty
	Place  string // file:line of that line
}

// A Choice is the outcome of a selection.
type Choice struct {
	Packages []Package // with at least one test each, in the order of the inventory
	Excluded []Exclusion
}

// Select returns the packages of all with the tests that s selects, in the
// order of all. Everything that goes wrong is a mistake in s: an expression
// that is none, a list that cannot be read, an entry that matches no test of
// all, a selection without a single test. The error names the flag, or the
// file and line, one mistake a line.
func Select(all []Package, s Selection) ([]Package, error) {
	c, err := Choose(all, s)
	return c.Packages, err
}

// Choose is [Select] for a caller who also wants to know what the exclude list
// left out, and why.
func Choose(all []Package, s Selection) (Choice, error) {
	if s.Smoke && strings.TrimSpace(strings.Join(s.Regex, " ")) != "" {
		return Choice{}, errors.New("--smoke and --regex exclude each other")
	}
	p, err := newPicker(all, s)
	if err != nil {
		return Choice{}, err
	}
	var c Choice
	for i := range all {
		pkg, excluded := p.pick(&all[i])
		c.Excluded = append(c.Excluded, excluded...)
		if len(pkg.Tests) > 0 {
			c.Packages = append(c.Packages, pkg)
		}
	}
	if err := p.unmatched(); err != nil {
		return Choice{}, err
	}
	if len(c.Packages) == 0 {
		return Choice{}, fmt.Errorf("no test selected by %s", s.describe())
	}
	return c, nil
}

// describe names the flags of s, for the error about an empty selection.
func (s Selection) describe() string {
	var d []string
	add := func(flag, value string) {
		if value != "" {
			d = append(d, flag+" "+value)
		}
	}
	for _, r := range s.Regex {
		add("--regex", fmt.Sprintf("%q", r))
	}
	if s.Smoke {
		d = append(d, "--smoke")
	}
	add("--include-list", s.IncludeList)
	add("--load-list", s.LoadList)
	add("--exclude-list", s.ExcludeList)
	if s.ExcludeRegex != "" {
		add("--exclude-regex", fmt.Sprintf("%q", s.ExcludeRegex))
	}
	add("--plugin", strings.Join(s.Plugins, ","))
	add("--no-plugin", strings.Join(s.NoPlugins, ","))
	if len(d) == 0 {
		return "the packages given: they have none"
	}
	return strings.Join(d, " ")
}

// A picker is a Selection with its expressions compiled and its lists read.
type picker struct {
	s                Selection
	include, exclude matcher
	load             matcher
	loads            bool // there is a load list
}

func newPicker(all []Package, s Selection) (*picker, error) {
	p := &picker{s: s, loads: s.LoadList != ""}
	var errs []error
	add := func(m *matcher, entries []*entry, err error) {
		m.entries = append(m.entries, entries...)
		if err != nil {
			errs = append(errs, err)
		}
	}
	for _, value := range s.Regex {
		for piece := range strings.FieldsSeq(value) {
			e, err := newExpression("--regex", piece)
			add(&p.include, e, err)
		}
	}
	if s.Smoke {
		add(&p.include, []*entry{{place: "--smoke", text: "attribute smoke", smoke: true}}, nil)
	}
	lists := []struct {
		path  string
		parse func(string, io.Reader) ([]*entry, error)
		to    *matcher
	}{
		{s.IncludeList, parseList, &p.include},
		{s.LoadList, parseLoadList, &p.load},
		{s.ExcludeList, parseList, &p.exclude},
	}
	for _, l := range lists {
		if l.path != "" {
			e, err := readList(l.path, l.parse)
			add(l.to, e, err)
		}
	}
	if s.ExcludeRegex != "" {
		e, err := newExpression("--exclude-regex", s.ExcludeRegex)
		add(&p.exclude, e, err)
	}
	for _, m := range []*matcher{&p.include, &p.exclude, &p.load} {
		errs = append(errs, m.index(all))
	}
	errs = append(errs, checkPlugins(all, "--plugin", s.Plugins), checkPlugins(all, "--no-plugin", s.NoPlugins))
	return p, errors.Join(errs...)
}

// checkPlugins returns an error that names each plugin of names that all does
// not have, and those it has.
func checkPlugins(all []Package, flag string, names []string) error {
	var errs []error
	for _, name := range names {
		if slices.ContainsFunc(all, func(p Package) bool { return p.Plugin == name }) {
			continue
		}
		var have []string
		for i := range all {
			if !slices.Contains(have, all[i].Plugin) {
				have = append(have, all[i].Plugin)
			}
		}
		slices.Sort(have)
		errs = append(errs, fmt.Errorf("%s: no plugin %q with tests; there are: %s", flag, name, strings.Join(have, ", ")))
	}
	return errors.Join(errs...)
}

// ofPlugin says whether the plugin flags let pkg through.
func (p *picker) ofPlugin(pkg *Package) bool {
	if slices.Contains(p.s.NoPlugins, pkg.Plugin) {
		return false
	}
	return len(p.s.Plugins) == 0 || slices.Contains(p.s.Plugins, pkg.Plugin)
}

// A verdict is what a selection says of one test.
type verdict uint8

const (
	unselected verdict = iota
	implied            // only to reach a subtest
	selected
	excluded
)

// pick returns pkg reduced to what is selected of it, and what the exclude
// list took away. All entries are tried on all tests, whatever the others say:
// an entry counts as useful when it matches something, not when it is needed.
func (p *picker) pick(pkg *Package) (Package, []Exclusion) {
	verdicts := make([]verdict, len(pkg.Tests))
	index := make(map[string]int, len(pkg.Tests))
	var gone []Exclusion
	for i := range pkg.Tests {
		t := &pkg.Tests[i]
		index[t.Name] = i
		v, by := p.judge(t, nearest(t.Name, index, verdicts))
		verdicts[i] = v
		if by != nil && p.ofPlugin(pkg) {
			gone = append(gone, Exclusion{Test: *t, Reason: by.reason, Place: by.place})
		}
	}
	out := *pkg
	out.Tests, out.Skip = nil, nil
	if !p.ofPlugin(pkg) {
		return out, nil
	}
	markImplied(pkg.Tests, index, verdicts)
	for i := range pkg.Tests {
		t := pkg.Tests[i]
		switch verdicts[i] {
		case selected, implied:
			t.Implied = verdicts[i] == implied
			out.Tests = append(out.Tests, t)
		case excluded:
			if nearest(t.Name, index, verdicts) == selected {
				out.Skip = append(out.Skip, t.Name)
			}
		case unselected:
		}
	}
	return out, gone
}

// judge returns the verdict on t, given that on the nearest declared test above
// it, and the line of the exclude list that took it away, if one did.
func (p *picker) judge(t *Test, above verdict) (verdict, *entry) {
	tagged := t.TaggedID()
	in := p.include.match(t, tagged) != nil || len(p.include.entries) == 0
	loaded := p.load.match(t, tagged) != nil || !p.loads
	by := p.exclude.match(t, tagged)
	wanted := above == selected || in && loaded
	switch {
	case above == excluded:
		return excluded, nil
	case by != nil && wanted && by.listed:
		return excluded, by
	case by != nil:
		return excluded, nil
	case wanted:
		return selected, nil
	}
	return unselected, nil
}

// nearest is the verdict on the closest test above name that source declares.
func nearest(name string, index map[string]int, verdicts []verdict) verdict {
	for name = Parent(name); name != ""; name = Parent(name) {
		if i, ok := index[name]; ok {
			return verdicts[i]
		}
	}
	return unselected
}

// markImplied marks what is above a selected test and not selected itself.
func markImplied(tests []Test, index map[string]int, verdicts []verdict) {
	for i := range tests {
		if verdicts[i] != selected {
			continue
		}
		for name := Parent(tests[i].Name); name != ""; name = Parent(name) {
			if j, ok := index[name]; ok && verdicts[j] == unselected {
				verdicts[j] = implied
			}
		}
	}
}

// Parent is the name of the test that starts the subtest of this name, or ""
// for a top-level test. A name given to t.Run may itself hold a slash, so a
// Parent need not exist.
func Parent(name string) string {
	i := strings.LastIndexByte(name, '/')
	if i < 0 {
		return ""
	}
	return name[:i]
}

// unmatched returns an error that names every entry that matched no test.
func (p *picker) unmatched() error {
	var errs []error
	for _, e := range slices.Concat(p.include.entries, p.load.entries, p.exclude.entries) {
		if !e.hit {
			errs = append(errs, fmt.Errorf("%s: %s matches no test", e.place, e.text))
		}
	}
	return errors.Join(errs...)
}
