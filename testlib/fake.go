package testlib

import (
	"net/http"

	"github.com/gotempest/tempest/internal/cloud"
	"github.com/gotempest/tempest/testlib/embedded"
)

// Fake adds a service to the embedded cloud, so that the tests of a service that
// tempest does not simulate run without a cloud. start is called once per process,
// for the first test with a fake of that type, and the handler that it returns is listed in the
// catalogue. On any other cloud Fake does nothing. It may be given to [Main].
func Fake(serviceType string, start func(*embedded.Cloud) http.Handler) MainOption {
	return fake{serviceType: cloud.ServiceType(serviceType), start: start}
}

type fake struct {
	processWide
	serviceType string
	start       func(*embedded.Cloud) http.Handler
}

func (f fake) apply(s *settings) {
	if f.start == nil {
		s.wrong("testlib.Fake(%q) has no function that starts it", f.serviceType)
	}
	s.fakes = append(s.fakes, f)
}

// fakeCount returns how many fakes have been started.
func (s *session) fakeCount() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.fakes)
}

// startFakes starts the fakes that no test has started yet.
func (e *Env) startFakes(fakes []fake) {
	e.Helper()
	s := e.session
	if s.Embedded == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range fakes {
		if s.fakes[f.serviceType] {
			continue
		}
		if _, err := s.Embedded.Handle(f.serviceType, f.serviceType, f.start(s.Embedded)); err != nil {
			e.Fatalf("starting the fake %s: %v", f.serviceType, err)
		}
		s.fakes[f.serviceType] = true
		s.ForgetAdministrator() // its catalogue lacks the new service
	}
}
