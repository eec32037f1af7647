package wait_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/loadbalancer/v2/loadbalancers"

	"github.com/gotempest/tempest/testlib/wait"
)

// A wait for a service that has no ready one here.
func ExampleFor() {
	loadBalancer := func(ctx context.Context, client *gophercloud.ServiceClient, id string, o wait.Options) error {
		_, err := wait.For(ctx, wait.Poll[*loadbalancers.LoadBalancer, string]{
			What: "load balancer " + id,
			Get: func(ctx context.Context) (*loadbalancers.LoadBalancer, error) {
				return loadbalancers.Get(ctx, client, id).Extract()
			},
			State: func(lb *loadbalancers.LoadBalancer) string { return lb.ProvisioningStatus },
			Want:  []string{"ACTIVE"},
			Bad:   []string{"ERROR"},
		}, o)
		return err
	}
	_ = loadBalancer

	// The same with a thing that needs no cloud.
	states := []string{"BUILD", "BUILD", "ACTIVE"}
	seen, err := wait.For(context.Background(), wait.Poll[string, string]{
		What: "thing",
		Get: func(context.Context) (string, error) {
			s := states[0]
			states = states[1:]
			return s, nil
		},
		State: func(s string) string { return s },
		Want:  []string{"ACTIVE"},
		Bad:   []string{"ERROR"},
	}, wait.Options{Timeout: time.Minute, Interval: 20 * time.Millisecond})
	fmt.Println(seen, err)
	// Output: ACTIVE <nil>
}

func ExampleError() {
	_, err := wait.For(context.Background(), wait.Poll[string, string]{
		What:    "thing",
		Get:     func(context.Context) (string, error) { return "ERROR", nil },
		State:   func(s string) string { return s },
		Want:    []string{"ACTIVE"},
		Bad:     []string{"ERROR"},
		Explain: func(context.Context, string) wait.Reason { return wait.Reason{Message: "no host", RequestID: "req-1"} },
	}, wait.Options{})
	e, ok := errors.AsType[*wait.Error](err)
	if !ok {
		log.Fatal(err)
	}
	fmt.Println(errors.Is(err, wait.ErrBadState), e.Last, e.Reason.Message, e.RequestID)
	// Output: true ERROR no host req-1
}

func ExampleServer() {
	var compute *gophercloud.ServiceClient // in a test: e.Client(testlib.ProjectMember, "compute")
	boot := func(ctx context.Context, id string) error {
		_, err := wait.Server(ctx, compute, id, wait.Options{}, "ACTIVE") // in a test: e.Wait("compute")
		return err
	}
	_ = boot
}
