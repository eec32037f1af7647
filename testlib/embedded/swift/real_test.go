//go:build tempest

package swift_test

import (
	"crypto/rand"
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/gophercloud/gophercloud/v2/openstack"
	"github.com/gophercloud/gophercloud/v2/openstack/config/clouds"
)

var record = flag.Bool("record", false, "write the transcripts of the cloud named by OS_CLOUD to testdata")

// realCloud returns the address of the identity service of the cloud that
// OS_CLOUD names, and a token of its user, who must be an administrator.
func realCloud(t *testing.T) (authURL, admin string) {
	t.Helper()
	if os.Getenv("OS_CLOUD") == "" {
		t.Skip("OS_CLOUD names no cloud")
	}
	auth, _, _, err := clouds.Parse() // certificates are checked with the system's authorities
	if err != nil {
		t.Fatal(err)
	}
	provider, err := openstack.NewClient(auth.IdentityEndpoint)
	if err != nil {
		t.Fatal(err)
	}
	if err := openstack.Authenticate(t.Context(), provider, auth); err != nil {
		t.Fatal(err)
	}
	return strings.TrimRight(provider.IdentityBase, "/") + "/v3", provider.Token()
}

// realStage makes a stage on the cloud that OS_CLOUD names.
func realStage(t *testing.T) *stage {
	t.Helper()
	authURL, admin := realCloud(t)
	return newStage(t, authURL, admin, "run-"+strings.ToLower(rand.Text()[:8])+"-")
}

// TestRealCloudAnswersAsRecorded replays the scenarios against the cloud that
// OS_CLOUD names. With -record, what it answers becomes what the embedded cloud
// is held to.
func TestRealCloudAnswersAsRecorded(t *testing.T) {
	for _, s := range scenarios(t) {
		t.Run(s.name, func(t *testing.T) {
			got := replay(t.Context(), t, s, realStage(t))
			if n := strings.Count(got, "Service Unavailable"); n > strings.Count(recorded(t, s), "Service Unavailable") {
				t.Fatalf("the cloud is too busy: %d answers say that a service is unavailable", n)
			}
			if *record {
				if err := os.WriteFile(transcriptPath(s), []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			compareTranscript(t, s, got)
		})
	}
}

// recorded is the transcript as it is, if there is one.
func recorded(t *testing.T, s scenario) string {
	t.Helper()
	data, err := os.ReadFile(transcriptPath(s))
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return string(data)
}
