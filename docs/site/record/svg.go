package main

import (
	"fmt"
	"html"
	"regexp"
	"strings"
)

const (
	charWidth  = 8 // of a font of 13 pixels, and a little
	lineHeight = 18
	margin     = 14
	tallest    = 46 // lines; what is above is left out
)

// colors are those of SGR 30 to 37 on a dark ground.
var colors = []string{"#7d8590", "#ff7b72", "#7ee787", "#e3b341", "#79c0ff", "#d2a8ff", "#76e3ea", "#e6edf3"}

// drawing is an SVG of the screen after text was written to it. Of control
// sequences it knows those that tempest and the go command write: colours, and
// the erasing of a line.
func drawing(title, text string) string {
	var lines []string
	for line := range strings.SplitSeq(strings.TrimRight(strings.ReplaceAll(text, "\r\n", "\n"), "\n"), "\n") {
		lines = append(lines, wrapped(line[strings.LastIndex(line, "\r")+1:])...)
	}
	if len(lines) > tallest {
		lines = lines[len(lines)-tallest:]
	}
	width, height := columns*charWidth+2*margin, len(lines)*lineHeight+2*margin
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" role="img" font-size="13"`+"\n", width, height)
	fmt.Fprintf(&b, "  font-family=\"ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace\" fill=\"#e6edf3\">\n")
	fmt.Fprintf(&b, "<title>%s</title>\n<rect width=\"100%%\" height=\"100%%\" rx=\"8\" fill=\"#161b22\"/>\n", html.EscapeString(title))
	style := ""
	for i, line := range lines {
		fmt.Fprintf(&b, `<text x="%d" y="%d" xml:space="preserve">`, margin, margin+13+i*lineHeight)
		style = spans(&b, line, style)
		b.WriteString("</text>\n")
	}
	b.WriteString("</svg>\n")
	return b.String()
}

// wrapped is a line as a terminal shows it. One with colours is left as it is.
func wrapped(line string) []string {
	var lines []string
	var rest []rune
	for _, c := range line {
		if c != '\t' {
			rest = append(rest, c)
			continue
		}
		rest = append(rest, []rune(strings.Repeat(" ", 8-len(rest)%8))...)
	}
	for len(rest) > columns && !strings.Contains(line, "\x1b") {
		lines, rest = append(lines, string(rest[:columns])), rest[columns:]
	}
	return append(lines, string(rest))
}

var control = regexp.MustCompile("\x1b\\[([0-9;]*)([a-zA-Z])")

// spans writes the parts of a line, each in its style, and returns the style
// at its end.
func spans(b *strings.Builder, line, style string) string {
	write := func(text string) {
		switch text = html.EscapeString(text); {
		case text == "":
		case style == "":
			b.WriteString(text)
		default:
			fmt.Fprintf(b, "<tspan %s>%s</tspan>", style, text)
		}
	}
	at := 0
	for _, m := range control.FindAllStringSubmatchIndex(line, -1) {
		write(line[at:m[0]])
		at = m[1]
		if line[m[4]:m[5]] == "m" {
			style = styled(style, line[m[2]:m[3]])
		}
	}
	write(line[at:])
	return style
}

// styled is a style after an SGR sequence.
func styled(style, sequence string) string {
	for _, code := range strings.Split(sequence, ";") {
		var n int
		if _, err := fmt.Sscan(code, &n); err != nil {
			n = 0
		}
		switch {
		case n == 0:
			style = ""
		case n == 1:
			style = `font-weight="bold"`
		case 30 <= n && n <= 37:
			style = fmt.Sprintf(`fill="%s"`, colors[n-30])
		case 90 <= n && n <= 97:
			style = fmt.Sprintf(`fill="%s"`, colors[n-90])
		}
	}
	return style
}
