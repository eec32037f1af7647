package runner_test

import (
	"bytes"
	"os/exec"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gotempest/tempest/runner"
	"github.com/gotempest/tempest/runner/result"
	"github.com/gotempest/tempest/runner/supervise"
)

// TestPackageInPieces runs a package whose tests do not fit into one argument,
// as far as its supervisor was told.
func TestPackageInPieces(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		pkg     string
		filters []string
		want    map[string]string
		code    int
	}{
		"all pass": {
			"good TestA TestB/x TestSkips", []string{"^TestA$", "^TestB$/^x$", "^TestSkips$"},
			map[string]string{"good TestA": "passed", "good TestB/x": "passed", "good TestSkips": "skipped"},
			result.ExitPassed,
		},
		"the first fails": {
			"fails TestFail TestAfter", []string{"^TestFail$", "^TestAfter$"},
			map[string]string{"fails TestFail": "failed", "fails TestAfter": "passed"}, result.ExitFailed,
		},
		"the first dies": {
			"panics TestPanic TestAfter", []string{"^TestPanic$", "^TestAfter$"},
			map[string]string{"panics TestPanic": "failed", "panics TestAfter": "passed"}, result.ExitFailed,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder, err := runner.KeepFolder(t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			p := planOf(t, tt.pkg)
			job := supervise.Job{Package: p.Packages[0].Path, Dir: p.Packages[0].Dir, Filters: tt.filters}
			if err := supervise.WriteJobs(folder.Dir(), []supervise.Job{job}); err != nil {
				t.Fatal(err)
			}
			args, err := runner.Command(p, runner.Options{Folder: folder, GoTestArgs: []string{"-vet=off"}})
			if err != nil {
				t.Fatal(err)
			}
			cmd := exec.CommandContext(t.Context(), args[0], args[1:]...)
			cmd.Dir = suiteDir(t)
			cmd.Env = append(cmd.Environ(), "GOWORK=off")
			out, _ := cmd.Output() // fails when a test does

			c := result.NewCollector(p, result.Options{})
			if err := c.Read(bytes.NewReader(out)); err != nil {
				t.Fatal(err)
			}
			rep := c.Finish(result.End{})

			if diff := cmp.Diff(tt.want, statuses(rep)); diff != "" {
				t.Errorf("results (-want +got):\n%s\n%s", diff, out)
			}
			if rep.ExitCode() != tt.code {
				t.Errorf("exit code %d, want %d\n%s", rep.ExitCode(), tt.code, out)
			}
		})
	}
}
