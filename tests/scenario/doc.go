// Package scenario tests what users of a cloud do, from end to end and across
// projects: an image uploaded by one and used by another, an object shared through
// access control lists.
//
// The tests carry the build tag tempest. They make everything they use and leave
// nothing behind. What one service does by itself is tested by the packages below
// tests/api.
package scenario
