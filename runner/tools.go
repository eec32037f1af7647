package runner

import (
	"fmt"
	"os"
	"runtime"

	"github.com/gotempest/tempest/internal/gocmd"
	"github.com/gotempest/tempest/runner/linkcache"
)

// shell is what scripts are for. Windows has none, and starts tempest for each tool.
const shell = "/bin/sh"

// scripted says whether the go command starts its tools with a script.
func (o Options) scripted() bool { return o.LinkCache != "" && runtime.GOOS != "windows" }

// toolFlag is the value of -toolexec.
func toolFlag(o Options) (string, error) {
	const what = "telling go test how to link"
	if !o.scripted() {
		return selfFlag(o, what, "__link", o.LinkCache, o.Folder.ahead())
	}
	return wordList(what, []string{shell, o.Folder.toolScript()})
}

// writeToolScript makes the script that toolFlag names.
func writeToolScript(o Options) error {
	if !o.scripted() {
		return nil
	}
	self, err := selfOr(o.Self)
	if err != nil {
		return err
	}
	text := linkcache.Script(self, o.LinkCache, o.Folder.ahead()) +
		fmt.Sprintf(oneOfFew, quoteShell(o.Folder.builds())) + "exec \"$@\"\n"
	if o.tunesGC() {
		text = "case $1 in */link) ;; *) unset " + gcVariable + " ;; esac\n" + text
	}
	return os.WriteFile(o.Folder.toolScript(), []byte(text), 0o600)
}

// oneOfFew runs a tool that takes a processor for itself when it has one of the places that [openBuilds] gives; without
// that file, in a dry run, at once. Nobody waits for a tempest that is gone: then the pipe is not open for writing, and
// reading ends. Opening it to read would wait, if it were not open for both at that moment. (With exec, because of
// other commands bash keeps what is closed, to open it again.)
const oneOfFew = `builds=%s
case $1 in */compile | */link)
	if [ -p "$builds" ] && [ "$2" != -V=full ]; then
		exec 8<>"$builds" 9<"$builds" 8>&-
		read -r place <&9
		exec 9<&-
		"$@"
		code=$?
		echo 1<>"$builds"
		exit $code
	fi ;;
esac
`

// builds is how many compilers and linkers work at the same time: as many as under plain go test. More of them
// take longer together, each a few hundred megabytes. The go command knows one number alone, of all that it does at
// the same time, and that is for tests, which wait for a cloud. 0 means that its number is small enough.
func (o Options) builds() int {
	if n := runtime.GOMAXPROCS(0); o.scripted() && o.Workers() > n {
		return n
	}
	return 0
}

// openBuilds makes the places of compilers and linkers, if there are to be fewer than packages in flight.
func (r *run) openBuilds() error {
	n := r.o.builds()
	if n == 0 {
		return nil
	}
	var err error
	r.builds, err = openBuilds(r.o.Folder.builds(), n)
	return err
}

// closeBuilds ends what openBuilds began: nobody waits any more.
func (r *run) closeBuilds() {
	if r.builds != nil {
		_ = r.builds.Close()
	}
}

// tunesGC says whether the go command and its linker collect their garbage less often than by default: it
// saves each a twentieth of its time, for some ten megabytes. The user's own value stays, and other tools know what
// is good for them.
func (o Options) tunesGC() bool {
	return o.scripted() && gocmd.Setting(o.baseEnv(), gcVariable) == gcVariable
}

// gcVariable is how often Go's programs collect garbage.
const gcVariable = "GOGC"
