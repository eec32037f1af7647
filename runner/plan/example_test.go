package plan_test

import (
	"fmt"

	"github.com/gotempest/tempest/runner/plan"
)

func ExampleSelect() {
	const path = "example.com/barbican/tests"
	all := []plan.Package{{Path: path, Plugin: "barbican", Tests: []plan.Test{
		{Package: path, Name: "TestSecrets"},
		{Package: path, Name: "TestSecrets/Read", Attributes: []string{"smoke"}},
		{Package: path, Name: "TestSecrets/Write"},
		{Package: path, Name: "TestOrders"},
	}}}

	pkgs, err := plan.Select(all, plan.Selection{Smoke: true})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, t := range pkgs[0].Tests {
		fmt.Println(t.Name, "implied:", t.Implied)
	}

	_, err = plan.Select(all, plan.Selection{Regex: []string{"Orders Containers"}})
	fmt.Println(err)
	// Output:
	// TestSecrets implied: true
	// TestSecrets/Read implied: false
	// --regex: "Containers" matches no test
}
