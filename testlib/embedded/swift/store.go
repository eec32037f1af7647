package swift

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// stamp is a time as Swift keeps it, in units of 10 microseconds since 1970.
type stamp int64

const stampsPerSecond = 100_000

// String is the form of X-Timestamp.
func (t stamp) String() string {
	return fmt.Sprintf("%010d.%05d", int64(t)/stampsPerSecond, int64(t)%stampsPerSecond)
}

// time returns t as a time of the usual kind, in UTC.
func (t stamp) time() time.Time { return time.UnixMicro(int64(t) * 10).UTC() }

// iso is the form of last_modified in listings.
func (t stamp) iso() string { return t.time().Format("2006-01-02T15:04:05.000000") }

// http is the form of Last-Modified: the next full second.
func (t stamp) http() string {
	seconds := (int64(t) + stampsPerSecond - 1) / stampsPerSecond
	return time.Unix(seconds, 0).UTC().Format(http.TimeFormat)
}

// store holds everything, under one lock. What it hands out of objects does
// not change afterwards: an update puts a new object in place of the old one.
type store struct {
	mu       sync.RWMutex
	accounts map[string]*account
	now      func() time.Time
	last     stamp
}

// stamp returns the time. No two are equal. The lock must be held for writing.
func (s *store) stamp() stamp {
	s.last = max(s.last+1, s.clock())
	return s.last
}

// clock returns the time, which may be one that was given out before.
func (s *store) clock() stamp { return stamp(s.now().UnixMicro() / 10) }

// account is an account that was created, by its owner or by the first write
// to it.
type account struct {
	described
	name           string
	deleted        bool // and not to be used again
	used           bool // has or had a container
	containers     sorted[*container]
	objects, bytes int64 // of all containers
}

// described is what is told of an account or a container.
type described struct {
	header       http.Header // metadata; of containers access lists and the like too
	created, put stamp
}

func newDescribed(now stamp) described {
	return described{header: http.Header{}, created: now, put: now}
}

// update applies the metadata of r, and the other headers that keep allows.
func (d *described) update(r *request, kind string, keep func(string) bool, now stamp) *response {
	h := updated(r, kind, d.header, keep)
	if refused := checkTotal(kind, h); refused != nil {
		return refused
	}
	d.header, d.put = h, now
	return nil
}

// container is a container of an account.
type container struct {
	described
	account  *account
	name     string
	objects  sorted[*object]
	bytes    int64 // as listed
	expiring int   // how many objects have a time to be deleted at
}

// object is an object of a container. It does not change.
type object struct {
	name        string
	data        []byte
	etag        string      // MD5 of data, as hexadecimal digits
	contentType string      // with swift_bytes, where the listing says another size
	size        string      // swift_bytes of the type it was stored with; empty unless another was set since
	header      http.Header // metadata and what else is told of it
	stored      stamp       // when data was
	typed       stamp       // when contentType was set
	modified    stamp       // when header was set
	deleteAt    int64       // seconds since 1970; 0 for never
	entry       listItem    // how it is listed
}

// expired reports whether o is no more to be seen.
func (o *object) expired(now stamp) bool {
	return o.deleteAt > 0 && o.deleteAt*stampsPerSecond <= int64(now)
}

// set puts o into c, in place of the object of that name.
func (c *container) set(o *object) {
	c.remove(o.name)
	c.objects.set(o.name, o)
	c.account.objects++
	c.grow(o.counted())
	if o.deleteAt > 0 {
		c.expiring++
	}
}

// remove takes the object called name out of c.
func (c *container) remove(name string) {
	if old, ok := c.objects.get(name); ok {
		c.objects.remove(name)
		c.account.objects--
		c.grow(-old.counted())
		if old.deleteAt > 0 {
			c.expiring--
		}
	}
}

func (c *container) grow(bytes int64) {
	c.bytes += bytes
	c.account.bytes += bytes
}

// expirerInterval is how many seconds after it has expired an object is removed. Until then it is listed and counted,
// and its container cannot be deleted.
//
// Source: interval in object-expirer.conf, 2.30.
const expirerInterval = 300

// reap removes objects that expired a while ago, as the expirer of a real Swift does.
func (c *container) reap(now stamp) {
	if c.expiring == 0 {
		return
	}
	now -= expirerInterval * stampsPerSecond
	for _, name := range slices.Clone(c.objects.names) {
		if o, ok := c.objects.get(name); ok && o.expired(now) {
			c.remove(name)
		}
	}
}

// find returns what is called so; nil for what is not there.
func (s *store) find(accountName, containerName string) (*account, *container) {
	a := s.accounts[accountName]
	if a == nil || a.deleted {
		return nil, nil
	}
	c, _ := a.containers.get(containerName)
	return a, c
}

// info is what middlewares want to know about an account or a container.
type info struct {
	exists         bool
	header         http.Header // metadata; not to be changed; never nil
	containers     int64       // of an account
	objects, bytes int64
}

// meta returns a piece of metadata, as in meta("Quota-Bytes"), and whether it
// is there. Kind is Account or Container.
func (i info) meta(kind, name string) (string, bool) {
	values := i.header["X-"+kind+"-Meta-"+name]
	if len(values) == 0 {
		return "", false
	}
	return values[0], true
}

// accountInfo tells about an account.
func (s *store) accountInfo(name string) info {
	s.mu.RLock()
	defer s.mu.RUnlock()
	a, _ := s.find(name, "")
	if a == nil {
		return info{header: http.Header{}}
	}
	return info{
		exists: true, header: a.header.Clone(),
		containers: int64(len(a.containers.names)), objects: a.objects, bytes: a.bytes,
	}
}

// containerInfo tells about a container. Its bytes count those of the versions
// that are kept of its objects.
func (s *store) containerInfo(accountName, name string) info {
	s.mu.RLock()
	defer s.mu.RUnlock()
	a, c := s.find(accountName, name)
	if c == nil {
		return info{header: http.Header{}}
	}
	i := info{
		exists: true, header: c.header.Clone(), objects: int64(len(c.objects.names)), bytes: c.bytes,
	}
	kept, _, _ := strings.Cut(unquote(c.header.Get("X-Container-Sysmeta-Versions-Container")), "/")
	if old, ok := a.containers.get(kept); ok && kept != "" {
		i.bytes += old.bytes
	}
	return i
}

// sorted is a set of named things in the order of their names.
type sorted[T any] struct {
	names []string
	items map[string]T
}

func (s *sorted[T]) get(name string) (T, bool) {
	item, ok := s.items[name]
	return item, ok
}

func (s *sorted[T]) set(name string, item T) {
	if _, ok := s.items[name]; !ok {
		if s.items == nil {
			s.items = map[string]T{}
		}
		at, _ := slices.BinarySearch(s.names, name)
		s.names = slices.Insert(s.names, at, name)
	}
	s.items[name] = item
}

func (s *sorted[T]) remove(name string) {
	if _, ok := s.items[name]; ok {
		delete(s.items, name)
		at, _ := slices.BinarySearch(s.names, name)
		s.names = slices.Delete(s.names, at, at+1)
	}
}
