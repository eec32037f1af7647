package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/gotempest/tempest/runner"
	"github.com/gotempest/tempest/testlib/embedded"
)

// cloudFlags are the flags of `tempest cloud`.
type cloudFlags struct {
	listen string
	file   string
	name   string
}

func newCloud(std stdio, signals <-chan os.Signal) *cobra.Command {
	var f cloudFlags
	cmd := &cobra.Command{
		Use:   "cloud",
		Short: "Serve the embedded cloud on loopback until interrupted",
		Long: `cloud serves the embedded cloud, a simulator that keeps everything in memory,
and writes a clouds.yaml with which any OpenStack client can use it.`,
		Example: "  tempest cloud --clouds-yaml clouds.yaml &\n  OS_CLOUD=embedded openstack project list",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return serveCloud(cmd.Context(), std, signals, f)
		},
	}
	cmd.Flags().StringVar(&f.listen, "listen", "127.0.0.1:0", "listen on `ADDRESS`; port 0 takes a free one")
	cmd.Flags().StringVar(&f.file, "clouds-yaml", "clouds.yaml", "write `FILE`; removed at the end")
	cmd.Flags().StringVar(&f.name, "name", "embedded", "`NAME` of the cloud in the file")
	return cmd
}

// serveCloud serves until a signal arrives. It neither overwrites a file that
// was there before nor leaves its own behind.
func serveCloud(ctx context.Context, std stdio, signals <-chan os.Signal, f cloudFlags) error {
	cloud, err := embedded.Start(ctx, embedded.Options{Addr: f.listen})
	if err != nil {
		return usagef("starting the embedded cloud on %s: %w", f.listen, err)
	}
	defer cloud.Close()

	path, err := filepath.Abs(f.file)
	if err != nil {
		return fmt.Errorf("finding %s: %w", f.file, err)
	}
	if err := writeNew(path, cloud.CloudsYAML(f.name)); err != nil {
		return err
	}
	defer os.Remove(path)

	fmt.Fprintf(std.out, "embedded cloud, a simulator: %s\n", cloud.AuthURL())
	fmt.Fprintln(std.out, "export", runner.Shell([]string{"OS_CLIENT_CONFIG_FILE=" + path, "OS_CLOUD=" + f.name}, nil))
	select {
	case <-signals:
	case <-ctx.Done():
	}
	return nil
}

// writeNew writes a file that must not exist yet: it holds a password.
func writeNew(path string, data []byte) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if os.IsExist(err) {
		return usagef("%s exists; remove it or name another file with --clouds-yaml", path)
	}
	if err != nil {
		return usagef("writing clouds.yaml: %w", err)
	}
	_, err = file.Write(data)
	if closeErr := file.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		os.Remove(path)
		return fmt.Errorf("writing %s: %w", path, err)
	}
	return nil
}
