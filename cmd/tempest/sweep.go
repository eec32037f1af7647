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

	"github.com/gophercloud/gophercloud/v2"

	"github.com/gotempest/tempest/internal/accounts"
	"github.com/gotempest/tempest/internal/cleanup"
	"github.com/gotempest/tempest/internal/cloud"
	"github.com/gotempest/tempest/internal/ledger"
	"github.com/gotempest/tempest/internal/protocol"
	"github.com/gotempest/tempest/internal/resource"
	"github.com/gotempest/tempest/runner/result"
	"github.com/gotempest/tempest/testlib/config"
)

// Limits of the removal at the end of a run: somebody waits for its result.
const (
	sweepPatience = 20 * time.Second
	sweepWait     = 2 * time.Minute
)

// sweep removes what the tests of the run have left in the cloud, and notes in the report what that was. A
// signal ends it. What goes wrong is told: the run itself is done.
func (r *testRun) sweep(ctx context.Context, ws *workspace, rep *result.Report) {
	run, err := r.ledgers()
	if err != nil {
		r.still("what the ledgers of the run hold is not known: " + oneLine(err.Error()))
	}
	if len(run.Files) == 0 {
		return
	}
	ctx, stop := cancelOn(ctx, r.signals)
	defer stop()
	if r.interrupts.count() > 1 { // everything was killed, and nobody wants to wait
		r.still(things(len(openEntries(run))))
		return
	}
	if err := r.removeLeft(ctx, ws, run, rep); err != nil {
		r.still(fmt.Sprintf("%s (%s)", things(len(openEntries(run))), oneLine(err.Error())))
	}
}

// ledgers reads what the processes of this run have left on disk.
func (r *testRun) ledgers() (ledger.Run, error) {
	folder, err := ledger.Folder()
	dir := filepath.Join(folder, r.id)
	if err != nil { // without a place for their ledgers, tests make nothing
		if dir = os.Getenv(protocol.EnvLedger); dir == "" {
			return ledger.Run{}, nil
		}
	}
	run, err := ledger.ReadRun(dir)
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return run, err
}

func openEntries(run ledger.Run) (open []ledger.Entry) {
	for _, f := range run.Files {
		open = append(open, f.Open()...)
	}
	return open
}

// still says at the end of the run what is left in the cloud, and how it is removed.
func (r *testRun) still(what string) {
	r.left = fmt.Sprintf("tempest: still in the cloud: %s; run: tempest cleanup --run %s", what, r.id)
}

// removeLeft removes what the ledgers hold.
func (r *testRun) removeLeft(ctx context.Context, ws *workspace, run ledger.Run, rep *result.Report) error {
	book := &cleanup.Ledgers{}
	defer book.Close()
	live, err := book.Claim(run)
	if live > 0 {
		err = errors.Join(err, fmt.Errorf("%s still has a ledger open", count(live, "process")))
	}
	for _, p := range book.Problems() {
		err = errors.Join(err, p)
	}
	if book.Empty() {
		return errors.Join(err, book.Close())
	}
	s, openErr := cloud.Open(context.WithoutCancel(ctx), ws.core)
	if openErr != nil {
		return openErr
	}
	defer s.Close()
	users, accountErr := accountsOf(ws.core, ws.config)
	err = errors.Join(err, accountErr)
	cl, openErr := cleanup.Open(ctx, cleanup.Options{
		Session: s, Table: resource.NewTable(), Accounts: users,
		Limits: cleanup.Limits{Patience: sweepPatience, Wait: sweepWait},
	})
	if openErr != nil {
		return openErr
	}
	found, unknown, findErr := cl.Find(ctx, book)
	res, removeErr := cl.Remove(ctx, found)
	unknown, settleErr := cleanup.Settle(res, unknown)
	done, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeTimeout)
	defer cancel()
	err = errors.Join(err, findErr, removeErr, settleErr, cl.Close(done), book.Close())
	r.noteLeaks(rep, res, unknown)
	if n := len(res.Left) + len(unknown); n > 0 {
		r.still(things(n))
	}
	return err
}

// noteLeaks puts into the report what tests have left, and what could not be removed.
func (r *testRun) noteLeaks(rep *result.Report, res cleanup.Result, unknown []cleanup.Unknown) {
	for _, t := range res.Removed {
		if !t.Account && t.Why == "" { // what was in an account's project went with it
			rep.Leaks = append(rep.Leaks, result.Leak{Package: t.Program, Test: t.Test, Thing: t.String()})
		}
	}
	for _, l := range res.Left {
		rep.Leaks = append(rep.Leaks, result.Leak{
			Package: l.Thing.Program, Test: l.Thing.Test, Thing: l.Thing.String(), Reason: oneLine(l.Reason.Error()),
		})
	}
	for _, u := range unknown {
		rep.Leaks = append(rep.Leaks, result.Leak{
			Package: u.Program, Test: u.Intent.Test, Thing: u.String(), Reason: oneLine(u.Reason.Error()),
		})
	}
}

// leftBefore says in a line what earlier runs have left in the cloud.
func leftBefore(core config.Core) string {
	where, err := cloud.Choose(core)
	if err != nil || where.IsEmbedded {
		return ""
	}
	folder, err := ledger.Folder()
	if err != nil {
		return ""
	}
	runs, _ := ledger.Runs(folder) // cleanup says what cannot be read
	n, last := 0, ""
	for _, run := range runs {
		here, _ := split(run, where)
		if open := openEntries(here); len(open) > 0 && !here.Live() && !living(run.ID) {
			n, last = n+len(open), run.ID
		}
	}
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("tempest: earlier runs (the last is %s) have left %s in this cloud; 'tempest cleanup' removes them",
		last, things(n))
}

// accountsOf are the users of the accounts file, if there is one. configuration is the path of the file that
// names it.
func accountsOf(core config.Core, configuration string) ([]cleanup.Account, error) {
	path := core.Auth.AccountsFile
	if path == "" {
		return nil, nil
	}
	if !filepath.IsAbs(path) && configuration != "" {
		path = filepath.Join(filepath.Dir(configuration), path)
	}
	file, err := accounts.Read(path)
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(file.Accounts, func(a, b accounts.Account) int { // who may only read comes last
		return cmp.Compare(onlyReads(a, core), onlyReads(b, core))
	})
	var users []cleanup.Account
	for _, a := range file.Accounts {
		if a.Project.IsZero() {
			continue
		}
		a.SetDomain(cloud.DefaultDomain(core))
		auth := gophercloud.AuthOptions{
			Username: a.Username, DomainID: a.UserDomain.ID, DomainName: a.UserDomain.Name, Password: a.Password,
			Scope: &gophercloud.AuthScope{ProjectID: a.Project.ID},
		}
		if auth.DomainID != "" {
			auth.DomainName = ""
		}
		if a.UserID != "" {
			auth.UserID, auth.Username, auth.DomainID, auth.DomainName = a.UserID, "", "", ""
		}
		if a.Project.ID == "" {
			auth.Scope = &gophercloud.AuthScope{
				ProjectName: a.Project.Name, DomainID: a.ProjectDomain.ID, DomainName: a.ProjectDomain.Name,
			}
		}
		users = append(users, cleanup.Account{Auth: auth, UserName: a.Who(), ProjectName: a.Project.String()})
	}
	return users, nil
}

// onlyReads is 1 for an account that has no role but that of readers, else 0.
func onlyReads(a accounts.Account, core config.Core) int {
	if len(a.Types) == 0 && len(a.Roles) == 1 && strings.EqualFold(a.Roles[0], core.Identity.ReaderRole) {
		return 1
	}
	return 0
}
