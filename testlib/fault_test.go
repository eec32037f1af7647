package testlib

import (
	"regexp"
	"slices"
	"strconv"
	"testing"
)

// Answers that make no sense fail tests; they must not end the process, which takes
// all other tests along.
func TestSenselessAnswersEndNothingButTheTest(t *testing.T) {
	t.Parallel()
	paths := map[string]string{
		"/v3/auth/tokens": "POST", "/v3/projects": "POST", "/v3/users": "POST", "/v3/roles": "GET",
		"/v3/projects/*/users/*/roles/*": "PUT", "/v3/users/*": "DELETE", "/v3/projects/*": "DELETE",
	}
	bodies := map[string]string{
		"empty object": "{}", "null": "null", "list": "[]", "nothing": "", "no JSON": "<html>",
		"nulls": `{"token": null, "project": null, "user": null, "roles": null}`,
		"empty": `{"token": {}, "project": {}, "user": {}, "roles": [{}]}`,
	}
	for path, method := range paths {
		t.Run(method+path, func(t *testing.T) {
			t.Parallel()
			for name, body := range bodies {
				for _, status := range []int{200, 201} {
					output, _ := runCase(t, "Fault", "FAULT_METHOD="+method, "FAULT_PATH="+path, "FAULT_BODY="+body,
						"FAULT_STATUS="+strconv.Itoa(status))
					results := regexp.MustCompile(`--- (FAIL|SKIP|PASS): TestCase/Fault/sub`).FindAllString(output, -1)
					if len(results) != 3 || !slices.Contains(results, "--- FAIL: TestCase/Fault/sub") {
						t.Fatalf("with status %d and %s: %q, want three, one of them failed:\n%s", status, name, results, output)
					}
				}
			}
		})
	}
}
