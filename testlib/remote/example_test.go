package remote_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/gotempest/tempest/testlib/remote"
	"github.com/gotempest/tempest/testlib/wait"
)

func ExampleNewKey() {
	key, err := remote.NewKey(remote.Ed25519)
	if err != nil {
		log.Fatal(err)
	}
	public := key.Public() // for keypairs.CreateOpts{PublicKey: …}
	fmt.Println(public[:len("ssh-ed25519")])
	// Output: ssh-ed25519
}

func ExampleDial() {
	ctx := context.Background() // in a test: e.Context()
	guest, err := remote.Dial(ctx, remote.Options{
		Address: "192.0.2.7", User: "cirros", Password: "gocubsgo",
		Wait: wait.Options{Timeout: 5 * time.Minute}, Log: log.Printf,
	})
	if err != nil {
		log.Fatal(err)
	}
	defer guest.Close()
	disks, err := guest.Disks(ctx)
	if err != nil {
		log.Fatal(err)
	}
	for _, d := range disks {
		fmt.Println(d.Name, d.Size, d.Mountpoint)
	}
}

// A server that only another one reaches.
func ExampleDial_throughAnotherHost() {
	ctx := context.Background()
	keys := &remote.HostKeys{} // remembers both hosts
	gateway, err := remote.Dial(ctx, remote.Options{Address: "192.0.2.7", User: "debian", Agent: true, HostKeys: keys})
	if err != nil {
		log.Fatal(err)
	}
	defer gateway.Close()
	inner, err := remote.Dial(ctx, remote.Options{
		Address: "10.0.0.12", User: "debian", Agent: true, HostKeys: keys, Via: gateway,
	})
	if err != nil {
		log.Fatal(err)
	}
	defer inner.Close()
	if _, err := inner.Ping(ctx, "10.0.0.1", remote.PingOptions{}); err != nil {
		log.Fatal(err)
	}
}

func ExampleQuote() {
	fmt.Println("cat " + remote.Quote("it's a file"))
	// Output: cat 'it'\''s a file'
}
