// Package supervise keeps the processes of a run under control: what a test
// starts never outlives the run, and how each test binary ended is known.
//
// Three kinds of process take part. tempest starts one guard ([Guard], through
// [StartGuard]) in a session of its own; the guard starts `go test`; and `go
// test -exec` starts one supervisor ([Exec]) for each test binary. All of them
// share the run folder, whose layout is this package's business:
//
//	jobs/       what the supervisor of each package has to do, written by [WriteJobs]
//	ends/       how each package ended, read by [ReadEnds]
//	tmp/        TMPDIR of the test binaries, one folder for each
//	lifeline    named pipe whose write end only tempest has: its end kills
//	interrupt   the same: its end asks the test binaries to stop
//	alive       locked (shared) by every supervisor as long as it lives
//	owner       the same by tempest and the guard; free in a folder that was left
//
// Any of them may be killed with SIGKILL at any time. If tempest dies, the
// guard kills everything and removes the run folder. If the guard dies, the
// kernel (on Linux) kills `go test`, and tempest ends the lifeline, at which
// the supervisors kill their test binaries. If a supervisor dies, the kernel
// kills its test binary, and what that leaves falls to the guard. If all of them
// are killed at once, the next run removes what they left ([RemoveStale]).
//
// On Linux guard and supervisors are child subreapers, so that a process which
// left its session or whose parent has ended is found all the same. Elsewhere
// only process groups are killed: a test that starts a process in another
// session can leave it behind, and what a killed supervisor or guard had started
// lives until the run ends. On Windows only the test binary itself is killed.
package supervise

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// Names in the run folder.
const (
	jobsDir       = "jobs"
	endsDir       = "ends"
	tmpDir        = "tmp"
	lifelineFile  = "lifeline"
	interruptFile = "interrupt"
	aliveFile     = "alive"
	ownerFile     = "owner"
)

// A Job is what the supervisor of one package has to do.
type Job struct {
	// Package is the import path; Dir its absolute folder, by which the
	// supervisor finds its job: it is the working directory of the test binary.
	Package string
	Dir     string

	// Filters are the values of -test.run. The test binary runs once for each;
	// one is the rule, see [Filters].
	Filters []string

	// Skip is the value of -test.skip; empty means none.
	Skip string

	// Parallel is the value of -test.parallel; 0 means that of go test.
	Parallel int

	// Timeout bounds the test binary. 0 means no bound.
	Timeout time.Duration

	// Grace is how long a test binary may take to clean up once it was
	// interrupted or has run into Timeout. 0 means that it is killed at once.
	Grace time.Duration

	// Log is the file that keeps the output; empty means none. It holds at most
	// LogLimit bytes, the beginning and the end of the output.
	Log      string
	LogLimit int64

	// Env is added to the environment of the test binary. A name without "="
	// is removed from it.
	Env []string

	// Attended says that tempest is there and holds the named pipes of the run
	// folder. A pasted go test command runs unattended.
	Attended bool
}

// Process names a process that was killed.
type Process struct {
	PID  int
	Name string
}

// State is how far the supervisor of a package came.
type State string

// States of a package. A package without any never came to its supervisor.
const (
	Running    State = "running"     // the supervisor itself was killed, when it is the last state
	Ended      State = "ended"       // the test binary has ended
	NotStarted State = "not-started" // interrupted before the test binary was started
	Broken     State = "broken"      // the test binary could not be started, see [End.Message]
)

// End is how a package ended.
type End struct {
	Package string
	State   State
	Filters []string // values of -test.run
	PID     int      // of the test binary
	Started time.Time
	Elapsed time.Duration

	// ExitCode is that of the test binary, -1 when a signal ended it, which
	// Signal then names as "SIGKILL".
	ExitCode int
	Signal   string

	// Cut is set when ExitCode is 0 although the testing package did not come to
	// its end: a test called syscall.Exit, or TestMain did not run the tests.
	Cut bool

	// Deadline is the time limit that the test binary ran into, else 0.
	Deadline time.Duration

	// Interrupted and Killed say what tempest did to the test binary.
	Interrupted bool
	Killed      bool

	// Left are the processes that were still alive when the test binary had
	// ended. They were killed, except for those that Message names.
	Left []Process

	// Message says what else went wrong, one clause after the other.
	Message string
}

// key is the name of a package's files in the run folder.
func key(dir string) string {
	sum := sha256.Sum256([]byte(filepath.Clean(dir)))
	return hex.EncodeToString(sum[:8]) + ".json"
}

// WriteJobs writes what [Exec] will read into the run folder, which must exist.
func WriteJobs(folder string, jobs []Job) error {
	for _, d := range []string{jobsDir, endsDir, tmpDir} {
		if err := os.MkdirAll(filepath.Join(folder, d), 0o700); err != nil {
			return fmt.Errorf("preparing the run folder: %w", err)
		}
	}
	for _, j := range jobs {
		dirs := []string{j.Dir}
		if real, err := filepath.EvalSymlinks(j.Dir); err == nil && real != filepath.Clean(j.Dir) {
			dirs = append(dirs, real)
		}
		for _, dir := range dirs {
			if err := writeJSON(filepath.Join(folder, jobsDir, key(dir)), j); err != nil {
				return fmt.Errorf("writing the job of %s: %w", j.Package, err)
			}
		}
	}
	return nil
}

// ReadEnds returns how the packages of a run ended, by import path. A record
// that cannot be read is left out and is part of the error.
func ReadEnds(folder string) (map[string]End, error) {
	entries, err := os.ReadDir(filepath.Join(folder, endsDir))
	if err != nil {
		return nil, fmt.Errorf("reading how the packages ended: %w", err)
	}
	var errs []error
	ends := make(map[string]End)
	for _, e := range entries {
		if filepath.Ext(e.Name()) != ".json" {
			continue // left by a supervisor that was killed while writing
		}
		var end End
		if err := readJSON(filepath.Join(folder, endsDir, e.Name()), &end); err != nil {
			errs = append(errs, fmt.Errorf("reading how a package ended: %w", err))
			continue
		}
		ends[end.Package] = end
	}
	return ends, errors.Join(errs...)
}

// findJob returns the job of the package whose folder is the working directory.
func findJob(folder string) (Job, error) {
	dir, err := os.Getwd()
	if err != nil {
		return Job{}, fmt.Errorf("finding the package: %w", err)
	}
	var j Job
	err = readJSON(filepath.Join(folder, jobsDir, key(dir)), &j)
	if errors.Is(err, fs.ErrNotExist) {
		if real, rerr := filepath.EvalSymlinks(dir); rerr == nil {
			err = readJSON(filepath.Join(folder, jobsDir, key(real)), &j)
		}
	}
	if errors.Is(err, fs.ErrNotExist) {
		return Job{}, fmt.Errorf("no test of %s is part of the run in %s", dir, folder)
	}
	if err != nil {
		return Job{}, fmt.Errorf("reading the job of %s: %w", dir, err)
	}
	return j, nil
}

// writeJSON replaces the file at path at once: a reader sees all of it or none.
func writeJSON(path string, v any) error {
	data, err := json.Marshal(v)
	if err != nil {
		return err
	}
	temp := path + ".tmp"
	if err := os.WriteFile(temp, data, 0o600); err != nil {
		return err
	}
	return os.Rename(temp, path)
}

func readJSON(path string, v any) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(data, v); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}
