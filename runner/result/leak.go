package result

// Leak is something that a test has left in the cloud, found when the run had ended.
type Leak struct {
	Package string // import path
	Test    string // name, with those of its parents
	Thing   string // what it is: `server "…" (ID)`

	// Reason says why it is still there; empty when the run has removed it.
	Reason string
}

// Text says what was left and what became of it.
func (l Leak) Text() string {
	if l.Reason == "" {
		return l.Thing + " was left behind; it is removed"
	}
	return l.Thing + " was left behind, and is still there: " + l.Reason
}
