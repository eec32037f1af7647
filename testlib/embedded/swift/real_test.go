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

// TestRealCloudAnswersAsRecorded replays the scenarios against the cloud that
// OS_CLOUD names, whose user must be an administrator. With -record, what it
// answers becomes what the embedded cloud is held to.
func TestRealCloudAnswersAsRecorded(t *testing.T) {
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
	authURL := strings.TrimRight(provider.IdentityBase, "/") + "/v3"
	for _, s := range scenarios(t) {
		t.Run(s.name, func(t *testing.T) {
			on := newStage(t, authURL, provider.Token(), "run-"+strings.ToLower(rand.Text()[:8])+"-")
			got := replay(t.Context(), t, s, on)
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
