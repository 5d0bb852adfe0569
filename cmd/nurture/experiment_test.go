package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed-456efde2/nurture/cmd/nurture/internal/httpd"
)

// Only what has settled is written.
func TestSettledArm(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name      string
		x         httpd.ExperimentDoc
		arm, want string
	}{
		{"collecting", httpd.ExperimentDoc{State: "collecting", Missing: 1, MinEach: 200, Leader: "a"}, "", "1 judged lead still to come until every arm has 200"},
		{"enough, and not sure", httpd.ExperimentDoc{State: "collecting", Leader: "a"}, "", "no arm is surely better yet"},
		{"same", httpd.ExperimentDoc{State: "same", Leader: "a"}, "", "by anything worth having"},
		{"mismatched", httpd.ExperimentDoc{State: "mismatched", Leader: "a"}, "", "did not get their shares"},
		{"contradictory", httpd.ExperimentDoc{State: "contradictory", Fault: "more answers than trials"}, "", "more answers than trials"},
		{"decided", httpd.ExperimentDoc{State: "decided", Leader: "a"}, "a", ""},
		{"decided before, and another leads now", httpd.ExperimentDoc{State: "collecting", Leader: "b", Winner: &httpd.WinDoc{Arm: "a"}}, "a", ""},
		{"stopped by a guard", httpd.ExperimentDoc{State: "stopped", Leader: "a", Winner: &httpd.WinDoc{Arm: "b", Applied: true}}, "b", ""},
	} {
		arm, err := settledArm(&c.x)
		if arm != c.arm || (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %q, %v; want %q, %q", c.name, arm, err, c.arm, c.want)
		}
	}
}

// A change after which the workspace would not load is not written.
func TestWinnerThatDoesNotFit(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	files, err := starterFiles("newsletter-en")
	if err != nil {
		t.Fatal(err)
	}
	if err := writeNew(dir, files); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "newsletter.hcl")
	src, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	// The step has no subject of its own: without the experiment it has none at all.
	broken := bytes.Replace(src, []byte(`subject = "Five changes that cut rework by a third"`), []byte(`template = "newsletter/news.md"`), 1)
	if err := os.WriteFile(file, broken, 0o600); err != nil {
		t.Fatal(err)
	}
	var out, errs bytes.Buffer
	c := &cli{out: &out, err: &errs}
	x := httpd.ExperimentDoc{Name: "letter/issue/subject_style", State: "decided", Leader: "number"}
	if err := c.writeWinner(dir, &x); err == nil || !strings.Contains(errs.String(), "subject") {
		t.Errorf("written: %v\n%s%s", err, out.String(), errs.String())
	}
	if now, err := os.ReadFile(file); err != nil || !bytes.Equal(now, broken) {
		t.Error("the file has changed")
	}
	// A sound one is written, and the workspace is in its form.
	if err := os.WriteFile(file, src, 0o600); err != nil {
		t.Fatal(err)
	}
	out.Reset()
	if err := c.writeWinner(dir, &x); err != nil || !strings.Contains(out.String(), "+      subject ") {
		t.Errorf("not written: %v\n%s", err, out.String())
	}
	if now, err := os.ReadFile(file); err != nil || bytes.Contains(now, []byte("subject_style")) || !bytes.Contains(now, []byte("send_time")) {
		t.Errorf("the file now:\n%s", now)
	}
}
