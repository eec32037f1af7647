package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gotempest/tempest/internal/accounts"
	"github.com/gotempest/tempest/internal/cloud"
	"github.com/gotempest/tempest/internal/provision"
	"github.com/gotempest/tempest/testlib/config"
)

// generatorFlags are the flags of `tempest account-generator`.
type generatorFlags struct {
	configFlags

	options provision.Options
	force   bool
	remove  bool
}

func newAccountGenerator(std stdio, signals <-chan os.Signal) *cobra.Command {
	f := &generatorFlags{}
	cmd := &cobra.Command{
		Use:   "account-generator FILE",
		Short: "Make users and projects for tests, and write them into an accounts file",
		Long: `Make users and projects for tests, and write them into an accounts file.

Each group has a project with a member, a reader and a manager, a second project with the same, and users with roles
on the system: what one test asks for at most. So many tests as there are groups can run at once. All passwords are
random. The file is what Python Tempest reads too; --delete removes what stands in it from the cloud.`,
		Example: "  OS_CLOUD=mycloud tempest account-generator -r 4 accounts.yaml\n" +
			"  OS_CLOUD=mycloud tempest account-generator --delete accounts.yaml",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usagef("%s takes one FILE, got %d arguments", cmd.CommandPath(), len(args))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return interruptible(cmd.Context(), signals, func(ctx context.Context) error {
				return f.run(ctx, std, args[0])
			})
		},
	}
	f.register(cmd)
	flags := cmd.Flags()
	flags.StringVar(&f.options.Tag, "tag", "", "put `TEXT` into the names of users and projects")
	flags.IntVarP(&f.options.Groups, "concurrency", "r", defaultGroups, "make `N` groups of accounts")
	flags.BoolVar(&f.options.Admin, "with-admin", false, "also make admins, in each place of a group")
	flags.BoolVar(&f.options.Domain, "with-domain", false, "also make a domain for each group, with users")
	flags.BoolVar(&f.options.Net, "network", false,
		"also make a network for each project, with a router when [network] public_network is set")
	flags.BoolVar(&f.force, "force", false, "replace a FILE that exists; it is kept as FILE.bak")
	flags.BoolVar(&f.remove, "delete", false, "remove the accounts in FILE from the cloud")
	return cmd
}

const (
	defaultGroups = 2
	maxTag        = 20 // letters: names of projects end at 64
)

func (f *generatorFlags) run(ctx context.Context, std stdio, path string) error {
	if f.options.Groups < 1 {
		return usagef("--concurrency is %d: at least one group is needed", f.options.Groups)
	}
	if len(f.options.Tag) > maxTag {
		return usagef("--tag is longer than %d letters", maxTag)
	}
	core, _, err := config.LoadCore(f.source())
	if err != nil {
		return usageError{err}
	}
	core.Auth.DynamicCredentials = true // it takes an administrator, whatever tests use
	s, err := cloud.Open(ctx, core)
	if err != nil {
		return usageError{err}
	}
	defer s.Close()
	if s.Cloud.IsEmbedded {
		return usagef("nothing names a cloud, and the embedded one ends with this command: " +
			"set auth.cloud, $OS_CLOUD or $OS_AUTH_URL")
	}
	if f.remove {
		return f.delete(ctx, std, s, path)
	}
	return f.generate(ctx, std, s, path)
}

// open logs in. That the credentials do not do is the user's to mend.
func (f *generatorFlags) open(ctx context.Context, std stdio, s *cloud.Session) (*provision.Maker, error) {
	m, err := provision.Open(ctx, s, func(format string, args ...any) { fmt.Fprintf(std.err, format+"\n", args...) })
	if err != nil {
		return nil, usageError{err}
	}
	return m, nil
}

func (f *generatorFlags) generate(ctx context.Context, std stdio, s *cloud.Session, path string) error {
	_, err := os.Lstat(path)
	exists := err == nil
	if exists && !f.force {
		return usagef("%s exists: remove what stands in it with --delete, name another file, or use --force", path)
	}
	// The file comes first: accounts whose passwords cannot be written are lost.
	file, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*") // with mode 0600
	if err != nil {
		return usagef("writing the accounts file: %w", err)
	}
	defer func() { _ = os.Remove(file.Name()) }() // gone when all went well
	defer file.Close()
	m, err := f.open(ctx, std, s)
	if err != nil {
		return err
	}
	list, err := m.Make(ctx, f.options)
	if err != nil {
		return fmt.Errorf("making accounts: %w", err)
	}
	head := "Accounts for tests, made by tempest account-generator. To remove them from the cloud:\n" +
		"tempest account-generator --delete " + filepath.Base(path)
	err = errors.Join(accounts.Write(file, head, list), file.Sync())
	if err == nil && ctx.Err() == nil {
		err = f.put(file.Name(), path, exists)
	}
	if err != nil || ctx.Err() != nil {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), provision.Timeout)
		defer cancel()
		_, undo := m.Remove(ctx, list)
		return fmt.Errorf("writing the accounts file: %w", errors.Join(err, undo))
	}
	fmt.Fprintf(std.out, "%d accounts in %s\n", len(list), path)
	return nil
}

// put gives the file its name. Without --force nothing is overwritten, not even what has come meanwhile.
func (f *generatorFlags) put(from, path string, exists bool) error {
	if !exists {
		return os.Link(from, path)
	}
	backup := path + ".bak"
	for n := 1; ; n++ {
		err := os.Link(path, backup)
		if err == nil {
			break
		}
		if !errors.Is(err, os.ErrExist) {
			return err
		}
		backup = fmt.Sprintf("%s.bak%d", path, n)
	}
	return os.Rename(from, path)
}

// delete removes what stands in the file. The file stays: a second attempt finds what the first could not
// remove.
func (f *generatorFlags) delete(ctx context.Context, std stdio, s *cloud.Session, path string) error {
	file, err := accounts.Read(path)
	if err != nil {
		return usageError{err}
	}
	m, err := f.open(ctx, std, s)
	if err != nil {
		return err
	}
	for i := range file.Accounts {
		file.Accounts[i].SetDomain(cloud.DefaultDomain(s.Core))
	}
	count, err := m.Remove(ctx, file.Accounts)
	fmt.Fprintf(std.out, "%d removed, %d gone already\n", count.Removed, count.Absent)
	if err != nil {
		for line := range strings.Lines(err.Error()) { // one for each thing that is left
			fmt.Fprint(std.err, "tempest: ", line)
		}
		fmt.Fprintln(std.err)
		return codeError(exitFailed)
	}
	return nil
}
