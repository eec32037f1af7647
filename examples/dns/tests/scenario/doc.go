// Package scenario tests what users do with the DNS, from end to end.
package scenario
