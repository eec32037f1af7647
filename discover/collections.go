package discover

import (
	"fmt"
	"strings"
)

// Collection is a list of a plugin's service by which what its tests leave is found.
type Collection struct {
	Service string // type, as in the catalogue: "trips"
	Path    string // behind the endpoint and its version: "/launches"
	Key     string // member of the answer that is the list; empty when the answer is the list
}

// fewest and most words of a collection in a marker.
const (
	fewestWords = 2
	mostWords   = 3
)

// collections reads the constant Collections of a marker: "SERVICE PATH KEY; SERVICE PATH KEY".
func (r markerReader) collections() ([]Collection, *problem) {
	text, p := r.text("Collections", "")
	if p != nil {
		return nil, p
	}
	var list []Collection
	for entry := range strings.SplitSeq(text, ";") {
		words := strings.Fields(entry)
		if len(words) == 0 {
			continue
		}
		if len(words) < fewestWords || len(words) > mostWords || !strings.HasPrefix(words[1], "/") {
			return nil, r.bad(r.scope.Lookup("Collections"), fmt.Sprintf("%q in Collections is no collection", entry),
				`write the type of the service, a path and the key of the list: "trips /launches launches"`)
		}
		c := Collection{Service: words[0], Path: words[1]}
		if len(words) == mostWords {
			c.Key = words[2]
		}
		list = append(list, c)
	}
	return list, nil
}
