//go:build tempest

package embedded_test

import (
	"crypto/rand"
	"flag"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack"
	"github.com/gophercloud/gophercloud/v2/openstack/config/clouds"
)

var (
	record = flag.Bool("record", false, "write the transcripts of the cloud named by OS_CLOUD to testdata")
	seed   = flag.Uint64("seed", 0, "`number` of the random scenario; 0 means a new one")
)

// realCloud returns the cloud that OS_CLOUD names, whose user must be an
// administrator.
func realCloud(t *testing.T) target {
	t.Helper()
	if os.Getenv("OS_CLOUD") == "" {
		t.Skip("OS_CLOUD names no cloud")
	}
	auth, endpoint, _, err := clouds.Parse() // certificates are checked with the system's authorities
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
	client, err := openstack.NewIdentityV3(provider, gophercloud.EndpointOpts{})
	if err != nil {
		t.Fatal(err)
	}
	return targetOf(t, client, endpoint.Region)
}

// newRun is a name for one replay.
func newRun() string { return "run-" + strings.ToLower(rand.Text()[:8]) }

// TestRealCloudAnswersAsRecorded replays the scenarios against a real cloud.
// With -record, what it answers becomes what the embedded cloud is held to.
func TestRealCloudAnswersAsRecorded(t *testing.T) {
	cloud := realCloud(t)
	for _, s := range scenarios(t) {
		t.Run(s.service.name+"/"+s.name, func(t *testing.T) {
			got := replay(t.Context(), t, s, cloud, newRun())
			if *record {
				if err := os.WriteFile(s.path(".transcript"), []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			compareTranscript(t, s, got)
		})
	}
}

// TestRandomScenarioEndsAlike replays scenarios made by chance against both
// clouds.
func TestRandomScenarioEndsAlike(t *testing.T) {
	cloud := realCloud(t)
	number := *seed
	if number == 0 {
		number = uint64(time.Now().UnixNano())
	}
	t.Logf("repeat with -seed %d", number)
	for _, s := range []scenario{randomScenario(number), randomImages(number)} {
		t.Run(s.service.name, func(t *testing.T) {
			c := start(t)
			want := replay(t.Context(), t, s, cloud, newRun())
			got := replay(t.Context(), t, s, targetOf(t, identity(t, c), ""), newRun())
			if diff := cmp.Diff(strings.Split(want, "\n"), strings.Split(got, "\n")); diff != "" {
				t.Errorf("the clouds differ (-real +embedded):\n%s", diff)
			}
		})
	}
}
