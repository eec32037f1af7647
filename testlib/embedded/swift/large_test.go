package swift

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestALargeObjectThatLosesASegmentIsCutOff(t *testing.T) {
	s, _ := newService(t)
	s.do(t, http.MethodPut, "/c", "")
	s.do(t, http.MethodPut, "/c/1", "first")
	s.do(t, http.MethodPut, "/c/2", "second")
	s.do(t, http.MethodPut, "/c/large?multipart-manifest=put", `[{"path": "/c/1"}, {"path": "/c/2"}]`)
	s.do(t, http.MethodDelete, "/c/2", "")
	server := httptest.NewServer(s)
	defer server.Close()
	for name, tt := range map[string]struct {
		ask, want string
		status    int
		cut       bool
	}{
		"all":            {"", "first", http.StatusOK, true},
		"both":           {"bytes=3-6", "st", http.StatusPartialContent, true},
		"what is there":  {"bytes=1-3", "irs", http.StatusPartialContent, false},
		"what is lost":   {"bytes=6-7", "", http.StatusConflict, false},
		"several ranges": {"bytes=0-1,6-7", "", http.StatusPartialContent, true},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+"/v1/AUTH_p/c/large", http.NoBody)
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("X-Auth-Token", "token")
			if tt.ask != "" {
				r.Header.Set("Range", tt.ask)
			}
			resp, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()

			body, err := io.ReadAll(resp.Body)

			if resp.StatusCode != tt.status || errors.Is(err, io.ErrUnexpectedEOF) != tt.cut {
				t.Errorf("answer = %d, %v, want %d, cut off: %t", resp.StatusCode, err, tt.status, tt.cut)
			}
			if tt.want != "" && string(body) != tt.want {
				t.Errorf("body = %q, want %q", body, tt.want)
			}
		})
	}
}

func TestLargeObjectsMayNotStandTooDeep(t *testing.T) {
	s, _ := newService(t)
	s.do(t, http.MethodPut, "/c", "")
	s.do(t, http.MethodPut, "/c/0", "deep")
	name := func(i int) string { return "/c/" + string(rune('0'+i)) }
	for i := range maxSLODepth + 1 {
		s.do(t, http.MethodPut, name(i+1)+"?multipart-manifest=put", `[{"path": "`+name(i)+`"}]`)
	}

	for depth, want := range map[int]int{maxSLODepth: http.StatusOK, maxSLODepth + 1: http.StatusConflict} {
		if got := s.do(t, http.MethodGet, name(depth), "").StatusCode; got != want {
			t.Errorf("reading %d deep: status %d, want %d", depth, got, want)
		}
	}
}

func FuzzManifest(f *testing.F) {
	for _, seed := range []string{
		`[]`, `[{"path": "/c/o", "etag": null, "size_bytes": "7", "range": "1-2"}]`, `[{"data": "eA=="}, {"path": "c/o"}]`,
		`[1]`, `["data"]`, `[{"path": "/c/o", "range": "-0"}]`, `[{"path": "/c/o", "size_bytes": 1e400}]`, `{}`, `[{}]`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		entries, refused := parseManifest(body, "/v1/a/c/self")
		if refused != nil {
			if refused.ok() {
				t.Errorf("%q is refused with %d", body, refused.status)
			}
			return
		}
		for _, e := range entries {
			if (e.data == nil) == (e.path == "") || len(e.span) > 1 {
				t.Errorf("%q is read as %+v", body, e)
			}
		}
	})
}

func FuzzForm(f *testing.F) {
	f.Add([]byte("--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx\r\n--B--\r\n"))
	f.Add([]byte("\r\n--B\r\n\r\n--B\r\n--B"))
	f.Add([]byte("--B"))
	f.Fuzz(func(t *testing.T, body []byte) {
		parts, ok := splitForm(body, "B")
		if ok != (len(parts) > 0) {
			t.Errorf("%q has %d parts, and is a form: %t", body, len(parts), ok)
		}
		for _, p := range parts {
			if !bytes.Contains(body, p.content) {
				t.Errorf("%q has a part %q that is not in it", body, p.content)
			}
		}
	})
}

func FuzzDisposition(f *testing.F) {
	f.Add(`form-data; name="a"; filename="b c"`)
	f.Add(`;=; x=""`)
	f.Fuzz(func(t *testing.T, header string) {
		_, attributes := parseDisposition(header)
		for name, text := range attributes {
			if !strings.Contains(header, name) || !strings.Contains(header, text) {
				t.Errorf("%q has the attribute %q = %q", header, name, text)
			}
		}
	})
}

func FuzzSignature(f *testing.F) {
	f.Add("da39a3ee5e6b4b0d3255bfef95601890afd80709")
	f.Add("sha256:47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU=")
	f.Fuzz(func(t *testing.T, text string) {
		digest, signature, ok := readSignature(text)
		if ok && (len(signature) == 0 && !strings.Contains(text, ":") || len(sign(digest, "key", "text")) == 0) {
			t.Errorf("%q is read as %q, %x", text, digest, signature)
		}
	})
}

func FuzzVersionName(f *testing.F) {
	f.Add("object", int64(179537403741955))
	f.Add("", int64(0))
	f.Fuzz(func(t *testing.T, object string, at int64) {
		if at < 0 || at > maxStamp || strings.Contains(object, reserved) {
			t.Skip("no object is called so, and none is from then")
		}
		name, id, ok := splitKept(keptName(object, stamp(at)))
		if !ok || name != object || id != stamp(at).String() {
			t.Errorf("the version of %q of %s is read as %q, %q, %t", object, stamp(at), name, id, ok)
		}
	})
}
