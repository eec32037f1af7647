package apicheck

import (
	"go/types"
	"slices"
	"strings"
)

// Reduce returns the API of packages of one module. Types of other packages of
// that module, which the API leads to, are part of it.
func Reduce(module string, pkgs []*types.Package) (API, error) {
	r := &reducer{
		module: module, stable: map[*types.Package]bool{},
		needed: map[*types.TypeName]bool{}, hidden: map[string][]*types.TypeName{},
	}
	objects := map[*types.Package][]types.Object{}
	for _, pkg := range pkgs {
		r.stable[pkg] = true
		objects[pkg] = nil // also when it exports nothing
		for _, name := range pkg.Scope().Names() {
			if obj := pkg.Scope().Lookup(name); obj.Exported() {
				objects[pkg] = append(objects[pkg], obj)
				r.reach(obj)
			}
		}
	}
	for name := range r.needed {
		if !r.stable[name.Pkg()] || !name.Exported() {
			objects[name.Pkg()] = append(objects[name.Pkg()], name)
		}
	}
	api := API{}
	for pkg, list := range objects {
		slices.SortFunc(list, func(a, b types.Object) int { return strings.Compare(a.Name(), b.Name()) })
		source, err := r.print(pkg, list)
		if err != nil {
			return nil, err
		}
		api[pkg.Path()] = source
	}
	return api, nil
}

// reducer finds out what code outside of a module can reach.
type reducer struct {
	module string
	stable map[*types.Package]bool
	needed map[*types.TypeName]bool // reached types of the module

	// hidden holds, by the name of an unexported method, the interfaces that
	// want it: whether a type satisfies them is part of the API.
	hidden map[string][]*types.TypeName
}

// ours says whether pkg belongs to the module.
func (r *reducer) ours(pkg *types.Package) bool {
	return pkg != nil && (pkg.Path() == r.module || strings.HasPrefix(pkg.Path(), r.module+"/"))
}

// reach marks obj, if it is a type, and the types that its declaration names.
func (r *reducer) reach(obj types.Object) {
	name, ok := obj.(*types.TypeName)
	if !ok {
		r.walk(obj.Type())
		return
	}
	if !r.ours(name.Pkg()) || r.needed[name] {
		return
	}
	r.needed[name] = true
	if alias, ok := name.Type().(*types.Alias); ok {
		r.walk(alias.Rhs())
		return
	}
	named, ok := name.Type().(*types.Named)
	if !ok { // an alias of a basic type
		return
	}
	r.walkParams(named.TypeParams())
	for m := range named.Methods() {
		if m.Exported() {
			r.walk(m.Type())
		}
	}
	if i, ok := named.Underlying().(*types.Interface); ok {
		for m := range i.Methods() {
			if !m.Exported() {
				r.hidden[m.Name()] = append(r.hidden[m.Name()], name)
			}
		}
	}
	r.walk(named.Underlying())
}

// walk marks the types that t names.
func (r *reducer) walk(t types.Type) {
	switch t := t.(type) {
	case *types.Alias:
		r.reach(t.Obj())
		r.walkList(t.TypeArgs())
	case *types.Named:
		r.reach(t.Obj())
		r.walkList(t.TypeArgs())
	case *types.TypeParam:
	case *types.Struct:
		for f := range t.Fields() {
			if f.Exported() || f.Embedded() {
				r.walk(f.Type())
			}
		}
	case *types.Interface:
		r.walkInterface(t)
	case *types.Union:
		for term := range t.Terms() {
			r.walk(term.Type())
		}
	case *types.Signature:
		r.walkParams(t.TypeParams())
		r.walk(t.Params())
		r.walk(t.Results())
	case *types.Tuple:
		for v := range t.Variables() {
			r.walk(v.Type())
		}
	case *types.Map:
		r.walk(t.Key())
		r.walk(t.Elem())
	case interface{ Elem() types.Type }: // pointer, slice, array, channel
		r.walk(t.Elem())
	}
}

func (r *reducer) walkInterface(t *types.Interface) {
	for m := range t.Methods() {
		if m.Exported() {
			r.walk(m.Type())
		}
	}
	for e := range t.EmbeddedTypes() {
		r.walk(e)
	}
}

func (r *reducer) walkParams(list *types.TypeParamList) {
	for param := range list.TypeParams() {
		r.walk(param.Constraint())
	}
}

func (r *reducer) walkList(list *types.TypeList) {
	for t := range list.Types() {
		r.walk(t)
	}
}

// implements returns the unexported methods of named that interfaces of the
// API want, and that make it satisfy them.
func (r *reducer) implements(named *types.Named) []*types.Func {
	var methods []*types.Func
	for m := range named.Methods() {
		if slices.ContainsFunc(r.hidden[m.Name()], func(name *types.TypeName) bool {
			i := name.Type().Underlying().(*types.Interface)
			return types.Implements(named, i) || types.Implements(types.NewPointer(named), i)
		}) {
			methods = append(methods, m)
		}
	}
	return methods
}
