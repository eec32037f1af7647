// Package testlib is what integration tests of OpenStack services are written
// with.
//
// A test calls [Start] first. The [Env] that it returns is the test's
// [testing.T] and the cloud: users made for the test, clients that act as
// them, and removal of what the test leaves.
//
//	//go:build tempest
//
//	func TestTokens(t *testing.T) {
//		e := testlib.Start(t, testlib.ID("5ad5a1a6-8a5c-4c4d-9d1f-0d4c53c0a0d2"),
//			testlib.Services("identity"), testlib.Credentials(testlib.ProjectMember))
//		c := e.Identity(testlib.ProjectMember)
//		...
//	}
//
// The cloud is the one that tempest.toml, clouds.yaml or the OS_* variables name, and
// without any of them the embedded cloud of package embedded. Tests
// run under `tempest run` and under plain `go test -tags tempest` alike.
package testlib
