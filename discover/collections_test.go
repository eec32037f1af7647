package discover

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestMarkerCollections(t *testing.T) {
	t.Parallel()
	m := markerIn(t, "package tempestplugin\n"+goodConstants+
		"const Collections = \"trips /launches launches; trips /v2/pads ;\"\n")

	if m.problem != nil {
		t.Fatalf("problem = %+v", *m.problem)
	}
	want := []Collection{{Service: "trips", Path: "/launches", Key: "launches"}, {Service: "trips", Path: "/v2/pads"}}
	if diff := cmp.Diff(want, m.lists); diff != "" {
		t.Errorf("collections (-want +got):\n%s", diff)
	}
}
