//go:build tempest

package swift_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var (
	seed  = flag.Uint64("seed", 0, "`number` of the random scenario; 0 means a new one")
	steps = flag.Int("steps", 200, "how many requests a random scenario has")
)

// TestRandomScenarioEndsAlike replays a scenario made by chance against the
// cloud that OS_CLOUD names and against an embedded one.
func TestRandomScenarioEndsAlike(t *testing.T) {
	real := realStage(t)
	number := *seed
	if number == 0 {
		number = uint64(time.Now().UnixNano())
	}
	t.Logf("repeat with -seed %d -steps %d", number, *steps)
	s := randomScenario(number, *steps)

	want := replay(t.Context(), t, s, real)
	got := replay(t.Context(), t, s, embeddedStage(t))

	// The checksum of a manifest is one of times, among others.
	want, got = sloHash.ReplaceAllString(want, "$1"), sloHash.ReplaceAllString(got, "$1")
	show(t, "real", want)
	show(t, "embedded", got)
	if diff := cmp.Diff(strings.Split(want, "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("the clouds differ (-real +embedded):\n%s", diff)
	}
}

// sloHash is the checksum of a manifest, in a listing.
var sloHash = regexp.MustCompile(`"hash": "\w+", ([^{}]*"slo_etag")`)

// dice makes the lines of a random scenario.
type dice struct{ *rand.Rand }

// one is one of list.
func (d dice) one(list ...string) string { return list[d.IntN(len(list))] }

// some is each of list with a chance of one in n.
func (d dice) some(n int, list ...string) string {
	var b strings.Builder
	for _, item := range list {
		if d.IntN(n) == 0 {
			b.WriteString(item)
		}
	}
	return b.String()
}

func randomScenario(number uint64, length int) scenario {
	d := dice{rand.New(rand.NewPCG(number, 0))}
	s := scenario{name: fmt.Sprintf("random %d", number)}
	for _, c := range []string{"/c", "/d"} {
		s.lines = append(s.lines, "PUT "+c)
	}
	for range length {
		s.lines = append(s.lines, d.line())
	}
	return s
}

// line is a request.
func (d dice) line() string {
	container := d.one("/c", "/c", "/d", "/e")
	object := container + "/" + d.one("a", "a", "a/b", "a/b/c", "a-", "b", "b/", "%C3%A9", "b%20c")
	who := d.one("", "", "", "", "", " @other", " @reader", " @-", " @reseller")
	if d.IntN(4) == 0 {
		return d.special(object, who)
	}
	switch d.IntN(16) {
	case 0, 1, 2:
		return "PUT " + object + who + d.objectHeaders() + d.some(8, " | If-None-Match: *", " | chunked") +
			" | <" + d.one("", "x", "hello", "{y*1000}")
	case 3, 4:
		return "GET " + object + who + d.conditions()
	case 5:
		return "HEAD " + object + who + d.conditions()
	case 6:
		return "POST " + object + who + d.objectHeaders()
	case 7:
		return "DELETE " + object + who
	case 8:
		return "COPY " + object + who + " | Destination: " +
			d.one("c/a", "d/b", "e/a", "/c/%C3%A9", "c", "d/copy") + d.objectHeaders() + d.conditions()
	case 9, 10, 11, 12:
		return "GET " + container + "?" + d.query() + who + d.some(6, " | Accept: application/json")
	case 13:
		return "HEAD " + container + who
	case 14:
		return d.one("POST ", "POST ", "PUT ") + container + who + d.containerHeaders()
	}
	return d.one("DELETE ", "OPTIONS ") + container + who
}

// special is a request for what middlewares do: versions, links, large objects.
func (d dice) special(object, who string) string {
	switch d.IntN(6) {
	case 0:
		return d.one("PUT ", "PUT ", "POST ") + d.one("/c", "/d", "/d") + d.versionHeaders()
	case 1:
		return d.one("GET ", "HEAD ", "DELETE ") + object + "?" + d.one("multipart-manifest=get",
			"multipart-manifest=get&format=raw", "multipart-manifest=delete", "symlink=get", "version-id=null",
			"version-id=nonsense") + who
	case 2:
		return "PUT " + object + who + d.objectHeaders() + " | X-Symlink-Target: " +
			d.one("c/a", "d/b", "c/a/b", "d/a", "nope", "") +
			d.some(3, " | X-Symlink-Target-Etag: "+d.one("5d41402abc4b2a76b9719d911017c592", "x"))
	case 3:
		return "PUT " + object + who + d.objectHeaders() + " | X-Object-Manifest: " + d.one("c/a", "d/b", "d/", "nope/x", "c")
	case 4:
		return "PUT " + object + "?multipart-manifest=put" + who + d.objectHeaders() + " | <" + d.one(
			`[{"path": "/c/a"}]`, `[{"path": "/c/a", "range": "0-1"}, {"path": "/c/a"}]`,
			`[{"path": "/c/a"}, {"data": "aGVsbG8="}]`,
			`[{"path": "/c/a", "size_bytes": 5, "etag": "5d41402abc4b2a76b9719d911017c592"}]`, `[]`, `{}`, `[{"path": "x"}]`)
	}
	return "GET " + d.one("/c", "/d") + "?versions&" + d.query() + who
}

func (d dice) objectHeaders() string {
	return d.some(4, " | X-Object-Meta-Color: "+d.one("red", "blue", ""), " | X-Object-Meta-Size: 5",
		" | Content-Type: "+d.one("text/plain", "text/plain; charset=utf-8", "image/png")) +
		d.some(8, " | X-Delete-After: 1000", " | Content-Encoding: none", " | Content-Disposition: inline",
			" | X-Remove-Object-Meta-Color: x", " | X-Fresh-Metadata: true")
}

func (d dice) conditions() string {
	return d.some(6, " | Range: bytes="+d.one("0-0", "1-", "-3", "2-1", "0-1,3-4", "100-", "0-0,0-0", "5-10,1-2"),
		" | If-Match: "+d.one("*", "5d41402abc4b2a76b9719d911017c592", "x"),
		" | If-None-Match: "+d.one("*", "5d41402abc4b2a76b9719d911017c592", "x")) +
		d.some(12, " | If-Modified-Since: "+d.one("Fri, 27 Feb 2026 20:10:00 GMT", "Fri, 27 Feb 2099 20:10:00 GMT"),
			" | If-Unmodified-Since: "+d.one("Fri, 27 Feb 2026 20:10:00 GMT", "Fri, 27 Feb 2099 20:10:00 GMT"))
}

func (d dice) query() string {
	return strings.TrimPrefix(d.some(3, "&format="+d.one("json", "xml", "plain"), "&delimiter="+d.one("/", "a", "-", "/b"),
		"&limit="+d.one("1", "2", "3", "10000", "10001", "x"))+
		d.some(4, "&prefix="+d.one("a", "a/", "b", "%C3", "%C3%A9"), "&marker="+d.one("a", "a/", "a/b", "b", "zz"),
			"&end_marker="+d.one("a", "a/b/", "b", "zz"), "&reverse="+d.one("true", "no"))+
		d.some(10, "&path="+d.one("", "a", "a/b", "nope")), "&")
}

func (d dice) versionHeaders() string {
	return d.one(" | X-Versions-Enabled: true", " | X-Versions-Enabled: false", " | X-Versions-Location: e",
		" | X-History-Location: e", " | X-Remove-Versions-Location: x", " | X-Versions-Enabled: maybe")
}

func (d dice) containerHeaders() string {
	return d.some(3, " | X-Container-Meta-Color: "+d.one("red", "blue", ""), " | X-Container-Read: "+d.one(
		".r:*", ".r:*,.rlistings", "{b}:{other-id}", "{b}:*", "reader", ".r:-x.com", "", "{run}b:{run}other"),
		" | X-Container-Write: "+d.one("{b}:{other-id}", ".r:*", "", "*:*", "reader")) +
		d.some(8, " | X-Remove-Container-Read: x", " | X-Remove-Container-Meta-Color: x")
}
