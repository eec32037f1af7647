//go:build tempest

package good

import (
	"encoding/json"
	"os"
	"testing"
)

func TestA(t *testing.T) {}

func TestB(t *testing.T) {
	t.Run("x", func(t *testing.T) {})
	t.Run("y", func(t *testing.T) { t.Error("y was not asked for") })
}

func TestSkips(t *testing.T) { t.Skip("no reason") }

func TestNotPlanned(t *testing.T) { t.Error("not asked for") }

// TestEnv writes its environment where the test of the runner says.
func TestEnv(t *testing.T) {
	file := os.Getenv("SUITE_ENV_FILE")
	if file == "" {
		t.Skip("nobody wants to know")
	}
	data, err := json.Marshal(os.Environ())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
}
