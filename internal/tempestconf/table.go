package tempestconf

// renamed returns the options that are called otherwise in tempest. All others are taken over when tempest, or a
// plugin, has one of the same group and name.
func renamed() map[string]string {
	return map[string]string{
		"auth.test_accounts_file":              "auth.accounts_file",
		"auth.use_dynamic_credentials":         "auth.dynamic_credentials",
		"auth.default_credentials_domain_name": "auth.credentials_domain",
		"auth.tempest_roles":                   "identity.extra_roles",
		"service_clients.http_timeout":         "auth.request_timeout",

		"identity.v3_endpoint_type": "identity.endpoint_type",

		"compute.image_ref":          "compute.image",
		"compute.image_ref_alt":      "compute.image_alt",
		"compute.flavor_ref":         "compute.flavor",
		"compute.flavor_ref_alt":     "compute.flavor_alt",
		"compute.fixed_network_name": "compute.fixed_network",

		"compute_feature_enabled.scheduler_available_filters": "compute_feature_enabled.scheduler_enabled_filters",

		"network.public_network_id":            "network.public_network",
		"network.public_router_id":             "network.public_router",
		"network.project_network_cidr":         "network.project_cidr",
		"network.project_network_mask_bits":    "network.project_mask_bits",
		"network.project_network_v6_cidr":      "network.project_ipv6_cidr",
		"network.project_network_v6_mask_bits": "network.project_ipv6_mask_bits",
		"network.tenant_network_cidr":          "network.project_cidr",
		"network.tenant_network_mask_bits":     "network.project_mask_bits",
		"network.tenant_networks_reachable":    "network.project_networks_reachable",

		"image.image_caching_enabled":                "image_feature_enabled.image_caching",
		"image_feature_enabled.http_store_enabled":   "image_feature_enabled.http_store",
		"image_feature_enabled.store_weight_enabled": "image_feature_enabled.store_weight",

		"object_storage_feature_enabled.tempurl_digest_hashlib": "object_store.tempurl_digest",

		"volume_feature_enabled.enable_volume_image_dep_tests": "volume_feature_enabled.volume_image_dependency",

		"validation.ip_version_for_ssh": "validation.ip_version",
		"validation.image_ssh_user":     "validation.ssh_user",
		"validation.image_alt_ssh_user": "validation.ssh_user_alt",
		"validation.image_ssh_password": "validation.ssh_password",

		"service_available.cinder":  "service_available.volume",
		"service_available.neutron": "service_available.network",
		"service_available.glance":  "service_available.image",
		"service_available.swift":   "service_available.object_store",
		"service_available.nova":    "service_available.compute",

		"enforce_scope.keystone":  "identity_feature_enabled.enforce_scope",
		"enforce_scope.glance":    "image_feature_enabled.enforce_scope",
		"enforce_scope.cinder":    "volume_feature_enabled.enforce_scope",
		"enforce_scope.neutron":   "network_feature_enabled.enforce_scope",
		"enforce_scope.nova":      "compute_feature_enabled.enforce_scope",
		"enforce_scope.placement": "placement_feature_enabled.enforce_scope",
	}
}

// groups returns the groups that are called otherwise.
func groups() map[string]string {
	return map[string]string{
		"object_storage":                 "object_store",
		"object_storage_feature_enabled": "object_store_feature_enabled",
	}
}

// reasons says why an option, or a whole group, has no counterpart, and what there is instead. An option that is
// not here and not known is told as such.
func reasons() map[string]string {
	const (
		clouds   = "it becomes an entry of clouds.yaml, which takes identity.uri_v3 and auth.admin_username too"
		catalog  = "tempest finds services by their official type and its aliases"
		networks = "networks are made for the tests that ask for one"
		log      = "tempest keeps its own logs below the user's cache folder"
		identity = "tempest speaks Identity v3 only"
		always   = "the feature is always there"
	)
	return map[string]string{
		"default.pause_teardown":       "run one test with -v instead",
		"default.resource_name_prefix": "names of tempest's resources begin with tempest-",
		"default.record_resources":     "every resource is recorded; see tempest cleanup",
		"default":                      log,
		"oslo_concurrency":             "tempest keeps its locks in the folder of the run",
		"debug":                        "calls are recorded; see tempest calls",
		"profiler":                     "there is no profiling by OSProfiler",
		"dashboard":                    "there are no tests of Horizon",
		"service_available.horizon":    "there are no tests of Horizon",
		"scenario":                     "scenario tests use the images of [compute]",

		"auth.create_isolated_networks": networks,

		"identity.uri_v3":                             clouds,
		"auth.admin_username":                         clouds,
		"auth.admin_password":                         clouds,
		"auth.admin_project_name":                     clouds,
		"auth.admin_system":                           clouds,
		"auth.admin_domain_name":                      clouds,
		"auth.admin_user_domain_name":                 clouds,
		"auth.admin_project_domain_name":              clouds,
		"identity.ca_certificates_file":               clouds,
		"identity.disable_ssl_certificate_validation": clouds,

		"identity.auth_version":            identity,
		"identity.uri":                     identity + "; uri_v3 goes into clouds.yaml",
		"identity.v2_admin_endpoint_type":  identity,
		"identity.v2_public_endpoint_type": identity,
		"identity.default_domain_id":       "the domain of the administrator is used, or auth.credentials_domain",
		"identity.admin_domain_scope":      "personas have the scope that their test asks for",
		"identity.use_system_token":        "personas have the scope that their test asks for",

		"identity.catalog_type":       catalog,
		"compute.catalog_type":        catalog,
		"image.catalog_type":          catalog,
		"network.catalog_type":        catalog,
		"volume.catalog_type":         catalog,
		"placement.catalog_type":      catalog,
		"object_storage.catalog_type": catalog,

		"identity_feature_enabled.api_v2":          identity,
		"identity_feature_enabled.api_v2_admin":    identity,
		"identity_feature_enabled.api_v3":          identity,
		"identity_feature_enabled.project_tags":    always,
		"image_feature_enabled.os_glance_reserved": always,
		"image_feature_enabled.api_v1":             "tempest speaks Image v2 only",
		"image_feature_enabled.api_v2":             "tempest speaks Image v2 only",

		"service_clients.proxy_url":         "set $HTTPS_PROXY and $HTTP_PROXY",
		"network.floating_network_name":     "network.public_network is the network of floating IP addresses",
		"validation.image_alt_ssh_password": "only ssh_user may have a password",
		"validation.auth_method":            "keys are used, and a password where there is one",
	}
}
