package swift_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"hash"
	"regexp"
	"strings"
)

// madePattern is what a scenario has made: a signature or an archive.
var madePattern = regexp.MustCompile(`\{(sign|sign64|tar|gz):([^}]*)\}`)

// expandMade replaces {sign:sha256,key,line,line} by a signature of the lines
// in hexadecimal digits, {sign64:…} by one in base64, {tar:name=content,name=content}
// by an archive of files and {gz:…} by one that is compressed.
func expandMade(text string) string {
	return madePattern.ReplaceAllStringFunc(text, func(match string) string {
		m := madePattern.FindStringSubmatch(match)
		parts := strings.Split(m[2], ",")
		switch m[1] {
		case "sign":
			return hex.EncodeToString(signature(parts))
		case "sign64":
			return base64.URLEncoding.EncodeToString(signature(parts))
		case "gz":
			var b bytes.Buffer
			w := gzip.NewWriter(&b)
			_, _ = w.Write(archive(parts)) // a Buffer takes everything
			_ = w.Close()
			return b.String()
		}
		return string(archive(parts))
	})
}

// signature signs all of parts but the first two, which are the hash and the
// key.
func signature(parts []string) []byte {
	hashes := map[string]func() hash.Hash{"sha1": sha1.New, "sha256": sha256.New, "sha512": sha512.New}
	h := hmac.New(hashes[parts[0]], []byte(parts[1]))
	_, _ = h.Write([]byte(strings.Join(parts[2:], "\n"))) // a hash takes everything
	return h.Sum(nil)
}

// archive is a tar archive of files, each as name=content. A name that ends in
// a slash is a folder.
func archive(files []string) []byte {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, file := range files {
		name, content, _ := strings.Cut(file, "=")
		h := tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: 0o600, Size: int64(len(content))}
		if strings.HasSuffix(name, "/") {
			h.Typeflag = tar.TypeDir
		}
		_ = w.WriteHeader(&h) // a Buffer takes everything
		_, _ = w.Write([]byte(content))
	}
	_ = w.Close()
	return b.Bytes()
}
