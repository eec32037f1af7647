package runner_test

import (
	"io"
	"os/exec"
	"testing"
	"time"

	"github.com/gotempest/tempest/runner"
)

// BenchmarkRun compares a run with plain go test -json of the same packages,
// linked anew each time as go test does.
func BenchmarkRun(b *testing.B) {
	p := planOf(b, "good TestA TestSkips", "odd TestOdd", "fails TestAfter", "panics TestAfter")
	b.Run("tempest", func(b *testing.B) {
		records := b.TempDir()
		for b.Loop() {
			folder, err := runner.NewFolder(nil)
			if err != nil {
				b.Fatal(err)
			}
			rep, err := runner.Run(b.Context(), p, runner.Options{
				Dir: suiteDir(b), AddEnv: []string{"GOWORK=off"}, Folder: folder, Concurrency: 4,
				RunID: runner.NewRunID(time.Now()), Records: records, Screen: io.Discard,
			})
			if err != nil || rep.ExitCode() != 0 {
				b.Fatal(rep, err)
			}
			if err := folder.Close(); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("go test", func(b *testing.B) {
		for b.Loop() {
			args := []string{
				"test", "-json", "-count=1", "-tags=tempest", "-p=4", "-parallel=4", "-timeout=0",
				"-run=^TestA$|^TestSkips$|^TestOdd$|^TestAfter$",
			}
			for i := range p.Packages {
				args = append(args, p.Packages[i].Path)
			}
			cmd := exec.CommandContext(b.Context(), "go", args...)
			cmd.Dir = suiteDir(b)
			cmd.Env = append(cmd.Environ(), "GOWORK=off")
			if out, err := cmd.CombinedOutput(); err != nil {
				b.Fatalf("%v\n%s", err, out)
			}
		}
	})
}
