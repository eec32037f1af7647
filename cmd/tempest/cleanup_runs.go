package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/gotempest/tempest/internal/cleanup"
	"github.com/gotempest/tempest/internal/cloud"
	"github.com/gotempest/tempest/internal/ledger"
	"github.com/gotempest/tempest/internal/resource"
	"github.com/gotempest/tempest/runner"
)

// split returns what of a run is in the configured cloud, and the files about others.
func split(run ledger.Run, where cloud.Cloud) (here ledger.Run, elsewhere []ledger.File) {
	here = run
	here.Files = nil
	for _, f := range run.Files {
		if cleanup.SameCloud(f.Head.Cloud, where) || len(f.Open()) == 0 {
			here.Files = append(here.Files, f)
			continue
		}
		elsewhere = append(elsewhere, f)
	}
	return here, elsewhere
}

// whereText says which cloud is configured.
func whereText(c cloud.Cloud) string {
	if c.IsEmbedded {
		return "the embedded cloud"
	}
	return cloudText(ledger.Cloud{Name: c.Name, AuthURL: c.Auth.IdentityEndpoint, Region: c.Endpoint.Region})
}

// living reports whether a run goes on. A ledger tells only while one of its test processes runs.
func living(run string) bool {
	records, err := runner.DefaultRecords()
	return err == nil && runner.Living(records, run)
}

// listedRun is a run in the output of --list.
type listedRun struct {
	Run      string    `json:"run"`
	Time     time.Time `json:"time"`
	Live     bool      `json:"live"`
	Cloud    string    `json:"cloud"`
	Things   int       `json:"things"`
	Accounts int       `json:"accounts"` // of the things: users, projects and networks that tempest made for tests
	Tests    []string  `json:"tests"`
	Folder   string    `json:"folder"`
}

// list prints the runs that have left anything.
func (c *cleaning) list(runs []ledger.Run, readErr error) error {
	list := []listedRun{}
	for _, run := range runs {
		if l := listed(run); l.Things > 0 {
			list = append(list, l)
		}
	}
	if err := c.printRuns(list); err != nil {
		return err
	}
	c.report.unreadable(readErr)
	for _, run := range runs {
		for _, f := range run.Files {
			for _, p := range f.Problems {
				c.report.unreadable(p)
			}
		}
	}
	if len(c.report.Unreadable) > 0 {
		return codeError(exitUntrusted)
	}
	return nil
}

func (c *cleaning) printRuns(list []listedRun) error {
	if c.flags.json {
		return writeJSON(c.std.out, list)
	}
	if len(list) == 0 {
		_, err := fmt.Fprintln(c.std.out, "tempest: no run has left anything")
		return err
	}
	for _, l := range list {
		state := ""
		if l.Live {
			state = ", still runs"
		}
		_, err := fmt.Fprintf(c.std.out, "%s  %s in %s%s: %s\n", l.Run, things(l.Things), l.Cloud, state,
			strings.Join(l.Tests, " "))
		if err != nil {
			return err
		}
	}
	return nil
}

func listed(run ledger.Run) listedRun {
	l := listedRun{
		Run: run.ID, Time: run.Time, Live: run.Live() || living(run.ID), Folder: run.Dir, Tests: []string{},
	}
	var clouds []string
	for _, f := range run.Files {
		open := f.Open()
		if len(open) > 0 && !slices.Contains(clouds, cloudText(f.Head.Cloud)) {
			clouds = append(clouds, cloudText(f.Head.Cloud))
		}
		l.Things += len(open)
		for _, e := range open {
			if e.Intent.Kind == ledger.KindAccount {
				l.Accounts++
			}
			if !slices.Contains(l.Tests, e.Intent.Test) {
				l.Tests = append(l.Tests, e.Intent.Test)
			}
		}
	}
	slices.Sort(l.Tests)
	l.Cloud = strings.Join(clouds, " and ")
	return l
}

// forget removes the ledgers of a run.
func (c *cleaning) forget(runs []ledger.Run) error {
	i := slices.IndexFunc(runs, func(r ledger.Run) bool { return r.ID == c.flags.forget })
	if i < 0 {
		return usagef("there is no run %s; 'tempest cleanup --list' shows those that have left anything", c.flags.forget)
	}
	run := runs[i]
	if run.Live() || living(run.ID) {
		return usagef("run %s still runs", run.ID)
	}
	n := listed(run).Things
	names, err := filepath.Glob(filepath.Join(run.Dir, "*"+ledger.Suffix))
	errs := []error{err}
	for _, name := range names { // also those that cannot be read
		errs = append(errs, os.Remove(name))
	}
	if err := os.Remove(run.Dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
		errs = append(errs, err)
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("forgetting run %s: %w", run.ID, err)
	}
	_, err = fmt.Fprintf(c.std.out, "tempest: run %s is forgotten; %s may be in the cloud still\n", run.ID, things(n))
	return err
}

// search removes what has the prefix.
func (c *cleaning) search(ctx context.Context, runs []ledger.Run) error {
	where, err := cloud.Choose(c.core)
	if err != nil {
		return usageError{err}
	}
	if where.IsEmbedded {
		return usagef("--prefix: no cloud is configured; set OS_CLOUD or auth.cloud")
	}
	except := &cleanup.Ledgers{}
	for _, run := range runs {
		except.Watch(run, living(run.ID))
	}
	s := cleanup.Search{
		Prefix: c.flags.prefix, AllProjects: c.flags.allProjects, Except: except, Services: serviceTypes(c.flags.services),
	}
	if c.flags.olderThan > 0 {
		s.Before = time.Now().Add(-c.flags.olderThan)
	}
	c.types = c.pluginTypes(ctx)
	cl, err := c.open(ctx)
	if err != nil {
		return err
	}
	found, err := cl.Search(ctx, s)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err != nil {
		c.report.fail(err)
	}
	for n, text := range map[int]string{
		found.Others: "in other projects: --all-projects removes it too",
		found.Ages:   "of an age that the cloud does not tell: left out by --older-than",
		found.Living: "of runs that still run: left alone",
	} {
		if n > 0 {
			c.report.note("%s %s", things(n), text)
		}
	}
	return c.remove(ctx, cl, found.Things, nil)
}

func serviceTypes(names []string) []string {
	var types []string
	for _, name := range names {
		types = append(types, cloud.ServiceType(name))
	}
	return types
}

// pluginTypes are the collections that plugins declare. Outside of a main module there are no plugins; of
// those that have a fault, what can be read is used.
func (c *cleaning) pluginTypes(ctx context.Context) []resource.Type {
	if !inModule() {
		return nil
	}
	overlay, err := os.MkdirTemp("", "tempest-cleanup-")
	if err != nil {
		c.report.warn(fmt.Errorf("looking for plugins: %w", err))
		return nil
	}
	defer os.RemoveAll(overlay)
	ws, err := open(ctx, suiteFlags{configFlags: c.flags.configFlags}, overlay, nil)
	if err != nil {
		c.report.warn(fmt.Errorf("collections of plugins are not looked at: %w", err))
		return nil
	}
	var types []resource.Type
	for _, p := range ws.inventory.Plugins {
		for _, list := range p.Collections {
			types = append(types, resource.Type{
				Service: cloud.ServiceType(list.Service), Name: cmp.Or(list.Key, strings.Trim(list.Path, "/")), Async: true,
				Scoped: true, Delete: "DELETE " + list.Path + "/{id}",
				List: resource.List{Path: list.Path, Key: list.Key},
			})
		}
	}
	return types
}

// inModule reports whether the current folder is in a Go module or workspace.
func inModule() bool {
	dir, err := os.Getwd()
	for err == nil {
		for _, name := range []string{"go.mod", "go.work"} {
			if _, err := os.Stat(filepath.Join(dir, name)); err == nil {
				return true
			}
		}
		if dir == filepath.Dir(dir) {
			break
		}
		dir = filepath.Dir(dir)
	}
	return false
}
