package data

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"net"
	"net/netip"
	"slices"
)

// MAC returns a random hardware address of one interface, locally administered, as OpenStack's own ones with the
// prefix fa:16:3e.
func MAC(r *rand.Rand) string {
	return net.HardwareAddr(append([]byte{0xfa, 0x16, 0x3e}, Bytes(r, 3)...)).String()
}

// Limits of [Subnet].
const (
	subnetTries   = 64      // draws before it searches
	searched      = 1 << 20 // subnets that it looks at then
	maxSubnetBits = 62      // of the number of a subnet in its pool
)

// Subnet returns a random network with a prefix of so many bits inside of pool, that overlaps none of those that are
// taken. It fails when there is none.
//
//	subnet, err := data.Subnet(e.Rand(), netip.MustParsePrefix("10.0.0.0/8"), 24, taken...)
func Subnet(r *rand.Rand, pool netip.Prefix, bits int, taken ...netip.Prefix) (netip.Prefix, error) {
	pool = pool.Masked()
	longest := pool.Addr().BitLen()
	if !pool.IsValid() || bits < pool.Bits() || bits > longest {
		return netip.Prefix{}, fmt.Errorf("choosing a subnet of %s: it has none with a prefix of %d bits", pool, bits)
	}
	var count uint64 = 1 << min(bits-pool.Bits(), maxSubnetBits)
	free := func(p netip.Prefix) bool { return !slices.ContainsFunc(taken, p.Overlaps) }
	for range subnetTries {
		if p := subnet(pool, bits, r.Uint64N(count)); free(p) {
			return p, nil
		}
	}
	first := r.Uint64N(count)
	for i := range min(count, searched) {
		if p := subnet(pool, bits, (first+i)%count); free(p) {
			return p, nil
		}
	}
	return netip.Prefix{}, fmt.Errorf("choosing a subnet of %s with a prefix of %d bits: all are taken", pool, bits)
}

// subnet returns the n-th subnet of a pool.
func subnet(pool netip.Prefix, bits int, n uint64) netip.Prefix {
	b := pool.Addr().AsSlice()
	number := new(big.Int).SetUint64(n)
	for i, low := range number.Lsh(number, uint(pool.Addr().BitLen()-bits)).FillBytes(make([]byte, len(b))) {
		b[i] |= low
	}
	a, _ := netip.AddrFromSlice(b)
	return netip.PrefixFrom(a, bits)
}
