package data

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// ServerOptions configures [NewServer]. The zero value serves on loopback.
type ServerOptions struct {
	// Address is "host" or "host:port" under which the services that fetch from the server reach it. An address that
	// is not loopback makes the server listen on all interfaces. Empty means 127.0.0.1; without a port one is chosen.
	// A port that is taken is waited for, because tests beside this one may use it, until the context ends, and for
	// two minutes at most.
	Address string

	// Log is told each request and what was answered, as t.Logf. Nil discards it.
	Log func(format string, args ...any)
}

// A Server gives data over HTTP to services that fetch it. It serves until it is closed.
type Server struct {
	base string
	log  func(format string, args ...any)
	http *http.Server
	done chan struct{}

	mu       sync.Mutex
	files    map[string]*file
	requests []Request
}

// A File is what a [Server] serves under a path. It answers ranges and HEAD.
type File struct {
	// Data is the content.
	Data Blob

	// Content is the content instead of Data, when it is not nil: a template, or an image of a certain format.
	Content []byte

	// Statuses are the answers to the first requests, one for each: 503, 503 and then the data. They have no content.
	Statuses []int

	// Delay is how long the server waits before it answers.
	Delay time.Duration

	// Rate is the most bytes that are sent in a second, to each request. 0 means no limit.
	Rate int64

	// CutAfter cuts the connection off after so many bytes of an answer. 0 means never.
	CutAfter int64
}

type file struct {
	File
	asked int
}

// Request is one that a [Server] has answered.
type Request struct {
	Method, Path string // of the request; Path begins with a slash
	Range        string // the header, empty when all was asked for
	UserAgent    string // who asked
	Status       int    // of the answer
	Sent         int64  // bytes of content
}

// NewServer starts a server.
func NewServer(ctx context.Context, o ServerOptions) (*Server, error) {
	host, port, err := splitAddress(o.Address)
	if err != nil {
		return nil, err
	}
	listen := host
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		listen = ""
	}
	l, err := listenWhenFree(ctx, net.JoinHostPort(listen, port))
	if err != nil {
		return nil, fmt.Errorf("starting a server for data: %w", err)
	}
	_, port, _ = net.SplitHostPort(l.Addr().String())
	s := newServer("http://"+net.JoinHostPort(host, port), o.Log)
	s.http = &http.Server{Handler: s, ReadHeaderTimeout: headerTimeout}
	go func() {
		defer close(s.done)
		_ = s.http.Serve(l) // ends with ErrServerClosed
	}()
	return s, nil
}

// How often and how long [NewServer] tries to get a port that is taken.
const (
	portPause   = 100 * time.Millisecond
	portTimeout = 2 * time.Minute
)

// listenWhenFree listens on an address as soon as nobody else does.
func listenWhenFree(ctx context.Context, address string) (net.Listener, error) {
	limited, cancel := context.WithTimeout(ctx, portTimeout)
	defer cancel()
	for {
		l, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
		if err == nil || !errors.Is(err, syscall.EADDRINUSE) {
			return l, err
		}
		if pause(limited, portPause) != nil {
			return nil, err
		}
	}
}

// headerTimeout bounds reading the header of a request.
const headerTimeout = 30 * time.Second

func newServer(base string, log func(string, ...any)) *Server {
	if log == nil {
		log = func(string, ...any) {}
	}
	return &Server{base: base, log: log, files: map[string]*file{}, done: make(chan struct{})}
}

// splitAddress returns the parts of an address, with defaults.
func splitAddress(address string) (host, port string, err error) {
	if address == "" {
		return "127.0.0.1", "0", nil
	}
	if ip := net.ParseIP(strings.Trim(address, "[]")); ip != nil {
		return ip.String(), "0", nil
	}
	if !strings.Contains(address, ":") {
		return address, "0", nil
	}
	host, port, err = net.SplitHostPort(address)
	if err != nil {
		return "", "", fmt.Errorf("address of a server for data: %w", err)
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return "", "", fmt.Errorf("address of a server for data: %s: port %q is no number up to 65535", address, port)
	}
	return host, port, nil
}

// Close stops the server, and cuts off what it is sending.
func (s *Server) Close() error {
	err := s.http.Close()
	<-s.done
	return err
}

// Add serves a file under a path, such as "image.raw", and returns its URL. A file that was served under that path
// before is replaced.
func (s *Server) Add(path string, f File) string {
	path = "/" + strings.TrimPrefix(path, "/")
	s.mu.Lock()
	defer s.mu.Unlock()
	s.files[path] = &file{File: f}
	return s.base + path
}

// Requests returns what was asked for so far and has been answered, in the order of the answers' ends.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Request(nil), s.requests...)
}

// ServeHTTP answers a request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f, status := s.take(r.URL.Path)
	out := &sending{ResponseWriter: w, ctx: r.Context(), rate: f.Rate, cut: f.CutAfter, start: time.Now()}
	defer func() {
		s.note(Request{
			Method: r.Method, Path: r.URL.Path, Range: r.Header.Get("Range"), UserAgent: r.UserAgent(),
			Status: out.status, Sent: out.sent,
		})
		if out.cutOff {
			panic(http.ErrAbortHandler) // net/http closes the connection, and logs nothing
		}
	}()
	if err := pause(r.Context(), f.Delay); err != nil {
		out.cutOff = true
		return
	}
	if status != http.StatusOK {
		out.WriteHeader(status)
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	content, tag := f.content()
	w.Header().Set("ETag", tag)
	out.start = time.Now()
	http.ServeContent(out, r, "", time.Time{}, content)
}

// content returns what is served, and its entity tag.
func (f File) content() (io.ReadSeeker, string) {
	if f.Content != nil {
		return bytes.NewReader(f.Content), fmt.Sprintf(`"%x"`, sha256.Sum256(f.Content))
	}
	return f.Data.Reader(), fmt.Sprintf(`"%x-%x"`, f.Data.word(0), f.Data.size)
}

// take returns the file for a path, and the status of the next answer.
func (s *Server) take(path string) (File, int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.files[path]
	if f == nil {
		return File{}, http.StatusNotFound
	}
	f.asked++
	if f.asked <= len(f.Statuses) {
		return f.File, f.Statuses[f.asked-1]
	}
	return f.File, http.StatusOK
}

func (s *Server) note(r Request) {
	s.mu.Lock()
	s.requests = append(s.requests, r)
	s.mu.Unlock()
	s.log("served %s %s to %q: %d, %d bytes", r.Method, r.Path, r.UserAgent, r.Status, r.Sent)
}

// sending is an answer under way.
type sending struct {
	http.ResponseWriter
	ctx   context.Context // kept, because it is the life of the request
	rate  int64
	cut   int64
	start time.Time

	status int
	sent   int64
	cutOff bool
}

// errCut ends an answer that was to be cut off.
var errCut = errors.New("cut off as ordered")

func (w *sending) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// pieces is how many writes a second's worth of data has.
const pieces = 20

// Write sends p, piece by piece when there is a rate.
func (w *sending) Write(p []byte) (int, error) {
	written := 0
	for len(p) > 0 {
		piece := p
		if w.rate > 0 {
			piece = p[:min(int64(len(p)), max(w.rate/pieces, 1))]
		}
		n, err := w.send(piece)
		written += n
		if err != nil {
			return written, err
		}
		p = p[n:]
	}
	return written, nil
}

func (w *sending) send(p []byte) (int, error) {
	if w.rate > 0 {
		due := w.start.Add(time.Duration(float64(w.sent) / float64(w.rate) * float64(time.Second)))
		if err := pause(w.ctx, time.Until(due)); err != nil {
			return 0, err
		}
	}
	if w.cut > 0 {
		p = p[:min(int64(len(p)), w.cut-w.sent)]
	}
	n, err := w.ResponseWriter.Write(p)
	w.sent += int64(n)
	if err == nil && w.cut > 0 && w.sent >= w.cut {
		w.cutOff = true
		_ = http.NewResponseController(w.ResponseWriter).Flush() // what was sent must arrive
		return n, errCut
	}
	if err == nil && w.rate > 0 {
		_ = http.NewResponseController(w.ResponseWriter).Flush()
	}
	return n, err
}

// ReadFrom keeps [io.Copy] from going past Write.
func (w *sending) ReadFrom(r io.Reader) (int64, error) {
	return io.Copy(struct{ io.Writer }{w}, r)
}

// pause waits for d, or until ctx ends.
func pause(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
