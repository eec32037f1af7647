package embedded_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// A scenario is a text file of requests, one a line, that is replayed against a
// cloud. The transcripts of two clouds that behave alike are equal.
//
//	[name[:header] =] [until MEMBER=VALUE] METHOD [service:]PATH [(Header: value)…] [@token] [^token] [BODY]
//
// PATH is below the address of the service of the folder, or of the one before
// the colon, see [services]. The request is made with the token called after @,
// the administrator's unless given, none for @-; the token after ^ goes into
// X-Subject-Token. BODY is JSON, a word, or a text in quotes as Go has them,
// which "text"*1000 repeats. A request after until is made again and again until
// the answer has that member: what is shown is the last answer.
//
// Name keeps what the answer gives: the header named, the token of
// X-Subject-Token, or the id of the one object. {name} stands for it, {run} for
// a name that is new in each replay, {role-reader} and so on for the ids of the
// roles that a bootstrap makes, {admin-project} for that of the administrator. A
// line that starts with # is a comment.
type scenario struct {
	service *service
	name    string
	lines   []string
}

// path is where the file of that extension is.
func (s scenario) path(extension string) string {
	return filepath.Join("testdata", s.service.dir, s.name+extension)
}

// scenarios reads those in testdata.
func scenarios(t *testing.T) []scenario {
	t.Helper()
	var all []scenario
	for _, service := range services() {
		paths, err := filepath.Glob(filepath.Join("testdata", service.dir, "*.scenario"))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range paths {
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			name := strings.TrimSuffix(filepath.Base(path), ".scenario")
			all = append(all, scenario{service: service, name: name, lines: strings.Split(string(data), "\n")})
		}
	}
	if len(all) == 0 {
		t.Fatal("no scenarios")
	}
	return all
}

// target is a cloud that scenarios are replayed against.
type target struct {
	addresses      map[string]string // of the services, as services has them
	token, project string            // the administrator's
}

// replayer replays one scenario against one cloud.
type replayer struct {
	target
	service *service
	vars    map[string]string // by name
	made    []made
	out     strings.Builder
}

// made is something that a scenario created.
type made struct {
	service *service
	path    string
}

// step is a line of a scenario.
type step struct {
	name, header    string // what is kept
	member, value   string // what is waited for
	method, path    string
	headers         []string
	caller, subject string
	body            string
}

var (
	linePattern = regexp.MustCompile(`^(?:([a-z0-9]+)(?::([\w-]+))? = )?(?:until (\w+)=(\S+) )?([A-Z]+) (\S+)` +
		`((?: \([\w-]+: [^()]*\))*)(?: @(\S+))?(?: \^(\S+))?(?: ([\[{].*|".*|\S+))?$`)
	headerPattern = regexp.MustCompile(`\(([^()]*)\)`)
	bodyPattern   = regexp.MustCompile(`^(".*")(?:\*(\d+))?$`)
)

// parseStep reads a line.
func parseStep(line string) (step, error) {
	m := linePattern.FindStringSubmatch(line)
	if m == nil {
		return step{}, errors.New("the line is none of the grammar")
	}
	s := step{
		name: m[1], header: m[2], member: m[3], value: m[4], method: m[5], path: m[6],
		caller: m[8], subject: m[9], body: m[10],
	}
	for _, match := range headerPattern.FindAllStringSubmatch(m[7], -1) {
		s.headers = append(s.headers, match[1])
	}
	return s, nil
}

// text is the body as it is sent, before names in it are replaced.
func (s step) text() (string, error) {
	m := bodyPattern.FindStringSubmatch(s.body)
	if m == nil {
		return s.body, nil
	}
	text, err := strconv.Unquote(m[1])
	if err != nil {
		return "", fmt.Errorf("reading the body: %w", err)
	}
	times := 1
	if m[2] != "" {
		times, err = strconv.Atoi(m[2])
	}
	return strings.Repeat(text, times), err
}

// replay runs s against a cloud and returns the transcript. Nothing that s
// created stays.
func replay(ctx context.Context, t *testing.T, s scenario, cloud target, run string) string {
	t.Helper()
	r := &replayer{target: cloud, service: s.service, vars: map[string]string{
		"admin": cloud.token, "run": run, "admin-project": cloud.project,
	}}
	if err := r.findRoles(ctx); err != nil {
		t.Fatal(err)
	}
	defer r.cleanUp(ctx, t)
	for _, line := range s.lines {
		if line = strings.TrimSpace(line); line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		step, err := parseStep(line)
		if err == nil {
			err = r.step(ctx, step)
		}
		if err != nil {
			t.Fatalf("%s: %s: %v", s.path(".scenario"), line, err)
		}
	}
	return r.out.String()
}

// findRoles keeps the ids of the default roles.
func (r *replayer) findRoles(ctx context.Context) error {
	_, data, err := r.do(ctx, identityService(), http.MethodGet, "/roles", "", r.adminHeader())
	if err != nil {
		return err
	}
	var list struct{ Roles []struct{ ID, Name string } }
	if err := json.Unmarshal(data, &list); err != nil {
		return err
	}
	for _, role := range list.Roles {
		if slices.Contains([]string{"admin", "member", "reader"}, role.Name) {
			r.vars["role-"+role.Name] = role.ID
		}
	}
	return nil
}

// adminHeader is that of a request of the administrator with a body of JSON.
func (r *replayer) adminHeader() http.Header {
	return http.Header{"X-Auth-Token": {r.token}, "Content-Type": {"application/json"}}
}

// expand replaces {name} by what is kept under that name. What looks like JSON
// stays.
func (r *replayer) expand(text string) string {
	for name, value := range r.vars {
		text = strings.ReplaceAll(text, "{"+name+"}", value)
	}
	return text
}

// in returns the service that a path is of, and the rest of the path.
func (r *replayer) in(path string) (*service, string) {
	for _, s := range services() {
		if rest, ok := strings.CutPrefix(path, s.name+":"); ok {
			return s, rest
		}
	}
	return r.service, path
}

func (r *replayer) step(ctx context.Context, s step) error {
	service, path := r.in(s.path)
	body, err := s.text()
	if err != nil {
		return err
	}
	if s.caller == "" {
		s.caller = "admin"
	}
	header := r.headerOf(service, s)
	resp, data, err := r.ask(ctx, s, func() (*http.Response, []byte, error) {
		return r.do(ctx, service, s.method, r.expand(path), r.expand(body), header)
	})
	if errors.Is(err, io.EOF) {
		return errors.New("no answer: a real Keystone does so where its code fails")
	}
	if err != nil {
		return err
	}
	if resp.StatusCode < http.StatusMultipleChoices {
		r.keep(s, service, path, resp, data)
	}
	fmt.Fprintf(&r.out, "> %s %s", s.method, s.path)
	for _, h := range s.headers {
		fmt.Fprintf(&r.out, " (%s)", h)
	}
	fmt.Fprintf(&r.out, " @%s %s\n", s.caller, s.body)
	r.describe(service, resp, data)
	return nil
}

// headerOf is the header of a request.
func (r *replayer) headerOf(service *service, s step) http.Header {
	header := http.Header{}
	if service.accept != "" {
		header.Set("Accept", service.accept)
	}
	if s.body != "" && service.content != "" {
		header.Set("Content-Type", service.content)
	}
	if s.caller != "-" {
		header.Set("X-Auth-Token", r.expand("{"+s.caller+"}"))
	}
	if s.subject != "" {
		header.Set("X-Subject-Token", r.expand("{"+s.subject+"}"))
	}
	for _, h := range s.headers {
		name, value, _ := strings.Cut(h, ":")
		header.Set(name, r.expand(strings.TrimSpace(value)))
	}
	return header
}

// How long and how often an answer is waited for.
const (
	untilTimeout  = 20 * time.Second
	untilInterval = 100 * time.Millisecond
)

// ask makes a request until the answer is what is waited for.
func (r *replayer) ask(
	ctx context.Context, s step, do func() (*http.Response, []byte, error),
) (*http.Response, []byte, error) {
	ctx, cancel := context.WithTimeout(ctx, untilTimeout)
	defer cancel()
	for {
		resp, data, err := do()
		if err != nil || s.member == "" {
			return resp, data, err
		}
		var body map[string]any
		if json.Unmarshal(data, &body) == nil && fmt.Sprint(body[s.member]) == s.value {
			return resp, data, nil
		}
		select {
		case <-ctx.Done():
			return nil, nil, fmt.Errorf("waiting for %s %q: last answer %s", s.member, s.value, data)
		case <-time.After(untilInterval):
		}
	}
}

func (r *replayer) do(
	ctx context.Context, service *service, method, path, body string, header http.Header,
) (*http.Response, []byte, error) {
	address := r.addresses[service.name] + path
	req, err := http.NewRequestWithContext(ctx, method, address, strings.NewReader(body))
	if err != nil {
		return nil, nil, err
	}
	req.Header = header
	var client http.Client
	if service.redirects {
		client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	}
	resp, err := client.Do(req)
	if err != nil {
		return nil, nil, err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	return resp, data, err
}

// keep remembers what an answer gave.
func (r *replayer) keep(s step, service *service, path string, resp *http.Response, data []byte) {
	if s.header != "" {
		r.vars[s.name] = resp.Header.Get(s.header)
	} else if token := resp.Header.Get("X-Subject-Token"); token != "" {
		if s.name != "" {
			r.vars[s.name] = token
		}
		return
	}
	var body map[string]any
	if json.Unmarshal(data, &body) != nil {
		body = nil
	}
	id := idOf(body, s.method)
	if s.name != "" && s.header == "" && id != "" {
		r.vars[s.name] = id
	}
	if path := service.made(s.method, r.expand(path), id, body); path != "" {
		r.made = append(r.made, made{service, path})
	}
}

// idOf is the id of the object in an answer, which may be a list of one.
func idOf(body map[string]any, method string) string {
	if id, ok := body["id"].(string); ok {
		return id
	}
	for _, value := range body {
		if list, ok := value.([]any); ok && len(list) == 1 && method == http.MethodPost {
			value = list[0]
		}
		o, _ := value.(map[string]any)
		if id, ok := o["id"].(string); ok {
			return id
		}
	}
	return ""
}

// cleanUp deletes what is left, the newest first.
func (r *replayer) cleanUp(ctx context.Context, t *testing.T) {
	t.Helper()
	ctx = context.WithoutCancel(ctx)
	for _, m := range slices.Backward(r.made) {
		m.service.unlock(func(method, body string, header ...string) {
			h := r.adminHeader()
			for i := 0; i+1 < len(header); i += 2 {
				h.Set(header[i], header[i+1])
			}
			_, _, _ = r.do(ctx, m.service, method, m.path, body, h) // the deletion tells
		}, m.path)
		resp, _, err := r.do(ctx, m.service, http.MethodDelete, m.path, "", r.adminHeader())
		if err != nil || resp.StatusCode != http.StatusNoContent && resp.StatusCode != http.StatusNotFound {
			t.Errorf("left behind: %s:%s (%v)", m.service.name, m.path, err)
		}
	}
}
