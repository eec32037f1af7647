package embedded_test

import (
	"context"
	"fmt"
	"io"
	"net/http"

	"github.com/gotempest/tempest/testlib/embedded"
)

// A fake of another service takes the cloud's tokens and is in its catalogue.
func ExampleCloud_Handle() {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	cloud, err := embedded.Start(ctx, embedded.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer cloud.Close()

	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/secrets", func(w http.ResponseWriter, r *http.Request) {
		token, err := cloud.Authenticate(r)
		if err != nil {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		fmt.Fprintf(w, `{"secrets": [], "project": %q}`, token.ProjectID)
	})
	url, err := cloud.Handle("key-manager", "barbican", mux)
	if err != nil {
		fmt.Println(err)
		return
	}

	fmt.Println(status(ctx, url+"/v1/secrets"))
	// Output: 401 Unauthorized
}

// Faults break calls on demand, here the next one.
func ExampleCloud_Inject() {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	cloud, err := embedded.Start(ctx, embedded.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer cloud.Close()

	cloud.Inject(embedded.Fault{Path: "/v3/...", Status: http.StatusServiceUnavailable, Times: 1})

	fmt.Println(status(ctx, cloud.AuthURL()))
	fmt.Println(status(ctx, cloud.AuthURL()))
	// Output:
	// 503 Service Unavailable
	// 200 OK
}

// status is the status line of a GET.
func status(ctx context.Context, url string) string {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err.Error()
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err.Error()
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		return err.Error()
	}
	return resp.Status
}
