package main

import (
	"fmt"
	"os"
	"time"

	"github.com/seed-456efde2/nurture/dsl"
	"github.com/seed-456efde2/nurture/engine"
)

// loadOptions says what a workspace is loaded for.
type loadOptions struct {
	purpose dsl.Purpose
	quiet   bool // say nothing about notes and warnings
}

// workspace is a loaded folder with what the loading had to say.
type workspace struct {
	*dsl.Workspace
	problems dsl.Diagnostics
	took     time.Duration
}

// load loads a folder, prints what is wrong with it, and ends the verb with
// exitInvalid when it does not load.
func (c *cli) load(dir string, o loadOptions) (*workspace, error) {
	if err := isFolder(dir); err != nil {
		return nil, &exit{code: exitInvalid, err: err}
	}
	begin := time.Now()
	w, problems := loadDir(dir, dsl.Options{Lookup: os.LookupEnv, Language: c.lang, For: o.purpose})
	problems.Language = c.language(problems.Language)
	if w == nil {
		return nil, c.invalid(problems)
	}
	if len(problems.Items) > 0 && !o.quiet && !c.json {
		fmt.Fprintln(c.err, problems.Render())
	}
	c.zone = w.Spec.Zone
	return &workspace{w, problems, time.Since(begin)}, nil
}

// isFolder explains the most common slips before the loader sees them.
func isFolder(dir string) error {
	info, err := os.Stat(dir)
	if err != nil {
		return fmt.Errorf("open workspace: %w", err)
	}
	if !info.IsDir() {
		return fmt.Errorf("open workspace: %s is a file; name the folder that holds the *.hcl files", dir)
	}
	return nil
}

// invalid tells the problems and is the verb's end.
func (c *cli) invalid(problems dsl.Diagnostics) error {
	if c.json {
		_ = c.print(map[string]any{"ok": false, "problems": problems})
		return failed(exitInvalid)
	}
	fmt.Fprintln(c.err, problems.Render())
	fmt.Fprintln(c.err, problemCount(problems))
	return failed(exitInvalid)
}

// problemCount is the last line under a list of problems.
func problemCount(problems dsl.Diagnostics) string {
	errors, warnings, notes := problems.Count(dsl.Error), problems.Count(dsl.Warning), problems.Count(dsl.Note)
	if problems.Language == "ja" {
		return fmt.Sprintf("エラー %d件、警告 %d件、お知らせ %d件", errors, warnings, notes)
	}
	return fmt.Sprintf("%s, %s, %s", plural(errors, "error", "errors"), plural(warnings, "warning", "warnings"), plural(notes, "note", "notes"))
}

// program compiles the workspace for the engine.
func (w *workspace) program(revision uint32) (*engine.Program, error) {
	p, err := engine.NewProgram(w.Spec, w.Digest, revision)
	if err != nil {
		return nil, &exit{code: exitInvalid, err: fmt.Errorf("the workspace passed its checks but does not hold together, which is a fault of this program: %w", err)}
	}
	return p, nil
}
