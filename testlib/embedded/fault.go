package embedded

import (
	"fmt"
	"net/http"
	"path"
	"slices"
	"time"

	"github.com/gotempest/tempest/internal/urlpath"
)

// Fault is something that goes wrong with some requests, see [Cloud.Inject].
type Fault struct {
	// Service is the type of the service whose requests are broken, as in
	// "object-store". Empty means every service.
	Service string

	// Method of the requests to break. Empty means every method.
	Method string

	// Path of the requests to break, as the client sees it: a pattern as for
	// [path.Match], where * stands for anything within one part of the path,
	// as in "/v3/users/*". "/..." at the end stands for whatever is below.
	// Empty means every path.
	Path string

	// Delay is how long the request waits before anything else happens.
	Delay time.Duration

	// Cut closes the connection without an answer.
	Cut bool

	// Status is the status code to answer. 0, without Cut, handles the
	// request as usual, after Delay.
	Status int

	// Header and Body go with Status. Without a Content-Type in Header the
	// body is said to be JSON.
	Header http.Header
	Body   string

	// Times is how many requests are broken. 0 means all until the fault is
	// removed.
	Times int
}

type fault struct {
	Fault
	left int // how often still; negative means for ever
}

// Inject breaks the requests that f describes, until f.Times are reached or
// remove is called. Of several faults that fit a request, the oldest counts.
// It panics if the pattern in f.Path is malformed.
func (c *Cloud) Inject(f Fault) (remove func()) {
	if _, err := path.Match(f.Path, ""); err != nil {
		panic(fmt.Sprintf("embedded: path %q of a fault: %v", f.Path, err))
	}
	added := &fault{Fault: f, left: f.Times}
	if f.Times == 0 {
		added.left = -1
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.faults = append(c.faults, added)
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.faults = slices.DeleteFunc(c.faults, func(f *fault) bool { return f == added })
	}
}

// takeFault returns the fault for r, if there is one, and counts it.
func (c *Cloud) takeFault(r *http.Request, service string) *fault {
	c.mu.RLock()
	none := len(c.faults) == 0
	c.mu.RUnlock()
	if none {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, f := range c.faults {
		if f.left == 0 || !f.fits(r, service) {
			continue
		}
		if f.left > 0 {
			f.left--
		}
		return f
	}
	return nil
}

func (f *Fault) fits(r *http.Request, service string) bool {
	return (f.Service == "" || f.Service == service) &&
		(f.Method == "" || f.Method == r.Method) && urlpath.Fits(f.Path, r.URL.Path)
}

// breakRequest does to r what a fault says, and reports whether that was the
// end of it.
func (c *Cloud) breakRequest(w http.ResponseWriter, r *http.Request, service string) bool {
	f := c.takeFault(r, service)
	if f == nil {
		return false
	}
	if f.Delay > 0 {
		timer := time.NewTimer(f.Delay)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-r.Context().Done(): // the client is gone, or the cloud stops
			return true
		}
	}
	switch {
	case f.Cut:
		panic(http.ErrAbortHandler) // net/http's way to close the connection
	case f.Status == 0:
		return false
	}
	w.Header().Set("Content-Type", "application/json")
	for key, values := range f.Header {
		w.Header()[http.CanonicalHeaderKey(key)] = values
	}
	w.WriteHeader(f.Status)
	_, _ = w.Write([]byte(f.Body)) // the client may be gone: nobody is left to be told
	return true
}
