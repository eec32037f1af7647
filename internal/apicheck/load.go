package apicheck

import (
	"fmt"
	"go/types"
	"slices"

	"golang.org/x/tools/go/packages"
)

// Load returns the types of the packages that patterns name, as the go command
// in dir knows them. All of them share the types that they import.
func Load(dir string, patterns ...string) ([]*types.Package, error) {
	if len(patterns) == 0 {
		return nil, nil
	}
	loaded, err := packages.Load(&packages.Config{Mode: packages.LoadTypes, Dir: dir}, patterns...)
	if err != nil {
		return nil, fmt.Errorf("loading packages: %w", err)
	}
	var all []*types.Package
	for _, p := range loaded {
		if len(p.Errors) > 0 {
			return nil, fmt.Errorf("loading %s: %w", p.PkgPath, p.Errors[0])
		}
		all = append(all, p.Types)
	}
	return all, nil
}

// Outside imports packages that were loaded.
type Outside []*types.Package

// Import returns the package with that path.
func (o Outside) Import(path string) (*types.Package, error) {
	i := slices.IndexFunc(o, func(p *types.Package) bool { return p.Path() == path })
	if i < 0 {
		return nil, fmt.Errorf("there is no package %s any more", path)
	}
	return o[i], nil
}
