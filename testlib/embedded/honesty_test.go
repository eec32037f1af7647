package embedded_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestAnswersAsRecorded holds the embedded cloud to what real services answered.
// The transcripts in testdata were recorded from Keystone 22, Glance 25 and
// Swift 2.30 (Zed); TestRealCloudAnswersAsRecorded holds them to that.
func TestAnswersAsRecorded(t *testing.T) {
	t.Parallel()
	for _, s := range scenarios(t) {
		t.Run(s.service.name+"/"+s.name, func(t *testing.T) {
			t.Parallel()
			c := start(t)
			got := replay(t.Context(), t, s, targetOf(t, identity(t, c), ""), "run1")
			compareTranscript(t, s, got)
		})
	}
}

func compareTranscript(t *testing.T, s scenario, got string) {
	t.Helper()
	if dir := os.Getenv("EMBEDDED_TRANSCRIPTS"); dir != "" { // where to put what was seen, for a closer look
		if err := os.WriteFile(filepath.Join(dir, s.service.dir+s.name+".transcript"), []byte(got), 0o600); err != nil {
			t.Error(err)
		}
	}
	want, err := os.ReadFile(s.path(".transcript"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("transcript of %s differs from the recorded one (-recorded +now):\n%s", s.path(".scenario"), diff)
	}
}
