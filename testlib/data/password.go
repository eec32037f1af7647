package data

import (
	"crypto/rand"
	"math/big"
)

// passwordClasses are the kinds of characters of a password. Those that look alike, and those that a shell, a URL or
// a template would change, are left out.
var passwordClasses = []string{
	"ABCDEFGHJKLMNPQRSTUVWXYZ", "abcdefghijkmnopqrstuvwxyz", "23456789", "-.=",
}

// passwordLength is long enough for every policy that Keystone's password_regex is known to be set to, and short
// enough for the 54 bytes that its bcrypt takes, and for 16 characters of a Windows image.
const passwordLength = 16

// Password returns a password with upper and lower case letters, digits and symbols, of 16 characters. It does not
// come from the seed of the run: the seed is in the report, for everyone to read.
func Password() string {
	b := make([]byte, passwordLength)
	for i := range b {
		class := passwordClasses[i%len(passwordClasses)]
		if i >= 2*len(passwordClasses) { // two of each kind are enough
			class = passwordClasses[index(len(passwordClasses)-1)]
		}
		b[i] = class[index(len(class))]
	}
	// The first character stays a letter: some policies and command lines want it.
	for i := len(b) - 1; i > 1; i-- {
		j := 1 + index(i)
		b[i], b[j] = b[j], b[i]
	}
	return string(b)
}

// index returns a number below n that nobody can foresee.
func index(n int) int {
	i, err := rand.Int(rand.Reader, big.NewInt(int64(n)))
	if err != nil {
		panic(err) // crypto/rand.Reader returns no errors
	}
	return int(i.Int64())
}
