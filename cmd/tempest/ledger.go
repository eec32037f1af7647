package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/gotempest/tempest/internal/cloud"
	"github.com/gotempest/tempest/internal/ledger"
	"github.com/gotempest/tempest/internal/protocol"
	"github.com/gotempest/tempest/testlib/config"
)

// ledgerEnv tells the tests of a run where they note what they make. What is made in the embedded cloud ends with it;
// for any other cloud there must be a place, or what a killed test made could not be found again.
func ledgerEnv(run string, info cloud.Info) ([]string, error) {
	if info.Embedded {
		return nil, nil
	}
	folder, err := ledger.Folder()
	if err == nil {
		err = writable(folder)
	}
	if err != nil {
		return nil, usagef("there is no place to note what tests make in the cloud: %w; set XDG_CACHE_HOME to a folder "+
			"that can be written", err)
	}
	return []string{protocol.EnvLedger + "=" + filepath.Join(folder, run)}, nil
}

// writable makes a folder, if need be, and finds out whether it takes files.
func writable(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, ".probe-*")
	if err != nil {
		return err
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}

// unnamedCloud is a hint for those who mean a cloud and have not named it, "" for all others.
func unnamedCloud(core config.Core, info cloud.Info) string {
	file := os.Getenv("OS_CLIENT_CONFIG_FILE")
	if !info.Embedded || core.Auth.Cloud != "" || file == "" {
		return ""
	}
	return fmt.Sprintf("tempest: OS_CLIENT_CONFIG_FILE is %s, but no cloud in it is named: set OS_CLOUD, "+
		"or auth.cloud in tempest.toml", file)
}
