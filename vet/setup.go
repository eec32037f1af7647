package vet

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
)

// setupRule wants no work before the tests.
func setupRule() Rule {
	return rule("setup", "nothing is set up before the tests: it would run when tests are listed, and cannot fail a test",
		"set up in the test, or in TestMain with testlib.Main", checkSetup)
}

func checkSetup(p *analysis.Pass) {
	t := newTracer(p, touches, func(call *ast.CallExpr) bool {
		fn := callee(p, call)
		return fn != nil && fn.FullName() == "(*sync.Once).Do"
	})
	for _, file := range p.Files {
		if !ofSuite(p, file) {
			continue
		}
		for _, decl := range file.Decls {
			switch d := decl.(type) {
			case *ast.FuncDecl:
				if d.Recv == nil && d.Name.Name == "init" && (isTest(p, file) || t.first(d.Body) != "") {
					p.Reportf(d.Pos(), "init runs before every test, also when the test is not selected")
				}
			case *ast.GenDecl:
				if d.Tok == token.VAR {
					checkGlobals(p, t, d)
				}
			}
		}
	}
}

// checkGlobals reports variables that are made by calls into the world, themselves or through functions of the package.
func checkGlobals(p *analysis.Pass, t *tracer, d *ast.GenDecl) {
	for _, spec := range d.Specs {
		for _, value := range spec.(*ast.ValueSpec).Values {
			ast.Inspect(value, func(n ast.Node) bool {
				call, ok := n.(*ast.CallExpr)
				if !ok {
					_, literal := n.(*ast.FuncLit)
					return !literal // it runs when it is called
				}
				if name := t.call(call); name != "" {
					p.Reportf(call.Pos(), "%s is called before every test, also when the test is not selected", name)
					return false
				}
				return true
			})
		}
	}
}

// touches reports whether a function reads or changes something outside of the process. Of packages that also compute,
// only what goes out counts.
func touches(fn *types.Func) bool {
	name := fn.Name()
	begins := func(words ...string) bool {
		return slices.ContainsFunc(words, func(w string) bool { return strings.HasPrefix(name, w) })
	}
	switch path := fn.Pkg().Path(); path {
	case "os":
		return receiverName(fn) == "" && !begins("Is", "New") && !slices.Contains([]string{
			"DirFS", "Expand", "Getegid", "Geteuid", "Getgid", "Getpagesize", "Getpid", "Getppid", "Getuid", "SameFile",
			"TempDir",
		}, name)
	case "os/exec":
		return begins("LookPath", "Run", "Start", "Output", "CombinedOutput")
	case "io/ioutil":
		return begins("Read", "Write", "Temp") && name != "ReadAll"
	case "net":
		return begins("Dial", "Listen", "Lookup", "Interface", "Resolve")
	case "net/http":
		return begins("Get", "Head", "Post", "Do", "ListenAnd", "Serve") && !isHeader(fn)
	case "net/http/httptest":
		return begins("NewServer", "NewTLSServer", "NewUnstartedServer")
	case testlibPath + "/config":
		return begins("Load", "Read", "Check")
	case testlibPath + "/embedded":
		return begins("Start")
	default:
		return strings.HasPrefix(path, gophercloudPath) && (takesClient(fn.Signature()) || begins("AuthOptionsFromEnv",
			"NewClient", "Authenticated") || strings.HasSuffix(path, "/config/clouds") && begins("Parse"))
	}
}

// isHeader reports whether fn is a method of http.Header, or of another type that holds values alone.
func isHeader(fn *types.Func) bool {
	return slices.Contains([]string{"Header", "Request", "Response", "ServeMux"}, receiverName(fn))
}
