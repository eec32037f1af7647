package tag // want `its build constraint does not name tempest`

import (
	"testing"

	"plugin/hidden/helpers"
)

func TestWrapper(t *testing.T) { helpers.With(t) }
