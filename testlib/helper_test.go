//nolint:thelper // the functions are tests, which another process runs
package testlib

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/users"

	"github.com/gotempest/tempest/testlib/embedded"
)

// A test that must fail, or that needs a process of its own, runs in another process: the
// test binary, started again with the name of one of the cases below.

// caseVariable names the case that [TestCase] runs.
const caseVariable = "TESTLIB_CASE"

// runCase runs the cases with that name in a new process and returns what it printed
// and whether it passed. The process sees no cloud and no configuration but env.
func runCase(t *testing.T, name string, env ...string) (output string, passed bool) {
	t.Helper()
	out, err := startCase(t, name, env...).CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatalf("running case %s: %v", name, err)
	}
	return string(out), err == nil
}

// startCase returns the command of [runCase], to be started by the caller. run selects subtests
// in name after a slash.
func startCase(t *testing.T, name string, env ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	name, sub, _ := strings.Cut(name, "/")
	pattern := "^TestCase$/^" + name + "$"
	if sub != "" {
		pattern += "/^" + sub + "$"
	}
	cmd := exec.CommandContext(t.Context(), self, "-test.run="+pattern, "-test.v", "-test.parallel=8")
	for _, kv := range os.Environ() {
		if !strings.HasPrefix(kv, "OS_") && !strings.HasPrefix(kv, "TEMPEST_") {
			cmd.Env = append(cmd.Env, kv)
		}
	}
	cmd.Env = append(cmd.Env, caseVariable+"="+name, "TEMPEST_CONFIG=-", "XDG_CACHE_HOME="+t.TempDir(),
		"TEMPEST_LEDGER="+filepath.Join(t.TempDir(), "run"))
	cmd.Env = append(cmd.Env, env...)
	cmd.WaitDelay = 10 * time.Second
	return cmd
}

// cases are the tests that run in other processes.
var cases = map[string]func(*testing.T){
	"Passing":   casePassing,
	"Leak":      caseLeak,
	"Find":      caseFind,
	"Renamed":   caseRenamed,
	"Undo":      caseUndo,
	"NoPersona": caseNoPersona,
	"NoSuch":    only(Credentials("king")),
	"EmptyCatalogue": func(t *testing.T) {
		e := Start(t)
		a, err := e.administrator()
		if err != nil {
			t.Fatal(err)
		}
		a.Catalog.Entries = nil
		e.Run("sub", func(*Env) {}, Services("time-travel"))
	},
	"Panic":       casePanic,
	"Recovered":   caseRecovered,
	"Fault":       caseFault,
	"BadID":       only(ID("5ad5a1a6")),
	"BadWord":     only(Attribute("Smoke,x")),
	"Alt":         caseAlt,
	"Together":    caseTogether,
	"Member":      only(Credentials(ProjectMember)),
	"Identity":    only(Services("identity")),
	"Unknown":     only(Services("time_travel")),
	"Two":         caseTwo,
	"Group":       caseGroup,
	"Options":     caseOptions,
	"Fakes":       caseFakes,
	"Expired":     caseExpired,
	"Wait":        caseWait,
	"Calm":        caseCalm,
	"Retried":     caseRetried,
	"NotRetried":  caseNotRetried,
	"Unfired":     caseUnfired,
	"BadFaults":   caseBadFaults,
	"Forbidden":   caseForbidden,
	"LatePrint":   caseLatePrint,
	"Environment": caseEnvironment,
	"Hold":        caseHold,

	"LeakGroup":         caseLeakGroup,
	"LeakCascade":       caseLeakCascade,
	"LeakSubtest":       caseLeakSubtest,
	"LeakParent":        caseLeakParent,
	"LeakRefused":       caseLeakRefused,
	"LeakSkipped":       caseLeakSkipped,
	"LeakLost":          caseLeakLost,
	"LeakOrder":         caseLeakOrder,
	"LeakFake":          caseLeakFake,
	"LeakStream":        caseLeakStream,
	"LeakGoing":         caseLeakGoing,
	"LeakHidden":        caseLeakHidden,
	"LeakHiddenGoes":    caseLeakHiddenGoes,
	"LeakHiddenNone":    caseLeakHiddenNone,
	"LeakOrderedSecret": caseLeakOrderedSecret,
	"LeakHiddenOther":   caseLeakHiddenOther,
	"LeakPanic":         caseLeakPanic,
	"LeakNoName":        caseLeakNoName,
}

// only returns a test that starts with o and does nothing.
func only(o Option) func(*testing.T) {
	return func(t *testing.T) {
		t.Helper()
		Start(t, o)
	}
}

func TestCase(t *testing.T) {
	name := os.Getenv(caseVariable)
	if name == "" {
		t.Skip("run by other tests, in processes of their own")
	}
	run := cases[name]
	if run == nil {
		run = fixtureCases[name]
	}
	if run == nil {
		run = credentialCases[name]
	}
	if run == nil {
		run = networkCases[name]
	}
	if run == nil {
		run = utilityCases[name]
	}
	t.Run(name, run)
}

// cloudOf returns the embedded cloud of the process.
func cloudOf(e *Env) *embedded.Cloud { return e.session.Embedded }

func casePassing(t *testing.T) {
	e := Start(t, ID("6d1f6d32-64ea-4fd1-8e6c-b0d5b0a4ce4b"), Services("identity"), Smoke, Attribute("a"),
		Credentials(ProjectMember))
	c := e.Identity(ProjectMember)
	u, err := users.Get(e.Context(), c, e.Credential(ProjectMember).UserID).Extract()
	if err != nil {
		e.Fatal(err)
	}
	e.Logf("the user is %s; %v", u.Name, e)
	e.Logf("password %s", "is "+strings.Repeat("x", len(e.Credential(ProjectMember).Password)))
}

func caseLeak(t *testing.T) {
	e := Start(t, Credentials(ProjectMember))
	cloudOf(e).Inject(embedded.Fault{Method: http.MethodDelete, Path: "/v3/users/*", Status: 500, Body: `{"error":{}}`})
}

func caseUndo(t *testing.T) {
	e := Start(t, Credentials(ProjectAdmin))
	admin := e.Identity(ProjectAdmin)
	for _, step := range []string{"first", "second", "third", "fourth"} {
		e.Cleanup(step, func(ctx context.Context) error {
			if ctx.Err() != nil {
				fmt.Println("context of clean-up has ended:", ctx.Err())
			}
			fmt.Println("undo", step)
			switch step {
			case "second":
				return errors.New("stuck")
			case "third":
				return users.Delete(ctx, admin, "nobody").ExtractErr()
			case "fourth":
				e.FailNow()
			}
			return nil
		})
	}
}

func caseNoPersona(t *testing.T) {
	e := Start(t, Credentials(ProjectMember))
	e.Identity(ProjectReader)
}

// caseTwo needs the cloud in two tests: what is wrong with it must not cost twice.
func caseTwo(t *testing.T) {
	t.Run("One", func(t *testing.T) { Start(t, Credentials(ProjectMember)) })
	t.Run("Two", func(t *testing.T) { Start(t, Services("identity")) })
}

func caseGroup(t *testing.T) {
	e := Start(t, Credentials(ProjectMember))
	project := e.Credential(ProjectMember).ProjectID
	running := false
	for _, name := range []string{"first", "second", "third"} {
		e.Run(name, func(e *Env) {
			if running {
				e.Error("subtests run at the same time")
			}
			running = true
			defer func() { running = false }()
			if got := e.Credential(ProjectReader).ProjectID; got != project {
				e.Errorf("project of the reader = %s, want %s", got, project)
			}
			readSelf(e)
			fmt.Println("ran", name)
		}, ID("0f4d4a55-0c6e-4f6e-9a5e-3d4d9b0f4f51"), Negative, Credentials(ProjectReader))
	}
}

// caseAlt is about the two projects of a test.
func caseAlt(t *testing.T) {
	e := Start(t, Credentials(AltMember, ProjectMember))
	mine, other := e.Credential(ProjectMember), e.Credential(AltMember)
	if mine.ProjectID == "" || mine.ProjectID == other.ProjectID || mine.UserID == other.UserID {
		e.Errorf("member %+v and alt member %+v share something", mine, other)
	}
	if other.DomainName != "Default" || other.DomainID != mine.DomainID {
		e.Errorf("domain of the alt member = %q %q", other.DomainName, other.DomainID)
	}
	e.Run("reader", func(e *Env) {
		if got := e.Credential(ProjectReader).ProjectID; got != mine.ProjectID {
			e.Errorf("project of the reader = %s, want that of the member, %s", got, mine.ProjectID)
		}
	}, Credentials(ProjectReader))
	_, err := users.Get(e.Context(), e.Identity(AltMember), mine.UserID).Extract()
	if !gophercloud.ResponseCodeIs(err, http.StatusForbidden) {
		e.Errorf("reading a user of another project: %v, want 403", err)
	}
}

// caseTogether uses a persona of the group in parallel.
func caseTogether(t *testing.T) {
	e := Start(t, Credentials(ProjectMember))
	var all sync.WaitGroup
	for range 8 {
		c := e.Identity(ProjectMember)
		all.Go(func() {
			if _, err := users.Get(e.Context(), c, e.Credential(ProjectMember).UserID).Extract(); err != nil {
				e.Error(err)
			}
		})
	}
	all.Wait()
}

// casePanic panics in one test while others run.
func casePanic(t *testing.T) {
	waiting := make(chan struct{}, 2)
	for range 2 {
		t.Run("waits", func(t *testing.T) {
			e := Start(t, Credentials(ProjectMember))
			waiting <- struct{}{}
			<-e.Context().Done()
		})
	}
	t.Run("panics", func(t *testing.T) {
		e := Start(t, Credentials(ProjectMember))
		e.Run("sub", func(*Env) {
			<-waiting
			<-waiting
			panic("oh no")
		})
	})
}

// caseFault starts tests on a cloud that gives the answer in the environment to some calls.
func caseFault(t *testing.T) {
	first := Start(t)
	f := embedded.Fault{Method: os.Getenv("FAULT_METHOD"), Path: os.Getenv("FAULT_PATH"), Body: os.Getenv("FAULT_BODY")}
	if _, err := fmt.Sscan(os.Getenv("FAULT_STATUS"), &f.Status); err != nil {
		t.Fatal(err)
	}
	f.Header = http.Header{"X-Subject-Token": {"t"}}
	cloudOf(first).Inject(f)
	for _, s := range []Option{Services("identity"), Services("compute"), Credentials(ProjectMember, AltMember)} {
		t.Run("sub", func(t *testing.T) {
			e := Start(t, s)
			if e.users[ProjectMember] != nil {
				readSelf(e)
				e.Client(ProjectMember, "compute")
			}
		})
	}
}

// readSelf lets the project member read itself.
func readSelf(e *Env) {
	e.Helper()
	_, err := users.Get(e.Context(), e.Identity(ProjectMember), e.Credential(ProjectMember).UserID).Extract()
	if err != nil {
		e.Error(err)
	}
}

func caseOptions(t *testing.T) {
	type options struct {
		KeyManager struct {
			Region string `toml:"region"`
		} `toml:"key_manager"`
	}
	e := Start(t)
	fmt.Println("region is", Config[options](e).KeyManager.Region)
}

func caseFakes(t *testing.T) {
	e := Start(t, Credentials(ProjectMember), Services("identity")) // its catalogue is without the fake
	started := 0
	fake := Fake("time_travel", func(c *embedded.Cloud) http.Handler {
		started++
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			token, err := c.Authenticate(r)
			if err != nil {
				w.WriteHeader(http.StatusUnauthorized)
				return
			}
			fmt.Fprintf(w, `{"path": %q, "user": %q}`, r.URL.Path, token.UserID)
		})
	})
	for _, name := range []string{"first", "second"} {
		e.Run(name, func(e *Env) {
			var answer struct{ Path, User string }
			c := e.Client(ProjectReader, "time-travel")
			if _, err := c.Get(e.Context(), c.ServiceURL("v1", "trips"), &answer, nil); err != nil {
				e.Fatal(err)
			}
			if answer.Path != "/v1/trips" || answer.User != e.Credential(ProjectReader).UserID {
				e.Errorf("the fake saw %+v", answer)
			}
		}, fake, Services("time_travel"), Credentials(ProjectReader))
	}
	if started != 1 {
		e.Errorf("the fake was started %d times", started)
	}
}

func caseExpired(t *testing.T) {
	e := Start(t, Credentials(ProjectMember))
	readSelf(e)
	e.Run("again", func(e *Env) {
		cloudOf(e).ExpireTokens()
		readSelf(e)
		cloudOf(e).ExpireTokens()
		var all sync.WaitGroup
		for range 8 {
			c := e.Identity(ProjectMember)
			all.Go(func() { // all find out at once
				if _, err := users.Get(e.Context(), c, e.Credential(ProjectMember).UserID).Extract(); err != nil {
					e.Error(err)
				}
			})
		}
		all.Wait()
	})
}

// caseWait waits until it is interrupted.
func caseWait(t *testing.T) {
	e := Start(t, Credentials(ProjectMember))
	e.Cleanup("nothing", func(ctx context.Context) error {
		fmt.Println("clean-up ran:", ctx.Err())
		return nil
	})
	e.Run("waits", func(e *Env) {
		fmt.Println("waiting")
		<-e.Context().Done()
	})
	e.Run("never begins", func(*Env) { fmt.Println("began after the interrupt") })
}

// caseCalm ignores its context.
func caseCalm(t *testing.T) {
	e := Start(t)
	fmt.Println("waiting")
	<-e.Context().Done()
	fmt.Println("still waiting")
	select {}
}

func caseForbidden(t *testing.T) {
	e := Start(t, Services("identity"))
	cloudOf(e).Inject(embedded.Fault{Method: http.MethodPost, Path: "/v3/projects", Status: 403, Body: `{"error":{}}`})
	e.Run("sub", func(*Env) {}, Credentials(ProjectMember))
}

// caseLatePrint calls the cloud after its test has ended.
func caseLatePrint(t *testing.T) {
	var late *http.Client
	var url string
	t.Run("first", func(t *testing.T) { // ends when its parallel subtest has
		t.Run("sub", func(t *testing.T) {
			e := Start(t)
			late, url = e.HTTP(), e.AuthURL()
		})
	})
	t.Run("second", func(t *testing.T) {
		send(t, late, http.MethodGet, url, "", nil).Body.Close()
	})
}

func caseEnvironment(t *testing.T) {
	t.Setenv("SOMETHING", "x")
	Start(t)
	t.Run("parallel before", func(t *testing.T) { Start(t) })
}

// caseHold says when it has a slot, and keeps it until its standard input ends.
func caseHold(t *testing.T) {
	Start(t)
	t.Run("below", func(t *testing.T) { Start(t) }) // must not need a second slot
	fmt.Println("has a slot")
	var b bytes.Buffer
	if _, err := b.ReadFrom(os.Stdin); err != nil {
		t.Error(err)
	}
}
