module example.com/adopted

go 1.26.0

// Nothing here imports it: its tests are adopted in tempest.toml.
require github.com/gophercloud/gophercloud/v2 v2.15.0
