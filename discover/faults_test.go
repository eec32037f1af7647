package discover

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gotempest/tempest/internal/option"
)

func TestFindIsolatesGoThatCannotBeDownloaded(t *testing.T) {
	t.Parallel()
	inv := mustFind(t, files(t, requiring("good", "newer")), Options{Env: here.env("GOTOOLCHAIN=auto")})

	checkGood(t, inv)
	if f := inv.Faults(); len(f) != 1 || f[0].Kind != NeedsNewerGo || f[0].Module != "example.com/newer" {
		t.Errorf("faults = %+v, want that newer needs a newer Go", f)
	}
}

func TestFindTakesClashingOptionFromDisabledPlugin(t *testing.T) {
	t.Parallel()
	inv := mustFind(t, files(t, requiring("good", "optclash")), Options{Disable: []string{"good"}})

	if f := inv.Faults(); len(f) > 0 {
		t.Errorf("faults = %+v, want none", f)
	}
	for plugin, want := range map[string]int{"optclash": 1, "good": 5} {
		if got := len(inv.Plugin(plugin).Groups[0].Options); got != want {
			t.Errorf("%s has %d options in its first group, want %d", plugin, got, want)
		}
	}
}

func TestFindFaultsOptionThatTempestHas(t *testing.T) {
	t.Parallel()
	region := option.Option{Name: "region", Type: "string", Default: "one"}
	core := []option.Group{{Name: "key_manager", Options: []option.Option{region}}}

	inv := mustFind(t, files(t, requiring("good")), Options{Core: core})

	f := inv.Faults()
	if len(f) != 1 || f[0].Kind != OptionClash || !strings.HasSuffix(f[0].Message,
		`option key_manager.region is string in example.com/good and string, default "one" in tempest`) {
		t.Errorf("faults = %+v, want a clash with tempest's own option", f)
	}
}

func TestFindFaultsOptionWithAnOldNameOfTempest(t *testing.T) {
	t.Parallel()
	core := []option.Group{{Name: "keys", Options: []option.Option{
		{Name: "region", Type: "string", Renamed: []string{"key_manager.region"}},
	}}}

	inv := mustFind(t, files(t, requiring("good")), Options{Core: core})

	f := inv.Faults()
	if len(f) != 1 || f[0].Kind != OptionClash || !strings.HasSuffix(f[0].Message,
		`option key_manager.region is string in example.com/good and an old name of keys.region in tempest`) {
		t.Errorf("faults = %+v, want a clash with tempest's old name", f)
	}
}

func TestFindKeepsGoodPluginBesideBroken(t *testing.T) {
	t.Parallel()
	// A module that was never downloaded is taken to have all packages: the build will tell.
	goRun(t, t.TempDir(), "mod", "download", "example.com/assert@v1.0.0")
	tests := map[string]struct {
		require []string
		plugin  string // name in the fault
		kind    Kind
		text    string   // in the message or the remedy
		place   string   // end of the place, without the line
		tests   []string // what is left of the broken plugin
	}{
		"test file does not parse": {
			[]string{"broken"}, "broken", DoesNotCompile, "example.com/broken/tests/bad: ", "bad_test.go:6",
			[]string{"tests/api.TestOK"},
		},
		"marker does not type-check": {
			[]string{"mangled"}, "mangled", DoesNotCompile, "cannot use Name", "tempestplugin.go:9", nil,
		},
		"marker without a name": {
			[]string{"nameless"}, "example.com/nameless", BadMarker, "constant Name is missing", "tempestplugin", nil,
		},
		"unknown contract": {
			[]string{"future"}, "future", UnknownAPI, "API is 9, and this tempest knows 1", "tempestplugin.go:5", nil,
		},
		"no tests": {
			[]string{"empty"}, "empty", NoTests, "no tests in ./tests/...", "", nil,
		},
		"newer go": {
			[]string{"newer"}, "example.com/newer", NeedsNewerGo, "requires go >= 1.999", "go.mod:6", nil,
		},
		"requirement that nobody has": {
			[]string{"nowhere"}, "example.com/nowhere", Unresolvable, "404", "go.mod:6", nil,
		},
		"requirement of a requirement that nobody has": {
			[]string{"chained"}, "example.com/chained", Unresolvable, "example.com/nowhere@v1.2.3", "go.mod:6", nil,
		},
		"file of another package": {
			[]string{"mixed"}, "mixed", DoesNotCompile, "file of package b among those of package a", "b_test.go:3", nil,
		},
		"import that is gone": {
			[]string{"goneimport"}, "goneimport", MissingImport, "imports example.com/assert/gone: ", "bad_test.go:8",
			[]string{"tests/api.TestOK"},
		},
		"option declared twice": {
			[]string{"optclash"}, "optclash", OptionClash,
			"option key_manager.region is int in example.com/optclash and string in example.com/good",
			"tempestplugin.go:11", nil,
		},
		"one id twice": {
			[]string{"dupid"}, "dupid", DuplicateID,
			"example.com/dupid/tests/api.TestOne and example.com/dupid/tests/more.TestTwo have one id",
			"more_test.go:11", []string{"tests/api.TestOne", "tests/more.TestTwo"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inv := mustFind(t, files(t, requiring(append(tt.require, "good")...)), Options{})

			checkGood(t, inv)
			faults := inv.Faults()
			if len(faults) != 1 {
				t.Fatalf("faults = %+v, want one", faults)
			}
			f := faults[0]
			if f.Kind != tt.kind || f.Plugin != tt.plugin || !strings.Contains(f.Message, tt.text) {
				t.Errorf("fault = %+v\nwant kind %s of %s with %q", f, tt.kind, tt.plugin, tt.text)
			}
			if !strings.HasSuffix(f.Place, tt.place) || strings.ContainsRune(f.Message, '\n') {
				t.Errorf("fault at %q says %q, want one line at %q", f.Place, f.Message, tt.place)
			}
			if diff := cmp.Diff(tt.tests, testIDs(inv.Plugin(tt.plugin))); diff != "" {
				t.Errorf("tests of %s (-want +got):\n%s", tt.plugin, diff)
			}
		})
	}
}

func TestFindFaultsBothPluginsOfOneName(t *testing.T) {
	t.Parallel()
	dir := files(t, requiring("good", "twin"))

	inv := mustFind(t, dir, Options{})
	faults := inv.Faults()
	if len(faults) != 2 {
		t.Fatalf("faults = %+v, want two", faults)
	}
	for i, order := range [][2]string{{"good", "twin"}, {"twin", "good"}} {
		want := fmt.Sprintf(`the name "good" is used by example.com/%s and by example.com/%s`, order[0], order[1])
		if faults[i].Kind != DuplicateName || faults[i].Message != want {
			t.Errorf("fault = %+v, want %q", faults[i], want)
		}
	}

	inv = mustFind(t, dir, Options{Disable: []string{"example.com/twin"}})
	checkGood(t, inv)
	if f := inv.Faults(); len(f) > 0 {
		t.Errorf("faults with twin disabled = %+v", f)
	}
}

// A plugin that is refused cannot take the place of one that is not by its name.
func TestRefusedPluginTakesNoName(t *testing.T) {
	t.Parallel()
	dir := files(t, requiring("good", "twin"))
	for _, module := range []string{"example.com/good", "example.com/twin"} {
		inv := mustFind(t, dir, Options{Allow: []string{module}, Only: []string{"good"}})

		if p := inv.Plugin("good"); p.Module != module || p.Refused || len(p.Packages) == 0 {
			t.Errorf("the plugin good is that of %s, refused %t, with %d packages, want that of %s",
				p.Module, p.Refused, len(p.Packages), module)
		}
		if f := inv.Faults(); len(f) > 0 {
			t.Errorf("faults = %+v", f)
		}
	}
	_, err := find(t, dir, Options{Allow: []string{"example.com/twin"}, Only: []string{"example.com/good"}})
	if e, ok := errors.AsType[*Error](err); !ok || e.Reason != Refused {
		t.Errorf("Find error = %v, want that example.com/good is refused", err)
	}
}

// failure is a call of Find that ends in an error.
type failure struct {
	archive string
	o       Options
	env     []string
	reason  Reason
	text    string
}

func checkFailures(t *testing.T, tests map[string]failure) {
	t.Helper()
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tt.o.Env = here.env(tt.env...)

			_, err := find(t, files(t, tt.archive), tt.o)

			e, ok := errors.AsType[*Error](err)
			if !ok || e.Reason != tt.reason {
				t.Fatalf("Find error = %v, want one for %s", err, tt.reason)
			}
			if s := e.Error(); !strings.Contains(s, tt.text) || strings.Contains(s, "\n") {
				t.Errorf("Find error = %q, want one line with %q", s, tt.text)
			}
		})
	}
}

func TestFindErrorsOfModule(t *testing.T) {
	t.Parallel()
	checkFailures(t, map[string]failure{
		"no go.mod": {
			archive: "-- x.txt --\n", reason: NoModule,
			text: "there is no go.mod here or in a parent folder; make one with: go mod init NAME",
		},
		"go.mod does not parse": {
			archive: "-- go.mod --\nmodule m\n\nrequire example.com/good\n", reason: BadModule, text: "go.mod:3: ",
		},
		"go.mod without module": {
			archive: "-- go.mod --\ngo 1.26\n", reason: BadModule, text: "no module line",
		},
		"go.work does not parse": {
			archive: "-- go.work --\ngo 1.26\n\nuse\n-- go.mod --\nmodule m\n", reason: BadModule, text: "go.work:3: ",
		},
		"go.work names a folder that is gone": {
			archive: "-- go.work --\ngo 1.26\n\nuse ./gone\n", reason: BadModule,
			text: "go.work:3: ./gone has no go.mod; correct the line, or remove it: ",
		},
		"main module needs a newer go": {
			archive: "-- go.mod --\nmodule m\n\ngo 1.999\n", reason: BadModule, text: "requires go >= 1.999",
		},
		"settings that the go command refuses": {
			archive: requiring("good"), env: []string{"GOFLAGS=nonsense"}, reason: BadEnvironment, text: "GOFLAGS",
		},
		"no network and an empty cache": {
			archive: requiring("good", "assert"), env: []string{"GOMODCACHE=" + t.TempDir(), "GOPROXY=http://127.0.0.1:1"},
			reason: NoNetwork, text: "check the network and GOPROXY, then try: go mod download",
		},
		"downloads switched off and an empty cache": {
			archive: requiring("good"), env: []string{"GOMODCACHE=" + t.TempDir(), "GOPROXY=off"},
			reason: NoNetwork, text: "example.com/good@v1.0.0: module lookup disabled by GOPROXY=off",
		},
	})
}

func TestFindErrorsWithoutGo(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	_, err := find(t, files(t, requiring()), Options{})

	e, ok := errors.AsType[*Error](err)
	if !ok || e.Reason != BadEnvironment || !strings.Contains(e.Error(), "install Go") {
		t.Errorf("Find error = %v, want one that says to install Go", err)
	}
}

func TestFindErrorsOfWorkDir(t *testing.T) {
	t.Parallel()
	dir := files(t, requiring("good"))
	before := snapshot(t, dir)
	for name, work := range map[string]string{
		"empty": "", "missing": filepath.Join(dir, "gone"), "the main module": dir,
	} {
		if inv, err := Find(t.Context(), Options{Dir: dir, WorkDir: work, Env: here.env()}); err == nil {
			t.Errorf("%s: Find = %+v, want an error", name, inv)
		}
	}
	if diff := cmp.Diff(before, snapshot(t, dir)); diff != "" {
		t.Errorf("files (-before +after):\n%s", diff)
	}
}

func TestFindErrorsOfOptions(t *testing.T) {
	t.Parallel()
	checkFailures(t, map[string]failure{
		"unknown plugin in Only": {
			archive: requiring("good"), o: Options{Only: []string{"goood"}},
			reason: UnknownPlugin, text: `there is no plugin "goood"; known are m, good`,
		},
		"unknown plugin in Disable": {
			archive: requiring("good"), o: Options{Disable: []string{"bad"}},
			reason: UnknownPlugin, text: `there is no plugin "bad"`,
		},
		"folder pattern without tests": {
			archive: requiring("good"), o: Options{Patterns: []string{"./nothing/..."}},
			reason: NoMatch, text: `pattern "./nothing/..." matches no package with tests`,
		},
		"path pattern without tests": {
			archive: requiring("good"), o: Options{Patterns: []string{"example.com/good/...", "tests/api"}},
			reason: NoMatch, text: `pattern "tests/api" matches no package with tests; write ./tests/api for a folder`,
		},
		"adopted module that is not required": {
			archive: requiring("good"), o: Options{Adopt: []Adoption{{Module: "example.com/adoptme"}}},
			reason: BadAdoption, text: "go get example.com/adoptme",
		},
		"module that is adopted twice": {
			archive: requiring("adoptme"),
			o: Options{Adopt: []Adoption{
				{Module: "example.com/adoptme", Tests: []string{"./a"}},
				{Module: "example.com/adoptme", Tests: []string{"./b"}},
			}},
			reason: BadAdoption, text: "example.com/adoptme is adopted twice",
		},
		"adopted tag that is none": {
			archive: requiring("adoptme"),
			o:       Options{Adopt: []Adoption{{Module: "example.com/adoptme", Tags: []string{"!slow"}}}},
			reason:  BadAdoption, text: `"!slow" is no build tag`,
		},
		"tag that is none": {
			archive: requiring("good"), o: Options{Tags: []string{"slow", "a b"}}, reason: BadTag, text: `"a b" is no build tag`,
		},
		"adopted plugin": {
			archive: requiring("good"), o: Options{Adopt: []Adoption{{Module: "example.com/good"}}},
			reason: BadAdoption, text: "is a plugin by itself",
		},
		"adopted pattern that leaves the module": {
			archive: requiring("adoptme"),
			o:       Options{Adopt: []Adoption{{Module: "example.com/adoptme", Tests: []string{"../x"}}}},
			reason:  BadAdoption, text: `"../x" is not below its root`,
		},
	})
}

// local is a plugin in a folder that requires what nobody has.
const local = `-- local/go.mod --
module example.com/local

go 1.26

require example.com/nowhere v1.2.3
-- local/tempestplugin/m.go --
package tempestplugin

const API, Name = 1, "local"
`

func TestFindIsolatesRequirementOfReplacedFolder(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"module": "-- main/go.mod --\nmodule example.com/m\n\ngo 1.26\n\nrequire (\n\texample.com/good v1.0.0\n" +
			"\texample.com/local v1.0.0\n)\n\nreplace example.com/local v1.0.0 => ../local\n\n" +
			"exclude example.com/good v1.9.0\n",
		"workspace": "-- go.work --\ngo 1.26\n\nuse ./main\n\nreplace example.com/local => ./local\n" +
			"-- main/go.mod --\nmodule example.com/m\n\ngo 1.26\n\nrequire (\n\texample.com/good v1.0.0\n" +
			"\texample.com/local v1.0.0\n)\n",
	}
	for name, archive := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := files(t, archive+local)

			inv := mustFind(t, filepath.Join(dir, "main"), Options{})

			checkGood(t, inv)
			f := inv.Faults()
			if len(f) != 1 || f[0].Module != "example.com/local" || !strings.Contains(f[0].Message, "example.com/nowhere") {
				t.Errorf("faults = %+v, want that local requires nowhere", f)
			}
			if p := inv.Plugin("example.com/local"); p.Replace != filepath.Join(dir, "local") {
				t.Errorf("replace = %q, want the folder", p.Replace)
			}
			runTests(t, inv)
		})
	}
}

func TestLockedKeepsGoodPluginBesideDropped(t *testing.T) {
	t.Parallel()
	dir := gotten(t)
	goRun(t, dir, "mod", "download", "example.com/assert")
	goRun(t, dir, "mod", "edit", "-require=example.com/newer@v1.0.0")

	inv := mustFind(t, dir, Options{Locked: true})

	checkGood(t, inv)
	if f := inv.Faults(); len(f) != 1 || f[0].Module != "example.com/newer" {
		t.Errorf("faults = %+v, want one of newer", f)
	}
	runTests(t, inv)
}
