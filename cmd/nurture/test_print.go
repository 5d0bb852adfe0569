package main

import (
	"fmt"
	"strings"

	"github.com/seed-456efde2/nurture/engine"
)

// printTests writes the results of a run, file by file.
func (c *cli) printTests(w *workspace, results []testResult, failures int) {
	lang := w.problems.Language
	if len(results) == 0 {
		fmt.Fprintln(c.out, words(lang, "no tests: write test blocks, in tests/*.hcl by custom", "テストがありません。tests/*.hcl に test ブロックを書いてください"))
		return
	}
	file := ""
	for i := range results {
		r := &results[i]
		if r.File != file {
			file = r.File
			fmt.Fprintln(c.out, file)
		}
		mark := "✓"
		if !r.Passed {
			mark = "✗"
		}
		fmt.Fprintf(c.out, "  %s %s %s, %s, %.0f ms\n", mark, pad(r.Name, 40),
			words(lang, plural(r.Events, "event", "events"), fmt.Sprintf("イベント%d件", r.Events)), longSpan(r.length, lang), r.Millis)
		if r.Never != nil {
			fmt.Fprintf(c.out, "    "+words(lang, "%d generated stories, %d events, seed %d", "生成した物語%d件、イベント%d件、シード%d")+"\n", r.Never.Streams, r.Never.Events, r.Never.Seed)
		}
		c.printFaults(w, r, lang)
	}
	fmt.Fprintf(c.out, words(lang, "%d passed, %d failed\n", "成功 %d、失敗 %d\n"), len(results)-failures, failures)
}

func (c *cli) printFaults(w *workspace, r *testResult, lang string) {
	for _, f := range r.Faults {
		after := ""
		if f.After != "" {
			after = words(lang, "after ", "経過 ") + f.After + " "
		}
		fmt.Fprintf(c.out, "    %s:%d  %s(%s)\n", f.File, f.Line, after, f.At)
		c.printExcerpt(w.Sources[f.File], &f)
	}
	if r.Error != "" {
		fmt.Fprintf(c.out, "    %s\n", r.Error)
	}
	if r.Never != nil && r.Never.Story != "" {
		fmt.Fprintf(c.out, "    "+words(lang, "found with --seed %d; the shortest story that shows it:", "--seed %d で見つかりました。これを示す最短の物語:")+"\n", r.Never.Seed)
		for line := range strings.Lines(r.Never.Story) {
			fmt.Fprint(c.out, "      "+line)
		}
	}
	if len(r.Trace) > 0 {
		fmt.Fprintln(c.out, "    "+words(lang, "What happened", "経過"))
		for _, line := range r.Trace {
			fmt.Fprintln(c.out, "      "+line)
		}
	}
}

// printExcerpt shows the line of an expectation with carets under its words, and
// what they were.
func (c *cli) printExcerpt(src []byte, f *testFault) {
	lines := strings.Split(string(src), "\n")
	if f.Line < 1 || f.Line > len(lines) {
		fmt.Fprintf(c.out, "      %s\n", f.Saw)
		return
	}
	line := strings.ReplaceAll(lines[f.Line-1], "\t", "    ")
	at := strings.Index(line, f.Condition)
	margin := fmt.Sprintf("%4d", f.Line)
	fmt.Fprintf(c.out, "    %s │ %s\n", margin, line)
	indent := strings.Repeat(" ", len(margin))
	if at >= 0 {
		before := strings.Repeat(" ", cells(line[:at]))
		fmt.Fprintf(c.out, "    %s │ %s%s\n", indent, before, strings.Repeat("^", max(1, cells(f.Condition))))
		fmt.Fprintf(c.out, "    %s │ %s%s\n", indent, before, f.Saw)
		return
	}
	fmt.Fprintf(c.out, "    %s │ %s\n", indent, f.Saw)
}

// longSpan is a length of virtual time in its two greatest units: "31 days",
// "16 hours".
func longSpan(s engine.Span, lang string) string {
	for _, u := range []struct {
		span     engine.Span
		one, ja  string
		withRest bool
	}{{engine.Day, "day", "日", true}, {engine.Hour, "hour", "時間", true}, {engine.Minute, "minute", "分", false}} {
		if s >= u.span {
			n := int(s / u.span)
			return words(lang, plural(n, u.one, u.one+"s"), fmt.Sprintf("%d%s", n, u.ja))
		}
	}
	return words(lang, "no time", "経過なし")
}
