//go:build !(linux || darwin || freebsd || netbsd || openbsd || dragonfly)

package turn

import (
	"errors"
	"os"
)

// bell is what a process that waits is told by. There is none here.
type bell struct{}

func newBell(string, func()) (*bell, error)          { return nil, errors.ErrUnsupported }
func (*bell) close()                                 {}
func ring(string) error                              { return errors.ErrUnsupported }
func whileLocked(*os.File, bool, func() error) error { return errors.ErrUnsupported }
