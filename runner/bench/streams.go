package main

import (
	"fmt"
	"io"
)

// stamp is the time of every event: what time it is costs nothing to write and
// the same to read.
const stamp = `"2026-05-04T03:02:01.123456789Z"`

// event writes one line as test2json does.
func event(w io.Writer, action, pkg, test, rest string) {
	if test != "" {
		test = `,"Test":"` + test + `"`
	}
	fmt.Fprintf(w, `{"Time":%s,"Action":"%s","Package":"%s"%s%s}`+"\n", stamp, action, pkg, test, rest)
}

// writePassing writes what `go test -json` writes for passing tests, evenly in
// packages.
func writePassing(w io.Writer, packages, tests int) {
	for p := range packages {
		pkg := fmt.Sprintf("example.com/bench/tests/api/service%03d", p)
		event(w, "start", pkg, "", "")
		for t := range tests/packages + min(1, max(0, tests%packages-p)) {
			name := fmt.Sprintf("TestResourceLifecycle%07d", t)
			event(w, "run", pkg, name, "")
			event(w, "output", pkg, name, `,"Output":"=== RUN   `+name+`\n"`)
			event(w, "output", pkg, name, `,"Output":"--- PASS: `+name+` (0.01s)\n"`)
			event(w, "pass", pkg, name, `,"Elapsed":0.01`)
		}
		event(w, "output", pkg, "", `,"Output":"PASS\n"`)
		event(w, "output", pkg, "", `,"Output":"ok  \t`+pkg+`\t12.345s\n"`)
		event(w, "pass", pkg, "", `,"Elapsed":12.345`)
	}
}

// writePrinting writes the events of one test that prints and then fails.
func writePrinting(w io.Writer, size int) {
	const pkg, name = "example.com/bench/tests/api/printing", "TestPrint"
	const line = "    client_test.go:42: GET http://127.0.0.1:5000/v3/projects 200 req-0123456789abcdef"
	event(w, "start", pkg, "", "")
	event(w, "run", pkg, name, "")
	event(w, "output", pkg, name, `,"Output":"=== RUN   `+name+`\n"`)
	for n := 0; n < size; n += len(line) + 1 {
		event(w, "output", pkg, name, `,"Output":"`+line+`\n"`)
	}
	event(w, "output", pkg, name, `,"Output":"--- FAIL: `+name+` (1.00s)\n"`)
	event(w, "fail", pkg, name, `,"Elapsed":1`)
	event(w, "output", pkg, "", `,"Output":"FAIL\n"`)
	event(w, "output", pkg, "", `,"Output":"FAIL\t`+pkg+`\t1.000s\n"`)
	event(w, "fail", pkg, "", `,"Elapsed":1`)
}
