package screen_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/gotempest/tempest/runner/screen"
)

// waited is the events of a test that waits for its place in the run and then runs for 400 ms.
func waited(wait, total, action string) []byte {
	const events = `{"Action":"run","Package":"example.com/p","Test":"TestA"}
{"Action":"output","Package":"example.com/p","Test":"TestA","Output":"=== RUN   TestA\n"}
{"Action":"output","Package":"example.com/p","Test":"TestA","Output":"=== ATTR  TestA wait %[1]s\n"}
{"Action":"output","Package":"example.com/p","Test":"TestA","Output":"said (0.40s)\n"}
{"Action":"output","Package":"example.com/p","Test":"TestA","Output":"--- %[4]s: TestA (%[2]ss)\n"}
{"Action":"%[3]s","Package":"example.com/p","Test":"TestA","Elapsed":%[2]s}
{"Action":"run","Package":"example.com/p","Test":"TestB"}
{"Action":"pass","Package":"example.com/p","Test":"TestB","Elapsed":0.4}
{"Action":"%[3]s","Package":"example.com/p","Elapsed":80}
`
	return fmt.Appendf(nil, events, wait, total, action, strings.ToUpper(action))
}

// What is shown of a test is its own time, and a long wait beside it; only standard-json is as go test says it.
func TestWaitingIsShownByItself(t *testing.T) {
	const inLine, inOutput = "TestA (0.40s, waited 1m19s)", "--- FAIL: TestA (0.40s, waited 1m19s)"
	for format, want := range map[string][]string{ // of a test that fails
		"testname": {inLine, inOutput}, "short-verbose": {inLine, inOutput},
		"pkgname-and-test-fails": {inLine, inOutput}, "short-with-failures": {inLine, inOutput},
		"github-actions": {inLine}, "github-action": {inLine},
		"standard-verbose": {inOutput}, "debug": {"(0.400)", inOutput},
		"testdox": {"(0.40s)"}, "gotestdox": {"(0.40s)"},
		// These show no times of tests.
		"pkgname": nil, "short": nil, "dots": nil, "dots-v1": nil, "dots-v2": nil, "standard-quiet": nil, "none": nil,
	} {
		got := show(t, waited("1m19s", "79.40", "fail"), screen.Options{Format: format})
		for _, part := range want {
			if !strings.Contains(got, part) {
				t.Errorf("%s: %q is not in\n%s", format, part, got)
			}
		}
		if strings.Contains(got, "79.4") || strings.Contains(got, "TestB (0.40s, ") {
			t.Errorf("%s: a test has the time of another, or of its wait, in\n%s", format, got)
		}
	}
	for _, format := range screen.Formats() {
		if want := show(t, waited("0s", "0.40", "pass"), screen.Options{Format: format}); format != "standard-json" {
			// A short wait changes the time and no more.
			got := show(t, waited("900ms", "1.30", "pass"), screen.Options{Format: format})
			if got = strings.Replace(got, "wait 900ms", "wait 0s", 1); got != want {
				t.Errorf("%s shows after a short wait\n%s\nwant\n%s", format, got, want)
			}
		}
	}
}

// What says that it is a wait, and is none, changes nothing.
func TestWaitsThatAreMadeUp(t *testing.T) {
	for _, wait := range []string{"", "long", "-1h", "1ms"} {
		got := show(t, waited(wait, "0.40", "pass"), screen.Options{Format: "testname"})
		if want := "PASS example.com/p.TestA (0.40s)\n"; !strings.HasPrefix(got, want) {
			t.Errorf("after a wait of %q: %s\nwant %s", wait, got, want)
		}
	}
}
