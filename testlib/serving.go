package testlib

import (
	"github.com/gotempest/tempest/testlib/data"
)

// Serve starts an HTTP server for data that the image service fetches, at the address that [image] import_address
// names. It ends with the test, and logs what is fetched. Without that option the test is skipped, except on the
// embedded cloud, which reaches loopback.
//
//	url := e.Serve().Add("image.raw", data.File{Data: data.NewBlob(e.Rand(), 1<<20)})
func (e *Env) Serve() *data.Server {
	e.Helper()
	address := e.session.Core.Image.ImportAddress
	if address == "" && !e.Embedded() {
		e.Skip("[image] import_address does not say where the image service reaches this machine")
	}
	s, err := data.NewServer(e.ctx, data.ServerOptions{Address: address, Log: e.Logf})
	if err != nil {
		e.Fatal(err)
	}
	e.T.Cleanup(func() {
		if err := s.Close(); err != nil {
			e.Error(err)
		}
	})
	return s
}
