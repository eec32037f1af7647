package result

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/gotempest/tempest/runner/plan"
)

func TestParse(t *testing.T) {
	const line = `{"Time":"2026-05-04T03:02:01.5Z","Action":"output","Package":"p/q","Test":"TestA","Elapsed":1.5e-1,` +
		`"Output":"a\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00\ud800x\u003c","Key":"k","Value":"v","Path":"/d",` +
		`"ImportPath":"p [p.test]","FailedBuild":"q","New":{"a":[1,-2.5E+3,true,false,null,"}"],"b":{}},"Other":[]}`
	var e Event

	if err := e.Parse([]byte(line)); err != nil {
		t.Fatal(err)
	}

	for field, got := range map[string][]byte{
		"output": e.Action, "p/q": e.Package, "TestA": e.Test, "k": e.Key, "v": e.Value, "/d": e.Path,
		"p [p.test]": e.ImportPath, "q": e.FailedBuild,
		"a\"\\/\b\f\n\r\té😀\ufffdx<": e.Output,
	} {
		if string(got) != field {
			t.Errorf("got %q, want %q", got, field)
		}
	}
	if e.Elapsed != 0.15 {
		t.Errorf("Elapsed = %v, want 0.15", e.Elapsed)
	}
	if want := time.Date(2026, 5, 4, 3, 2, 1, 5e8, time.UTC); !e.Started().Equal(want) {
		t.Errorf("Started = %v, want %v", e.Started(), want)
	}
}

func TestParseRefuses(t *testing.T) {
	for _, line := range []string{
		``, ` `, `{`, `{}`, `[]`, `"Action"`, `null`, `FAIL`, `{"Action":"run"`, `{"Action":"run"}}`, `{"Action":"run",}`,
		`{"Action":"run" "Test":"T"}`, `{"Action":1}`, `{"Action":null}`, `{"Action":""}`, `{"Action":"run","Elapsed":01}`,
		`{"Action":"run","Elapsed":"1"}`, `{"Action":"run","Elapsed":1.}`, `{"Action":"run","Elapsed":1e}`,
		`{"Action":"run","Elapsed":1e999}`, `{"Action":"run","X":+1}`, `{"Action":"run","X":nul}`,
		`{"Action":"r\q"}`, `{"Action":"r\u12"}`, `{"Action":"r\u12g4"}`, `{"Action":"r\ud800\u12"}`, "{\"Action\":\"r\n\"}",
		"{\"Action\":\"\\\n\"}", `{"Action":"run","X":` + strings.Repeat("[", 10000), `{Action:"run"}`, `{"Action":"run"} x`,
	} {
		var e Event
		if e.Parse([]byte(line)) == nil {
			t.Errorf("Parse accepted %.60q", line)
		}
	}
}

func TestParseCut(t *testing.T) {
	const whole = `{"ImportPath":"p","Action":"build-output","Output":"abc\n\u00e9\ud83d\ude00def"}`
	start := strings.Index(whole, "abc")
	for n := range len(whole) {
		var e Event
		err := e.ParseCut([]byte(whole[:n]))
		switch {
		case n > start+3 && n < len(whole)-3 && err != nil:
			t.Errorf("ParseCut(%s): %v", whole[:n], err)
		case n <= start && err == nil:
			t.Errorf("ParseCut(%s) took it for an event", whole[:n])
		case err == nil && !strings.HasPrefix("abc\né😀def", strings.TrimSuffix(string(e.Output), "\ufffd")):
			t.Errorf("ParseCut(%s) = %q", whole[:n], e.Output)
		}
	}
}

// FuzzParse holds Parse against encoding/json: they accept the same objects and
// find the same in them.
func FuzzParse(f *testing.F) {
	f.Add(`{"Time":"2026-05-04T03:02:01.5Z","Action":"run","Package":"p","Test":"TestA"}`)
	f.Add(`{"Action":"pass","Package":"p","Test":"TestA/b#01","Elapsed":0.5}`)
	f.Add(`{"Action":"output","Output":"\u001b[31m\ud83d\ude00\ud800\\\"\n"}`)
	f.Add(`{"ImportPath":"p [p.test]","Action":"build-output","Output":"x"}`)
	f.Add(`{"Action":"fail","FailedBuild":"p","x":[{"y":[1e3,null]}]}`)
	f.Add(`{"Action":"run","Action":null}`)
	f.Fuzz(func(t *testing.T, line string) {
		var e Event
		err := e.Parse([]byte(line))
		if !utf8.ValidString(line) {
			return // encoding/json replaces what is broken, Parse keeps it
		}
		var want jsonEvent
		jsonErr := json.Unmarshal([]byte(line), &want)
		if otherCase(line) || tooDeep(line) {
			return
		}
		if (err == nil) != (jsonErr == nil && want.Action != "") {
			t.Fatalf("Parse(%q) = %v, encoding/json says %v, action %q", line, err, jsonErr, want.Action)
		}
		if err == nil && e.strings() != want {
			t.Errorf("Parse(%q) found %+v, want %+v", line, e.strings(), want)
		}
	})
}

// jsonEvent is an Event for encoding/json.
type jsonEvent struct {
	Time, Action, Package, Test, Output, ImportPath, FailedBuild, Key, Value, Path string
	Elapsed                                                                        float64
}

// strings returns a copy of e.
func (e *Event) strings() jsonEvent {
	return jsonEvent{
		string(e.Time), string(e.Action), string(e.Package), string(e.Test), string(e.Output), string(e.ImportPath),
		string(e.FailedBuild), string(e.Key), string(e.Value), string(e.Path), e.Elapsed,
	}
}

// otherCase says whether line has a key that only encoding/json takes for one
// of an event, because it ignores case.
func otherCase(line string) bool {
	var keys map[string]json.RawMessage
	if json.Unmarshal([]byte(line), &keys) != nil {
		return false
	}
	for key := range keys {
		if (&Event{}).field([]byte(key)) == nil && key != "Elapsed" && folds(key) {
			return true
		}
	}
	return false
}

// tooDeep says whether line may nest more than Parse takes.
func tooDeep(line string) bool { return strings.Count(line, "[")+strings.Count(line, "{") > maxDepth }

// folds says whether encoding/json would take key for a field of an Event.
func folds(key string) bool {
	for _, name := range []string{
		"Time", "Action", "Package", "Test", "Output", "ImportPath", "FailedBuild", "Key", "Value", "Path", "Elapsed",
	} {
		if strings.EqualFold(key, name) {
			return true
		}
	}
	return false
}

// FuzzCollector reads any stream: it must not panic, and every planned test must
// be accounted for.
func FuzzCollector(f *testing.F) {
	f.Add(`{"Action":"run","Package":"p","Test":"TestA"}`+"\n"+`{"Action":"pass","Package":"p","Test":"TestA"}`+"\n", 10)
	f.Add("{\"Action\":\"fail\",\"Package\":\"p\",\"Test\":\"TestA/x\"}\nx\n{\"Action\":\"pass\",\"Package\":\"p\"}", 0)
	f.Fuzz(func(t *testing.T, stream string, size int) {
		c := NewCollector(fuzzPlan(), Options{Cap: max(1, size%100), Screen: &strings.Builder{}})
		if err := c.Read(strings.NewReader(stream)); err != nil {
			t.Fatal(err)
		}
		totals := c.Finish(End{}).Totals
		if totals.Planned != 2 || totals.Passed+totals.Skipped+totals.Failed+totals.Lost != 2+totals.Extra {
			t.Errorf("totals = %+v", totals)
		}
	})
}
func fuzzPlan() plan.Plan {
	return plan.Plan{Packages: []plan.Package{
		{Path: "p", Tests: []plan.Test{{Package: "p", Name: "TestA"}, {Package: "p", Name: "TestA/x"}}},
	}}
}
