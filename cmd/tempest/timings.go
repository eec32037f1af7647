package main

import (
	"time"

	"github.com/gotempest/tempest/runner/result"
	"github.com/gotempest/tempest/runner/timings"
)

// timingsFile is where times of tests are kept, empty for nowhere.
func (r *testRun) timingsFile() string {
	if r.flags.timings != "" {
		return r.flags.timings
	}
	file, err := timings.DefaultFile()
	if err != nil {
		return "" // no home folder
	}
	return file
}

// readTimings returns the times of earlier runs. A file that the user names must be one; the
// user's own is begun anew when it is damaged.
func (r *testRun) readTimings() (*timings.Timings, error) {
	file := r.timingsFile()
	if file == "" {
		return &timings.Timings{}, nil
	}
	t, err := timings.Load(file)
	if err != nil && r.flags.timings != "" {
		return nil, usageError{err}
	}
	return t, nil
}

// writeTimings adds this run to the file, which other runs may have changed since. That the user's own
// cannot be written costs the next run some time, and is not worth a line: the records, beside it, tell.
func (r *testRun) writeTimings(rep *result.Report) error {
	file := r.timingsFile()
	if file == "" {
		return nil
	}
	defer timings.Lock()()
	t, err := timings.Load(file)
	if err != nil && r.flags.timings != "" {
		return err
	}
	t.Add(rep, time.Now())
	if err = t.Save(file); r.flags.timings == "" {
		return nil
	}
	return err
}
