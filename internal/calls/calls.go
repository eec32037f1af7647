// Package calls is the format of the call log: the files in which the test processes of a run leave what they
// asked the cloud, and what it answered.
//
// A process writes one file, PID-WORD.jsonl, in the folder of the run. Each line is a JSON object, of the kind
// that its field "t" names; a reader leaves out kinds and fields that it does not know. The first line is a
// [Head], most others are a [Call]. A process that was killed may leave a last line without its end, which is
// no fault of the file. Nothing in a file is a secret.
package calls

import (
	"net/http"
	"time"
)

// Version is the version of the format. It is raised when a reader of the one before would misread it.
const Version = 1

// Kinds of lines.
const (
	kindHead  = "head"
	kindCall  = "call"
	kindLimit = "limit"
)

// Suffix is what the names of the files end in.
const Suffix = ".jsonl"

// Head says whose file this is.
type Head struct {
	Version   int       `json:"version"`       // [Version] of the writer
	Run       string    `json:"run,omitempty"` // identifier of the run; none under plain go test
	Program   string    `json:"program"`       // import path of the package whose tests these are
	Cloud     string    `json:"cloud"`         // what the tests ran against, for people
	PID       int       `json:"pid"`
	Time      time.Time `json:"time"`
	BodyLimit int       `json:"body_limit"` // bytes of each body that are kept, at most
	Limit     int64     `json:"limit"`      // bytes of the file, at most
}

// Call is one request that was sent, or that an ordered fault kept from it, and what came back.
type Call struct {
	Test    string    `json:"test"`              // TestName/subtest
	Who     string    `json:"who,omitempty"`     // persona; "admin" for testlib itself; none for a client without
	Service string    `json:"service,omitempty"` // type in the catalogue; none for what is not in it
	Method  string    `json:"method"`
	URL     string    `json:"url"`
	Status  int       `json:"status,omitempty"` // none without an answer
	Start   time.Time `json:"start"`
	Seconds float64   `json:"seconds"`           // until the answer was there; of a long one, its start
	Attempt int       `json:"attempt,omitempty"` // of a call that was retried: 2 for the first retry
	Request string    `json:"request,omitempty"` // identifier that the service gave the request
	Global  string    `json:"global,omitempty"`  // identifier that was sent, the same for each attempt

	// Fault is set when the answer is not the cloud's: what an ordered fault did.
	Fault string `json:"fault,omitempty"`
	Error string `json:"error,omitempty"` // why there is no answer

	Sent     *Message `json:"sent,omitempty"`     // none beyond [Limit]
	Received *Message `json:"received,omitempty"` // none without an answer
}

// Message is the headers and the body of a request or of an answer.
type Message struct {
	Header http.Header `json:"header,omitempty"`
	Body   string      `json:"body,omitempty"` // the start of it; none of what is no text
	Size   int64       `json:"size"`           // of the whole body in bytes, as far as it is known; else -1
	Cut    bool        `json:"cut,omitempty"`  // whether Body is less than that
}

// Limit says that from here on something is left out, because the file is as large as it may be.
type Limit struct {
	Without string `json:"without"` // [WithoutMessages] or [WithoutCalls]
	Size    int64  `json:"size"`    // of the file, in bytes
}

// What a file is without from a [Limit] on.
const (
	WithoutMessages = "messages" // calls have no headers and bodies
	WithoutCalls    = "calls"    // nothing follows
)

// ID returns how `tempest list` names the test of a call of a file: import/path.TestName/subtest.
func (h Head) ID(c *Call) string {
	if h.Program == "" {
		return c.Test
	}
	return h.Program + "." + c.Test
}
