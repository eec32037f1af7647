package main

import (
	"path/filepath"

	"github.com/gotempest/tempest/internal/ledger"
	"github.com/gotempest/tempest/internal/protocol"
)

// ledgerEnv tells the tests of a run where they note what they make. Without a cache folder they refuse to make anything,
// and say why.
func ledgerEnv(run string) []string {
	folder, err := ledger.Folder()
	if err != nil {
		return nil
	}
	return []string{protocol.EnvLedger + "=" + filepath.Join(folder, run)}
}
