// Package api tests the key manager's API: secrets, their payloads, metadata
// and ACLs, and containers.
//
// Each test works on secrets of its own and expects others beside them, so all
// of them can run at once, and in a project that is in use.
package api
