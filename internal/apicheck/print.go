package apicheck

import (
	"bytes"
	"fmt"
	"go/constant"
	"go/format"
	"go/types"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// printer writes the reduced source of one package.
type printer struct {
	*reducer
	pkg     *types.Package
	imports map[string]string // name of an import by its path
	body    bytes.Buffer
}

// print returns the source of the declarations objects of pkg.
func (r *reducer) print(pkg *types.Package, objects []types.Object) (string, error) {
	p := &printer{reducer: r, pkg: pkg, imports: map[string]string{}}
	for _, kind := range []func(types.Object){p.constant, p.variable, p.function, p.typeName} {
		fmt.Fprintln(&p.body)
		for _, obj := range objects {
			kind(obj)
		}
	}
	var out bytes.Buffer
	fmt.Fprintf(&out, "package %s\n\n", pkg.Name())
	if len(p.imports) > 0 {
		fmt.Fprintln(&out, "import (")
		for _, path := range slices.Sorted(maps.Keys(p.imports)) {
			if name := p.imports[path]; name != path[strings.LastIndex(path, "/")+1:] {
				fmt.Fprint(&out, name, " ")
			}
			fmt.Fprintln(&out, strconv.Quote(path))
		}
		fmt.Fprintln(&out, ")")
	}
	out.Write(p.body.Bytes())
	source, err := format.Source(out.Bytes())
	if err != nil {
		return "", fmt.Errorf("writing the API of %s: %w", pkg.Path(), err)
	}
	return string(source), nil
}

// qualify names packages in types, and notes the import.
func (p *printer) qualify(pkg *types.Package) string {
	if pkg == p.pkg {
		return ""
	}
	if name, ok := p.imports[pkg.Path()]; ok {
		return name
	}
	name := pkg.Name()
	for n := 2; slices.Contains(slices.Collect(maps.Values(p.imports)), name); n++ {
		name = pkg.Name() + strconv.Itoa(n)
	}
	p.imports[pkg.Path()] = name
	return name
}

func (p *printer) typ(t types.Type) string { return types.TypeString(t, p.qualify) }

func (p *printer) constant(obj types.Object) {
	c, ok := obj.(*types.Const)
	if !ok {
		return
	}
	fmt.Fprintf(&p.body, "const %s", c.Name())
	if basic, ok := c.Type().(*types.Basic); !ok || basic.Info()&types.IsUntyped == 0 {
		fmt.Fprintf(&p.body, " %s", p.typ(c.Type()))
	}
	fmt.Fprintf(&p.body, " = %s\n", literal(c))
}

// literal is the value of a constant in Go. A fraction is exact: what is
// 1/3 as text would be 0 in Go.
func literal(c *types.Const) string {
	text := c.Val().ExactString()
	switch {
	case c.Val().Kind() == constant.Float && strings.Contains(text, "/"):
		return strings.Replace(text, "/", ".0/", 1)
	case c.Type() == types.Typ[types.UntypedFloat]:
		return text + ".0"
	case c.Type() == types.Typ[types.UntypedRune]:
		return "'\\x00' + " + text
	}
	return text
}

func (p *printer) variable(obj types.Object) {
	if v, ok := obj.(*types.Var); ok {
		fmt.Fprintf(&p.body, "var %s %s\n", v.Name(), p.typ(v.Type()))
	}
}

func (p *printer) function(obj types.Object) {
	if f, ok := obj.(*types.Func); ok {
		body := ""
		if f.Signature().TypeParams().Len() > 0 {
			body = " {}" // the type checker wants one
		}
		fmt.Fprintf(&p.body, "func %s%s%s\n", f.Name(), p.signature(f.Signature()), body)
	}
}

// signature is s with its type parameters.
func (p *printer) signature(s *types.Signature) string {
	var b bytes.Buffer
	types.WriteSignature(&b, s, p.qualify)
	return b.String()
}

// typeParams is a list of type parameters as in a declaration.
func (p *printer) typeParams(list *types.TypeParamList) string {
	if list.Len() == 0 {
		return ""
	}
	var words []string
	for param := range list.TypeParams() {
		words = append(words, param.Obj().Name()+" "+p.typ(param.Constraint()))
	}
	return "[" + strings.Join(words, ", ") + "]"
}

func (p *printer) typeName(obj types.Object) {
	name, ok := obj.(*types.TypeName)
	if !ok {
		return
	}
	named, ok := name.Type().(*types.Named)
	if !ok || name.IsAlias() {
		rhs := name.Type()
		if alias, ok := rhs.(*types.Alias); ok {
			rhs = alias.Rhs()
		}
		fmt.Fprintf(&p.body, "\ntype %s = %s\n", name.Name(), p.typ(rhs))
		return
	}
	p.declare(name.Name(), p.typeParams(named.TypeParams()), named.Underlying())
	byName := func(a, b *types.Func) int { return strings.Compare(a.Name(), b.Name()) }
	for _, m := range slices.SortedFunc(named.Methods(), byName) {
		if m.Exported() {
			fmt.Fprintf(&p.body, "\nfunc (%s) %s%s\n", p.typ(m.Signature().Recv().Type()), m.Name(), p.signature(m.Signature()))
		}
	}
	for _, m := range p.implements(named) {
		fmt.Fprintf(&p.body, "\nfunc (%s) %s() // not for others\n", p.typ(m.Signature().Recv().Type()), m.Name())
	}
}

// declare writes a type. The struct of a field that has no name of its own gets
// one, Type_Field: apidiff sees that a field was added to it only there.
func (p *printer) declare(name, params string, t types.Type) {
	switch t := t.(type) {
	case *types.Struct:
		nested := map[string]*types.Struct{}
		fmt.Fprintf(&p.body, "\ntype %s%s struct {\n", name, params)
		p.fields(name, params, t, nested)
		fmt.Fprintln(&p.body, "}")
		for _, name := range slices.Sorted(maps.Keys(nested)) {
			fmt.Fprintf(&p.body, "\n// %s is the type of a field, without a name in the source.", name)
			p.declare(name, "", nested[name])
		}
	case *types.Interface:
		p.iface(name, params, t)
	default:
		fmt.Fprintf(&p.body, "\ntype %s%s %s\n", name, params, p.typ(t))
	}
}

// fields writes the fields of a struct, and notes those whose struct has no
// name.
func (p *printer) fields(name, params string, t *types.Struct, nested map[string]*types.Struct) {
	hidden, comparable := false, true
	for i := range t.NumFields() {
		f := t.Field(i)
		if !f.Exported() && !f.Embedded() {
			hidden = true
			comparable = comparable && types.Comparable(f.Type())
			continue
		}
		var text string
		if st, ok := f.Type().(*types.Struct); ok && params == "" {
			text = name + "_" + f.Name()
			nested[text] = st
		} else {
			text = p.typ(f.Type())
		}
		if !f.Embedded() {
			text = f.Name() + " " + text
		}
		if tag := t.Tag(i); tag != "" {
			text += " " + quoteTag(tag)
		}
		fmt.Fprintln(&p.body, text)
	}
	switch {
	case hidden && comparable:
		fmt.Fprintln(&p.body, "_ struct{} // unexported fields")
	case hidden:
		fmt.Fprintln(&p.body, "_ []struct{} // unexported fields, not comparable")
	}
}

func quoteTag(tag string) string {
	if strconv.CanBackquote(tag) {
		return "`" + tag + "`"
	}
	return strconv.Quote(tag)
}

// iface writes an interface with all of its methods, embedded ones too.
func (p *printer) iface(name, params string, t *types.Interface) {
	fmt.Fprintf(&p.body, "\ntype %s%s interface {\n", name, params)
	for e := range t.EmbeddedTypes() {
		if i, ok := e.Underlying().(*types.Interface); !ok || !i.IsMethodSet() {
			fmt.Fprintln(&p.body, p.typ(e))
		}
	}
	for m := range t.Methods() {
		if m.Exported() {
			fmt.Fprintln(&p.body, m.Name()+p.signature(m.Signature()))
		} else {
			fmt.Fprintln(&p.body, m.Name()+"() // not for others")
		}
	}
	fmt.Fprintln(&p.body, "}")
}
