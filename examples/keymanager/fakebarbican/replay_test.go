package fakebarbican_test

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// With both flags the answers are recorded from a real Barbican:
//
//	go test ./fakebarbican -run Replay -record http://127.0.0.1:9311 -token "$(openstack token issue -f value -c id)"
//
// The token must be for a project that has no secrets and no containers, of an admin who is a member too.
var (
	record = flag.String("record", "", "record the answers of the Barbican at this `URL`")
	token  = flag.String("token", "", "`token` for -record")
)

// TestReplay sends the requests of testdata/requests.txt and compares the
// answers with those that a real Barbican gave.
func TestReplay(t *testing.T) {
	golden := filepath.Join("testdata", "barbican-15.0.txt")
	requests, err := os.ReadFile(filepath.Join("testdata", "requests.txt"))
	if err != nil {
		t.Fatal(err)
	}
	if *record != "" {
		barbican := &replay{service: &service{T: t, url: strings.TrimSuffix(*record, "/"), client: http.DefaultClient}}
		if err := os.WriteFile(golden, []byte(barbican.run(*token, string(requests))), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}

	got := (&replay{service: start(t, nil)}).run(admin, string(requests))

	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("answers (-Barbican +fake):\n%s", diff)
	}
}

// A replay sends requests and writes down what happened, in a form that does
// not depend on the service's address, on IDs and on the time.
type replay struct {
	*service
	names []string // old, new: references that requests may name, as strings.NewReplacer takes them
	ids   map[string]string
}

// run sends each request of a text. A line is one request:
//
//	[$NAME =] METHOD PATH [Header:value ...] [BODY]
//
// with no blanks in a header's value. $NAME stands for what the request made: the URL in
// its Location. Empty lines and those that begin with # are not sent.
func (r *replay) run(token, text string) string {
	r.Helper()
	r.ids = map[string]string{}
	var log strings.Builder
	lines := bufio.NewScanner(strings.NewReader(text))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		line := lines.Text()
		if line == "" || line[0] == '#' {
			continue
		}
		fmt.Fprintf(&log, "%.200s\n\t%s\n", line, r.send(token, line))
	}
	if err := lines.Err(); err != nil {
		r.Fatal(err)
	}
	return log.String()
}

// send sends one request and returns its answer in one line.
func (r *replay) send(token, line string) string {
	r.Helper()
	name, request, named := strings.Cut(line, " = ")
	if !named || name[0] != '$' {
		name, request = "", line
	}
	method, request, _ := strings.Cut(strings.NewReplacer(append(r.names, "$BASE", r.url)...).Replace(request), " ")
	path, request, _ := strings.Cut(request, " ")
	headers := []string{"Accept", "application/json"}
	for {
		header, rest, _ := strings.Cut(request, " ")
		key, value, ok := strings.Cut(header, ":")
		if !ok || !regexp.MustCompile(`^[A-Z][A-Za-z-]+$`).MatchString(key) {
			break
		}
		headers, request = append(headers, key, value), rest
	}
	if size := 0; strings.HasPrefix(request, "@") { // a payload of so many bytes
		if _, err := fmt.Sscanf(request, "@%d", &size); err != nil {
			r.Fatalf("%s: %v", line, err)
		}
		request = strings.Repeat("a", size)
	}
	a := r.call(token, method, path, request, headers...)
	location := a.header.Get("Location")
	if name != "" {
		if location == "" {
			r.Fatalf("%s: made nothing: %d %s", line, a.status, a.body)
		}
		r.names = append([]string{name, location}, r.names...)
	}
	if location != "" {
		location = " Location " + location
	}
	return r.normal(fmt.Sprintf("%d %s%s %s", a.status, a.header.Get("Content-Type"), location, body(a)))
}

// body returns JSON with sorted keys and everything else quoted.
func body(a answer) string {
	if a.json == nil {
		return fmt.Sprintf("%.100q", a.body)
	}
	data, err := json.Marshal(a.json)
	if err != nil {
		return err.Error()
	}
	return string(data)
}

var (
	uuidText = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)
	timeText = regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?`)
	userText = regexp.MustCompile(`"creator_id":"[^"]*"`)
)

// normal replaces what differs from one service to the next.
func (r *replay) normal(s string) string {
	s = strings.ReplaceAll(s, r.url, "$BASE")
	s = uuidText.ReplaceAllStringFunc(s, func(id string) string {
		if r.ids[id] == "" {
			r.ids[id] = fmt.Sprintf("ID%d", len(r.ids)+1)
		}
		return r.ids[id]
	})
	s = timeText.ReplaceAllStringFunc(s, func(t string) string {
		if strings.HasPrefix(t, "2038") { // chosen by the request
			return t
		}
		return "TIME"
	})
	return userText.ReplaceAllString(s, `"creator_id":"USER"`)
}
