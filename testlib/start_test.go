package testlib

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gotempest/tempest/internal/turn"
)

// want checks that output has each of parts, and none that starts with "!".
func want(t *testing.T, output string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if unwanted, ok := strings.CutPrefix(part, "!"); ok && strings.Contains(output, unwanted) {
			t.Errorf("output has %q", unwanted)
		} else if !ok && !strings.Contains(output, part) {
			t.Errorf("output lacks %q", part)
		}
	}
	if t.Failed() {
		t.Logf("output:\n%s", output)
	}
}

// starts are cases, and what they must print. A part that starts with "!" must not be there.
var starts = map[string]struct {
	run    string // name of the case, if not that of the test
	env    []string
	fails  bool
	output []string
}{
	"Passing": {output: []string{
		"=== ATTR  TestCase/Passing id 6d1f6d32-64ea-4fd1-8e6c-b0d5b0a4ce4b",
		"=== ATTR  TestCase/Passing attributes a,smoke", "=== ATTR  TestCase/Passing services identity",
		"the user is tempest-project-member-TestCase-Passing-", "testlib.Env(TestCase/Passing)",
		"/v3/auth/tokens as project_member: 201 in ", " req-", "!X-Auth-Token", "!Password:",
	}},
	"bodies are logged": {run: "Passing", env: []string{"TEMPEST_LOG__BODIES=all"}, output: []string{
		"> X-Auth-Token: ***", "< X-Subject-Token: ***", `"password":"***"`, "!gAAAA", "!Accept:",
	}},
	"Leak": {fails: true, output: []string{"left behind user ", "500", "--- FAIL: TestCase/Leak",
		"> X-Auth-Token: ***", "!left behind project"}},
	"Undo": {fails: true, output: []string{
		"undo fourth", "undo third", "undo second", "undo first", "left behind second: stuck",
		"!left behind third", "!context of clean-up has ended", "/v3/users/nobody as project_admin: 404", "/v3/projects/",
	}},
	"NoPersona": {fails: true, output: []string{"this test has no project_reader: ask for it with testlib.Credentials"}},
	"NoSuch":    {fails: true, output: []string{`there is no persona "king"`}},
	"BadID":     {fails: true, output: []string{`testlib.ID("5ad5a1a6") is no UUID`}},
	"BadWord":   {fails: true, output: []string{`testlib.Attribute("Smoke,x") is not a word of lower-case`}},
	"Alt":       {output: []string{"--- PASS: TestCase/Alt/reader"}},
	"Together":  {output: []string{"--- PASS: TestCase/Together"}},
	"extra roles": {run: "Member", env: []string{"TEMPEST_IDENTITY__EXTRA_ROLES=reader,service"},
		output: []string{"--- PASS"}},
	"extra role that is missing": {run: "Member", env: []string{"TEMPEST_IDENTITY__EXTRA_ROLES=reader squire"},
		fails: true, output: []string{`the cloud has no role "squire"`}},
	"Identity": {output: []string{"--- PASS: TestCase/Identity"}},
	"Unknown": {output: []string{
		"--- SKIP: TestCase/Unknown", "needs the service time-travel, which the catalogue does not have",
	}},
	"Options": {env: []string{"TEMPEST_KEY_MANAGER__REGION=Narnia"}, output: []string{"region is Narnia"}},
	"Fakes":   {output: []string{"--- PASS: TestCase/Fakes/second"}},
	"Expired": {output: []string{"token of project_member renewed", "!gAAAA"}},
	"Forbidden": {fails: true, output: []string{
		"making a project for the test", "may not do that (403); tempest needs an administrator",
	}},
	"LatePrint":   {output: []string{"--- PASS: TestCase/LatePrint/second"}},
	"Environment": {output: []string{"--- PASS: TestCase/Environment"}},
	"Group": {output: []string{
		"ran first", "ran second", "ran third", "TestCase/Group/first attributes negative",
	}},
	"one of a group": {run: "Group/second", output: []string{"ran second", "!ran first", "!ran third"}},
	"service is switched off": {run: "Identity", env: []string{"TEMPEST_SERVICE_AVAILABLE__IDENTITY=false"},
		output: []string{"--- SKIP", "[service_available] identity is false"}},
	"service is promised": {run: "Unknown", fails: true, env: []string{"TEMPEST_SERVICE_AVAILABLE__TIME_TRAVEL=true"},
		output: []string{"[service_available] time_travel is true, but the catalogue has no service time-travel"}},
	"another region": {run: "Identity", env: []string{"TEMPEST_IDENTITY__REGION=Narnia"},
		fails: true, output: []string{
			"the catalogue has no service identity in region Narnia; set service_available.identity = false",
		}},
	"another region for another service": {run: "Fakes", env: []string{"TEMPEST_IDENTITY__REGION=Narnia"}, fails: true},
	"role that is missing": {run: "Member", env: []string{"TEMPEST_IDENTITY__MEMBER_ROLE=squire"},
		fails: true, output: []string{`making a project_member for the test: the cloud has no role "squire"`}},
	"role that is empty": {run: "Member", env: []string{"TEMPEST_IDENTITY__MEMBER_ROLE="},
		output: []string{"--- SKIP", "needs a project_member, whose role in [identity] is empty"}},
	"role of the object store that is empty": {run: "Operators",
		env:    []string{"TEMPEST_OBJECT_STORE__RESELLER_ADMIN_ROLE="},
		output: []string{"--- SKIP", "needs a project_reseller, whose role in [object_store] is empty"}},
	"role of the object store that is missing": {run: "Operators", fails: true,
		env:    []string{"TEMPEST_OBJECT_STORE__OPERATOR_ROLE=squire"},
		output: []string{`making a project_operator for the test: the cloud has no role "squire"; [object_store] names`}},
	"empty catalogue": {run: "EmptyCatalogue", fails: true, output: []string{
		"the catalogue of the administrator's token is empty; check the project in", "!--- SKIP"}},
	"domain that is missing": {run: "Member", fails: true, env: []string{"TEMPEST_AUTH__CREDENTIALS_DOMAIN=Narnia"},
		output: []string{`auth.credentials_domain is "Narnia", but the cloud has no such domain`}},
	"domain by name": {run: "Member", env: []string{"TEMPEST_AUTH__CREDENTIALS_DOMAIN=Default"},
		output: []string{"/v3/domains?name=Default as admin: 200", "--- PASS"}},
	"command of another version": {run: "Identity", fails: true, env: []string{"TEMPEST_PROTOCOL=99"},
		output: []string{"(protocol 99 and 1): run the command of the same module with `go tool tempest`"}},
	"command of this version": {run: "Identity", env: []string{"TEMPEST_PROTOCOL=1"}},
	"misspelt option": {run: "Two", fails: true, env: []string{"TEMPEST_AUTH__CLUOD=x"},
		output: []string{"$TEMPEST_AUTH__CLUOD: unknown option auth.cluod; the nearest known one is auth.cloud"}},
	"no such cloud": {run: "Two", fails: true,
		env:    []string{"OS_CLOUD=nobody", "OS_CLIENT_CONFIG_FILE=/nowhere/clouds.yaml"},
		output: []string{`looking for cloud "nobody": there is no clouds.yaml; looked for /nowhere/clouds.yaml`}},
	"bad slots": {run: "Identity", fails: true, env: []string{"TEMPEST_SLOTS=many"},
		output: []string{`reading $TEMPEST_SLOTS: "many" is not of the form N:DIR`}},
	"slots without a folder": {run: "Identity", fails: true, env: []string{"TEMPEST_SLOTS=2:/nowhere"},
		output: []string{"waiting for a place: open /nowhere/"}},
}

func TestStart(t *testing.T) {
	t.Parallel()
	for name, tt := range starts {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if tt.run == "" {
				tt.run = name
			}

			output, passed := runCase(t, tt.run, tt.env...)

			if passed == tt.fails {
				t.Errorf("case %s passed: %v, want %v", tt.run, passed, !tt.fails)
			}
			want(t, output, tt.output...)
		})
	}
}

func TestPanicLetsOtherTestsCleanUp(t *testing.T) {
	t.Parallel()

	output, passed := runCase(t, "Panic")

	if passed {
		t.Error("the case passed")
	}
	want(t, output, "panic: oh no")
	// Each of the two is failed before the process ends. Whether package testing still prints their
	// "--- FAIL" lines is its own race with the end.
	const ended = "ended, because TestCase/Panic/panics/sub panicked"
	if n := strings.Count(output, ended); n != 2 {
		t.Errorf("%d tests were %s, want 2:\n%s", n, ended, output)
	}
	made := len(regexp.MustCompile(`POST \S+/v3/(projects|users) .*: 201`).FindAllString(output, -1))
	removed := len(regexp.MustCompile(`DELETE \S+/v3/(projects|users)/\w+ .*: 204`).FindAllString(output, -1))
	if made != 6 || removed != made {
		t.Errorf("%d things were made and %d removed, want 6 and 6:\n%s", made, removed, output)
	}
}

// callLines finds the calls in a log.
var callLines = regexp.MustCompile(`(?m)^ +(GET|HEAD|POST|PUT|PATCH|DELETE) http\S+`)

// What a test costs the cloud is part of the contract.
func TestCallsOfOneTest(t *testing.T) {
	t.Parallel()
	const (
		process = 2 // the administrator's token, the roles
		persona = 4 // the user, its role, its token, its removal
		project = 2 // made and removed
	)
	tests := map[string]int{
		"Identity": 1,                                       // the token alone, for the catalogue
		"Passing":  process + project + persona + 1,         // and one call of the test itself
		"Alt":      process + 2*project + 3*persona - 2 + 1, // two personas never log in
		"Together": process + project + persona + 8,
	}
	for name, want := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			output, passed := runCase(t, name)

			if got := len(callLines.FindAllString(output, -1)); !passed || got != want {
				t.Errorf("case %s made %d calls, want %d:\n%s", name, got, want, output)
			}
		})
	}
}

// oneLine finds the messages that a test logs, which start with the file and the line.
var oneLine = regexp.MustCompile(`(?m)^\s+\w+_test\.go:\d+: (.*)$`)

func TestCloudThatCannotBeUsed(t *testing.T) {
	t.Parallel()
	status := func(code int, body string) string {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(code)
			fmt.Fprint(w, body)
		}))
		t.Cleanup(server.Close)
		return server.URL
	}
	silent, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0") // accepts, and never answers
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { silent.Close() })
	closed := httptest.NewServer(nil)
	closed.Close()
	secure := httptest.NewTLSServer(nil)
	t.Cleanup(secure.Close)
	const check = `check that the cloud is up, and auth_url in the OS_\* variables`
	tests := map[string]struct {
		url  string
		want string // regular expression for the whole message
	}{
		"refuses":      {closed.URL + "/v3", `http://127\.0\.0\.1:\d+/v3: connection refused; ` + check},
		"no such host": {"http://cloud.invalid/v3", `http://cloud\.invalid/v3: no such host; ` + check},
		"silent": {"http://" + silent.Addr().String() + "/v3",
			`http://.*: no answer within 10s \(auth\.connect_timeout\) and 200ms \(auth\.request_timeout\); ` + check},
		"wrong password": {status(401, `{"error": {"message": "no"}}`) + "/v3",
			`http://.*/v3: user "joe" is rejected \(401\); check password, domain and project in the OS_\* variables`},
		"no Keystone": {status(404, "not here") + "/v3",
			`http://.*: no identity service of version 3 there \(404\); check auth_url in the OS_\* variables`},
		"broken": {status(500, "<html>\n<b>oh sesame</b>") + "/v3",
			`http://.*: logging in user "joe": status 500: <html> <b>oh .*</b>`},
		"not Keystone": {status(201, "{}"), `http://.*/v3 is no identity service: it gave no token; check auth_url in .*`},
		"no JSON":      {status(201, "<html>"), `http://.*/v3: invalid character '<'.*; ` + check},
		"no URL":       {"cloud:x", `.*; ` + check},
		"certificate": {secure.URL + "/v3",
			`https://.*: its certificate is signed by an unknown authority; set cacert in the OS_\* variables`},
		"no TLS": {strings.Replace(status(200, "{}"), "http:", "https:", 1) + "/v3",
			`https://.*: it does not speak TLS; auth_url in the OS_\* variables should start with http://`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			start := time.Now()

			output, passed := runCase(t, "Two", "OS_AUTH_URL="+tt.url, "OS_USERNAME=joe", "OS_PASSWORD=open sesame",
				"OS_USER_DOMAIN_NAME=Default", "OS_PROJECT_NAME=p", "OS_PROJECT_DOMAIN_NAME=Default",
				"TEMPEST_AUTH__REQUEST_TIMEOUT=200ms")

			if passed {
				t.Error("the case passed")
			}
			want(t, output, "--- FAIL: TestCase/Two/One", "--- FAIL: TestCase/Two/Two", "!open sesame")
			messages := oneLine.FindAllStringSubmatch(output, -1)
			if len(messages) != 2 {
				t.Fatalf("%d messages of two tests, want 2:\n%s", len(messages), output)
			}
			for _, m := range messages {
				if !regexp.MustCompile("^" + tt.want + "$").MatchString(m[1]) {
					t.Errorf("message = %q, want %q", m[1], tt.want)
				}
			}
			if took := time.Since(start); took > 8*time.Second {
				t.Errorf("it took %s to find out", took)
			}
		})
	}
}

// reader returns a function that waits for a line with that text.
func reader(t *testing.T, out io.Reader) (waitFor func(text string), rest func() string) {
	t.Helper()
	lines := bufio.NewScanner(out)
	var all strings.Builder
	next := func() bool {
		if !lines.Scan() {
			return false
		}
		fmt.Fprintln(&all, lines.Text())
		return true
	}
	return func(text string) {
			t.Helper()
			for next() {
				if strings.Contains(lines.Text(), text) {
					return
				}
			}
			t.Fatalf("output ended without %q:\n%s", text, &all)
		}, func() string {
			for next() {
			}
			return all.String()
		}
}

// begin starts a case, and waits for a line of its output.
func begin(t *testing.T, cmd *exec.Cmd, text string) (rest func() string) {
	t.Helper()
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = cmd.Stdout
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	waitFor, rest := reader(t, out)
	waitFor(text)
	return rest
}

func TestInterruptRunsCleanups(t *testing.T) {
	t.Parallel()
	for sig, name := range map[syscall.Signal]string{
		syscall.SIGINT: "SIGINT", syscall.SIGTERM: "SIGTERM", syscall.SIGQUIT: "SIGQUIT",
	} {
		t.Run(sig.String(), func(t *testing.T) {
			t.Parallel()
			cmd := startCase(t, "Wait")
			rest := begin(t, cmd, "waiting")

			if err := cmd.Process.Signal(sig); err != nil {
				t.Fatal(err)
			}
			output := rest()

			if err := cmd.Wait(); err == nil {
				t.Error("the interrupted process passed")
			}
			want(t, output, "interrupted by "+name, "clean-up ran: <nil>",
				"--- FAIL: TestCase/Wait/waits", "--- FAIL: TestCase/Wait/never_begins",
				"!began after", "!left behind", "DELETE", "/v3/projects/")
			if stacks := strings.Contains(output, "testlib.caseWait"); stacks != (sig == syscall.SIGQUIT) {
				t.Errorf("stacks printed: %v", stacks)
			}
		})
	}
}

func TestInterruptSkipsWhatTempestHasNotStarted(t *testing.T) {
	t.Parallel()
	cmd := startCase(t, "Wait", "TEMPEST_PROTOCOL=1")
	rest := begin(t, cmd, "waiting")

	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	output := rest()

	if err := cmd.Wait(); err == nil {
		t.Error("the interrupted process passed")
	}
	want(t, output, "--- FAIL: TestCase/Wait/waits", "--- SKIP: TestCase/Wait/never_begins",
		"not run: interrupted by SIGINT", "!began after",
		"=== ATTR  TestCase/Wait/never_begins not_run interrupted by SIGINT")
}

func TestSecondSignalEndsTheProcess(t *testing.T) {
	t.Parallel()
	for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		t.Run(sig.String(), func(t *testing.T) {
			t.Parallel()
			cmd := startCase(t, "Calm")
			out, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			waitFor, rest := reader(t, out)
			for _, text := range []string{"waiting", "still waiting"} {
				waitFor(text)
				if err := cmd.Process.Signal(sig); err != nil {
					t.Fatal(err)
				}
			}
			rest()

			err = cmd.Wait()

			status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus)
			if err == nil || ok && (!status.Signaled() || status.Signal() != sig) {
				t.Errorf("the process ended with %v, want signal %v", err, sig)
			}
		})
	}
}

func TestTimeLimitLeavesTimeForCleanups(t *testing.T) {
	t.Parallel()
	cmd := startCase(t, "Wait")
	cmd.Args = append(cmd.Args, "-test.timeout=3s")

	output, err := cmd.CombinedOutput()

	if err == nil {
		t.Error("the process passed")
	}
	want(t, string(output), "out of time: go test -timeout is near", "clean-up ran: <nil>", "DELETE",
		"!panic: test timed out")
}

func TestSlotsLimitTestsOverProcesses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	hold := func() (*exec.Cmd, io.WriteCloser) {
		cmd := startCase(t, "Hold", "TEMPEST_SLOTS=1:"+dir)
		in, err := cmd.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		return cmd, in
	}
	first, _ := hold()
	begin(t, first, "has a slot")
	second, in := hold()
	out, err := second.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := second.Start(); err != nil {
		t.Fatal(err)
	}
	waitFor, rest := reader(t, out)
	waitFor("=== CONT  TestCase/Hold") // it looks for a slot from now on
	if got := tryTurn(t, turn.Options{Slots: 1, SlotDir: dir}, turn.Want{}); got != nil {
		t.Fatal("the slot of the first process is free")
	}

	if err := first.Process.Kill(); err != nil { // who is killed cannot give anything back
		t.Fatal(err)
	}
	waitFor("has a slot")
	in.Close()
	output := rest()

	if err := second.Wait(); err != nil {
		t.Errorf("the second process: %v", err)
	}
	want(t, output, "--- PASS: TestCase/Hold")
}

func TestWaitingForASlotIsReported(t *testing.T) {
	t.Parallel()

	output, _ := runCase(t, "Passing", "TEMPEST_SLOTS=2:"+t.TempDir())

	if !regexp.MustCompile(`(?m)^=== ATTR  TestCase/Passing wait \d`).MatchString(output) {
		t.Errorf("no attribute wait in:\n%s", output)
	}
}

func TestInterruptEndsTheWaitForASlot(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	got := tryTurn(t, turn.Options{Slots: 1, SlotDir: dir}, turn.Want{})
	if got == nil {
		t.Fatal("the slot is not free")
	}
	defer got.Give()
	cmd := startCase(t, "Hold", "TEMPEST_SLOTS=1:"+dir)
	cmd.Stdin = os.Stdin
	rest := begin(t, cmd, "=== CONT  TestCase/Hold")

	if err := signalUntil(cmd, syscall.SIGINT, rest); err == nil {
		t.Error("the process passed")
	}
}

// tryTurn asks for a turn for a moment, and returns nil when there is none.
func tryTurn(t *testing.T, o turn.Options, want turn.Want) *turn.Turn {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	got, err := turn.New(o).Take(ctx, want)
	if err != nil && !errors.Is(err, context.DeadlineExceeded) {
		t.Fatal(err)
	}
	return got
}

// signalUntil sends a signal and waits for the end of the process.
func signalUntil(cmd *exec.Cmd, sig os.Signal, rest func() string) error {
	if err := cmd.Process.Signal(sig); err != nil {
		return err
	}
	rest()
	return cmd.Wait()
}
