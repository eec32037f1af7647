// Copyright somebody.

//go:build tempest && !slow

package tag

import "github.com/gotempest/tempest/testlib"

var _ testlib.Persona
