//go:build tempest

package floods

import (
	"bytes"
	"os"
	"testing"
)

// TestFlood prints 100 MB.
func TestFlood(t *testing.T) {
	line := append(bytes.Repeat([]byte("x"), 999), '\n')
	block := bytes.Repeat(line, 1000)
	for range 100 {
		if _, err := os.Stdout.Write(block); err != nil {
			t.Fatal(err)
		}
	}
}
