package resource

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
)

// creationOf returns what a POST makes.
func creationOf(t *testing.T, service, path, body string) Creation {
	t.Helper()
	c, ok := NewTable().Match(Call{Service: service, Method: http.MethodPost, Path: path, Body: []byte(body)})
	if !ok {
		t.Fatalf("POST %s makes nothing", path)
	}
	return c
}

func noneKnown(string, string) (Creation, bool) { return Creation{}, false }

func TestHidden(t *testing.T) {
	const volume = "block-storage volume  -blank-vol"
	server := func(mappings string) [3]string {
		return [3]string{"compute", "/servers", `{"server":{"name":"s",` + mappings + `}}`}
	}
	action := func(body string) [3]string { return [3]string{"compute", "/servers/s1/action", body} }
	for name, tt := range map[string]struct {
		request [3]string
		want    []string
	}{
		"image": {request: server(`"imageRef":"i"`)},
		"existing volume": {request: server(`"block_device_mapping_v2":[
			{"source_type":"volume","destination_type":"volume","uuid":"v"}]`)},
		"local disk": {request: server(`"imageRef":"i","block_device_mapping_v2":[
			{"source_type":"image","destination_type":"local","boot_index":0},
			{"source_type":"blank","destination_type":"local"}]`)},
		"volume of an image": {want: []string{volume}, request: server(`"block_device_mapping_v2":[
			{"source_type":"image","destination_type":"volume","uuid":"i"}]`)},
		"two volumes": {want: []string{volume}, request: server(`"block_device_mapping_v2":[
			{"source_type":"snapshot","destination_type":"volume"},
			{"source_type":"blank","destination_type":"volume"}]`)},
		"one that goes with the server": {want: []string{volume}, request: server(`"block_device_mapping_v2":[
			{"source_type":"image","destination_type":"volume","delete_on_termination":true}]`)},
		"first format": {want: []string{volume}, request: server(`"block_device_mapping":[
			{"device_name":"vda","snapshot_id":"s"}]`)},
		"first format, existing volume": {request: server(`"block_device_mapping":[
			{"device_name":"vda","volume_id":"v"}]`)},
		"body cut off": {want: []string{volume}, request: [3]string{"compute", "/servers", `{"server":{
			"block_device_mapping_v2":[{"source_type":"image","destination_type":"volume"}],"user_data":"aaa`}},
		"image of a server": {want: []string{"block-storage snapshot snapshot for x "},
			request: action(`{"createImage":{"name":"x"}}`)},
		"backup of a server": {request: action(`{"createBackup":{"name":"x"}}`)},
		"order": {want: []string{"key-manager secret k "},
			request: [3]string{"key-manager", "/orders", `{"type":"key","meta":{"name":"k"}}`}},
		"order of two keys": {want: []string{"key-manager secret  ", "key-manager secret_container  "},
			request: [3]string{"key-manager", "/orders", `{"type":"asymmetric","meta":{}}`}},
		"volume": {request: [3]string{"block-storage", "/volumes", `{"volume":{}}`}},
	} {
		t.Run(name, func(t *testing.T) {
			c := creationOf(t, tt.request[0], tt.request[1], tt.request[2])

			var got []string
			for _, h := range NewTable().Hidden(c, noneKnown) {
				got = append(got, fmt.Sprintf("%s %s %s %s", h.Type.Service, h.Type.Name, h.Name, h.Ends))
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("Hidden = %q, want %q", got, tt.want)
			}
		})
	}
}

// Whether an image has snapshots behind it is told by its server, and whether a server has volumes, by its image.
func TestHiddenByWhatIsKnown(t *testing.T) {
	for name, tt := range map[string]struct {
		server string
		want   bool
	}{
		"on a local disk": {server: `"imageRef":"i"`},
		"on a volume":     {server: `"imageRef":"","block_device_mapping_v2":[{"source_type":"volume"}]`, want: true},
		"on its image's copy": {want: true, server: `"imageRef":"i","block_device_mapping_v2":[
			{"boot_index":0,"destination_type":"volume"}]`},
		"with a second disk": {server: `"imageRef":"i","block_device_mapping_v2":[
			{"boot_index":-1,"destination_type":"volume"}]`},
	} {
		t.Run(name, func(t *testing.T) {
			server := creationOf(t, "compute", "/servers", `{"server":{"name":"s",`+tt.server+`}}`)
			image := creationOf(t, "compute", "/servers/s1/action", `{"createImage":{"name":"x"}}`)
			known := func(service, path string) (Creation, bool) {
				switch service + path {
				case "compute/servers/s1":
					return server, true
				case "image/images/i1":
					return image, true
				}
				return Creation{}, false
			}
			second := creationOf(t, "compute", "/servers", `{"server":{"name":"s","imageRef":"i1"}}`)

			if got := len(NewTable().Hidden(image, known)) > 0; got != tt.want {
				t.Errorf("the image has hidden snapshots: %v, want %v", got, tt.want)
			}
			if got := len(NewTable().Hidden(second, known)) > 0; got != tt.want {
				t.Errorf("a server of the image has hidden volumes: %v, want %v", got, tt.want)
			}
		})
	}
}

func TestHiddenBears(t *testing.T) {
	for _, tt := range []struct {
		hidden Hidden
		name   string
		want   bool
	}{
		{Hidden{}, "", true},
		{Hidden{}, "x", false},
		{Hidden{Ends: "-b"}, "", true},
		{Hidden{Ends: "-b"}, "x-b", true},
		{Hidden{Ends: "-b"}, "x", false},
		{Hidden{Name: "x"}, "x", true},
		{Hidden{Name: "x"}, "", false},
		{Hidden{Name: "x"}, "x-1", false},
	} {
		if got := tt.hidden.Bears(tt.name); got != tt.want {
			t.Errorf("%+v.Bears(%q) = %v, want %v", tt.hidden, tt.name, got, tt.want)
		}
	}
}
