package fakebarbican

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// listSecrets answers with one page of the project's secrets. Without a sort
// parameter the order is that of the ids, hence meaningless, as Barbican's.
func (s *Server) listSecrets(c *call) (reply, error) {
	q := c.URL.Query()
	dates, err := dateFilters(q)
	if err != nil {
		return reply{}, err
	}
	order, err := sortOrder(q.Get("sort"))
	if err != nil {
		return reply{}, err
	}
	bits, err := strconv.Atoi(q.Get("bits"))
	if err != nil {
		bits = 0 // Barbican overlooks it too
	}
	now := s.now()
	var found []*secret
	for _, x := range s.secrets {
		switch {
		case x.expired(now), !s.listed(c, x, strings.EqualFold(q.Get("acl_only"), "true")):
		case !like(x.name, q.Get("name")), !like(x.algorithm, q.Get("alg")), !like(x.mode, q.Get("mode")):
		case bits > 0 && x.bitLength != bits:
		case q.Get("secret_type") != "" && q.Get("secret_type") != x.kind:
		case !dates.match(x):
		default:
			found = append(found, x)
		}
	}
	slices.SortFunc(found, func(a, b *secret) int { return cmp.Or(order(a, b), cmp.Compare(a.id, b.id)) })
	described := make([]map[string]any, len(found))
	for i, x := range found {
		described[i] = c.describe(x)
	}
	return c.page("secrets", "secrets", described), nil
}

// listed tells whether the caller sees x in a list at all.
func (s *Server) listed(c *call, x *secret, aclOnly bool) bool {
	if aclOnly {
		return x.acl != nil && x.acl.names(c.caller.UserID)
	}
	return x.projectID == c.caller.ProjectID
}

// page cuts the page that the query asks for out of all entries. Its links lose
// every other parameter of the query, as Barbican's do.
func (c *call) page(key, path string, all []map[string]any) reply {
	q := c.URL.Query()
	offset, err := strconv.Atoi(q.Get("offset"))
	if err != nil || offset < 0 {
		offset = 0
	}
	limit, err := strconv.Atoi(q.Get("limit"))
	if err != nil {
		limit = defaultLimit
	}
	limit = min(max(limit, 1), maxLimit)
	from := min(offset, len(all))
	page := all[from:min(from+limit, len(all))]
	body := map[string]any{"total": len(all), key: page}
	link := func(offset int) string {
		return c.ref(fmt.Sprintf("%s?limit=%d&offset=%d", path, limit, offset))
	}
	if len(page) > 0 && offset > 0 {
		body["previous"] = link(max(0, offset-limit))
	}
	if len(page) > 0 && len(all) > offset+limit {
		body["next"] = link(offset + limit)
	}
	return reply{body: body}
}

// like matches as SQL's LIKE does in Barbican's usual database: % and _ are
// wild, case does not count. An empty pattern matches everything.
func like(value any, pattern string) bool {
	if pattern == "" {
		return true
	}
	s, ok := value.(string)
	return ok && likeRunes([]rune(strings.ToLower(s)), []rune(strings.ToLower(pattern)))
}

func likeRunes(s, pattern []rune) bool {
	for i, p := range pattern {
		if p == '%' {
			for skip := range len(s) + 1 {
				if likeRunes(s[skip:], pattern[i+1:]) {
					return true
				}
			}
			return false
		}
		if len(s) == 0 || p != '_' && p != s[0] {
			return false
		}
		s = s[1:]
	}
	return len(s) == 0
}

// filters are conditions on the times of a secret.
type filters []func(*secret) bool

func (f filters) match(x *secret) bool {
	return !slices.ContainsFunc(f, func(ok func(*secret) bool) bool { return !ok(x) })
}

// dateFilters reads created, updated and expiration: comma-separated times,
// each with gt:, gte:, lt: or lte: before it, or alone for equality.
func dateFilters(q url.Values) (filters, error) {
	times := map[string]func(*secret) time.Time{
		"created":    func(x *secret) time.Time { return x.created },
		"updated":    func(x *secret) time.Time { return x.updated },
		"expiration": func(x *secret) time.Time { return x.expiration },
	}
	var all filters
	for name, get := range times {
		if q.Get(name) == "" {
			continue
		}
		seen := map[string]bool{}
		for part := range strings.SplitSeq(q.Get(name), ",") {
			f, err := dateFilter(part, get, seen)
			if err != nil {
				return nil, badQuery()
			}
			all = append(all, f)
		}
	}
	return all, nil
}

// A comparison is one way to filter by a time.
type comparison struct {
	accept  func(order int) bool // order of the secret's time and the one given
	exclude []string             // comparisons that it may not follow
}

func comparisons() map[string]comparison {
	return map[string]comparison{
		"":    {func(c int) bool { return c == 0 }, []string{"", "gte", "lte"}},
		"gt":  {func(c int) bool { return c > 0 }, []string{"gt", "gte"}},
		"gte": {func(c int) bool { return c >= 0 }, []string{"gt", "gte", ""}},
		"lt":  {func(c int) bool { return c < 0 }, []string{"lt", "lte"}},
		"lte": {func(c int) bool { return c <= 0 }, []string{"lt", "lte", ""}},
	}
}

// dateFilter reads one comparison. seen holds those before it.
func dateFilter(part string, get func(*secret) time.Time, seen map[string]bool) (func(*secret) bool, error) {
	name, value, named := strings.Cut(part, ":")
	how, known := comparisons()[name]
	if !named || !known || name == "" { // the colon is one of the time's
		name, value = "", part
		how = comparisons()[name]
	}
	if slices.ContainsFunc(how.exclude, func(other string) bool { return seen[other] }) {
		return nil, badQuery()
	}
	seen[name] = true
	limit, err := parseTime(value)
	if err != nil {
		return nil, err
	}
	return func(x *secret) bool {
		t := get(x)
		return !t.IsZero() && how.accept(t.Compare(limit))
	}, nil
}

// sortOrder reads the sort parameter: comma-separated keys, each with :asc or
// :desc behind it if wanted.
func sortOrder(value string) (func(a, b *secret) int, error) {
	type order = func(a, b *secret) int
	by := map[string]order{
		"algorithm":   func(a, b *secret) int { return compareAny(a.algorithm, b.algorithm) },
		"bit_length":  func(a, b *secret) int { return compareAny(a.bitLength, b.bitLength) },
		"created":     func(a, b *secret) int { return a.created.Compare(b.created) },
		"expiration":  func(a, b *secret) int { return a.expiration.Compare(b.expiration) },
		"mode":        func(a, b *secret) int { return compareAny(a.mode, b.mode) },
		"name":        func(a, b *secret) int { return compareAny(a.name, b.name) },
		"secret_type": func(a, b *secret) int { return cmp.Compare(a.kind, b.kind) },
		"status":      func(_, _ *secret) int { return 0 },
		"updated":     func(a, b *secret) int { return a.updated.Compare(b.updated) },
	}
	var chain []order
	for part := range strings.SplitSeq(value, ",") {
		if value == "" {
			break
		}
		key, direction, _ := strings.Cut(part, ":")
		f, known := by[key]
		switch {
		case !known:
			return nil, badQuery()
		case direction == "desc":
			chain = append(chain, func(a, b *secret) int { return f(b, a) })
		case direction == "asc" || direction == "":
			chain = append(chain, f)
		default:
			return nil, badQuery()
		}
		delete(by, key) // a key twice is refused
	}
	return func(a, b *secret) int {
		for _, f := range chain {
			if c := f(a, b); c != 0 {
				return c
			}
		}
		return 0
	}, nil
}

// compareAny compares strings, integers and nil, which comes first.
func compareAny(a, b any) int {
	x, _ := a.(string)
	y, _ := b.(string)
	i, _ := a.(int)
	j, _ := b.(int)
	return cmp.Or(cmp.Compare(x, y), cmp.Compare(i, j))
}

func badQuery() error {
	return fail(http.StatusBadRequest, "URI provided invalid query string parameters.")
}
