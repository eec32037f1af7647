// Package identity tests the identity API, version 3: versions, tokens, domains and
// their configuration, projects, users, groups, roles with implication and
// inheritance and their assignment, the catalogue with its regions, services,
// endpoints and endpoint groups, application credentials, trusts, credentials,
// consumers of OAuth, stored policies, and what each role may do.
//
// The tests carry the build tag tempest. They need a user who may administer the
// cloud, make everything they use, and leave nothing behind. None depends on
// another, and none counts what it lists: other tests, and other users of
// the cloud, are at work at the same time.
//
// A group makes what its subtests share, once. Those that only look come first, and
// those that change or delete it last: each can still run alone.
package identity
