// Package protocol is the agreement between the tempest command and the testlib
// that is linked into the tests it runs. The two may come from different
// versions of this module, so everything they tell each other is named here.
package protocol

// Version is raised when a tempest command and a testlib that differ in it
// cannot work together. The command reads it statically from the testlib in
// the module graph before a run.
const Version = 1

// Environment variables that `tempest run` sets for test binaries. None of them
// is needed: under plain `go test` all are absent.
const (
	// EnvVersion holds [Version] of the command that runs the tests.
	EnvVersion = "TEMPEST_PROTOCOL"

	// EnvRun holds the identifier of the run, a short string fit for names.
	EnvRun = "TEMPEST_RUN_ID"

	// EnvConfig holds the absolute path of the configuration file, or
	// [NoConfig]. Users set it too.
	EnvConfig = "TEMPEST_CONFIG"

	// EnvOptions lists the options that plugins declare, as
	// "group.option group.option …", so that one plugin's tests do not refuse
	// the options of another, and "old_group.old_option=group.option" for the names
	// that options had.
	EnvOptions = "TEMPEST_DECLARED_OPTIONS"

	// EnvCalls holds the folder in which each test process leaves the log of its
	// calls.
	EnvCalls = "TEMPEST_CALLS"

	// EnvLedger holds the folder in which each test process keeps on disk what it
	// makes in the cloud. Users may set it too; without it, it is a new folder for each process
	// in the user's cache folder.
	EnvLedger = "TEMPEST_LEDGER"

	// EnvSlots limits the top-level tests in flight over all processes of a
	// run: "N:DIR". A test in flight holds an exclusive lock on one of the
	// files DIR/0 … DIR/N-1.
	EnvSlots = "TEMPEST_SLOTS"

	// EnvLocks holds the folder with the locks of tests that run alone, or that
	// share something with no other test.
	EnvLocks = "TEMPEST_LOCKS"

	// EnvTimes names the file that says how long the top-level tests of a run took before: a JSON
	// object of seconds by test ID, "PACKAGE.TestName". What is not there is not known.
	EnvTimes = "TEMPEST_TIMES"

	// EnvAccounts holds the folder in which the processes of a run leave the
	// accounts that serve no test just now, with their passwords, for each other.
	EnvAccounts = "TEMPEST_ACCOUNTS"

	// EnvSeed holds the seed of the random data of a run, a decimal number of up to 64 bits. Users set it
	// too, to see the data of an earlier run again.
	EnvSeed = "TEMPEST_SEED"
)

// NoConfig as value of [EnvConfig] means that there is no configuration file,
// and that none is searched for.
const NoConfig = "-"

// Keys of the attributes that testlib sets on a test with t.Attr.
const (
	AttrID         = "id"         // UUID
	AttrAttributes = "attributes" // comma-separated, sorted
	AttrServices   = "services"   // comma-separated, sorted
	AttrWait       = "wait"       // time spent waiting for a slot or a lock, a time.Duration
	AttrBugs       = "bugs"       // URLs that the options of the test name, comma-separated, sorted

	// AttrKnownFailure is set to the URL of the bug by a test that failed, was
	// expected to, and so ends as skipped; AttrUnexpectedPass by one that did
	// not fail.
	AttrKnownFailure   = "known_failure"
	AttrUnexpectedPass = "unexpected_pass"

	// AttrNotRun is set, to the reason, by a test that was told to end before
	// it was done, and so ends as skipped.
	AttrNotRun  = "not_run"
	AttrLeaks   = "leaks"   // what the test left behind, "server ID,volume ID"; absent for nothing
	AttrRetries = "retries" // calls that were made again, a number; absent for none
	AttrSeed    = "seed"    // that of the random data which the test has used
)
