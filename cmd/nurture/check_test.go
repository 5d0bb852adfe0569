package main

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// soundRules is a workspace without problems.
const soundRules = `project "acme" { timezone = "Asia/Tokyo" }

lead {
  key = "email"

  text "email" { required = true }
}

score "interest" {
  label = "興味度"

  rule "inquiry" {
    on     = event.inquired
    points = 60
  }
}

event "inquired" {}
`

// askingRules is what follows them, with a condition that may be wrong.
func askingRules(condition string) string {
	return soundRules + "\nsegment \"𠮷野家\" { when = \"" + condition + "\" }\n"
}

// checkIn runs check in a folder with one file.
func checkIn(t *testing.T, rules string, args ...string) (code int, out, errs string) {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "規則 1.hcl"), []byte(rules), 0o644); err != nil {
		t.Fatal(err)
	}
	var o, e bytes.Buffer
	code = run(t.Context(), append([]string{"check", dir}, args...), strings.NewReader(""), &o, &e)
	return code, o.String(), e.String()
}

// TestSARIF holds the log against the schema's rules: what must be there is, rule
// indexes point at their rules, regions lie in their files and hold their words,
// counted in UTF-16.
func TestSARIF(t *testing.T) {
	t.Parallel()
	for _, lang := range []string{"en", "ja"} {
		rules := askingRules("'𠮷' != '' and score.intrest >= 70")
		code, out, errs := checkIn(t, rules, "--sarif", "--lang", lang)
		if code != exitInvalid || errs != "" {
			t.Errorf("exit %d, %s", code, errs)
		}
		var log sarifLog
		d := json.NewDecoder(strings.NewReader(out))
		d.DisallowUnknownFields()
		if err := d.Decode(&log); err != nil {
			t.Fatal(err)
		}
		checkSARIF(t, &log, rules)
		r := log.Runs[0]
		if r.Language != lang || len(r.Results) != 1 || r.Results[0].Level != "error" || r.Results[0].RuleID != "N021" {
			t.Errorf("results %+v", r.Results)
		}
		at := r.Results[0].Locations[0]
		if at.Physical.Region.Snippet.Text != "intrest" || at.Physical.Artifact.Base != "WORKSPACE" || at.Physical.Artifact.URI != "%E8%A6%8F%E5%89%87%201.hcl" {
			t.Errorf("it points at %+v", at.Physical)
		}
		if help := r.Tool.Driver.Rules[0].Help; !strings.Contains(help.Text, "Unknown name") || !strings.Contains(help.Text, "知らない名前") || help.Markdown == "" {
			t.Errorf("help %+v", help)
		}
	}
}

func checkSARIF(t *testing.T, log *sarifLog, src string) {
	t.Helper()
	if log.Version != "2.1.0" || !strings.Contains(log.Schema, "sarif-2.1.0") || len(log.Runs) != 1 {
		t.Fatalf("version %s, %d runs", log.Version, len(log.Runs))
	}
	run := log.Runs[0]
	if run.ColumnKind != "utf16CodeUnits" || run.Tool.Driver.Name == "" || run.Results == nil || len(run.Invocations) != 1 {
		t.Errorf("run %+v", run)
	}
	for _, r := range run.Results {
		if r.RuleIndex < 0 || r.RuleIndex >= len(run.Tool.Driver.Rules) || run.Tool.Driver.Rules[r.RuleIndex].ID != r.RuleID || r.Message.Text == "" {
			t.Errorf("result %+v", r)
		}
		for _, l := range r.Locations {
			at := l.Physical.Region
			if at.StartLine < 1 || at.StartColumn < 1 || at.EndLine < at.StartLine || at.EndLine == at.StartLine && at.EndColumn < at.StartColumn {
				t.Errorf("region %+v", at)
			}
			var units []rune // of a line whose one long character takes two
			for _, c := range strings.Split(src, "\n")[at.StartLine-1] {
				units = append(units, c)
				if c > 0xffff {
					units = append(units, 0)
				}
			}
			if got := string(units[at.StartColumn-1 : at.EndColumn-1]); got != at.Snippet.Text {
				t.Errorf("the region holds %q, the snippet is %q", got, at.Snippet.Text)
			}
		}
	}
	for _, r := range run.Tool.Driver.Rules {
		if r.ID == "" || r.Short.Text == "" || r.Full.Text == "" || r.Help.Text == "" {
			t.Errorf("rule %+v", r)
		}
	}
}

// A sound workspace has a log without results; notes alone are no failure.
func TestSARIFOfSoundRules(t *testing.T) {
	t.Parallel()
	code, out, _ := checkIn(t, soundRules, "--sarif")
	if code != exitFine || !strings.Contains(out, `"results": []`) {
		t.Errorf("exit %d: %s", code, out)
	}
	if code, out, _ := checkIn(t, soundRules, "--sarif", "--json"); code != exitFailed || !strings.Contains(out, "leave --json") {
		t.Errorf("both forms at once: exit %d, %s", code, out)
	}
}

// TestCheckWatch lets a file change under check --watch, and back; the clock moves
// when the test says so.
func TestCheckWatch(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "a.hcl")
	write := func(rules string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(rules), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write(soundRules)
	said := make(saidLines, 1024)
	waits := make(chan chan time.Time, 1024)
	after := func(time.Duration) <-chan time.Time {
		ch := make(chan time.Time, 1)
		waits <- ch
		return ch
	}
	ctx, stop := context.WithCancel(t.Context())
	c := &cli{out: said, err: said, lang: "en", log: slog.New(slog.DiscardHandler)}
	ended := make(chan error, 1)
	go func() { ended <- c.watchCheck(ctx, dir, after) }()
	until := func(word string) {
		t.Helper()
		for {
			select {
			case wait := <-waits:
				wait <- time.Time{} // the quiet time is over
			case line := <-said:
				if strings.Contains(line, word) {
					return
				}
			case <-t.Context().Done():
				t.Fatalf("%q never came", word)
			}
		}
	}
	until("no problems")
	write(askingRules("score.intrest >= 70"))
	until("────")
	until("1 error")
	write(askingRules("score.interest >= 70"))
	until("no problems")
	stop()
	if err := <-ended; err != nil {
		t.Errorf("it ended with %v", err)
	}
}

// saidLines hands on what is printed.
type saidLines chan string

// Write implements io.Writer.
func (s saidLines) Write(p []byte) (int, error) {
	s <- string(p)
	return len(p), nil
}

func TestWatchNeedsAFolder(t *testing.T) {
	t.Parallel()
	var out, errs bytes.Buffer
	if code := run(t.Context(), []string{"check", "--watch", filepath.Join(t.TempDir(), "no")}, strings.NewReader(""), &out, &errs); code != exitInvalid {
		t.Errorf("exit %d, %s", code, errs.String())
	}
}
