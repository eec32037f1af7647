package main

import (
	_ "embed"
	"fmt"
	"os/exec"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"text/template"
	"time"
)

// figure is one result. Without a unit it is a ratio. A limit of 0 is none.
type figure struct {
	what  string
	value float64
	unit  string
	limit float64
}

func (f figure) over() bool { return f.limit > 0 && f.value > f.limit }

// number is v with three digits that say something.
func (f figure) number(v float64) string {
	digits := 2
	if f.unit != "" {
		digits = 0
	}
	return strings.TrimSpace(strconv.FormatFloat(v, 'f', digits, 64) + " " + f.unit)
}

// add keeps a figure, and says so when it is over its limit.
func (m *measurer) add(f figure) {
	m.figures = append(m.figures, f)
	if f.over() {
		fmt.Fprintf(m.w, "  over the limit of %s: %s\n", f.number(f.limit), f.what)
	}
}

// good says whether all limits hold.
func (m *measurer) good() bool { return !slices.ContainsFunc(m.figures, figure.over) }

//go:embed page.md
var pageText string

// markdown is the page of all figures.
func (m *measurer) markdown(now time.Time) string {
	var table strings.Builder
	for _, f := range m.figures {
		wanted, over := "", ""
		if f.limit > 0 {
			wanted = f.number(f.limit) + " or less"
		}
		if f.over() {
			over = ", **not reached**"
		}
		fmt.Fprintf(&table, "| %s | %s | %s%s |\n", f.what, f.number(f.value), wanted, over)
	}
	commit, err := exec.Command("git", "rev-parse", "--short", "HEAD").Output() //nolint:noctx // a moment
	if err != nil {
		commit = []byte("of an unknown commit")
	}
	var b strings.Builder
	// The template and the data are this program's own: it cannot fail.
	template.Must(template.New("page").Parse(pageText)).Execute(&b, map[string]any{ //nolint:errcheck // see above
		"Date": now.UTC().Format("2 January 2006, 15:04 MST"), "CPUs": runtime.NumCPU(), "Go": runtime.Version(),
		"Commit": strings.TrimSpace(string(commit)), "Table": table.String(),
	})
	return b.String()
}
