package data

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"math/rand/v2"
)

// wordSize is the size of what a blob is computed in.
const wordSize = 8

// A Blob is random data of a size, which may be larger than memory: each byte is computed when it is
// read. It does not compress. The zero Blob is empty. A Blob may be read by several goroutines.
type Blob struct {
	key  uint64
	size int64
}

// NewBlob returns n random bytes.
func NewBlob(r *rand.Rand, n int64) Blob { return Blob{key: r.Uint64(), size: max(n, 0)} }

// Size returns the number of bytes.
func (b Blob) Size() int64 { return b.size }

// Reader returns a new reader from the first byte to the last, which can also seek and read at an offset.
func (b Blob) Reader() *io.SectionReader { return io.NewSectionReader(b, 0, b.size) }

// ReadAt reads len(p) bytes from an offset on, as [io.ReaderAt] says.
func (b Blob) ReadAt(p []byte, off int64) (int, error) {
	if off < 0 {
		return 0, fmt.Errorf("reading a blob: offset %d is negative", off)
	}
	if off >= b.size {
		return 0, io.EOF
	}
	n := int(min(int64(len(p)), b.size-off))
	b.fill(p[:n], off)
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// fill computes the bytes from off on.
func (b Blob) fill(p []byte, off int64) {
	word, skip := uint64(off)/wordSize, int(off%wordSize)
	var buf [wordSize]byte
	for len(p) > 0 {
		if skip == 0 && len(p) >= wordSize {
			binary.LittleEndian.PutUint64(p, b.word(word))
			p = p[wordSize:]
		} else {
			binary.LittleEndian.PutUint64(buf[:], b.word(word))
			p = p[copy(p, buf[skip:]):]
			skip = 0
		}
		word++
	}
}

// word computes one word: SplitMix64 (Steele, Lea, Flood 2014), whose state is no more than a counter.
func (b Blob) word(i uint64) uint64 {
	z := b.key + (i+1)*0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// Sum returns the checksum of all bytes in hexadecimal: b.Sum(md5.New()) is what Swift calls the etag,
// b.Sum(sha512.New()) the os_hash_value of an image.
func (b Blob) Sum(h hash.Hash) string {
	h.Reset()
	_, _ = io.Copy(h, b.Reader()) // a hash and a blob have no errors
	return hex.EncodeToString(h.Sum(nil))
}
