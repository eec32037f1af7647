package testlib_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/projects"

	"github.com/gotempest/tempest/testlib"
)

// What does the code under test do when the service says no? The cloud itself
// is not touched.
func ExampleEnv_Inject() {
	e := testlib.Start(t, testlib.Services("identity"), testlib.Credentials(testlib.ProjectMember))
	c := e.Identity(testlib.ProjectMember)
	e.Inject(c, testlib.Fault{Method: http.MethodGet, Path: "/projects/*", Status: http.StatusConflict})

	err := projects.Get(e.Context(), c, e.Credential(testlib.ProjectMember).ProjectID).Err
	e.WantStatus("reading the project", err, http.StatusConflict)
}

// A connection that is cut off once is hidden by a retry, as on a real cloud.
// NoRetry shows it.
func ExampleEnv_Inject_cutOff() {
	e := testlib.Start(t, testlib.Services("identity"), testlib.Credentials(testlib.ProjectMember))
	id := e.Credential(testlib.ProjectMember).ProjectID
	patient, hasty := e.Identity(testlib.ProjectMember), e.Identity(testlib.ProjectMember)
	e.NoRetry(hasty)
	for _, c := range []*gophercloud.ServiceClient{patient, hasty} {
		e.Inject(c, testlib.Fault{Path: "/projects/*", Cut: true, Times: 1})
	}

	if err := projects.Get(e.Context(), patient, id).Err; err != nil {
		e.Errorf("with retries: %v", err)
	}
	if err := projects.Get(e.Context(), hasty, id).Err; !errors.Is(err, io.EOF) {
		e.Errorf("without retries: %v, want %v", err, io.EOF)
	}
}

// hasID is a check of answers: what is there has an id.
type hasID struct{}

func (hasID) Check(a testlib.Answer) error {
	var body map[string]struct{ ID string }
	if err := json.Unmarshal(a.Body, &body); err != nil {
		return err
	}
	for kind, thing := range body {
		if thing.ID == "" {
			return fmt.Errorf("the %s in the answer to %s %s has no id", kind, a.Method, a.Path)
		}
	}
	return nil
}

// Every answer that a client gets is checked. Package schema has a checker for JSON Schema.
func ExampleEnv_Validate() {
	e := testlib.Start(t, testlib.Services("identity"), testlib.Credentials(testlib.ProjectMember))
	c := e.Identity(testlib.ProjectMember)
	e.Validate(c, hasID{})

	if err := projects.Get(e.Context(), c, e.Credential(testlib.ProjectMember).ProjectID).Err; err != nil {
		e.Errorf("reading the own project: %v", err)
	}
}
