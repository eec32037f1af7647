package schema_test

import (
	"embed"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/gotempest/tempest/testlib"
	"github.com/gotempest/tempest/testlib/schema"
)

//go:embed testdata
var files embed.FS

func TestMismatchesNameThePlace(t *testing.T) {
	t.Parallel()
	const text = `{
		"type": "object",
		"properties": {
			"servers": {"type": "array", "items": {
				"type": "object",
				"properties": {
					"id": {"type": "string", "format": "uuid"}, "a/b": {"type": "integer"},
					"when": {"anyOf": [{"type": "null"}, {"type": "string", "format": "date-time"}]},
					"n": {"minimum": 3}
				},
				"required": ["id"], "additionalProperties": false
			}}
		}
	}`
	s, err := schema.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	const id = `"id": "5ad5a1a6-8a5c-4c4d-9d1f-0d4c53c0a0d2"`
	tests := map[string]struct {
		in   string
		want []string // none for a value that fits
	}{
		"fits":       {`{"servers": [{` + id + `, "when": null, "n": 3.5}]}`, nil},
		"type":       {`{"servers": [{` + id + `, "a/b": "x"}]}`, []string{"/servers/0/a~1b: got string, want integer"}},
		"missing":    {`{"servers": [{` + id + `}, {}]}`, []string{"/servers/1: missing property 'id'"}},
		"additional": {`{"servers": [{` + id + `, "x": 1}]}`, []string{"/servers/0: additional properties 'x' not allowed"}},
		"value":      {`{"servers": [{` + id + `, "n": 1}]}`, []string{"/servers/0/n: minimum: got 1, want 3, there is 1"}},
		"format": {`{"servers": [{"id": "7"}]}`, []string{
			"/servers/0/id: '7' is not valid uuid: it is neither a UUID nor 32 hexadecimal digits"}},
		"alternatives": {`{"servers": [{` + id + `, "when": "soon"}]}`, []string{
			"/servers/0/when: none of the alternatives fits:", "/servers/0/when: got string, want null",
			"/servers/0/when: 'soon' is"}},
		"whole":  {`[]`, []string{"/: got array, want object"}},
		"broken": {`{"servers": `, []string{"it is no JSON: "}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := s.Validate([]byte(tt.in))
			if (err == nil) != (tt.want == nil) {
				t.Fatalf("Validate = %v", err)
			}
			for _, part := range tt.want {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("error lacks %q:\n%v", part, err)
				}
			}
		})
	}
}

func TestManyMismatchesAreCounted(t *testing.T) {
	t.Parallel()
	s, err := schema.Parse(`{"items": {"type": "string"}}`)
	if err != nil {
		t.Fatal(err)
	}
	err = s.Validate([]any{1., 2., 3., 4., 5., 6., 7., 8., 9., 10., 11., 12.})
	var mismatch *schema.MismatchError
	if !errors.As(err, &mismatch) || len(mismatch.Places) != 12 || !strings.HasSuffix(err.Error(), "\n  and 2 more") {
		t.Errorf("error = %v", err)
	}
}

func TestFormats(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ good, bad []string }{
		"date-time": {
			[]string{"2026-01-02T03:04:05Z", "2026-01-02T03:04:05.123456", "2026-01-02 03:04:05", "2026-01-02T03:04:05+0000",
				"2026-01-02T03:04:05.123456Z", "2026-12-31T23:59:60+01:00"},
			[]string{"", "2026-01-02", "2026-13-02T03:04:05Z", "2026-01-02T25:04:05Z", "yesterday", "2026-01-02T03:04:05ZZ"},
		},
		"iso8601-date-time": {[]string{"2026-01-02T03:04:05Z"}, []string{"x"}},
		"uuid": {
			[]string{"5ad5a1a6-8a5c-4c4d-9d1f-0d4c53c0a0d2", "5AD5A1A68A5C4C4D9D1F0D4C53C0A0D2"},
			[]string{"", "5ad5a1a6", "5ad5a1a68a5c-4c4d-9d1f-0d4c53c0a0d2", "default"},
		},
		"uri":         {[]string{"http://c/v3/x?y=1"}, []string{"/v3", "no"}},
		"cidr":        {[]string{"10.0.0.0/24", "2001:db8::/48"}, []string{"10.0.0.0", "10.0.0.0/99"}},
		"mac-address": {[]string{"fa:16:3e:00:00:01"}, []string{"fa:16:3e", "02:00:5e:10:00:00:00:01"}},
		"ipv4":        {[]string{"10.0.0.1"}, []string{"10.0.0.256"}},
	}
	for format, tt := range tests {
		s, err := schema.Parse(`{"format": "` + format + `"}`)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range tt.good {
			if err := s.Validate(v); err != nil {
				t.Errorf("%s %q: %v", format, v, err)
			}
		}
		for _, v := range tt.bad {
			if err := s.Validate(v); err == nil {
				t.Errorf("%s %q fits", format, v)
			}
		}
		if err := s.Validate(7.); err != nil {
			t.Errorf("%s of a number: %v", format, err)
		}
	}
}

// answer is one with a JSON body.
func answer(method, path string, status int, body string) testlib.Answer {
	return testlib.Answer{
		Service: "compute", Method: method, Path: path, URL: "http://c/compute/v2.1" + path, Status: status,
		Header: http.Header{"Content-Type": {"application/json"}}, Body: []byte(body),
	}
}

func TestRulesChooseAnswers(t *testing.T) {
	t.Parallel()
	const never = `{"not": {}}`
	plain := answer("GET", "/servers/1", 200, "{}")
	with := func(change func(*testlib.Answer)) testlib.Answer {
		a := plain
		change(&a)
		return a
	}
	version := func(v string) testlib.Answer { return with(func(a *testlib.Answer) { a.Microversion = v }) }
	tests := map[string]struct {
		rule   schema.Rule
		answer testlib.Answer
		chosen bool
	}{
		"every":               {schema.Rule{}, plain, true},
		"service":             {schema.Rule{Service: "compute"}, plain, true},
		"another service":     {schema.Rule{Service: "image"}, plain, false},
		"method":              {schema.Rule{Method: "GET"}, plain, true},
		"another method":      {schema.Rule{Method: "PUT"}, plain, false},
		"path":                {schema.Rule{Path: "/servers/*"}, plain, true},
		"whole path":          {schema.Rule{Path: "/compute/v2.1/servers/*"}, plain, true},
		"below":               {schema.Rule{Path: "/servers/..."}, plain, true},
		"another path":        {schema.Rule{Path: "/servers"}, plain, false},
		"status":              {schema.Rule{Status: []int{200, 203}}, plain, true},
		"another status":      {schema.Rule{Status: []int{202}}, plain, false},
		"a failure":           {schema.Rule{}, answer("GET", "/x", 404, "{}"), false},
		"a failure asked for": {schema.Rule{Status: []int{404}}, answer("GET", "/x", 404, "{}"), true},
		"no version":          {schema.Rule{MaxVersion: "2.10"}, plain, true},
		"no version, min":     {schema.Rule{MinVersion: "2.10"}, plain, false},
		"version":             {schema.Rule{MinVersion: "2.9", MaxVersion: "2.90"}, version("2.10"), true},
		"lowest":              {schema.Rule{MinVersion: "2.10"}, version("2.10"), true},
		"highest":             {schema.Rule{MaxVersion: "2.10"}, version("2.10"), true},
		"below it":            {schema.Rule{MinVersion: "2.10"}, version("2.9"), false},
		"above it":            {schema.Rule{MaxVersion: "2.10"}, version("2.11"), false},
		"another major":       {schema.Rule{MaxVersion: "2.10"}, version("3.1"), false},
		"latest":              {schema.Rule{MinVersion: "2.10"}, version("latest"), true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tt.rule.Body = never
			s, err := schema.New(nil, tt.rule)
			if err != nil {
				t.Fatal(err)
			}
			if err := s.Check(tt.answer); (err != nil) != tt.chosen {
				t.Errorf("Check = %v, want an error: %v", err, tt.chosen)
			}
			strict := s.Strict().Check(tt.answer)
			refused := strict != nil && strings.Contains(strict.Error(), "no rule")
			if unknown := !tt.chosen && tt.answer.Status < 300; unknown != refused {
				t.Errorf("strict: %v", strict)
			}
		})
	}
}

func TestAnswersAreCompared(t *testing.T) {
	t.Parallel()
	s, err := schema.New(files,
		schema.Rule{Path: "/images", Body: "testdata/images.json",
			Header: `{"required": ["x-openstack-request-id"], "properties": {"x-openstack-request-id": {"pattern": "^req-"}}}`},
		schema.Rule{Path: "/visibility", Body: "testdata/common.json#/$defs/visibility"},
		schema.Rule{Path: "/nothing", NoBody: true})
	if err != nil {
		t.Fatal(err)
	}
	head := http.Header{"Content-Type": {"application/json; charset=UTF-8"}, "X-Openstack-Request-Id": {"req-1"}}
	plain := http.Header{"Content-Type": {"text/plain"}}
	const good = `{"images": [], "first": "/v2/images", "schema": "/v2/schemas/images"}`
	tests := map[string]struct {
		method, path string
		status       int
		header       http.Header
		body         string
		want         string // "" for an answer that is right
	}{
		"right":      {"GET", "/images", 200, head, good, ""},
		"wrong body": {"GET", "/images", 200, head, `{}`, "testdata/images.json:\n  /: missing properties"},
		"wrong deep": {"GET", "/images", 200, head, strings.Replace(good, "[]", `[{"visibility": "no"}]`, 1),
			"/images/0/visibility: value must be one of"},
		"wrong header": {"GET", "/images", 200, http.Header{"Content-Type": {"application/json"}}, good,
			"of the headers of /images:\n  /: missing property 'x-openstack-request-id'"},
		"no JSON": {"GET", "/visibility", 200, plain, "public",
			`the body is said to be "text/plain", and must be JSON`},
		"broken JSON": {"GET", "/visibility", 200, head, "public", "it is no JSON: "},
		"a place":     {"GET", "/visibility", 200, head, `"public"`, ""},
		"no body": {"GET", "/visibility", 200, head, "",
			"the answer has no body that could fit schema testdata/common.json#/$defs/visibility"},
		"HEAD":           {"HEAD", "/other", 200, http.Header{"Content-Length": {"7"}}, "", ""},
		"HEAD with body": {"HEAD", "/other", 200, head, "x", "an answer to HEAD with status 200 has a body of 1 bytes"},
		"204":            {"DELETE", "/other", 204, http.Header{"Content-Length": {"0"}}, "", ""},
		"204 with claim": {"DELETE", "/other", 204, http.Header{"Content-Length": {"7"}}, "",
			"an answer with status 204 claims a body of 7 bytes"},
		"205 with body": {"PUT", "/other", 205, plain, "x", "an answer to PUT with status 205 has a body of 1 bytes"},
		"304":           {"GET", "/other", 304, http.Header{"Content-Length": {"7"}}, "", ""},
		"NoBody":        {"GET", "/nothing", 202, plain, "x", "the answer has a body, and must have none"},
		"NoBody, right": {"GET", "/nothing", 202, http.Header{}, "", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := s.Check(testlib.Answer{
				Method: tt.method, Path: tt.path, Status: tt.status, Header: tt.header, Body: []byte(tt.body),
			})
			switch {
			case tt.want == "" && err != nil:
				t.Errorf("Check = %v", err)
			case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
				t.Errorf("Check = %v, want %q", err, tt.want)
			}
		})
	}
}

func TestRulesThatCannotBeRead(t *testing.T) {
	t.Parallel()
	own := fstest.MapFS{
		"broken.json":  {Data: []byte(`{"type": `)},
		"nobody.json":  {Data: []byte(`{"type": "nobody"}`)},
		"outside.json": {Data: []byte(`{"$ref": "https://example.com/x.json"}`)},
		"lost.json":    {Data: []byte(`{"$ref": "nowhere.json"}`)},
	}
	tests := map[string]struct {
		rule schema.Rule
		want string
	}{
		"no file": {schema.Rule{Body: "none.json"}, "rule 1, every call: reading schema none.json: "},
		"broken": {schema.Rule{Service: "image", Body: "broken.json"},
			"rule 1, image: reading schema broken.json: "},
		"broken text": {schema.Rule{Body: "{"}, "reading schema of every call: unexpected EOF"},
		"no schema":   {schema.Rule{Body: "nobody.json"}, "nobody.json: it is no JSON Schema: /type: "},
		"out of the files": {schema.Rule{Body: "outside.json"},
			"https://example.com/x.json is not one of the files of this schema"},
		"lost":          {schema.Rule{Header: "lost.json"}, "nowhere.json"},
		"path":          {schema.Rule{Path: "/[x"}, `path "/[x": syntax error in pattern`},
		"version":       {schema.Rule{MinVersion: "2"}, `MinVersion: "2" is no microversion such as 2.90`},
		"other version": {schema.Rule{MaxVersion: "2.x"}, `MaxVersion: "2.x" is no microversion such as 2.90`},
		"both":          {schema.Rule{NoBody: true, Body: "{}"}, "it has NoBody and a schema for the body"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := schema.New(own, tt.rule)
			if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("New = %v, want one line with %q", err, tt.want)
			}
		})
	}
}

// Schemas of Python Tempest are of draft 4.
func TestDraft4(t *testing.T) {
	t.Parallel()
	const draft4 = `"$schema": "http://json-schema.org/draft-04/schema#"`
	s, err := schema.Parse("{" + draft4 + `, "minimum": 1, "exclusiveMinimum": true}`)
	if err != nil {
		t.Fatal(err)
	}
	if s.Validate(1.) == nil || s.Validate(2.) != nil {
		t.Error("exclusiveMinimum of draft 4 is not kept")
	}
}

func FuzzValidate(f *testing.F) {
	s, err := schema.Open(files, "testdata/token.json")
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte(`{"token": {"methods": ["password"], "user": {}, "expires_at": "x"}}`))
	f.Add([]byte(`{"token": {"catalog": [{"endpoints": [{"url": "://"}]}]}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		if err := s.Validate(data); err != nil && err.Error() == "" {
			t.Error("an error without text")
		}
	})
}
