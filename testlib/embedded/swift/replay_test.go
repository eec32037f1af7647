package swift_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// A scenario is a text file of requests to an object store, one a line, that is
// replayed against a cloud. The transcripts of two clouds that behave alike are
// equal. testdata/README.md has the grammar.
type scenario struct {
	name  string
	lines []string
}

// scenarios reads those in testdata.
func scenarios(t *testing.T) []scenario {
	t.Helper()
	paths, err := filepath.Glob("testdata/*.scenario")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no scenarios: %v", err)
	}
	var all []scenario
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimSuffix(filepath.Base(path), ".scenario")
		all = append(all, scenario{name: name, lines: strings.Split(string(data), "\n")})
	}
	return all
}

// replayer replays one scenario on a stage.
type replayer struct {
	*stage
	vars map[string]string // by name
	out  strings.Builder
}

// step is one line of a scenario.
type step struct {
	text              string // as written
	name, header      string // what is kept of the answer under name
	method, path, who string
	headers           [][2]string
	body              []byte
	chunked           bool
}

var stepPattern = regexp.MustCompile(`^(?:(\w+):([\w-]+) = )?([A-Z]+) (\S+)(?: @(\S+))?$`)

// parseStep reads a line.
func parseStep(line string) (step, error) {
	parts := strings.Split(line, " | ")
	m := stepPattern.FindStringSubmatch(strings.TrimSpace(parts[0]))
	if m == nil {
		return step{}, fmt.Errorf("cannot read %q", line)
	}
	s := step{text: line, name: m[1], header: m[2], method: m[3], path: m[4], who: m[5]}
	if s.who == "" {
		s.who = "owner"
	}
	for _, part := range parts[1:] {
		switch body, ok := strings.CutPrefix(part, "<"); {
		case part == "chunked":
			s.chunked = true
		case ok:
			text, err := strconv.Unquote(`"` + strings.ReplaceAll(body, `"`, `\"`) + `"`)
			if err != nil {
				return step{}, fmt.Errorf("reading the body in %q: %w", line, err)
			}
			s.body = []byte(text)
		default:
			key, value, _ := strings.Cut(part, ":")
			s.headers = append(s.headers, [2]string{key, strings.TrimSpace(value)})
		}
	}
	return s, nil
}

// replay runs s and returns the transcript.
func replay(ctx context.Context, t *testing.T, s scenario, on *stage) string {
	t.Helper()
	r := &replayer{stage: on, vars: maps.Clone(on.ids)}
	for _, line := range s.lines {
		if line = strings.TrimSpace(line); line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		st, err := parseStep(line)
		if err != nil {
			t.Fatalf("%s.scenario: %v", s.name, err)
		}
		if err := r.run(ctx, st); err != nil {
			t.Fatalf("%s.scenario: %s: %v", s.name, line, err)
		}
	}
	return r.out.String()
}

var nowPattern = regexp.MustCompile(`\{now([+-]\d+)\}`)

// expand replaces {name} by what is kept under that name, and {now+60} by that
// time in seconds since 1970.
func (r *replayer) expand(text string) string {
	for name, value := range r.vars {
		text = strings.ReplaceAll(text, "{"+name+"}", value)
	}
	text = nowPattern.ReplaceAllStringFunc(text, func(match string) string {
		after, _ := strconv.ParseInt(nowPattern.FindStringSubmatch(match)[1], 10, 64)
		return strconv.FormatInt(time.Now().Unix()+after, 10)
	})
	return expandMade(repeatPattern.ReplaceAllStringFunc(text, func(match string) string {
		m := repeatPattern.FindStringSubmatch(match)
		n, _ := strconv.Atoi(m[2])
		return strings.Repeat(m[1], n)
	}))
}

// repeatPattern is {x*300}: a letter so many times.
var repeatPattern = regexp.MustCompile(`\{(.)\*(\d+)\}`)

// url is the address for a path of a scenario.
func (r *replayer) url(path string) string {
	if rest, ok := strings.CutPrefix(path, "!"); ok {
		return r.base + rest
	}
	project := r.ids["a"]
	for _, other := range []string{"b", "c"} {
		if rest, ok := strings.CutPrefix(path, other+":"); ok {
			project, path = r.ids[other], rest
		}
	}
	return r.base + "/v1/AUTH_" + project + path
}

func (r *replayer) run(ctx context.Context, s step) error {
	var body io.Reader = bytes.NewReader([]byte(r.expand(string(s.body))))
	if s.chunked {
		body = io.MultiReader(body) // hides the length
	}
	req, err := http.NewRequestWithContext(ctx, s.method, r.url(r.expand(s.path)), body)
	if err != nil {
		return err
	}
	if s.who != "-" {
		req.Header.Set("X-Auth-Token", r.tokens[s.who])
	}
	for _, h := range s.headers {
		req.Header.Add(r.expand(h[0]), r.expand(h[1]))
	}
	resp, data, err := do(req)
	if err != nil {
		return err
	}
	if s.name != "" {
		r.vars[s.name] = resp.Header.Get(s.header)
	}
	fmt.Fprintf(&r.out, "> %s\n< %d\n", s.text, resp.StatusCode)
	r.describe(resp, data)
	return nil
}

func do(req *http.Request) (*http.Response, []byte, error) {
	req.Header.Set("Accept-Encoding", "identity") // what is said to be compressed may not be
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Do(req)
	if err != nil {
		return nil, nil, err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	return resp, data, err
}

// describe writes an answer, with what differs from replay to replay replaced.
func (r *replayer) describe(resp *http.Response, data []byte) {
	boundary := ""
	if _, after, ok := strings.Cut(resp.Header.Get("Content-Type"), "boundary="); ok {
		boundary = after
	}
	id := resp.Header.Get("X-Trans-Id")
	normal := func(text string) string {
		if boundary != "" {
			text = strings.ReplaceAll(text, boundary, "BOUNDARY")
		}
		if id != "" {
			text = strings.ReplaceAll(text, id, "TX")
		}
		return r.normalise(text)
	}
	if id == "" || resp.Header.Get("X-Openstack-Request-Id") != id {
		r.out.WriteString("< without an id\n")
	}
	for _, key := range slices.Sorted(maps.Keys(resp.Header)) {
		if slices.Contains([]string{"Date", "Connection", "X-Trans-Id", "X-Openstack-Request-Id"}, key) {
			continue
		}
		for _, value := range resp.Header[key] {
			fmt.Fprintf(&r.out, "< %s: %s\n", key, normal(ordered(key, value)))
		}
	}
	if len(data) > 0 {
		fmt.Fprintf(&r.out, "%s\n", strings.ReplaceAll(normal(string(data)), "\r", `\r`))
	}
}

// ordered sorts the values of headers whose order Swift leaves to chance.
func ordered(key, value string) string {
	switch key {
	case "Allow", "Access-Control-Allow-Methods", "Access-Control-Expose-Headers", "Access-Control-Allow-Headers":
		list := strings.Split(value, ", ")
		slices.Sort(list)
		return strings.Join(list, ", ")
	case "X-Delete-At":
		return "AT"
	}
	return value
}

var (
	stampPattern = regexp.MustCompile(`\b\d{10}\.\d{5}\b`)
	isoPattern   = regexp.MustCompile(`20\d\d-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?`)
	datePattern  = regexp.MustCompile(`(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d \w{3} 20\d\d \d\d:\d\d:\d\d GMT`)
)

func (r *replayer) normalise(text string) string {
	text = strings.ReplaceAll(text, r.base, "BASE")
	text = strings.ReplaceAll(text, r.identity, "IDENTITY")
	if u, err := url.Parse(r.base); err == nil {
		text = strings.ReplaceAll(text, u.Host, "HOST")
	}
	for name, value := range r.vars {
		if value != "" {
			text = strings.ReplaceAll(text, value, "{"+name+"}")
		}
	}
	text = stampPattern.ReplaceAllString(text, "STAMP")
	text = isoPattern.ReplaceAllString(text, "TIME")
	return datePattern.ReplaceAllString(text, "DATE")
}

// show writes a transcript to the folder EMBEDDED_TRANSCRIPTS, for a closer look.
func show(t *testing.T, name, transcript string) {
	t.Helper()
	dir := os.Getenv("EMBEDDED_TRANSCRIPTS")
	if dir == "" {
		return
	}
	if err := os.WriteFile(filepath.Join(dir, "swift-"+name+".transcript"), []byte(transcript), 0o600); err != nil {
		t.Error(err)
	}
}

// compareTranscript compares what was seen with what was recorded.
func compareTranscript(t *testing.T, s scenario, got string) {
	t.Helper()
	show(t, s.name, got)
	want, err := os.ReadFile(transcriptPath(s))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("transcript of %s.scenario differs from the recorded one (-recorded +now):\n%s", s.name, diff)
	}
}

func transcriptPath(s scenario) string { return filepath.Join("testdata", s.name+".transcript") }
