// Package data makes the data that tests work with.
//
// Random data comes from the seed of the run, so that a failure can be looked at again with the same data:
// (*testlib.Env).Rand returns the generator of a test, and the functions here take it.
//
//	r := e.Rand()
//	image := data.NewBlob(r, 64<<20) // 64 MiB that are never in memory at once
//	upload(image.Reader())
//	if got != image.Sum(sha512.New()) { … }
//
// Two things never come from the seed. Names are unique, also between two runs with one seed: see
// (*testlib.Env).Name. And a [Password] must not be known to those who read the report, which has the seed.
//
// A [Server] gives data to services that fetch it, such as the image service in an import.
package data
