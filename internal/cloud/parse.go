package cloud

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/gophercloud/gophercloud/v2/openstack/config/clouds"
	"go.yaml.in/yaml/v3"
)

// parse reads an entry of a clouds.yaml, whose text is doc. It refuses what gophercloud does not: that panics
// for an entry without auth, and takes every interface that it does not know for the public one.
func parse(name string, doc []byte, from clouds.ParseOption) (c Cloud, err error) {
	if len(bytes.TrimSpace(doc)) == 0 {
		return Cloud{}, errors.New("the file is empty")
	}
	var file clouds.Clouds
	if yaml.Unmarshal(doc, &file) == nil { // else gophercloud says what is wrong
		entry := file.Clouds[name]
		if !isInterface(entry.Interface) {
			return Cloud{}, fmt.Errorf("cloud %q: interface is %q, want public, internal or admin", name, entry.Interface)
		}
		if !isInterface(entry.EndpointType) {
			return Cloud{}, fmt.Errorf("cloud %q: endpoint_type is %q, want public, internal or admin", name, entry.EndpointType)
		}
	}
	defer func() {
		if recover() != nil {
			err = fmt.Errorf("cloud %q has no auth", name)
		}
	}()
	c.Auth, c.Endpoint, c.TLS, err = clouds.Parse(clouds.WithCloudName(name), from)
	if err != nil {
		return Cloud{}, errors.New(singleLine(err.Error()))
	}
	return c, nil
}

func isInterface(s string) bool {
	switch s {
	case "", "public", "publicURL", "internal", "internalURL", "admin", "adminURL":
		return true
	}
	return false
}
