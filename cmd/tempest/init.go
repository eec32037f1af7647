package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gotempest/tempest/runner"
)

// initFlags are the flags of `tempest init`.
type initFlags struct {
	module  string
	tempest string
	ci      string
	keep    bool
}

func newInit(std stdio, signals <-chan os.Signal) *cobra.Command {
	var f initFlags
	cmd := &cobra.Command{
		Use:   "init [DIR]",
		Short: "Make a workspace: a module that runs tempest and the plugins it requires",
		Long: `init makes a Go module in DIR, or in the current folder: go.mod, which requires
tempest and has it as a tool, tempest.toml with every option in a comment, a Go
file for plugins, .gitignore, and a file for CI. It overwrites nothing, needs no
network, and prints the commands that come next.`,
		Example: "  tempest init cloudtests\n  tempest init --module example.com/cloudtests --ci gitlab",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usagef("%s takes one folder, got %q", cmd.CommandPath(), args)
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			dir := "."
			if len(args) > 0 {
				dir = args[0]
			}
			return initialise(std.out, signals, dir, f)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.module, "module", "", "`PATH` of the module (default: the name of the folder)")
	flags.StringVar(&f.tempest, "tempest", "",
		"require this `VERSION` of tempest, or the checkout in this folder (default: what this command is)")
	flags.StringVar(&f.ci, "ci", "github", "write a file for `SYSTEM`: github, gitlab or none")
	flags.BoolVar(&f.keep, "keep", false, "leave files that exist as they are, and write the others")
	return cmd
}

// initialise makes the workspace in dir and says on w what comes next.
func initialise(w io.Writer, signals <-chan os.Signal, dir string, f initFlags) error {
	if dir == "" {
		return usagef("the name of the folder is empty; leave it out for the current folder")
	}
	plan, err := planWorkspace(dir, f)
	if err != nil {
		return err
	}
	if err := plan.makeIn(dir, signals); err != nil {
		return err
	}
	plan.tell(w, dir)
	fmt.Fprintln(w, "\nNext:")
	for _, command := range plan.next {
		fmt.Fprintln(w, "  "+command)
	}
	return nil
}

// tell says which files were written, and what is to be known about them.
func (p *workspacePlan) tell(w io.Writer, dir string) {
	for _, file := range p.files {
		fmt.Fprintln(w, "wrote", filepath.Join(dir, filepath.FromSlash(file.name)))
	}
	for _, name := range p.kept {
		fmt.Fprintln(w, "kept", filepath.Join(dir, filepath.FromSlash(name)))
	}
	for _, note := range p.notes {
		fmt.Fprintln(w, "note:", note)
	}
}

// workspacePlan is what init is going to do.
type workspacePlan struct {
	what  string    // is made, for errors: a workspace
	files []newFile // go.mod last: a folder with a go.mod is complete
	kept  []string  // files that were there before, left as they are
	notes []string  // what the user should know
	next  []string  // commands for a shell
}

// newFile is a file to write.
type newFile struct {
	name string // below the workspace, with slashes
	data []byte
}

// planWorkspace decides everything that can be decided without writing. All
// files that are in the way are told at once.
func planWorkspace(dir string, f initFlags) (*workspacePlan, error) {
	at, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("finding %s: %w", dir, err)
	}
	if info, err := os.Stat(at); err == nil && !info.IsDir() {
		return nil, usagef("%s is a file; name a folder", dir)
	}
	source, err := findTempest(at, f.tempest)
	if err != nil {
		return nil, err
	}
	existing, err := readModule(at, dir)
	if err != nil {
		return nil, err
	}
	content, err := contentOf(at, f, source, existing)
	if err != nil {
		return nil, err
	}
	files, err := content.render(f.ci)
	if err != nil {
		return nil, err
	}
	plan := &workspacePlan{what: "the workspace"}
	if err := plan.sort(files, dir, source, f.keep); err != nil {
		return nil, err
	}
	plan.notes = notesOf(at, source, f.ci)
	plan.next = nextCommands(dir, at, source, existing != "")
	return plan, nil
}

// sort tells the files to write from those that are in the way.
func (p *workspacePlan) sort(files []newFile, dir string, source tempestSource, keep bool) error {
	var clashes []error
	for _, file := range files {
		at := filepath.Join(dir, filepath.FromSlash(file.name))
		_, err := os.Lstat(at)
		switch {
		case errors.Is(err, os.ErrNotExist):
			p.files = append(p.files, file)
		case err != nil: // such as a file where a folder must be
			clashes = append(clashes, fmt.Errorf("%s cannot be written: %w; move away what is there",
				at, errors.Unwrap(err)))
		case keep:
			p.kept = append(p.kept, file.name)
		case file.name == "go.mod":
			commands := strings.Join(source.addCommands(), " && ")
			clashes = append(clashes, fmt.Errorf("%s exists; to run tempest in that module: %s, "+
				"or --keep to write the other files beside it", at, commands))
		default:
			clashes = append(clashes, fmt.Errorf("%s exists; --keep leaves it as it is and writes the other files", at))
		}
	}
	if len(clashes) > 0 {
		return usageError{errors.Join(clashes...)}
	}
	return nil
}

// nextCommands are what a user pastes into a shell to run the suite.
func nextCommands(dir, at string, source tempestSource, hasModule bool) []string {
	var next []string
	if !isCurrent(at) {
		next = append(next, changeTo(dir))
	}
	if hasModule {
		next = append(next, source.addCommands()...)
	}
	next = append(next, joinWorkspace(at)...)
	return append(next, "go mod tidy", "go tool tempest list", "go tool tempest run")
}

// changeTo is the command that goes to a folder.
func changeTo(dir string) string {
	if strings.HasPrefix(dir, "-") {
		dir = "./" + dir
	}
	return runner.Shell(nil, []string{"cd", dir})
}

// joinWorkspace is the command without which a new module at this place is in none of the go.work above it, where the
// go command would do nothing.
func joinWorkspace(at string) []string {
	if above(filepath.Dir(at), "go.work") == "" || os.Getenv("GOWORK") == "off" {
		return nil
	}
	return []string{"go work use ."}
}

// notesOf are what would surprise a user later.
func notesOf(at string, source tempestSource, ci string) []string {
	var notes []string
	if source.replace != "" {
		notes = append(notes, fmt.Sprintf("go.mod uses the checkout of tempest in %s, not a published version; "+
			"a comment in it says how to leave that", source.replace))
	}
	if root := above(filepath.Dir(at), ".git"); root != "" && ci != "none" && above(at, ".git") != at {
		file := path.Base(ciFiles[ci])
		notes = append(notes, fmt.Sprintf("CI reads %s in the root of a git repository only; move it to %s, "+
			"and let its commands run in this folder", file, root))
	}
	return notes
}

// isCurrent reports whether at is the current folder.
func isCurrent(at string) bool {
	current, err := os.Getwd()
	return err == nil && current == at
}

// above returns the folder that holds name: dir or the nearest one above it.
// Empty means none.
func above(dir, name string) string {
	for {
		if _, err := os.Lstat(filepath.Join(dir, name)); err == nil {
			return dir
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return ""
		}
		dir = parent
	}
}
