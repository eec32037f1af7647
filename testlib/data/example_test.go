package data_test

import (
	"context"
	"crypto/md5"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/netip"

	"github.com/gotempest/tempest/testlib/data"
)

func ExampleNewBlob() {
	r := data.New(42, "TestUpload") // in a test: e.Rand()
	image := data.NewBlob(r, 1<<20)
	h := md5.New()
	if _, err := io.Copy(h, image.Reader()); err != nil { // to the cloud, say
		log.Fatal(err)
	}
	fmt.Println(image.Size(), fmt.Sprintf("%x", h.Sum(nil)) == image.Sum(md5.New()))
	// Output: 1048576 true
}

func ExampleSubnet() {
	pool, taken := netip.MustParsePrefix("10.0.0.0/30"), netip.MustParsePrefix("10.0.0.0/31")
	p, err := data.Subnet(data.New(42, "TestNetwork"), pool, 31, taken)
	fmt.Println(p, err)
	// Output: 10.0.0.2/31 <nil>
}

func ExampleServer() {
	ctx := context.Background() // in a test: e.Context()
	server, err := data.NewServer(ctx, data.ServerOptions{})
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()
	url := server.Add("image.raw", data.File{
		Data:     data.NewBlob(data.New(42, "TestImport"), 1000),
		Statuses: []int{http.StatusServiceUnavailable}, // the first time
	})
	for range 2 {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			log.Fatal(err)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			log.Fatal(err)
		}
		n, err := io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
		fmt.Println(resp.StatusCode, n, err)
	}
	// Output:
	// 503 0 <nil>
	// 200 1000 <nil>
}
