package testlib

import "testing"

func TestMistakesInOptions(t *testing.T) {
	t.Parallel()
	const id, other = ID("5ad5a1a6-8b3c-4a0c-9a77-6a4a3c6d1e01"), ID("5ad5a1a6-8b3c-4a0c-9a77-6a4a3c6d1e02")
	tests := map[string]struct {
		options []Option
		want    string
	}{
		"none":            {nil, ""},
		"one ID, twice":   {[]Option{id, id}, ""},
		"two IDs":         {[]Option{id, other}, "testlib.ID: the test has two, " + string(id) + " and " + string(other)},
		"nil":             {[]Option{id, nil}, "option 2 of the test is nil"},
		"service without": {[]Option{Services("")}, `testlib.Services("") is no type of a service, such as load-balancer`},
		"service of two words": {
			[]Option{Services("a b")}, `testlib.Services("a b") is no type of a service, such as load-balancer`,
		},
		"service":   {[]Option{Services("key_manager", "dns", "volumev3")}, ""},
		"exclusive": {[]Option{Exclusive()}, "testlib.Exclusive() names nothing"},
		"feature":   {[]Option{Feature("compute")}, `testlib.Feature("compute") names no feature`},
		"extension": {[]Option{Extension("network")}, `testlib.Extension("network") names no extension`},
		"fake":      {[]Option{Fake("dns", nil)}, `testlib.Fake("dns") has no function that starts it`},
		"options": {
			[]Option{Options[int]()}, "testlib.Options: int is no struct: name the Config type of the plugin",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := newSettings(tt.options).problem(); got != tt.want {
				t.Errorf("problem is %q, want %q", got, tt.want)
			}
		})
	}
}
