package oslopolicy_test

import (
	"strings"
	"testing"

	"github.com/gotempest/tempest/testlib/embedded/oslopolicy"
)

func TestAllows(t *testing.T) {
	t.Parallel()
	caller := oslopolicy.Caller{
		Roles: []string{"reader", "Member"},
		Values: map[string]any{
			"user_id": "u1", "project_id": "p1", "domain_id": nil, "token.project.domain.id": "d1",
		},
	}
	target := oslopolicy.Target{
		"user_id": "u1",
		"target": map[string]any{
			"user":    map[string]any{"id": "u2", "domain_id": "d1"},
			"project": map[string]any{"id": "p1"},
			"role":    map[string]any{"domain_id": nil},
		},
	}
	tests := map[string]struct {
		rule string
		want bool
	}{
		"nothing allows":             {"", true},
		"always":                     {"@", true},
		"never":                      {"!", false},
		"a role":                     {"role:reader", true},
		"a role in another case":     {"role:member", true},
		"a role that is missing":     {"role:admin", false},
		"another rule":               {"rule:reads", true},
		"a rule that does not exist": {"rule:nothing", false},
		"a value":                    {"user_id:%(user_id)s", true},
		"a nested value":             {"project_id:%(target.project.id)s", true},
		"a nested value, different":  {"user_id:%(target.user.id)s", false},
		"a dotted value":             {"token.project.domain.id:%(target.user.domain_id)s", true},
		"a target that is missing":   {"user_id:%(target.group.id)s", false},
		"a caller that is missing":   {"system_scope:all", false},
		"None of the target":         {"None:%(target.role.domain_id)s", true},
		"None of both":               {"domain_id:%(target.role.domain_id)s", true},
		"not None":                   {"not None:%(target.user.domain_id)s", true},
		"a quoted literal":           {"'d1':%(target.user.domain_id)s", true},
		"and binds before or":        {"role:reader or role:x and role:y", true},
		"parentheses":                {"(role:reader or role:x) and role:y", false},
		"nested parentheses":         {"((role:reader) and (not role:x))", true},
		"words in any case":          {"role:x OR NOT role:y", true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rules, err := oslopolicy.Parse(map[string]string{"asked": tt.rule, "reads": "role:reader"})
			if err != nil {
				t.Fatal(err)
			}

			if got := rules.Allows("asked", caller, target); got != tt.want {
				t.Errorf("%q allows = %v, want %v", tt.rule, got, tt.want)
			}
		})
	}
}

func TestParseNamesTheBrokenRule(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"role:a and", "(role:a", "role:a role:b", "nonsense", ")", "or role:a", ":x"} {
		_, err := oslopolicy.Parse(map[string]string{"broken": text})

		if err == nil || !strings.Contains(err.Error(), `parsing rule "broken"`) {
			t.Errorf("Parse(%q) error = %v, want one that names the rule", text, err)
		}
	}
}

// FuzzParse checks that any text is either an error or a rule that can be
// asked.
func FuzzParse(f *testing.F) {
	for _, text := range []string{"", "@", "role:admin", "(a:b and not c:%(d.e)s) or rule:asked", "((", "not not !"} {
		f.Add(text)
	}
	f.Fuzz(func(_ *testing.T, text string) {
		if strings.Contains(text, "rule:") {
			return // a rule may refer to itself, which no shipped one does
		}
		rules, err := oslopolicy.Parse(map[string]string{"asked": text})
		if err == nil {
			rules.Allows("asked", oslopolicy.Caller{}, oslopolicy.Target{"d": map[string]any{"e": 1}})
		}
	})
}
