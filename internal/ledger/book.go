package ledger

import (
	"encoding/json"
	"fmt"
	"slices"
)

// book is what lines amount to.
type book struct {
	head    Head
	started bool // a line that could be read has been seen
	records []*record
	byN     map[int]*record
}

// record is an intent and what came of it.
type record struct {
	n      int
	intent Intent
	line   int
	why    string
	state  State // Perhaps, Made, or Gone for "none"
	things []Entry
}

// VersionError says that a file is of a later version than this package reads.
type VersionError struct {
	File    string
	Version int
}

// Error says what to do.
func (e *VersionError) Error() string {
	return fmt.Sprintf("%s: written by a later tempest (format %d, this one reads up to %d): use that tempest for it",
		e.File, e.Version, Version)
}

// apply takes one line in. The error says what is wrong with it.
func (b *book) apply(text []byte, number int) error {
	var l line
	if err := json.Unmarshal(text, &l); err != nil {
		return fmt.Errorf("not a line of a ledger: %w", err)
	}
	first := !b.started
	b.started = true
	if l.T == lineHead {
		return b.applyHead(text, first)
	}
	var missing error
	if first {
		missing = fmt.Errorf("the first line is %q, not %q: which run and cloud this was is not known", l.T, lineHead)
	}
	if l.N <= 0 {
		return fmt.Errorf("line %q without a number", l.T)
	}
	if l.T == lineIntent {
		if err := b.applyIntent(text, number); err != nil {
			return err
		}
		return missing
	}
	if err := b.applyOther(l, number); err != nil {
		return err
	}
	return missing
}

func (b *book) applyHead(text []byte, first bool) error {
	if !first {
		return fmt.Errorf("a second %q", lineHead)
	}
	var h headLine
	if err := json.Unmarshal(text, &h); err != nil {
		return fmt.Errorf("not the head of a ledger: %w", err)
	}
	b.head = h.Head
	if h.V > Version {
		return &VersionError{Version: h.V}
	}
	return nil
}

func (b *book) applyIntent(text []byte, number int) error {
	var l intentLine
	if err := json.Unmarshal(text, &l); err != nil {
		return fmt.Errorf("not an intent: %w", err)
	}
	if b.byN[l.N] != nil {
		return fmt.Errorf("intent %d stands here twice", l.N)
	}
	b.add(&record{n: l.N, intent: l.Intent, line: number})
	return nil
}

func (b *book) add(r *record) *record {
	if b.byN == nil {
		b.byN = map[int]*record{}
	}
	b.byN[r.n] = r
	b.records = append(b.records, r)
	return r
}

func (b *book) applyOther(l line, number int) error {
	r := b.byN[l.N]
	switch l.T {
	case lineMade:
		if r == nil { // the line of the intent was damaged, and has been reported
			r = b.add(&record{n: l.N, line: number})
		}
		return r.made(l.Things, number)
	case lineNone, lineLost, lineGoing, lineGone:
		if r == nil {
			return fmt.Errorf("%q about %d, which has no intent", l.T, l.N)
		}
	default:
		return fmt.Errorf("unknown line %q", l.T)
	}
	switch l.T {
	case lineNone:
		return r.none()
	case lineLost:
		r.why = l.Why
		return nil
	}
	return r.removed(l)
}

func (r *record) made(things []Thing, number int) error {
	if r.state != Perhaps {
		return fmt.Errorf("%q about %d, of which more is known already", lineMade, r.n)
	}
	if len(things) == 0 {
		return fmt.Errorf("%q about %d without a thing", lineMade, r.n)
	}
	r.state = Made
	for i, t := range things {
		r.things = append(r.things, Entry{Key: Key{r.n, i}, State: Made, Intent: r.intent, Thing: t, Line: number})
	}
	return nil
}

func (r *record) none() error {
	if r.state == Made {
		return fmt.Errorf("%q about %d, which made something", lineNone, r.n)
	}
	r.state = Gone
	return nil
}

// removed takes in that a thing goes or is gone. What is gone stays so.
func (r *record) removed(l line) error {
	if l.I < 0 || l.I >= len(r.things) {
		return fmt.Errorf("%q about thing %d of %d, which has %d", l.T, l.I, l.N, len(r.things))
	}
	state := Going
	if l.T == lineGone {
		state = Gone
	}
	r.things[l.I].State = max(r.things[l.I].State, state)
	return nil
}

// entries returns what the record stands for.
func (r *record) entries() []Entry {
	if r.state == Made {
		return slices.Clone(r.things)
	}
	return []Entry{{Key: Key{N: r.n}, State: r.state, Intent: r.intent, Why: r.why, Line: r.line}}
}

// entries returns all, in order.
func (b *book) entries() []Entry {
	var all []Entry
	for _, r := range b.records {
		all = append(all, r.entries()...)
	}
	return all
}

// open reports whether something is open.
func (b *book) open() bool {
	return slices.ContainsFunc(b.records, func(r *record) bool {
		return r.state == Perhaps || slices.ContainsFunc(r.things, Entry.Open)
	})
}
