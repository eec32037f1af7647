package cleanup

import (
	"testing"
	"time"

	"github.com/gotempest/tempest/internal/ledger"
	"github.com/gotempest/tempest/internal/resource"
)

// What a service makes behind what a test has asked for has no name, or one that others may have: project and time
// tell it from what was there.
func TestWhatIsMadeBehindARequest(t *testing.T) {
	t.Parallel()
	kind, ok := resource.NewTable().Type("block-storage", "volume")
	if !ok {
		t.Fatal("the table has no volumes")
	}
	now := time.Date(2026, 5, 4, 3, 2, 1, 0, time.UTC)
	volume := ledger.Intent{Behind: "POST http://nova/servers", Project: "p", Ends: "-blank-vol", Time: now}
	named := ledger.Intent{Behind: "POST http://nova/servers/s/action", Project: "p", Name: "snapshot for x", Time: now}
	for name, tt := range map[string]struct {
		in      ledger.Intent
		thing   Thing
		want    bool
		wantErr bool
	}{
		"without a name":        {in: volume, thing: Thing{Project: "p", Made: now}, want: true},
		"with the ending":       {in: volume, thing: Thing{Name: "s-blank-vol", Project: "p", Made: now}, want: true},
		"with a name":           {in: volume, thing: Thing{Name: "mine", Project: "p", Made: now}},
		"in another project":    {in: volume, thing: Thing{Project: "q", Made: now}},
		"there before":          {in: volume, thing: Thing{Project: "p", Made: now.Add(-10 * time.Second)}},
		"made much later":       {in: volume, thing: Thing{Project: "p", Made: now.Add(time.Hour)}},
		"nobody knows when":     {in: volume, thing: Thing{Project: "p"}, wantErr: true},
		"its name":              {in: named, thing: Thing{Name: "snapshot for x", Project: "p", Made: now}, want: true},
		"no name, but it has":   {in: named, thing: Thing{Project: "p", Made: now}},
		"its name, from before": {in: named, thing: Thing{Name: "snapshot for x", Project: "p", Made: now.Add(-time.Minute)}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := couldBe(&tt.thing, kind, tt.in)
			if got != tt.want || (err != nil) != tt.wantErr {
				t.Errorf("couldBe = %v, %v, want %v, error %v", got, err, tt.want, tt.wantErr)
			}
		})
	}
}

// A ledger leaves out the method of a removal that a list spells out: it is one thing nevertheless.
func TestOneThingOfALedgerAndAList(t *testing.T) {
	t.Parallel()
	noted := recorded(ledger.Head{}, ledger.Entry{Thing: ledger.Thing{Service: network, ID: "n1", Path: "/networks/n1"}})
	kind, ok := resource.NewTable().Type(network, "network")
	if !ok {
		t.Fatal("the table has no networks")
	}
	listed, err := newThing(kind, []byte(`{"id":"n1","name":"net","project_id":"p"}`))
	if err != nil {
		t.Fatal(err)
	}

	if got := merge([]*Thing{noted, listed}); len(got) != 1 {
		t.Errorf("merge left %d things, want one: keys %q and %q", len(got), noted.key(), listed.key())
	}
}
