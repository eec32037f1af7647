//nolint:thelper // the functions are tests, which another process runs
package testlib

import (
	"context"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/gotempest/tempest/internal/cloud"
	"github.com/gotempest/tempest/testlib/config"
	"github.com/gotempest/tempest/testlib/data"
)

// utilityCases are cases about random data and what is made with it.
var utilityCases = map[string]func(*testing.T){
	"Random": caseRandom,
	"Serve":  caseServe,
}

// caseRandom fails after it has drawn, in the order that the tests run in.
func caseRandom(t *testing.T) {
	e := Start(t)
	e.Log("group", e.Rand().Uint64())
	e.Run("second", func(e *Env) {
		first := e.Rand()
		e.Log("second", first.Uint64(), first == e.Rand())
		e.Error("it broke")
	})
}

func TestRandomDataFollowsTheSeed(t *testing.T) {
	t.Parallel()
	drawn := func(env ...string) string {
		out, passed := runCase(t, "Random", env...)
		if passed {
			t.Fatalf("the case passed:\n%s", out)
		}
		all := regexp.MustCompile(`(?:group|second) \d+`).FindAllString(out, -1)
		if len(all) != 2 {
			t.Fatalf("drawn: %v:\n%s", all, out)
		}
		if strings.TrimPrefix(all[0], "group") == strings.TrimPrefix(all[1], "second") {
			t.Errorf("the subtest drew the same as its group: %v", all)
		}
		if !strings.Contains(out, " true\n") {
			t.Errorf("Rand returned two generators:\n%s", out)
		}
		seed := regexp.MustCompile(`random data of this test: TEMPEST_SEED=(\d+)`).FindAllStringSubmatch(out, -1)
		if len(seed) != 2 || len(env) > 0 && "TEMPEST_SEED="+seed[0][1] != env[0] {
			t.Errorf("seeds of the failed tests: %v:\n%s", seed, out)
		}
		if n := strings.Count(out, "=== ATTR  TestCase/Random seed "+seed[0][1]); n != 1 {
			t.Errorf("%d attributes for the seed:\n%s", n, out)
		}
		return strings.Join(all, ", ")
	}
	first, again, other := drawn("TEMPEST_SEED=7"), drawn("TEMPEST_SEED=7"), drawn("TEMPEST_SEED=8")
	if first != again || first == other {
		t.Errorf("seed 7: %s; again: %s; seed 8: %s", first, again, other)
	}
	if first, second := drawn(), drawn(); first == second {
		t.Error("two runs without a seed drew the same")
	}
}

func TestBadSeedFailsTheTest(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"x", "-1", "1.5", "18446744073709551616"} {
		out, passed := runCase(t, "Random", "TEMPEST_SEED="+bad)
		if passed || !strings.Contains(out, `TEMPEST_SEED="`+bad+`": want a decimal number below 2^64`) {
			t.Errorf("seed %s: passed %t:\n%s", bad, passed, out)
		}
	}
}

func TestRandomDataIsTheSameAlone(t *testing.T) {
	t.Parallel()
	out, _ := runCase(t, "Random", "TEMPEST_SEED=7")
	alone, _ := runCase(t, "Random/second", "TEMPEST_SEED=7")
	want := regexp.MustCompile(`second \d+`).FindString(out)
	if want == "" || !strings.Contains(alone, want) {
		t.Errorf("the subtest drew %q in its group, and alone:\n%s", want, alone)
	}
}

// caseServe serves data, keeps it until its clean-up, and asks for it.
func caseServe(t *testing.T) {
	e := Start(t)
	s := e.Serve()
	blob := data.NewBlob(e.Rand(), 5000)
	url := s.Add("image.raw", data.File{Data: blob})
	fetch := func(ctx context.Context) (int64, error) {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return 0, err
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			return 0, err
		}
		defer resp.Body.Close()
		return io.Copy(io.Discard, resp.Body)
	}
	if n, err := fetch(e.Context()); err != nil || n != blob.Size() {
		e.Errorf("fetched %d bytes, %v", n, err)
	}
}

func TestServe(t *testing.T) {
	t.Parallel()
	out, passed := runCase(t, "Serve")
	if !passed || !strings.Contains(out, "served GET /image.raw") {
		t.Errorf("passed %t:\n%s", passed, out)
	}
	out, passed = runCase(t, "Serve", "TEMPEST_IMAGE__IMPORT_ADDRESS=127.0.0.1:x")
	if passed || !strings.Contains(out, `port "x" is no number`) {
		t.Errorf("with a bad address: passed %t:\n%s", passed, out)
	}
}

func TestWaitOptionsComeFromTheConfiguration(t *testing.T) {
	t.Parallel()
	var core config.Core
	core.Compute.BuildTimeout, core.Compute.BuildInterval = time.Minute, time.Second
	core.Volume.BuildTimeout, core.Image.BuildTimeout = 2*time.Minute, 3*time.Minute
	core.Network.BuildTimeout, core.ObjectStore.BuildTimeout = 4*time.Minute, 5*time.Minute
	e := &Env{T: t, session: &session{Session: &cloud.Session{Core: core}}}
	for service, minutes := range map[string]int{
		"compute": 1, "block-storage": 2, "volumev3": 2, "block_storage": 2, "image": 3, "network": 4, "object-store": 5,
		"placement": 0, "key-manager": 0,
	} {
		if got := e.Wait(service); got.Timeout != time.Duration(minutes)*time.Minute || got.Log == nil {
			t.Errorf("Wait(%q) = %+v, want %d minutes", service, got, minutes)
		}
	}
	if got := e.Wait("compute").Interval; got != time.Second {
		t.Errorf("interval = %s", got)
	}
}
