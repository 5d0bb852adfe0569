package main

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"time"

	"github.com/seed-456efde2/nurture/cmd/nurture/internal/httpd"
	"github.com/seed-456efde2/nurture/dsl"
)

// writeWinner takes a settled experiment out of the workspace's file, puts its
// winner into the step, and shows what has changed. What it would write is loaded
// first: a workspace that is sound stays so.
func (c *cli) writeWinner(dir string, x *httpd.ExperimentDoc) error {
	arm, err := settledArm(x)
	if err != nil {
		return err
	}
	if err := isFolder(dir); err != nil {
		return &exit{code: exitInvalid, err: err}
	}
	name, before, after, err := settleIn(dir, x.Name, arm)
	if err != nil {
		return err
	}
	if err := c.stillLoads(dir, name, after); err != nil {
		return err
	}
	if err := replaceFile(filepath.Join(dir, filepath.FromSlash(name)), after); err != nil {
		return err
	}
	diff := unified(name, string(before), string(after), false)
	if c.json {
		return c.print(map[string]any{"ok": true, "experiment": x.Name, "arm": arm, "file": name, "diff": diff})
	}
	fmt.Fprint(c.out, diff)
	lang := c.language("")
	_, err = fmt.Fprintf(c.out, words(lang, "\n%s: %s is in the file now.\n", "\n%s: %s をファイルに書きました。\n"), x.Name, arm)
	return err
}

// settleIn finds the file that has the experiment, and what it becomes.
func settleIn(dir, experiment, arm string) (name string, before, after []byte, err error) {
	files, err := formattedFiles([]string{dir})
	if err != nil {
		return "", nil, nil, err
	}
	for _, file := range files {
		if filepath.Ext(file) != ".hcl" {
			continue
		}
		rel, err := filepath.Rel(dir, file)
		if err != nil {
			return "", nil, nil, fmt.Errorf("name %s: %w", file, err)
		}
		rel = filepath.ToSlash(rel)
		src, err := os.ReadFile(file)
		if err != nil {
			return "", nil, nil, fmt.Errorf("read the workspace: %w", err)
		}
		out, found, err := dsl.Settle(rel, src, experiment, arm)
		if found || err != nil {
			return rel, src, out, err
		}
	}
	return "", nil, nil, fmt.Errorf("no file of %s has the experiment %s; name the workspace with --workspace", dir, experiment)
}

// stillLoads refuses a change after which the workspace would not load.
func (c *cli) stillLoads(dir, name string, content []byte) error {
	changed := withFile{FS: os.DirFS(dir), name: name, content: content}
	w, problems := dsl.Load(changed, dsl.Options{Lookup: os.LookupEnv, Language: c.lang})
	if w == nil {
		problems.Language = c.language(problems.Language)
		return c.invalid(problems)
	}
	return nil
}

// withFile is a folder in which one file has another content.
type withFile struct {
	fs.FS
	name    string
	content []byte
}

// Open implements fs.FS.
func (w withFile) Open(name string) (fs.File, error) {
	if path.Clean(name) != w.name {
		return w.FS.Open(name)
	}
	return &heldFile{bytes.NewReader(w.content), heldInfo{path.Base(w.name), int64(len(w.content))}}, nil
}

// heldFile is a content as an open file.
type heldFile struct {
	*bytes.Reader
	info heldInfo
}

func (f *heldFile) Stat() (fs.FileInfo, error) { return f.info, nil }
func (f *heldFile) Close() error               { return nil }

type heldInfo struct {
	name string
	size int64
}

func (i heldInfo) Name() string       { return i.name }
func (i heldInfo) Size() int64        { return i.size }
func (i heldInfo) Mode() fs.FileMode  { return 0o444 }
func (i heldInfo) ModTime() time.Time { return time.Time{} }
func (i heldInfo) IsDir() bool        { return false }
func (i heldInfo) Sys() any           { return nil }
