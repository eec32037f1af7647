package runner

import (
	"errors"
	"os"
)

// openBuilds is not called: without a shell nothing takes a place.
func openBuilds(string, int) (*os.File, error) { return nil, errors.ErrUnsupported }
