package linkcache

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// Exec runs a tool of the go command: args are the folder of the cache, that of the run's [Ahead] or nothing, the tool,
// and its arguments. It returns the exit code of the tool, unless the system can let the tool take the place
// of this process, in which case it does not return.
func Exec(args []string) int {
	if len(args) < 3 {
		fmt.Fprintln(os.Stderr, "tempest: __link is for the go command: it wants two folders and a tool")
		return 2
	}
	c, ahead, tool, args := New(args[0]), args[1], args[2], args[3:]
	l, ok := parseLink(tool, args)
	if !ok {
		return replace(tool, args)
	}
	if c.get(l.key, l.out) != nil {
		if code := run(tool, args); code != 0 {
			return code
		}
		if c.put(l.key, l.out) != nil {
			return 0 // what cannot be kept is linked again the next time
		}
	}
	use{l.action, l.key}.note(ahead)
	return 0
}

// Script is the text of a shell script that does what [Exec] does, for -toolexec='/bin/sh FILE'. It
// starts tempest for those links alone of which there is no copy in the folder ahead: a run calls some hundred
// tools, and a shell starts in less time. self is the command line of tempest, to which words can be appended.
func Script(self []string, dir, ahead string) string {
	words := append(slices.Clone(self), "__link", dir, ahead)
	for i, w := range words {
		words[i] = quote(w)
	}
	return fmt.Sprintf(script, quote(ahead), strings.Join(words, " "))
}

// script takes the folder of the copies and the command line of [Exec]. The action of a link is the first part of its
// build ID.
const script = `case $1 in */link)
	last= out= id=
	for word do
		case $word in -buildid=*) id=${word#-buildid=} id=${id%%%%/*} ;; esac
		case $last in -o) out=$word ;; esac
		last=$word
	done
	if [ -n "$id" ] && [ -n "$out" ]; then
		copy=%s/$id
		[ -f "$copy" ] && mv -f "$copy" "$out" 2>/dev/null && exit
		exec %s "$@"
	fi ;;
esac
exec "$@"
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

// run runs a tool beside this process.
func run(tool string, args []string) int {
	cmd := exec.Command(tool, args...) //nolint:noctx // the go command ends it with this process's group
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	err := cmd.Run()
	var exit *exec.ExitError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &exit) && exit.ExitCode() > 0:
		return exit.ExitCode()
	}
	fmt.Fprintf(os.Stderr, "tempest: running %s: %v\n", tool, err)
	return 1
}
