//go:build linux

// Command killtest proves that nothing stays in a cloud, whatever is killed: it runs tests against the cloud that
// OS_CLOUD names, kills the test binaries, tempest or everything with SIGKILL at random moments, removes what was left,
// and compares what is in the cloud before and after.
//
//	go run ./internal/cleanup/killtest -rounds 20 -seed 1
//
// It needs an administrator, and a cloud that nobody else uses meanwhile; with -shared it looks only at what belongs
// to its own domain or has its prefix. Linux only: it finds processes in /proc.
package main

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

func main() {
	os.Exit(run())
}

func run() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	t := &test{}
	flag.IntVar(&t.rounds, "rounds", 10, "how often")
	flag.Int64Var(&t.seed, "seed", time.Now().UnixNano()%1e6, "of the random moments")
	flag.DurationVar(&t.longest, "longest", 40*time.Second, "the latest moment of a kill")
	flag.StringVar(&t.tempest, "tempest", "", "the binary to test; empty builds it")
	flag.StringVar(&t.modes, "modes", "test,tempest,all,twice", "what is killed, chosen at random")
	flag.StringVar(&t.suite, "suite", "heavy", "heavy, or package patterns of this module")
	flag.BoolVar(&t.shared, "shared", false, "others use the cloud: compare only what is known to be from here")
	flag.Parse()
	if err := t.do(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "killtest:", err)
		return 1
	}
	return 0
}

// test is the whole test.
type test struct {
	rounds  int
	seed    int64
	longest time.Duration
	tempest string
	modes   string
	suite   string
	shared  bool

	root   string // of the module
	work   string // temporary folder
	dir    string // that tempest runs in
	mark   string // of the processes of a round
	prefix string // of names of what belongs to no project
	random *rand.Rand
	cloud  *inventory
}

func (t *test) do(ctx context.Context) error {
	var err error
	if t.root, err = os.Getwd(); err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(t.root, "tempestplugin")); err != nil {
		return fmt.Errorf("start it in the root of the module: %w", err)
	}
	if t.work, err = os.MkdirTemp("", "killtest-"); err != nil {
		return err
	}
	defer os.RemoveAll(t.work)
	t.random = rand.New(rand.NewPCG(uint64(t.seed), 1)) //nolint:gosec // moments, not secrets
	t.prefix = fmt.Sprintf("tempest-kt%d-", t.seed)
	if t.cloud, err = openInventory(ctx, t.prefix, t.shared); err != nil {
		return err
	}
	defer t.cloud.close(context.WithoutCancel(ctx))
	if err := t.prepare(ctx); err != nil {
		return err
	}
	fmt.Printf("seed %d, %d rounds of %s, kills within %s\n", t.seed, t.rounds, t.suite, t.longest)
	failed := 0
	for n := 1; n <= t.rounds && ctx.Err() == nil; n++ {
		if err := t.round(ctx, n); err != nil {
			failed++
			fmt.Printf("round %d FAILED: %v\n", n, err)
		}
	}
	if failed > 0 || ctx.Err() != nil {
		return fmt.Errorf("%d of %d rounds failed", failed, t.rounds)
	}
	fmt.Printf("%d rounds: nothing was left\n", t.rounds)
	return nil
}

// prepare builds tempest, and the module of the heavy tests.
func (t *test) prepare(ctx context.Context) error {
	if t.tempest == "" {
		t.tempest = filepath.Join(t.work, "tempest")
		if out, err := command(ctx, t.root, nil, "go", "build", "-o", t.tempest, "./cmd/tempest"); err != nil {
			return fmt.Errorf("building tempest: %w\n%s", err, out)
		}
	}
	t.dir = t.root
	if t.suite != "heavy" {
		return nil
	}
	t.dir = filepath.Join(t.work, "heavy")
	if err := os.CopyFS(t.dir, os.DirFS(filepath.Join(t.root, "internal/cleanup/killtest/testdata/heavy"))); err != nil {
		return err
	}
	for _, name := range []string{"go.mod", "go.sum"} { // the same versions of everything
		data, err := os.ReadFile(filepath.Join(t.root, name))
		if err != nil {
			return err
		}
		text := string(data)
		if name == "go.mod" {
			text = strings.Replace(text, "module github.com/gotempest/tempest\n", "module example.com/heavy\n", 1) +
				"\nrequire github.com/gotempest/tempest v0.0.0\n\nreplace github.com/gotempest/tempest => " + t.root + "\n"
		}
		if err := os.WriteFile(filepath.Join(t.dir, name), []byte(text), 0o600); err != nil {
			return err
		}
	}
	return nil
}
