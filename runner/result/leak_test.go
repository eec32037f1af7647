package result

import "testing"

func TestALeakFailsTheRun(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		leak Leak
		text string
	}{
		"removed": {Leak{Thing: "server (1)"}, "server (1) was left behind; it is removed"},
		"stays": {
			Leak{Thing: "server (1)", Reason: "DELETE was answered 403"},
			"server (1) was left behind, and is still there: DELETE was answered 403",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := &Report{Totals: Totals{Planned: 1, Passed: 1}, Leaks: []Leak{tt.leak}}

			if code := r.ExitCode(); code != ExitFailed {
				t.Errorf("ExitCode() = %d, want %d", code, ExitFailed)
			}
			if got := tt.leak.Text(); got != tt.text {
				t.Errorf("Text() = %q, want %q", got, tt.text)
			}
		})
	}
}
