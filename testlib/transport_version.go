package testlib

import (
	"net/http"
	"strings"
)

// versionHeader carries microversions, as "compute 2.90"; a service may have an older header of its own,
// X-OpenStack-Nova-API-Version and the like, with the number alone.
//
// Source: https://specs.openstack.org/openstack/api-sig/guidelines/microversion_specification.html
const versionHeader = "Openstack-Api-Version"

// latestVersion asks for the highest microversion that the service has.
const latestVersion = "latest"

// microversionProblem says how an answer disagrees with the microversion that was asked for, "" for not at all.
// Answers that refuse the call are left alone.
func microversionProblem(r *http.Request, resp *http.Response) string {
	if resp.StatusCode >= http.StatusMultipleChoices {
		return ""
	}
	service, asked := askedVersion(r.Header)
	if asked == "" || strings.EqualFold(asked, latestVersion) {
		return ""
	}
	got := answeredVersions(resp.Header, r.Header, service)
	for _, v := range got {
		if v != asked {
			return "asked for microversion " + named(service, asked) + ", and the answer is of " + named(service, v)
		}
	}
	if len(got) == 0 {
		return "asked for microversion " + named(service, asked) + ", and the answer does not say of which it is"
	}
	return ""
}

func named(service, version string) string { return strings.TrimSpace(service + " " + version) }

// askedVersion returns what a request asks for; service is empty when only an older header says it.
func askedVersion(h http.Header) (service, version string) {
	for _, part := range listOf(h.Values(versionHeader)) {
		if service, version, ok := strings.Cut(part, " "); ok {
			return service, strings.TrimSpace(version)
		}
	}
	for name := range h {
		if olderVersionHeader(name) {
			return "", h.Get(name)
		}
	}
	return "", ""
}

// answeredVersions returns the versions that an answer names for the service. Of the older headers, those count
// that the request has too.
func answeredVersions(answer, request http.Header, service string) []string {
	var list []string
	for _, part := range listOf(answer.Values(versionHeader)) {
		of, version, ok := strings.Cut(part, " ")
		if ok && (service == "" || strings.EqualFold(of, service)) {
			list = append(list, strings.TrimSpace(version))
		}
	}
	for name := range request {
		if v := answer.Get(name); v != "" && olderVersionHeader(name) {
			list = append(list, v)
		}
	}
	return list
}

// olderVersionHeader reports whether a header is a service's own for microversions.
func olderVersionHeader(name string) bool {
	name = http.CanonicalHeaderKey(name)
	return strings.HasPrefix(name, "X-Openstack-") && strings.HasSuffix(name, "-Api-Version")
}

// listOf returns the parts of headers that are comma-separated lists.
func listOf(values []string) []string {
	var list []string
	for _, v := range values {
		for part := range strings.SplitSeq(v, ",") {
			if part = strings.TrimSpace(part); part != "" {
				list = append(list, part)
			}
		}
	}
	return list
}
