package wait_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gotempest/tempest/testlib/wait"
)

// loadBalancer stands for the type of a client library.
type loadBalancer struct{ Status string }

// statuses returns a function that sees one status after the other, as a client
// that asks the service does.
func statuses(all ...string) func(context.Context) (loadBalancer, error) {
	return func(context.Context) (loadBalancer, error) {
		lb := loadBalancer{all[0]}
		if len(all) > 1 {
			all = all[1:]
		}
		return lb, nil
	}
}

func ExampleFor() {
	lb, err := wait.For(context.Background(), wait.Poll[loadBalancer, string]{
		What:  "load balancer a91f",
		Get:   statuses("PENDING_CREATE", "PENDING_CREATE", "ACTIVE"),
		State: func(lb loadBalancer) string { return lb.Status },
		Want:  []string{"ACTIVE"},
		Bad:   []string{"ERROR"},
	}, wait.Options{Timeout: time.Minute, Interval: time.Millisecond})
	fmt.Println(lb.Status, err)
	// Output: ACTIVE <nil>
}

// A state from which nothing comes ends the wait at once.
func ExampleFor_badState() {
	_, err := wait.For(context.Background(), wait.Poll[loadBalancer, string]{
		What:  "load balancer a91f",
		Get:   statuses("PENDING_CREATE", "ERROR"),
		State: func(lb loadBalancer) string { return lb.Status },
		Want:  []string{"ACTIVE"},
		Bad:   []string{"ERROR"},
		Explain: func(context.Context, loadBalancer) wait.Reason {
			return wait.Reason{Message: "no amphora could be built"}
		},
	}, wait.Options{Timeout: time.Minute, Interval: time.Millisecond})

	if e, ok := errors.AsType[*wait.Error](err); ok {
		fmt.Println(e.What, "is", e.Last, "because", e.Reason.Message)
	}
	fmt.Println(errors.Is(err, wait.ErrBadState))
	// Output:
	// load balancer a91f is ERROR because no amphora could be built
	// true
}
