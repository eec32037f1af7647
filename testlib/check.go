package testlib

import (
	"errors"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/gotempest/tempest/internal/cloud"
	"github.com/gotempest/tempest/testlib/config"
)

// checkSwitches skips the test when [service_available] switches one of its services off.
func (e *Env) checkSwitches(types []string) {
	e.Helper()
	for _, t := range types {
		option := config.ServiceGroup(t)
		if wanted, set := e.session.values.LookupBool("service_available", option); set && !wanted {
			e.Skipf("[service_available] %s is false", option)
		}
	}
}

// checkServices skips the test when the catalogue lacks one of its services. That it lacks
// what the configuration promises is an error.
func (e *Env) checkServices(types []string) {
	e.Helper()
	for _, t := range types {
		err := e.hasService(t)
		if err == nil {
			continue
		}
		option := config.ServiceGroup(t)
		_, set := e.session.values.LookupBool("service_available", option)
		var missing *gophercloud.ErrEndpointNotFound
		switch {
		case !errors.As(err, &missing):
			e.Fatal(err)
		case set:
			e.Fatalf("[service_available] %s is true, but the catalogue has no service %s%s", option, t, e.session.Where())
		case t == cloud.Identity: // which has just been used: something is wrong, and must not pass as a skip
			e.Fatalf("the catalogue has no service %s%s; set service_available.%s = false if that is right",
				t, e.session.Where(), option)
		default:
			e.Skipf("needs the service %s, which the catalogue does not have%s", t, e.session.Where())
		}
	}
}
