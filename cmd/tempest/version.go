package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/gotempest/tempest/internal/protocol"
)

// build is what `tempest version` says of this binary.
type build struct {
	Module   string `json:"module"`
	Version  string `json:"version"`
	Revision string `json:"revision,omitempty"`
	Modified bool   `json:"modified,omitempty"`
	Go       string `json:"go"`
	Platform string `json:"platform"`
	Protocol int    `json:"protocol"`
}

// buildInfo reads what the go command recorded in this binary. The version is
// "(devel)" when it was built in a checkout.
func buildInfo() build {
	b := build{
		Module: tempestModule, Version: "(devel)", Go: runtime.Version(),
		Platform: runtime.GOOS + "/" + runtime.GOARCH, Protocol: protocol.Version,
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return b
	}
	if info.Main.Path == tempestModule && info.Main.Version != "" {
		b.Version = info.Main.Version
	}
	for _, dep := range info.Deps { // `go tool tempest` in another module
		if dep.Path == tempestModule && dep.Version != "" {
			b.Version = dep.Version
		}
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			b.Revision = s.Value
		case "vcs.modified":
			b.Modified = s.Value == "true"
		}
	}
	return b
}

// tempestModule is the module of this command.
const tempestModule = "github.com/gotempest/tempest"

func newVersion(std stdio) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Print the module, version, revision and Go version of this binary",
		Args:  noArgs,
		RunE: func(*cobra.Command, []string) error {
			b := buildInfo()
			if asJSON {
				return writeJSON(std.out, b)
			}
			revision := b.Revision
			if revision == "" {
				revision = "unknown"
			}
			if b.Modified {
				revision += " (modified)"
			}
			fmt.Fprintf(std.out, "%s %s\nrevision %s\n%s %s\n", b.Module, b.Version, revision, b.Go, b.Platform)
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return cmd
}
