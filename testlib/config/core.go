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
		// MemberRole is the role of project members. Empty skips tests that need one.
		MemberRole string `toml:"member_role" default:"member"`
		// ReaderRole is the role of project readers. Empty skips tests that need one.
		ReaderRole string `toml:"reader_role" default:"reader"`
		// ExtraRoles are roles that project members get too, such as "creator" where Barbican asks for it.
		ExtraRoles []string `toml:"extra_roles"`
	} `toml:"identity"`

	// ServiceAvailable says which services are tested. Tests of a service that is false are skipped; those of one that
	// is set to true fail when the catalogue lacks it. For one that is not set, the catalogue decides.
	ServiceAvailable struct {
		// Identity says whether the identity service is tested.
		Identity bool `toml:"identity" default:"true"`
	} `toml:"service_available"`

	// Log says what tests log of their calls.
	Log struct {
		// Bodies says which bodies are logged beside the line for each call. Secrets are removed.
		Bodies string `toml:"bodies" default:"errors" choices:"none,errors,all"`
	} `toml:"log"`

	// Plugins narrows the plugins that take part.
	Plugins struct {
		// Only names the plugins that take part. Empty means all.
		Only []string `toml:"only"`
		// Disable names plugins that do not take part.
		Disable []string `toml:"disable"`
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
