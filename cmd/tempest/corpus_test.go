package main

import (
	"bufio"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/testscript"
	"golang.org/x/tools/txtar"

	"github.com/gotempest/tempest/runner/report"
)

const (
	corpusPage   = "docs/hostile.md"
	corpusModule = "example.com/hostile/tests/"
)

// otherParts are those of the page that are no table: they name the scripts that hold them.
var otherParts = []string{"What a process shares", "At Ctrl-C"}

// A misbehaviour is a row of the page about plugins that misbehave.
type misbehaviour struct {
	name     string   // of the package
	flags    []string // of tempest run
	exit     string
	verdicts string // as the page has them
	said     string
}

// misbehaviours reads the rows below a heading of the page; below "" those of all.
func misbehaviours(page, heading string) ([]misbehaviour, error) {
	var rows []misbehaviour
	here := heading == ""
	for line := range strings.Lines(page) {
		line = strings.TrimSpace(line)
		if title, ok := strings.CutPrefix(line, "## "); ok && heading != "" {
			here = title == heading
		}
		if !here || !strings.HasPrefix(line, "| `") {
			continue
		}
		cells := strings.Split(strings.Trim(line, "|"), "|")
		if len(cells) != 5 {
			return nil, fmt.Errorf("a row has %d cells, want 5: %s", len(cells), line)
		}
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		call := strings.Fields(strings.Trim(cells[0], "`"))
		rows = append(rows, misbehaviour{
			name: call[0], flags: call[1:], exit: cells[2], verdicts: cells[3], said: strings.Trim(cells[4], "`"),
		})
	}
	if len(rows) == 0 {
		return nil, fmt.Errorf("no row below %q", heading)
	}
	return rows, nil
}

// corpus runs the plugins that misbehave of a part of the page, and wants of each what its row says: corpus HEADING.
func corpus(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: corpus HEADING")
	}
	page, err := os.ReadFile(filepath.Join(ts.Getenv("ROOT"), corpusPage))
	ts.Check(err)
	rows, err := misbehaviours(string(page), args[0])
	ts.Check(err)
	for _, row := range rows {
		ts.Logf("# %s", row.name)
		results, junit := ts.MkAbs(row.name+".jsonl"), ts.MkAbs(row.name+".xml")
		call := append([]string{row.exit, "tempest", "run", "--no-color", "--json", results, "--junit", junit}, row.flags...)
		exits(ts, false, append(call, corpusModule+row.name))
		verdicts, text, err := readVerdicts(results)
		ts.Check(err)
		if diff := cmp.Diff(row.verdicts, verdicts); diff != "" {
			ts.Fatalf("%s: verdicts (-want +got):\n%s", row.name, diff)
		}
		if !strings.Contains(text+ts.ReadFile("stdout"), row.said) {
			ts.Fatalf("%s: nothing says %q", row.name, row.said)
		}
		cases, err := junitCases(junit)
		ts.Check(err)
		if lines := strings.Count(ts.ReadFile(results), "\n"); cases != lines {
			ts.Fatalf("%s: JUnit has %d cases, the results file %d", row.name, cases, lines)
		}
		leavesNone(ts, false, nil)
	}
}

// readVerdicts returns what a results file says of its tests, as the page writes it, and the messages and outputs.
func readVerdicts(file string) (verdicts, text string, err error) {
	f, err := os.Open(file)
	if err != nil {
		return "", "", err
	}
	defer f.Close()
	var each []string
	var said strings.Builder
	further := map[string]int{}
	for d := json.NewDecoder(bufio.NewReader(f)); ; {
		var c report.Case
		if err := d.Decode(&c); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return "", "", fmt.Errorf("reading %s: %w", file, err)
		}
		fmt.Fprintln(&said, c.Message, c.Output)
		if c.Extra {
			further[c.Status]++
			continue
		}
		if !c.OfTest() {
			each = append(each, "`"+c.Status+"`")
			continue
		}
		each = append(each, "`"+c.Status+" "+c.Name+"`")
	}
	for _, status := range []string{"passed", "failed", "skipped"} {
		if n := further[status]; n > 0 {
			each = append(each, strconv.Itoa(n)+" further "+status)
		}
	}
	return strings.Join(each, ", "), said.String(), nil
}

// junitCases counts the cases of a report, to the end of the XML.
func junitCases(file string) (n int, err error) {
	f, err := os.Open(file)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	for d := xml.NewDecoder(bufio.NewReader(f)); ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return n, nil
		} else if err != nil {
			return 0, fmt.Errorf("%s is no XML: %w", file, err)
		}
		if start, ok := token.(xml.StartElement); ok && start.Name.Local == "testcase" {
			n++
		}
	}
}

// Each package of the corpus has one row, or a script of its own, and each row a package; each part has its script.
func TestCorpusIsComplete(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("../..", corpusPage))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := misbehaviours(string(page), "")
	if err != nil {
		t.Fatal(err)
	}
	listed := []string{"stubborn", "waits"} // run_signals.txtar and run_signal_twice.txtar
	for _, row := range rows {
		listed = append(listed, row.name)
	}
	slices.Sort(listed)
	archive, err := txtar.ParseFile("testdata/mod/example.com_hostile_v1.0.0.txtar")
	if err != nil {
		t.Fatal(err)
	}
	var packages []string
	for _, file := range archive.Files {
		if name, ok := strings.CutPrefix(file.Name, "tests/"); ok && fs.ValidPath(name) {
			packages = append(packages, filepath.Dir(name))
		}
	}
	slices.Sort(packages)
	if diff := cmp.Diff(packages, listed); diff != "" {
		t.Errorf("packages of the corpus and of %s (-want +got):\n%s", corpusPage, diff)
	}
	scripts, err := os.ReadFile("testdata/script/run_hostile.txtar")
	if err != nil {
		t.Fatal(err)
	}
	more, err := os.ReadFile("testdata/script/run_hostile_output.txtar")
	if err != nil {
		t.Fatal(err)
	}
	run := string(scripts) + string(more)
	for line := range strings.Lines(string(page)) {
		title, ok := strings.CutPrefix(strings.TrimSpace(line), "## ")
		if ok && !slices.Contains(otherParts, title) && !strings.Contains(run, "corpus '"+title+"'") {
			t.Errorf("no script runs the part %q", title)
		}
	}
}
