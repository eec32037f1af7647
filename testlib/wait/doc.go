// Package wait waits for what a cloud does after it has answered: a server that is built, a
// volume that is attached, a port that is gone.
//
// [For] is the one poll that everything here is made of. It looks at once, then again and again
// with growing pauses, and ends as soon as the thing is in a wanted state, in one from which it
// will not come back, or the time is over:
//
//	lb, err := wait.For(ctx, wait.Poll[*loadbalancers.LoadBalancer, string]{
//		What:  "load balancer " + id,
//		Get:   func(ctx context.Context) (*loadbalancers.LoadBalancer, error) { … },
//		State: func(lb *loadbalancers.LoadBalancer) string { return lb.ProvisioningStatus },
//		Want:  []string{"ACTIVE"},
//		Bad:   []string{"ERROR"},
//	}, options)
//
// The ready ones, such as [Server], [VolumeGone] or [Port], know the states of the six services,
// and ask the service why when something went wrong. They take gophercloud's clients and IDs, so
// that they serve programs as well as tests. In a test, (*testlib.Env).Wait gives the [Options]:
//
//	server, err := wait.Server(e.Context(), compute, id, e.Wait("compute"), "ACTIVE")
//
// An error is an [*Error]: it says what was waited for, the last state, how long, what the service
// says of it, with the request id of the operation, and the cause.
package wait
