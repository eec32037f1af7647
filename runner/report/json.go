package report

import (
	"encoding/json"
	"io"
	"time"

	"github.com/gotempest/tempest/runner/plan"
	"github.com/gotempest/tempest/runner/result"
)

// Case is one line of the JSON report: a test, or what is wrong beside the tests.
// Status is passed, failed, known (a known failure), skipped, lost or unplanned; of others than tests leak, package,
// fault or run. See [Case.OfTest].
type Case struct {
	ID         string            `json:"id"`                   // import/path.TestName/sub; of a fault, plugin.kind
	Status     string            `json:"status"`               // one word
	Result     string            `json:"result,omitempty"`     // of an unplanned test: what it gave
	Plugin     string            `json:"plugin,omitempty"`     // name of the plugin, or of the main module's suite
	Module     string            `json:"module,omitempty"`     // module path
	Version    string            `json:"version,omitempty"`    // module version; absent for a folder
	Sum        string            `json:"sum,omitempty"`        // of the module, as in go.sum
	Package    string            `json:"package,omitempty"`    // import path
	Name       string            `json:"name,omitempty"`       // TestName/sub; of others, the end of the ID
	UUID       string            `json:"uuid,omitempty"`       // as declared
	Attributes []string          `json:"attributes,omitempty"` // as declared, sorted
	Services   []string          `json:"services,omitempty"`   // as declared, sorted
	File       string            `json:"file,omitempty"`       // where it is declared
	Line       int               `json:"line,omitempty"`       // where it is declared
	Started    string            `json:"started,omitempty"`    // RFC 3339, UTC; absent if it never started
	Elapsed    float64           `json:"elapsed"`              // seconds, without those that it waited
	Waited     float64           `json:"waited,omitempty"`     // seconds that it waited for its place in the run
	Message    string            `json:"message,omitempty"`    // why it did not pass
	Remedy     string            `json:"remedy,omitempty"`     // of a fault
	Output     string            `json:"output,omitempty"`     // of a test that did not pass
	Cut        int64             `json:"cut,omitempty"`        // bytes missing in the middle of output
	Attrs      map[string]string `json:"attrs,omitempty"`      // what the test set with T.Attr, unless declared
	Artifacts  []string          `json:"artifacts,omitempty"`  // folders of T.ArtifactDir
	Repeats    int               `json:"repeats,omitempty"`    // further results it gave
	Extra      bool              `json:"extra,omitempty"`      // not of the plan, below a test that is
	Cloud      string            `json:"cloud,omitempty"`      // what it ran against, in words
}

// Statuses of a case that is no result of a test.
const (
	statusLeak    = "leak"    // something that a test left in the cloud
	statusPackage = "package" // something wrong with a package that no test of it shows
	statusFault   = "fault"   // of a plugin
	statusRun     = "run"     // something wrong with the whole run
)

// BesideTests says whether the case is about the run, a package or a plugin: something was wrong that no test shows.
func (c *Case) BesideTests() bool {
	return c.Status == statusPackage || c.Status == statusFault || c.Status == statusRun
}

// OfTest says whether the case is the result of a test.
func (c *Case) OfTest() bool {
	switch c.Status {
	case statusLeak, statusPackage, statusFault, statusRun:
		return false
	}
	return true
}

// JSON writes one [Case] a line: every test of the plan once, in its order by
// package, each package followed by its unplanned tests and by what is wrong with itself; leaks, faults and what is
// wrong with the run at the end. What is an error in [JUnit] is a line here.
func JSON(w io.Writer, r *result.Report) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	for i := range r.Packages {
		p := &r.Packages[i]
		for j := range p.Results {
			if err := enc.Encode(newCase(r, p, &p.Results[j])); err != nil {
				return err
			}
		}
		for j := range p.Unplanned {
			c := newCase(r, p, &p.Unplanned[j])
			c.Result, c.Status, c.Extra = c.Status, "unplanned", false
			if err := enc.Encode(c); err != nil {
				return err
			}
		}
		if countPackage(p).own {
			if err := enc.Encode(packageCaseOf(r, p)); err != nil {
				return err
			}
		}
	}
	return encodeRest(enc, r)
}

// encodeRest writes what belongs to no package.
func encodeRest(enc *json.Encoder, r *result.Report) error {
	for _, l := range r.Leaks {
		if err := enc.Encode(leakCase(l)); err != nil {
			return err
		}
	}
	for _, f := range r.Faults {
		if err := enc.Encode(faultCase(f)); err != nil {
			return err
		}
	}
	for _, c := range runCases(r) {
		line := Case{ID: statusRun + "." + c.name, Status: statusRun, Name: c.name, Message: c.message}
		if err := enc.Encode(line); err != nil {
			return err
		}
	}
	return nil
}

func newCase(rep *result.Report, p *result.PackageResult, r *result.Result) Case {
	c := Case{
		ID: p.Path + "." + r.Name, Status: r.Status.String(),
		Plugin: p.Plugin, Module: p.Module, Version: p.Version, Sum: p.Sum, Package: p.Path, Name: r.Name,
		Elapsed: r.Own().Seconds(), Waited: r.Waited().Seconds(), Extra: r.Extra(), Cloud: rep.Cloud,
	}
	if t := r.Test; t != nil {
		c.UUID, c.Attributes, c.Services, c.File, c.Line = t.UUID, t.Attributes, t.Services, t.File, t.Line
	}
	if t := r.Started(); !t.IsZero() {
		c.Started = t.Format(time.RFC3339Nano)
	}
	d := r.Detail
	if d == nil {
		return c
	}
	c.Message, c.Output, c.Cut, c.Artifacts, c.Repeats = d.Message, d.Output, d.Cut, d.Artifacts, d.Repeats
	if len(d.Attrs) > 0 {
		c.Attrs = make(map[string]string, len(d.Attrs))
		for _, a := range d.Attrs {
			c.Attrs[a.Key] = a.Value
		}
	}
	return c
}

// packageCaseOf is what is wrong with a package that no test of it shows.
func packageCaseOf(rep *result.Report, p *result.PackageResult) Case {
	return Case{
		ID: p.Path + "." + packageCase, Status: statusPackage,
		Plugin: p.Plugin, Module: p.Module, Version: p.Version, Sum: p.Sum, Package: p.Path, Name: packageCase,
		Message: p.Message, Output: joinTexts(p.BuildOutput, p.Output), Cloud: rep.Cloud,
	}
}

func faultCase(f plan.Fault) Case {
	return Case{
		ID: f.Plugin + "." + f.Kind, Status: statusFault, Plugin: f.Plugin, Module: f.Module,
		Name: f.Kind, File: f.Place, Message: f.Message, Remedy: f.Remedy,
	}
}

func leakCase(l result.Leak) Case {
	return Case{
		ID: l.Package + "." + l.Test, Status: statusLeak, Package: l.Package, Name: l.Test, Message: l.Text(),
	}
}
