package result

import "encoding/json"

// encode returns e as a line of `go test -json`, with action as its Action.
func encode(action string, e *Event) []byte {
	line, err := json.Marshal(struct {
		Time       string `json:",omitempty"`
		Action     string
		Package    string `json:",omitempty"`
		Test       string `json:",omitempty"`
		ImportPath string `json:",omitempty"`
		Elapsed    float64
		Output     string `json:",omitempty"`
	}{string(e.Time), action, string(e.Package), string(e.Test), string(e.ImportPath), e.Elapsed, string(e.Output)})
	if err != nil {
		return nil // strings and a finite number
	}
	return line
}
