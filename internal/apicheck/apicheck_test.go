package apicheck

import (
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"slices"
	"strings"
	"testing"
)

const testModule = "example.com/m"

// changes are modules before and after a change, and what is to be said of it:
// incompatible changes begin with "!".
var changes = map[string]struct {
	before, after string
	want          []string
}{
	"Same": {
		before: `func F(a int) {}`,
		after:  `func F(a int) { println(a) }`,
	},
	"ParameterRenamed": {
		before: `func F(a int) {}; type T int; func (T) M() {}`,
		after:  `func F(b int) {}; type T int; func (t T) M() {}`,
		want:   []string{"declared differently: func F(a int)"},
	},
	"TagChanged": {
		before: "type S struct { A int `json:\"a\"` }",
		after:  "type S struct { A int `json:\"b\"` }",
		want:   []string{"declared differently: type S struct {"},
	},
	"FuncRemoved": {
		before: `func F() {}`,
		want:   []string{"!F: removed"},
	},
	"FuncAdded": {
		after: `func F() {}`,
		want:  []string{"F: added"},
	},
	"SignatureChanged": {
		before: `func F(a int) error { return nil }`,
		after:  `func F(a string) error { return nil }`,
		want:   []string{"!F: changed from func(int) error to func(string) error"},
	},
	"ParameterAdded": {
		before: `func F(a ...int) {}`,
		after:  `func F(b string, a ...int) {}`,
		want:   []string{"!F: changed from func(...int) to func(string, ...int)"},
	},
	"ConstraintNarrowed": {
		before: `func F[T any](T) {}`,
		after:  `func F[T interface{ ~int; String() string }](T) {}`,
		want:   []string{"declared differently: func F[T any](T)"}, // apidiff does not look at constraints
	},
	"MethodAddedToInterface": {
		before: `type I interface { A() }`,
		after:  `type I interface { A(); B() }`,
		want:   []string{"!I.B: added"},
	},
	"MethodAddedToInterfaceThatOthersCannotImplement": {
		before: `type I interface { A(); hidden(x X) }; type X struct{}`,
		after:  `type I interface { A(); B(); hidden(x, y X) }; type X struct{}`,
		want:   []string{"I.B: added"},
	},
	"InterfaceIsClosed": {
		before: `type I interface { A() }`,
		after:  `type I interface { A(); hidden() }`,
		want:   []string{"!I.hidden: added unexported method"},
	},
	"NoLongerAnOption": {
		before: `type I interface { apply() }; type ID string; func (ID) apply() {}`,
		after:  `type I interface { apply() }; type ID string`,
		want:   []string{"!ID: no longer implements I"},
	},
	"FieldAdded": {
		before: `type S struct { A int }`,
		after:  `type S struct { A int; B string }`,
		want:   []string{"S.B: added"},
	},
	"FieldRemoved": {
		before: `type S struct { A, B int }`,
		after:  `type S struct { A int; b int }`,
		want:   []string{"!S.B: removed"},
	},
	"UnexportedFieldChanged": {
		before: `type S struct { A int; b string }`,
		after:  `type S struct { A int; c *S; d bool }; type x int; func f() {}`,
	},
	"NoLongerComparable": {
		before: `type S struct { A int; b string }`,
		after:  `type S struct { A int; b []string }`,
		want:   []string{"!S: old is comparable, new is not"},
	},
	"FieldAddedToStructWithoutName": {
		before: `type S struct { Group struct { A int } }`,
		after:  `type S struct { Group struct { A int; B string } }`,
		want:   []string{"S_Group.B: added"},
	},
	"FieldRemovedFromStructWithoutName": {
		before: `type S struct { Group struct { A, B int } }`,
		after:  `type S struct { Group struct { A int } }`,
		want:   []string{"!S_Group.B: removed"},
	},
	"TypeChanged": {
		before: `type T int`,
		after:  `type T string`,
		want:   []string{"!T: changed from int to string"},
	},
	"MethodRemoved": {
		before: `type T int; func (T) M() {}`,
		after:  `type T int; func (T) m() {}`,
		want:   []string{"!T.M: removed"},
	},
	"ReceiverBecamePointer": {
		before: `type T int; func (T) M() {}`,
		after:  `type T int; func (*T) M() {}`,
		want:   []string{"!T.M: removed"},
	},
	"ConstantChanged": {
		before: `type T string; const C T = "a"; const D = 1.0/3; const E = 'x'; const F = 2.0`,
		after:  `type T string; const C T = "b"; const D = 1.0/3; const E = 'x'; const F = 2.0`,
		want:   []string{`!C: value changed from "a" to "b"`},
	},
	"VariableChanged": {
		before: `import "io"; var V io.Reader`,
		after:  `import "io"; var V io.Writer`,
		want:   []string{"!V: changed from io.Reader to io.Writer"},
	},
	"AliasChanged": {
		before: `import "io"; type A = io.Reader`,
		after:  `import "io"; type A = io.Writer`,
		want:   []string{"!A: changed from io.Reader to io.Writer"},
	},
	"UnexportedTypeThatIsHandedOut": {
		before: `func F() t { return t{} }; type t struct { A int }; func (t) M() {}`,
		after:  `func F() t { return t{} }; type t struct { A int }`,
		want:   []string{"!t.M: removed"},
	},
	"EmbeddedUnexportedType": {
		before: `type S struct { base }; type base struct { A int; b int }; func (base) M() {}`,
		after:  `type S struct { base }; type base struct { A int; b int }`,
		want:   []string{"!base.M, method set of *S: removed"},
	},
	"GenericType": {
		before: `type P[T any] struct { Get func() (T, error); state T }; func (p *P[T]) Wait(int) T { return p.state }`,
		after:  `type P[T any] struct { Get func() (T, error); other T }; func (p *P[T]) Wait() T { return p.other }`,
		want:   []string{"!(*P[T]).Wait: changed from func(int) T to func() T"},
	},
}

// everything has each kind of declaration and of type.
const everything = `
import ("io"; "math/rand"; rand2 "math/rand/v2")

const (
	A = iota
	B
	R = 'r'
	F = 1.0 / 3
	G = 2.0
	C complex128 = 1i
	S = "s"
)

var V, W = map[string][]*T{}, [3]chan<- func(...int) (n int, err error){}

type (
	T struct {
		io.Reader
		*base
		Next *T
		Rand *rand.Rand
		Other *rand2.Rand
		Deep struct { Deeper struct { Field int } }
		private struct { Field int }
	}
	base struct { Promoted int }
	Alias = T
	Byte byte
	Func func(t T, hidden ...hidden) (func(), <-chan error)
	Number interface { ~int | ~float64; String() string }
	Any any
	Closed interface { io.Closer; closed(base) }
	Pair[K comparable, V Number] struct { Key K; Value V }
	hidden interface { Seen() }
)

func (T) Value() {}
func (*T) Pointer(Closed) Alias { return T{} }
func (*T) closed(base) {}
func (*T) Close() error { return nil }
func (p Pair[K, V]) Swap() (Pair[K, V], error) { return p, nil }
func Make[K comparable, V Number](m map[K]V) *Pair[K, V] { return nil }
`

// What the reduction writes, it reads again as the same: nothing is lost, also
// when it is reduced once more.
func TestReduceIsComplete(t *testing.T) {
	outside := importer.ForCompiler(token.NewFileSet(), "source", nil)
	api := reduceSource(t, map[string]string{testModule: everything}, outside)
	changes, err := Compare(api, api, outside)
	if err != nil || len(changes) > 0 {
		t.Errorf("changes: %q, %v", changes, err)
	}
	pkgs, err := api.check(outside)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := declarations(pkgs[testModule]); err != nil || len(again) < 20 {
		t.Errorf("%d declarations, %v", len(again), err)
	}
	for _, want := range []string{
		"const B = 1\n", "const F = 1.0 / 3\n", "const R = '\\x00' + 114\n", "type T_Deep_Deeper struct {",
		"rand2 \"math/rand/v2\"", "_     struct{} // unexported fields", "func (*T) closed() // not for others",
		"~int | ~float64\n", "type Pair[K comparable, V Number] struct {", "type hidden interface {",
	} {
		if !strings.Contains(api[testModule], want) {
			t.Errorf("the reduced source lacks %q", want)
		}
	}
	if t.Failed() {
		t.Log(api[testModule])
	}
}

func TestCompare(t *testing.T) {
	for name, tt := range changes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := compare(t, map[string]string{testModule: tt.before}, map[string]string{testModule: tt.after})
			if !slices.Equal(got, tt.want) {
				t.Errorf("changes: %q\nwant:    %q", got, tt.want)
			}
		})
	}
}

// What an internal package hands out through the API belongs to it; packages
// come and go.
func TestComparePackages(t *testing.T) {
	before := map[string]string{
		testModule:                 `import "example.com/m/internal/b"; func F() *b.T { return nil }`,
		testModule + "/old":        `const C = 1`,
		testModule + "/internal/b": `type T struct { A, B int }; type Other struct { A int }; func Unseen() {}`,
	}
	after := map[string]string{
		testModule:                 `import "example.com/m/internal/b"; func F() *b.T { return nil }`,
		testModule + "/new":        `const C = 1`,
		testModule + "/internal/b": `type T struct { A, C int }`,
	}
	want := []string{"!T.B: removed", "!package removed", "T.C: added", "package added"}
	if got := compare(t, before, after); !slices.Equal(got, want) {
		t.Errorf("changes: %q\nwant:    %q", got, want)
	}
}

// A record that nobody can read any more is an error that names the place.
func TestCompareRefusesABrokenRecord(t *testing.T) {
	outside := importer.ForCompiler(token.NewFileSet(), "source", nil)
	for record, want := range map[string]string{
		"package m\n\nfunc F(a) {": "reading the record: example.com/m:3:",
		"package m\n\nvar V Gone":  "reading the record: example.com/m:3:7: undefined: Gone",
	} {
		_, err := Compare(API{testModule: record}, API{}, outside)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
}

// compare returns the changes as the tables write them.
func compare(t *testing.T, before, after map[string]string) []string {
	t.Helper()
	outside := importer.ForCompiler(token.NewFileSet(), "source", nil)
	changes, err := Compare(reduceSource(t, before, outside), reduceSource(t, after, outside), outside)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range changes {
		mark := "!"
		if c.Compatible {
			mark = ""
		}
		got = append(got, mark+c.Message)
	}
	return got
}

// reduceSource returns the API of the packages of a module, without those that are
// internal. sources holds their files, without package clauses.
func reduceSource(t *testing.T, sources map[string]string, outside types.Importer) API {
	t.Helper()
	c := &checker{
		fset: token.NewFileSet(), files: map[string]*ast.File{}, done: map[string]*types.Package{}, outside: outside,
	}
	for path, source := range sources {
		name := path[strings.LastIndex(path, "/")+1:]
		file, err := parser.ParseFile(c.fset, path, "package "+name+"; "+source, 0)
		if err != nil {
			t.Fatal(err)
		}
		c.files[path] = file
	}
	var stable []*types.Package
	for path := range sources {
		pkg, err := c.Import(path)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(path, "/internal/") {
			stable = append(stable, pkg)
		}
	}
	api, err := Reduce(testModule, stable)
	if err != nil {
		t.Fatal(err)
	}
	return api
}
