package linkcache

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Exec runs a tool of the go command: args are the folder of the cache, that of the run's [Ahead], the tool,
// and its arguments. It returns the exit code of the tool, unless the system can let the tool take the place
// of this process, in which case it does not return.
func Exec(args []string) int {
	if len(args) < 3 {
		fmt.Fprintln(os.Stderr, "tempest: __link is for the go command: it wants two folders and a tool")
		return 2
	}
	c, ahead, tool := New(args[0]), args[1], args[2]
	l, ok := parseLink(tool, args[3:])
	if !ok {
		return replace(tool, args[3:])
	}
	if e, err := c.find(l.action, l.key); err == nil && c.get(e, l.out) == nil {
		e.note(ahead)
		return 0
	}
	writeOrder(l.out, args)
	return replace(tool, args[3:])
}

// Script is the beginning of a shell script that does what [Exec] does, for -toolexec='/bin/sh FILE'; what follows it
// runs the tool, "$@". It starts tempest for those links alone that are in the cache and not in the folder ahead: a run
// calls some hundred tools, and a shell starts in less time. self is the command line of tempest, to which words can
// be appended.
func Script(self []string, dir, ahead string) string {
	words := append(slices.Clone(self), "__link", dir, ahead)
	for i, w := range words {
		words[i] = quote(w)
	}
	return strings.NewReplacer(
		"AHEAD", quote(ahead), "CACHE", quote(dir), "TEMPEST", strings.Join(words, " "),
		"MARK", quote(noteMark), "ORDER", orderSuffix,
	).Replace(script)
}

// script does the work of Exec, and says what it is about in the files that Deliver reads. The action of a link is the
// first part of its build ID.
const script = `case $1 in */link)
	last= out= id=
	for word do
		case $word in -buildid=*) id=${word#-buildid=} id=${id%%/*} ;; esac
		case $last in -o) out=$word ;; esac
		last=$word
	done
	if [ -n "$id" ] && [ -n "$out" ]; then
		if [ -f AHEAD/"$id" ]; then
			{ printf %s MARK AHEAD/"$id" >"$out"; } 2>/dev/null && exit
		fi
		for entry in CACHE/"$id".*; do
			[ -f "$entry" ] && exec TEMPEST "$@"
		done
		{ printf '%s\0' CACHE AHEAD "$@" '' >"$out"ORDER; } 2>/dev/null || rm -f "$out"ORDER
	fi ;;
esac
`

// quote makes one word of a shell.
func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// link is a command line of the linker that the cache can stand in for.
type link struct {
	key    string
	action string // the ID of what the go command does
	out    string
}

// parseLink reads a command line. ok is false for other tools and for what the cache does not
// know.
func parseLink(tool string, args []string) (l link, ok bool) {
	if strings.TrimSuffix(filepath.Base(tool), ".exe") != "link" || len(args) == 0 {
		return link{}, false
	}
	words := []string{keyVersion}
	buildID := ""
	for rest := args[:len(args)-1]; len(rest) > 0; { // the last is the file to link, which the build ID covers
		name, value, n := flag(rest)
		switch {
		case !keeps(name, value):
			return link{}, false
		case name == "-o":
			l.out = value
		case name == "-importcfg": // a place, as that of -o, which differs from run to run
		default:
			words = append(words, rest[:n]...)
		}
		if name == "-buildid" {
			buildID = value
		}
		rest = rest[n:]
	}
	if buildID == "" || l.out == "" {
		return link{}, false
	}
	l.key = keyOf(words)
	l.action, _, _ = strings.Cut(buildID, "/")
	return l, true
}

// flag reads the first flag of args, and says how many arguments it takes. Only those whose value
// matters here are known to take one from the next argument.
func flag(args []string) (name, value string, n int) {
	name, value, has := strings.Cut(args[0], "=")
	if !has && len(args) > 1 && (name == "-o" || name == "-importcfg") {
		return name, args[1], 2
	}
	return name, value, 1
}

// keeps reports whether a link with this flag makes one file and prints nothing.
func keeps(name, value string) bool {
	switch name {
	case "-buildmode":
		return value == "exe" || value == "pie"
	case "-V", "-v", "-c", "-dumpdep", "-benchmark", "-benchmarkprofile", "-cpuprofile", "-memprofile":
		return false
	}
	return true
}

// keyVersion is changed when an old entry must not be used any more.
const keyVersion = "tempest link 1"
