// Package testlib is what integration tests of OpenStack services are written
// with.
//
// A test calls [Start] first. The [Env] that it returns is the test's
// [testing.T] and the cloud: users made for the test, clients that act as them,
// and the removal of what the test makes.
//
//	//go:build tempest
//
//	func TestTokens(t *testing.T) {
//		e := testlib.Start(t, testlib.ID("5ad5a1a6-8a5c-4c4d-9d1f-0d4c53c0a0d2"),
//			testlib.Services("identity"), testlib.Credentials(testlib.ProjectMember))
//		c := e.Identity(testlib.ProjectMember)
//		...
//		e.Run("Expire", func(e *testlib.Env) { ... }, testlib.Negative)
//	}
//
// Tests run under `tempest run` and under plain `go test -tags tempest` alike.
//
// # The life of a test
//
// [Start], and [Env.Run] for a subtest, take these steps. Each undoes what it has done when the test
// ends: the last step first, every step even when one before it fails, and all failures are told; the first
// of them is the first line in the log.
//
//	step                      what ends the test there
//	1 read the options        a mistake in one of them           fails
//	2 what needs no cloud     SkipBecause                        skips
//	                          [service_available], Feature,      skips
//	                          microversions of the configuration
//	                          a feature that there is not        fails
//	3 wait for a place        an interrupt                       skips (fails under plain go test)
//	4 ask the cloud           Services, Extension, Microversion  skips
//	                          the cloud lacks what the           fails
//	                          configuration promises, or
//	                          cannot be asked
//	5 credentials             a role that a cloud need not have  skips
//	                          anything else                      fails
//	6 the test itself
//
// A test that is skipped or that fails in steps 1 to 4 has made nothing in the cloud. Clients are made
// when they are asked for. What cannot be decided is a failure, and never a skip.
//
// Step 3 waits, for all at once, for a slot of the run and for what [Serial] and [Exclusive] ask for.
// The time is the attribute "wait" of the test. Nobody holds a lock while waiting for another, and
// what a process holds is free when it dies.
//
// A subtest takes the same steps, within the place of its group: it cannot be Serial when the group is
// not, and its Exclusive names are those of the group, or those that it alone has. Its group takes all
// steps also when the subtest is selected alone, or skips. Subtests of a group run one after the
// other: [Env.Parallel] fails the test, and the Parallel method of their testing.T must not be called,
// because tests that wait for a place could then keep a group from ending that has one.
//
// # The cloud
//
// The cloud is the one that tempest.toml, clouds.yaml or the OS_* variables name, as an
// administrator. Without any of them it is the embedded cloud of package
// embedded, one for each process, to which [Fake] adds services.
//
// A service that the cloud lacks, or that [service_available] switches off, skips the tests
// that ask for it with [Services]. A cloud that cannot be used fails them, each
// with the same line.
//
// # Users
//
// [Credentials] asks for users, one for each [Persona]: who has which role, in a project, a domain or
// the whole system. They are the test's alone until it ends, and subtests of [Env.Run] share them.
// They are made for tests, and serve the next test of the run when one has left them as they were,
// which testlib sees in the calls; [Isolated] asks for new ones. With [auth] dynamic_credentials =
// false they are those of an accounts file, and a test waits until enough of them are free.
// [ProjectRoles] and its kin ask for users with roles that the test names.
//
// # Cleaning up
//
// Register the removal of a thing with [Env.Cleanup] as soon as it exists, before anything can
// fail. Removals run in reverse order, each with a context of its own: when the test
// has passed, failed or been skipped, after SIGINT, SIGTERM and SIGQUIT, shortly before
// go test -timeout, and when another test panics. What cannot be removed fails the test.
// Calls of the test itself take [Env.Context], which ends in all of these cases.
//
// # The ledger and leaks
//
// What a test makes in the cloud is noted in a ledger on disk: that it is about to be made, before the
// request is sent, and what was made, before the test sees the answer. So it is known also when the
// process is killed, at whatever moment, and `tempest cleanup` can remove it; `tempest run` does so by
// itself at its end. A request that cannot be noted, because the disk is full, is not sent. Each note
// is one write, and is not flushed to the disk: it outlives the process, not a power cut. The ledger
// is below tempest/ledger in the user's cache folder, or in $TEMPEST_LEDGER; that of the embedded
// cloud, which ends with the process, is in memory.
//
// Nothing has to be declared. The types of resources of the OpenStack services are known, and so is
// any POST whose answer has an id, a reference, or a Location. [Resource] declares what is made or
// removed in another way. Requests with the clients of [Env] are noted, and those of [Env.HTTP]; those
// of a client of one's own are not.
//
// When a test has ended and its clean-ups have run, all that it and its subtests made must be gone. What goes
// with something else need not be removed by itself: the ledger looks. What is being removed, as a server, is
// waited for, up to two minutes. Anything else fails the test by name, as a leak:
//
//	left behind server 5ad5… "tempest-vm-…", made by POST http://…/servers: register its
//	removal with e.Cleanup; removed now
//
// and is removed then and there, because the test's project and user, who may be needed for it, do not
// last until the end of the run. What cannot be removed stays in the ledger. A thing whose removal by
// [Env.Cleanup] was refused is reported once, with that reason. The attribute "leaks" of the test
// lists all of them.
//
// A request without an answer, or with one of 5xx, may have made something. It is looked for by the
// name in the request: give what you make a name ([Env.Name]).
//
// # Calls
//
// What every call of a client does, the author of a test need not do:
//
//   - It is a line in the log of the test: method, URL, persona, status, time and request ID. Bodies
//
// and headers
//
//	  follow when the call failed, or always with [log] bodies = "all". Passwords, tokens and other secrets are
//	  removed, by the name they stand at and by their value. The same goes into a file for `tempest calls`.
//	- It is made again after 429, after 503 with Retry-After, and where doing it twice does what doing
//
// it once does,
//
//	  after 502, 503, 504 and a connection that broke. [NoRetry] and [Env.NoRetry] switch that off.
//	- An answer of another microversion than was asked for fails the test.
//	- Its User-Agent names the test, and X-OpenStack-Request-Id carries an ID that every service logs
//
// which takes
//
//	  part in it.
//	- [Env.Validate] has answers checked, with JSON Schema for example, and [Env.Inject] has calls fail, for
//	  tests of what happens then.
package testlib
