package testlib_test

import (
	"context"
	"fmt"
	"net/http"
	"sync/atomic"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/gotempest/tempest/testlib"
	"github.com/gotempest/tempest/testlib/embedded"
)

// fakeDNS simulates as much of a DNS service as the tests of a plugin need.
func fakeDNS(cloud *embedded.Cloud) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v2/zones", func(w http.ResponseWriter, r *http.Request) {
		token, err := cloud.Authenticate(r)
		if err != nil {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		fmt.Fprintf(w, `{"zones": [], "project_id": %q}`, token.ProjectID)
	})
	return mux
}

// A plugin brings a simulator of its service along, so that its tests run
// without a cloud too. Against a real cloud Fake does nothing.
func ExampleFake() {
	e := testlib.Start(t, testlib.Services("dns"), testlib.Credentials(testlib.ProjectMember),
		testlib.Fake("dns", fakeDNS))
	dns := e.Client(testlib.ProjectMember, "dns")

	var body struct {
		ProjectID string `json:"project_id"`
	}
	_, err := dns.Get(e.Context(), dns.ServiceURL("zones"), &body, &gophercloud.RequestOpts{
		OkCodes: []int{http.StatusOK},
	})
	if err != nil {
		e.Fatalf("listing zones: %v", err)
	}
	if want := e.Credential(testlib.ProjectMember).ProjectID; body.ProjectID != want {
		e.Errorf("zones of project %s, want those of %s", body.ProjectID, want)
	}
}

// DNSConfig is what the plugin adds to tempest.toml. It stands in the plugin's
// package tempestplugin, and is called Config.
type DNSConfig struct {
	DNS struct {
		// MaxAnswer is the most zones that are listed at once.
		MaxAnswer int `toml:"max_answer" default:"1000" min:"1"`
	} `toml:"dns"`
}

func ExampleConfig() {
	e := testlib.Start(t)
	o := testlib.Config[DNSConfig](e)

	e.Logf("answers are at most %d long", o.DNS.MaxAnswer)
}

// fakeTravel books a trip at one address, and knows it at another.
func fakeTravel(*embedded.Cloud) http.Handler {
	booked := &atomic.Bool{}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /agency", func(w http.ResponseWriter, _ *http.Request) {
		booked.Store(true)
		w.WriteHeader(http.StatusCreated)
		fmt.Fprint(w, `{"trip_id": "t1"}`)
	})
	mux.HandleFunc("/journeys/t1", func(w http.ResponseWriter, r *http.Request) {
		switch {
		case !booked.Load():
			w.WriteHeader(http.StatusNotFound)
		case r.Method == http.MethodDelete:
			booked.Store(false)
			w.WriteHeader(http.StatusNoContent)
		}
	})
	return mux
}

// A service with an unusual way to make and to remove a thing: with this,
// testlib notices a trip that a test leaves behind, and tempest removes it.
func ExampleResource() {
	e := testlib.Start(t, testlib.Services("time-travel"), testlib.Credentials(testlib.ProjectMember),
		testlib.Fake("time-travel", fakeTravel),
		testlib.Resource{Service: "time-travel", Type: "trip", Create: "POST /agency", ID: "trip_id",
			Delete: "DELETE /journeys/{id}"})
	c := e.Client(testlib.ProjectMember, "time-travel")

	var trip struct {
		ID string `json:"trip_id"`
	}
	if _, err := c.Post(e.Context(), c.ServiceURL("agency"), map[string]string{"to": "1969"}, &trip, nil); err != nil {
		e.Fatalf("booking a trip: %v", err)
	}
	e.Cleanup("trip "+trip.ID, func(ctx context.Context) error {
		_, err := c.Delete(ctx, c.ServiceURL("journeys", trip.ID), nil)
		return err
	})
}
