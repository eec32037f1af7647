package testlib

import (
	"cmp"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"github.com/gotempest/tempest/internal/calls"
	"github.com/gotempest/tempest/internal/protocol"
)

// callFile is the call log of the process. The zero value keeps none. Nothing that goes wrong with it stops a
// test: it is told once, in the log of a test.
type callFile struct {
	writer *calls.Writer // nil for none

	mu      sync.Mutex
	problem error // still to be told
}

// openCalls begins the call log of the process in the folder that tempest or else the configuration names, if
// one does.
func (s *session) openCalls() {
	dir := cmp.Or(os.Getenv(protocol.EnvCalls), s.Core.Log.Calls)
	if dir == "" {
		return
	}
	if !filepath.IsAbs(dir) && s.values.Path() != "" {
		dir = filepath.Join(filepath.Dir(s.values.Path()), dir)
	}
	s.calls.writer, s.calls.problem = calls.Create(dir, calls.Head{
		Run: os.Getenv(protocol.EnvRun), Program: program(), Cloud: s.Secrets.Text(s.place()), Time: time.Now().UTC(),
		BodyLimit: s.Core.Log.BodyLimit,
	}, s.Secrets)
	if s.calls.writer != nil {
		s.Secrets.Watch(s.calls.erase)
	}
}

// place says which cloud the tests run against.
func (s *session) place() string {
	switch {
	case s.Cloud.IsEmbedded:
		return "the embedded cloud"
	case s.Cloud.Name == "":
		return s.Cloud.Auth.IdentityEndpoint
	}
	return s.Cloud.Name + " at " + s.Cloud.Auth.IdentityEndpoint
}

// kept reports whether calls are written.
func (f *callFile) kept() bool { return f.writer != nil }

// add writes a call, nil for none. The error is something to tell, each once.
func (f *callFile) add(c *calls.Call, generation uint64) error {
	if c != nil {
		if err := f.writer.Call(c, generation); err != nil {
			return err
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	err := f.problem
	f.problem = nil
	return err
}

// erase removes a secret that has just become known from what is written already.
func (f *callFile) erase(forms []string) {
	if err := f.writer.Erase(forms); err != nil {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.problem = err
	}
}

// program returns the import path of the package whose tests these are.
func program() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	return strings.TrimSuffix(info.Path, ".test")
}
