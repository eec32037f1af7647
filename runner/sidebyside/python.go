package main

import (
	"bufio"
	"context"
	_ "embed"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"text/template"
)

//go:embed tempest.conf
var pythonConf string

// pythonTool is Python Tempest with a workspace of its own.
type pythonTool struct {
	command   string
	workspace string
	home      string
	names     map[string][]string // names with their suffix, by name without it
	image     *httptest.Server    // what web-download imports
}

// newPythonTool makes the workspace, for the services at these ports.
func newPythonTool(ctx context.Context, command, dir string, ports map[string]int) (*pythonTool, error) {
	t := &pythonTool{
		command: command, workspace: filepath.Join(dir, "workspace"), home: filepath.Join(dir, "home"),
		image: httptest.NewServer(http.HandlerFunc(serveImage)),
	}
	if err := t.init(ctx, ports); err != nil {
		t.close()
		return nil, fmt.Errorf("making Python Tempest's workspace: %w", err)
	}
	return t, nil
}

// close ends the server of the image.
func (t *pythonTool) close() { t.image.Close() }

// serveImage serves an image of a kilobyte.
func serveImage(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Write(make([]byte, 1<<10)) //nolint:errcheck // whoever went away wants no error
}

func (t *pythonTool) init(ctx context.Context, ports map[string]int) error {
	if err := os.MkdirAll(t.home, 0o700); err != nil {
		return err
	}
	if out, err := t.cmd(ctx, "init", t.workspace).CombinedOutput(); err != nil {
		return fmt.Errorf("%s init: %w\n%s", t.command, err, out)
	}
	conf, err := os.Create(filepath.Join(t.workspace, "etc", "tempest.conf"))
	if err != nil {
		return err
	}
	defer conf.Close()
	parsed, err := template.New("tempest.conf").Parse(pythonConf)
	if err != nil {
		return err
	}
	return parsed.Execute(conf, map[string]any{
		"Workspace": t.workspace, "Keystone": ports["KEYSTONE"], "Image": t.image.URL,
	})
}

// cmd is a command of Python Tempest, kept from the user's environment: another
// Python, found first, has not what Debian has installed.
func (t *pythonTool) cmd(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, t.command, args...)
	cmd.Env = []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=" + t.home, "LANG=C.UTF-8"}
	cmd.Dir = t.workspace
	if _, err := os.Stat(t.workspace); err != nil {
		cmd.Dir = t.home // it writes a log where it stands
	}
	return cmd
}

// suffix is what Python Tempest puts behind a name: the UUID and attributes.
var suffix = regexp.MustCompile(`^(.+)\[(?:.*,)?id-([0-9a-f-]{36})(?:,.*)?\]$`)

func (t *pythonTool) list(ctx context.Context) (map[string][]string, error) {
	const (
		services = `^tempest\.api\.(identity|image|object_storage)\.`
		gone     = `^tempest\.api\.(identity\.(admin\.)?v2|image\.v1)\.` // no service has had these for years
	)
	out, err := t.cmd(ctx, "run", "--list-tests", "--regex", services, "--exclude-regex", gone).Output()
	if err != nil {
		return nil, fmt.Errorf("listing Python Tempest's tests: %w", withStderr(err))
	}
	byUUID := map[string][]string{}
	t.names = map[string][]string{}
	for line := range strings.Lines(string(out)) {
		line = strings.TrimSpace(line)
		m := suffix.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		byUUID[m[2]] = append(byUUID[m[2]], line)
		t.names[m[1]] = append(t.names[m[1]], line)
	}
	return byUUID, nil
}

func (t *pythonTool) run(ctx context.Context, loadList, log string, n int) (result, error) {
	cmd := t.cmd(context.WithoutCancel(ctx), "run", "--load-list", loadList, "--concurrency", strconv.Itoa(n))
	use, err := measure(ctx, cmd, log, func(string) string { return "python" })
	if err != nil && !exited(err, 1) { // 1 says that tests failed
		return result{}, fmt.Errorf("python tempest run (%s): %w", log, err)
	}
	list, err := os.ReadFile(loadList)
	if err != nil {
		return result{}, err
	}
	f, err := os.Open(log)
	if err != nil {
		return result{}, err
	}
	defer f.Close()
	verdicts, err := readPythonOutput(f, strings.Fields(string(list)))
	if err != nil {
		return result{}, fmt.Errorf("%s: %w", log, err)
	}
	return result{verdicts: verdicts, usage: use}, nil
}

// A line of Python Tempest's output with a verdict: of a test, or of a class
// whose set-up ended without its tests.
var (
	pythonTest  = regexp.MustCompile(`^\{\d+\} ([\w.]+)(?: \[[0-9.]+s\])? \.\.\. (ok|FAILED|SKIPPED)`)
	pythonClass = regexp.MustCompile(
		`^\{\d+\} (?:setUp|tearDown)Class \(([\w.]+)\)(?: \[[0-9.]+s\])? \.\.\. (FAILED|SKIPPED)`)
)

// readPythonOutput returns the verdict of each of the tests, which are named
// with their suffix.
func readPythonOutput(r io.Reader, tests []string) (map[string]string, error) {
	tested, classes := map[string]string{}, map[string]string{}
	verdict := map[string]string{"ok": verdictPass, "FAILED": verdictFail, "SKIPPED": verdictSkip}
	scanner := bufio.NewScanner(r)
	scanner.Buffer(nil, 64<<20) // a failed test prints what it was answered
	for scanner.Scan() {
		if m := pythonTest.FindStringSubmatch(scanner.Text()); m != nil {
			tested[m[1]] = verdict[m[2]]
		} else if m := pythonClass.FindStringSubmatch(scanner.Text()); m != nil {
			classes[m[1]] = verdict[m[2]]
		}
	}
	if err := scanner.Err(); err != nil {
		return nil, err
	}
	verdicts := map[string]string{}
	for _, test := range tests {
		name, _, _ := strings.Cut(test, "[")
		class := name[:max(0, strings.LastIndexByte(name, '.'))]
		switch {
		case tested[name] != "":
			verdicts[test] = tested[name]
		case classes[class] != "":
			verdicts[test] = classes[class]
		default:
			verdicts[test] = verdictLost
		}
	}
	return verdicts, nil
}
