package cleanup

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/gotempest/tempest/internal/cloud"
	"github.com/gotempest/tempest/internal/ledger"
)

// Ledgers are the ledgers of runs whose things are to be removed.
type Ledgers struct {
	files  []*file
	things []*Thing
	open   []perhaps
}

// file is one ledger file. Without a claim it is only read.
type file struct {
	ledger.File
	claimed *ledger.Claimed
}

// source is an entry of a file.
type source struct {
	file *file
	key  ledger.Key
}

// perhaps is an entry of which is not known whether it stands for anything.
type perhaps struct {
	source
	entry ledger.Entry
}

// SameCloud reports whether a ledger is about the cloud of a session: the same identity service and region.
func SameCloud(of ledger.Cloud, c cloud.Cloud) bool {
	return authURL(of.AuthURL) == authURL(c.Auth.IdentityEndpoint) && of.Region == c.Endpoint.Region
}

// authURL is the address of an identity service without what may be left out.
func authURL(s string) string {
	s = strings.TrimRight(s, "/")
	return strings.TrimSuffix(s, "/v3")
}

// Claim locks the ledger files of a run and reads them. Files of processes that still run, and those
// that another cleanup has, are left out: live says how many. The error joins what cannot be read.
func (l *Ledgers) Claim(run ledger.Run) (live int, err error) {
	var errs []error
	for _, f := range run.Files {
		claimed, err := ledger.Claim(f.Path)
		switch {
		case errors.Is(err, ledger.ErrLive):
			live++
		case err != nil:
			errs = append(errs, err)
		default:
			l.add(&file{claimed.File(), claimed})
		}
	}
	return live, errors.Join(errs...)
}

// Read takes the ledger files of a run as they were read, without locking them.
func (l *Ledgers) Read(run ledger.Run) (live int) {
	for _, f := range run.Files {
		if f.Live {
			live++
			continue
		}
		l.add(&file{File: f})
	}
	return live
}

// Watch takes the ledger files of a run that are being written, or all of a run that goes on: of things that must be
// left alone.
func (l *Ledgers) Watch(run ledger.Run, living bool) {
	for _, f := range run.Files {
		if living || f.Live {
			l.add(&file{File: f})
		}
	}
}

func (l *Ledgers) add(f *file) {
	l.files = append(l.files, f)
	for _, e := range f.Open() {
		from := source{f, e.Key}
		if e.State == ledger.Perhaps {
			l.open = append(l.open, perhaps{from, e})
			continue
		}
		t := recorded(f.Head, e)
		t.from = []source{from}
		l.things = append(l.things, t)
	}
}

// Empty reports whether the ledgers hold nothing.
func (l *Ledgers) Empty() bool { return len(l.things) == 0 && len(l.open) == 0 }

// Problems are the lines that cannot be read.
func (l *Ledgers) Problems() []ledger.Problem {
	var all []ledger.Problem
	for _, f := range l.files {
		all = append(all, f.Problems...)
	}
	return all
}

// Unknown is a request whose answer was never seen, and of which cannot be found out what it has made.
type Unknown struct {
	Program string // import path of the package whose test sent it
	Intent  ledger.Intent
	Reason  error
	source  source
}

// String says which request it was.
func (u Unknown) String() string {
	what := u.Intent.Type
	if what == "" {
		what = "something"
	}
	if u.Intent.Name != "" {
		what += fmt.Sprintf(" %q", u.Intent.Name)
	}
	return fmt.Sprintf("perhaps %s (%s %s)", what, u.Intent.Method, u.Intent.URL)
}

// Find returns what the ledgers hold, and what of it cannot be known. Requests without an answer are looked after
// in the cloud; what is found out is written down in claimed files.
func (c *Cleaner) Find(ctx context.Context, l *Ledgers) (things []*Thing, unknown []Unknown, err error) {
	for _, t := range l.things {
		c.complete(t)
	}
	found, err := parallel(ctx, l.open, func(ctx context.Context, p perhaps) ([]answerTo, error) {
		things, err := c.lookUntilSettled(ctx, p.entry.Intent)
		return []answerTo{{p, things, err}}, nil
	})
	if err != nil {
		return nil, nil, err
	}
	things = l.things
	var errs []error
	for _, a := range found {
		if a.err != nil {
			unknown = append(unknown, Unknown{a.file.Head.Program, a.entry.Intent, a.err, a.source})
			continue
		}
		for i, t := range a.things {
			t.Run, t.Program, t.Test = a.file.Head.Run, a.file.Head.Program, a.entry.Intent.Test
			t.Account = a.entry.Intent.Kind == ledger.KindAccount
			t.from = []source{{a.file, ledger.Key{N: a.key.N, I: i}}}
		}
		errs = append(errs, a.note())
		things = append(things, a.things...)
	}
	return ordered(merge(things)), unknown, errors.Join(errs...)
}

// lookUntilSettled looks for what a request has made, until it is found or the cloud must have carried it out: a killed
// process does not take back what is on its way.
func (c *Cleaner) lookUntilSettled(ctx context.Context, in ledger.Intent) ([]*Thing, error) {
	pause := firstPause
	for {
		left := c.o.Limits.withDefaults().Settle - time.Since(in.Time)
		things, err := c.cloud.lookFor(ctx, in)
		if err != nil && !errors.Is(err, errNoName) || len(things) > 0 || left <= 0 || c.o.ReadOnly {
			return things, err
		}
		if sleep(ctx, min(pause, left)); ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		pause = min(2*pause, longestPause)
	}
}

// answerTo is what became of a request whose answer was never seen.
type answerTo struct {
	perhaps

	things []*Thing
	err    error
}

// note writes down what was found out.
func (a answerTo) note() error {
	if a.file.claimed == nil {
		return nil
	}
	if len(a.things) == 0 {
		return a.file.claimed.None(a.key.N)
	}
	made := make([]ledger.Thing, len(a.things))
	for i, t := range a.things {
		made[i] = t.record()
	}
	return a.file.claimed.Made(a.key.N, made...)
}

// complete adds what the table says of the type.
func (c *Cleaner) complete(t *Thing) {
	if kind, ok := c.o.Table.Type(t.Service, t.Type); ok { // not of what one service has made in another
		t.scoped, t.part = kind.Scoped, kind.Part
	}
}

// Settle closes requests of which is not known what they have made, and whose project is gone. The others are
// returned.
func Settle(r Result, unknown []Unknown) (left []Unknown, err error) {
	var errs []error
	projects := map[string]bool{}
	for _, t := range r.Removed {
		projects[t.ID] = projects[t.ID] || t.removes(identity, "projects")
	}
	for _, u := range unknown {
		if !projects[u.Intent.Project] {
			left = append(left, u)
			continue
		}
		if claimed := u.source.file.claimed; claimed != nil {
			errs = append(errs, claimed.None(u.source.key.N))
		}
	}
	return left, errors.Join(errs...)
}

// Close gives the claimed files up.
func (l *Ledgers) Close() error {
	var errs []error
	for _, f := range l.files {
		if f.claimed != nil {
			errs = append(errs, f.claimed.Close())
			f.claimed = nil
		}
	}
	return errors.Join(errs...)
}

// crossOff writes down that the thing is gone.
func (t *Thing) crossOff() error {
	var errs []error
	for _, s := range t.from {
		if s.file.claimed != nil {
			errs = append(errs, s.file.claimed.Gone(s.key))
		}
	}
	t.from = nil
	return errors.Join(errs...)
}
