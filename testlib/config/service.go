package config

import "strings"

// ServiceGroup returns the group that holds the options of a service type, as
// "object_store" for "object-store". What the service can do stands in the group of
// that name with "_feature_enabled" behind it, and whether there is one in
// [service_available] under it. Block storage has the group "volume".
func ServiceGroup(serviceType string) string {
	switch serviceType {
	case "block-storage", "block-store", "volumev2", "volumev3":
		return "volume"
	}
	return strings.ReplaceAll(serviceType, "-", "_")
}
