package testlib

import "github.com/gotempest/tempest/testlib/config"

// Config returns the options of T, a plugin's Config type. What is wrong with the
// configuration fails the test.
func Config[T any](e *Env) T {
	e.Helper()
	v, err := config.Decode[T](e.session.values)
	if err != nil {
		e.Fatal(err)
	}
	return v
}
