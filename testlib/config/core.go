package config

import "time"

// Core holds the options that tempest itself has. The doc comments of its
// fields are the help texts of the sample configuration.
type Core struct {
	// Auth says which cloud is tested, and how it is reached.
	Auth struct {
		// Cloud is an entry of clouds.yaml, with the credentials of an administrator. Empty means $OS_CLOUD, then
		// $OS_AUTH_URL and its kin, and without any of them tempest's embedded cloud. "embedded" asks for that by name.
		Cloud string `toml:"cloud"`
		// CredentialsDomain is the name of the domain in which projects and users for tests are made. Empty means the
		// domain of the administrator.
		CredentialsDomain string `toml:"credentials_domain"`
		// AccountsFile is an accounts file with users that exist already, as `tempest account-generator` and Python Tempest
		// write it; a relative path starts at the folder of the configuration file. Empty means there is none.
		AccountsFile string `toml:"accounts_file"`
		// DynamicCredentials says whether projects and users are made for tests. Where it is false, tests use those of
		// accounts_file.
		DynamicCredentials bool `toml:"dynamic_credentials" default:"true"`
		// Isolated says that projects and users which were made for one test serve no other. It costs more calls.
		Isolated bool `toml:"isolated" default:"false"`
		// ConnectTimeout bounds connecting to a service.
		ConnectTimeout time.Duration `toml:"connect_timeout" default:"10s" min:"1ms"`
		// RequestTimeout bounds waiting for the answer to one call.
		RequestTimeout time.Duration `toml:"request_timeout" default:"60s" min:"1ms"`
	} `toml:"auth"`

	// Identity describes the identity service.
	Identity struct {
		// Region whose endpoints are tested. Empty means the region of clouds.yaml or $OS_REGION_NAME, and without one the
		// first endpoint of the catalogue.
		Region string `toml:"region"`
		// EndpointType is the interface of the endpoints used. Empty means that of clouds.yaml or $OS_INTERFACE, or public.
		EndpointType string `toml:"endpoint_type" choices:"public,internal,admin"`
		// AdminRole is the role of project admins. Empty skips tests that need one.
		AdminRole string `toml:"admin_role" default:"admin"`
		// ManagerRole is the role of project managers. Empty skips tests that need one.
		ManagerRole string `toml:"manager_role" default:"manager"`
		// MemberRole is the role of project members. Empty skips tests that need one.
		MemberRole string `toml:"member_role" default:"member"`
		// ReaderRole is the role of project readers. Empty skips tests that need one.
		ReaderRole string `toml:"reader_role" default:"reader"`
		// ExtraRoles are roles that project members get too, such as "creator" where Barbican asks for it.
		ExtraRoles []string `toml:"extra_roles"`
		// UserLockoutFailureAttempts is after how many failed logins a user is locked out. 0 skips tests of that, and so
		// does identity_feature_enabled.security_compliance = false.
		UserLockoutFailureAttempts int `toml:"user_lockout_failure_attempts" default:"2" min:"0"`
		// UserLockoutDuration is how long a user stays locked out. 0 skips tests of that.
		UserLockoutDuration time.Duration `toml:"user_lockout_duration" default:"5s" min:"0s"`
		// UserUniqueLastPasswordCount is how many passwords in a row of a user must differ. Less than 2 leaves that
		// untested, and so does identity_feature_enabled.security_compliance = false.
		UserUniqueLastPasswordCount int `toml:"user_unique_last_password_count" default:"2" min:"0"`
	} `toml:"identity"`

	// Image describes the image service.
	Image struct {
		// Region of the endpoints of the image service. Empty means that of [identity].
		Region string `toml:"region"`
		// EndpointType is the interface of the endpoints of the image service. Empty means that of [identity].
		EndpointType string `toml:"endpoint_type" choices:"public,internal,admin"`
		// BuildInterval is the longest pause between two looks at an image that a test waits for.
		BuildInterval time.Duration `toml:"build_interval" default:"1s" min:"1ms"`
		// BuildTimeout bounds waiting for an image.
		BuildTimeout time.Duration `toml:"build_timeout" default:"5m" min:"1ms"`
		// ContainerFormats are the container formats that tests give to images. Images with data have the first.
		ContainerFormats []string `toml:"container_formats" default:"bare,ami"`
		// DiskFormats are the disk formats that tests give to images. Images with data have the first, and their data
		// is random: a service that looks whether it fits the format takes it for raw.
		DiskFormats []string `toml:"disk_formats" default:"raw,qcow2"`
		// AlternateImageEndpoint is the type, in the catalogue, of a second worker of the image service. Empty skips
		// tests in which one worker goes on with what another has begun.
		AlternateImageEndpoint string `toml:"alternate_image_endpoint"`
		// HTTPImage is the URL of an image that the image service can fetch. Empty skips tests of importing from a
		// URL.
		HTTPImage string `toml:"http_image"`
		// ImportAddress is the address of this machine, "host" or "host:port", at which the image service can fetch what
		// a test serves. Glance fetches from ports 80 and 443 alone and not from loopback, unless it is told to. Empty
		// skips tests that serve an image, except on the embedded cloud.
		ImportAddress string `toml:"import_address"`
	} `toml:"image"`

	// ObjectStore describes the object store.
	ObjectStore struct {
		// Region of the endpoints of the object store service. Empty means that of [identity].
		Region string `toml:"region"`
		// EndpointType is the interface of the endpoints of the object store service. Empty means that of [identity].
		EndpointType string `toml:"endpoint_type" choices:"public,internal,admin"`
		// OperatorRole is the role that may make containers in its project.
		OperatorRole string `toml:"operator_role" default:"member"`
		// ResellerAdminRole is the role that may do everything in every account. Empty skips tests that need it.
		ResellerAdminRole string `toml:"reseller_admin_role" default:"ResellerAdmin"`
		// TempurlDigest is the hash that signs temporary URLs.
		TempurlDigest string `toml:"tempurl_digest" default:"sha256" choices:"sha1,sha256,sha512"`
		// BuildInterval is the longest pause between two looks at an object that a test waits for.
		BuildInterval time.Duration `toml:"build_interval" default:"1s" min:"1ms"`
		// BuildTimeout bounds waiting for an object.
		BuildTimeout time.Duration `toml:"build_timeout" default:"10s" min:"1ms"`
	} `toml:"object_store"`

	// Volume describes the block storage service.
	Volume struct {
		// Region of the endpoints of the block storage service. Empty means that of [identity].
		Region string `toml:"region"`
		// EndpointType is the interface of the endpoints of the block storage service. Empty means that of
		// [identity].
		EndpointType string `toml:"endpoint_type" choices:"public,internal,admin"`
		// BuildInterval is the longest pause between two looks at a volume, a snapshot or a backup that a test waits for.
		BuildInterval time.Duration `toml:"build_interval" default:"1s" min:"1ms"`
		// BuildTimeout bounds waiting for a volume, a snapshot or a backup.
		BuildTimeout time.Duration `toml:"build_timeout" default:"5m" min:"1ms"`
		// MinMicroversion is the lowest microversion of the block storage API that is tested, such as "2.1". Empty
		// means the lowest that the service has.
		MinMicroversion string `toml:"min_microversion"`
		// MaxMicroversion is the highest microversion of the block storage API that is tested; "latest" is the
		// highest that the service has, and so is empty.
		MaxMicroversion string `toml:"max_microversion"`
		// VolumeType is the type of the volumes that tests make, by name or UUID. Empty means the default of the service.
		VolumeType string `toml:"volume_type" resource:"volume_type"`
		// VolumeTypeMultiattach is a volume type whose volumes can be attached to several servers, by name or UUID. Empty
		// skips tests that need it.
		VolumeTypeMultiattach string `toml:"volume_type_multiattach" resource:"volume_type"`
		// VolumeSize is the size of the volumes that tests make, in GiB.
		VolumeSize int `toml:"volume_size" default:"1" min:"1"`
		// BackendNames are the values of volume_backend_name of the backends. Tests that need several backends use
		// the first two.
		BackendNames []string `toml:"backend_names"`
	} `toml:"volume"`

	// Network describes the network service.
	Network struct {
		// Region of the endpoints of the network service. Empty means that of [identity].
		Region string `toml:"region"`
		// EndpointType is the interface of the endpoints of the network service. Empty means that of [identity].
		EndpointType string `toml:"endpoint_type" choices:"public,internal,admin"`
		// BuildInterval is the longest pause between two looks at a port, a router or a floating IP address that a test
		// waits for.
		BuildInterval time.Duration `toml:"build_interval" default:"1s" min:"1ms"`
		// BuildTimeout bounds waiting for a port, a router or a floating IP address.
		BuildTimeout time.Duration `toml:"build_timeout" default:"5m" min:"1ms"`
		// PublicNetwork is the external network that gives floating IP addresses, by name or UUID. Empty skips tests
		// that need one.
		PublicNetwork string `toml:"public_network" resource:"network"`
		// PublicRouter is a router with a gateway to public_network, by name or UUID, that tests attach their
		// networks to. Empty means that tests make routers of their own.
		PublicRouter string `toml:"public_router" resource:"router"`
		// ProjectCIDR is the range out of which IPv4 subnets of tests are taken.
		ProjectCIDR string `toml:"project_cidr" default:"10.100.0.0/16"`
		// ProjectMaskBits is the length of the prefix of an IPv4 subnet of a test.
		ProjectMaskBits int `toml:"project_mask_bits" default:"28" min:"8" max:"30"`
		// ProjectIPv6CIDR is the range out of which IPv6 subnets of tests are taken.
		ProjectIPv6CIDR string `toml:"project_ipv6_cidr" default:"2001:db8::/48"`
		// ProjectIPv6MaskBits is the length of the prefix of an IPv6 subnet of a test.
		ProjectIPv6MaskBits int `toml:"project_ipv6_mask_bits" default:"64" min:"16" max:"126"`
		// ProjectNetworksReachable says whether the machine that runs the tests reaches addresses of project networks
		// directly.
		ProjectNetworksReachable bool `toml:"project_networks_reachable" default:"false"`
	} `toml:"network"`

	// Compute describes the compute service.
	Compute struct {
		// Region of the endpoints of the compute service. Empty means that of [identity].
		Region string `toml:"region"`
		// EndpointType is the interface of the endpoints of the compute service. Empty means that of [identity].
		EndpointType string `toml:"endpoint_type" choices:"public,internal,admin"`
		// BuildInterval is the longest pause between two looks at a server that a test waits for.
		BuildInterval time.Duration `toml:"build_interval" default:"1s" min:"1ms"`
		// BuildTimeout bounds waiting for a server.
		BuildTimeout time.Duration `toml:"build_timeout" default:"5m" min:"1ms"`
		// MinMicroversion is the lowest microversion of the compute API that is tested, such as "2.1". Empty means
		// the lowest that the service has.
		MinMicroversion string `toml:"min_microversion"`
		// MaxMicroversion is the highest microversion of the compute API that is tested; "latest" is the highest that
		// the service has, and so is empty.
		MaxMicroversion string `toml:"max_microversion"`
		// Image is the image that servers of tests boot, by name or UUID. Empty skips tests that need a server.
		Image string `toml:"image" resource:"image"`
		// ImageAlt is a second image, for rebuilding a server, by name or UUID. Empty means image.
		ImageAlt string `toml:"image_alt" resource:"image"`
		// Flavor is the flavor of the servers of tests, by name or UUID. Empty skips tests that need a server.
		Flavor string `toml:"flavor" resource:"flavor"`
		// FlavorAlt is a second flavor, for resizing a server, by name or UUID. Empty skips tests that resize.
		FlavorAlt string `toml:"flavor_alt" resource:"flavor"`
		// FixedNetwork is the network that servers get where a test makes none of its own, by name or UUID. Empty
		// leaves the choice to the compute service.
		FixedNetwork string `toml:"fixed_network" resource:"network"`
		// MinComputeNodes is how many hypervisors the cloud has at least. Tests that need more are skipped.
		MinComputeNodes int `toml:"min_compute_nodes" default:"1" min:"1"`
	} `toml:"compute"`

	// Placement describes the placement service.
	Placement struct {
		// Region of the endpoints of the placement service. Empty means that of [identity].
		Region string `toml:"region"`
		// EndpointType is the interface of the endpoints of the placement service. Empty means that of [identity].
		EndpointType string `toml:"endpoint_type" choices:"public,internal,admin"`
		// MinMicroversion is the lowest microversion of the placement API that is tested, such as "2.1". Empty means
		// the lowest that the service has.
		MinMicroversion string `toml:"min_microversion"`
		// MaxMicroversion is the highest microversion of the placement API that is tested; "latest" is the highest
		// that the service has, and so is empty.
		MaxMicroversion string `toml:"max_microversion"`
	} `toml:"placement"`

	// Validation says how tests reach into the servers that they make.
	Validation struct {
		// RunValidation says whether tests log in to servers. Where it is false they ask the API alone.
		RunValidation bool `toml:"run_validation" default:"true"`
		// ConnectMethod is the address by which a server is reached: a floating IP address, or its own on a project
		// network.
		ConnectMethod string `toml:"connect_method" default:"floating" choices:"fixed,floating"`
		// IPVersion is the version of IP by which a server is reached.
		IPVersion int `toml:"ip_version" default:"4" choices:"4,6"`
		// SSHUser is the user to log in as, in servers of [compute] image.
		SSHUser string `toml:"ssh_user" default:"root"`
		// SSHUserAlt is the user to log in as, in servers of [compute] image_alt.
		SSHUserAlt string `toml:"ssh_user_alt" default:"root"`
		// SSHPassword is the password of ssh_user, for images that take no key. Empty means that only keys are used.
		SSHPassword string `toml:"ssh_password" secret:"true"`
		// SSHKeyType is the type of the keys made for tests.
		SSHKeyType string `toml:"ssh_key_type" default:"ecdsa" choices:"ecdsa,ed25519,rsa"`
		// SSHShellPrologue stands before each command that is run in a server.
		SSHShellPrologue string `toml:"ssh_shell_prologue" default:"set -eu -o pipefail; PATH=$PATH:/sbin:/usr/sbin;"`
		// ConnectTimeout bounds one attempt to connect to a server.
		ConnectTimeout time.Duration `toml:"connect_timeout" default:"60s" min:"1ms"`
		// SSHTimeout bounds waiting until a server lets a user log in.
		SSHTimeout time.Duration `toml:"ssh_timeout" default:"5m" min:"1ms"`
		// PingTimeout bounds waiting until a server answers a ping.
		PingTimeout time.Duration `toml:"ping_timeout" default:"2m" min:"1ms"`
		// PingCount is how many pings are sent from within a server.
		PingCount int `toml:"ping_count" default:"1" min:"1"`
		// PingSize is the size of the data of such a ping, in bytes.
		PingSize int `toml:"ping_size" default:"56" min:"0" max:"65507"`
	} `toml:"validation"`

	// ServiceAvailable says which services are tested. Tests of a service that is false are skipped; those of one that
	// is set to true fail when the catalogue lacks it. For one that is not set, the catalogue decides.
	ServiceAvailable struct {
		// Identity says whether the identity service is tested.
		Identity bool `toml:"identity" default:"true"`
		// Image says whether the image service is tested.
		Image bool `toml:"image" default:"true"`
		// ObjectStore says whether the object store is tested.
		ObjectStore bool `toml:"object_store" default:"true"`
		// Volume says whether the block storage service is tested.
		Volume bool `toml:"volume" default:"true"`
		// Network says whether the network service is tested.
		Network bool `toml:"network" default:"true"`
		// Compute says whether the compute service is tested.
		Compute bool `toml:"compute" default:"true"`
		// Placement says whether the placement service is tested.
		Placement bool `toml:"placement" default:"true"`
	} `toml:"service_available"`

	// IdentityFeatureEnabled says what the identity service can do. Tests of a feature that is false are skipped.
	IdentityFeatureEnabled struct {
		// Trust says whether users can delegate roles by trusts.
		Trust bool `toml:"trust" default:"true"`
		// ApplicationCredentials says whether users can make application credentials.
		ApplicationCredentials bool `toml:"application_credentials" default:"true"`
		// AccessRules says whether application credentials can be limited by access rules.
		AccessRules bool `toml:"access_rules" default:"true"`
		// DomainSpecificDrivers says whether domains can have back ends of their own.
		DomainSpecificDrivers bool `toml:"domain_specific_drivers" default:"false"`
		// SecurityCompliance says whether rules for passwords and lock-outs are set.
		SecurityCompliance bool `toml:"security_compliance" default:"false"`
		// ImmutableUserSource says whether users can only be read, as with LDAP. Tests that make users are skipped
		// where it is true.
		ImmutableUserSource bool `toml:"immutable_user_source" default:"false"`
		// EnforceScope says whether the policies of the identity service ask for the right scope and know the roles
		// of personas.
		EnforceScope bool `toml:"enforce_scope" default:"false"`
	} `toml:"identity_feature_enabled"`

	// ImageFeatureEnabled says what the image service can do. Tests of a feature that is false are skipped.
	ImageFeatureEnabled struct {
		// ImportImage says whether images can be imported.
		ImportImage bool `toml:"import_image" default:"true"`
		// ImageConversion says whether an import converts images to another format.
		ImageConversion bool `toml:"image_conversion" default:"false"`
		// ImageFormatEnforcement says whether the content of an image must be of its disk format.
		ImageFormatEnforcement bool `toml:"image_format_enforcement" default:"true"`
		// ImageCaching says whether images are cached.
		ImageCaching bool `toml:"image_caching" default:"false"`
		// ManageLocations says whether locations of images are shown and can be changed.
		ManageLocations bool `toml:"manage_locations" default:"false"`
		// HTTPStore says whether the service has a store that reads from URLs.
		HTTPStore bool `toml:"http_store" default:"false"`
		// StoreWeight says whether stores have weights.
		StoreWeight bool `toml:"store_weight" default:"false"`
		// DoSecureHash says whether an added location gets a hash.
		DoSecureHash bool `toml:"do_secure_hash" default:"true"`
		// EnforceScope says whether the policies of the image service ask for the right scope and know the roles of
		// personas.
		EnforceScope bool `toml:"enforce_scope" default:"false"`
	} `toml:"image_feature_enabled"`

	// ObjectStoreFeatureEnabled says what the object store can do. Tests of a feature that is false are skipped.
	ObjectStoreFeatureEnabled struct {
		// Discoverability says whether /info lists what the object store can do.
		Discoverability bool `toml:"discoverability" default:"true"`
		// DiscoverableAPIs are the names in /info that tests may use. Empty means those that /info lists.
		DiscoverableAPIs []string `toml:"discoverable_apis"`
		// ContainerSync says whether containers can be kept equal by container sync.
		ContainerSync bool `toml:"container_sync" default:"false"`
		// ObjectVersioning says whether old versions of objects can be kept.
		ObjectVersioning bool `toml:"object_versioning" default:"true"`
	} `toml:"object_store_feature_enabled"`

	// VolumeFeatureEnabled says what the block storage service can do. Tests of a feature that is false are
	// skipped.
	VolumeFeatureEnabled struct {
		// APIExtensions are the aliases of the extensions that tests may use. Empty means those that the service
		// lists.
		APIExtensions []string `toml:"api_extensions"`
		// Backup says whether volumes can be backed up.
		Backup bool `toml:"backup" default:"true"`
		// Clone says whether a volume can be made of another.
		Clone bool `toml:"clone" default:"true"`
		// Snapshot says whether volumes have snapshots.
		Snapshot bool `toml:"snapshot" default:"true"`
		// MultiBackend says whether there are several backends; [volume] backend_names names them.
		MultiBackend bool `toml:"multi_backend" default:"false"`
		// ManageVolume says whether a volume of a backend can be taken over.
		ManageVolume bool `toml:"manage_volume" default:"false"`
		// ManageSnapshot says whether a snapshot of a backend can be taken over.
		ManageSnapshot bool `toml:"manage_snapshot" default:"false"`
		// Replication says whether volumes can be replicated.
		Replication bool `toml:"replication" default:"false"`
		// ExtendAttachedVolume says whether a volume can grow while it is attached.
		ExtendAttachedVolume bool `toml:"extend_attached_volume" default:"false"`
		// ExtendAttachedEncryptedVolume says whether an encrypted volume can grow while it is attached.
		ExtendAttachedEncryptedVolume bool `toml:"extend_attached_encrypted_volume" default:"false"`
		// ExtendVolumeWithSnapshot says whether a volume that has snapshots can grow.
		ExtendVolumeWithSnapshot bool `toml:"extend_volume_with_snapshot" default:"true"`
		// VolumeImageDependency says whether an image cannot be deleted while a volume made of it depends on it.
		VolumeImageDependency bool `toml:"volume_image_dependency" default:"false"`
		// EnforceScope says whether the policies of the block storage service ask for the right scope and know the
		// roles of personas.
		EnforceScope bool `toml:"enforce_scope" default:"false"`
	} `toml:"volume_feature_enabled"`

	// NetworkFeatureEnabled says what the network service can do. Tests of a feature that is false are skipped.
	NetworkFeatureEnabled struct {
		// APIExtensions are the aliases of the extensions that tests may use. Empty means those that the service
		// lists.
		APIExtensions []string `toml:"api_extensions"`
		// FloatingIPs says whether there are floating IP addresses.
		FloatingIPs bool `toml:"floating_ips" default:"true"`
		// IPv6 says whether there are IPv6 subnets.
		IPv6 bool `toml:"ipv6" default:"true"`
		// IPv6SubnetAttributes says whether IPv6 subnets know ipv6_ra_mode and ipv6_address_mode.
		IPv6SubnetAttributes bool `toml:"ipv6_subnet_attributes" default:"false"`
		// PortAdminStateChange says whether ports can be switched off and on.
		PortAdminStateChange bool `toml:"port_admin_state_change" default:"true"`
		// PortSecurity says whether port security can be switched.
		PortSecurity bool `toml:"port_security" default:"false"`
		// QoSMinBWAndPPS says whether resource providers have bandwidths and packet rates, for policies that
		// guarantee some.
		QoSMinBWAndPPS bool `toml:"qos_min_bw_and_pps" default:"false"`
		// EnforceScope says whether the policies of the network service ask for the right scope and know the roles of
		// personas.
		EnforceScope bool `toml:"enforce_scope" default:"false"`
	} `toml:"network_feature_enabled"`

	// ComputeFeatureEnabled says what the compute service can do. Tests of a feature that is false are skipped.
	ComputeFeatureEnabled struct {
		// AttachEncryptedVolume says whether an encrypted volume can be attached to a running server.
		AttachEncryptedVolume bool `toml:"attach_encrypted_volume" default:"true"`
		// BlockMigrationForLiveMigration says whether live migration copies block devices.
		BlockMigrationForLiveMigration bool `toml:"block_migration_for_live_migration" default:"false"`
		// CanMigrateBetweenAnyHosts says whether servers can move between any two hosts.
		CanMigrateBetweenAnyHosts bool `toml:"can_migrate_between_any_hosts" default:"true"`
		// ChangePassword says whether the password in a server can be changed.
		ChangePassword bool `toml:"change_password" default:"false"`
		// ColdMigration says whether servers can be moved while they are off.
		ColdMigration bool `toml:"cold_migration" default:"true"`
		// ConfigDrive says whether servers can have a drive with their metadata.
		ConfigDrive bool `toml:"config_drive" default:"true"`
		// ConsoleOutput says whether the output of a server's console can be read.
		ConsoleOutput bool `toml:"console_output" default:"true"`
		// DiskConfig says whether the partition of a server's disk can be kept as it is.
		DiskConfig bool `toml:"disk_config" default:"true"`
		// EnableInstancePassword says whether the answer to making a server holds its password.
		EnableInstancePassword bool `toml:"enable_instance_password" default:"true"`
		// HostnameFQDNSanitization says whether a server's name with dots is made a host name.
		HostnameFQDNSanitization bool `toml:"hostname_fqdn_sanitization" default:"false"`
		// IDEBus says whether devices can be attached by IDE.
		IDEBus bool `toml:"ide_bus" default:"true"`
		// InterfaceAttach says whether a network interface can be attached to a running server.
		InterfaceAttach bool `toml:"interface_attach" default:"true"`
		// LiveMigrateBackAndForth says whether a server can be moved while it runs to another version of the
		// hypervisor and back.
		LiveMigrateBackAndForth bool `toml:"live_migrate_back_and_forth" default:"false"`
		// LiveMigration says whether servers can be moved while they run.
		LiveMigration bool `toml:"live_migration" default:"true"`
		// MetadataService says whether servers reach the metadata service.
		MetadataService bool `toml:"metadata_service" default:"true"`
		// Pause says whether servers can be paused.
		Pause bool `toml:"pause" default:"true"`
		// Personality says whether files can be put into a server when it is made.
		Personality bool `toml:"personality" default:"false"`
		// Rescue says whether servers can be rescued.
		Rescue bool `toml:"rescue" default:"true"`
		// Resize says whether servers can be resized; [compute] flavor_alt names the other flavor.
		Resize bool `toml:"resize" default:"false"`
		// SchedulerEnabledFilters are the filters of the scheduler that tests may rely on. Empty means those that
		// Nova enables by default.
		SchedulerEnabledFilters []string `toml:"scheduler_enabled_filters"`
		// SerialConsole says whether servers have a serial console.
		SerialConsole bool `toml:"serial_console" default:"false"`
		// Shelve says whether servers can be shelved.
		Shelve bool `toml:"shelve" default:"true"`
		// ShelveMigrate says whether a server that was shelved can be moved.
		ShelveMigrate bool `toml:"shelve_migrate" default:"false"`
		// Snapshot says whether an image can be made of a running server.
		Snapshot bool `toml:"snapshot" default:"true"`
		// SpiceConsole says whether servers have a SPICE console.
		SpiceConsole bool `toml:"spice_console" default:"false"`
		// StableRescue says whether a rescued server keeps its devices.
		StableRescue bool `toml:"stable_rescue" default:"false"`
		// Suspend says whether servers can be suspended.
		Suspend bool `toml:"suspend" default:"true"`
		// SwapVolume says whether an attached volume can be replaced by another.
		SwapVolume bool `toml:"swap_volume" default:"false"`
		// UnifiedLimits says whether quotas are limits of the identity service.
		UnifiedLimits bool `toml:"unified_limits" default:"false"`
		// VNCConsole says whether servers have a VNC console.
		VNCConsole bool `toml:"vnc_console" default:"false"`
		// VolumeBackedLiveMigration says whether servers that boot from a volume can be moved while they run.
		VolumeBackedLiveMigration bool `toml:"volume_backed_live_migration" default:"false"`
		// VolumeMultiattach says whether a volume can be attached to several servers.
		VolumeMultiattach bool `toml:"volume_multiattach" default:"false"`
		// VTPMLiveMigration says whether servers with a virtual TPM can be moved while they run.
		VTPMLiveMigration bool `toml:"vtpm_live_migration" default:"false"`
		// EnforceScope says whether the policies of the compute service ask for the right scope and know the roles of
		// personas.
		EnforceScope bool `toml:"enforce_scope" default:"false"`
	} `toml:"compute_feature_enabled"`

	// PlacementFeatureEnabled says what the placement service can do. Tests of a feature that is false are
	// skipped.
	PlacementFeatureEnabled struct {
		// EnforceScope says whether the policies of the placement service ask for the right scope and know the roles
		// of personas.
		EnforceScope bool `toml:"enforce_scope" default:"false"`
	} `toml:"placement_feature_enabled"`

	// Log says what tests log of their calls.
	Log struct {
		// Bodies says which bodies are logged beside the line for each call. Secrets are removed.
		Bodies string `toml:"bodies" default:"errors" choices:"none,errors,all"`
		// BodyLimit is how much of each body is logged, in bytes.
		BodyLimit int `toml:"body_limit" default:"4096" min:"0" max:"60000"`
		// Calls is a folder in which each test process leaves the log of its calls, for `tempest calls`; a relative path
		// starts at the folder of the configuration file. Empty means none under `go test`. Under `tempest run` it is
		// always among the records of the run.
		Calls string `toml:"calls"`
	} `toml:"log"`

	// HTTP says how calls are made.
	HTTP struct {
		// MaxRetries is how often a call is made again that failed for a reason that passes, such as status 503. 0 means
		// never.
		MaxRetries int `toml:"max_retries" default:"3" min:"0" max:"20"`
		// MaxRetryWait bounds the wait before a call is made again, also where the service asks for a longer one.
		MaxRetryWait time.Duration `toml:"max_retry_wait" default:"30s" min:"0s"`
	} `toml:"http"`

	// Run says how runs work on this machine.
	Run struct {
		// LinkCacheSize is how many MiB of linked test binaries are kept, so that a run links only what has changed. What
		// was used longest ago goes first. 0 keeps none.
		LinkCacheSize int `toml:"link_cache_size" default:"2048" min:"0"`
	} `toml:"run"`

	// Plugins narrows the plugins that take part.
	Plugins struct {
		// Only names the plugins that take part. Empty means all.
		Only []string `toml:"only"`
		// Disable names plugins that do not take part.
		Disable []string `toml:"disable"`
		// Allow names the modules whose plugins may run, as patterns like those of GOPRIVATE: "example.com/cloud" is
		// this module and what is below it, "*.example.com" all of these hosts. Plugins of other modules are listed as
		// refused and do not run. Empty means that all may. The module in which tempest is called, tempest's own suite
		// and modules that this file adopts always may; other modules that a go.work uses must be named.
		Allow []string `toml:"allow"`
	} `toml:"plugins"`

	// Adopt names modules without a plugin marker whose tests take part.
	Adopt []Adopt `toml:"adopt"`
}

// Adopt is a module without a plugin marker whose tests take part.
type Adopt struct {
	// Module is the module's path.
	Module string `toml:"module" required:"true"`
	// Name is the plugin name that the module gets. Empty means the last element of its path.
	Name string `toml:"name"`
	// Tests holds package patterns below the module's root.
	Tests []string `toml:"tests" default:"./..."`
	// Tags holds the build tags of the module's tests.
	Tags []string `toml:"tags"`
}
