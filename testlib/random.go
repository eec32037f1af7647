package testlib

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"sync"

	"github.com/gotempest/tempest/internal/protocol"
	"github.com/gotempest/tempest/testlib/data"
)

// random is the random data of a test. Its zero value is ready.
type random struct {
	once sync.Once
	rand *rand.Rand
}

// Rand returns the generator of the test's random data, the same at each call. Its data follows from
// the seed of the run and the name of the test alone, so that a failure can be looked at again with the same
// data: `tempest run --seed N`, or TEMPEST_SEED=N with plain go test. A test that fails says which seed it
// had. Subtests have generators of their own. Package [data] makes data with it.
//
// Names come from [Env.Name], and passwords from [data.Password]: they must differ between two runs with
// one seed.
func (e *Env) Rand() *rand.Rand {
	e.Helper()
	e.random.once.Do(func() {
		seed, err := runSeed()
		if err != nil {
			e.Fatal(err)
		}
		e.Attr(protocol.AttrSeed, strconv.FormatUint(seed, 10))
		e.T.Cleanup(func() {
			if e.Failed() {
				e.Logf("random data of this test: %s=%d", protocol.EnvSeed, seed)
			}
		})
		e.random.rand = data.New(seed, e.T.Name())
	})
	if e.random.rand == nil {
		e.FailNow() // as the first call did
	}
	return e.random.rand
}

// runSeed is the seed of the run. Without one in the environment each process has its own.
var runSeed = sync.OnceValues(func() (uint64, error) { return readSeed(os.Getenv(protocol.EnvSeed)) })

// readSeed reads the value of TEMPEST_SEED, and chooses a seed when there is none.
func readSeed(value string) (uint64, error) {
	if value == "" {
		return uint64(rand.Uint32()), nil // few enough digits to be typed
	}
	seed, err := strconv.ParseUint(value, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%s=%q: want a decimal number below 2^64", protocol.EnvSeed, value)
	}
	return seed, nil
}
