package runner

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/gotempest/tempest/runner/linkcache"
	"github.com/gotempest/tempest/runner/plan"
)

// takeLinks begins to take the test binaries that p will want, as far as the last run of the same packages tells, while
// the go command loads packages. What goes wrong with it is no concern of the run.
func (r *run) takeLinks(ctx context.Context, p plan.Plan) {
	if !r.o.scripted() { // nothing would ask for them
		return
	}
	ahead, err := linkcache.New(r.o.LinkCache).Ahead(r.o.Folder.ahead(), linkWords(p, r.o))
	if err != nil {
		return
	}
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		ahead.Take(ctx, lastChange(p))
	}()
	r.ahead = func() {
		cancel()
		<-done
		if r.interrupted == "" { // else only a part of the links was asked for
			_ = ahead.Remember()
		}
	}
}

// rememberLinks ends what takeLinks began.
func (r *run) rememberLinks() {
	if r.ahead != nil {
		r.ahead()
	}
}

// linkWords say what is linked, and how.
func linkWords(p plan.Plan, o Options) []string {
	words := slices.Concat([]string{o.Dir, tags(o.Tags)}, o.GoTestArgs)
	for i := range p.Packages {
		words = append(words, p.Packages[i].Path)
	}
	slices.Sort(words[len(words)-len(p.Packages):]) // they come in the order of their times
	return words
}

// lastChange is when a file of the packages, or what there is of them, was changed for the last time.
func lastChange(p plan.Plan) time.Time {
	var last time.Time
	for i := range p.Packages {
		files, err := os.ReadDir(p.Packages[i].Dir)
		if err != nil {
			return time.Now()
		}
		paths := []string{p.Packages[i].Dir}
		for _, f := range files {
			if strings.HasSuffix(f.Name(), ".go") {
				paths = append(paths, filepath.Join(p.Packages[i].Dir, f.Name()))
			}
		}
		for _, path := range paths {
			info, err := os.Stat(path)
			if err != nil {
				return time.Now()
			}
			if info.ModTime().After(last) {
				last = info.ModTime()
			}
		}
	}
	return last
}
