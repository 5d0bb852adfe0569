package lsp

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

// pathOf is the file that a URI names; ok is false for what is no file, like a
// text that was never saved.
func pathOf(uri string) (string, bool) {
	u, err := url.Parse(uri)
	if err != nil || u.Scheme != "file" || u.Path == "" {
		return "", false
	}
	p := u.Path
	if len(p) > 2 && p[0] == '/' && p[2] == ':' { // /c:/rules
		p = p[1:]
	}
	return filepath.Clean(filepath.FromSlash(p)), true
}

// uriOf is the URI of a file.
func uriOf(file string) string {
	p := filepath.ToSlash(file)
	if !strings.HasPrefix(p, "/") {
		p = "/" + p
	}
	return (&url.URL{Scheme: "file", Path: p}).String()
}

// rootOf is the folder of the workspace that a file belongs to: the nearest one
// above it in which a file begins a project. Where there is none, the file's own
// folder is taken, and guessed is true.
func rootOf(file string, open map[string]*document) (dir string, guessed bool) {
	for at := filepath.Dir(file); ; {
		if hasProject(at, open) {
			return at, false
		}
		up := filepath.Dir(at)
		if up == at {
			return filepath.Dir(file), true
		}
		at = up
	}
}

var projectBlock = regexp.MustCompile(`(?m)^[ \t]*project[ \t]+"`)

// hasProject reports a folder with a file that begins a project, saved or not.
func hasProject(dir string, open map[string]*document) bool {
	for _, d := range open {
		if filepath.Dir(d.path) == dir && filepath.Ext(d.path) == ".hcl" && projectBlock.Match(d.text.src) {
			return true
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return false
	}
	for _, e := range entries {
		if e.IsDir() || filepath.Ext(e.Name()) != ".hcl" {
			continue
		}
		if src, err := readBounded(filepath.Join(dir, e.Name())); err == nil && projectBlock.Match(src) {
			return true
		}
	}
	return false
}

// maxProjectFile is how much of a file is read to find a project in it.
const maxProjectFile = 1 << 20

func readBounded(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxProjectFile))
}

// overlay is a folder with the editor's texts over it. It is read only, and it
// ends with its context: whoever walks through it is told to stop.
type overlay struct {
	ctx   context.Context
	under fs.FS
	texts map[string][]byte // by slash path in the folder
}

// Open implements fs.FS.
func (o *overlay) Open(name string) (fs.File, error) {
	if err := o.ctx.Err(); err != nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: err}
	}
	if src, ok := o.texts[name]; ok {
		return &openText{info: textInfo{path.Base(name), int64(len(src))}, Reader: bytes.NewReader(src)}, nil
	}
	return o.under.Open(name)
}

// ReadDir implements fs.ReadDirFS: the folder's own files and those that only the
// editor has.
func (o *overlay) ReadDir(name string) ([]fs.DirEntry, error) {
	if err := o.ctx.Err(); err != nil {
		return nil, &fs.PathError{Op: "readdir", Path: name, Err: err}
	}
	list, err := fs.ReadDir(o.under, name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	have := map[string]bool{}
	for _, e := range list {
		have[e.Name()] = true
	}
	for text, src := range o.texts {
		rest, ok := strings.CutPrefix(text, name+"/")
		if name == "." {
			rest, ok = text, true
		}
		first, _, deeper := strings.Cut(rest, "/")
		if !ok || have[first] {
			continue
		}
		have[first] = true
		if deeper {
			list = append(list, folderEntry{textInfo{name: first}})
		} else {
			list = append(list, fs.FileInfoToDirEntry(textInfo{first, int64(len(src))}))
		}
	}
	slices.SortFunc(list, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return list, nil
}

// openText is a text as an open file.
type openText struct {
	*bytes.Reader
	info textInfo
}

// Stat implements fs.File.
func (t *openText) Stat() (fs.FileInfo, error) { return t.info, nil }

// Close implements fs.File.
func (t *openText) Close() error { return nil }

// textInfo describes a text.
type textInfo struct {
	name string
	size int64
}

// Name implements fs.FileInfo.
func (i textInfo) Name() string { return i.name }

// Size implements fs.FileInfo.
func (i textInfo) Size() int64 { return i.size }

// Mode implements fs.FileInfo.
func (i textInfo) Mode() fs.FileMode { return 0o444 }

// ModTime implements fs.FileInfo. Nobody asks: contents are compared.
func (i textInfo) ModTime() time.Time { return time.Time{} }

// IsDir implements fs.FileInfo.
func (i textInfo) IsDir() bool { return false }

// Sys implements fs.FileInfo.
func (i textInfo) Sys() any { return nil }

// folderEntry is a folder that only the editor has.
type folderEntry struct{ textInfo }

// IsDir implements fs.DirEntry.
func (folderEntry) IsDir() bool { return true }

// Type implements fs.DirEntry.
func (folderEntry) Type() fs.FileMode { return fs.ModeDir }

// Info implements fs.DirEntry.
func (f folderEntry) Info() (fs.FileInfo, error) { return f.textInfo, nil }
