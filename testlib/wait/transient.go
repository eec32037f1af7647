package wait

import (
	"errors"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/gophercloud/gophercloud/v2"
)

// passing are the answers of a service that will be back.
var passing = []int{
	http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout,
}

// cutOff are the errors of a connection that may work the next time.
var cutOff = []error{
	io.EOF, io.ErrUnexpectedEOF, syscall.ECONNRESET, syscall.ECONNREFUSED, syscall.ECONNABORTED, syscall.EPIPE,
}

// transient reports whether err may be gone at the next look.
func transient(err error) bool {
	if answer, ok := errors.AsType[gophercloud.ErrUnexpectedResponseCode](err); ok {
		return slices.Contains(passing, answer.Actual)
	}
	if slices.ContainsFunc(cutOff, func(e error) bool { return errors.Is(err, e) }) {
		return true
	}
	timeout, ok := errors.AsType[net.Error](err)
	return ok && timeout.Timeout()
}

// longestRetryAfter bounds what a service may ask for.
const longestRetryAfter = time.Minute

// retryAfter is how long the service asks to be left alone, 0 when it does not say.
func retryAfter(err error) time.Duration {
	answer, ok := errors.AsType[gophercloud.ErrUnexpectedResponseCode](err)
	if !ok {
		return 0
	}
	value := answer.ResponseHeader.Get("Retry-After")
	if at, err := http.ParseTime(value); err == nil {
		return min(max(time.Until(at), 0), longestRetryAfter)
	}
	seconds, err := strconv.ParseUint(strings.TrimSpace(value), 10, 32)
	if err != nil {
		return 0
	}
	return min(time.Duration(seconds)*time.Second, longestRetryAfter)
}

// requestID is the id that the service gave the call that err reports, "" when there is none.
func requestID(err error) string {
	answer, ok := errors.AsType[gophercloud.ErrUnexpectedResponseCode](err)
	if !ok {
		return ""
	}
	for _, name := range []string{"X-Openstack-Request-Id", "X-Compute-Request-Id", "X-Trans-Id"} {
		if id := answer.ResponseHeader.Get(name); id != "" {
			return id
		}
	}
	return ""
}
