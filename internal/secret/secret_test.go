package secret

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

var jsonHeader = http.Header{"Content-Type": {"application/json; charset=utf-8"}}

func TestBodiesAreCleaned(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ in, want string }{
		"login with a password": {
			`{"auth": {"identity": {"methods": ["password"], "password": {"user": {"name": "joe", "password": "pw"}}}}}`,
			`{"auth": {"identity": {"methods": ["password"], "password": {"user": {"name": "joe", "password": "***"}}}}}`,
		},
		"login with a token": {
			`{"auth": {"identity": {"methods": ["token"], "token": {"id": "gAAA"}}, "scope": {"project": {"id": "p"}}}}`,
			`{"auth": {"identity": {"methods": ["token"], "token": {"id": "***"}}, "scope": {"project": {"id": "p"}}}}`,
		},
		"application credential": {
			`{"application_credential": {"id": "1", "secret": "s", "name": "secret", "unrestricted": false}}`,
			`{"application_credential": {"id": "1", "secret": "***", "name": "***", "unrestricted": false}}`,
		},
		"changed password": {
			`{"user":{"original_password":"a","password":"b","password_expires_at":"2026"}}`,
			`{"user":{"original_password":"***","password":"***","password_expires_at":"2026"}}`,
		},
		"server and EC2 credential": {
			`[{"adminPass": "x"}, {"blob": "{\"access\":\"a\",\"secret\":\"b\"}", "type": "ec2"}, {"admin_pass":[1,"y"]}]`,
			`[{"adminPass": "***"}, {"blob": "***", "type": "ec2"}, {"admin_pass":["***","***"]}]`,
		},
		"numbers and literals": {
			`{"passcode": 123456, "password": null, "secret": true}`,
			`{"passcode": "***", "password": null, "secret": true}`,
		},
		"names like a secret's": {
			`{"secret_ref": "http://x/1", "tokens": ["a"], "secrets": [{"name": "n"}]}`,
			`{"secret_ref": "http://x/1", "tokens": ["a"], "secrets": [{"name": "n"}]}`,
		},
		"what follows a nested value": {
			`{"token": {"roles": [{"id": "r"}], "id": "t"}, "id": "x"}`,
			`{"token": {"roles": [{"id": "r"}], "id": "***"}, "id": "x"}`,
		},
		"cut off in a secret": {`{"user": {"password": "half of it`, `{"user": {"password": "***"`},
		"cut off in a key":    {`{"user": {"passwo`, `{"user": {"passwo`},
		"escapes": {
			`{"password": "a\"b", "pass\u0077ord": "c", "x": "\\"}`,
			`{"password": "***", "pass\u0077ord": "***", "x": "\\"}`,
		},
		"a known value anywhere": {
			`{"fault": "bad token 0123456789abcdef in call", "n": "a/0123456789abcdef"}`,
			`{"fault": "bad token *** in call", "n": "a/***"}`,
		},
		"a known value, escaped": {`{"x": "0123456789\u0061bcdef"}`, `{"x": "***"}`},
		"a known value as a key": {`{"0123456789abcdef": 1}`, `{"***": 1}`},
		"a known word as a value": {
			`{"x": "secret", "y": "secrets of secret", "secret_type": "opaque"}`,
			`{"x": "***", "y": "secrets of secret", "secret_type": "opaque"}`,
		},
		"payload of Barbican": {`{"name": "n", "payload": "x", "payload_content_type": "text/plain"}`,
			`{"name": "n", "payload": "***", "payload_content_type": "text/plain"}`},
		"empty secrets are no secret": {`{"password": ""}`, `{"password": ""}`},
		"not JSON":                    {`user=joe&password=pw&x=0123456789abcdef`, `user=joe&password=***&x=***`},
		"nothing":                     {"", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &Scrubber{}
			s.Pin("0123456789abcdef")
			s.Pin("secret")

			got := s.Body([]byte(tt.in), jsonHeader)

			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("body (-want +got)\n%s", diff)
			}
		})
	}
}

func TestBodiesThatAreNoTextAreNotShown(t *testing.T) {
	t.Parallel()
	s := &Scrubber{}
	for kind, want := range map[string]string{
		"application/octet-stream": "", "": "", "text/plain": "x", "application/openstack-images-v2.1-json-patch": "x",
		"application/problem+json": "x", "application/xml": "x",
	} {
		if got := s.Body([]byte("x"), http.Header{"Content-Type": {kind}}); got != want {
			t.Errorf("body of type %q = %q, want %q", kind, got, want)
		}
	}
}

func TestHeadersAndURLsAreCleaned(t *testing.T) {
	t.Parallel()
	s := &Scrubber{}
	s.LearnHeaders(http.Header{"X-Subject-Token": {"tok/en with spaces"}, "X-Auth-Token": {"invalid"}})
	for _, name := range []string{
		"X-Auth-Token", "x-subject-token", "Authorization", "Set-Cookie", "X-Account-Meta-Secret", "OpenStack-Auth-Receipt",
		"X-Account-Meta-Temp-URL-Key-2", "X-Container-Meta-Temp-Url-Key", "X-Container-Sync-Key",
	} {
		if got := s.Header(name, "v"); got != Masked {
			t.Errorf("header %s = %q", name, got)
		}
	}
	if got, want := s.Header("Location", "/x/tok/en with spaces"), "/x/***"; got != want {
		t.Errorf("header Location = %q, want %q", got, want)
	}
	if got, want := s.Text("it is invalid"), "it is invalid"; got != want { // a word that a test used as token
		t.Errorf("text = %q, want %q", got, want)
	}
	for in, want := range map[string]string{
		"http://h/v2.0/tokens/tok%2Fen%20with%20spaces":         "http://h/v2.0/tokens/***",
		"http://h/x?temp_url_token=abc&limit=1&password=p":      "http://h/x?temp_url_token=***&limit=1&password=***",
		"http://h/v1/a/c/o?temp_url_sig=abc&temp_url_expires=1": "http://h/v1/a/c/o?temp_url_sig=***&temp_url_expires=1",
		"http://joe:pw@h/x": "http://joe:xxxxx@h/x",
	} {
		u, err := url.Parse(in)
		if err != nil {
			t.Fatal(err)
		}
		if got := s.URL(u); got != want {
			t.Errorf("url(%s) = %q, want %q", in, got, want)
		}
	}
}

func TestOldSecretsOfTestsAreForgotten(t *testing.T) {
	t.Parallel()
	s := &Scrubber{}
	s.Pin("the administrator's password")
	for i := range 3 * maxSecrets {
		s.Learn(fmt.Sprintf("secret number %d", i))
		s.Learn(fmt.Sprintf("secret number %d", i))
	}
	if n := len(s.known); n != maxSecrets+1 {
		t.Errorf("%d secrets are remembered, want %d", n, maxSecrets+1)
	}
	remembered := 0
	for _, list := range s.long {
		remembered += len(list)
	}
	if want := 3*maxSecrets + 3; remembered != want { // each plain, in a path and in a query
		t.Errorf("%d forms of secrets are remembered, want %d", remembered, want)
	}
	if got := s.Text("the administrator's password"); got != Masked {
		t.Errorf("the pinned secret was forgotten: %q", got)
	}
}

// FuzzSecrets puts a secret at names and into values of bodies, whole and cut
// off, and looks for it in what is logged.
func FuzzSecrets(f *testing.F) {
	for _, doc := range []string{
		`{"a": {"password": %s}}`, `[%s`, `{"token": {"id": %s, "x": [{}]}}`, `password=%s&x`,
		`{"x": "y`, `{%s: 1}`, `"\`, `}]{"secret":-1}`,
	} {
		f.Add(doc, "0123456789abcdef", uint(1000))
		f.Add(doc, "quote\" back\\slash \u00e9\x01", uint(20))
	}
	f.Fuzz(func(t *testing.T, doc, secret string, cut uint) {
		if len(secret) < longSecret || strings.Contains(secret, "*") || strings.ToValidUTF8(secret, "") != secret {
			return
		}
		quoted, err := json.Marshal(secret)
		if err != nil {
			t.Fatal(err)
		}
		doc = strings.ReplaceAll(doc, "%s", string(quoted))
		doc = doc[:min(uint(len(doc)), cut)]
		s := &Scrubber{}
		s.Learn(secret)

		got := s.Body([]byte(doc), jsonHeader)

		if strings.Contains(got, secret) {
			t.Errorf("%q is in %q, cleaned from %q", secret, got, doc)
		}
		if json.Valid([]byte(doc)) && !json.Valid([]byte(got)) {
			t.Errorf("%q was JSON, %q is not", doc, got)
		}
	})
}

// FuzzSecretNames hides secrets nobody has seen before: by their names alone.
func FuzzSecretNames(f *testing.F) {
	f.Add("password", "a", "0123456789abcdef", 3)
	f.Add("clientSecret", "\u00e9\"", "x\\y", 0)
	f.Fuzz(func(t *testing.T, key, other, secret string, depth int) {
		if secret == "" || !secretName("", key) || strings.Contains(key+other, secret) || strings.Contains(Masked, secret) {
			return
		}
		var doc any = map[string]any{other: 1, key: secret, "z": []any{other}}
		for range min(max(depth, 0), 10) {
			doc = map[string]any{other: []any{doc, nil}, "y": 1.5}
		}
		in, err := json.Marshal(doc)
		if err != nil {
			t.Fatal(err)
		}
		quoted, err := json.Marshal(secret)
		if err != nil {
			t.Fatal(err)
		}

		got := (&Scrubber{}).Body(in, jsonHeader)

		if strings.Contains(got, ":"+string(quoted)) {
			t.Errorf("%s is in %s, cleaned from %s", quoted, got, in)
		}
	})
}

// BenchmarkBody cleans the body of a login, with as many known secrets as there may be.
func BenchmarkBody(b *testing.B) {
	s := &Scrubber{}
	for i := range maxSecrets {
		s.Learn(fmt.Sprintf("gAAAAABk-secret-number-%d", i))
	}
	entry := `{"type": "identity", "endpoints": [{"id": "6a1c", "interface": "public", "url": "http://127.0.0.1:5000"}]},`
	body := []byte(`{"token": {"methods": ["password"], "catalog": [` + strings.Repeat(entry, 40) + `{}]}}`)
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		s.Body(body, jsonHeader)
	}
}

func TestWatchersAreToldOfEachSecretOnce(t *testing.T) {
	t.Parallel()
	var s Scrubber
	var told []string
	s.Watch(func(forms []string) {
		if got := s.Text(forms[0]); got != Masked {
			t.Errorf("when the watcher is told, the scrubber leaves %q", got)
		}
		told = append(told, forms...)
	})
	before := s.Generation()

	s.Learn(`open "sesame" now`)
	s.Learn(`open "sesame" now`)
	s.Learn("short")
	s.Pin("a password that is pinned")

	want := []string{
		`open "sesame" now`, `open \"sesame\" now`, `open \\\"sesame\\\" now`,
		"open%20%22sesame%22%20now", "open+%22sesame%22+now",
		"a password that is pinned", "a%20password%20that%20is%20pinned", "a+password+that+is+pinned",
	}
	less := func(a, b string) bool { return a < b }
	if diff := cmp.Diff(want, told, cmpopts.SortSlices(less)); diff != "" {
		t.Errorf("the watcher was told (-want +got)\n%s", diff)
	}
	if got := s.Generation() - before; got != 2 {
		t.Errorf("%d new generations, want 2", got)
	}
}

func BenchmarkText(b *testing.B) {
	var s Scrubber
	for i := range maxSecrets {
		s.Learn(fmt.Sprintf("gAAAAAB%d-and-so-on-and-so-on", i*7919))
	}
	text := strings.Repeat(`{"server": {"id": "5ad5a1a6-1111-2222-3333-444455556666", "status": "ACTIVE"}} `, 50)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if s.Text(text) != text {
			b.Fatal("the text was changed")
		}
	}
}
