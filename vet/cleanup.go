package vet

import (
	"go/ast"
	"go/types"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/tools/go/analysis"
)

// gophercloudPath is the module of the clients.
const gophercloudPath = "github.com/gophercloud/gophercloud/v2"

// cleanupRule wants things to be removed by testlib.
func cleanupRule() Rule {
	return rule("cleanup", "what a test makes is removed by e.Cleanup, which runs also after Ctrl-C, "+
		"and fails the test when it cannot",
		"register e.Cleanup right after the creation", checkCleanup)
}

func checkCleanup(p *analysis.Pass) {
	t := newTracer(p, deletesInCloud, func(call *ast.CallExpr) bool {
		return !isTestlib(callee(p, call), "Env", "Cleanup")
	})
	for _, file := range p.Files {
		if !ofSuite(p, file) {
			continue
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				if isTestlib(callee(p, n), "Env", "Cleanup") {
					return false // its function may remove as it likes
				}
				checkTestingCleanup(p, t, n)
			case *ast.DeferStmt:
				if name := t.first(n.Call); name != "" {
					p.Reportf(n.Pos(), "a deferred %s does not run when the process is interrupted, "+
						"and its context is that of the test, which has ended", name)
				}
			}
			return true
		})
	}
}

// checkTestingCleanup finds deletes that are given to Cleanup of a testing.T.
func checkTestingCleanup(p *analysis.Pass, t *tracer, call *ast.CallExpr) {
	fn := callee(p, call)
	if fn == nil || fn.Pkg() == nil || fn.Pkg().Path() != "testing" || fn.Name() != "Cleanup" || len(call.Args) != 1 {
		return
	}
	if name := t.argument(call.Args[0]); name != "" {
		p.Reportf(call.Pos(), "%s in Cleanup of the testing.T fails no test when it cannot, "+
			"and the context of the test has ended by then", name)
	}
}

// deletesInCloud reports whether a function has the name of one that deletes, and takes a client of a service.
func deletesInCloud(fn *types.Func) bool {
	verbs := []string{"Delete", "Remove", "Destroy", "Purge", "Terminate", "Unassign", "Revoke"}
	return fn.Pkg() != nil && takesClient(fn.Signature()) && slices.ContainsFunc(verbs, func(verb string) bool {
		_, rest, ok := strings.Cut(fn.Name(), verb)
		next, _ := utf8.DecodeRuneInString(rest)
		return ok && !unicode.IsLower(next) // not one that waits for what is Deleted
	})
}

// takesClient reports whether a function gets a client of a service: as a parameter, as its receiver, or in that.
func takesClient(sig *types.Signature) bool {
	for v := range sig.Params().Variables() {
		if isClient(v.Type()) {
			return true
		}
	}
	recv := sig.Recv()
	if recv == nil {
		return false
	}
	t := recv.Type()
	if ptr, ok := t.Underlying().(*types.Pointer); ok {
		t = ptr.Elem()
	}
	if isClient(t) {
		return true
	}
	s, ok := t.Underlying().(*types.Struct)
	for i := 0; ok && i < s.NumFields(); i++ {
		if isClient(s.Field(i).Type()) {
			return true
		}
	}
	return false
}

// isClient reports whether t is a client of gophercloud, or a pointer to one.
func isClient(t types.Type) bool {
	if ptr, ok := types.Unalias(t).(*types.Pointer); ok {
		t = ptr.Elem()
	}
	return isNamed(t, gophercloudPath, "ServiceClient") || isNamed(t, gophercloudPath, "ProviderClient")
}
