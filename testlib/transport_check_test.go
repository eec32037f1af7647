package testlib

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestMicroversionOfTheAnswer(t *testing.T) {
	t.Parallel()
	const modern, nova, manila = versionHeader, "X-Openstack-Nova-Api-Version", "X-Openstack-Manila-Api-Version"
	h := func(pairs ...string) http.Header {
		out := http.Header{}
		for i := 0; i < len(pairs); i += 2 {
			out.Add(pairs[i], pairs[i+1])
		}
		return out
	}
	both := h(modern, "compute 2.90", nova, "2.90")
	tests := map[string]struct {
		request, answer http.Header
		status          int
		want            string
	}{
		"nothing asked":        {h(), h(), 200, ""},
		"as asked":             {both, h(modern, "compute 2.90", nova, "2.90"), 200, ""},
		"as asked, one header": {both, h(modern, "compute 2.90"), 200, ""},
		"older header alone":   {h(nova, "2.90"), h(nova, "2.90"), 202, ""},
		"of several services":  {both, h(modern, "placement 1.3, compute 2.90"), 200, ""},
		"latest":               {h(modern, "compute latest"), h(modern, "compute 2.96"), 200, ""},
		"refused":              {both, h(), 406, ""},
		"lower": {both, h(modern, "compute 2.1", nova, "2.1"), 200,
			"asked for microversion compute 2.90, and the answer is of compute 2.1"},
		"none": {both, h(), 201, "asked for microversion compute 2.90, and the answer does not say of which it is"},
		"of another service": {h(modern, "volume 3.50"), h(modern, "compute 3.50"), 200,
			"asked for microversion volume 3.50, and the answer does not say of which it is"},
		"older header disagrees": {h(manila, "2.70"), h(manila, "2.1"), 200,
			"asked for microversion 2.70, and the answer is of 2.1"},
		"volume header that cinder does not answer": {h(modern, "volume 3.50", "X-Openstack-Volume-Api-Version", "3.50"),
			h(modern, "volume 3.50"), 200, ""},
	}
	for name, tt := range tests {
		answer := &http.Response{StatusCode: tt.status, Header: tt.answer}
		got := microversionProblem(&http.Request{Header: tt.request}, answer)
		if got != tt.want {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
}

func TestClientsWithAMicroversionAreChecked(t *testing.T) {
	t.Parallel()
	e, _, failures := ordering(t)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("OpenStack-API-Version", "compute 2.1")
		w.Header().Set("X-Compute-Request-Id", "req-77")
	}))
	t.Cleanup(server.Close)
	c := serviceClient(e, server.URL, "project_member")
	c.Microversion = "2.90"

	if _, err := c.Get(t.Context(), c.ServiceURL("servers"), nil, nil); err != nil {
		t.Fatal(err)
	}

	want := ": GET " + server.URL +
		"/servers: 200 req-77: asked for microversion compute 2.90, and the answer is of compute 2.1"
	if len(*failures) != 1 || !strings.HasSuffix((*failures)[0], want) ||
		!strings.HasPrefix((*failures)[0], "transport_check_test.go:") {
		t.Errorf("failures = %q, want the place and %q", *failures, want)
	}
}

// checkerFunc is a function as a [Checker].
type checkerFunc func(Answer) error

func (f checkerFunc) Check(a Answer) error { return f(a) }

func TestAnswersAreChecked(t *testing.T) {
	t.Parallel()
	e, _, failures := ordering(t)
	const body = `{"server": {"id": 7}}`
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", r.Header.Get("Accept"))
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(server.Close)
	c := serviceClient(e, server.URL+"/v2.1", "project_member")
	var seen []Answer
	e.Validate(c, checkerFunc(func(a Answer) error {
		seen = append(seen, a)
		return errors.New("the token SECRETSECRETSECRET is not to be seen")
	}), checkerFunc(func(Answer) error { return nil }))
	e.session.Secrets.Learn("SECRETSECRETSECRET")

	var got struct{ Server struct{ ID int } }
	if _, err := c.Get(t.Context(), c.ServiceURL("servers", "7"), &got, nil); err != nil || got.Server.ID != 7 {
		t.Fatalf("the caller got %+v, %v", got, err)
	}

	if len(seen) != 1 || seen[0].Path != "/servers/7" || seen[0].Status != 200 || string(seen[0].Body) != body ||
		seen[0].Method != "GET" {
		t.Errorf("seen = %+v", seen)
	}
	want := fmt.Sprintf(": GET %s/v2.1/servers/7: 200: the token *** is not to be seen", server.URL)
	if len(*failures) != 1 || !strings.HasSuffix((*failures)[0], want) {
		t.Errorf("failures = %q, want %q", *failures, want)
	}

	plain := e.HTTP()
	e.ValidateHTTP(plain, checkerFunc(func(a Answer) error {
		if a.Body != nil {
			return fmt.Errorf("a download of %d bytes was read to be checked", len(a.Body))
		}
		return nil
	}))
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept", "application/octet-stream")
	resp, err := plain.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if text, err := io.ReadAll(resp.Body); err != nil || string(text) != body || len(*failures) != 1 {
		t.Errorf("download = %q, %v; failures %q", text, err, *failures)
	}
}

func TestFailuresAfterTheTestAreLost(t *testing.T) {
	t.Parallel()
	e, log, failures := ordering(t)
	e.log.close()
	e.log.errorf("too late") // testing would panic
	if len(*failures) != 0 || strings.Contains(log.String(), "too late") {
		t.Errorf("failures = %q", *failures)
	}
}

func TestChecksOfASubtestAreItsOwn(t *testing.T) {
	t.Parallel()
	group, _, ofGroup := ordering(t)
	url, _ := counting(t)
	c := serviceClient(group, url, "project_member")
	wrong := checkerFunc(func(Answer) error { return errors.New("wrong") })
	get := func() {
		if _, err := c.Get(t.Context(), c.ServiceURL("servers"), nil, nil); err != nil {
			t.Fatal(err)
		}
	}
	t.Run("subtest", func(t *testing.T) {
		sub, _, ofSubtest := ordering(t)
		sub.Validate(c, wrong)
		get()
		if len(*ofSubtest) != 1 || len(*ofGroup) != 0 {
			t.Errorf("failures of the subtest %q, of its group %q", *ofSubtest, *ofGroup)
		}
	})
	get()
	if len(*ofGroup) != 0 {
		t.Errorf("failures of the group %q, by a check of a subtest that has ended", *ofGroup)
	}
}
