package main

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/gotempest/tempest/discover"
	"github.com/gotempest/tempest/runner/plan"
	"github.com/gotempest/tempest/runner/result"
)

// explainBuilds turns packages that did not build into one fault for each of
// their plugins, which says whether the plugin is to blame or the versions
// that the other requirements select. What does not compile counts before what
// go vet refuses.
func (r *testRun) explainBuilds(ctx context.Context, inv *discover.Inventory, rep *result.Report) {
	ctx, stop := cancelOn(ctx, r.signals)
	defer stop()
	vetted := map[string]plan.Fault{}
	done := map[string]bool{}
	for _, pkg := range rep.Packages {
		p := inv.Plugin(pkg.Plugin)
		if pkg.BuildOutput == "" || p == nil || done[p.Name] {
			continue
		}
		if fault, ok := discover.VetFault(p, pkg.BuildOutput); ok {
			if _, known := vetted[p.Name]; !known {
				fault.Place = pkg.Path
				vetted[p.Name] = planFault(fault)
			}
			continue
		}
		done[p.Name] = true
		why, err := discover.Explain(ctx, inv, p.Name)
		if err != nil {
			fmt.Fprintln(r.std.err, "tempest:", err)
			continue
		}
		fault := planFault(why.Fault())
		fault.Place = pkg.Path
		rep.Faults = append(rep.Faults, fault)
	}
	for _, name := range slices.Sorted(maps.Keys(vetted)) {
		if !done[name] {
			rep.Faults = append(rep.Faults, vetted[name])
		}
	}
}

// planFault is a fault as plan and reports take it.
func planFault(f discover.Fault) plan.Fault {
	return plan.Fault{
		Plugin: f.Plugin, Module: f.Module, Kind: string(f.Kind),
		Message: f.Message, Remedy: f.Remedy, Place: f.Place,
	}
}
