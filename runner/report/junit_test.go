package report_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/gotempest/tempest/internal/golden"
	"github.com/gotempest/tempest/runner/plan"
	"github.com/gotempest/tempest/runner/report"
	"github.com/gotempest/tempest/runner/result"
)

func junit(tb testing.TB, r *result.Report, o report.JUnitOptions) []byte {
	tb.Helper()
	var b bytes.Buffer
	if err := report.JUnit(&b, r, o); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

func TestJUnitOfEverything(t *testing.T) {
	r := everything(t)

	golden.Check(t, *update, "junit.golden.xml", junit(t, r, report.JUnitOptions{}))
	golden.Check(t, *update, "junit-case-properties.golden.xml", junit(t, r, report.JUnitOptions{CaseProperties: true}))
}

// An element is what a schema says of one.
type element struct {
	attrs    []string // that it may have; a * after the name of those that it must have
	children []string
	text     bool
}

// schema is junit-10.xsd, as far as it is not about reruns. Every group of
// children may stand in any order and number, except in testsuites, which has
// suites alone.
//
// Source: https://github.com/jenkinsci/xunit-plugin,
// src/main/resources/org/jenkinsci/plugins/xunit/types/model/xsd/junit-10.xsd
func schema() map[string]element {
	verdict := element{attrs: []string{"type", "message"}, text: true}
	return map[string]element{
		"testsuites": {attrs: []string{"name", "time", "tests", "failures", "errors"}, children: []string{"testsuite"}},
		"testsuite": {
			attrs: []string{"name*", "tests*", "failures*", "errors*", "group", "time", "skipped", "timestamp", "hostname",
				"id", "package", "file", "log", "url"},
			children: []string{"testsuite", "properties", "testcase", "system-out", "system-err"},
		},
		"properties": {children: []string{"property"}},
		"property":   {attrs: []string{"name*", "value*"}},
		"testcase": {
			attrs:    []string{"name*", "time", "classname", "group"},
			children: []string{"skipped", "error", "failure", "system-out", "system-err"},
		},
		"skipped": verdict, "error": verdict, "failure": verdict,
		"system-out": {text: true}, "system-err": {text: true},
	}
}

// node is a parsed element.
type node struct {
	name     string
	attrs    map[string]string
	children []*node
	text     string
}

// parse reads a document with the strict parser, and holds it against schema.
func parse(tb testing.TB, doc []byte, rules map[string]element) *node {
	tb.Helper()
	if !utf8.Valid(doc) {
		tb.Error("the document is not UTF-8")
	}
	root := &node{}
	stack := []*node{root}
	dec := xml.NewDecoder(bytes.NewReader(doc))
	for {
		tok, err := dec.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			tb.Fatalf("%v in\n%s", err, doc)
		}
		top := stack[len(stack)-1]
		switch tok := tok.(type) {
		case xml.StartElement:
			n := &node{name: tok.Name.Local, attrs: make(map[string]string)}
			for _, a := range tok.Attr {
				n.attrs[a.Name.Local] = a.Value
			}
			top.children = append(top.children, n)
			stack = append(stack, n)
			check(tb, top, n, rules)
		case xml.EndElement:
			stack = stack[:len(stack)-1]
		case xml.CharData:
			top.text += string(tok)
			if strings.TrimSpace(string(tok)) != "" && top != root && !rules[top.name].text {
				tb.Errorf("text %q in <%s>", tok, top.name)
			}
		}
	}
	if len(root.children) != 1 || root.children[0].name != "testsuites" {
		tb.Fatalf("the root is not <testsuites>")
	}
	return root.children[0]
}

// check holds n, a child of parent, against the rules.
func check(tb testing.TB, parent, n *node, rules map[string]element) {
	tb.Helper()
	rule, ok := rules[n.name]
	if !ok || parent.name != "" && !slices.Contains(rules[parent.name].children, n.name) {
		tb.Errorf("<%s> in <%s>", n.name, parent.name)
	}
	for _, a := range rule.attrs {
		name, must := strings.CutSuffix(a, "*")
		if _, has := n.attrs[name]; must && !has {
			tb.Errorf("<%s> has no %s", n.name, name)
		}
	}
	for a := range n.attrs {
		if !slices.Contains(rule.attrs, a) && !slices.Contains(rule.attrs, a+"*") {
			tb.Errorf("<%s> has the attribute %s", n.name, a)
		}
	}
	if s, ok := n.attrs["time"]; ok {
		if d, err := strconv.ParseFloat(s, 64); err != nil || d < 0 || strings.ContainsAny(s, "eE+-") {
			tb.Errorf("<%s time=%q>", n.name, s)
		}
	}
}

// all returns the elements of a name below n.
func (n *node) all(name string) []*node {
	var found []*node
	for _, c := range n.children {
		if c.name == name {
			found = append(found, c)
		}
		found = append(found, c.all(name)...)
	}
	return found
}

func TestJUnitCountsAreThoseOfItsCases(t *testing.T) {
	root := parse(t, junit(t, everything(t), report.JUnitOptions{}), schema())

	for _, scope := range append(root.all("testsuite"), root) {
		for attr, want := range map[string]int{
			"tests": len(scope.all("testcase")), "failures": len(scope.all("failure")),
			"errors": len(scope.all("error")), "skipped": len(scope.all("skipped")),
		} {
			if got := scope.attrs[attr]; got != strconv.Itoa(want) && (attr != "skipped" || scope != root) {
				t.Errorf("%s: %s = %s, want %d", scope.attrs["name"], attr, got, want)
			}
		}
	}
}

func TestJUnitHoldsEveryTestOnce(t *testing.T) {
	r := everything(t)

	root := parse(t, junit(t, r, report.JUnitOptions{}), schema())

	seen := make(map[string]bool)
	for _, c := range root.all("testcase") {
		key := c.attrs["classname"] + " " + c.attrs["name"]
		if seen[key] {
			t.Errorf("two cases are %s", key)
		}
		seen[key] = true
		if n := len(c.all("failure")) + len(c.all("error")) + len(c.all("skipped")); n > 1 {
			t.Errorf("%s has %d verdicts", key, n)
		}
	}
	for i := range r.Packages {
		for j := range r.Packages[i].Results {
			top, _, _ := strings.Cut(r.Packages[i].Results[j].Name, "/")
			if key := r.Packages[i].Path + "." + top + " " + r.Packages[i].Results[j].Name; !seen[key] {
				t.Errorf("no case is %s", key)
			}
		}
	}
}

func TestJUnitCaseProperties(t *testing.T) {
	rules := schema()
	c := rules["testcase"]
	c.attrs = append(c.attrs, "file")
	c.children = append(c.children, "properties")
	rules["testcase"] = c

	root := parse(t, junit(t, everything(t), report.JUnitOptions{CaseProperties: true}), rules)

	got := make(map[string]string)
	for _, c := range root.all("testcase") {
		for _, p := range c.all("property") {
			got[c.attrs["name"]+" "+p.attrs["name"]] = p.attrs["value"]
		}
	}
	for key, want := range map[string]string{
		"TestAttr id": "5ad5a1a6-0000-4000-8000-000000000001", "TestAttr attributes": "negative,smoke",
		"TestAfter id": "5ad5a1a6-0000-4000-8000-000000000002", "TestAfter services": "identity",
	} {
		if got[key] != want {
			t.Errorf("property %s = %q, want %q", key, got[key], want)
		}
	}
}

func TestJUnitIsErrorOnlyWhereNoTestFailed(t *testing.T) {
	root := parse(t, junit(t, everything(t), report.JUnitOptions{}), schema())

	verdicts := make(map[string]string)
	for _, c := range root.all("testcase") {
		for _, v := range c.children {
			if v.name != "system-out" {
				verdicts[c.attrs["classname"]+" "+c.attrs["name"]] = v.name + " " + v.attrs["type"]
			}
		}
	}
	for key, want := range map[string]string{
		"example.com/rec/fails.TestFatal TestFatal":       "failure failed",
		"example.com/rec/broken.TestBroken TestBroken":    "error lost",
		"example.com/rec/killed.TestKilled TestKilled":    "error lost",
		"example.com/rec/fakes.TestInvented TestInvented": "error unplanned",
		"example.com/rec/mainfails (package)":             "error package",
		"octavia does-not-compile":                        "error fault",
		"octavia does-not-compile (2)":                    "error fault",
		"zaqar no-tests":                                  "error fault",
		"example.com/rec/good.TestSkip TestSkip":          "skipped ",
		"example.com/rec/good.TestPass TestPass":          "",
	} {
		if verdicts[key] != want {
			t.Errorf("%s is %q, want %q", key, verdicts[key], want)
		}
	}
}

// An interrupted run, or a go test that failed, must not look green.
func TestJUnitOfARunThatWentWrong(t *testing.T) {
	p := plan.Plan{Packages: []plan.Package{tests("p", "TestA")}}

	for _, end := range []result.End{{Interrupted: "SIGTERM"}, {GoErr: "go: oops"}} {
		root := parse(t, junit(t, reportOf(t, p, "", end), report.JUnitOptions{}), schema())
		if n := len(root.all("error")); n == 0 {
			t.Errorf("%+v leaves no error", end)
		}
	}
}

func TestJUnitHoldsAnyText(t *testing.T) {
	const nasty = `\u001b[1;31mred\u001b[0m \u001b]0;title\u0007\u001b[2K\u001b(B` +
		`<a b=\"c\">&amp;]]>\u0000\u0001\ufffe\ud800\u000b\u001b\r\n        \t😀 end`
	stream := `{"Action":"run","Package":"p","Test":"TestA"}
{"Action":"attr","Package":"p","Test":"TestA","Key":"k","Value":"a\nb]]\u0001<"}
{"Action":"output","Package":"p","Test":"TestA","Output":"    a_test.go:1: ` + nasty + `\n"}
{"Action":"fail","Package":"p","Test":"TestA"}
{"Action":"fail","Package":"p"}
`
	p := plan.Plan{Packages: []plan.Package{tests("p", "TestA")}}
	r := reportOf(t, p, stream, result.End{})

	root := parse(t, junit(t, r, report.JUnitOptions{}), schema())

	failure := root.all("failure")[0]
	const want = "    a_test.go:1: red <a b=\"c\">&amp;]]>\ufffd\ufffd\ufffd\ufffd\ufffd\r\n        \t😀 end\n"
	if failure.text != want {
		t.Errorf("text = %q, want %q", failure.text, want)
	}
	const message = "red <a b=\"c\">&amp;]]>\ufffd\ufffd\ufffd\ufffd\ufffd\r\n😀 end"
	if got := failure.attrs["message"]; got != message {
		t.Errorf("message = %q, want %q", got, message)
	}
	if got, want := root.all("system-out")[0].text, "[[PROPERTY|k=a b]]\ufffd<]]\n"; got != want {
		t.Errorf("system-out = %q, want %q", got, want)
	}
}

func TestJUnitCapsOutput(t *testing.T) {
	var b strings.Builder
	b.WriteString(`{"Action":"run","Package":"p","Test":"TestA"}` + "\n")
	for i := range 1000 {
		fmt.Fprintf(&b, `{"Action":"output","Package":"p","Test":"TestA","Output":"line %d\n"}`+"\n", i)
	}
	b.WriteString(`{"Action":"fail","Package":"p","Test":"TestA"}` + "\n")
	r := reportOf(t, plan.Plan{Packages: []plan.Package{tests("p", "TestA")}}, b.String(), result.End{})

	root := parse(t, junit(t, r, report.JUnitOptions{Cap: 200}), schema())

	got := root.all("error")
	got = append(got, root.all("failure")...)
	if text := got[len(got)-1].text; len(text) > 300 || !strings.Contains(text, "bytes of output are left out here") ||
		!strings.HasPrefix(text, "line 0\n") || !strings.HasSuffix(text, "line 999\n") {
		t.Errorf("text = %q", text)
	}
}

func TestJUnitReturnsTheErrorOfItsWriter(t *testing.T) {
	if err := report.JUnit(failing{}, everything(t), report.JUnitOptions{}); !errors.Is(err, errFull) {
		t.Errorf("JUnit = %v, want %v", err, errFull)
	}
	if err := report.JSON(failing{}, everything(t)); !errors.Is(err, errFull) {
		t.Errorf("JSON = %v, want %v", err, errFull)
	}
}

var errFull = errors.New("no space left on device")

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errFull }

// FuzzJUnitText writes any text as output, message and attribute: the document
// must stay well-formed.
func FuzzJUnitText(f *testing.F) {
	f.Add("plain")
	f.Add("\x1b[31mred\x1b[0m <&>\"' \x00 \xff ]]> \x1b]0;t\x07")
	f.Add("\x1b[\x1b[\x1b(\x1bP\n")
	f.Fuzz(func(t *testing.T, text string) {
		r := &result.Report{Packages: []result.PackageResult{{
			Path: "p" + text, Log: text, Output: text, Message: text,
			Results: []result.Result{
				{Name: "TestA/" + text, Status: result.Failed, Detail: &result.Detail{Message: text, Output: text}},
				{Name: "TestB", Status: result.Skipped, Detail: &result.Detail{
					Message: text, Attrs: []result.Attr{{Key: text, Value: text}},
				}},
			},
		}}}
		parse(t, junit(t, r, report.JUnitOptions{}), schema())
	})
}
