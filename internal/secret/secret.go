// Package secret removes secrets from what is shown or written: passwords, tokens and
// their like, by the name that they stand at and by their value.
package secret

import (
	"encoding/json"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"unicode"

	"github.com/gotempest/tempest/internal/lazyregexp"
)

// Masked stands for a secret.
const Masked = "***"

// longSecret is the length from which a secret is removed wherever it stands. A
// shorter one may be a common word, as "secret" is; it is removed where it is a whole
// value.
const longSecret = 12

// maxSecrets is how many secrets of tests are remembered: their users come and
// go.
const maxSecrets = 500

// prefixLength is how much of a secret is looked up at each place of a text: the time
// to clean it does not grow with the number of secrets.
const prefixLength = 8

// Scrubber removes secrets from what is logged: by the name of the header or the JSON
// key that they stand at, and by value wherever else one turns up that was
// seen before. The zero value knows no secret. Its methods may be called
// concurrently.
type Scrubber struct {
	mu     sync.RWMutex
	known  map[string]bool
	long   map[string][]string // by prefix: the forms of long secrets, the longest first
	starts [startWords]uint64  // bits of the prefixes that long has or had, see startBit
	short  []string
	recent []string // long ones that learn added, oldest first
	added  uint64   // secrets that became known so far
	watch  []func(forms []string)
}

// startWords is the size of the table of prefixes, in words of 64 bits.
const startWords = 1 << 10

// startBit returns the place of the bit for a prefix, given as a number.
func startBit(prefix uint64) (word, bit uint64) {
	const golden = 0x9e3779b97f4a7c15 // Fibonacci hashing: spreads numbers that are near each other
	h := prefix * golden >> 48        // as many bits as the table has
	return h / 64, h % 64
}

// Generation changes whenever a secret becomes known.
func (s *Scrubber) Generation() uint64 {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.added
}

// Watch has f called with each long secret that becomes known from now on, in the forms in which it may be
// written. f is called by the goroutine that made it known, when the scrubber removes it already.
func (s *Scrubber) Watch(f func(forms []string)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.watch = append(s.watch, f)
}

// tell tells the watchers of a secret.
func tell(watchers []func([]string), v string) {
	if len(watchers) == 0 || len(v) < longSecret {
		return
	}
	list := forms(v)
	for _, f := range watchers {
		f(list)
	}
}

// Pin adds a secret of the configuration. It is never forgotten.
func (s *Scrubber) Pin(v string) {
	s.mu.Lock()
	news := v != "" && !s.known[v]
	if news {
		s.add(v)
	}
	watchers := s.watch
	s.mu.Unlock()
	if news {
		tell(watchers, v)
	}
}

// Learn adds a secret that a test uses. Short ones are left out: a test may try a password
// or a token that is an ordinary word.
func (s *Scrubber) Learn(v string) {
	if len(v) < longSecret || s.knows(v) {
		return
	}
	if watchers, news := s.remember(v); news {
		tell(watchers, v)
	}
}

// remember adds a secret of a test, in the place of the oldest one. It returns who is to be told, unless it was
// known.
func (s *Scrubber) remember(v string) (watchers []func([]string), news bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.known[v] {
		return nil, false
	}
	s.add(v)
	s.recent = append(s.recent, v)
	if len(s.recent) > maxSecrets {
		s.drop(s.recent[0])
		s.recent = s.recent[1:]
	}
	return s.watch, true
}

func (s *Scrubber) knows(v string) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.known[v]
}

func (s *Scrubber) add(v string) {
	if s.known == nil {
		s.known, s.long = map[string]bool{}, map[string][]string{}
	}
	s.known[v] = true
	s.added++
	if len(v) < longSecret {
		s.short = append(s.short, v)
		return
	}
	for _, form := range forms(v) {
		list := s.long[form[:prefixLength]]
		at, _ := slices.BinarySearchFunc(list, form, func(a, b string) int { return len(b) - len(a) })
		s.long[form[:prefixLength]] = slices.Insert(list, at, form)
		word, bit := startBit(start(form))
		s.starts[word] |= 1 << bit
	}
}

func (s *Scrubber) drop(v string) {
	delete(s.known, v)
	for _, form := range forms(v) {
		prefix := form[:prefixLength]
		if at := slices.Index(s.long[prefix], form); at >= 0 {
			s.long[prefix] = slices.Delete(s.long[prefix], at, at+1)
		}
		if len(s.long[prefix]) == 0 {
			delete(s.long, prefix)
		}
	}
}

// start returns the prefix of a form as a number.
func start(form string) (n uint64) {
	for i := range prefixLength {
		n = n<<8 | uint64(form[i])
	}
	return n
}

// forms returns how a secret is written: as it is, in a URL, in a query, in JSON, and in JSON that is a string
// in JSON, as a body in a call log is.
func forms(v string) []string {
	list := []string{v, url.PathEscape(v), url.QueryEscape(v), inJSON(v)}
	if quoted, err := json.Marshal(v); err == nil { // which has its own way with <, > and &
		list = append(list, string(quoted[1:len(quoted)-1]))
	}
	for _, form := range list {
		list = append(list, inJSON(form))
	}
	slices.Sort(list)
	return slices.DeleteFunc(slices.Compact(list), func(form string) bool { return len(form) < prefixLength })
}

// inJSON returns v as it stands in a JSON string.
func inJSON(v string) string {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return v // which cannot be: v is a string
	}
	text := strings.TrimSuffix(b.String(), "\n")
	return text[1 : len(text)-1]
}

// Text removes secrets from plain text.
func (s *Scrubber) Text(text string) string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, v := range s.short {
		for _, quote := range []string{`"`, `'`} {
			text = strings.ReplaceAll(text, quote+v+quote, quote+Masked+quote)
		}
	}
	return s.removeLong(text)
}

// removeLong replaces the long secrets in text.
func (s *Scrubber) removeLong(text string) string {
	var b strings.Builder
	done := 0
	window := uint64(0) // the prefixLength bytes before i
	for i := 0; i < len(text); {
		window = window<<8 | uint64(text[i])
		i++
		if word, bit := startBit(window); s.starts[word]&(1<<bit) == 0 || i-prefixLength < done {
			continue
		}
		at := i - prefixLength
		n := s.secretAt(text[at:])
		if n == 0 {
			continue
		}
		b.WriteString(text[done:at])
		b.WriteString(Masked)
		i = at + n
		done = i
	}
	if done == 0 {
		return text
	}
	b.WriteString(text[done:])
	return b.String()
}

// secretAt returns the length of the secret with which text begins, or 0.
func (s *Scrubber) secretAt(text string) int {
	for _, form := range s.long[text[:prefixLength]] {
		if strings.HasPrefix(text, form) {
			return len(form)
		}
	}
	return 0
}

// Value removes secrets from one whole value.
func (s *Scrubber) Value(v string) string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if slices.Contains(s.short, v) {
		return Masked
	}
	return s.removeLong(v)
}

// secretHeaders hold nothing but secrets.
func secretHeader(name string) bool {
	switch http.CanonicalHeaderKey(name) {
	case "X-Auth-Token", "X-Subject-Token", "X-Service-Token", "X-Storage-Token", "Authorization", "Proxy-Authorization",
		"Cookie", "Set-Cookie", "Openstack-Auth-Receipt":
		return true
	}
	return secretName("", name)
}

// Header removes secrets from the value of a header.
func (s *Scrubber) Header(name, v string) string {
	if secretHeader(name) && v != "" {
		return Masked
	}
	return s.Value(v)
}

// LearnHeaders remembers the secrets in headers.
func (s *Scrubber) LearnHeaders(h http.Header) {
	for name, values := range h {
		if secretHeader(name) {
			for _, v := range values {
				s.Learn(v)
			}
		}
	}
}

// URL returns a URL without secrets.
func (s *Scrubber) URL(u *url.URL) string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return formValue().ReplaceAllString(s.removeLong(u.Redacted()), "${1}"+Masked)
}

// formValue matches a secret in a query or in a form.
var formValue = lazyregexp.New(`(?i)((?:^|[?&\s])[a-z_.-]*` +
	`(?:password|passwd|secret|token|verifier|signature|temp_url_sig)=)[^&\s"#]+`)

// Body returns a body without secrets, and remembers those that it finds by their
// names.
func (s *Scrubber) Body(body []byte, h http.Header) string {
	if len(body) == 0 {
		return ""
	}
	if !IsText(h) {
		return ""
	}
	text := string(body)
	if first := strings.TrimSpace(text); strings.HasPrefix(first, "{") || strings.HasPrefix(first, "[") {
		w := jsonScrubber{in: text, secrets: s}
		text = w.scrub()
	} else {
		text = formValue().ReplaceAllString(text, "${1}"+Masked)
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.removeLong(text)
}

// secretName reports whether the value at a JSON key, or at a header, is a secret. parent is
// the key of the object around it.
func secretName(parent, key string) bool {
	key, parent = plainName(key), plainName(parent)
	if parent == "token" && key == "id" { // how Keystone is given a token
		return true
	}
	for _, end := range []string{
		"password", "passwd", "passcode", "secret", "token", "adminpass", "privatekey", "apikey",
		"tempurlkey", "tempurlkey2", "synckey", // of Swift
	} {
		if strings.HasSuffix(key, end) {
			return true
		}
	}
	return key == "blob" || key == "payload" // an EC2 credential, which is JSON in a string; a secret of Barbican
}

// plainName returns a name in lower case, without dashes: adminPass, admin_pass and Admin-Pass are one.
func plainName(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '_' || r == '-' {
			return -1
		}
		return unicode.ToLower(r)
	}, s)
}

// jsonScrubber masks secrets in text that is JSON, or the start of it. It keeps all
// else as it is.
type jsonScrubber struct {
	in      string
	pos     int
	out     strings.Builder
	secrets *Scrubber
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
		w.out.WriteString(`"` + Masked + `"`)
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
			w.secrets.Learn(text)
			raw = `"` + Masked + `"`
		}
	} else if clean := w.secrets.Value(text); clean != text {
		quoted, err := json.Marshal(clean)
		if err != nil {
			quoted = []byte(`"` + Masked + `"`)
		}
		raw = string(quoted)
	}
	w.out.WriteString(raw)
}

// unquote returns the text of a JSON string, as far as it can be read.
func unquote(raw string) string {
	if n := len(raw); n >= 2 && raw[n-1] == '"' && !strings.Contains(raw, `\`) {
		return raw[1 : n-1]
	}
	var text string
	if err := json.Unmarshal([]byte(raw), &text); err == nil {
		return text
	}
	return strings.Trim(raw, `"`)
}

// IsText reports whether a body with these headers can be shown.
func IsText(h http.Header) bool {
	kind, _, err := mime.ParseMediaType(h.Get("Content-Type"))
	return err == nil && (strings.HasPrefix(kind, "text/") || strings.Contains(kind, "json") ||
		kind == "application/x-www-form-urlencoded" || strings.HasSuffix(kind, "xml"))
}
