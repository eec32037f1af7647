// Command record runs the scenes of the documentation in a terminal and writes
// what it shows: NAME.cast, an asciinema v2 recording with its real times, and
// NAME.svg, the screen at the end.
//
//	go run ./record ../casts
//
// It builds tempest from this checkout, and needs nothing else than Go: the tests
// run against the embedded cloud.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/creack/pty"
)

const (
	columns = 104
	rows    = 40
)

// scene is what is shown: commands that run one after the other.
type scene struct {
	name, title string
	setup       []string // run first, and not shown
	commands    []string
}

var scenes = []scene{
	{
		name: "run", title: "A run of the in-tree suite, and its calls",
		setup: []string{`cd "$CHECKOUT"`, "tempest run -q -s ./tests/api/image"},
		commands: []string{
			"tempest run --smoke ./tests/api/image",
			"tempest calls --summary | head -4",
		},
	},
	{
		name: "plugin", title: "A new plugin, and its tests",
		setup: []string{
			`tempest plugin new --tempest "$CHECKOUT" --dir warm example.com/you/notes-tests`,
			"cd warm", "go test -count=1 -tags tempest ./...", "cd ..",
		},
		commands: []string{
			`tempest plugin new --tempest "$CHECKOUT" example.com/you/notes-tests`,
			"cd notes-tests",
			"go test -count=1 -tags tempest ./...",
			"tempest plugin check",
		},
	},
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: record FOLDER")
		os.Exit(2)
	}
	if err := record(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "record:", err)
		os.Exit(1)
	}
}

// record writes all scenes into the folder.
func record(folder string) error {
	checkout, err := filepath.Abs("../..")
	if err != nil {
		return err
	}
	tools, err := os.MkdirTemp("", "record")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tools)
	build := exec.Command("go", "build", "-o", tools+string(filepath.Separator), "./cmd/tempest")
	build.Dir = checkout
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("building tempest: %w\n%s", err, out)
	}
	if err := os.MkdirAll(folder, 0o777); err != nil {
		return err
	}
	for _, s := range scenes {
		c, err := play(s, checkout, tools)
		if err != nil {
			return fmt.Errorf("scene %s: %w", s.name, err)
		}
		if err := os.WriteFile(filepath.Join(folder, s.name+".cast"), c.encode(), 0o666); err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(folder, s.name+".svg"), []byte(drawing(s.title, c.text())), 0o666); err != nil {
			return err
		}
	}
	return nil
}

// play runs a scene in a shell of a terminal.
func play(s scene, checkout, tools string) (*cast, error) {
	home, err := os.MkdirTemp("", "home")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(home)
	var script strings.Builder
	for _, line := range s.setup {
		fmt.Fprintf(&script, "%s >/dev/null 2>&1\n", line)
	}
	script.WriteString("printf '\\001'\n") // what comes before is not shown
	for _, line := range s.commands {
		fmt.Fprintf(&script, "printf '\\033[1m$ %%s\\033[0m\\n' '%s'\n%s || exit\n", line, line)
	}
	cmd := exec.Command("sh", "-c", script.String())
	cmd.Dir = home
	cmd.Env = append(plainEnvironment(),
		"CHECKOUT="+checkout, "TERM=xterm-256color", "XDG_CACHE_HOME="+filepath.Join(home, "cache"),
		"PATH="+tools+string(filepath.ListSeparator)+os.Getenv("PATH"), "TEMPEST_CONFIG=-")
	tty, err := pty.StartWithSize(cmd, &pty.Winsize{Cols: columns, Rows: rows})
	if err != nil {
		return nil, err
	}
	defer tty.Close()
	c := &cast{Version: 2, Width: columns, Height: rows, Title: s.title, IdleTimeLimit: 2}
	// What is on this machine is shown under other names.
	seen, err := filepath.Rel(filepath.Join(home, "notes-tests"), checkout)
	if err != nil {
		return nil, err
	}
	c.read(tty, strings.NewReplacer(seen, "../tempest", checkout, "~/tempest", home, "~", `"$CHECKOUT"`, "~/tempest"))
	if err := cmd.Wait(); err != nil {
		return nil, fmt.Errorf("%w:\n%s", err, c.text())
	}
	return c, nil
}

// plainEnvironment is that of this process without what names a cloud or
// changes the output; the caches of Go stay.
func plainEnvironment() []string {
	var env []string
	for _, entry := range os.Environ() {
		switch name, _, _ := strings.Cut(entry, "="); {
		case strings.HasPrefix(name, "OS_"), strings.HasPrefix(name, "TEMPEST_"), name == "NO_COLOR", name == "CI",
			name == "GITHUB_ACTIONS":
		default:
			env = append(env, entry)
		}
	}
	if cache, err := exec.Command("go", "env", "GOCACHE").Output(); err == nil {
		env = append(env, "GOCACHE="+strings.TrimSpace(string(cache)))
	}
	return env
}

// cast is an asciinema v2 recording.
type cast struct {
	Version       int     `json:"version"`
	Width         int     `json:"width"`
	Height        int     `json:"height"`
	Title         string  `json:"title"`
	IdleTimeLimit float64 `json:"idle_time_limit"`

	events []event
}

type event struct {
	at   time.Duration
	text string
}

// read takes what a terminal shows until its program ends. Only what follows
// the byte 1 is kept.
func (c *cast) read(from io.Reader, names *strings.Replacer) {
	var begin time.Time
	var rest []byte
	buffer := make([]byte, 4096)
	for {
		n, err := from.Read(buffer)
		rest = append(rest, buffer[:n]...)
		if begin.IsZero() {
			if _, after, found := strings.Cut(string(rest), "\x01"); found {
				begin, rest = time.Now(), []byte(after)
			}
		}
		if !begin.IsZero() && (utf8.Valid(rest) || err != nil) && len(rest) > 0 {
			c.events = append(c.events, event{time.Since(begin), names.Replace(string(rest))})
			rest = nil
		}
		if err != nil { // a terminal whose program has ended gives EIO
			return
		}
	}
}

// encode returns the file of the recording.
func (c *cast) encode() []byte {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(c) // into memory, of plain types
	for _, e := range c.events {
		_ = enc.Encode([]any{json.Number(fmt.Sprintf("%.3f", e.at.Seconds())), "o", e.text})
	}
	return []byte(b.String())
}

// text is all that was shown, one after the other.
func (c *cast) text() string {
	var b strings.Builder
	for _, e := range c.events {
		b.WriteString(e.text)
	}
	return b.String()
}
