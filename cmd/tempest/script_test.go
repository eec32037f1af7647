package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/goproxytest"
	"github.com/rogpeppe/go-internal/testscript"
	"golang.org/x/mod/module"
	"golang.org/x/mod/zip"

	"github.com/gotempest/tempest/internal/proctest"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"tempest": main, "users": printUsers})
}

// TestScript runs the scripts: tempest as its users see it. Plugins come from
// a module proxy that serves testdata/mod; tempest itself is published there
// as v0.1.0, made from this checkout. There is no network.
func TestScript(t *testing.T) {
	plugins := goproxytest.NewTestServer(t, "testdata/mod", "")
	proxies := strings.Join([]string{plugins.URL, publish(t), downloaded(t)}, ",")
	modcache := filepath.Join(t.TempDir(), "modcache")
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		UpdateScripts:       *update,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"corpus":     corpus,
			"deaf":       deaf,
			"exits":      exits,
			"goblocks":   goBlocks,
			"leavesnone": leavesNone,
			"recipe":     recipe,
			"shblocks":   shellBlocks,
			"snippets":   snippets,
		},
		Condition: condition,
		Setup: func(env *testscript.Env) error {
			return setup(env, proxies, modcache)
		},
	})
}

// condition knows [hangup]: under nohup, every process below ignores the signal of a closed terminal.
func condition(name string) (bool, error) {
	if name != "hangup" {
		return false, fmt.Errorf("there is no condition %q", name)
	}
	return !signal.Ignored(syscall.SIGHUP), nil
}

var update = flag.Bool("update", false, "rewrite the expectations in scripts")

// setup gives a script an empty home and no cloud. The build cache is shared, and so is a module cache that
// was empty at first; a script to which it matters what is in that has one of its own.
func setup(env *testscript.Env, proxies, modcache string) error {
	for _, dir := range []string{"home", "tmp"} {
		if err := os.Mkdir(filepath.Join(env.WorkDir, dir), 0o777); err != nil {
			return err
		}
	}
	root, err := filepath.Abs("../..")
	if err != nil {
		return err
	}
	env.Setenv("ROOT", root)
	env.Setenv("HOME", filepath.Join(env.WorkDir, "home"))
	env.Setenv("TMPDIR", filepath.Join(env.WorkDir, "tmp"))
	env.Setenv("GOCACHE", os.Getenv("SCRIPT_GOCACHE"))
	env.Setenv("GOMODCACHE", modcache)
	env.Setenv("GOPROXY", proxies)
	env.Setenv("GONOSUMDB", "*")
	env.Setenv("GOSUMDB", "off")
	env.Setenv("GOTOOLCHAIN", "local")
	env.Setenv("GOENV", "off")
	env.Setenv("GOFLAGS", "-modcacherw -trimpath")
	return nil
}

// exits runs a command and wants an exit code: exits CODE COMMAND ARG...
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND ARG...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		got = exit.ExitCode()
	} else if err != nil {
		ts.Fatalf("%s: %v", args[1], err)
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// goBlocks writes the Go files that a page of the documentation shows, as a
// plugin in the current folder: goblocks PAGE, from the root of the module.
func goBlocks(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: goblocks PAGE")
	}
	page, err := os.ReadFile(filepath.Join(ts.Getenv("ROOT"), args[0]))
	ts.Check(err)
	places := map[string]string{
		"// Package tempestplugin": "tempestplugin/tempestplugin.go",
		"//go:build tempest":       "tests/api/api_test.go",
	}
	blocks := strings.Split(string(page), "```go\n")
	for start, place := range places {
		i := slices.IndexFunc(blocks, func(b string) bool { return strings.HasPrefix(b, start) })
		if i < 0 {
			ts.Fatalf("%s shows no Go file that starts with %q", args[0], start)
		}
		code, _, _ := strings.Cut(blocks[i], "```")
		file := ts.MkAbs(place)
		ts.Check(os.MkdirAll(filepath.Dir(file), 0o777))
		ts.Check(os.WriteFile(file, []byte(code), 0o666))
	}
}

// deaf listens and never answers; the variable it is given becomes its address:
// deaf VARIABLE.
func deaf(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: deaf VARIABLE")
	}
	l, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	ts.Check(err)
	ts.Defer(func() { l.Close() })
	ts.Setenv(args[0], l.Addr().String())
}

// leavesNone wants no temporary file of this script, and no process that
// inherited its environment. After a kill -9 that takes the guard a moment,
// and nothing tells when: look again until it is so, or for ten seconds.
func leavesNone(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) > 0 {
		ts.Fatalf("usage: leavesnone")
	}
	deadline := time.Now().Add(10 * time.Second)
	for {
		left, err := leftovers(ts.Getenv("TMPDIR"), ts.Getenv("HOME"))
		ts.Check(err)
		if len(left) == 0 {
			return
		}
		if time.Now().After(deadline) {
			ts.Fatalf("left behind: %s", strings.Join(left, ", "))
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// leftovers are the files in tmp and the processes of the script with that
// home.
func leftovers(tmp, home string) ([]string, error) {
	pids, err := proctest.Find("HOME=" + home)
	if err != nil {
		return nil, err
	}
	var left []string
	for _, pid := range pids {
		if line := proctest.CommandLine(pid); line != "" { // an ended process has none
			left = append(left, line)
		}
	}
	entries, err := os.ReadDir(tmp)
	for _, entry := range entries {
		left = append(left, filepath.Join(tmp, entry.Name()))
	}
	return left, err
}

const published = "v0.1.0"

// publish writes this checkout as a module version, as a proxy's folder, and
// returns its URL.
func publish(t *testing.T) string {
	t.Helper()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	proxy := t.TempDir()
	dir := filepath.Join(proxy, tempestModule, "@v")
	if err := os.MkdirAll(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	mod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{
		"list":              []byte(published + "\n"),
		published + ".mod":  mod,
		published + ".info": fmt.Appendf(nil, `{"Version":%q,"Time":"2026-01-01T00:00:00Z"}`, published),
	}
	for name, data := range files {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	out, err := os.Create(filepath.Join(dir, published+".zip"))
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	if err := zip.CreateFromDir(out, module.Version{Path: tempestModule, Version: published}, root); err != nil {
		t.Fatalf("zipping %s: %v", root, err)
	}
	return "file://" + filepath.ToSlash(proxy)
}

// downloaded returns the URL of the module cache of this machine, from which
// the dependencies of tempest itself come. Scripts call go mod tidy, which wants
// what tests of these import, and go list, which wants the date of every version:
// both are downloaded here when the cache is new.
func downloaded(t *testing.T) string {
	t.Helper()
	for _, args := range [][]string{{"mod", "tidy", "-diff"}, {"list", "-m", "all"}} {
		// What it says of go.mod is not for this test, and what it could not download is told by the scripts.
		_ = exec.CommandContext(t.Context(), "go", args...).Run()
	}
	out, err := exec.CommandContext(t.Context(), "go", "env", "GOMODCACHE", "GOCACHE").Output()
	if err != nil {
		t.Fatalf("go env: %v", err)
	}
	dirs := strings.Fields(string(out))
	t.Setenv("SCRIPT_GOCACHE", dirs[1])
	return "file://" + filepath.ToSlash(filepath.Join(dirs[0], "cache", "download"))
}
