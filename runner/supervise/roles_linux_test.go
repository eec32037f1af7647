package supervise_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/gotempest/tempest/internal/protocol"
	"github.com/gotempest/tempest/runner/supervise"
)

// roleVar names the part that this binary plays under a supervisor, in place of
// a test binary that behaves in that way.
const roleVar = "SUPERVISE_TEST_ROLE"

// role is what [TestMain] asks before it runs tests: the exit code of the part
// that this process plays, if it plays one.
func role() (code int, played bool) {
	if len(os.Args) > 1 {
		switch os.Args[1] {
		case "__exec":
			return supervise.Exec(os.Args[2:]), true
		case "__guard":
			return supervise.Guard(os.Args[2:]), true
		case "__tempest":
			tempestMain(os.Args[2:])
			return 1, true
		}
	}
	if part := os.Getenv(roleVar); part != "" {
		return play(part), true
	}
	return 0, false
}

// play is a test binary. It prints "ready" when a test may go on.
func play(role string) int {
	switch verb, arg, _ := strings.Cut(role, ":"); verb {
	case "args":
		_ = json.NewEncoder(os.Stdout).Encode(map[string][]string{"args": os.Args[1:], "env": os.Environ()})
	case "exit":
		code, _ := strconv.Atoi(arg)
		return code
	case "pass":
		say("\x16PASS")
	case "die":
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		hang()
	case "print":
		size, _ := strconv.Atoi(arg)
		out := bufio.NewWriter(os.Stdout)
		for i := 0; i < size; i += 10 {
			_, _ = fmt.Fprintf(out, "%09d\n", i)
		}
		_ = out.Flush()
	case "wait":
		say("ready")
		hang()
	case "idle": // as if all of its tests had waited for their places
		idle, _ := time.ParseDuration(arg)
		file, err := os.Create(os.Getenv(protocol.EnvIdle))
		if err != nil || protocol.WriteIdle(file, idle, time.Time{}) != nil {
			return 1
		}
		say("ready")
		hang()
	case "stubborn": // takes no notice of anything that can be ignored
		signal.Ignore(os.Interrupt, syscall.SIGQUIT, syscall.SIGTERM, syscall.SIGHUP)
		say("ready")
		hang()
	case "clean": // cleans up when it is interrupted
		signals := make(chan os.Signal, 1)
		signal.Notify(signals, os.Interrupt)
		say("ready")
		say(fmt.Sprint("cleaned after ", <-signals))
		return 1
	case "leave":
		return leave(arg)
	case "leavestay": // stays itself
		leave(arg)
		hang()
	case "stderr":
		_, _ = fmt.Fprintln(os.Stderr, arg)
	case "orphan": // what "leave:daemon" starts: leaves a process and ends
		return leave("session")
	}
	return 0
}

// hang never returns.
func hang() {
	// With a signal to wait for, the runtime does not take it for a deadlock.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGUSR1)
	select {}
}

func say(line string) { _, _ = fmt.Println(line) }

// leave starts a process that ignores signals, and ends once it runs.
func leave(how string) int {
	if how == "respawn" {
		return respawn()
	}
	next := "stubborn"
	if how == "daemon" {
		next = "orphan"
	}
	cmd := exec.Command(os.Args[0]) //nolint:noctx // it is meant to stay
	cmd.Env = append(os.Environ(), roleVar+"="+next)
	if how != "group" {
		cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	}
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		say(err.Error())
		return 3
	}
	if next == "orphan" { // which ends by itself
		_ = cmd.Wait()
		say("left a daemon")
		return 0
	}
	_, _ = bufio.NewReader(out).ReadString('\n')
	say("left " + strconv.Itoa(cmd.Process.Pid))
	return 0
}

// respawn starts a process that never lives long: it always forks and ends.
func respawn() int {
	cmd := exec.Command("perl", "-e", "while (1) { exit if fork }") //nolint:noctx // it is meant to stay
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Run(); err != nil {
		say(err.Error())
		return 3
	}
	say("left something")
	return 0
}
