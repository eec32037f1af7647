package ledger

import (
	"encoding/json"
	"fmt"
)

// Values of the member "t".
const (
	lineHead   = "head"
	lineIntent = "intent"
	lineMade   = "made"
	lineNone   = "none"
	lineLost   = "lost"
	lineGoing  = "going"
	lineGone   = "gone"
)

// headLine and intentLine are the two kinds of lines that hold much.
type headLine struct {
	T string `json:"t"`
	Head
}

type intentLine struct {
	T string `json:"t"`
	N int    `json:"n"`
	Intent
}

// line is any other line. The members that a kind does not have are absent.
type line struct {
	T      string  `json:"t"`
	N      int     `json:"n"`
	I      int     `json:"i,omitempty"`
	Why    string  `json:"why,omitempty"`
	Things []Thing `json:"things,omitempty"`
}

// encode returns v as one line. None of the types above can fail to be encoded.
func encode(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("ledger: encoding %T: %v", v, err))
	}
	return append(b, '\n')
}
