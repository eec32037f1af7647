package cloud

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/tokens"

	"github.com/gotempest/tempest/testlib/config"
)

// Identity is the service type of the identity service.
const Identity = "identity"

// NewClient makes a client with gophercloud's function for a service type, which knows
// what to put behind the endpoint, or a plain one for other types.
func NewClient(p *gophercloud.ProviderClient, serviceType string, eo gophercloud.EndpointOpts) (
	*gophercloud.ServiceClient, error) {
	if serviceType == Identity {
		eo.Type = serviceType
		return openstack.NewIdentityV3(p, eo)
	}
	if make := maker(serviceType); make != nil {
		return make(p, eo)
	}
	eo.ApplyDefaults(serviceType)
	url, err := p.EndpointLocator(eo)
	if err != nil {
		return nil, err
	}
	return &gophercloud.ServiceClient{ProviderClient: p, Endpoint: url, Type: serviceType}, nil
}

func maker(serviceType string) func(*gophercloud.ProviderClient, gophercloud.EndpointOpts) (
	*gophercloud.ServiceClient, error) {
	switch serviceType {
	case "baremetal":
		return openstack.NewBareMetalV1
	case "block-storage":
		return openstack.NewBlockStorageV3
	case "compute":
		return openstack.NewComputeV2
	case "dns":
		return openstack.NewDNSV2
	case "image":
		return openstack.NewImageV2
	case "key-manager":
		return openstack.NewKeyManagerV1
	case "load-balancer":
		return openstack.NewLoadBalancerV2
	case "network":
		return openstack.NewNetworkV2
	case "object-store":
		return openstack.NewObjectStorageV1
	case "orchestration":
		return openstack.NewOrchestrationV1
	case "placement":
		return openstack.NewPlacementV1
	case "shared-file-system":
		return openstack.NewSharedFileSystemV2
	}
	return nil
}

// Locator finds endpoints in a catalogue. Unlike gophercloud's own it asks a service
// for its versions only when the catalogue lists several, and knows the region and the
// interface of the configuration.
func (s *Session) Locator(p *gophercloud.ProviderClient, catalog *tokens.ServiceCatalog) gophercloud.EndpointLocator {
	return func(eo gophercloud.EndpointOpts) (string, error) {
		if eo.Region == "" {
			eo.Region = s.Cloud.Endpoint.Region
		}
		eo = asSpelled(eo, catalog)
		entries := 0
		for _, entry := range catalog.Entries {
			if slices.Contains(eo.Types(), entry.Type) {
				entries++
			}
		}
		if entries < 2 {
			eo.Version = 0
		}
		return openstack.V3Endpoint(s.ctx, p, catalog, eo)
	}
}

// asSpelled adds the types of catalog that are eo's but for an underscore, as in "key_manager".
func asSpelled(eo gophercloud.EndpointOpts, catalog *tokens.ServiceCatalog) gophercloud.EndpointOpts {
	for _, entry := range catalog.Entries {
		if strings.Contains(entry.Type, "_") && ServiceType(entry.Type) == ServiceType(eo.Type) {
			eo.Aliases = append(eo.Aliases[:len(eo.Aliases):len(eo.Aliases)], entry.Type)
		}
	}
	return eo
}

// ServiceType returns the official form of a service type: "key_manager" is "key-manager",
// "volumev3" is "block-storage".
func ServiceType(serviceType string) string {
	t := strings.ReplaceAll(serviceType, "_", "-")
	for official, aliases := range gophercloud.ServiceTypeAliases {
		if slices.Contains(aliases, t) {
			return official
		}
	}
	return t
}

// HasService returns nil when the catalogue of a has an endpoint of the service, and an
// [*gophercloud.ErrEndpointNotFound] when it has none.
func (s *Session) HasService(a *Admin, serviceType string) error {
	if len(a.Catalog.Entries) == 0 {
		return fmt.Errorf("the catalogue of the administrator's token is empty; check the project in %s", s.Cloud.Source)
	}
	eo := s.Endpoint(serviceType)
	eo.ApplyDefaults(serviceType)
	_, err := openstack.V3Endpoint(s.ctx, a.Provider, a.Catalog, asSpelled(eo, a.Catalog))
	return err
}

// Endpoint returns the region and the interface of the endpoints of a service: those of the options
// region and endpoint_type of its group, and where these are not set those of the cloud.
func (s *Session) Endpoint(serviceType string) gophercloud.EndpointOpts {
	eo := s.Cloud.Endpoint
	if s.Values == nil {
		return eo
	}
	group := config.ServiceGroup(serviceType)
	if region, _ := s.Values.LookupText(group, "region"); region != "" {
		eo.Region = region
	}
	if kind, _ := s.Values.LookupText(group, "endpoint_type"); kind != "" {
		eo.Availability = gophercloud.Availability(kind)
	}
	return eo
}

// Where says which part of the catalogue is looked at, if not all.
func (s *Session) Where() string {
	if s.Cloud.Endpoint.Region == "" {
		return ""
	}
	return " in region " + s.Cloud.Endpoint.Region
}
