//nolint:thelper // the functions are tests, which another process runs
package testlib

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/projects"

	"github.com/gotempest/tempest/internal/turn"
	"github.com/gotempest/tempest/testlib/embedded"
)

// fixtureCases are cases about the life cycle of a test and about what its options say.
var fixtureCases = map[string]func(*testing.T){
	"SkipBug":   only2(SkipBecause("1234567"), Credentials(ProjectMember)),
	"SkipStory": only2(SkipBecause("storyboard:2001"), Credentials(ProjectMember)),
	"SkipURL":   only2(SkipBecause("https://bugs.example/7"), Credentials(ProjectMember)),
	"SkipNot":   only2(SkipBecause("1234567").When(false), Smoke.When(false)),
	"SkipIn":    func(t *testing.T) { Start(t).SkipBecause("42") },
	"BadBug":    only(Unstable("the moon")),
	"Related": func(t *testing.T) {
		e := Start(t, RelatedBug("11"), RelatedBug("storyboard:12"), Slow.When(true))
		e.Error("it broke")
	},

	"Resize":       only2(Feature("compute", "resize"), Credentials(ProjectMember)),
	"Pause":        only(Feature("compute", "pause", "suspend")),
	"NoFeature":    only(Feature("compute", "resise")),
	"NoGroup":      only(Feature("time-travel", "loops")),
	"PluginOption": func(t *testing.T) { casePluginFeature(t, "loops") },
	"PluginOff":    func(t *testing.T) { casePluginFeature(t, "paradoxes") },

	"Extensions":    caseExtensions,
	"NoExtensions":  caseNoExtensions,
	"Discoverable":  caseDiscoverable,
	"Versions":      caseVersions,
	"VersionsAbove": func(t *testing.T) { caseVersionsOf(t, "2.95", "latest") },
	"VersionsBelow": func(t *testing.T) { caseVersionsOf(t, "1.0", "2.0") },
	"VersionsSome":  func(t *testing.T) { caseVersionsOf(t, "2.10", "2.60") },
	"VersionsNew":   func(t *testing.T) { caseVersionsOf(t, "latest", "latest") },
	"BadVersion":    only(Microversion("compute", "two", "latest")),
	"UpsideDown":    only(Microversion("compute", "2.60", "2.1")),
	"TwoRanges":     only2(Microversion("compute", "2.1", "2.5"), Microversion("compute", "2.60", "latest")),

	"Known":         caseKnown,
	"KnownGroup":    caseKnownGroup,
	"Mended":        only(Unstable("2")),
	"MendedGroup":   func(t *testing.T) { Start(t, Unstable("2")).Run("sub", func(*Env) {}) },
	"KnownDirectly": func(t *testing.T) { Start(t, Unstable("3")); t.Error("not through the Env") },
	"KnownLeak":     caseKnownLeak,
	"KnownPanic":    func(t *testing.T) { Start(t, Unstable("5")); panic("oh no") },
	"KnownSetUp":    caseKnownSetUp,
	"KnownSkip":     func(t *testing.T) { Start(t, Unstable("7")).Skip("for another reason") },
	"KnownUndo":     caseKnownUndo,
	"KnownWait":     caseKnownWait,
	"AllTold":       caseAllTold,

	"BadName":        only(Exclusive("Flavor default")),
	"SerialBelow":    caseBelow(nil, []Option{Serial}),
	"SerialTwice":    caseBelow([]Option{Serial}, []Option{Serial, Exclusive("a")}),
	"NamesBelow":     caseBelow([]Option{Exclusive("a")}, []Option{Exclusive("b")}),
	"NamesAgain":     caseBelow([]Option{Exclusive("a", "b")}, []Option{Exclusive("b")}),
	"NamesOfSubtest": caseBelow(nil, []Option{Exclusive("a", "b")}),
	"ParallelBelow":  func(t *testing.T) { Start(t).Run("sub", func(e *Env) { e.Parallel() }) },
	"Together2":      caseTurns,
	"Impatient": func(t *testing.T) {
		e := Start(t)
		e.session.turns.patience = time.Millisecond
		got, err := e.session.turns.queue.Take(t.Context(), turn.Want{Inside: true, Names: []string{"a"}})
		if err != nil {
			t.Fatal(err)
		}
		defer got.Give()
		e.Run("sub", func(*Env) { fmt.Println("ran") }, Exclusive("a"))
	},
	"Twice": func(t *testing.T) {
		Start(t, Exclusive("a"))
		Start(t)
	},
	"HalfMade":     caseHalfMade,
	"FixturePanic": caseFixturePanic,
	"AllOptions":   caseAllOptions,
	"AllSkipped":   caseAllSkipped,
	"WithToken":    caseWithToken,
	"Status":       caseStatus,
	"NoService":    func(t *testing.T) { Start(t, Credentials(ProjectMember)).Compute(ProjectMember) },
	"NoVersions":   only(Microversion("compute", "2.1", "latest")),
	"Alone":        caseAlone,
	"MainFake":     func(t *testing.T) { Start(t, Services("time_travel"), Feature("time_travel", "loops")) },
}

// only2 returns a test that starts with the options and does nothing.
func only2(opts ...Option) func(*testing.T) {
	return func(t *testing.T) { Start(t, opts...) }
}

type travelOptions struct {
	TimeTravelFeatureEnabled struct {
		Loops     bool `toml:"loops" default:"true"`
		Paradoxes bool `toml:"paradoxes" default:"false"`
	} `toml:"time_travel_feature_enabled"`
}

// TestMain gives one of the cases options for all tests.
func TestMain(m *testing.M) {
	if os.Getenv(caseVariable) == "MainFake" {
		fake := func(*embedded.Cloud) http.Handler { return http.NotFoundHandler() }
		Main(m, Options[travelOptions](), Fake("time-travel", fake))
		return
	}
	m.Run()
}

func casePluginFeature(t *testing.T, name string) {
	Start(t, Options[travelOptions](), Feature("time_travel", name))
}

// fakeAt is a fake service that gives one answer to GET of a path, and says what it was asked.
func fakeAt(serviceType, path, answer string) Option {
	return Fake(serviceType, func(*embedded.Cloud) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			fmt.Println("asked:", r.Method, r.URL.Path, r.Header.Get("OpenStack-API-Version"))
			if v := r.Header.Get("OpenStack-API-Version"); v != "" {
				w.Header().Set("OpenStack-API-Version", v)
			}
			if r.URL.Path != path && r.URL.Path != "/servers" {
				w.WriteHeader(http.StatusNotFound)
				return
			}
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprint(w, answer)
		})
	})
}

func caseExtensions(t *testing.T) {
	const list = `{"extensions": [{"alias": "router"}, {"alias": "dns-integration"}]}`
	e := Start(t, fakeAt("network", "/v2.0/extensions", list))
	e.Run("has", func(*Env) { fmt.Println("ran has") }, Extension("network", "router", "dns-integration"))
	e.Run("lacks", func(*Env) { fmt.Println("ran lacks") }, Extension("network", "router", "trunk"))
}

func caseNoExtensions(t *testing.T) {
	Start(t, fakeAt("network", "/elsewhere", ""), Extension("network", "router"), Credentials(ProjectMember))
}

func caseDiscoverable(t *testing.T) {
	e := Start(t, fakeAt("object-store", "/info", `{"swift": {}, "slo": {"max": 1}}`))
	e.Run("has", func(*Env) { fmt.Println("ran has") }, Extension("object_store", "slo"))
	e.Run("lacks", func(*Env) { fmt.Println("ran lacks") }, Extension("object-store", "bulk_upload"))
}

const novaVersion = `{"version": {"id": "v2.1", "version": "2.93", "min_version": "2.1"}, "servers": []}`

func caseVersions(t *testing.T) {
	e := Start(t, fakeAt("compute", "/", novaVersion), Microversion("compute", "2.60", "latest"),
		Credentials(ProjectMember))
	list := func(e *Env, c *gophercloud.ServiceClient) {
		if _, err := c.Get(e.Context(), c.ServiceURL("servers"), nil, nil); err != nil {
			e.Error(err)
		}
	}
	list(e, e.Compute(ProjectMember))
	list(e, e.ClientAt(ProjectMember, "compute", "2.90"))
	list(e, e.ClientAt(ProjectMember, "compute", ""))
	e.Run("of the group", func(e *Env) { fmt.Println("group has", e.Microversion("compute")) })
	e.Run("another", func(e *Env) {
		fmt.Println("subtest has", e.Microversion("compute"))
		list(e, e.Compute(ProjectMember))
	}, Microversion("compute", "2.79", "2.80"))
	fmt.Println("image has", e.Microversion("image")+"none")
}

func caseVersionsOf(t *testing.T, lowest, highest string) {
	e := Start(t, fakeAt("compute", "/", novaVersion), Microversion("compute", lowest, highest))
	fmt.Println("chosen", e.Microversion("compute"))
}

func caseKnown(t *testing.T) {
	t.Run("goes on", func(t *testing.T) {
		e := Start(t, Unstable("1"))
		e.Errorf("first %s", "failure")
		e.Error("second failure")
		fmt.Println("went on, failed:", e.Failed())
	})
	t.Run("ends", func(t *testing.T) {
		e := Start(t, Unstable("storyboard:1"), Credentials(ProjectMember))
		helper(e.TB())
		e.Fatal("last words")
		fmt.Println("went too far")
	})
	t.Run("without words", func(t *testing.T) { Start(t, Unstable("https://bugs.example/1")).FailNow() })
}

// helper takes what other libraries take.
func helper(tb testing.TB) {
	tb.Helper()
	tb.Errorf("told by a helper")
}

func caseKnownGroup(t *testing.T) {
	e := Start(t, Unstable("1"))
	if e.Run("fails", func(e *Env) { e.Fatal("sub failed") }) {
		e.Error("Run says that a known failure has passed")
	}
	e.Run("passes", func(*Env) {})
	outer := Start(t)
	if outer.Run("own", func(e *Env) { e.Fail() }, Unstable("2")) || outer.Failed() {
		outer.Error("Run says that a known failure has passed, or it fails the group")
	}
}

func caseKnownLeak(t *testing.T) {
	e := Start(t, Unstable("4"), Credentials(ProjectMember))
	e.Error("known")
	e.Cleanup("nothing", func(context.Context) error { return errors.New("stuck") })
}

func caseKnownSetUp(t *testing.T) {
	cloudOf(Start(t)).Inject(embedded.Fault{Method: http.MethodPost, Path: "/v3/users", Status: 500, Body: `{"error":{}}`})
	t.Run("sub", func(t *testing.T) { Start(t, Unstable("6"), Credentials(ProjectMember)) })
}

func caseKnownUndo(t *testing.T) {
	e := Start(t, Unstable("8"))
	e.Cleanup("it", func(context.Context) error { fmt.Println("undone"); return nil })
	e.Fatal("known")
}

func caseKnownWait(t *testing.T) {
	e := Start(t, Unstable("9"))
	fmt.Println("waiting")
	<-e.Context().Done()
	e.Fatal("it failed after it was interrupted")
}

// caseAllTold fails in the test and in each step of clean-up.
func caseAllTold(t *testing.T) {
	e := Start(t, Credentials(ProjectMember))
	for _, step := range []string{"first", "second"} {
		e.Cleanup(step, func(context.Context) error { return errors.New("stuck") })
	}
	e.Run("sub", func(e *Env) { e.Error("the subtest failed") })
	cloudOf(e).Inject(embedded.Fault{Method: http.MethodDelete, Path: "/v3/...", Status: 500, Body: `{"error":{}}`})
	e.Fatal("the test failed")
}

// caseBelow starts a group and a subtest with options.
func caseBelow(group, sub []Option) func(*testing.T) {
	return func(t *testing.T) {
		e := Start(t, group...)
		e.Run("sub", func(*Env) { fmt.Println("ran sub") }, sub...)
		t.Run("start", func(t *testing.T) { Start(t, sub...); fmt.Println("ran start") })
	}
}

// caseTurns runs tests that exclude each other; the slots, if any, suffice for no two.
func caseTurns(t *testing.T) {
	inside := map[string]*atomic.Int32{"a": {}, "b": {}}
	for i := range 12 {
		names := [][]string{{"a"}, {"b", "a"}, {"b"}}[i%3]
		opts := []Option{Exclusive(names...)}
		if i%4 == 3 {
			opts, names = []Option{Serial}, []string{"a", "b"}
		}
		t.Run("turn", func(t *testing.T) {
			e := Start(t, opts...)
			for _, n := range names {
				if now := inside[n].Add(1); now != 1 {
					e.Errorf("%d tests have %s", now, n)
				}
			}
			e.Run("sub", func(*Env) {})
			t.Run("below", func(t *testing.T) { Start(t) })
			for _, n := range names {
				inside[n].Add(-1)
			}
		})
	}
}

// caseHalfMade fails while its second user is made.
func caseHalfMade(t *testing.T) {
	cloudOf(Start(t)).Inject(embedded.Fault{
		Method: http.MethodPut, Path: "/v3/projects/*/users/*/roles/*", Times: 1, Status: 500, Body: `{"error":{}}`,
	})
	t.Run("sub", func(t *testing.T) {
		Start(t, Isolated(), Credentials(ProjectMember))
		fmt.Println("went too far")
	})
}

func caseFixturePanic(t *testing.T) {
	e := Start(t, Isolated(), Credentials(ProjectMember))
	e.Run("sub", func(*Env) {}, Fake("time-travel", func(*embedded.Cloud) http.Handler { panic("the fake is broken") }))
}

func caseAllOptions(t *testing.T) {
	e := Start(t, ID("6d1f6d32-64ea-4fd1-8e6c-b0d5b0a4ce4c"), Services("identity"), Serial, Exclusive("a"),
		fakeAt("compute", "/", novaVersion), Credentials(ProjectMember))
	for _, name := range []string{"first", "second"} {
		e.Run(name, func(e *Env) {
			fmt.Println("ran", name, e.Microversion("compute"))
			readSelf(e)
		}, ID("6d1f6d32-64ea-4fd1-8e6c-b0d5b0a4ce4d"), Smoke, Serial, Exclusive("a"), Feature("compute", "pause"),
			Microversion("compute", "2.3", "2.4"), RelatedBug("1"), SkipBecause("2").When(false), Unstable("3").When(false),
			Credentials(ProjectReader))
	}
}

func caseAllSkipped(t *testing.T) {
	e := Start(t, Credentials(ProjectMember))
	e.Run("first", func(*Env) { fmt.Println("ran first") }, SkipBecause("1"))
	e.Run("second", func(*Env) { fmt.Println("ran second") }, Feature("compute", "resize"))
}

func caseWithToken(t *testing.T) {
	e := Start(t, Credentials(ProjectMember))
	for _, token := range []string{"", "made-up", e.Identity(ProjectMember).Token()} {
		c := e.ClientWithToken(ProjectMember, "identity", token)
		_, err := projects.Get(e.Context(), c, e.Credential(ProjectMember).ProjectID).Extract()
		fmt.Printf("refused %q: %v\n", token[:min(4, len(token))], gophercloud.ResponseCodeIs(err, http.StatusUnauthorized))
	}
}

func caseStatus(t *testing.T) {
	e := Start(t, Credentials(ProjectMember))
	_, err := projects.Get(e.Context(), e.Identity(ProjectMember), "nobody").Extract()
	fmt.Println("right:", e.WantStatus("reading no project", err, http.StatusForbidden))
	e.WantStatus("reading", err, http.StatusNotFound)
	e.WantStatus("doing nothing", nil, http.StatusNotFound)
	e.WantStatus("dialling", errors.New("no route"), http.StatusNotFound)
}

// caseAlone says that it is alone, until its standard input ends.
func caseAlone(t *testing.T) {
	if os.Getenv("ALONE") != "" {
		Start(t, Serial)
	} else {
		Start(t, Exclusive("a"))
	}
	fmt.Println("has its turn")
	var b [1]byte
	_, _ = os.Stdin.Read(b[:])
}

// fixtures are cases, and what they must print. A part that starts with "!" must not be there.
var fixtures = map[string]struct {
	run    string // name of the case, if not that of the test
	env    []string
	fails  bool
	output []string
}{
	"SkipBug": {output: []string{"--- SKIP", "skipped because of https://bugs.launchpad.net/bugs/1234567",
		"=== ATTR  TestCase/SkipBug bugs https://bugs.launchpad.net/bugs/1234567", "!http://127"}},
	"SkipStory": {output: []string{"--- SKIP", "skipped because of https://storyboard.openstack.org/#!/story/2001"}},
	"SkipURL":   {output: []string{"--- SKIP", "skipped because of https://bugs.example/7"}},
	"SkipNot":   {output: []string{"--- PASS: TestCase/SkipNot", "! bugs ", "!smoke"}},
	"SkipIn":    {output: []string{"--- SKIP", "skipped because of https://bugs.launchpad.net/bugs/42"}},
	"BadBug":    {fails: true, output: []string{`testlib.Unstable: "the moon" names no bug: write a number of Launchpad`}},
	"Related": {fails: true, output: []string{
		"this may be due to https://bugs.launchpad.net/bugs/11, https://storyboard.openstack.org/#!/story/12",
		" attributes slow"}},

	"Resize": {output: []string{"--- SKIP", "[compute_feature_enabled] resize is false", "!http://127"}},
	"resize on": {run: "Resize", env: []string{"TEMPEST_COMPUTE_FEATURE_ENABLED__RESIZE=true"},
		output: []string{"--- PASS"}},
	"Pause": {output: []string{"--- PASS"}},
	"pause off": {run: "Pause", env: []string{"TEMPEST_COMPUTE_FEATURE_ENABLED__SUSPEND=false"},
		output: []string{"--- SKIP", "suspend is false"}},
	"NoFeature": {fails: true, output: []string{
		`testlib.Feature("compute", "resise"): there is no option resise in [compute_feature_enabled]`,
		"; the nearest is resize"}},
	"NoGroup": {fails: true, output: []string{
		"there is no option loops in [time_travel_feature_enabled]; options of a plugin",
		" are made known with testlib.Options"}},
	"PluginOption": {output: []string{"--- PASS"}},
	"PluginOff":    {output: []string{"--- SKIP", "[time_travel_feature_enabled] paradoxes is false"}},
	"option of a plugin is set": {run: "PluginOff", env: []string{"TEMPEST_TIME_TRAVEL_FEATURE_ENABLED__PARADOXES=true"},
		output: []string{"--- PASS"}},

	"Extensions": {output: []string{"ran has", "!ran lacks",
		"needs the extension trunk of the service network, which the service does not list"}},
	"extensions of the configuration": {run: "Extensions",
		env: []string{"TEMPEST_NETWORK_FEATURE_ENABLED__API_EXTENSIONS=trunk,router"},
		output: []string{"!ran has", "ran lacks", "!asked:",
			"needs the extension dns-integration of the service network",
			", which [network_feature_enabled] api_extensions does not list"}},
	"NoExtensions": {fails: true, output: []string{
		"asking for the extensions of network: it does not list them; set [network_feature_enabled] api_extensions",
		"!/v3/projects"}},
	"Discoverable": {output: []string{
		"ran has", "!ran lacks", "needs the extension bulk_upload of the service object-store"}},

	"Versions": {output: []string{"asked: GET /servers compute 2.60",
		"asked: GET /servers compute 2.90", "asked: GET /servers \n",
		"group has 2.60", "subtest has 2.79", "asked: GET /servers compute 2.79", "image has none"}},
	"microversions of the configuration": {run: "Versions", env: []string{"TEMPEST_COMPUTE__MIN_MICROVERSION=2.70",
		"TEMPEST_COMPUTE__MAX_MICROVERSION=2.75"}, output: []string{"group has 2.70", "--- SKIP: TestCase/Versions/another",
		"needs microversion 2.79 to 2.80 of compute; [compute] allows 2.70 to 2.75"}},
	"microversions upside down": {run: "Versions", fails: true, env: []string{"TEMPEST_COMPUTE__MIN_MICROVERSION=2.70",
		"TEMPEST_COMPUTE__MAX_MICROVERSION=2.7"}, output: []string{
		"[compute] min_microversion 2.70 is above max_microversion 2.7"}},
	"VersionsAbove": {output: []string{"--- SKIP",
		"needs microversion 2.95 to latest of compute; the cloud has 2.1 to 2.93"}},
	"VersionsBelow": {output: []string{"--- SKIP", "needs microversion 1.0 to 2.0 of compute; the cloud has 2.1 to 2.93"}},
	"VersionsSome":  {output: []string{"chosen 2.10"}},
	"some, configured lower": {run: "VersionsSome", env: []string{"TEMPEST_COMPUTE__MAX_MICROVERSION=2.9"},
		output: []string{"--- SKIP", "[compute] allows up to 2.9", "!asked:"}},
	"VersionsNew": {output: []string{"chosen 2.93"}},
	"the newest allowed": {run: "VersionsNew", env: []string{"TEMPEST_COMPUTE__MAX_MICROVERSION=2.50"},
		output: []string{"--- SKIP"}},
	"BadVersion": {fails: true, output: []string{`testlib.Microversion: "two" is no microversion`}},
	"UpsideDown": {fails: true, output: []string{"testlib.Microversion: 2.60 is above 2.1"}},
	"TwoRanges":  {fails: true, output: []string{"testlib.Microversion: compute has two ranges"}},

	"Known": {output: []string{"went on, failed: true", "--- SKIP: TestCase/Known/goes_on",
		"first failure", "second failure",
		"known failure, https://bugs.launchpad.net/bugs/1: first failure",
		"=== ATTR  TestCase/Known/goes_on known_failure https://bugs.launchpad.net/bugs/1",
		"--- SKIP: TestCase/Known/ends", "told by a helper", "last words", "!went too far", "attributes unstable",
		"known failure, https://storyboard.openstack.org/#!/story/1: told by a helper",
		"--- SKIP: TestCase/Known/without_words", "known failure, https://bugs.example/1\n"}},
	"KnownGroup": {output: []string{"--- SKIP: TestCase/KnownGroup ", "--- SKIP: TestCase/KnownGroup/fails",
		"--- PASS: TestCase/KnownGroup/passes", "!unexpected_pass", "subtest TestCase/KnownGroup/fails failed",
		"--- SKIP: TestCase/KnownGroup/own"}},
	"MendedGroup": {output: []string{"--- PASS", "!unexpected_pass"}}, // not all of its subtests may have been selected
	"Mended": {output: []string{"--- PASS",
		"=== ATTR  TestCase/Mended unexpected_pass https://bugs.launchpad.net/bugs/2"}},
	"KnownDirectly": {fails: true, output: []string{"--- FAIL", "not a known failure of https://bugs.launchpad.net/bugs/3",
		"!known_failure"}},
	"KnownLeak":  {fails: true, output: []string{"--- FAIL", "left behind nothing: stuck", "!known_failure"}},
	"KnownPanic": {fails: true, output: []string{"panic: oh no", "!known_failure"}},
	"KnownSetUp": {fails: true, output: []string{"--- FAIL: TestCase/KnownSetUp/sub", "!known_failure"}},
	"KnownSkip":  {output: []string{"--- SKIP", "for another reason", "!known_failure", "!unexpected_pass"}},
	"KnownUndo":  {output: []string{"--- SKIP", "undone", "known_failure"}},

	"BadName": {fails: true, output: []string{`testlib.Exclusive("Flavor default") is not a word of lower-case letters`}},
	"SerialBelow": {fails: true, output: []string{
		"testlib.Serial: TestCase/SerialBelow, to which the test belongs, runs beside others already", "!ran"}},
	"SerialTwice": {output: []string{"ran sub", "ran start", " attributes serial"}},
	"NamesBelow": {fails: true, output: []string{
		`testlib.Exclusive("b"): say all names in TestCase/NamesBelow, to which the test belongs: it has "a" already`}},
	"NamesAgain":     {output: []string{"ran sub", "ran start"}},
	"NamesOfSubtest": {output: []string{"ran sub", "ran start"}},
	"ParallelBelow":  {fails: true, output: []string{"subtests of a group run one after the other"}},
	"Twice":          {env: []string{"TEMPEST_SLOTS=1:" + os.TempDir()}, output: []string{"--- PASS"}},
	"Together2":      {output: []string{"--- PASS: TestCase/Together2/turn#11"}},

	"HalfMade":     {fails: true, output: []string{"--- FAIL: TestCase/HalfMade/sub", "!went too far", "!left behind"}},
	"FixturePanic": {fails: true, output: []string{"panic: the fake is broken", "!left behind"}},
	"AllOptions":   {output: []string{"ran first 2.3", "ran second 2.3", "!unexpected"}},
	"second of all options": {run: "AllOptions/second", output: []string{"!ran first", "ran second 2.3",
		"--- PASS: TestCase/AllOptions/second"}},
	"AllSkipped": {output: []string{"--- SKIP: TestCase/AllSkipped/first",
		"--- SKIP: TestCase/AllSkipped/second", "!ran"}},
	"one that skips": {run: "AllSkipped/second",
		output: []string{"--- SKIP: TestCase/AllSkipped/second", "!AllSkipped/first"}},
	"Status": {fails: true, output: []string{"right: true", "reading: status 403, want 404: {",
		"doing nothing succeeded, want status 404", "dialling: no route, want status 404", "!reading no project"}},
	"NoService": {fails: true, output: []string{
		`a client for project_member: the catalogue has no service compute; testlib.Services("compute") skips the test`}},
	"NoVersions": {fails: true, output: []string{
		"asking for the microversions of compute: the catalogue has no service compute"}},
	"no such region": {run: "NoService", env: []string{"TEMPEST_COMPUTE__REGION=Narnia"}, fails: true, output: []string{
		"the catalogue has no service compute in region Narnia"}},
	"AllTold": {fails: true, output: []string{"the subtest failed", "the test failed", "left behind second: stuck",
		"left behind first: stuck", "left behind user", "left behind project"}},
	"Impatient": {fails: true, output: []string{
		`waited 1ms for "a", which other tests have: say testlib.Exclusive in TestCase`,
		"!ran"}},
	"WithToken": {output: []string{`refused "": true`, `refused "made": true`, `refused "gAAA": false`}},
	"MainFake":  {output: []string{"--- PASS: TestCase/MainFake"}},
	"service of Main": {run: "MainFake", env: []string{"TEMPEST_SERVICE_AVAILABLE__TIME_TRAVEL=false"},
		output: []string{"--- SKIP"}},
	"feature for Main": {run: "MainFake", env: []string{"TEMPEST_TIME_TRAVEL_FEATURE_ENABLED__LOOPS=false"},
		output: []string{"--- SKIP"}},
}

func TestFixtures(t *testing.T) {
	t.Parallel()
	for name, tt := range fixtures {
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

// Failures are told in the order in which they came, those of clean-up in reverse order of the steps.
func TestFailuresAreToldInOrder(t *testing.T) {
	t.Parallel()

	output, _ := runCase(t, "AllTold")

	at := -1
	for _, text := range []string{"the subtest failed", "the test failed", "left behind second", "left behind first"} {
		i := strings.Index(output, text)
		if i < at {
			t.Errorf("%q comes too early in:\n%s", text, output)
		}
		at = i
	}
}

func TestInterruptIsNoKnownFailure(t *testing.T) {
	t.Parallel()
	cmd := startCase(t, "KnownWait")
	rest := begin(t, cmd, "waiting")

	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	output := rest()

	if err := cmd.Wait(); err == nil {
		t.Error("the interrupted process passed")
	}
	want(t, output, "--- FAIL: TestCase/KnownWait", "interrupted by SIGINT", "!known_failure")
}

// A cloud is asked once, however many tests ask.
func TestExtensionsAreAskedOnce(t *testing.T) {
	t.Parallel()

	output, _ := runCase(t, "Extensions")

	if n := strings.Count(output, "asked: GET /v2.0/extensions"); n != 1 {
		t.Errorf("the cloud was asked %d times:\n%s", n, output)
	}
}

// What was made before something failed is removed.
func TestHalfMadeCredentialsAreRemoved(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"HalfMade", "FixturePanic"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			output, _ := runCase(t, name)

			made := len(regexp.MustCompile(`POST \S+/v3/(projects|users) .*: 201`).FindAllString(output, -1))
			removed := len(regexp.MustCompile(`DELETE \S+/v3/(projects|users)/\w+ .*: 204`).FindAllString(output, -1))
			if made == 0 || made != removed {
				t.Errorf("%d things were made and %d removed:\n%s", made, removed, output)
			}
		})
	}
}

func TestStartingTwiceNeedsOneTurn(t *testing.T) {
	t.Parallel()

	output, passed := runCase(t, "Twice", "TEMPEST_SLOTS=1:"+t.TempDir())

	if !passed {
		t.Errorf("it failed:\n%s", output)
	}
}

func TestTurnsOfOneProcess(t *testing.T) {
	t.Parallel()
	for name, env := range map[string]string{
		"without slots": "X=", "one slot": "TEMPEST_SLOTS=1:" + t.TempDir(), "two slots": "TEMPEST_SLOTS=2:" + t.TempDir(),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			output, passed := runCase(t, "Together2", env)

			if !passed {
				t.Errorf("it failed:\n%s", output)
			}
		})
	}
}

// The locks of tests hold over processes: those of a run, or with plain go test all that test one cloud.
func TestTurnsOfProcesses(t *testing.T) {
	t.Parallel()
	cloud := func(home, url string) []string {
		return []string{"OS_AUTH_URL=" + url, "OS_USERNAME=joe", "OS_PASSWORD=x", "OS_PROJECT_NAME=p",
			"OS_USER_DOMAIN_NAME=d", "OS_PROJECT_DOMAIN_NAME=d", "HOME=" + home, "XDG_CACHE_HOME=" + home}
	}
	home, locks, other := t.TempDir(), t.TempDir(), t.TempDir()
	one := cloud(home, "http://127.0.0.1:1/v3")
	file := filepath.Join(home, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		first, second []string
		excludes      bool
	}{
		"names":                {one, one, true},
		"alone and names":      {append(one, "ALONE=1"), one, true},
		"another cloud":        {append(one, "ALONE=1"), cloud(home, "http://127.0.0.1:2/v3"), false},
		"of one run":           {append(one, "TEMPEST_LOCKS="+locks), append(one, "TEMPEST_LOCKS="+locks), true},
		"of different runs":    {append(one, "ALONE=1", "TEMPEST_LOCKS="+locks), append(one, "TEMPEST_LOCKS="+other), false},
		"embedded, of one run": {[]string{"ALONE=1", "TEMPEST_LOCKS=" + locks}, []string{"TEMPEST_LOCKS=" + locks}, false},
		"embedded, of go test": {[]string{"HOME=" + home, "ALONE=1"}, []string{"HOME=" + home}, false},
		"without a cache folder": {append(one, "ALONE=1", "HOME=", "XDG_CACHE_HOME=", "TMPDIR="+home),
			append(one, "HOME=", "XDG_CACHE_HOME=", "TMPDIR="+home), true},
		"with a cache that is a file": {append(one, "ALONE=1", "XDG_CACHE_HOME="+file, "TMPDIR="+home),
			append(one, "XDG_CACHE_HOME="+file, "TMPDIR="+home), true},
		"without any folder": {append(one, "ALONE=1", "XDG_CACHE_HOME="+file, "TMPDIR="+file),
			append(one, "XDG_CACHE_HOME="+file, "TMPDIR="+file), false},
	} {
		t.Run(name, func(t *testing.T) { // one after the other: they share folders
			first := startCase(t, "Alone", tt.first...)
			if _, err := first.StdinPipe(); err != nil {
				t.Fatal(err)
			}
			begin(t, first, "has its turn")
			second := startCase(t, "Alone", tt.second...)
			in, err := second.StdinPipe()
			if err != nil {
				t.Fatal(err)
			}
			if !tt.excludes {
				begin(t, second, "has its turn")
				return
			}
			checkWaits(t, first, second, in)
		})
	}
}

// checkWaits checks that a process has its turn only when the one that has it now is killed.
func checkWaits(t *testing.T, first, second *exec.Cmd, in io.Closer) {
	t.Helper()
	out, err := second.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := second.Start(); err != nil {
		t.Fatal(err)
	}
	waitFor, rest := reader(t, out)
	waitFor("=== CONT  TestCase/Alone")

	if err := first.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	waitFor("has its turn")
	in.Close()

	if output := rest(); second.Wait() != nil || !strings.Contains(output, "--- PASS") {
		t.Errorf("the second process failed:\n%s", output)
	}
}
