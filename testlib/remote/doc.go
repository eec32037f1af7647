// Package remote looks at servers from the inside, over SSH, and from the outside.
//
// [Dial] logs in to a host that may still be booting, with a password, keys, the agent of the user, and through
// another host. The [Client] runs commands, copies files, and has checks for what tests of a cloud ask: how long a
// server is up, which disks, addresses, routes and name servers it has, whether it reaches another.
// They work with the tools of Debian and other distributions, and with the busybox of CirrOS.
//
//	key, err := remote.NewKey(remote.Ed25519)
//	// keypairs.Create(…, PublicKey: key.Public()), then a server with it
//	guest, err := remote.Dial(e.Context(), remote.Options{
//		Address: address, User: "cirros", Keys: []*remote.Key{key}, Wait: e.Wait("compute"), Log: e.Logf,
//	})
//	defer guest.Close()
//	disks, err := guest.Disks(e.Context())
//
// [TCP] and [Ping] look from where the test runs.
//
// Passwords and private keys are in no error and no log, also when a command holds the password.
package remote
