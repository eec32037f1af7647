package resource

// network returns the types of Neutron and its extensions. Ports of DHCP and of routers are removed with
// the network or router. The default security group of a project is made when the project first
// uses Neutron, and stays when the project is removed: [DefaultSecurityGroup].
func network() []Type {
	types := []Type{{
		Service: "network", Name: "router_interface", Create: []string{"PUT /routers/{router}/add_router_interface"},
		ID: "port_id", NameField: "-", Delete: "PUT /routers/{router}/remove_router_interface",
		DeleteBody: `{"port_id":"{id}"}`, Check: "/ports/{id}", Rank: rankRouterPort,
	}}
	for _, c := range neutronCollections() {
		t := Type{
			Service: "network", Name: c.key, Create: []string{"POST /" + c.path}, Key: c.key, Plural: c.plural,
			Delete: "DELETE /" + c.path + "/{id}", Rank: c.rank, Part: c.part,
			List: List{Path: "/" + c.path, Key: c.plural, Project: "project_id", Name: "name", ProjectField: "project_id"},
		}
		if c.nameless {
			t.NameField, t.List.NameField, t.List.Name = "-", "-", ""
		}
		types = append(types, t)
	}
	return append(types, neutronParts()...)
}

// collection is a collection of Neutron, all of which are alike.
type collection struct {
	path, key, plural string
	rank              int
	part, nameless    bool
}

// neutronCollections lists them with what refers to others first.
func neutronCollections() []collection {
	return []collection{
		{path: "floatingips", key: "floatingip", plural: "floatingips", rank: rankFloatingIP, nameless: true},
		{path: "ndp_proxies", key: "ndp_proxy", plural: "ndp_proxies", rank: rankFloatingIP},
		{path: "local_ips", key: "local_ip", plural: "local_ips", rank: rankFloatingIP},
		{path: "trunks", key: "trunk", plural: "trunks", rank: rankTrunk},
		{path: "routers", key: "router", plural: "routers", rank: rankRouter},
		{path: "rbac-policies", key: "rbac_policy", plural: "rbac_policies", rank: rankNetPart, part: true, nameless: true},
		{path: "ports", key: "port", plural: "ports", rank: rankPort},
		{path: "subnets", key: "subnet", plural: "subnets", rank: rankSubnet},
		{path: "segments", key: "segment", plural: "segments", rank: rankSubnet, part: true},
		{path: "networks", key: "network", plural: "networks", rank: rankNetwork},
		{path: "security-group-rules", key: "security_group_rule", plural: "security_group_rules", rank: rankNetPart,
			part: true, nameless: true},
		{path: "security-groups", key: "security_group", plural: "security_groups", rank: rankNetBase},
		{path: "default-security-group-rules", key: "default_security_group_rule", plural: "default_security_group_rules",
			rank: rankNetBase, nameless: true},
		{path: "address-groups", key: "address_group", plural: "address_groups", rank: rankNetBaseBelow},
		{path: "subnetpools", key: "subnetpool", plural: "subnetpools", rank: rankNetBase},
		{path: "address-scopes", key: "address_scope", plural: "address_scopes", rank: rankNetBaseBelow},
		{path: "qos/policies", key: "policy", plural: "policies", rank: rankNetBaseBelow},
		{path: "metering/metering-label-rules", key: "metering_label_rule", plural: "metering_label_rules",
			rank: rankNetPart, part: true, nameless: true},
		{path: "metering/metering-labels", key: "metering_label", plural: "metering_labels", rank: rankNetBase},
		{path: "flavors", key: "flavor", plural: "flavors", rank: rankNetBase},
		{path: "service_profiles", key: "service_profile", plural: "service_profiles", rank: rankNetBaseBelow,
			nameless: true},
		{path: "network_segment_ranges", key: "network_segment_range", plural: "network_segment_ranges",
			rank: rankNetBaseBelow},
		{path: "log/logs", key: "log", plural: "logs", rank: rankNetPart},
		{path: "vpn/ipsec-site-connections", key: "ipsec_site_connection", plural: "ipsec_site_connections",
			rank: rankFloatingIP},
		{path: "vpn/vpnservices", key: "vpnservice", plural: "vpnservices", rank: rankRouterPort - 1},
		{path: "vpn/endpoint-groups", key: "endpoint_group", plural: "endpoint_groups", rank: rankRouterPort - 1},
		{path: "vpn/ikepolicies", key: "ikepolicy", plural: "ikepolicies", rank: rankNetBase},
		{path: "vpn/ipsecpolicies", key: "ipsecpolicy", plural: "ipsecpolicies", rank: rankNetBase},
		{path: "fwaas/firewall_groups", key: "firewall_group", plural: "firewall_groups", rank: rankRouterPort - 1},
		{path: "fwaas/firewall_policies", key: "firewall_policy", plural: "firewall_policies", rank: rankNetBase},
		{path: "fwaas/firewall_rules", key: "firewall_rule", plural: "firewall_rules", rank: rankNetBaseBelow},
		{path: "bgp-speakers", key: "bgp_speaker", plural: "bgp_speakers", rank: rankRouterPort - 1},
		{path: "bgp-peers", key: "bgp_peer", plural: "bgp_peers", rank: rankRouterPort - 1},
		{path: "bgpvpn/bgpvpns", key: "bgpvpn", plural: "bgpvpns", rank: rankRouterPort - 1},
	}
}

// neutronParts returns what is below an element of a collection.
func neutronParts() []Type {
	part := func(name, path, key string) Type {
		return Type{Service: "network", Name: name, Create: []string{"POST " + path}, Key: key, NameField: "-", Part: true,
			Rank: rankFloatingIP - 1}
	}
	return []Type{
		part("port_forwarding", "/floatingips/{floatingip}/port_forwardings", "port_forwarding"),
		part("conntrack_helper", "/routers/{router}/conntrack_helpers", "conntrack_helper"),
		part("port_association", "/local_ips/{local_ip}/port_associations", "port_association"),
		part("qos_bandwidth_rule", "/qos/policies/{policy}/bandwidth_limit_rules", "bandwidth_limit_rule"),
		part("qos_dscp_rule", "/qos/policies/{policy}/dscp_marking_rules", "dscp_marking_rule"),
		part("qos_minimum_bandwidth_rule", "/qos/policies/{policy}/minimum_bandwidth_rules", "minimum_bandwidth_rule"),
		part("qos_packet_rule", "/qos/policies/{policy}/packet_rate_limit_rules", "packet_rate_limit_rule"),
		part("qos_minimum_packet_rule", "/qos/policies/{policy}/minimum_packet_rate_rules", "minimum_packet_rate_rule"),
		part("service_profile_association", "/flavors/{flavor}/service_profiles", "service_profile"),
	}
}

// DefaultSecurityGroup is the name of the security group that Neutron makes for each project that uses it. It makes
// a new one when it is missing, as long as there is somebody who asks.
const DefaultSecurityGroup = "default"
