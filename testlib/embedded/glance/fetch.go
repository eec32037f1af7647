package glance

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"time"
)

const (
	// fetchTimeout bounds a download of an image.
	fetchTimeout = time.Minute
	// lookupTimeout bounds the search for the address of a host.
	lookupTimeout = 5 * time.Second
	// maxFetched is how much of an image is downloaded, in bytes. Glance takes
	// a terabyte: this one keeps images in memory.
	maxFetched = 1 << 30
)

var errFiltered = errors.New("the address does not pass the filter")

// dialAddress returns the address of the host of uri to connect to. Glance
// fetches by default from the ports 80 and 443 of hosts that are neither this
// machine nor reached on the link alone. What it does not fetch is
// [errFiltered].
func (o Options) dialAddress(ctx context.Context, uri *url.URL) (string, error) {
	port := uri.Port()
	switch {
	case uri.Scheme != "http" && uri.Scheme != "https":
		return "", errFiltered
	case !o.LocalImports && !slices.Contains([]string{"", "80", "443"}, port):
		return "", errFiltered
	case port == "" && uri.Scheme == "http":
		port = "80"
	case port == "":
		port = "443"
	}
	addresses, err := lookUp(ctx, uri.Hostname())
	if err != nil {
		return "", err
	}
	for _, address := range addresses {
		address = address.Unmap()
		if o.LocalImports || !address.IsLoopback() && !address.IsLinkLocalUnicast() {
			return net.JoinHostPort(address.String(), port), nil
		}
	}
	return "", errFiltered
}

// lookUp returns the addresses of host, which may be one.
func lookUp(ctx context.Context, host string) ([]netip.Addr, error) {
	if host == "" {
		return nil, errFiltered
	}
	if address, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{address}, nil
	}
	ctx, cancel := context.WithTimeout(ctx, lookupTimeout)
	defer cancel()
	return net.DefaultResolver.LookupNetIP(ctx, "ip", host)
}

// mayFetch reports whether uri passes the filter.
func (o Options) mayFetch(ctx context.Context, text string) bool {
	uri, err := url.Parse(text)
	if err != nil {
		return false
	}
	_, err = o.dialAddress(ctx, uri)
	return err == nil
}

// startDownload starts to fetch the data of i from uri, for the task t. The
// lock must be held for writing.
func (r *request) startDownload(i *image, t *task, uri string) {
	s, now := r.Service, r.now()
	changed := i.importing()
	changed.properties[importTask], changed.properties[importingTo] = t.id, storeName
	s.save(changed)
	t.status, t.updatedAt = taskProcessing, now
	if s.isClosed() {
		return
	}
	s.inBackground(r.Context(), uri, func(data []byte, err error) {
		if i := s.images[i.id]; i != nil && i.properties[importTask] == t.id {
			s.finish(i, t, data, err)
		}
	})
}

// inBackground fetches what is at uri and passes it to done, which is called
// with the lock held for writing. It goes on when ctx ends, but not when the
// service does.
func (s *Service) inBackground(ctx context.Context, uri string, done func(data []byte, err error)) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), fetchTimeout)
	s.work.Go(func() {
		defer cancel()
		data, err := s.fetch(ctx, uri)
		s.mu.Lock()
		defer s.mu.Unlock()
		done(data, err)
	})
	s.work.Go(func() {
		select {
		case <-s.closed:
			cancel()
		case <-ctx.Done():
		}
	})
}

// download fetches what is at text.
func (o Options) download(ctx context.Context, text string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, text, nil)
	if err != nil {
		return nil, fmt.Errorf("fetching an image: %w", err)
	}
	transport := &http.Transport{DisableKeepAlives: true}
	transport.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		host, port, err := net.SplitHostPort(address)
		if err != nil {
			return nil, err
		}
		scheme := "http"
		if port == "443" {
			scheme = "https"
		}
		allowed, err := o.dialAddress(ctx, &url.URL{Scheme: scheme, Host: net.JoinHostPort(host, port)})
		if err != nil {
			return nil, err
		}
		return (&net.Dialer{}).DialContext(ctx, network, allowed)
	}
	resp, err := (&http.Client{Transport: transport}).Do(req)
	if err != nil {
		return nil, fmt.Errorf("fetching an image: %w", err)
	}
	defer func() { _ = resp.Body.Close() }() // it was read
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("fetching an image: %s", resp.Status)
	}
	data, err := io.ReadAll(io.LimitReader(resp.Body, maxFetched))
	if err != nil {
		return nil, fmt.Errorf("fetching an image: %w", err)
	}
	return data, nil
}

// Close ends what the service does without its clients. It waits for it.
func (s *Service) Close() {
	s.mu.Lock()
	if !s.isClosed() {
		close(s.closed)
	}
	s.mu.Unlock()
	s.work.Wait()
}

func (s *Service) isClosed() bool {
	select {
	case <-s.closed:
		return true
	default:
		return false
	}
}
