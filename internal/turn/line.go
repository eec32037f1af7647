package turn

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// line is where processes wait for each other: a file with a place for each process that has tests which wait, and
// beside it their bells. Who gives something back rings the first, who looks, and rings the next when there is more
// than it can use. Each process writes its own place only; the file is locked to find a free one.
type line struct {
	dir   string
	id    string // of this process
	heard func() // called when the bell of this process is rung

	// While this process stands in the line.
	file  *os.File
	at    int // the number of its place in the file
	bell  *bell
	place string
}

func newLine(dir string, heard func()) *line {
	//nolint:gosec // nobody must not guess it
	return &line{dir: filepath.Join(dir, "line"), id: fmt.Sprintf("%08x%08x", os.Getpid(), rand.Uint32()), heard: heard}
}

// Classes of those that wait, the first ones first.
const (
	classClosed = "0" // waits to be alone, and has closed the gate: nobody else can begin
	classAlone  = "1" // waits to be alone
	classTest   = "2"
	classApart  = "3" // waits for something else, so that the others pass
)

// rank says where a test that asked at a time stands within its class: the longest first, among equals, and among
// those that want to be alone, the first to ask.
func rank(want Want, asked time.Time) string {
	takes := max(want.Takes, 0)
	if want.Alone {
		takes = 0
	}
	return fmt.Sprintf(" %016x %016x ", math.MaxInt64-int64(takes), asked.UnixNano())
}

// stand has this process wait at a place. It reports whether it has joined the line or changed its class: then it has
// to look again, for something may have become free that nobody could tell it about.
func (l *line) stand(class, rank string) (again bool, err error) {
	before := l.place
	l.place = class + rank + l.id
	switch {
	case l.bell == nil:
		return true, l.join()
	case l.place == before:
		return false, nil
	}
	return class != before[:1], write(l.file, l.at, l.place)
}

// join finds a place in the file, and makes the bell. Who dies in between is found, and taken out, as one who has
// died later.
func (l *line) join() (err error) {
	if err = os.MkdirAll(l.dir, 0o700); err != nil {
		return err
	}
	if l.file, err = os.OpenFile(l.path(placesFile), os.O_CREATE|os.O_RDWR, 0o600); err != nil {
		return err
	}
	err = whileLocked(l.file, true, func() error {
		places, err := read(l.file)
		if err != nil {
			return err
		}
		if l.at = slices.Index(places, ""); l.at < 0 {
			l.at = len(places)
		}
		if l.bell, err = newBell(l.path(l.id), l.heard); err != nil {
			return err
		}
		return write(l.file, l.at, l.place)
	})
	if err != nil {
		l.end()
	}
	return err
}

// leave has this process wait no more. What it was told and has not heard the next one is told.
func (l *line) leave() {
	if l.bell != nil {
		_ = write(l.file, l.at, "") // if not, it is taken for one who has died
		l.end()
		l.ringFirst()
	}
}

// end closes what l has while it stands in the line.
func (l *line) end() {
	if l.bell != nil {
		l.bell.close()
	}
	_ = l.file.Close() // each place was written at once
	l.file, l.bell, l.place = nil, nil, ""
}

// The file of places, and the size of each with the spaces at its end.
const (
	placesFile = "places"
	placeSize  = 64
)

func (l *line) path(name string) string { return filepath.Join(l.dir, name) }

func write(f *os.File, at int, place string) error {
	_, err := f.WriteAt(fmt.Appendf(nil, "%-*s\n", placeSize-1, place), int64(at*placeSize))
	return err
}

// read returns the places in the file, those that are free as "".
func read(f *os.File) ([]string, error) {
	data, err := io.ReadAll(io.NewSectionReader(f, 0, math.MaxInt64))
	if err != nil {
		return nil, err
	}
	places := make([]string, len(data)/placeSize)
	for i := range places {
		places[i] = strings.TrimSpace(string(data[i*placeSize : (i+1)*placeSize]))
	}
	return places, nil
}

// places are those of all that wait, the first ones first.
func (l *line) places() []string {
	f := l.file
	if f == nil {
		var err error
		if f, err = os.Open(l.path(placesFile)); err != nil { // nobody has waited yet
			return nil
		}
		defer f.Close()
	}
	places, _ := read(f) // who cannot read it finds what is free by polling
	places = slices.DeleteFunc(places, func(place string) bool { return place == "" })
	slices.Sort(places)
	return places
}

// ahead is the place of the first other process whose test waits for what all tests need; "" when there is none.
func (l *line) ahead() string {
	for _, place := range l.places() {
		if place < classApart && place != l.place {
			return place
		}
	}
	return ""
}

// ringFirst rings the first process that waits for what all tests need.
func (l *line) ringFirst() {
	for _, place := range l.places() {
		if place >= classApart || l.ring(place) {
			return
		}
	}
}

// ringNext rings the first such process besides this one.
func (l *line) ringNext() {
	for _, place := range l.places() {
		if place != l.place && (place >= classApart || l.ring(place)) {
			return
		}
	}
}

// ringAll rings all that wait.
func (l *line) ringAll() {
	for _, place := range l.places() {
		l.ring(place)
	}
}

// ring rings the bell of the process at a place, and reports whether it was heard. Who has died is taken out.
func (l *line) ring(place string) bool {
	bell := l.path(place[strings.LastIndexByte(place, ' ')+1:])
	err := ring(bell)
	if err == nil || !errors.Is(err, fs.ErrNotExist) {
		return err == nil
	}
	f, err := os.OpenFile(l.path(placesFile), os.O_RDWR, 0)
	if err != nil {
		return false
	}
	defer f.Close()
	_ = whileLocked(f, false, func() error { // or another does it, later
		places, err := read(f)
		at := slices.Index(places, place)
		if err != nil || at < 0 {
			return err
		}
		return errors.Join(write(f, at, ""), os.Remove(bell))
	})
	return false
}
