// Package scenario tests what the key manager is for, from end to end.
package scenario
