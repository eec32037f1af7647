package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The in-tree suite has every test that the interoperability guideline requires of identity, images and the object
// store, under its UUID.
func TestSuiteHasTheGuideline(t *testing.T) {
	guideline, err := os.ReadFile("testdata/guideline-2020.06.txt")
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir("../..")
	out, err := os.Create(filepath.Join(t.TempDir(), "list.json"))
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	if code := run(t.Context(), stdio{out: out, err: os.Stderr}, nil, []string{"list", "--json"}); code != exitOK {
		t.Fatalf("tempest list ended with %d", code)
	}
	list, err := os.ReadFile(out.Name())
	if err != nil {
		t.Fatal(err)
	}
	var tests []struct{ UUID string }
	if err := json.Unmarshal(list, &tests); err != nil {
		t.Fatal(err)
	}
	have := map[string]bool{}
	for _, test := range tests {
		have[test.UUID] = true
	}
	required := 0
	for line := range strings.Lines(string(guideline)) {
		uuid, capability, ok := strings.Cut(strings.TrimSpace(line), " ")
		if !ok || uuid == "#" {
			continue
		}
		required++
		if !have[uuid] {
			t.Errorf("the suite has no test %s of %s", uuid, capability)
		}
	}
	if required < 86 {
		t.Errorf("the list has %d tests, want the 86 and more of the guideline", required)
	}
}
