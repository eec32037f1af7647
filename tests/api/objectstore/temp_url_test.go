//go:build tempest

package objectstore_test

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"hash"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gotempest/tempest/testlib"
	"github.com/gotempest/tempest/testlib/config"
)

// digests are the hashes that signatures are made with, by the names that /info has for them.
func digests(name string) func() hash.Hash {
	switch name {
	case "sha1":
		return sha1.New
	case "sha512":
		return sha512.New
	}
	return sha256.New
}

// signer makes signatures with a key.
type signer struct {
	digest string // name of the hash
	key    string
}

// newSigner returns a signer with the hash that the configuration names.
func newSigner(e *testlib.Env, key string) signer {
	e.Helper()
	return signer{digest: testlib.Config[config.Core](e).ObjectStore.TempurlDigest, key: key}
}

// sign returns the signature of lines.
func (g signer) sign(lines ...any) []byte {
	h := hmac.New(digests(g.digest), []byte(g.key))
	for i, line := range lines {
		if i > 0 {
			fmt.Fprint(h, "\n")
		}
		fmt.Fprint(h, line)
	}
	return h.Sum(nil)
}

// inAnHour is when signatures of these tests end that are not to end before.
func inAnHour() int64 { return time.Now().Add(time.Hour).Unix() }

// link returns the path of an object with a signature for one method.
func (g signer) link(s store, method, path string, expires int64) string {
	name, err := url.PathUnescape(path)
	if err != nil {
		s.e.Fatalf("signing %s: %v", path, err)
	}
	sig := g.sign(method, expires, s.path()+"/"+name)
	return path + query("temp_url_sig", hex.EncodeToString(sig), "temp_url_expires", strconv.FormatInt(expires, 10))
}

// signs gives the account a key for signatures. The account goes with its test.
func (s store) signs(name, key string) {
	s.e.Helper()
	s.want(http.StatusNoContent, http.MethodPost, "", nil, header{"X-Account-Meta-" + name: key})
}

func TestTempURL(t *testing.T) {
	e := testlib.Start(t, testlib.ID("b8cf25a2-ee86-4195-8797-5b19074e0f7f"), testlib.Services("object-store"),
		testlib.Extension("object-store", "tempurl"), testlib.Credentials(testlib.ProjectOperator))
	s := operator(e)
	key := newSigner(e, "Meta")
	s.signs("Temp-URL-Key", key.key)
	c := s.newContainer(nil)
	name, content := s.newObject(c, header{"X-Object-Meta-Secret": "hidden", "X-Object-Meta-Public-Colour": "red"})
	path := at(c, name)

	e.Run("Get", func(e *testlib.Env) { tempURLGet(e, key, path, name, content) },
		testlib.ID("f91c96d4-1230-4bba-8eb9-84476d18d991"))

	e.Run("SecondKey", func(e *testlib.Env) {
		s, second := operator(e), newSigner(e, "Meta2-")
		s.signs("Temp-URL-Key-2", second.key)
		s = s.anonymous()
		s.get(second.link(s, http.MethodGet, path, inAnHour()), nil).contains(e, content)
	}, testlib.ID("671f9583-86bd-4128-a034-be282a68c5d8"))

	e.Run("Put", func(e *testlib.Env) { tempURLPut(e, key, c) }, testlib.ID("9b08dade-3571-4152-8a4f-a4f2a873a735"))

	e.Run("Head", func(e *testlib.Env) {
		s := operator(e).anonymous()
		link := key.link(s, http.MethodHead, path, inAnHour())
		s.head(link, nil).has(e, header{"Content-Length": strconv.Itoa(len(content))})
	}, testlib.ID("249a0111-5ad3-4534-86a7-1993d55f9185"))

	e.Run("Inline", func(e *testlib.Env) {
		s := operator(e).anonymous()
		a := s.get(key.link(s, http.MethodGet, path, inAnHour())+"&inline", nil)
		a.has(e, header{"Content-Disposition": "inline"})
		a.contains(e, content)
	}, testlib.ID("9d9cfd90-708b-465d-802c-e4a8090b823d"))

	e.Run("FileName", func(e *testlib.Env) { tempURLFileName(e, key, path) },
		testlib.ID("774b3692-0417-4620-999e-af18a0e4c3e7"))

	e.Run("Delete", func(e *testlib.Env) {
		own := at(c, "deleted")
		operator(e).put(own, nil, nil)
		s := operator(e).anonymous()
		s.remove(key.link(s, http.MethodDelete, own, inAnHour()))
		operator(e).want(http.StatusNotFound, http.MethodHead, own, nil, nil)
	}, testlib.ID("c0d0d4b3-f902-460e-9565-d44e9bc9978e"))

	e.Run("Post", func(e *testlib.Env) {
		s := operator(e).anonymous()
		link := key.link(s, http.MethodPost, path, inAnHour())
		s.want(http.StatusAccepted, http.MethodPost, link, nil, header{"X-Object-Meta-Public-Size": "small"})
		s.head(link, nil).has(e, header{"X-Object-Meta-Public-Size": "small"})
	}, testlib.ID("2eaa609c-2e66-49d0-9ced-4de9f5c9bf92"))

	e.Run("Range", func(e *testlib.Env) {
		s := operator(e).anonymous()
		link := key.link(s, http.MethodGet, path, inAnHour())
		s.want(http.StatusPartialContent, http.MethodGet, link, nil, header{"Range": "bytes=1-3"}).
			contains(e, content[1:4])
	}, testlib.ID("7cd64467-f75c-4f16-980e-263d97d26bf8"))

	e.Run("OtherForms", func(e *testlib.Env) { otherTempURLs(e, key, path, content) },
		testlib.ID("cbacb439-7f16-44ee-b967-093da729f4fc"))

	e.Run("Expired", func(e *testlib.Env) {
		s := operator(e).anonymous()
		a := s.want(http.StatusUnauthorized, http.MethodGet,
			key.link(s, http.MethodGet, path, time.Now().Add(-time.Second).Unix()), nil, nil)
		a.contains(e, []byte("401 Unauthorized: Temp URL invalid\n"))
	}, testlib.ID("5a583aca-c804-41ba-9d9a-e7be132bdf0b"), testlib.Negative)

	e.Run("Refused", func(e *testlib.Env) { refusedTempURLs(e, key, path) },
		testlib.ID("19c5504f-9138-4dcb-9c4d-d0f4415a3c35"), testlib.Negative)

	e.Run("Pointer", func(e *testlib.Env) { tempURLPointer(e, key, c, path) },
		testlib.ID("47bde818-4bdb-419e-863f-c5212fc8ae5b"), testlib.Negative)
}

// tempURLPointer writes what would lead to other data, which a signature is not for.
func tempURLPointer(e *testlib.Env, key signer, c, path string) {
	e.Helper()
	s := operator(e).anonymous()
	link := key.link(s, http.MethodPut, at(c, "pointer"), inAnHour())
	for _, name := range []string{"X-Object-Manifest", "X-Symlink-Target", "X-Copy-From"} {
		a := s.want(http.StatusBadRequest, http.MethodPut, link, nil, header{name: path})
		a.contains(e, []byte("The header '"+name+"' is not allowed in this tempurl"))
	}
}

// tempURLPut writes an object with a signature, and reads it.
func tempURLPut(e *testlib.Env, key signer, c string) {
	e.Helper()
	s, own, expires := operator(e).anonymous(), at(c, "put"), inAnHour()
	link := key.link(s, http.MethodPut, own, expires)
	s.put(link, []byte("new"), nil)
	s.head(link, nil)
	s.get(key.link(s, http.MethodGet, own, expires), nil).contains(e, []byte("new"))
}

// tempURLFileName asks for a name under which to keep an object.
func tempURLFileName(e *testlib.Env, key signer, path string) {
	e.Helper()
	s := operator(e).anonymous()
	link := key.link(s, http.MethodGet, path, inAnHour()) + "&filename=" + url.QueryEscape("a caf\u00e9.txt")
	const name = `; filename="a caf%C3%A9.txt"; filename*=UTF-8''a%20caf%C3%A9.txt`
	s.get(link, nil).has(e, header{"Content-Disposition": "attachment" + name})
	s.get(link+"&inline", nil).has(e, header{"Content-Disposition": "inline" + name})
}

// tempURLGet reads an object with a signature.
func tempURLGet(e *testlib.Env, key signer, path, name string, content []byte) {
	e.Helper()
	s := operator(e).anonymous()
	expires := inAnHour()
	link := key.link(s, http.MethodGet, path, expires)
	a := s.get(link, nil)
	a.contains(e, content)
	a.has(e, header{
		"Content-Disposition":  fmt.Sprintf(`attachment; filename="%s"; filename*=UTF-8''%[1]s`, name),
		"Expires":              time.Unix(expires, 0).UTC().Format(http.TimeFormat),
		"X-Object-Meta-Secret": "", "X-Object-Meta-Public-Colour": "red",
	})
	s.head(link, nil)
}

// otherTempURLs reads an object with other hashes, other forms of the time, a prefix and a range of addresses.
func otherTempURLs(e *testlib.Env, key signer, path string, content []byte) {
	e.Helper()
	s, expires := operator(e).anonymous(), inAnHour()
	full := s.path() + "/" + path
	var info struct {
		Tempurl struct {
			Digests []string `json:"allowed_digests"`
		}
	}
	s.root().get("info", nil).into(e, &info)
	for _, digest := range info.Tempurl.Digests {
		other := signer{digest, key.key}
		s.get(other.link(s, http.MethodGet, path, expires), nil).contains(e, content)
	}

	sign := func(lines ...any) string { return hex.EncodeToString(key.sign(lines...)) }
	at := strconv.FormatInt(expires, 10)
	links := map[string]string{
		"time of ISO 8601": query("temp_url_sig", sign("GET", expires, full),
			"temp_url_expires", time.Unix(expires, 0).UTC().Format("2006-01-02T15:04:05Z")),
		"prefix": query("temp_url_sig", sign("GET", expires, "prefix:"+full[:len(full)-3]), "temp_url_expires", at,
			"temp_url_prefix", full[strings.LastIndex(full, "/")+1:len(full)-3]),
		"empty prefix": query("temp_url_sig", sign("GET", expires, "prefix:"+full[:strings.LastIndex(full, "/")+1]),
			"temp_url_expires", at, "temp_url_prefix", ""),
		"range of addresses": query("temp_url_sig", sign("ip=0.0.0.0/0", "GET", expires, full),
			"temp_url_expires", at, "temp_url_ip_range", "0.0.0.0/0"),
	}
	if slices.Contains(info.Tempurl.Digests, "sha512") {
		long := signer{"sha512", key.key}
		links["hash that is named"] = query("temp_url_sig",
			"sha512:"+base64.StdEncoding.EncodeToString(long.sign("GET", expires, full)), "temp_url_expires", at)
	}
	for what, link := range links {
		if a := s.call(http.MethodGet, path+link, nil, nil); a.Status != http.StatusOK {
			e.Errorf("%s: status %d, want 200", what, a.Status)
		}
	}
}

// refusedTempURLs tries signatures that are not good for what is asked.
func refusedTempURLs(e *testlib.Env, key signer, path string) {
	e.Helper()
	s, expires := operator(e).anonymous(), inAnHour()
	full := s.path() + "/" + path
	sign := func(lines ...any) string { return hex.EncodeToString(key.sign(lines...)) }
	at, right := strconv.FormatInt(expires, 10), sign("GET", expires, full)
	for what, link := range map[string]string{
		"another key":    signer{key.digest, "wrong"}.link(s, http.MethodGet, path, expires),
		"another method": key.link(s, http.MethodPut, path, expires),
		"HEAD alone":     key.link(s, http.MethodHead, path, expires),
		"another time":   path + query("temp_url_sig", right, "temp_url_expires", strconv.FormatInt(expires+1, 10)),
		"another object": path + "x" + query("temp_url_sig", right, "temp_url_expires", at),
		"no time":        path + query("temp_url_sig", right),
		"no signature":   path + query("temp_url_expires", at),
		"no number":      path + query("temp_url_sig", right, "temp_url_expires", "tomorrow"),
		"another prefix": path + query(
			"temp_url_sig", sign("GET", expires, "prefix:"+full[:strings.LastIndex(full, "/")+1]+"none"),
			"temp_url_expires", at, "temp_url_prefix", "none"),
		"another address": path + query("temp_url_sig", sign("ip=192.0.2.1", "GET", expires, full),
			"temp_url_expires", at, "temp_url_ip_range", "192.0.2.1"),
		"no range of addresses": path + query("temp_url_sig", sign("ip=x", "GET", expires, full),
			"temp_url_expires", at, "temp_url_ip_range", "x"),
		"short": path + query("temp_url_sig", right[2:], "temp_url_expires", at),
	} {
		if a := s.call(http.MethodGet, link, nil, nil); a.Status != http.StatusUnauthorized {
			e.Errorf("%s: status %d, want 401", what, a.Status)
		}
	}
}

func TestTempURLOfAContainer(t *testing.T) {
	e := testlib.Start(t, testlib.ID("a569178c-e41a-4ce3-b3b2-e101dff59b98"), testlib.Services("object-store"),
		testlib.Extension("object-store", "tempurl"), testlib.Credentials(testlib.ProjectOperator))
	s, key := operator(e), newSigner(e, "of the container")
	c := s.newContainer(header{"X-Container-Meta-Temp-URL-Key": key.key})
	other := s.newContainer(nil)
	name, content := s.newObject(c, nil)
	s.put(at(other, name), content, nil)
	nobody := s.anonymous()

	nobody.get(key.link(s, http.MethodGet, at(c, name), inAnHour()), nil).contains(e, content)
	nobody.want(http.StatusUnauthorized, http.MethodGet,
		key.link(s, http.MethodGet, at(other, name), inAnHour()), nil, nil)

	s.want(http.StatusNoContent, http.MethodPost, c, nil, header{"X-Remove-Container-Meta-Temp-URL-Key": "x"})
	nobody.want(http.StatusUnauthorized, http.MethodGet,
		key.link(s, http.MethodGet, at(c, name), inAnHour()), nil, nil)
}
