package apicheck

import (
	"errors"
	"flag"
	"fmt"
	"go/types"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gotempest/tempest/testlib/config"
)

//go:generate go test -run TestAPIIsTheRecordedOne|TestReferenceIsCurrent -update

const (
	module  = "github.com/gotempest/tempest"
	root    = "../.." // of the module, seen from here
	record  = "api"   // folder of the record
	options = "options"
	header  = "// The API of %s, as code that uses it sees it.\n" +
		"// Written by: go generate ./internal/apicheck\n\n"
)

// unstable are the packages below testlib that docs/stability.md leaves out.
var unstable = []string{
	module + "/testlib/embedded/glance", // how the embedded cloud is made
	module + "/testlib/embedded/jsonschema",
	module + "/testlib/embedded/keystone",
	module + "/testlib/embedded/oslopolicy",
	module + "/testlib/embedded/swift",
}

var (
	update   = flag.Bool("update", false, "write the record, when no change is incompatible")
	breaking = flag.Bool("breaking", false, "with -update: write the record in any case")
)

// The API is compared with the record, so that nobody changes it unseen.
func TestAPIIsTheRecordedOne(t *testing.T) {
	now, changes, err := compareWithRecord()
	if err != nil {
		t.Fatal(err)
	}
	broken := slices.ContainsFunc(changes, func(c Change) bool { return !c.Compatible })
	if *update && (!broken || *breaking) {
		if err := writeRecord(now); err != nil {
			t.Fatal(err)
		}
		return
	}
	for _, c := range changes {
		if c.Compatible {
			t.Errorf("compatible: %s", c)
		} else {
			t.Errorf("INCOMPATIBLE: %s", c)
		}
	}
	switch {
	case broken:
		t.Error("docs/stability.md promises that code which compiles still does. Mend it; or, where the promise allows " +
			"the change, renew the record: go test ./internal/apicheck -run TestAPIIsTheRecordedOne -update -breaking")
	case len(changes) > 0:
		t.Error("renew the record, so that a review sees it: go generate ./internal/apicheck")
	}
}

// The promise names what it leaves out.
func TestPromiseNamesWhatIsUnstable(t *testing.T) {
	page, err := os.ReadFile(filepath.Join(root, "docs", "stability.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range unstable {
		if short := strings.TrimPrefix(path, module+"/"); !strings.Contains(string(page), "`"+short+"`") {
			t.Errorf("docs/stability.md does not name %s", short)
		}
	}
}

// compareWithRecord returns the API of the working tree as the record writes
// it, and what is different from the record.
func compareWithRecord() (now API, changes []Change, err error) {
	before, err := readRecord()
	if err != nil {
		return nil, nil, err
	}
	optionsBefore := before[options]
	delete(before, options)

	needed, err := before.Imports()
	if err != nil {
		return nil, nil, err
	}
	loaded, err := Load(root, append(needed, "./testlib/...")...)
	if err != nil {
		return nil, nil, err
	}
	var stable []*types.Package
	for _, pkg := range loaded {
		if isStable(pkg.Path()) {
			stable = append(stable, pkg)
		}
	}
	if now, err = Reduce(module, stable); err != nil {
		return nil, nil, err
	}
	if needed, err = now.Imports(); err != nil {
		return nil, nil, err
	}
	needed = slices.DeleteFunc(needed, func(path string) bool {
		_, err := Outside(loaded).Import(path)
		return err == nil
	})
	more, err := Load(root, needed...)
	if err != nil {
		return nil, nil, err
	}
	if changes, err = Compare(before, now, Outside(append(loaded, more...))); err != nil {
		return nil, nil, err
	}

	groups, err := config.CoreGroups()
	if err != nil {
		return nil, nil, err
	}
	now[options] = Options(groups)
	optionChanges, err := CompareOptions(optionsBefore, now[options])
	return now, append(changes, optionChanges...), err
}

// isStable reports whether the promise of docs/stability.md holds for a package.
func isStable(path string) bool {
	return strings.HasPrefix(path+"/", module+"/testlib/") && !strings.Contains(path+"/", "/internal/") &&
		!slices.Contains(unstable, path)
}

// readRecord returns the record. Options stand under their name in it.
func readRecord() (API, error) {
	files, err := os.ReadDir(record)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("reading the record: %w", err)
	}
	api := API{}
	for _, file := range files {
		data, err := os.ReadFile(filepath.Join(record, file.Name()))
		if err != nil {
			return nil, fmt.Errorf("reading the record: %w", err)
		}
		name := strings.TrimSuffix(file.Name(), ".txt")
		if name != options {
			name = module + "/" + strings.ReplaceAll(name, ".", "/")
		}
		api[name] = string(data)
	}
	return api, nil
}

// writeRecord replaces the record.
func writeRecord(api API) error {
	if err := os.RemoveAll(record); err != nil {
		return fmt.Errorf("writing the record: %w", err)
	}
	if err := os.Mkdir(record, 0o777); err != nil {
		return fmt.Errorf("writing the record: %w", err)
	}
	for path, source := range api {
		name, text := options, "# The options of tempest.toml that tempest itself has.\n"+
			"# Written by: go generate ./internal/apicheck\n\n"
		if path != options {
			name = strings.ReplaceAll(strings.TrimPrefix(path, module+"/"), "/", ".")
			text = fmt.Sprintf(header, path)
		}
		if err := os.WriteFile(filepath.Join(record, name+".txt"), []byte(text+source), 0o666); err != nil {
			return fmt.Errorf("writing the record: %w", err)
		}
	}
	return nil
}
