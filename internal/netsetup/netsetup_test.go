package netsetup

import (
	"strings"
	"testing"
)

func TestPick(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		within string
		bits   int
		chance uint64
		want   string // or the start of the error
	}{
		"first":           {"10.100.0.0/16", 28, 0, "10.100.0.0/28"},
		"second":          {"10.100.0.0/16", 28, 1, "10.100.0.16/28"},
		"last":            {"10.100.0.0/16", 28, 4095, "10.100.255.240/28"},
		"chance is large": {"10.100.0.0/16", 28, 1<<63 + 4096, "10.100.0.0/28"},
		"the only one":    {"10.100.0.1/16", 16, 77, "10.100.0.0/16"},
		"version 6":       {"2001:db8::/48", 64, 0xabcd, "2001:db8:0:abcd::/64"},
		"many bits":       {"2001:db8::/32", 126, 1<<64 - 1, "2001:db8:0:3:ffff:ffff:ffff:fffc/126"},
		"no range":        {"10.100", 28, 0, `network.project_cidr is "10.100"`},
		"too short":       {"10.100.0.0/16", 8, 0, "network.project_mask_bits is 8: it must be between"},
		"too long":        {"10.100.0.0/16", 40, 0, "network.project_mask_bits is 40"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			got, err := pick(tt.within, tt.bits, tt.chance)

			text := got.String()
			if err != nil {
				text = err.Error()
			}
			if !strings.HasPrefix(text, tt.want) {
				t.Errorf("pick(%q, %d, %d) = %s, want %s", tt.within, tt.bits, tt.chance, text, tt.want)
			}
		})
	}
}
