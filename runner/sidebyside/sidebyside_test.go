package main

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestPythonOutput(t *testing.T) {
	const output = `{1} setUpClass (tempest.api.identity.v2.test_ec2.Ec2Test) ... SKIPPED: Identity api v2 is not enabled
{0} setUpClass (tempest.api.image.test_a.BrokenTest) [0.000000s] ... FAILED
{0} tempest.api.image.test_a.ATest.test_good [0.107288s] ... ok
{1} tempest.api.image.test_a.ATest.test_bad [0.053116s] ... FAILED
Captured traceback:
    {0} is not a verdict ... ok
{0} tempest.api.image.test_a.ATest.test_unwanted ... SKIPPED: No image_remote service to test against
`
	tests := []string{
		"tempest.api.identity.v2.test_ec2.Ec2Test.test_list[id-0,smoke]",
		"tempest.api.image.test_a.BrokenTest.test_one[id-1]",
		"tempest.api.image.test_a.ATest.test_good[id-2]",
		"tempest.api.image.test_a.ATest.test_bad[id-3]",
		"tempest.api.image.test_a.ATest.test_unwanted[id-4]",
		"tempest.api.image.test_a.ATest.test_vanished[id-5]",
	}
	got, err := readPythonOutput(strings.NewReader(output), tests)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{}
	for i, v := range []string{verdictSkip, verdictFail, verdictPass, verdictFail, verdictSkip, verdictLost} {
		want[tests[i]] = v
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("verdicts (-want +got):\n%s", diff)
	}
}

func TestSuffix(t *testing.T) {
	for line, want := range map[string]string{
		"a.b.C.test_d[id-00000000-1111-2222-3333-444444444444,smoke]":            "00000000-1111-2222-3333-444444444444",
		"a.b.C.test_d[compute,id-00000000-1111-2222-3333-444444444444,negative]": "00000000-1111-2222-3333-444444444444",
		"a.b.C.test_d": "",
	} {
		got := ""
		if m := suffix.FindStringSubmatch(line); m != nil {
			got = m[2]
		}
		if got != want {
			t.Errorf("UUID of %s is %q, want %q", line, got, want)
		}
	}
}

func TestResults(t *testing.T) {
	const lines = `{"id":"p.TestA","status":"passed","uuid":"a"}
{"id":"p.TestB","status":"skipped"}
{"id":"p.TestC","status":"lost"}
{"id":"p.TestD","status":"failed"}
{"id":"p.TestD/row","status":"failed","extra":true}
{"id":"p.TestE","status":"leak"}
`
	got, err := readResults(strings.NewReader(lines))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"p.TestA": verdictPass, "p.TestB": verdictSkip, "p.TestC": verdictLost,
		"p.TestD": verdictFail, "p.TestE": verdictFail,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("verdicts (-want +got):\n%s", diff)
	}
	if _, err := readResults(strings.NewReader(`{"id":`)); err == nil {
		t.Error("half a line is read without an error")
	}
}

func TestWorstVerdict(t *testing.T) {
	verdicts := map[string]string{"a": verdictPass, "b": verdictSkip, "c": verdictFail}
	for _, tt := range []struct {
		names []string
		want  string
	}{
		{[]string{"a"}, verdictPass}, {[]string{"a", "b"}, verdictSkip}, {[]string{"b", "c", "a"}, verdictFail},
		{[]string{"c", "unknown"}, verdictLost},
	} {
		if got := worst(verdicts, tt.names); got != tt.want {
			t.Errorf("worst of %v is %s, want %s", tt.names, got, tt.want)
		}
	}
}

func TestPair(t *testing.T) {
	ours := map[string][]string{"1": {"p.TestA"}, "2": {"p.TestB"}, "9": {"p.TestOwn"}}
	theirs := map[string][]string{"1": {"x.a[id-1]"}, "2": {"y.b[id-2]"}, "3": {"x.c[id-3]"}}
	want := pairing{both: []same{{"1", []string{"p.TestA"}, []string{"x.a[id-1]"}}}, unpaired: []string{"x.c[id-3]"}}
	if diff := cmp.Diff(want, pair(ours, theirs, "x."), cmp.AllowUnexported(pairing{}, same{})); diff != "" {
		t.Errorf("pairs (-want +got):\n%s", diff)
	}
}

func TestCallsAreCountedFromTheMark(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		f, err := os.OpenFile(filepath.Join(dir, name), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if _, err := f.WriteString(text); err != nil {
			t.Fatal(err)
		}
	}
	const (
		keystone = "access POST /v3/auth/tokens 201 17 \"tempest/1 gophercloud/2\"\n"
		glance   = `2026 1 INFO eventlet.wsgi.server [None req-1] 127.0.0.1 - - [x] "GET /v2/images HTTP/1.1" 200 8` + "\n"
		swift    = "proxy-server: access source=- GET /v1/a/c 200 0.01 (txn: tx1)\n"
	)
	write("keystone.log", keystone)
	write("glance.log", glance)
	write("swift-proxy.log", swift)
	c := newCounter(dir)
	m, err := c.mark()
	if err != nil {
		t.Fatal(err)
	}
	write("keystone.log", keystone+keystone+"WARNING keystone: access denied\n"+
		"access GET /v3/auth/tokens 200 9 \"python-keystoneclient\"\n"+
		"access POST /v3/auth/tokens 201 9 \"glance/25 keystonemiddleware.auth_token/10 keystoneauth1/5\"\n")
	write("glance.log", "2026 1 INFO glance.async_ [-] GET\n"+glance)
	write("swift-proxy.log", swift+"proxy-server: access source=SLO GET /v1/a/c/s 200 0.01\n"+swift+swift)
	got, err := c.since(t.Context(), m)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]int{callsKeystone: 2, callsOwn: 2, callsGlance: 1, callsSwift: 3}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
}

func TestStat(t *testing.T) {
	text := "7 (a ) b) S " + strings.Repeat("0 ", 10) + "150 50 " + strings.Repeat("0 ", 8) + "12 0 0\n"
	cpu, pages, err := readStat([]byte(text))
	if err != nil || cpu != 2*time.Second || pages != 12 {
		t.Errorf("%v, %d pages, %v; want 2s, 12 pages", cpu, pages, err)
	}
	if _, _, err := readStat([]byte("7 (a) S 1")); err == nil {
		t.Error("a short line is read without an error")
	}
}

func TestMeasureSeesProcessesBelow(t *testing.T) {
	if _, err := os.Stat("/proc/self/stat"); err != nil {
		t.Skip("needs /proc:", err)
	}
	log := filepath.Join(t.TempDir(), "log")
	// The shell's child burns processor time, and the shell waits for it.
	const script = `sh -c 'i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done; echo done'; echo seen; exit 3`
	cmd := exec.CommandContext(t.Context(), "sh", "-c", script)
	use, err := measure(t.Context(), cmd, log, func(command string) string { return command })
	if !exited(err, 3) {
		t.Fatalf("error %v, want exit code 3", err)
	}
	if use.CPU <= 0 || use.CPU > use.Wall*2 || use.Peak <= 0 || use.Kinds["sh"] <= 0 {
		t.Errorf("usage %+v", use)
	}
	if text, _ := os.ReadFile(log); string(text) != "done\nseen\n" {
		t.Errorf("log %q", text)
	}
}

func TestPage(t *testing.T) {
	pairs := pairing{
		both: []same{
			{"1", []string{"p.A"}, []string{"tempest.api.image.a[id-1]"}},
			{"2", []string{"p.B"}, []string{"tempest.api.image.b[id-2]"}},
		},
		unpaired: []string{"tempest.api.image.c[id-3]"},
	}
	c := newComparison("image", pairs)
	for i, second := range []string{verdictPass, verdictFail, verdictPass} { // once it fails
		seconds := time.Duration(i+1) * time.Second
		c.add(toolOurs, 2, result{
			map[string]string{"p.A": verdictPass, "p.B": second},
			usage{Wall: seconds, CPU: seconds / 10, Peak: 10 << 20}, map[string]int{callsGlance: 5, callsKeystone: 1},
		})
		c.add(toolTheirs, 2, result{
			map[string]string{"tempest.api.image.a[id-1]": verdictPass, "tempest.api.image.b[id-2]": verdictPass},
			usage{Wall: 2 * seconds, CPU: seconds, Peak: 40 << 20}, map[string]int{callsGlance: 10, callsKeystone: 10},
		})
	}
	text := page{repeat: 3, suites: []comparison{c}}.markdown()
	for _, want := range []string{
		"| image | 2 | 1 | 0 | 0 | 1 | 1 |",
		"| image | `image.b` `2` | fail, pass | pass |  |",
		"| image | 2 | 2.0 / 4.0 = 0.50 | 0.2 / 2.0 = 0.10 | 10 / 40 = 0.25 |",
		"| image | 2 | 6 / 20 = 0.30 | 1 / 10 = 0.10 | 5 / 10 = 0.50 | 0 / 0 | 0 / 0 |",
		"- `image.c`",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the page lacks %q:\n%s", want, text)
		}
	}
	if !slices.Equal(slices.Sorted(maps.Keys(c.verdicts)), []string{"1", "2"}) {
		t.Errorf("verdicts of %v", c.verdicts)
	}
}
