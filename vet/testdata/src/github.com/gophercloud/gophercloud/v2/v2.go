// Package gophercloud has what the tests of the analyzers use of the real one.
package gophercloud

type ServiceClient struct{}

func (*ServiceClient) Delete(string) error { return nil }

func IntToPointer(i int) *int { return &i }

func ForceDelete(*ServiceClient, string) error { return nil }

func NewClient(string) *ServiceClient { return nil }

func DeleteThing(*ServiceClient, string) error { return nil }
