package main

import (
	"context"
	"fmt"

	"github.com/gotempest/tempest/discover"
	"github.com/gotempest/tempest/runner/plan"
	"github.com/gotempest/tempest/runner/result"
)

// explainBuilds turns packages that did not build into one fault for each of
// their plugins, which says whether the plugin is to blame or the versions
// that the other requirements select.
func (r *testRun) explainBuilds(ctx context.Context, inv *discover.Inventory, rep *result.Report) {
	ctx, stop := cancelOn(ctx, r.signals)
	defer stop()
	done := map[string]bool{}
	for _, pkg := range rep.Packages {
		if pkg.BuildOutput == "" || pkg.Plugin == "" || done[pkg.Plugin] {
			continue
		}
		done[pkg.Plugin] = true
		why, err := discover.Explain(ctx, inv, pkg.Plugin)
		if err != nil {
			fmt.Fprintln(r.std.err, "tempest:", err)
			continue
		}
		fault := planFault(why.Fault())
		fault.Place = pkg.Path
		rep.Faults = append(rep.Faults, fault)
	}
}

// planFault is a fault as plan and reports take it.
func planFault(f discover.Fault) plan.Fault {
	return plan.Fault{
		Plugin: f.Plugin, Module: f.Module, Kind: string(f.Kind),
		Message: f.Message, Remedy: f.Remedy, Place: f.Place,
	}
}
