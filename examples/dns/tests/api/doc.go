// Package api tests the DNS, one resource at a time: zones, sets of records,
// quotas.
package api
