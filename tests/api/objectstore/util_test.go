//go:build tempest

package objectstore_test

import (
	"crypto/md5" //nolint:gosec // what Swift calls an ETag
	"encoding/hex"
)

// md5Of returns the ETag of an object with that content.
func md5Of(content []byte) string {
	sum := md5.Sum(content) //nolint:gosec // as above
	return hex.EncodeToString(sum[:])
}
