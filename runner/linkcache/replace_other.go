//go:build !unix

package linkcache

// replace runs the tool beside this process: the system cannot do more.
func replace(tool string, args []string) int { return run(tool, args) }
