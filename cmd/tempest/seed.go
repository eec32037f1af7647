package main

import (
	"math"
	"math/rand/v2"
	"os"
	"strconv"

	"github.com/gotempest/tempest/internal/protocol"
)

// newSeeds is the number of seeds that a run chooses from. Those have at most ten digits.
const newSeeds = 1 << 32

// chooseSeed sets the seed of random data: the flag, the variable that users and tempest itself set, or a new
// one.
func (r *testRun) chooseSeed() error {
	source := "--seed"
	if r.flags.seed == "" {
		source, r.flags.seed = protocol.EnvSeed, os.Getenv(protocol.EnvSeed)
	}
	if r.flags.seed == "" {
		r.flags.seed = strconv.FormatUint(rand.Uint64N(newSeeds), 10)
	}
	n, err := strconv.ParseUint(r.flags.seed, 10, 64)
	if err != nil {
		return usagef("%s %q: want a number from 0 to %d", source, r.flags.seed, uint64(math.MaxUint64))
	}
	r.flags.seed = strconv.FormatUint(n, 10)
	return nil
}
