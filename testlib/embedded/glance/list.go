package glance

import (
	"cmp"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gotempest/tempest/internal/lazyregexp"
)

// listing is what a list of images is asked for.
type listing struct {
	limit        int
	marker       *image
	memberStatus string
	visibility   *string // nil: not asked for
	tags         []string
	keep         []func(*image) bool
	keys         []sortKey
}

// sortKey is one thing that a list is sorted by.
type sortKey struct {
	name       string
	descending bool
}

func listImages(r *request) (*response, error) {
	l, err := r.listing()
	if err != nil {
		return nil, err
	}
	var found []*image
	for _, i := range r.images {
		if r.listed(i, l) && (l.marker == nil || l.compare(l.marker, i) < 0) {
			found = append(found, i)
		}
	}
	slices.SortFunc(found, l.compare)
	found = found[:min(l.limit, len(found))]
	views := make([]object, len(found))
	for n, i := range found {
		views[n] = i.view(r.caller)
	}
	params := withoutMarker(r.URL.RawQuery)
	body := object{"images": views, "first": withQuery("/v2/images", params), "schema": "/v2/schemas/images"}
	if len(found) > 0 && len(found) == l.limit {
		body["next"] = withQuery("/v2/images", append(params, parameter{"marker", found[len(found)-1].id}))
	}
	return ok(body)
}

// parameter is one parameter of a query.
type parameter struct{ name, value string }

// withoutMarker is the query without the parameter marker. Of parameters that
// come more than once it keeps the last.
func withoutMarker(query string) []parameter {
	var params []parameter
	for part := range strings.SplitSeq(query, "&") {
		name, value, _ := strings.Cut(part, "=")
		name, err := url.QueryUnescape(name)
		if value, _ = url.QueryUnescape(value); err != nil || name == "" || name == "marker" {
			continue
		}
		at := slices.IndexFunc(params, func(p parameter) bool { return p.name == name })
		if at < 0 {
			params = append(params, parameter{name, value})
			continue
		}
		params[at].value = value
	}
	return params
}

// withQuery is path with a query.
func withQuery(path string, params []parameter) string {
	for i, p := range params {
		separator := "&"
		if i == 0 {
			separator = "?"
		}
		path += separator + url.QueryEscape(p.name) + "=" + url.QueryEscape(p.value)
	}
	return path
}

// listed reports whether i is among what l asks for and the caller may list.
func (r *request) listed(i *image, l *listing) bool {
	own := r.caller.project != "" && i.owner == r.caller.project
	if !r.caller.admin && !own && i.visibility != "public" && i.visibility != "community" {
		m := i.member(r.caller.project)
		if i.visibility != "shared" || m == nil || l.memberStatus != "all" && m.status != l.memberStatus {
			return false
		}
	}
	switch {
	case l.visibility == nil:
		if i.visibility == "community" && !own {
			return false
		}
	case *l.visibility != "all" && *l.visibility != i.visibility:
		return false
	}
	for _, tag := range l.tags {
		if !slices.Contains(i.tags, tag) {
			return false
		}
	}
	return !slices.ContainsFunc(l.keep, func(keep func(*image) bool) bool { return !keep(i) })
}

// listing reads the query of a list.
func (r *request) listing() (*listing, error) {
	l := &listing{limit: defaultLimit, memberStatus: "accepted"}
	params := url.Values{}
	for name, values := range r.query {
		params[name] = values
	}
	limit, marker := take(params, "limit"), take(params, "marker")
	if status := take(params, "member_status"); status != nil {
		l.memberStatus = *status
	}
	for _, tag := range params["tag"] {
		l.tags = append(l.tags, strings.TrimSpace(tag))
	}
	params.Del("tag")
	if err := l.checkWords(params); err != nil {
		return nil, err
	}
	if limit != nil {
		n, err := parseLimit(*limit, 0)
		if err != nil {
			return nil, err
		}
		l.limit = min(n, maxLimit)
	}
	if err := l.readKeys(params); err != nil {
		return nil, err
	}
	if err := l.readFilters(params); err != nil {
		return nil, err
	}
	if marker != nil {
		i, err := r.image(*marker)
		if err != nil {
			return nil, badRequest("%s", err)
		}
		l.marker = i
	}
	return l, nil
}

// take returns the first value of a parameter, or nil, and removes it. Further
// values stay, and count as conditions.
func take(params url.Values, name string) *string {
	values := params[name]
	if len(values) == 0 {
		return nil
	}
	if params[name] = values[1:]; len(values) == 1 {
		params.Del(name)
	}
	return &values[0]
}

// takeLast returns the last value of a parameter, or nil, and removes all.
func takeLast(params url.Values, name string) *string {
	values := params[name]
	params.Del(name)
	if len(values) == 0 {
		return nil
	}
	return &values[len(values)-1]
}

// checkWords checks the parameters that take one of a few words.
func (l *listing) checkWords(params url.Values) error {
	known := []string{"community", "public", "private", "shared", "all"}
	if all := params["visibility"]; len(all) > 0 {
		if last := all[len(all)-1]; last != "" && !slices.Contains(known, last) {
			return badRequest("Invalid visibility value: %s", last)
		}
	}
	l.visibility = take(params, "visibility")
	if params.Get("changes-since") != "" {
		return badRequest(`The "changes-since" filter is no longer available on v2.`)
	}
	if !slices.Contains([]string{"pending", "accepted", "rejected", "all"}, l.memberStatus) {
		return badRequest("Invalid status: %s", l.memberStatus)
	}
	return nil
}

// sortable names what images can be sorted by.
func sortable() []string {
	return []string{"name", "status", "container_format", "disk_format", "size", "id", "created_at", "updated_at"}
}

// readKeys reads by what a list is sorted: sort=name:asc,size, or sort_key and
// sort_dir.
func (l *listing) readKeys(params url.Values) error {
	names, directions := params["sort_key"], params["sort_dir"]
	if sort := take(params, "sort"); sort != nil {
		if names != nil || directions != nil {
			return badRequest("Old and new sorting syntax cannot be combined")
		}
		for part := range strings.SplitSeq(strings.TrimSpace(*sort), ",") {
			name, direction, _ := strings.Cut(part, ":")
			names, directions = append(names, name), append(directions, cmp.Or(direction, "desc"))
		}
	}
	params.Del("sort_key")
	params.Del("sort_dir")
	for _, name := range names {
		if name = strings.TrimSpace(name); !slices.Contains(sortable(), name) {
			return badRequest("Invalid sort key: %s. It must be one of the following: %s.", name,
				strings.Join(sortable(), ", "))
		}
	}
	for _, direction := range directions {
		if direction = strings.TrimSpace(direction); direction != "asc" && direction != "desc" {
			return badRequest("Invalid sort direction: %s", direction)
		}
	}
	if len(directions) > 1 && len(directions) != len(names) {
		return badRequest("Number of sort dirs does not match the number of sort keys")
	}
	l.setKeys(names, directions)
	return nil
}

// setKeys keeps the keys, and those that make the order complete.
func (l *listing) setKeys(names, directions []string) {
	if len(names) == 0 {
		names = []string{"created_at"}
	}
	rest := true // whether what is not said is descending
	if len(directions) == 1 {
		rest = strings.TrimSpace(directions[0]) == "desc"
	}
	for i, name := range names {
		descending := rest
		if len(directions) > 1 {
			descending = strings.TrimSpace(directions[i]) == "desc"
		}
		l.keys = append(l.keys, sortKey{strings.TrimSpace(name), descending})
	}
	for _, name := range []string{"created_at", "id"} {
		if !slices.ContainsFunc(l.keys, func(k sortKey) bool { return k.name == name }) {
			l.keys = append(l.keys, sortKey{name, rest})
		}
	}
}

// compare orders two images as l wants them.
func (l *listing) compare(a, b *image) int {
	for _, key := range l.keys {
		order := a.compare(b, key.name)
		if key.descending {
			order = -order
		}
		if order != 0 {
			return order
		}
	}
	return 0
}

// compare orders i and other by one of their members. What is not there comes
// first, as in the database.
func (i *image) compare(other *image, name string) int {
	switch name {
	case "size":
		return cmp.Compare(number(i.size), number(other.size))
	case "created_at":
		return i.createdAt.Compare(other.createdAt)
	case "updated_at":
		return i.updatedAt.Compare(other.updatedAt)
	case "id":
		return strings.Compare(i.id, other.id)
	}
	return strings.Compare(fold(i.text(name)), fold(other.text(name)))
}

// number is the number at p, or one below all others.
func number(p *int64) int64 {
	if p == nil {
		return -1
	}
	return *p
}

// text returns a member of i that is a text.
func (i *image) text(name string) string {
	var p *string
	switch name {
	case "name":
		p = i.name
	case "container_format":
		p = i.containerFormat
	case "disk_format":
		p = i.diskFormat
	case "status":
		return i.status
	case "id":
		return i.id
	}
	if p == nil {
		return ""
	}
	return *p
}

// readFilters reads what is left of a query: conditions.
func (l *listing) readFilters(params url.Values) error {
	hidden := "false"
	if value := takeLast(params, "os_hidden"); value != nil {
		hidden = strings.ToLower(*value)
	}
	wantHidden, err := flagFilter("os_hidden", hidden)
	if err != nil {
		return err
	}
	l.keep = append(l.keep, func(i *image) bool { return i.hidden == wantHidden })
	if value := takeLast(params, "protected"); value != nil {
		protected, err := flagFilter("protected", *value)
		if err != nil {
			return err
		}
		l.keep = append(l.keep, func(i *image) bool { return i.protected == protected })
	}
	for name, values := range params {
		keep, err := newFilter(name, values[len(values)-1])
		if err != nil {
			return err
		}
		l.keep = append(l.keep, keep)
	}
	return nil
}

func flagFilter(name, value string) (bool, error) {
	if value != "true" && value != "false" {
		return false, badRequest("Invalid value '%s' for '%s' filter. Valid values are 'true' or 'false'.", value, name)
	}
	return value == "true", nil
}

// newFilter returns the condition that a parameter stands for.
func newFilter(name, value string) (func(*image) bool, error) {
	switch name {
	case "name", "id", "status", "container_format", "disk_format":
		return textFilter(name, value)
	case "created_at", "updated_at":
		return timeFilter(name, value)
	case "checksum":
		return func(i *image) bool { return i.checksum != "" && fold(i.checksum) == fold(value) }, nil
	case "os_hash_value":
		return func(i *image) bool { return i.hashValue != "" && fold(i.hashValue) == fold(value) }, nil
	case "os_hash_algo":
		return func(i *image) bool { return i.hashValue != "" && fold(value) == "sha512" }, nil
	case "visibility":
		return func(i *image) bool { return i.visibility == value }, nil
	case "owner":
		return func(i *image) bool { return i.owner != "" && fold(i.owner) == fold(value) }, nil
	case "size", "virtual_size", "min_disk", "min_ram":
		want, err := strconv.ParseInt(value, 10, 64)
		if err != nil {
			want = 0 // as MySQL reads a text that is no number
		}
		return rangeFilter(name, want, want), nil
	}
	base, least := strings.CutSuffix(name, "_min")
	if !least {
		base, _ = strings.CutSuffix(name, "_max")
	}
	if base != name {
		bound, err := strconv.ParseInt(strings.TrimSpace(value), 10, 64)
		if err != nil {
			return nil, badRequest("Unable to filter on a range with a non-numeric value.")
		}
		if least {
			return rangeFilter(base, bound, math.MaxInt64), nil
		}
		return rangeFilter(base, math.MinInt64, bound), nil
	}
	return func(i *image) bool {
		have, ok := i.properties[name]
		return ok && fold(have) == fold(value)
	}, nil
}

// rangeFilter keeps images of which a number is in a range. One that is not
// known is in none.
func rangeFilter(name string, from, to int64) func(*image) bool {
	return func(i *image) bool {
		var p *int64
		switch name {
		case "size":
			p = i.size
		case "virtual_size":
			p = i.virtualSize
		case "min_disk":
			p = &i.minDisk
		case "min_ram":
			p = &i.minRAM
		}
		return p != nil && from <= *p && *p <= to
	}
}

// textFilter reads a condition on a text: the text, or in:one,two.
func textFilter(name, expression string) (func(*image) bool, error) {
	operator, value := splitOperator(expression)
	switch operator {
	case "eq":
		return func(i *image) bool { return i.text(name) != "" && fold(i.text(name)) == fold(value) }, nil
	case "in":
		values, err := splitQuoted(value)
		if err != nil {
			return nil, err
		}
		return func(i *image) bool {
			return slices.ContainsFunc(values, func(value string) bool {
				return i.text(name) != "" && fold(i.text(name)) == fold(value)
			})
		}, nil
	}
	return nil, badRequest("Unable to filter by unknown operator '%s'.", operator)
}

// timeFilter reads a condition on a time, as in gte:2026-01-02T03:04:05Z.
func timeFilter(name, expression string) (func(*image) bool, error) {
	operator, value := splitOperator(expression)
	threshold, ok := parseTime(value)
	if !ok {
		return nil, badRequest("Bad \"%s\" query filter format. Use ISO 8601 DateTime notation.", name)
	}
	holds := map[string]func(order int) bool{
		"gt": func(order int) bool { return order > 0 }, "gte": func(order int) bool { return order >= 0 },
		"lt": func(order int) bool { return order < 0 }, "lte": func(order int) bool { return order <= 0 },
		"eq": func(order int) bool { return order == 0 }, "neq": func(order int) bool { return order != 0 },
	}[operator]
	if holds == nil {
		return nil, badRequest("Unable to filter on a unknown operator.")
	}
	return func(i *image) bool {
		at := i.createdAt
		if name == "updated_at" {
			at = i.updatedAt
		}
		return holds(at.Compare(threshold))
	}, nil
}

// splitOperator splits an expression into operator and value. A time has
// colons of its own.
func splitOperator(expression string) (operator, value string) {
	before, after, found := strings.Cut(expression, ":")
	if _, isTime := parseTime(expression); !found || isTime {
		return "eq", expression
	}
	return before, after
}

// parseTime reads a time of ISO 8601, which is of UTC when it does not say.
func parseTime(text string) (time.Time, bool) {
	for _, layout := range []string{
		time.RFC3339, "2006-01-02T15:04:05", "2006-01-02T15:04:05Z0700", "2006-01-02 15:04:05", "2006-01-02T15:04Z07:00",
		"2006-01-02T15:04", "2006-01-02", "20060102T150405Z07:00", "20060102T150405",
	} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

var quotedPart = lazyregexp.New(`"([^"\\]*(?:\\.[^"\\]*)*)",?|([^,]+),?|,`)

// splitQuoted splits a list at its commas, but for those in quotes.
func splitQuoted(list string) ([]string, error) {
	if err := checkQuotes(list); err != nil {
		return nil, err
	}
	var values []string
	for _, match := range quotedPart().FindAllStringSubmatch(list, -1) {
		values = append(values, cmp.Or(match[1], match[2]))
	}
	return values, nil
}

// checkQuotes refuses a list whose quotes are not around its parts.
func checkQuotes(list string) error {
	open := false
	for i := range len(list) {
		if list[i] != '"' || i > 0 && list[i-1] == '\\' {
			continue
		}
		if !open && i > 0 && list[i-1] != ',' {
			return badRequest("Invalid filter value %s. There is no comma before opening quotation mark.", list)
		}
		if open && i+1 < len(list) && list[i+1] != ',' {
			return badRequest("Invalid filter value %s. There is no comma after closing quotation mark.", list)
		}
		open = !open
	}
	if open {
		return badRequest("Invalid filter value %s. The quote is not closed.", list)
	}
	return nil
}
