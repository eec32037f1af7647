package runner

import (
	"crypto/rand"
	"encoding/hex"
)

// randomWord is 4 hexadecimal digits.
func randomWord() string {
	var b [2]byte
	_, _ = rand.Read(b[:]) // never fails since Go 1.24
	return hex.EncodeToString(b[:])
}
