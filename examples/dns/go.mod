module github.com/gotempest/tempest/examples/dns

go 1.26.0

require (
	github.com/google/go-cmp v0.7.0
	github.com/google/uuid v1.6.0
	github.com/gophercloud/gophercloud/v2 v2.15.0
	github.com/gotempest/tempest v0.0.0
	github.com/gotempest/tempest/examples/keymanager v0.0.0
)

require (
	github.com/BurntSushi/toml v1.6.0 // indirect
	go.yaml.in/yaml/v3 v3.0.6 // indirect
	gopkg.in/yaml.v2 v2.4.0 // indirect
)

replace (
	github.com/gotempest/tempest => ../..
	github.com/gotempest/tempest/examples/keymanager => ../keymanager
)
