package runner_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/gotempest/tempest/runner"
	"github.com/gotempest/tempest/runner/linkcache"
	"github.com/gotempest/tempest/runner/plan"
	"github.com/gotempest/tempest/runner/supervise"
)

// TestMain lets the test binary play the parts of tempest.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 {
		switch os.Args[1] {
		case "__exec":
			os.Exit(supervise.Exec(os.Args[2:]))
		case "__guard":
			os.Exit(supervise.Guard(os.Args[2:]))
		case "__link":
			os.Exit(linkcache.Exec(os.Args[2:]))
		case "__tempest":
			tempestMain(context.Background(), os.Args[2])
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

// tempestMain is a `tempest run` of one test, with its events on standard output.
func tempestMain(ctx context.Context, records string) {
	dir, err := filepath.Abs(filepath.Join("testdata", "suite"))
	if err != nil {
		fmt.Println(err)
		return
	}
	folder, err := runner.NewFolder(nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	const path = "example.com/suite/waits"
	p := plan.Plan{Packages: []plan.Package{{
		Path: path, Dir: filepath.Join(dir, "waits"), Tests: []plan.Test{{Package: path, Name: "TestStubborn"}},
	}}}
	_, err = runner.Run(ctx, p, runner.Options{
		Dir: dir, Folder: folder, RunID: runner.NewRunID(time.Now()), Records: records, Screen: os.Stdout,
	})
	fmt.Println("the run ended:", err)
}
