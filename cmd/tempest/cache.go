package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/gotempest/tempest/runner/linkcache"
	"github.com/gotempest/tempest/testlib/config"
)

func newCache(std stdio) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "cache",
		Short: "Show what is kept of linked test binaries, or remove it",
		Long: `cache shows the folder in which runs keep linked test binaries, and how much is
there. A run links only what is not there. The option run.link_cache_size limits
it; 0 switches it off.`,
		Args: noArgs,
		RunE: func(*cobra.Command, []string) error { return showLinks(std.out) },
	}
	cmd.AddCommand(&cobra.Command{
		Use:   "clean",
		Short: "Remove the linked test binaries that are kept",
		Args:  noArgs,
		RunE:  func(*cobra.Command, []string) error { return cleanLinks(std.out) },
	})
	return cmd
}

// mebibyte is the unit of run.link_cache_size.
const mebibyte = 1 << 20

func showLinks(w io.Writer) error {
	dir, err := linkcache.DefaultDir()
	if err != nil {
		return err
	}
	u, err := linkcache.New(dir).Usage()
	if err != nil {
		return err
	}
	last := ""
	if u.Entries > 0 {
		last = ", unused since " + u.Oldest.Format(time.DateTime) + " at most"
	}
	return printf(w, "%s\n%s, %s%s\n", dir, count(u.Entries, "link"), mib(u.Bytes), last)
}

func cleanLinks(w io.Writer) error {
	dir, err := linkcache.DefaultDir()
	if err != nil {
		return err
	}
	u, err := linkcache.New(dir).Trim(0)
	if err != nil {
		return err
	}
	return printf(w, "removed %s, %s\n", count(u.Entries, "link"), mib(u.Bytes))
}

func printf(w io.Writer, format string, args ...any) error {
	if _, err := fmt.Fprintf(w, format, args...); err != nil {
		return fmt.Errorf("printing: %w", err)
	}
	return nil
}

func mib(bytes int64) string { return fmt.Sprintf("%.1f MiB", float64(bytes)/mebibyte) }

// linkCacheDir is the folder in which a run keeps linked test binaries, empty for none.
func linkCacheDir(core config.Core) string {
	dir, err := linkcache.DefaultDir()
	if err != nil || core.Run.LinkCacheSize == 0 {
		return "" // without a home folder everything is linked
	}
	return dir
}

// trimLinks keeps the link cache in its limits. That it cannot says nothing of the run.
func trimLinks(warn *os.File, core config.Core) {
	dir := linkCacheDir(core)
	if dir == "" {
		return
	}
	if _, err := linkcache.New(dir).Trim(int64(core.Run.LinkCacheSize) * mebibyte); err != nil {
		fmt.Fprintln(warn, "tempest:", err)
	}
}
