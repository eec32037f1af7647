//go:build tempest

package objectstore_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/gotempest/tempest/testlib"
)

func TestHealthCheck(t *testing.T) {
	e := testlib.Start(t, testlib.ID("db5723b1-f25c-49a9-bfeb-7b5640caf337"), testlib.Services("object-store"),
		testlib.Credentials(testlib.ProjectOperator))
	s := operator(e).anonymous().root()

	a := s.get("healthcheck", nil)

	a.has(e, header{"Content-Type": "text/plain", "Content-Length": "2"})
	a.contains(e, []byte("OK"))
	s.want(http.StatusOK, http.MethodHead, "healthcheck", nil, nil).contains(e, nil)
}

func TestCrossDomainPolicy(t *testing.T) {
	e := testlib.Start(t, testlib.ID("d1b8b031-b622-4010-82f9-ff78a9e915c7"), testlib.Services("object-store"),
		testlib.Extension("object-store", "crossdomain"), testlib.Credentials(testlib.ProjectOperator))

	a := operator(e).anonymous().root().get("crossdomain.xml", nil)

	const start = `<?xml version="1.0"?>` + "\n" +
		`<!DOCTYPE cross-domain-policy SYSTEM "http://www.adobe.com/xml/dtds/cross-domain-policy.dtd" >` + "\n" +
		"<cross-domain-policy>\n"
	if got := string(a.Body); !strings.HasPrefix(got, start) || !strings.HasSuffix(got, "</cross-domain-policy>") {
		e.Errorf("the policy is %q, want one", got)
	}
	if a.Header.Get("Content-Length") == "" {
		e.Error("the policy has no Content-Length")
	}
}
