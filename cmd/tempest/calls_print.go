package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gotempest/tempest/internal/calls"
	"github.com/gotempest/tempest/internal/lazyregexp"
)

// printCalls prints calls in the form that the flags ask for.
func printCalls(w io.Writer, f callsFlags, list []testCall) error {
	out := bufio.NewWriter(w)
	if f.mask {
		maskCalls(list)
	}
	switch {
	case f.summary && f.json:
		if err := writeJSON(out, summarise(list)); err != nil {
			return err
		}
	case f.summary:
		summarise(list).print(out, f.mask)
	case f.json:
		if err := writeCalls(out, list); err != nil {
			return err
		}
	default:
		p := callPrinter{w: out, flags: f}
		p.print(list)
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("printing the calls: %w", err)
	}
	return nil
}

// writeCalls prints one JSON object a line.
func writeCalls(w io.Writer, list []testCall) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	for _, c := range list {
		if err := enc.Encode(c); err != nil {
			return fmt.Errorf("printing the calls: %w", err)
		}
	}
	return nil
}

// callPrinter prints calls for people.
type callPrinter struct {
	w     io.Writer
	flags callsFlags
}

func (p *callPrinter) printf(format string, a ...any) {
	fmt.Fprintf(p.w, format, a...) // a bufio.Writer keeps the error
}

func (p *callPrinter) print(list []testCall) {
	who, service := widths(list)
	for i, c := range list {
		if i == 0 || list[i-1].ID != c.ID {
			if i > 0 {
				p.printf("\n")
			}
			p.printf("%s\n", c.ID)
		}
		p.printf("  %-*s  %-*s  %-6s  %s", who, orDash(c.Who), service, orDash(c.Service), c.Method, status(c.Call))
		if !p.flags.mask {
			p.printf("  %8s", duration(c.Call).Round(time.Millisecond))
		}
		p.printf("  %s%s\n", c.URL, p.notes(c.Call))
		if p.flags.verbose {
			p.message("> ", c.Sent)
			p.message("< ", c.Received)
		}
	}
}

// widths of columns.
func widths(list []testCall) (who, service int) {
	for _, c := range list {
		who, service = max(who, len(orDash(c.Who))), max(service, len(orDash(c.Service)))
	}
	return who, service
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

// status is the column of the answer.
func status(c *calls.Call) string {
	if c.Status == 0 {
		return "---"
	}
	return strconv.Itoa(c.Status)
}

// notes are what few calls have.
func (p *callPrinter) notes(c *calls.Call) string {
	var list []string
	if c.Attempt > 1 {
		list = append(list, fmt.Sprintf("attempt %d", c.Attempt))
	}
	if c.Request != "" && !p.flags.mask {
		list = append(list, c.Request)
	}
	if c.Fault != "" {
		list = append(list, c.Fault)
	}
	if c.Error != "" {
		list = append(list, c.Error)
	}
	if len(list) == 0 {
		return ""
	}
	return "  " + strings.Join(list, ", ")
}

// message prints headers and a body.
func (p *callPrinter) message(prefix string, m *calls.Message) {
	if m == nil {
		return
	}
	for _, name := range slices.Sorted(maps.Keys(m.Header)) {
		for _, v := range m.Header[name] {
			p.printf("      %s%s: %s\n", prefix, name, v)
		}
	}
	for line := range strings.Lines(m.Body) {
		p.printf("      %s%s\n", prefix, strings.TrimRight(line, "\r\n"))
	}
	switch {
	case m.Cut && m.Size >= 0:
		p.printf("      %s… (%d bytes)\n", prefix, m.Size)
	case m.Cut:
		p.printf("      %s…\n", prefix)
	}
}

// What differs between runs: identifiers with and without dashes, names with a random end, and where the services
// are.
var (
	maskedID   = lazyregexp.New(`(?i)\b[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}\b`)
	maskedName = lazyregexp.New(`\btempest-[A-Za-z0-9._~%-]+`)
	number     = lazyregexp.New(`^[0-9]+$`)
)

// maskCalls removes what differs between two runs that do the same.
func maskCalls(list []testCall) {
	for _, c := range list {
		c.URL = maskURL(c.URL)
		c.Error, c.Fault = maskText(c.Error), maskText(c.Fault)
		c.Start, c.Seconds, c.Request, c.Global = time.Time{}, 0, "", ""
		for _, m := range []*calls.Message{c.Sent, c.Received} {
			if m != nil {
				maskMessage(m)
			}
		}
	}
}

func maskText(s string) string {
	return maskedName().ReplaceAllString(maskedID().ReplaceAllString(s, "ID"), "NAME")
}

func maskURL(s string) string {
	u, err := url.Parse(s)
	if err != nil {
		return maskText(s)
	}
	parts := strings.Split(u.EscapedPath(), "/")
	for i, part := range parts {
		if number().MatchString(part) {
			part = "ID"
		}
		parts[i] = maskText(part)
	}
	text := "HOST" + strings.Join(parts, "/")
	if u.RawQuery != "" {
		text += "?" + maskText(u.RawQuery)
	}
	return text
}

func maskMessage(m *calls.Message) {
	m.Body, m.Size = maskText(m.Body), 0
	for name, values := range m.Header {
		switch name {
		case "Date", "Content-Length", "X-Openstack-Request-Id", "X-Compute-Request-Id", "X-Trans-Id", "Etag",
			"Last-Modified", "X-Timestamp":
			delete(m.Header, name)
			continue
		}
		for i := range values {
			values[i] = maskText(values[i])
		}
	}
}
