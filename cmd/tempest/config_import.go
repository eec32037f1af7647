package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gotempest/tempest/internal/option"
	"github.com/gotempest/tempest/internal/protocol"
	"github.com/gotempest/tempest/internal/tempestconf"
	"github.com/gotempest/tempest/runner/report"
	"github.com/gotempest/tempest/testlib/config"
)

func newConfigImport(std stdio, signals <-chan os.Signal) *cobra.Command {
	c := configImport{std: std, signals: signals}
	cmd := &cobra.Command{
		Use:   "import [flags] TEMPEST_CONF",
		Short: "Turn the tempest.conf of Python Tempest into a tempest.toml",
		Long: `import prints the tempest.toml that says what a tempest.conf of Python Tempest says. Each
setting that has no counterpart is named on standard error, with its line and the reason.
tempest.toml has no passwords: --clouds-yaml writes the administrator into a clouds.yaml.`,
		Example: "  tempest config import /etc/tempest/tempest.conf -w tempest.toml --clouds-yaml clouds.yaml",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usagef("config import takes one file, a tempest.conf")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.run(cmd.Context(), args[0])
		},
	}
	flags := cmd.Flags()
	flags.StringVarP(&c.write, "write", "w", "", "write to `FILE` instead of standard output")
	flags.StringVar(&c.clouds, "clouds-yaml", "", "write the administrator into `FILE`, a clouds.yaml")
	flags.StringVar(&c.name, "name", "tempest", "call the cloud `NAME` in it")
	flags.BoolVar(&c.force, "force", false, "overwrite files that exist")
	return cmd
}

// configImport is one `tempest config import`.
type configImport struct {
	std     stdio
	signals <-chan os.Signal
	write   string
	clouds  string
	name    string
	force   bool
}

func (c *configImport) run(ctx context.Context, path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return usagef("reading the configuration of Python Tempest: %w", err)
	}
	if err := c.checkFiles(); err != nil {
		return err
	}
	groups, err := c.groups(ctx)
	if err != nil {
		return err
	}
	o := tempestconf.Options{File: filepath.Base(path), Groups: groups}
	if c.clouds != "" {
		o.Cloud = c.name
	}
	result, problems := tempestconf.Convert(string(text), o)
	if len(problems) > 0 {
		lines := make([]string, len(problems))
		for i, p := range problems {
			lines[i] = fmt.Sprintf("%s:%d: %s", path, p.Line, p.Message)
		}
		return usagef("%s", strings.Join(lines, "\n"))
	}
	if c.clouds != "" && result.Clouds == nil {
		return usagef("%s does not name an administrator: --clouds-yaml needs identity.uri_v3 and auth.admin_username", path)
	}
	if err := c.put(result); err != nil {
		return err
	}
	c.report(path, result)
	return nil
}

// checkFiles refuses to overwrite, before anything is written.
func (c *configImport) checkFiles() error {
	if c.write != "" && c.clouds != "" && filepath.Clean(c.write) == filepath.Clean(c.clouds) {
		return usagef("--write and --clouds-yaml name the same file, %s", c.write)
	}
	for _, file := range []string{c.write, c.clouds} {
		if file == "" || c.force {
			continue
		}
		if _, err := os.Lstat(file); err == nil {
			return usagef("%s exists; --force overwrites it", file)
		} else if !errors.Is(err, fs.ErrNotExist) {
			return usageError{err}
		}
	}
	return nil
}

// groups are the options of tempest and, in a main module, those of its plugins.
func (c *configImport) groups(ctx context.Context) ([]option.Group, error) {
	var groups []option.Group
	none := suiteFlags{configFlags: configFlags{config: protocol.NoConfig}} // that which is here may be what is made
	err := withSurvey(ctx, c.signals, none, func(_ context.Context, ws *workspace) error {
		groups = ws.groups(none)
		return nil
	})
	if _, ok := errors.AsType[usageError](err); ok {
		fmt.Fprintf(c.std.err, "tempest: only options of tempest itself are known: %v\n", err)
		return config.CoreGroups()
	}
	return groups, err
}

// put writes what was asked for. clouds.yaml holds a password.
func (c *configImport) put(r tempestconf.Result) error {
	if c.clouds != "" {
		if err := replaceSecret(c.clouds, r.Clouds); err != nil {
			return fmt.Errorf("writing clouds.yaml: %w", err)
		}
	}
	write := func(w io.Writer) error {
		_, err := w.Write(r.TOML)
		return err
	}
	if c.write != "" {
		return report.WriteFile(c.write, write)
	}
	if err := write(c.std.out); err != nil {
		return fmt.Errorf("printing tempest.toml: %w", err)
	}
	return nil
}

// replaceSecret writes a file that only its owner can read, under a temporary name, and renames it.
func replaceSecret(path string, data []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*") // of mode 0600
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}

func (c *configImport) report(path string, r tempestconf.Result) {
	for _, p := range r.Left {
		fmt.Fprintf(c.std.err, "%s:%d: %s\n", path, p.Line, p.Message)
	}
	fmt.Fprintf(c.std.err, "tempest: of %d settings in %s, %d are left out\n", r.Total, path, len(r.Left))
	if r.Clouds != nil && c.clouds == "" {
		fmt.Fprintf(c.std.err, "tempest: the administrator that %s names belongs into clouds.yaml: "+
			"--clouds-yaml FILE writes it\n", path)
	}
}
