package report

import (
	"io"

	"github.com/gotempest/tempest/runner/result"
)

// JUnitOptions configures [JUnit].
type JUnitOptions struct {
	// Cap is how many bytes of output each case holds. 0 means 256 KiB.
	Cap int
}

// JUnit writes r as JUnit XML.
func JUnit(w io.Writer, r *result.Report, o JUnitOptions) error {
	_, err := io.WriteString(w, "<testsuites></testsuites>\n")
	return err
}
