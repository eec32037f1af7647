package data

import (
	"crypto/sha256"
	"encoding/binary"
	"math/rand/v2"
	"sync"

	"github.com/google/uuid"
)

// New returns the generator of random data for one name, such as that of a test, in a run with a
// seed. The same seed and name give the same data; what other names draw does not change it. It may be used by
// several goroutines, whose order then decides who gets what.
func New(seed uint64, name string) *rand.Rand {
	h := sha256.New()
	h.Write(binary.BigEndian.AppendUint64(nil, seed))
	h.Write([]byte(name))
	return rand.New(&locked{src: rand.NewChaCha8([sha256.Size]byte(h.Sum(nil)))})
}

// locked is a source for several goroutines. A [rand.Rand] has no state beside its source.
type locked struct {
	mu  sync.Mutex
	src *rand.ChaCha8
}

func (l *locked) Uint64() uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.src.Uint64()
}

// Bytes returns n random bytes. For many there is [NewBlob].
func Bytes(r *rand.Rand, n int) []byte {
	b := make([]byte, 0, n+wordSize)
	for len(b) < n {
		b = binary.LittleEndian.AppendUint64(b, r.Uint64())
	}
	return b[:n:n]
}

// UUID returns a random UUID, of version 4. It is that of nothing: use it to ask for what is not there.
func UUID(r *rand.Rand) string {
	id := uuid.UUID(Bytes(r, len(uuid.UUID{})))
	const versionByte, variantByte = 6, 8
	id[versionByte] = id[versionByte]&0x0f | 0x40
	id[variantByte] = id[variantByte]&0x3f | 0x80
	return id.String()
}
