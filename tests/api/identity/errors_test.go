//go:build tempest

package identity_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/projects"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/tokens"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/users"

	"github.com/gotempest/tempest/testlib"
)

// checkError checks that err is an answer of the given status in the form that all
// errors of the service have, and returns its message.
//
// Source: https://docs.openstack.org/api-ref/identity/v3/#http-api
func checkError(e *testlib.Env, err error, status int) string {
	e.Helper()
	refused, ok := errors.AsType[gophercloud.ErrUnexpectedResponseCode](err)
	if !ok || refused.Actual != status {
		e.Fatalf("error = %v, want an answer of status %d", err, status)
	}
	if got := refused.ResponseHeader.Get("Content-Type"); !strings.HasPrefix(got, "application/json") {
		e.Errorf("content type = %q, want application/json", got)
	}
	var body struct {
		Error struct {
			Code           int
			Title, Message string
		} `json:"error"`
	}
	if err := json.Unmarshal(refused.Body, &body); err != nil {
		e.Fatalf("body = %s: %v", refused.Body, err)
	}
	if body.Error.Code != status || body.Error.Title != http.StatusText(status) || body.Error.Message == "" {
		e.Errorf("body = %s, want code %d, title %q and a message", refused.Body, status, http.StatusText(status))
	}
	return body.Error.Message
}

func TestErrorBody(t *testing.T) {
	e := testlib.Start(t, testlib.ID("d036e3f1-05ca-43d3-b0ae-3311c9da3f5a"), testlib.Services("identity"),
		testlib.Negative, testlib.Credentials(testlib.ProjectAdmin, testlib.ProjectReader))

	e.Run("BadRequest", func(e *testlib.Env) {
		admin := e.Identity(testlib.ProjectAdmin)
		_, err := admin.Post(e.Context(), admin.ServiceURL("projects"),
			map[string]any{"project": map[string]any{}}, nil, nil)
		if got := checkError(e, err, http.StatusBadRequest); !strings.Contains(got, "'name' is a required property") {
			e.Errorf("message = %q, want the missing property named", got)
		}
	}, testlib.ID("0ecb7321-721a-4307-a745-aa299763bcd3"), testlib.Negative)

	e.Run("Unauthorized", func(e *testlib.Env) {
		err := users.Get(e.Context(), anonymous(e), "any").Err
		checkError(e, err, http.StatusUnauthorized)
		refused, _ := errors.AsType[gophercloud.ErrUnexpectedResponseCode](err)
		form := regexp.MustCompile(`^Keystone uri="https?://[^"]*/v3"$`)
		if got := refused.ResponseHeader.Get("WWW-Authenticate"); !form.MatchString(got) {
			e.Errorf("WWW-Authenticate = %s, want one like %s", got, form)
		}
	}, testlib.ID("ebaeff0c-4287-4bae-82ba-bf1070ee18e0"), testlib.Negative)

	e.Run("Forbidden", func(e *testlib.Env) {
		_, err := users.List(e.Identity(testlib.ProjectReader), nil).AllPages(e.Context())
		if got := checkError(e, err, http.StatusForbidden); !strings.Contains(got, "identity:list_users") {
			e.Errorf("message = %q, want the policy named", got)
		}
	}, testlib.ID("a664ef4b-2319-4fb2-914a-6ee7bffe2258"), testlib.Negative)

	e.Run("NotFound", func(e *testlib.Env) {
		admin := e.Identity(testlib.ProjectAdmin)
		id := e.Name("none")
		err := projects.Get(e.Context(), admin, id).Err
		if got := checkError(e, err, http.StatusNotFound); !strings.Contains(got, id) {
			e.Errorf("message = %q, want %s named", got, id)
		}
	}, testlib.ID("09b2f9b7-b8d4-4f87-9585-6534f8c49234"), testlib.Negative)

	e.Run("Conflict", func(e *testlib.Env) {
		first := newProject(e, projects.CreateOpts{})
		_, err := createProject(e, projects.CreateOpts{Name: first.Name})
		if got := checkError(e, err, http.StatusConflict); !strings.Contains(got, first.Name) {
			e.Errorf("message = %q, want %s named", got, first.Name)
		}
	}, testlib.ID("2c94aa89-5e27-45e3-9ed3-f3b802ba8d19"), testlib.Negative)
}

func TestErrorTellsNothingOfUsers(t *testing.T) {
	e := testlib.Start(t, testlib.ID("74199183-bf24-4990-9dd5-e01382ceecef"), testlib.Services("identity"),
		testlib.Negative, testlib.Credentials(testlib.ProjectMember))
	me := e.Credential(testlib.ProjectMember)
	message := func(name string) string {
		return checkError(e, tokens.Create(e.Context(), anonymous(e), &tokens.AuthOptions{
			Username: name, DomainID: me.DomainID, Password: "wrong",
		}).Err, http.StatusUnauthorized)
	}

	known, unknown := message(me.UserName), message(e.Name("nobody"))

	if known != unknown {
		e.Errorf("message for a user that exists = %q, for one that does not = %q, want the same", known, unknown)
	}
}

func TestErrorOfMalformedBody(t *testing.T) {
	e := testlib.Start(t, testlib.ID("39d40013-8fa5-40c4-81c3-30ff976ec0f6"), testlib.Services("identity"),
		testlib.Negative, testlib.Credentials(testlib.ProjectAdmin))
	admin := e.Identity(testlib.ProjectAdmin)

	for _, body := range []string{"{", "name=project", `["project"]`} {
		_, err := admin.Request(e.Context(), "POST", admin.ServiceURL("projects"), &gophercloud.RequestOpts{
			RawBody:     strings.NewReader(body),
			MoreHeaders: map[string]string{"Content-Type": "application/json"},
			OkCodes:     []int{http.StatusCreated},
		})
		checkError(e, err, http.StatusBadRequest)
	}
}

func TestErrorOfUnknownAddress(t *testing.T) {
	e := testlib.Start(t, testlib.ID("0ae97b65-2f9b-4c0c-9bfc-d6e33b094b0e"), testlib.Services("identity"),
		testlib.Negative, testlib.Credentials(testlib.ProjectAdmin))
	admin := e.Identity(testlib.ProjectAdmin)

	_, err := admin.Get(e.Context(), admin.ServiceURL(e.Name("none")), nil, nil)
	e.WantStatus("reading an unknown address", err, http.StatusNotFound)
	_, err = admin.Put(e.Context(), admin.ServiceURL("users"), nil, nil, nil)
	e.WantStatus("putting to a list", err, http.StatusMethodNotAllowed)
}

func TestRequestIDs(t *testing.T) {
	e := testlib.Start(t, testlib.ID("85244185-d920-4f85-8c70-f0b47560f4cf"), testlib.Services("identity"),
		testlib.Smoke, testlib.Credentials(testlib.ProjectReader))
	me := e.Credential(testlib.ProjectReader)
	client := e.Identity(testlib.ProjectReader)
	// The form that oslo.middleware gives.
	form := regexp.MustCompile(`^req-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)
	seen := map[string]bool{}
	check := func(what string, header http.Header) {
		e.Helper()
		id := header.Get("X-Openstack-Request-Id")
		if !form.MatchString(id) || seen[id] {
			e.Errorf("request id of %s = %q, want a new one like %s", what, id, form)
		}
		seen[id] = true
	}

	check("a version", versionHeader(e))
	check("a good call", users.Get(e.Context(), client, me.UserID).Header)
	check("another", users.Get(e.Context(), client, me.UserID).Header)
	refused, _ := errors.AsType[gophercloud.ErrUnexpectedResponseCode](users.Get(e.Context(), client, "none").Err)
	check("a call that is refused", refused.ResponseHeader)
	refused, _ = errors.AsType[gophercloud.ErrUnexpectedResponseCode](users.Get(e.Context(), anonymous(e), "none").Err)
	check("a call without token", refused.ResponseHeader)
}

// versionHeader returns the header of the version's description.
func versionHeader(e *testlib.Env) http.Header {
	e.Helper()
	resp, err := anonymous(e).Get(e.Context(), e.AuthURL(), nil, nil)
	if err != nil {
		e.Fatalf("asking for the version: %v", err)
	}
	return resp.Header
}
