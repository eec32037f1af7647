// Package identity tests the identity API, version 3: versions, tokens, domains,
// projects, users, groups, roles and their assignment, the catalogue, application
// credentials, and what each role may do.
//
// The tests carry the build tag tempest. They need a user who may administer the
// cloud, make everything they use, and leave nothing behind. None depends on
// another, and none counts what it lists: other tests, and other users of
// the cloud, are at work at the same time.
package identity
