package tag

import "testing"

func TestUnit(*testing.T) {}
