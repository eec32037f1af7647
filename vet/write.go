package vet

import (
	"go/ast"
	"go/constant"
	"go/types"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ast/astutil"
)

// writeRule wants tests to leave their folder alone.
func writeRule() Rule {
	return rule("write", "tests write into no folder of their own source: in a plugin it is the read-only module cache",
		"write below t.TempDir(), and name files by their whole path", checkWrites)
}

// pathOfWriter is the index of the argument of a function that names what it makes or changes, -1 for other functions.
func pathOfWriter(fn *types.Func) int {
	switch {
	case isPackageFunc(fn, "os", "WriteFile", "Create", "Mkdir", "MkdirAll", "MkdirTemp", "CreateTemp", "OpenFile",
		"Truncate", "Remove", "RemoveAll", "CopyFS", "Chmod", "Chtimes"),
		isPackageFunc(fn, "io/ioutil", "WriteFile", "TempDir", "TempFile"):
		return 0
	case isPackageFunc(fn, "os", "Symlink", "Link", "Rename"):
		return 1
	}
	return -1
}

func checkWrites(p *analysis.Pass) {
	writers := localWriters(p)
	for _, file := range p.Files {
		if !ofSuite(p, file) {
			continue
		}
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			fn := callee(p, call)
			if fn != nil && isPackageFunc(fn, "os", "Chdir") {
				p.Reportf(call.Pos(), "os.Chdir is for the whole process, and for all tests that run beside this one")
			}
			arg := writtenPath(p, writers, call)
			if arg == nil || updatesGolden(p, file, call) || leavesFolder(p, file, call) {
				return true
			}
			if path, ok := relativePath(p, file, arg); ok {
				p.Reportf(call.Pos(), "%s.%s writes to %q in the folder of the test", fn.Pkg().Name(), fn.Name(), path)
			}
			return true
		})
	}
}

// writtenPath is the argument of a call that names what it writes, nil when it writes nothing.
func writtenPath(p *analysis.Pass, writers map[*types.Func]int, call *ast.CallExpr) ast.Expr {
	fn := callee(p, call)
	if fn == nil {
		return nil
	}
	i := pathOfWriter(fn)
	if n, ok := writers[fn.Origin()]; ok {
		i = n
	}
	if i < 0 || i >= len(call.Args) || fn.Name() == "OpenFile" && readsOnly(p, fn, call) {
		return nil
	}
	return call.Args[i]
}

// localWriters are the functions of the package that write to a file which a parameter names, with its index.
func localWriters(p *analysis.Pass) map[*types.Func]int {
	writers := map[*types.Func]int{}
	decls := declarations(p)
	for more := true; more; {
		more = false
		for fn, decl := range decls {
			if _, known := writers[fn]; known {
				continue
			}
			if i := writesParam(p, writers, fn, decl); i >= 0 {
				writers[fn], more = i, true
			}
		}
	}
	return writers
}

// writesParam is the index of the parameter that names a file which the function writes, -1 when there is none.
func writesParam(p *analysis.Pass, writers map[*types.Func]int, fn *types.Func, decl *ast.FuncDecl) int {
	found := -1
	ast.Inspect(decl.Body, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok || found >= 0 {
			return found < 0
		}
		arg := writtenPath(p, writers, call)
		if id := identOf(arg); id != nil {
			for i := range fn.Signature().Params().Len() {
				if p.TypesInfo.Uses[id] == fn.Signature().Params().At(i) && !assigned(p, decl, p.TypesInfo.Uses[id]) {
					found = i
				}
			}
		}
		return true
	})
	return found
}

// relativePath returns a path that is known to be relative, as much of it as is known.
func relativePath(p *analysis.Pass, file *ast.File, e ast.Expr) (string, bool) {
	e = ast.Unparen(definition(p, file, e))
	if path, ok := constantString(p, e); ok {
		return path, path != "" && !isRooted(path)
	}
	switch x := e.(type) {
	case *ast.BinaryExpr: // "out/" + name
		return relativePath(p, file, x.X)
	case *ast.CallExpr:
		fn := callee(p, x)
		if fn == nil || len(x.Args) == 0 {
			return "", false
		}
		switch {
		case isPackageFunc(fn, "path/filepath", "Join", "Clean", "FromSlash"), isPackageFunc(fn, "path", "Join", "Clean"):
			return relativePath(p, file, x.Args[0])
		case isPackageFunc(fn, "fmt", "Sprintf"):
			path, ok := relativePath(p, file, x.Args[0])
			return path, ok && !strings.HasPrefix(path, "%")
		}
	}
	return "", false
}

// isRooted reports whether a path is absolute on some system.
func isRooted(path string) bool {
	return strings.HasPrefix(path, "/") || strings.HasPrefix(path, `\`) || len(path) > 1 && path[1] == ':'
}

// readsOnly reports whether os.OpenFile opens for reading.
func readsOnly(p *analysis.Pass, fn *types.Func, call *ast.CallExpr) bool {
	if len(call.Args) < 2 || p.TypesInfo.Types[call.Args[1]].Value == nil {
		return false
	}
	flags, _ := constant.Int64Val(constant.ToInt(p.TypesInfo.Types[call.Args[1]].Value))
	for _, name := range []string{"O_WRONLY", "O_RDWR", "O_APPEND", "O_CREATE", "O_TRUNC"} {
		c, ok := fn.Pkg().Scope().Lookup(name).(*types.Const)
		if !ok {
			return false
		}
		if bit, _ := constant.Int64Val(constant.ToInt(c.Val())); flags&bit != 0 {
			return false
		}
	}
	return true
}

// updatesGolden reports whether a call runs only when a flag of the test binary, as -update, asks for it: then the
// author rewrites what the test compares with.
func updatesGolden(p *analysis.Pass, file *ast.File, call *ast.CallExpr) bool {
	path, _ := astutil.PathEnclosingInterval(file, call.Pos(), call.Pos())
	for _, n := range path {
		s, ok := n.(*ast.IfStmt)
		if !ok {
			continue
		}
		star, ok := ast.Unparen(s.Cond).(*ast.StarExpr)
		if ok && s.Body.Pos() <= call.Pos() && call.End() <= s.Body.End() {
			if v, ok := p.TypesInfo.Uses[identOf(star.X)].(*types.Var); ok && v.Parent() == p.Pkg.Scope() {
				return true
			}
		}
	}
	return false
}

// leavesFolder reports whether the function that a call is in changes to another folder with Chdir of the testing.T.
func leavesFolder(p *analysis.Pass, file *ast.File, call *ast.CallExpr) bool {
	path, _ := astutil.PathEnclosingInterval(file, call.Pos(), call.Pos())
	found := false
	for _, n := range path {
		decl, ok := n.(*ast.FuncDecl)
		if !ok {
			continue
		}
		ast.Inspect(decl, func(n ast.Node) bool {
			if c, ok := n.(*ast.CallExpr); ok {
				fn := callee(p, c)
				found = found || fn != nil && fn.Name() == "Chdir" && fn.Pkg() != nil && fn.Pkg().Path() == "testing"
			}
			return !found
		})
	}
	return found
}
