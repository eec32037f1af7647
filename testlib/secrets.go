package testlib

import (
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// masked stands for a secret.
const masked = "***"

// longSecret is the length from which a secret is removed wherever it stands. A
// shorter one may be a common word, as "secret" is; it is removed where it is a whole
// value.
const longSecret = 12

// maxSecrets is how many secrets of tests are remembered: their users come and
// go.
const maxSecrets = 500

// secrets removes secrets from what is logged: by the name of the header or the JSON
// key that they stand at, and by value wherever else one turns up that was
// seen before.
type secrets struct {
	mu     sync.RWMutex
	known  map[string]bool
	long   []string // longest first, so that nothing is left of one that holds another
	short  []string
	recent []string // of long, what learn added, oldest first
}

// pin adds a secret of the configuration. It is never forgotten.
func (s *secrets) pin(v string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if v != "" && !s.known[v] {
		s.add(v)
	}
}

// learn adds a secret that a test uses. Short ones are left out: a test may try a password
// or a token that is an ordinary word.
func (s *secrets) learn(v string) {
	if len(v) < longSecret {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.known[v] {
		return
	}
	s.add(v)
	s.recent = append(s.recent, v)
	if len(s.recent) > maxSecrets {
		oldest := s.recent[0]
		s.recent = s.recent[1:]
		delete(s.known, oldest)
		s.long = slices.DeleteFunc(s.long, func(w string) bool { return w == oldest })
	}
}

func (s *secrets) add(v string) {
	if s.known == nil {
		s.known = map[string]bool{}
	}
	s.known[v] = true
	if len(v) < longSecret {
		s.short = append(s.short, v)
		return
	}
	at, _ := slices.BinarySearchFunc(s.long, v, func(a, b string) int { return len(b) - len(a) })
	s.long = slices.Insert(s.long, at, v)
}

// text removes secrets from plain text.
func (s *secrets) text(text string) string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, v := range s.short {
		for _, quote := range []string{`"`, `'`} {
			text = strings.ReplaceAll(text, quote+v+quote, quote+masked+quote)
		}
	}
	return s.removeLong(text)
}

func (s *secrets) removeLong(text string) string {
	for _, v := range s.long {
		text = strings.ReplaceAll(text, v, masked)
	}
	return text
}

// value removes secrets from one whole value.
func (s *secrets) value(v string) string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if slices.Contains(s.short, v) {
		return masked
	}
	return s.removeLong(v)
}

// secretHeaders hold nothing but secrets.
func secretHeader(name string) bool {
	switch http.CanonicalHeaderKey(name) {
	case "X-Auth-Token", "X-Subject-Token", "X-Service-Token", "X-Storage-Token", "Authorization", "Proxy-Authorization",
		"Cookie", "Set-Cookie":
		return true
	}
	return secretName("", name)
}

// header removes secrets from the value of a header.
func (s *secrets) header(name, v string) string {
	if secretHeader(name) && v != "" {
		return masked
	}
	return s.value(v)
}

// learnHeaders remembers the secrets in headers.
func (s *secrets) learnHeaders(h http.Header) {
	for name, values := range h {
		if secretHeader(name) {
			for _, v := range values {
				s.learn(v)
			}
		}
	}
}

// url returns a URL without secrets.
func (s *secrets) url(u *url.URL) string {
	text := u.Redacted()
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, v := range s.long {
		for _, form := range []string{v, url.PathEscape(v), url.QueryEscape(v)} {
			text = strings.ReplaceAll(text, form, masked)
		}
	}
	return formValue.ReplaceAllString(text, "${1}"+masked)
}

// formValue matches a secret in a query or in a form.
var formValue = regexp.MustCompile(`(?i)((?:^|[?&\s])[a-z_.-]*(?:password|passwd|secret|token)=)[^&\s"#]+`)

// body returns a body without secrets, and remembers those that it finds by their
// names.
func (s *secrets) body(body []byte, h http.Header) string {
	if len(body) == 0 {
		return ""
	}
	if !isText(h) {
		return ""
	}
	text := string(body)
	if first := strings.TrimSpace(text); strings.HasPrefix(first, "{") || strings.HasPrefix(first, "[") {
		w := jsonScrubber{in: text, secrets: s}
		text = w.scrub()
	} else {
		text = formValue.ReplaceAllString(text, "${1}"+masked)
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.removeLong(text)
}

// secretName reports whether the value at a JSON key, or at a header, is a secret. parent is
// the key of the object around it.
func secretName(parent, key string) bool {
	plain := func(s string) string { return strings.NewReplacer("_", "", "-", "").Replace(strings.ToLower(s)) }
	key, parent = plain(key), plain(parent)
	if parent == "token" && key == "id" { // how Keystone is given a token
		return true
	}
	for _, end := range []string{
		"password", "passwd", "passcode", "secret", "token", "adminpass", "privatekey", "apikey",
	} {
		if strings.HasSuffix(key, end) {
			return true
		}
	}
	return key == "blob" || key == "payload" // an EC2 credential, which is JSON in a string; a secret of Barbican
}

// jsonScrubber masks secrets in text that is JSON, or the start of it. It keeps all
// else as it is.
type jsonScrubber struct {
	in      string
	pos     int
	out     strings.Builder
	secrets *secrets
	open    []jsonOpen
	key     string // in front of the next value
}

// jsonOpen is an object or an array that has not ended.
type jsonOpen struct {
	object bool
	key    string // that it stands at
}

func (w *jsonScrubber) scrub() string {
	for w.pos < len(w.in) {
		switch c := w.in[w.pos]; c {
		case '{', '[':
			w.open = append(w.open, jsonOpen{object: c == '{', key: w.key})
			w.copy(1)
		case '}', ']':
			if len(w.open) > 0 {
				w.key = w.open[len(w.open)-1].key
				w.open = w.open[:len(w.open)-1]
			}
			w.copy(1)
		case '"':
			w.string()
		case ',', ':', ' ', '\t', '\r', '\n':
			w.copy(1)
		default:
			w.scalar()
		}
	}
	return w.out.String()
}

func (w *jsonScrubber) copy(n int) {
	w.out.WriteString(w.in[w.pos : w.pos+n])
	w.pos += n
}

// hidden reports whether the next value is a secret.
func (w *jsonScrubber) hidden() bool {
	parent := ""
	if n := len(w.open); n > 0 && w.open[n-1].object {
		parent = w.open[n-1].key
	}
	return secretName(parent, w.key)
}

// scalar copies or masks a number or a literal.
func (w *jsonScrubber) scalar() {
	end := strings.IndexAny(w.in[w.pos:], ",:]}{[\" \t\r\n")
	if end < 0 {
		end = len(w.in) - w.pos
	}
	if word := w.in[w.pos : w.pos+end]; w.hidden() && word != "null" && word != "true" && word != "false" {
		w.out.WriteString(`"` + masked + `"`)
		w.pos += end
		return
	}
	w.copy(end)
}

// string copies a key, or copies or masks a value.
func (w *jsonScrubber) string() {
	end := w.pos + 1
	for end < len(w.in) && w.in[end] != '"' {
		if w.in[end] == '\\' {
			end++
		}
		end++
	}
	end = min(end+1, len(w.in))
	raw := w.in[w.pos:end]
	text := unquote(raw)
	inObject := len(w.open) > 0 && w.open[len(w.open)-1].object
	if inObject && strings.HasPrefix(strings.TrimLeft(w.in[end:], " \t\r\n"), ":") {
		w.key = text
		w.copy(len(raw))
		return
	}
	w.pos = end
	if w.hidden() {
		if text != "" {
			w.secrets.learn(text)
			raw = `"` + masked + `"`
		}
	} else if clean := w.secrets.value(text); clean != text {
		quoted, err := json.Marshal(clean)
		if err != nil {
			quoted = []byte(`"` + masked + `"`)
		}
		raw = string(quoted)
	}
	w.out.WriteString(raw)
}

// unquote returns the text of a JSON string, as far as it can be read.
func unquote(raw string) string {
	var text string
	if err := json.Unmarshal([]byte(raw), &text); err == nil {
		return text
	}
	return strings.Trim(raw, `"`)
}
