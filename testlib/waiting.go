package testlib

import (
	"time"

	"github.com/gotempest/tempest/internal/cloud"
	"github.com/gotempest/tempest/testlib/wait"
)

// Wait returns how to wait for things of a service: for as long and as often as the options build_timeout and
// build_interval of its group say, [compute] for instance. Services without such options get the defaults of
// package [wait]. Each change of state goes into the log of the test.
//
//	server, err := wait.Server(e.Context(), compute, id, e.Wait("compute"), "ACTIVE")
func (e *Env) Wait(serviceType string) wait.Options {
	timeout, interval := e.building(serviceType)
	return wait.Options{Timeout: timeout, Interval: interval, Log: e.Logf}
}

// building returns build_timeout and build_interval of a service, 0 when it has none.
func (e *Env) building(serviceType string) (timeout, interval time.Duration) {
	core := &e.session.Core
	switch cloud.ServiceType(serviceType) {
	case "block-storage":
		return core.Volume.BuildTimeout, core.Volume.BuildInterval
	case "compute":
		return core.Compute.BuildTimeout, core.Compute.BuildInterval
	case "image":
		return core.Image.BuildTimeout, core.Image.BuildInterval
	case "network":
		return core.Network.BuildTimeout, core.Network.BuildInterval
	case "object-store":
		return core.ObjectStore.BuildTimeout, core.ObjectStore.BuildInterval
	}
	return 0, 0
}
