package supervise

import (
	"io"
	"testing"
)

func TestSinkSeesTheEndOfTheTestsHoweverItIsCut(t *testing.T) {
	t.Parallel()
	const whole = "=== RUN x\n\x16PASS\nmore"
	for _, size := range []int{1, 2, 3, 4, 5, 6, 7, len(whole)} {
		s := sink{out: io.Discard}
		for at := 0; at < len(whole); at += size {
			_, _ = s.Write([]byte(whole[at:min(at+size, len(whole))]))
		}
		if !s.passed {
			t.Errorf("pieces of %d bytes: the end was not seen", size)
		}
	}
}

func TestSinkDoesNotTakeOtherWordsForTheEnd(t *testing.T) {
	t.Parallel()
	s := sink{out: io.Discard}
	for _, text := range []string{"PASS\n", "\x16PAS", "x", "S\n", "\x16", "PASS", " \n"} {
		_, _ = s.Write([]byte(text))
	}
	if s.passed {
		t.Error("the end was seen")
	}
}
