package embedded

import (
	"net"
	"testing"
)

func TestReachable(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"127.0.0.1:80": "127.0.0.1:80",
		"0.0.0.0:80":   "127.0.0.1:80",
		"[::]:80":      "127.0.0.1:80",
		"[::1]:80":     "[::1]:80",
	}
	for listening, want := range tests {
		addr, err := net.ResolveTCPAddr("tcp", listening)
		if err != nil {
			t.Fatal(err)
		}
		if got := reachable(addr); got != want {
			t.Errorf("reachable(%s) = %s, want %s", listening, got, want)
		}
	}
}
