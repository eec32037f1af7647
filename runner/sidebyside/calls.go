package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// The services, and what they ask Keystone themselves: whether a token is good.
const (
	callsKeystone = "Keystone"
	callsGlance   = "Glance"
	callsSwift    = "Swift"
	callsOwn      = "services"
)

// counter counts calls in the logs of the services.
type counter struct {
	logs map[string]func(line string) (service string) // by file; empty: not a call
}

func newCounter(dir string) counter {
	return counter{map[string]func(string) string{
		filepath.Join(dir, "keystone.log"):    keystoneCall,
		filepath.Join(dir, "glance.log"):      glanceCall,
		filepath.Join(dir, "swift-proxy.log"): swiftCall,
	}}
}

// access METHOD PATH STATUS MILLISECONDS "AGENT"
func keystoneCall(line string) string {
	if !strings.HasPrefix(line, "access ") {
		return ""
	}
	// The middleware of a service logs in as itself and looks at tokens as an
	// old client that nothing else here is.
	if strings.Contains(line, " keystonemiddleware") || strings.HasSuffix(line, `"python-keystoneclient"`) {
		return callsOwn
	}
	return callsKeystone
}

var glanceLine = regexp.MustCompile(` eventlet\.wsgi\.server .*"[A-Z]+ /[^"]* HTTP/`)

func glanceCall(line string) string {
	if glanceLine.MatchString(line) {
		return callsGlance
	}
	return ""
}

// Requests that a middleware makes have its name as their source.
func swiftCall(line string) string {
	if strings.Contains(line, " access source=- ") {
		return callsSwift
	}
	return ""
}

// mark is where the logs ended.
type mark map[string]int64

func (c counter) mark() (mark, error) {
	m := mark{}
	for path := range c.logs {
		info, err := os.Stat(path)
		if err != nil {
			return nil, fmt.Errorf("the log of a service: %w", err)
		}
		m[path] = info.Size()
	}
	return m, nil
}

// since counts the calls that were logged after m, once the services have
// written them: when the logs have not grown for a while.
func (c counter) since(ctx context.Context, m mark) (map[string]int, error) {
	const settled = 500 * time.Millisecond
	for last, err := c.mark(); ; {
		if err != nil {
			return nil, err
		}
		select {
		case <-time.After(settled):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		now, err := c.mark()
		if err != nil {
			return nil, err
		}
		if fmt.Sprint(now) == fmt.Sprint(last) {
			break
		}
		last = now
	}
	calls := map[string]int{}
	for path, service := range c.logs {
		if err := countLines(path, m[path], calls, service); err != nil {
			return nil, fmt.Errorf("counting calls: %w", err)
		}
	}
	return calls, nil
}

func countLines(path string, from int64, calls map[string]int, service func(string) string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	if _, err := f.Seek(from, io.SeekStart); err != nil {
		return err
	}
	r := bufio.NewReader(f)
	for {
		line, err := r.ReadString('\n')
		if s := service(strings.TrimRight(line, "\n")); s != "" {
			calls[s]++
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// readPorts reads the file that keeps the ports of the services: NAME=NUMBER,
// separated by white space.
func readPorts(path string) (map[string]int, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("the ports of the services: %w", err)
	}
	ports := map[string]int{}
	for field := range strings.FieldsSeq(string(text)) {
		name, number, _ := strings.Cut(field, "=")
		if ports[name], err = strconv.Atoi(number); err != nil {
			return nil, fmt.Errorf("%s: %q is no port", path, field)
		}
	}
	return ports, nil
}
