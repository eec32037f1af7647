package lazyregexp_test

import (
	"testing"

	"github.com/gotempest/tempest/internal/lazyregexp"
)

func TestNew(t *testing.T) {
	word := lazyregexp.New(`^[a-z]+$`)
	if !word().MatchString("abc") || word().MatchString("1") {
		t.Error("the expression does not match what it should")
	}
	if again := word(); again != word() {
		t.Error("compiled again at the second use")
	}
}

func TestCompiledAtItsFirstUse(t *testing.T) {
	broken := lazyregexp.New(`(`)
	defer func() {
		if recover() == nil {
			t.Error("a broken expression was compiled")
		}
	}()
	broken()
}
