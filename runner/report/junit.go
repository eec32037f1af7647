package report

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/gotempest/tempest/runner/plan"
	"github.com/gotempest/tempest/runner/result"
)

const (
	// defaultCaseCap is the default of JUnitOptions.Cap.
	defaultCaseCap = 256 << 10

	// maxMessage bounds the message of a case, which stands in an attribute.
	maxMessage = 4 << 10
)

// JUnitOptions configures [JUnit]. The zero value writes what every reader
// takes.
type JUnitOptions struct {
	// Cap is how many bytes of output a case or a suite holds at most; the
	// middle is left out. 0 means 256 KiB.
	Cap int

	// CaseProperties writes the attributes of tests as <properties> of their
	// cases, and where they are declared as the attribute "file". Jenkins'
	// junit plugin and GitLab read both, but junit-10.xsd, which Jenkins' xunit
	// plugin holds files against, knows neither. Without it attributes are lines
	// "[[PROPERTY|key=value]]" in the case's system-out.
	CaseProperties bool
}

// JUnit writes r as JUnit XML that is valid by the schema junit-10.xsd of
// Jenkins' xunit plugin.
//
// Each package is a suite with its import path as name, and each result a case.
// Its classname is the import path, a dot, and the top-level test, so that
// Jenkins, which splits at the last dot, shows the package; its name is that of
// the test, with subtests. A failed test is a <failure>. Whatever else is wrong
// is an <error>: a lost test, an unplanned result, a package that failed although
// none of its tests did, and a fault of a plugin, in a suite named as the plugin.
// A known failure is <skipped>, which no reader takes for a failure, with the bug and what the test said
// as its message; what sets it apart is the property known_failure.
//
// Terminal escape sequences are removed, and characters that XML cannot hold
// become U+FFFD.
//
// Source: https://github.com/jenkinsci/xunit-plugin (junit-10.xsd);
// https://docs.testmo.com/docs/automation/advanced/xml-format for [[PROPERTY]].
func JUnit(w io.Writer, r *result.Report, o JUnitOptions) error {
	o.Cap = cmp.Or(o.Cap, defaultCaseCap)
	j := &junit{xmlWriter: xmlWriter{Writer: bufio.NewWriterSize(w, 64<<10)}, o: o}
	extra := extraSuites(r)
	var all counts
	for i := range r.Packages {
		all.add(countPackage(&r.Packages[i]))
	}
	for _, s := range extra {
		all.add(counts{tests: len(s.cases), errors: len(s.cases)})
	}
	j.raw(`<?xml version="1.0" encoding="UTF-8"?>` + "\n<testsuites")
	j.attr("name", "tempest")
	j.intAttr("tests", all.tests)
	j.intAttr("failures", all.failures)
	j.intAttr("errors", all.errors)
	j.secondsAttr("time", r.Elapsed)
	j.raw(">\n")
	for i := range r.Packages {
		j.suite(&r.Packages[i], r.Seed, r.Cloud)
	}
	for _, s := range extra {
		j.errorSuite(s)
	}
	j.raw("</testsuites>\n")
	return j.Flush()
}

// counts are the attributes of a suite.
type counts struct {
	tests, failures, errors, skipped int

	// own is set when something is wrong with a package that no test shows: it
	// gets a case of its own.
	own bool
}

func (c *counts) add(o counts) {
	c.tests += o.tests
	c.failures += o.failures
	c.errors += o.errors
	c.skipped += o.skipped
}

func countPackage(p *result.PackageResult) counts {
	c := counts{tests: len(p.Results) + len(p.Unplanned)}
	for i := range p.Results {
		switch p.Results[i].Status {
		case result.Failed:
			c.failures++
		case result.Skipped, result.Known:
			c.skipped++
		case result.Lost:
			c.errors++
		case result.Passed, result.None:
		}
	}
	c.own = p.Message != "" && c.errors == 0
	c.errors += len(p.Unplanned)
	if c.own {
		c.tests++
		c.errors++
	}
	return c
}

// packageCase is the name of a package's own case. No test can have it.
const packageCase = "(package)"

// A junit is a report being written.
type junit struct {
	xmlWriter
	o JUnitOptions
}

// suite writes the suite of a package.
func (j *junit) suite(p *result.PackageResult, seed, cloud string) {
	c := countPackage(p)
	j.openSuite(p.Path, c, p.Elapsed)
	if !p.Started.IsZero() {
		j.attr("timestamp", p.Started.UTC().Format("2006-01-02T15:04:05"))
	}
	j.raw(">\n")
	j.properties("\t\t", []result.Attr{
		{Key: "plugin", Value: p.Plugin}, {Key: "module", Value: p.Module},
		{Key: "version", Value: p.Version}, {Key: "sum", Value: p.Sum}, {Key: "log", Value: p.Log},
		{Key: "seed", Value: seed}, {Key: "cloud", Value: cloud},
	})
	for i := range p.Results {
		j.testCase(p, &p.Results[i])
	}
	for i := range p.Unplanned {
		r := &p.Unplanned[i]
		j.openCase(classname(p.Path, r.Name), r.Name, r.Elapsed)
		j.raw(">\n")
		j.verdict("error", "unplanned", "not selected, but it gave the result "+r.Status.String(), r.Output())
		j.closeCase()
	}
	out := joinTexts(p.BuildOutput, p.Output)
	switch {
	case c.own:
		j.openCase(p.Path, packageCase, 0)
		j.raw(">\n")
		j.verdict("error", statusPackage, p.Message, out)
		j.closeCase()
	case out != "":
		j.element("\t\t", "system-out", out)
	}
	j.raw("\t</testsuite>\n")
}

// classname is that of a test: Jenkins takes what follows its last dot for the
// class, and what comes before for the package.
func classname(path, name string) string {
	top, _, _ := strings.Cut(name, "/")
	return path + "." + top
}

// testCase writes one result.
func (j *junit) testCase(p *result.PackageResult, r *result.Result) {
	j.openCase(classname(p.Path, r.Name), r.Name, r.Own())
	attrs := attributes(r)
	if j.o.CaseProperties && r.Test != nil && r.Test.File != "" {
		j.attr("file", r.Test.File)
	}
	if r.Status == result.Passed && len(attrs) == 0 {
		j.raw("/>\n")
		return
	}
	j.raw(">\n")
	if j.o.CaseProperties {
		j.properties("\t\t\t", attrs)
		attrs = nil
	}
	switch r.Status {
	case result.Failed:
		j.verdict("failure", "failed", r.Message(), r.Output())
	case result.Lost:
		j.verdict("error", "lost", r.Message(), r.Output())
	case result.Skipped, result.Known:
		j.raw("\t\t\t<skipped")
		j.attr("message", message(r.Message()))
		j.raw("/>\n")
	case result.Passed, result.None:
	}
	if len(attrs) > 0 {
		var b strings.Builder
		for _, a := range attrs {
			fmt.Fprintf(&b, "[[PROPERTY|%s=%s]]\n", a.Key, strings.Join(strings.Fields(a.Value), " "))
		}
		j.element("\t\t\t", "system-out", b.String())
	}
	j.closeCase()
}

// attributes are what the source says of a test, and what the test itself said,
// which goes before.
func attributes(r *result.Result) []result.Attr {
	if r.Test == nil {
		return r.Attrs()
	}
	declared := slices.DeleteFunc(result.Declared(r.Test), func(a result.Attr) bool { return r.Attr(a.Key) != "" })
	return append(declared, r.Attrs()...)
}

// An errorSuite is a suite of errors that belong to no package.
type errorSuite struct {
	name  string
	cases []errorCase
}

type errorCase struct{ name, kind, message, text string }

// extraSuites returns the faults, each in the suite of its plugin, and what is
// wrong with the run as a whole.
func extraSuites(r *result.Report) []errorSuite {
	var suites []errorSuite
	at := make(map[string]int)
	seen := make(map[string]int) // readers drop a second case of one name
	for _, f := range r.Faults {
		i, ok := at[f.Plugin]
		if !ok {
			i = len(suites)
			at[f.Plugin] = i
			suites = append(suites, errorSuite{name: f.Plugin})
		}
		name := f.Kind
		seen[f.Plugin+" "+f.Kind]++
		if n := seen[f.Plugin+" "+f.Kind]; n > 1 {
			name = fmt.Sprintf("%s (%d)", f.Kind, n)
		}
		suites[i].cases = append(suites[i].cases, errorCase{name, statusFault, f.Message, faultText(f)})
	}
	if leaks := leakCases(r.Leaks); len(leaks) > 0 {
		suites = append(suites, errorSuite{"left behind in the cloud", leaks})
	}
	if run := runCases(r); len(run) > 0 {
		suites = append(suites, errorSuite{runSuite, run})
	}
	return suites
}

// runSuite is the suite of what is wrong with the run as a whole.
const runSuite = "tempest run"

func runCases(r *result.Report) []errorCase {
	var run []errorCase
	if r.Err != "" {
		run = append(run, errorCase{"go test", statusRun, r.Err, r.Err})
	}
	if r.Interrupted != "" {
		run = append(run, errorCase{"interrupted", statusRun, "the run was interrupted by " + r.Interrupted, ""})
	}
	return run
}

// leakCases returns a case for each thing that a test has left in the cloud.
func leakCases(leaks []result.Leak) []errorCase {
	var cases []errorCase
	for i, l := range leaks { // the number, because readers drop a second case of one name
		name := fmt.Sprintf("%s.%s (%d)", l.Package, l.Test, i+1)
		cases = append(cases, errorCase{name, statusLeak, l.Text(), l.Text()})
	}
	return cases
}

func faultText(f plan.Fault) string {
	text := f.Message + "\n"
	for _, part := range []struct{ title, value string }{
		{"module", f.Module}, {"at", f.Place}, {"remedy", f.Remedy},
	} {
		if part.value != "" {
			text += part.title + ": " + part.value + "\n"
		}
	}
	return text
}

func (j *junit) errorSuite(s errorSuite) {
	j.openSuite(s.name, counts{tests: len(s.cases), errors: len(s.cases)}, 0)
	j.raw(">\n")
	for _, c := range s.cases {
		j.openCase(s.name, c.name, 0)
		j.raw(">\n")
		j.verdict("error", c.kind, c.message, c.text)
		j.closeCase()
	}
	j.raw("\t</testsuite>\n")
}

func (j *junit) openSuite(name string, c counts, elapsed time.Duration) {
	j.raw("\t<testsuite")
	j.attr("name", name)
	j.intAttr("tests", c.tests)
	j.intAttr("failures", c.failures)
	j.intAttr("errors", c.errors)
	j.intAttr("skipped", c.skipped)
	j.secondsAttr("time", elapsed)
}

func (j *junit) openCase(class, name string, elapsed time.Duration) {
	j.raw("\t\t<testcase")
	j.attr("classname", class)
	j.attr("name", name)
	j.secondsAttr("time", elapsed)
}

func (j *junit) closeCase() { j.raw("\t\t</testcase>\n") }

// verdict writes a <failure> or an <error>.
func (j *junit) verdict(element, kind, msg, output string) {
	j.raw("\t\t\t<" + element)
	j.attr("message", message(msg))
	j.attr("type", kind)
	j.raw(">")
	j.text(j.capped(output))
	j.raw("</" + element + ">\n")
}

// message bounds what stands in an attribute.
func message(s string) string {
	s, _ = result.Shorten(s, maxMessage)
	return s
}

// properties writes those attributes that have a value.
func (j *junit) properties(indent string, attrs []result.Attr) {
	open := false
	for _, a := range attrs {
		if a.Value == "" {
			continue
		}
		if !open {
			j.raw(indent + "<properties>\n")
			open = true
		}
		j.raw(indent + "\t<property")
		j.attr("name", a.Key)
		j.attr("value", a.Value)
		j.raw("/>\n")
	}
	if open {
		j.raw(indent + "</properties>\n")
	}
}

func (j *junit) element(indent, name, text string) {
	j.raw(indent + "<" + name + ">")
	j.text(j.capped(text))
	j.raw("</" + name + ">\n")
}

func (j *junit) capped(text string) string {
	text, _ = result.Shorten(text, j.o.Cap)
	return text
}

// joinTexts joins those texts that are not empty.
func joinTexts(texts ...string) string {
	var b strings.Builder
	for _, t := range texts {
		b.WriteString(t)
		if t != "" && !strings.HasSuffix(t, "\n") {
			b.WriteByte('\n')
		}
	}
	return b.String()
}
