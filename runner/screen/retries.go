package screen

import (
	"strconv"

	"github.com/gotempest/tempest/internal/protocol"
	"github.com/gotempest/tempest/runner/result"
)

// retried says how many calls were made again: tests that pass hide what is wrong with the cloud.
func (s *summary) retried() {
	sum := 0
	tests := s.results(func(r *result.Result) bool {
		n := retries(r)
		sum += n
		return n > 0
	})
	if sum > 0 {
		s.printf("\n%s, in %s; tempest calls --retried shows them\n", were(sum), count(len(tests), "test"))
	}
}

func were(n int) string {
	if n == 1 {
		return "1 call was made again"
	}
	return strconv.Itoa(n) + " calls were made again"
}

// retries returns how many calls of a test were made again.
func retries(r *result.Result) int {
	n, err := strconv.Atoi(r.Attr(protocol.AttrRetries))
	if err != nil { // none, or one that a test made up
		return 0
	}
	return max(0, n)
}
