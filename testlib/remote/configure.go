package remote

import (
	"github.com/gotempest/tempest/testlib/config"
	"github.com/gotempest/tempest/testlib/wait"
)

// Configured returns how to log in to the servers of tests at an address, as the group [validation] says: which user,
// password and shell prologue, and how long to wait for the server. The key and the log are the caller's.
//
//	core := testlib.Config[config.Core](e)
//	o := remote.Configured(core, address)
//	o.Keys, o.Log = []*remote.Key{key}, e.Logf
func Configured(core config.Core, address string) Options {
	v := &core.Validation
	return Options{
		Address: address, User: v.SSHUser, Password: v.SSHPassword, Prologue: v.SSHShellPrologue,
		Attempt: v.ConnectTimeout, Wait: wait.Options{Timeout: v.SSHTimeout},
	}
}

// NewConfiguredKey makes a key pair of the kind that the group [validation] names.
func NewConfiguredKey(core config.Core) (*Key, error) {
	return NewKey(KeyType(core.Validation.SSHKeyType))
}
