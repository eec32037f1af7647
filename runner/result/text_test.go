package result

import (
	"slices"
	"strings"
	"testing"
)

func TestPieces(t *testing.T) {
	for name, tt := range map[string]struct {
		text string
		size int
		want []string
	}{
		"nothing":                {"", 4, nil},
		"short":                  {"ab", 4, []string{"ab"}},
		"as long":                {"abcd", 4, []string{"abcd"}},
		"lines":                  {"ab\ncd\nefgh", 4, []string{"ab\n", "cd\n", "efgh"}},
		"two lines in one":       {"a\nb\ncd", 4, []string{"a\nb\n", "cd"}},
		"a long line":            {"abcdefghij", 4, []string{"abcd", "efgh", "ij"}},
		"characters stay whole":  {"aaé😀é", 4, []string{"aaé", "😀", "é"}},
		"a character is too big": {"é", 1, []string{"\xc3", "\xa9"}},
		"no characters at all":   {strings.Repeat("\x80", 9), 4, []string{"\x80\x80\x80\x80", "\x80\x80\x80\x80", "\x80"}},
	} {
		var got []string
		for p := range Pieces([]byte(tt.text), tt.size) {
			got = append(got, string(p))
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: Pieces(%q, %d) = %q, want %q", name, tt.text, tt.size, got, tt.want)
		}
	}
}

func TestSkipReasons(t *testing.T) {
	for text, want := range map[string]string{
		"    a_test.go:7: no router\n":                                "no router",
		"    a_test.go:7: no\n        router\n":                       "no\nrouter",
		"    client.go:40: GET /v3 200\n    a_test.go:7: no router\n": "no router",
		"    a_test.go:7: first\nprinted\n    b_test.go:12: last\n\n": "last",
		"        a_test.go:7: in a subtest\n":                         "in a subtest",
		"    a_test.go:7: no\n        router\n    DELETE /v3: 204\n":  "no\nrouter",
		"    a_test.go:7: no router\nDELETE /v3: 204\n":               "no router",
		"printed only\n":                       "printed only",
		"":                                     "",
		"    a_test.go:x: no number\n":         "a_test.go:x: no number",
		"    see a_test.go:7: not the start\n": "see a_test.go:7: not the start",
		"    a_test.go:7: \n":                  "",
		"    D:/x/a_test.go:7: a path is no file name, but Go prints none": "a path is no file name, but Go prints none",
	} {
		if got := lastLog(text); got != want {
			t.Errorf("lastLog(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestFraming(t *testing.T) {
	for line, want := range map[string]bool{
		"=== RUN   TestA\n": true, "=== PAUSE TestA\n": true, "=== CONT  TestA\n": true, "=== NAME  TestA\n": true,
		"=== ATTR  TestA k v\n": true, "=== ARTIFACTS TestA /d\n": true,
		"--- PASS: TestA (0.00s)\n": true, "    --- FAIL: TestA/b (1.25s)\n": true, "--- SKIP: TestA (0.00s)\n": true,
		"--- PASS: almost\n": false, "=== Failed\n": false, "=== RUN   TestA": false, "--- a/file.go\n": false, "": false,
		"--- FAIL\n": false, "=== RUNNING TestA\n": false,
	} {
		if got := framing([]byte(line)); got != want {
			t.Errorf("framing(%q) = %v, want %v", line, got, want)
		}
	}
}
