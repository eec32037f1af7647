//nolint:thelper // the functions are tests, which another process runs
package testlib

import (
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/users"

	"github.com/gotempest/tempest/testlib/embedded"
)

// busy has the embedded cloud refuse to show users for some times.
func busy(e *Env, times int) {
	cloudOf(e).Inject(embedded.Fault{
		Method: http.MethodGet, Path: "/v3/users/*", Status: 503, Header: http.Header{"Retry-After": {"0"}}, Times: times,
	})
}

func caseRetried(t *testing.T) {
	e := Start(t, Credentials(ProjectMember))
	busy(e, 2)
	readSelf(e)
	e.Run("Sub", func(e *Env) {
		busy(e, 1)
		readSelf(e)
	})
}

func caseNotRetried(t *testing.T) {
	e := Start(t, Credentials(ProjectMember), NoRetry)
	sees503 := func(e *Env, c *gophercloud.ServiceClient) {
		busy(e, 1)
		_, err := users.Get(e.Context(), c, e.Credential(ProjectMember).UserID).Extract()
		if !gophercloud.ResponseCodeIs(err, http.StatusServiceUnavailable) {
			e.Errorf("error = %v, want 503", err)
		}
	}
	sees503(e, e.Identity(ProjectMember))
	e.Run("Sub", func(e *Env) { sees503(e, e.Identity(ProjectMember)) })
	t.Run("Client", func(t *testing.T) {
		e := Start(t, Credentials(ProjectMember))
		c := e.Identity(ProjectMember)
		e.NoRetry(c)
		sees503(e, c)
		busy(e, 1)
		readSelf(e) // with another client
	})
}

func caseUnfired(t *testing.T) {
	order := func(e *Env) {
		e.Inject(nil, Fault{Method: http.MethodPut, Path: "/never", Status: 500})
	}
	t.Run("Plain", func(t *testing.T) { order(Start(t)) })
	t.Run("Optional", func(t *testing.T) { Start(t).Inject(nil, Fault{Cut: true, Optional: true}) })
	t.Run("Known", func(t *testing.T) { order(Start(t, Unstable("https://bugs.launchpad.net/bugs/1"))) })
	t.Run("LogIn", func(t *testing.T) {
		e := Start(t, Credentials(ProjectMember))
		e.Inject(nil, Fault{Status: 418})
		c := e.Identity(ProjectMember) // logs in, which is not broken
		_, err := users.Get(e.Context(), c, e.Credential(ProjectMember).UserID).Extract()
		if !gophercloud.ResponseCodeIs(err, http.StatusTeapot) {
			e.Errorf("error = %v, want that of the fault", err)
		}
	})
	t.Run("CleanUp", func(t *testing.T) {
		e := Start(t)
		e.T.Cleanup(func() { _, _ = e.HTTP().Head(e.AuthURL()) }) //nolint:noctx,bodyclose // HEAD, cut off
		e.Inject(nil, Fault{Method: http.MethodHead, Cut: true})
	})
}

func caseBadFaults(t *testing.T) {
	foreign := &gophercloud.ServiceClient{ProviderClient: &gophercloud.ProviderClient{}}
	for name, order := range map[string]func(*Env){
		"Nothing":  func(e *Env) { e.Inject(nil, Fault{Path: "/x"}) },
		"Pattern":  func(e *Env) { e.Inject(nil, Fault{Path: "/[x", Cut: true}) },
		"Status":   func(e *Env) { e.Inject(nil, Fault{Status: 42}) },
		"Foreign":  func(e *Env) { e.Inject(foreign, Fault{Cut: true}) },
		"Validate": func(e *Env) { e.Validate(foreign) },
		"NoRetry":  func(e *Env) { e.NoRetry(&gophercloud.ServiceClient{}) },
		"HTTP":     func(e *Env) { e.ValidateHTTP(http.DefaultClient) },
	} {
		t.Run(name, func(t *testing.T) { order(Start(t)) })
	}
}

func TestCallsInTheLifeOfATest(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		fails bool
		want  []string
	}{
		"Retried": {false, []string{
			"=== ATTR  TestCase/Retried retries 2", "=== ATTR  TestCase/Retried/Sub retries 1",
			" as project_member: 503 in ", "made again in 0s, because it was answered 503: GET ",
			" as project_member, attempt 3: 200 in ",
		}},
		"NotRetried": {false, []string{"=== ATTR  TestCase/NotRetried/Client retries 1",
			"!ATTR  TestCase/NotRetried retries"}},
		"Unfired": {true, []string{
			"no call met the fault that the test ordered: status 500 for PUT /never", "--- FAIL: TestCase/Unfired/Plain",
			"--- PASS: TestCase/Unfired/Optional", "--- SKIP: TestCase/Unfired/Known", "--- PASS: TestCase/Unfired/CleanUp",
			"--- PASS: TestCase/Unfired/LogIn",
		}},
		"BadFaults": {true, []string{
			"Inject: the fault has neither Status nor Cut nor Delay", `Inject: path "/[x" of a fault: syntax error in pattern`,
			"Inject: status 42 of a fault is none of HTTP",
			"Inject: the client is not one that Env.Client or Env.Identity made", "Validate: the client is not one",
			"NoRetry: there is no client", "ValidateHTTP: the client is not one that Env.HTTP made", "!--- PASS",
		}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			output, passed := runCase(t, name)

			if passed == tt.fails {
				t.Errorf("case %s passed: %v", name, passed)
			}
			want(t, output, tt.want...)
		})
	}
}

// What a process had done when it was killed is there.
func TestCallsOfAKilledProcess(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "calls")
	cmd := startCase(t, "Wait", "TEMPEST_CALLS="+dir, "TEMPEST_RUN_ID=run-7")
	rest := begin(t, cmd, "waiting")
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	rest()

	list, text := callsIn(t, dir)

	made := 0
	for _, c := range list {
		if c.Method == http.MethodPost && c.Status == http.StatusCreated && strings.HasPrefix(c.Test, "TestCase/Wait") {
			made++
		}
	}
	if made < 3 || !strings.Contains(text, `"run":"run-7"`) {
		t.Errorf("%d things made are in the log, want a token, a project and a user:\n%s", made, text)
	}
	want(t, text, "!gAAAA")
}
