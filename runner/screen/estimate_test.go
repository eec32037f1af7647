package screen

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

func TestProgressSaysHowLongTheRunStillTakes(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	var out bytes.Buffer
	s, err := New(&out, Options{
		Format: "none", Progress: true, Total: 3, Width: 200, Workers: 2, Now: func() time.Time { return now },
		Expect: map[string]time.Duration{
			"p.TestLong": 10 * time.Minute, "p.TestA": 4 * time.Minute, "p.TestB": 8 * time.Minute,
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	steps := []struct {
		after time.Duration
		event string
		want  string
	}{
		{0, `"run","Package":"p","Test":"TestA"`, "about 11 minutes left"}, // 22 minutes of work for two
		{2 * time.Minute, `"pause","Package":"p","Test":"TestA"`, "about 11 minutes left"},
		{0, `"cont","Package":"p","Test":"TestA"`, "about 11 minutes left"},
		{0, `"run","Package":"p","Test":"TestA/sub"`, "about 11 minutes left"},
		{2 * time.Minute, `"run","Package":"p","Test":"TestLong"`, "about 10 minutes left"},
		{time.Minute, `"pass","Package":"p","Test":"TestA"`, "about 9 minutes left"},
		{0, `"pass","Package":"p","Test":"TestB"`, "about 9 minutes left"}, // the longest decides
		{8 * time.Minute, `"run","Package":"p","Test":"TestNew"`, "about 60 seconds left"},
		{time.Hour, `"pass","Package":"p","Test":"TestNew"`, "a few seconds left"}, // longer than ever
	}
	for _, step := range steps {
		now = now.Add(step.after)
		out.Reset()
		if _, err := s.Write([]byte(`{"Action":` + step.event + "}\n")); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(out.String(), step.want) {
			t.Errorf("after %s: %q, want %q", step.event, out.String(), step.want)
		}
	}
	out.Reset()
	if _, err := s.Write([]byte(`{"Action":"pass","Package":"p","Test":"TestLong"}` + "\n")); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(out.String(), "left") {
		t.Errorf("at the end: %q", out.String())
	}
}

func TestProgressWithoutTimesSaysNothingOfThem(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	s, err := New(&out, Options{Format: "none", Progress: true, Total: 1, Workers: 2})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Write([]byte(`{"Action":"run","Package":"p","Test":"TestA"}` + "\n")); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(out.String(), "left") {
		t.Errorf("%q", out.String())
	}
}

func TestATestRunsWhenItHasWaitedForItsTurn(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	var out bytes.Buffer
	s, err := New(&out, Options{
		Format: "none", Progress: true, Total: 2, Width: 200, Workers: 1, Now: func() time.Time { return now },
		Turns: map[string]bool{"p.TestA": true}, Expect: map[string]time.Duration{"p.TestA": 10 * time.Minute},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct{ event, want, not string }{
		{`"run","Test":"TestA"`, "about 10 minutes left", "running"},
		{`"cont","Test":"TestA"`, "about 10 minutes left", "running"},
		{`"output","Test":"TestA","Output":"=== ATTR  TestA id wait\n"`, "about 10 minutes left", "running"},
		{`"output","Test":"TestA","Output":"=== ATTR  TestA wait 5m0s\n"`, "running TestA", "no such"},
		{`"run","Test":"TestB"`, "about 5 minutes left; running TestA, TestB", "no such"},
	} {
		out.Reset()
		if _, err := s.Write([]byte(`{"Package":"p","Action":` + step.event + "}\n")); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(out.String(), step.want) || strings.Contains(out.String(), step.not) {
			t.Errorf("after %s: %q, want %q", step.event, out.String(), step.want)
		}
		if strings.Contains(step.event, "wait 5m") {
			now = now.Add(5 * time.Minute)
		}
	}
}
