// Package cleanup removes from a cloud what tests have left there: what ledgers hold
// (package ledger), and what is found by listing.
//
// A removal is done in passes. Each takes what is left in the order of dependence, servers
// before the networks they are in, and of one kind the newest first. What the cloud refuses to
// remove yet is asked for again in the next pass, as long as something is being removed and
// some time beyond; what is removed later than asked for is waited for. What is in a project,
// a domain or a container goes before it, also when no ledger knows of it.
//
// Removing something that is not there is success, so a second run finds nothing to do.
package cleanup
