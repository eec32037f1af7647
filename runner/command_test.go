package runner_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gotempest/tempest/runner"
)

func TestCommand(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "run folder")
	folder, err := runner.KeepFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	p := planOf(t, "good TestA", "fails TestFail")
	tests := map[string]struct {
		change func(*runner.Options)
		want   []string
	}{
		"serial": {
			func(o *runner.Options) { o.Serial, o.Concurrency = true, 7 },
			[]string{
				"go", "test", "-json", "-count=1", "-tags=tempest", "-p=1", "-parallel=1", "-timeout=0",
				"-vet=off", "-exec=/bin/tempest __exec '" + dir + "'", "example.com/suite/good", "example.com/suite/fails",
			},
		},
		"everything": {
			func(o *runner.Options) {
				o.Concurrency, o.FailFast, o.Shuffle = 7, true, "42"
				o.Tags = []string{"slow", "tempest", "slow", ""}
				o.BuildFlags = []string{"-modfile=x y", "-mod=mod"}
				o.GoTestArgs = []string{"-race", "-mine=1"}
				o.LinkCache = "/links"
				o.Self = []string{"/bin/my \"tempest", "it's"}
			},
			[]string{
				"go", "test", "-json", "-count=1", "-tags=tempest,slow", "-p=7", "-parallel=7", "-timeout=0",
				"-failfast", "-vet=off", "-shuffle=42", "-modfile=x y", "-mod=mod",
				`-exec='/bin/my "tempest' "it's" __exec '` + dir + "'", "-toolexec=/bin/sh '" + dir + "/tool.sh'",
				"example.com/suite/good", "example.com/suite/fails", "-race", "-mine=1",
			},
		},
		"go vet when it is asked for": {
			func(o *runner.Options) {
				o.Serial, o.GoTestArgs = true, []string{"-vet=all"}
			},
			[]string{
				"go", "test", "-json", "-count=1", "-tags=tempest", "-p=1", "-parallel=1", "-timeout=0",
				"-exec=/bin/tempest __exec '" + dir + "'", "example.com/suite/good", "example.com/suite/fails", "-vet=all",
			},
		},
		"go vet when GOFLAGS asks for it": {
			func(o *runner.Options) { o.Serial, o.Env = true, []string{"GOFLAGS=-trimpath -vet=all"} },
			[]string{
				"go", "test", "-json", "-count=1", "-tags=tempest", "-p=1", "-parallel=1", "-timeout=0",
				"-exec=/bin/tempest __exec '" + dir + "'", "example.com/suite/good", "example.com/suite/fails",
			},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := runner.Options{Folder: folder, Self: []string{"/bin/tempest"}, Env: []string{"PATH=/bin"}}
			tt.change(&o)

			got, err := runner.Command(p, o)

			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("Command (-want +got):\n%s", diff)
			}
		})
	}
}

func TestCommandRefusesAPathThatGoCannotQuote(t *testing.T) {
	t.Parallel()
	folder, err := runner.KeepFolder(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	_, err = runner.Command(planOf(t, "good TestA"), runner.Options{Folder: folder, Self: []string{`/it's "quoted"`}})
	if err == nil || !strings.Contains(err.Error(), `/it's "quoted"`) {
		t.Errorf("Command = %v, want an error that names the path", err)
	}
}

func TestDefaultConcurrency(t *testing.T) {
	t.Parallel()
	got := runner.DefaultConcurrency()
	if got < 4 || got > 16 || got != 2*runtime.NumCPU() && got != 4 && got != 16 {
		t.Errorf("DefaultConcurrency() = %d with %d CPUs", got, runtime.NumCPU())
	}
}

func TestShell(t *testing.T) {
	t.Parallel()
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("needs a POSIX shell")
	}
	words := []string{"plain", "two words", "it's", `"`, "$HOME", "`x`", "a\nb", "", "*", `\`, "~", "ä", "a=b"}
	for _, w := range words {
		line := runner.Shell([]string{"WORD=" + w}, []string{sh, "-c", `printf '%s|%s' "$WORD" "$1"`, "x", w})
		out, err := exec.CommandContext(t.Context(), sh, "-c", line).Output()
		if err != nil || string(out) != w+"|"+w {
			t.Errorf("%s gives %q, %v, want %q twice", line, out, err, w)
		}
	}
}

func TestDryRunCanBePasted(t *testing.T) {
	t.Parallel()
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("needs a POSIX shell")
	}
	folder, err := runner.KeepFolder(filepath.Join(t.TempDir(), "kept by tempest's dry run"))
	if err != nil {
		t.Fatal(err)
	}
	envFile, temp := filepath.Join(t.TempDir(), "env"), t.TempDir()
	p := planOf(t, "good TestB/x TestEnv", `odd TestOdd/a|b`)
	line, err := runner.DryRun(p, runner.Options{
		Dir: suiteDir(t), AddEnv: []string{"GOWORK=off", "SUITE_ENV_FILE=" + envFile}, Folder: folder,
		RunID: runner.NewRunID(time.Now()), GoTestArgs: []string{"-vet=off"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := folder.Close(); err != nil {
		t.Fatal(err)
	}

	cmd := exec.CommandContext(t.Context(), sh, "-c", line)
	cmd.Dir = t.TempDir()
	cmd.Env = append(cmd.Environ(), "TMPDIR="+temp)
	out, err := cmd.CombinedOutput()

	if err != nil {
		t.Fatalf("%s\n%v\n%s", line, err, out)
	}
	for _, name := range []string{"TestB/x", "TestEnv", "TestOdd/a|b"} {
		if !strings.Contains(string(out), `"Action":"pass","Package":"example.com/suite/`) ||
			!strings.Contains(string(out), `"Test":"`+name+`","Elapsed"`) {
			t.Errorf("%s has no result in %s", name, out)
		}
	}
	for _, name := range []string{"TestA", "TestB/y", "TestNotPlanned", "TestOdd/x"} {
		if strings.Contains(string(out), `"Test":"`+name+`"`) {
			t.Errorf("%s was not asked for: %s", name, out)
		}
	}
	if left, err := os.ReadDir(temp); err != nil || len(left) > 0 {
		t.Errorf("left in the folder for temporary files: %v, %v", left, err)
	}
}

func TestDryRunRefusesWhatARunRefuses(t *testing.T) {
	t.Parallel()
	folder, err := runner.KeepFolder(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	_, err = runner.DryRun(planOf(t, "good TestA"), runner.Options{Folder: folder, GoTestArgs: []string{"-json"}})
	if err == nil {
		t.Error("DryRun takes -json")
	}
}
