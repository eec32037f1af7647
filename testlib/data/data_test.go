package data_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/gotempest/tempest/testlib/data"
)

func TestSameSeedAndNameGiveTheSameData(t *testing.T) {
	t.Parallel()
	draw := func(seed uint64, name string) string { return string(data.Bytes(data.New(seed, name), 40)) }
	if first, second := draw(1, "TestA"), draw(1, "TestA"); first != second {
		t.Error("the same seed and name gave other data")
	}
	if draw(1, "TestA") == draw(2, "TestA") || draw(1, "TestA") == draw(1, "TestB") {
		t.Error("another seed or name gave the same data")
	}
	// A seed from last month's report must still be good for something.
	if got, want := fmt.Sprintf("%x", data.Bytes(data.New(1, "TestA"), 8)), "064f4964ae793ee1"; got != want {
		t.Errorf("seed 1, TestA: %s, want %s for ever", got, want)
	}
	if got, want := data.NewBlob(data.New(1, "TestA"), 100).Sum(sha256.New())[:16], "c92b02ef202ef0d1"; got != want {
		t.Errorf("blob of seed 1, TestA: %s, want %s for ever", got, want)
	}
}

func TestGeneratorServesGoroutines(t *testing.T) {
	t.Parallel()
	const goroutines, each = 8, 1000
	draw := func(n int) []uint64 {
		r := data.New(7, "TestA")
		var mu sync.Mutex
		var all []uint64
		var wg sync.WaitGroup
		for range n {
			wg.Go(func() {
				for range goroutines * each / n {
					v := r.Uint64()
					mu.Lock()
					all = append(all, v)
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		slices.Sort(all)
		return all
	}
	if !slices.Equal(draw(1), draw(goroutines)) {
		t.Error("goroutines drew other numbers than one alone")
	}
}

func TestBytesAndUUID(t *testing.T) {
	t.Parallel()
	r := data.New(1, t.Name())
	for n := range 40 {
		if got := len(data.Bytes(r, n)); got != n {
			t.Errorf("Bytes(%d) returned %d", n, got)
		}
	}
	for range 100 {
		id, err := uuid.Parse(data.UUID(r))
		if err != nil || id.Version() != 4 || id.Variant() != uuid.RFC4122 {
			t.Fatalf("UUID %s: version %d, variant %s, %v", id, id.Version(), id.Variant(), err)
		}
	}
}

func TestBlobIsTheSameHoweverItIsRead(t *testing.T) {
	t.Parallel()
	for _, size := range []int64{0, 1, 7, 8, 9, 1000} {
		b := data.NewBlob(data.New(1, "TestA"), size)
		all, err := io.ReadAll(b.Reader())
		if err != nil || int64(len(all)) != size || b.Size() != size {
			t.Fatalf("size %d: read %d bytes, %v", size, len(all), err)
		}
		if err := iotest.TestReader(b.Reader(), all); err != nil {
			t.Errorf("size %d: %v", size, err)
		}
		sum := sha256.Sum256(all)
		if got, want := b.Sum(sha256.New()), fmt.Sprintf("%x", sum); got != want {
			t.Errorf("size %d: Sum = %s, want %s", size, got, want)
		}
		for off := int64(0); off < size; off += 5 {
			p := make([]byte, 13)
			n, err := b.ReadAt(p, off)
			if want := all[off:min(off+13, size)]; !bytes.Equal(p[:n], want) {
				t.Errorf("size %d: ReadAt(%d) = %x, want %x", size, off, p[:n], want)
			}
			if errors.Is(err, io.EOF) != (n < len(p)) {
				t.Errorf("size %d: ReadAt(%d) read %d bytes, %v", size, off, n, err)
			}
		}
	}
	if _, err := data.NewBlob(data.New(1, "TestA"), 9).ReadAt(make([]byte, 1), -1); err == nil {
		t.Error("ReadAt took a negative offset")
	}
	if got := data.NewBlob(data.New(1, "TestA"), -1).Size(); got != 0 {
		t.Errorf("size of a negative blob = %d", got)
	}
}

func TestBlobIsNotInMemory(t *testing.T) {
	t.Parallel()
	const size = 1 << 50 // a petabyte
	b := data.NewBlob(data.New(1, t.Name()), size)
	p := make([]byte, 1000)
	if n, err := b.ReadAt(p, size-500); n != 500 || !errors.Is(err, io.EOF) {
		t.Errorf("the end: %d bytes, %v", n, err)
	}
}

func TestMAC(t *testing.T) {
	t.Parallel()
	r := data.New(1, t.Name())
	mac, err := net.ParseMAC(data.MAC(r))
	if err != nil || mac[0]&1 != 0 || mac[0]&2 == 0 || !strings.HasPrefix(mac.String(), "fa:16:3e:") {
		t.Errorf("MAC %s, %v: want one of a single interface, locally administered", mac, err)
	}
	if data.MAC(r) == mac.String() {
		t.Error("the next one is the same")
	}
}

type subnetTest struct {
	pool  string
	bits  int
	taken []netip.Prefix
	want  string // when there is only one left; "-" when there is none
}

// check draws once.
func (tt subnetTest) check(t *testing.T, r *rand.Rand) {
	t.Helper()
	pool := netip.MustParsePrefix(tt.pool)
	got, err := data.Subnet(r, pool, tt.bits, tt.taken...)
	if (err != nil) != (tt.want == "-") {
		t.Fatalf("Subnet = %s, %v; want %s", got, err, tt.want)
	}
	if err != nil {
		return
	}
	if got != got.Masked() || got.Bits() != tt.bits || !pool.Contains(got.Addr()) ||
		slices.ContainsFunc(tt.taken, got.Overlaps) || tt.want != "" && got.String() != tt.want {
		t.Fatalf("Subnet = %s, want %s", got, tt.want)
	}
}

func TestSubnet(t *testing.T) {
	t.Parallel()
	prefixes := func(list ...string) []netip.Prefix {
		var all []netip.Prefix
		for _, s := range list {
			all = append(all, netip.MustParsePrefix(s))
		}
		return all
	}
	tests := map[string]subnetTest{
		"of ten":                {pool: "10.0.0.0/8", bits: 24},
		"not on a byte":         {pool: "172.16.0.0/12", bits: 29},
		"IPv6":                  {pool: "fd00::/8", bits: 64},
		"IPv6, all bits":        {pool: "::/0", bits: 127},
		"the pool itself":       {pool: "10.1.0.0/16", bits: 16, want: "10.1.0.0/16"},
		"a pool with host bits": {pool: "10.1.2.3/16", bits: 16, want: "10.1.0.0/16"},
		"one left": {
			pool: "192.0.2.0/24", bits: 26, taken: prefixes("192.0.2.0/25", "192.0.2.192/27"), want: "192.0.2.128/26",
		},
		"taken by a larger one": {pool: "192.0.2.0/24", bits: 26, taken: prefixes("0.0.0.0/0"), want: "-"},
		"none left": {
			pool: "192.0.2.0/30", bits: 31, taken: prefixes("192.0.2.0/32", "192.0.2.3/32"), want: "-",
		},
		"shorter than the pool":   {pool: "192.0.2.0/24", bits: 23, want: "-"},
		"longer than an address":  {pool: "192.0.2.0/24", bits: 33, want: "-"},
		"other family is no harm": {pool: "192.0.2.0/24", bits: 24, taken: prefixes("::/0"), want: "192.0.2.0/24"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := data.New(1, t.Name())
			for range 50 {
				tt.check(t, r)
			}
		})
	}
	if _, err := data.Subnet(data.New(1, "x"), netip.Prefix{}, 24); err == nil {
		t.Error("Subnet took an invalid pool")
	}
}

func TestSubnetsReachAllOfThePool(t *testing.T) {
	t.Parallel()
	r := data.New(1, t.Name())
	seen := map[netip.Prefix]bool{}
	for range 256 {
		p, err := data.Subnet(r, netip.MustParsePrefix("10.0.0.0/16"), 24, slices.Collect(keys(seen))...)
		if err != nil || seen[p] {
			t.Fatalf("subnet %d: %s, %v", len(seen), p, err)
		}
		seen[p] = true
	}
}

func keys(m map[netip.Prefix]bool) func(func(netip.Prefix) bool) {
	return func(yield func(netip.Prefix) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

func TestPasswords(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for range 1000 {
		p := data.Password()
		if seen[p] {
			t.Fatalf("%q twice", p)
		}
		seen[p] = true
		for _, class := range []string{`[A-Z]`, `[a-z]`, `[0-9]`, `[-.=]`} {
			if len(regexp.MustCompile(class).FindAllString(p, -1)) < 2 {
				t.Fatalf("%q has fewer than two of %s", p, class)
			}
		}
		if len(p) != 16 || !unicode.IsLetter(rune(p[0])) {
			t.Fatalf("%q: want 16 characters, the first a letter", p)
		}
	}
}

func TestText(t *testing.T) {
	t.Parallel()
	r := data.New(1, t.Name())
	s := data.Text(r, 500)
	if n := utf8.RuneCountInString(s); n != 500 || !utf8.ValidString(s) {
		t.Errorf("Text has %d characters, valid %t", n, utf8.ValidString(s))
	}
	if i := strings.IndexFunc(s, func(c rune) bool { return !unicode.IsPrint(c) }); i >= 0 {
		t.Errorf("%q is not printable", s[i:])
	}
	if s == data.Text(r, 500) {
		t.Error("twice the same")
	}
	if l := data.Letters(r, 300); !regexp.MustCompile(`^[a-z][a-z0-9]{299}$`).MatchString(l) {
		t.Errorf("Letters = %q", l)
	}
}

func TestOddsHaveDistinctNamesAndValues(t *testing.T) {
	t.Parallel()
	names, values := map[string]bool{}, map[string]bool{}
	for _, o := range data.Odds() {
		if o.Name == "" || names[o.Name] || values[o.Value] {
			t.Errorf("%q: %q: twice, or without a name", o.Name, o.Value)
		}
		names[o.Name], values[o.Value] = true, true
	}
}

func BenchmarkBlob(b *testing.B) {
	blob := data.NewBlob(data.New(1, "x"), 1<<20)
	b.SetBytes(blob.Size())
	for b.Loop() {
		_, _ = io.Copy(io.Discard, struct{ io.Reader }{blob.Reader()})
	}
}
