package result_test

import (
	"fmt"
	"strings"

	"github.com/gotempest/tempest/runner/plan"
	"github.com/gotempest/tempest/runner/result"
)

func ExampleCollector() {
	p := plan.Plan{Packages: []plan.Package{{Path: "p", Tests: []plan.Test{
		{Package: "p", Name: "TestA"}, {Package: "p", Name: "TestB"}, {Package: "p", Name: "TestC"},
	}}}}
	const stream = `{"Action":"run","Package":"p","Test":"TestA"}
{"Action":"pass","Package":"p","Test":"TestA"}
{"Action":"run","Package":"p","Test":"TestB"}
`

	c := result.NewCollector(p, result.Options{})
	if err := c.Read(strings.NewReader(stream)); err != nil {
		fmt.Println(err)
		return
	}
	r := c.Finish(result.End{Packages: []result.PackageEnd{{Path: "p", Died: "was killed by SIGKILL"}}})

	for _, t := range r.Packages[0].Results {
		fmt.Printf("%s %s %q\n", t.Name, t.Status, t.Message())
	}
	fmt.Println("exit code", r.ExitCode())
	// Output:
	// TestA passed ""
	// TestB lost "was running when the test binary was killed by SIGKILL"
	// TestC lost "did not run: the test binary was killed by SIGKILL"
	// exit code 3
}
