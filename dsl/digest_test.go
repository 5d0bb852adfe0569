package dsl

import (
	"io/fs"
	"maps"
	"strings"
	"testing"
	"testing/fstest"
)

// change replaces a text in a file, which must hold it.
func change(t *testing.T, fsys fstest.MapFS, file, from, to string) {
	t.Helper()
	src := string(fsys[file].Data)
	if !strings.Contains(src, from) {
		t.Fatalf("%s does not hold %q", file, from)
	}
	fsys[file] = &fstest.MapFile{Data: []byte(strings.ReplaceAll(src, from, to))}
}

func digestOf(t *testing.T, fsys fs.FS, lookup func(string) (string, bool)) string {
	t.Helper()
	ws, ds := Load(fsys, Options{Lookup: lookup})
	if ws == nil {
		t.Fatalf("%s", ds.Render())
	}
	return ws.Digest
}

// TestDigest: what changes no meaning changes no digest, and what does, does.
func TestDigest(t *testing.T) {
	t.Parallel()
	base := digestOf(t, readTree(t, "testdata/good"), secrets)
	same := map[string]func(fstest.MapFS){
		"a comment":        func(f fstest.MapFS) { change(t, f, "rules/events.hcl", "event \"deal", "# why\nevent \"deal") },
		"indentation":      func(f fstest.MapFS) { change(t, f, "rules/events.hcl", "  label", "        label") },
		"spaces in a rule": func(f fstest.MapFS) { change(t, f, "rules/events.hcl", "event.seconds >= 20", "event.seconds>=20") },
		"spaces in an amount": func(f fstest.MapFS) {
			change(t, f, "rules/scoring.hcl", "(lead.headcount ?? 0) >= 300", "(lead.headcount??0)>=300")
		},
		"another test":       func(f fstest.MapFS) { change(t, f, "tests/follow_test.hcl", "== 40", "== 41") },
		"no test":            func(f fstest.MapFS) { delete(f, "tests/follow_test.hcl") },
		"an unused template": func(f fstest.MapFS) { f["templates/unused.md"] = &fstest.MapFile{Data: []byte("x")} },
		"another file name": func(f fstest.MapFS) {
			f["a.hcl"] = f["rules/scoring.hcl"]
			delete(f, "rules/scoring.hcl")
		},
		"one file": func(f fstest.MapFS) {
			var all []byte
			for _, name := range []string{"rules/sending.hcl", "rules/scoring.hcl", "rules/follow.hcl", "rules/events.hcl", "project.hcl"} {
				all = append(all, f[name].Data...)
				delete(f, name)
			}
			f["all.hcl"] = &fstest.MapFile{Data: all}
		},
	}
	for name, edit := range same {
		fsys := maps.Clone(readTree(t, "testdata/good"))
		edit(fsys)
		if digestOf(t, fsys, secrets) != base {
			t.Errorf("%s changes the digest", name)
		}
	}
	rotated := func(name string) (string, bool) { return "another value", true }
	if digestOf(t, readTree(t, "testdata/good"), rotated) != base {
		t.Error("a rotated secret changes the digest")
	}
	seen := map[string]string{base: "nothing"}
	for name, edit := range map[string]func(fstest.MapFS){
		"a number in a rule": func(f fstest.MapFS) { change(t, f, "rules/events.hcl", ">= 20", ">= 21") },
		"a constant":         func(f fstest.MapFS) { change(t, f, "project.hcl", "hot  = 60", "hot  = 61") },
		"a label":            func(f fstest.MapFS) { change(t, f, "rules/scoring.hcl", "興味度\"", "関心度\"") },
		"a template":         func(f fstest.MapFS) { change(t, f, "templates/follow/thanks.md", "ありがとう", "感謝") },
		"a subject":          func(f fstest.MapFS) { change(t, f, "rules/follow.hcl", "資料をお送りします", "資料です") },
		"a payload":          func(f fstest.MapFS) { change(t, f, "rules/follow.hcl", "読了", "既読") },
		"a payload's number": func(f fstest.MapFS) { change(t, f, "rules/follow.hcl", "level = 2", "level = 3") },
		"a wait":             func(f fstest.MapFS) { change(t, f, "rules/follow.hcl", "5 business days", "6 business days") },
		"the order of steps": func(f fstest.MapFS) {
			change(t, f, "rules/follow.hcl", "    wait \"read\" {\n      on      = event.email_clicked\n      at_most = \"3d\"\n    }\n", "")
		},
		"a setting":       func(f fstest.MapFS) { change(t, f, "rules/sending.hcl", "smtp.kita", "mx.kita") },
		"a secret's name": func(f fstest.MapFS) { change(t, f, "rules/sending.hcl", "CRM_SECRET", "SMTP_PASSWORD") },
		"a rate":          func(f fstest.MapFS) { change(t, f, "rules/sending.hcl", "20 per second", "21 per second") },
		"a holiday":       func(f fstest.MapFS) { change(t, f, "project.hcl", "2026-12-29", "2026-12-28") },
		"a stage's order": func(f fstest.MapFS) {
			change(t, f, "rules/scoring.hcl", "  stage \"sal\" { label = \"営業対応中\" }\n", "")
			change(t, f, "rules/scoring.hcl", "lifecycle {", "lifecycle {\n  stage \"sal\" { label = \"営業対応中\" }\n")
		},
		"the hand-over":    func(f fstest.MapFS) { change(t, f, "rules/scoring.hcl", "reasons = true", "reasons = false") },
		"a KPI's window":   func(f fstest.MapFS) { change(t, f, "rules/sending.hcl", "within = \"7d\"", "within = \"8d\"") },
		"a rollout":        func(f fstest.MapFS) { f["later.hcl"] = &fstest.MapFile{Data: []byte("rollout { shadow = \"5h\" }\n")} },
		"a rollout's time": func(f fstest.MapFS) { f["later.hcl"] = &fstest.MapFile{Data: []byte("rollout { shadow = \"6h\" }\n")} },
		"an env value": func(f fstest.MapFS) {
			change(t, f, "rules/scoring.hcl", "label = \"適合度\"", "label = env(\"REGION\")")
		},
	} {
		fsys := readTree(t, "testdata/good")
		edit(fsys)
		digest := digestOf(t, fsys, secrets)
		if before, known := seen[digest]; known {
			t.Errorf("%s gives the digest of %s", name, before)
		}
		seen[digest] = name
	}
}
