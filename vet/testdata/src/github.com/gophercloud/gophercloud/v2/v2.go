// Package gophercloud has what the tests of the analyzers use of the real one.
package gophercloud

type ServiceClient struct{}

func NewClient(string) *ServiceClient { return nil }

func DeleteThing(*ServiceClient, string) error { return nil }
