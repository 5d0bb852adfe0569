package main_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/seed-456efde2/nurture/engine/enginetest"
)

// editedWorkspace is what the editors of these tests open. The line with the
// mistake has characters of one, two and four bytes before it, so that a position
// that counts the wrong thing points elsewhere.
var editedWorkspace = map[string]string{
	"project.hcl": `project "編集" {
  timezone = "Asia/Tokyo"
  language = "ja"
}

lead {
  text "email" { required = true }
  text "company" { label = "会社名" }
}
`,
	"scores.hcl": `# どれだけ関心があるか。
score "interest" {
  label     = "興味度"
  half_life = "14d"
  range     = [0, 100]

  rule "viewed" {
    on     = event.page_viewed
    points = 5
  }
}

segment "warm" {
  label = "関心あり"
  when  = "score.interest >= 20"
}
`,
	"rules.hcl": `segment "hot" {
  label = "熱い見込み客"
  when  = "lead.company != '🍣寿司' and score.intrest >= 70"
}
`,
	"templates/hello.md": "{{ lead.company ?? '貴社' }} 様\n",
}

func writeEdited(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range editedWorkspace {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// nurtureOnPath is a PATH on which this test program is `nurture`, before all
// else.
func nurtureOnPath(t *testing.T) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	bin := t.TempDir()
	if err := os.Symlink(self, filepath.Join(bin, "nurture")); err != nil {
		t.Fatal(err)
	}
	return bin + string(os.PathListSeparator) + os.Getenv("PATH")
}

var luaBlock = regexp.MustCompile("(?s)```lua\n(.*?)```")

// documentedNeovim is the configuration that the documentation gives, which is the
// same in both languages.
func documentedNeovim(t *testing.T) string {
	t.Helper()
	var configs []string
	for _, language := range []string{"en", "ja"} {
		page, err := os.ReadFile(filepath.Join("..", "..", "docs", language, "editors.md"))
		if err != nil {
			t.Fatal(err)
		}
		m := luaBlock.FindSubmatch(page)
		if m == nil {
			t.Fatalf("the page of editors in %s has no configuration for Neovim", language)
		}
		configs = append(configs, string(m[1]))
	}
	if configs[0] != configs[1] {
		t.Fatal("the two languages give different configurations for Neovim")
	}
	return configs[0]
}

// seenInNeovim is what drive.lua writes down.
type seenInNeovim struct {
	Fault    string
	Problems []struct {
		Code, Words, Message string
		Line                 int
	}
	Completion []struct{ Label, Detail string }
	Action     string
	Corrected  string
	Hover      string
	Definition struct{ File, Line string }
	Formatted  []string
	Template   string
}

// TestNeovim: a real editor with the documented configuration, from a mistake to
// its correction, and a rename over two files.
func TestNeovim(t *testing.T) {
	t.Parallel()
	neovim := enginetest.Neovim(t)
	dir := writeEdited(t)
	config, out := filepath.Join(t.TempDir(), "init.lua"), filepath.Join(t.TempDir(), "seen.json")
	if err := os.WriteFile(config, []byte(documentedNeovim(t)), 0o600); err != nil {
		t.Fatal(err)
	}
	script, err := filepath.Abs(filepath.Join("testdata", "editor", "neovim.lua"))
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), neovim, "--headless", "--clean", "-n", "-c", "luafile "+config, "-c", "luafile "+script)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "PATH="+nurtureOnPath(t), "NURTURE_SEEN="+out, "HOME="+t.TempDir(), "LANG=C.UTF-8",
		"XDG_STATE_HOME="+t.TempDir(), "XDG_CACHE_HOME="+t.TempDir(), "XDG_DATA_HOME="+t.TempDir())
	said, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	b, err := os.ReadFile(out)
	if err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	var seen seenInNeovim
	if err := json.Unmarshal(b, &seen); err != nil {
		t.Fatalf("%v: %s", err, b)
	}
	seen.check(t, dir)
}

func (seen *seenInNeovim) check(t *testing.T, dir string) {
	t.Helper()
	if seen.Fault != "" {
		t.Errorf("the script ended early: %s", seen.Fault)
	}
	if len(seen.Problems) != 1 {
		t.Fatalf("problems: %+v", seen.Problems)
	}
	p := seen.Problems[0]
	if p.Code != "N021" || p.Line != 3 || p.Words != "intrest" || !strings.Contains(p.Message, "もしかして: score.interest") {
		t.Errorf("problem: %+v", p)
	}
	offered := slices.ContainsFunc(seen.Completion, func(c struct{ Label, Detail string }) bool {
		return c.Label == "score.interest" && strings.Contains(c.Detail, "数値（0〜100）")
	})
	if !offered || len(seen.Completion) != 1 {
		t.Errorf("behind score. is offered %+v", seen.Completion)
	}
	if seen.Action != "score.interest に直す" || !strings.Contains(seen.Corrected, "'🍣寿司' and score.interest >= 70") {
		t.Errorf("action %q gives %q", seen.Action, seen.Corrected)
	}
	for _, want := range []string{"スコア「興味度」", "どれだけ関心があるか。", "数値（0〜100）", "興味度が70以上"} {
		if !strings.Contains(seen.Hover, want) {
			t.Errorf("hover says nothing of %s:\n%s", want, seen.Hover)
		}
	}
	if seen.Definition.File != "scores.hcl" || seen.Definition.Line != `score "interest" {` {
		t.Errorf("definition: %+v", seen.Definition)
	}
	for file, want := range map[string]string{
		"scores.hcl": `score "熱量" {`, "rules.hcl": "and score.熱量 >= 70",
	} {
		b, err := os.ReadFile(filepath.Join(dir, file))
		if err != nil || !strings.Contains(string(b), want) || strings.Contains(string(b), "interest") {
			t.Errorf("after the rename %s is %v\n%s", file, err, b)
		}
	}
	if got := strings.Join(seen.Formatted, "\n"); got != "segment \"z\" {\n  when = \"score.熱量 >= 1\"\n}" {
		t.Errorf("formatted:\n%s", got)
	}
	if !strings.Contains(seen.Template, "会社名") || !strings.Contains(seen.Template, "空のことがあります") {
		t.Errorf("in the template, hover says %q", seen.Template)
	}
}
