package cleanup

import (
	"context"
	"errors"
	"slices"

	"golang.org/x/sync/errgroup"
)

// parallel calls f for each element, a few at a time, and joins what it returns, in the order of
// the elements. One that fails does not stop the others; the end of ctx does, and is then the only error.
func parallel[In, Out any](ctx context.Context, in []In, f func(context.Context, In) ([]Out, error)) ([]Out, error) {
	out, errs := make([][]Out, len(in)), make([]error, len(in))
	var g errgroup.Group
	g.SetLimit(defaultWorkers)
	for i, x := range in {
		g.Go(func() error {
			if ctx.Err() == nil {
				out[i], errs[i] = f(ctx, x)
			}
			return nil
		})
	}
	_ = g.Wait() // no function fails
	if ctx.Err() != nil {
		return slices.Concat(out...), context.Cause(ctx)
	}
	return slices.Concat(out...), errors.Join(errs...)
}
