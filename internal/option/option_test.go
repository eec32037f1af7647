package option_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gotempest/tempest/internal/option"
)

func TestNewReadsEveryTag(t *testing.T) {
	t.Parallel()
	got, err := option.New("compute", "FlavorAlt", "[]string",
		`toml:"flavors" default:"a,b" choices:"a,b,c" required:"true" `+
			`secret:"1" deprecated:"use x" renamed:"old.flavor flavor_alt" resource:"flavor"`)

	want := option.Option{
		Name: "flavors", Type: "[]string", Default: "a,b", Choices: []string{"a", "b", "c"}, Required: true, Secret: true,
		Deprecated: "use x", Renamed: []string{"old.flavor", "compute.flavor_alt"}, Resource: "flavor",
	}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("New: %v (-want +got)\n%s", err, diff)
	}
}

func TestNewRefusesWhatCannotBeRight(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ word, tag, want string }{
		{"int", `toml:"a b"`, `"a b" is no key`},
		{"int", `toml:"o" default:"x"`, `default is "x", and the type is int`},
		{"[]int", `toml:"o" default:"1,x"`, `default is "1,x", and the type is []int`},
		{"int", `toml:"o" default:"5" max:"4"`, "outside of min and max"},
		{"int", `toml:"o" min:"5" max:"4"`, "min 5 is above max 4"},
		{"duration", `toml:"o" min:"5"`, `min is "5", and the type is duration`},
		{"string", `toml:"o" max:"z"`, `max is "z", and the type is string`},
		{"int", `toml:"o" choices:"1,two"`, `choice "two", and the type is int`},
		{"string", `toml:"o" choices:"a" default:"b"`, "not among the choices"},
		{"string", `toml:"o" required:"perhaps"`, `required is "perhaps"`},
		{"string", `toml:"o" renamed:"a.b.c"`, `renamed is "a.b.c"`},
		{"string", `toml:"o" renamed:"o"`, "renamed is its own name"},
		{"int", `toml:"o" resource:"image"`, `resource is "image", and the type is int`},
		{"string", `toml:"o" resource:"An Image"`, `resource is "An Image"`},
	} {
		_, err := option.New("g", "O", tt.word, tt.tag)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("New(%s, %s) error = %v, want one with %q", tt.word, tt.tag, err, tt.want)
		}
	}
}

func TestSameLooksAtWhatAValueMeans(t *testing.T) {
	t.Parallel()
	one := option.Option{Name: "o", Type: "int", Default: "1"}
	for _, tt := range []struct {
		change func(*option.Option)
		want   bool
	}{
		{func(o *option.Option) { o.Help, o.Owner, o.Position, o.Deprecated = "h", "p", "f:1", "d" }, true},
		{func(o *option.Option) { o.Type = "float" }, false},
		{func(o *option.Option) { o.Default = "2" }, false},
		{func(o *option.Option) { o.Max = "2" }, false},
		{func(o *option.Option) { o.Choices = []string{"1"} }, false},
		{func(o *option.Option) { o.Renamed = []string{"a.b"} }, false},
		{func(o *option.Option) { o.Resource = "image" }, false},
		{func(o *option.Option) { o.Secret = true }, false},
	} {
		other := one
		tt.change(&other)
		if got := one.Same(other); got != tt.want {
			t.Errorf("Same(%+v) = %v, want %v", other, got, tt.want)
		}
	}
}

func TestGroupsRefuseOptions(t *testing.T) {
	t.Parallel()
	g := option.Group{Name: "g", List: true}
	if err := g.Add(option.Option{Name: "a"}); err != nil {
		t.Fatal(err)
	}
	for want, o := range map[string]option.Option{
		"declared twice":    {Name: "a"},
		"cannot be renamed": {Name: "b", Renamed: []string{"g.c"}},
	} {
		if err := g.Add(o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Add(%+v) error = %v, want one with %q", o, err, want)
		}
	}
}

func TestMergeJoinsGroups(t *testing.T) {
	t.Parallel()
	a := []option.Group{{Name: "g", Help: "G.", Options: []option.Option{{Name: "one"}}}}
	b := []option.Group{
		{Name: "h", Options: []option.Option{{Name: "two", Owner: "b"}}},
		{Name: "g", Help: "Other.", Options: []option.Option{{Name: "one", Owner: "b"}, {Name: "three", Owner: "b"}}},
	}
	c := []option.Group{{Name: "h", Help: "H.", Options: []option.Option{{Name: "two", Owner: "c"}}}}

	got := option.Merge(a, b, c)

	want := []option.Group{
		{Name: "g", Help: "G.", Options: []option.Option{{Name: "one"}, {Name: "three", Owner: "b"}}},
		{Name: "h", Help: "H.", Options: []option.Option{{Name: "two", Owner: "b and c"}}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Merge (-want +got)\n%s", diff)
	}
	if len(a[0].Options) != 1 || b[0].Options[0].Owner != "b" {
		t.Errorf("Merge changed its arguments: %+v, %+v", a, b)
	}
}
