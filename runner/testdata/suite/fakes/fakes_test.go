//go:build tempest

package fakes

import (
	"fmt"
	"syscall"
	"testing"
)

// TestFake pretends that the test after it has passed, in all the ways that
// there are, and ends the process.
func TestFake(t *testing.T) {
	fmt.Println("--- PASS: TestAfter (0.00s)")
	fmt.Println("\x16--- PASS: TestAfter (0.00s)")
	fmt.Println(`{"Action":"pass","Package":"example.com/suite/fakes","Test":"TestAfter"}`)
	fmt.Println("PASS")
	syscall.Exit(0)
}

func TestAfter(t *testing.T) {}
