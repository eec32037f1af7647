package swift

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // one of Swift's digests
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"hash"
	"net/http"
	"net/netip"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
)

// tempURL lets in requests whose URL has a signature that was made with a key
// of the account or of the container.
//
// Source: swift/common/middleware/tempurl.py, 2.30.
func tempURL(s *Service, next handler) handler {
	return func(r *request) *response {
		t, ok := readTempURL(r, s.Now())
		if r.method == http.MethodOptions || !ok {
			return next(r)
		}
		scope := t.verify(s, r)
		if scope == nil {
			return tempURLInvalid(r)
		}
		if !r.reads() {
			for _, name := range []string{"X-Object-Manifest", "X-Symlink-Target", "X-Copy-From"} {
				if len(r.header[name]) > 0 {
					return page(http.StatusBadRequest, "The header '%s' is not allowed in this tempurl", name)
				}
			}
		}
		r.header.Del("X-Timestamp")
		r.authorized, r.authorize, r.remote = true, scope, true
		r.query = t.kept()
		resp := next(r)
		t.describe(r, resp)
		return resp
	}
}

// tempURLInvalid refuses a request with a wrong signature.
func tempURLInvalid(r *request) *response {
	if r.method == http.MethodHead {
		return withRealm(empty(http.StatusUnauthorized))
	}
	return withRealm(page(http.StatusUnauthorized, "401 Unauthorized: Temp URL invalid\n"))
}

// signedURL is what the query of a request says of its signature.
type signedURL struct {
	signature string
	expires   int64 // in seconds since 1970; 0 when that is over, or no time
	prefix    *string
	ipRange   *string
	file      string
	inline    bool
}

// readTempURL reads the query of r. It reports false when there is no
// signature in it.
func readTempURL(r *request, now time.Time) (signedURL, bool) {
	first := func(name string) *string {
		if values := r.query[name]; len(values) > 0 {
			return &values[0]
		}
		return nil
	}
	t := signedURL{prefix: first("temp_url_prefix"), ipRange: first("temp_url_ip_range"), inline: first("inline") != nil}
	signature, expires := first("temp_url_sig"), first("temp_url_expires")
	if signature != nil {
		t.signature = *signature
	}
	if name := first("filename"); name != nil {
		t.file = *name
	}
	if expires != nil {
		n, err := strconv.ParseInt(*expires, 10, 64)
		if at, errTime := time.Parse("2006-01-02T15:04:05Z", *expires); err != nil && errTime == nil {
			n = at.Unix()
		}
		if n >= now.Unix() {
			t.expires = n
		}
	}
	return t, signature != nil || expires != nil
}

// signingKey is a key of an account or of a container.
type signingKey struct {
	key   string
	whole bool // of the account
}

// signingKeys returns the keys that count for what path names.
func (s *Service) signingKeys(accountName, containerName string) []signingKey {
	var keys []signingKey
	account, container := s.accountInfo(accountName), s.containerInfo(accountName, containerName)
	for _, name := range []string{"Temp-Url-Key", "Temp-Url-Key-2"} {
		if key, ok := account.meta("Account", name); ok {
			keys = append(keys, signingKey{key, true})
		}
		if key, ok := container.meta("Container", name); ok {
			keys = append(keys, signingKey{key, false})
		}
	}
	return keys
}

// verify returns what a request with this signature may do, nil for nothing.
func (t signedURL) verify(s *Service, r *request) func(*request) *response {
	digest, signature, ok := readSignature(t.signature)
	p, isObject := splitPath(r.path, 4, 4, true)
	allowed := []string{"GET", "HEAD", "PUT", "POST", "DELETE"}
	if !ok || t.expires == 0 || !isObject || p[0] != "v1" || strings.Trim(p[3], "/") == "" ||
		!slices.Contains(allowed, r.method) || !t.fromHere(r) {
		return nil
	}
	signed := "/v1/" + p[1] + "/" + p[2] + "/" + p[3]
	if t.prefix != nil {
		if !strings.HasPrefix(p[3], *t.prefix) {
			return nil
		}
		signed = "prefix:/v1/" + p[1] + "/" + p[2] + "/" + *t.prefix
	}
	methods := []string{r.method}
	if r.method == http.MethodHead {
		methods = []string{"HEAD", "GET", "POST", "PUT"}
	}
	for _, method := range methods {
		lines := fmt.Sprintf("%s\n%d\n%s", method, t.expires, signed)
		if t.ipRange != nil && *t.ipRange != "" {
			lines = "ip=" + *t.ipRange + "\n" + lines
		}
		for _, key := range s.signingKeys(p[1], p[2]) {
			if hmac.Equal(sign(digest, key.key, lines), signature) {
				return only(p[1], p[2], key.whole)
			}
		}
	}
	return nil
}

// fromHere reports whether r comes from where the URL may be used.
func (t signedURL) fromHere(r *request) bool {
	if t.ipRange == nil || *t.ipRange == "" {
		return true
	}
	addr, err := netip.ParseAddrPort(r.remoteAddr)
	if err != nil {
		return false
	}
	if one, err := netip.ParseAddr(*t.ipRange); err == nil {
		return one == addr.Addr()
	}
	network, err := netip.ParsePrefix(*t.ipRange)
	return err == nil && network == network.Masked() && network.Contains(addr.Addr())
}

// only authorizes requests for one account, or for one container of it.
func only(account, container string, whole bool) func(*request) *response {
	return func(r *request) *response {
		p, ok := splitPath(r.path, 2, 4, true)
		if !ok || p[1] != account || !whole && p[2] != container {
			return fail(http.StatusUnauthorized)
		}
		return nil
	}
}

// withRealm is an answer that refuses a request whose path was not looked at.
func withRealm(resp *response) *response {
	return resp.with("Www-Authenticate", `Swift realm="unknown"`)
}

// sign signs text with the digest of that name.
func sign(digest, key, text string) []byte {
	hashes := map[string]func() hash.Hash{"sha1": sha1.New, "sha256": sha256.New, "sha512": sha512.New}
	h := hmac.New(hashes[digest], []byte(key))
	_, _ = h.Write([]byte(text)) // a hash takes everything
	return h.Sum(nil)
}

// readSignature reads a signature: hexadecimal digits, or the name of the
// digest and base64.
func readSignature(text string) (digest string, signature []byte, ok bool) {
	name, encoded, named := strings.Cut(text, ":")
	var err error
	if named {
		encoding := base64.RawStdEncoding
		if strings.ContainsAny(encoded, "-_") {
			encoding = base64.RawURLEncoding
		}
		signature, err = encoding.DecodeString(strings.TrimRight(encoded, "="))
		digest = name
	} else {
		signature, err = hex.DecodeString(text)
		digest = map[int]string{20: "sha1", 32: "sha256", 64: "sha512"}[len(signature)]
	}
	return digest, signature, err == nil && slices.Contains([]string{"sha1", "sha256", "sha512"}, digest)
}

// kept is what of the query the request goes on with.
func (t signedURL) kept() url.Values {
	q := url.Values{"temp_url_sig": {t.signature}, "temp_url_expires": {strconv.FormatInt(t.expires, 10)}}
	if t.prefix != nil {
		q.Set("temp_url_prefix", *t.prefix)
	}
	if t.file != "" {
		q.Set("filename", t.file)
	}
	return q
}

// describe removes from resp what is not for everybody, and says under which
// name to keep what is in it.
func (t signedURL) describe(r *request, resp *response) {
	for key := range resp.header {
		if isMeta("Object", key) && !strings.HasPrefix(key, "X-Object-Meta-Public-") {
			delete(resp.header, key)
		}
	}
	if method := r.method0; !resp.ok() || method != http.MethodGet && method != http.MethodHead {
		return
	}
	kind, file := "attachment", t.file
	existing := resp.header.Get("Content-Disposition")
	if t.inline {
		kind = "inline"
	}
	switch {
	case t.inline && file == "":
		existing = kind
	case file != "":
		existing = ""
	case existing == "":
		file = path.Base(strings.TrimRight(r.path, "/"))
	}
	if existing == "" {
		existing = fmt.Sprintf(`%s; filename="%s"; filename*=UTF-8''%s`,
			kind, strings.ReplaceAll(quote(file), "%20", " "), quote(file))
	}
	resp.with("Content-Disposition", strings.ReplaceAll(existing, "\n", "%0A"))
	resp.with("Expires", time.Unix(t.expires, 0).UTC().Format(http.TimeFormat))
}
