package dsl

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// Bounds of what is read. HCL's parser calls itself for every bracket and every
// sign before a value, so a file of brackets alone would use up the stack and end
// the process; counting them first costs one pass of the scanner.
const (
	maxFile    = 1 << 20 // bytes of one file
	maxFiles   = 20_000
	maxNesting = 100   // brackets inside each other
	maxSigns   = 2_000 // signs of one kind in a row, ? of one file
)

var sizeBound = Doc{"1 MiB", "1 MiB"}

var errTooLarge = errors.New("too large")

// readFile reads a file of the workspace, up to maxFile.
func readFile(fsys fs.FS, name string) ([]byte, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	src, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	switch {
	case err != nil:
		return nil, err
	case len(src) > maxFile:
		return nil, errTooLarge
	}
	return src, nil
}

// workspaceFiles are the files that belong to a workspace, by kind.
type workspaceFiles struct {
	hcl       []string
	templates []string // slash paths with "templates/"
	texts     []string // others that file("…") may read
}

// listFiles finds them, sorted by name. Hidden folders and files are passed over:
// editors and version control keep their own things there, and Kubernetes the
// folders that its links point to. A link to a folder is followed, a link inside
// what a link points to is not.
func listFiles(fsys fs.FS) (workspaceFiles, error) {
	var out workspaceFiles
	n := 0
	err := walk(fsys, ".", true, func(name string, folder bool) error {
		if folder {
			return nil
		}
		if n++; n > maxFiles {
			return fmt.Errorf("the folder holds more than %d files", maxFiles)
		}
		switch {
		case path.Ext(name) == ".hcl":
			out.hcl = append(out.hcl, name)
		case strings.HasPrefix(name, templatesDir):
			out.templates = append(out.templates, name)
		case textFiles[path.Ext(name)]:
			out.texts = append(out.texts, name)
		}
		return nil
	})
	slices.Sort(out.hcl)
	slices.Sort(out.templates)
	slices.Sort(out.texts)
	return out, err
}

// walkFolders gives every folder of a workspace but the workspace itself.
func walkFolders(fsys fs.FS, see func(name string)) error {
	return walk(fsys, ".", true, func(name string, folder bool) error {
		if folder && name != "." {
			see(name)
		}
		return nil
	})
}

// walk gives everything below a folder that belongs to a workspace, and follows
// links to folders where it may.
func walk(fsys fs.FS, root string, follow bool, see func(name string, folder bool) error) error {
	return fs.WalkDir(fsys, root, func(name string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case name != root && hiddenName(e.Name()):
			if e.IsDir() {
				return fs.SkipDir
			}
			return nil
		case name == pluginsDir && e.IsDir():
			return fs.SkipDir
		}
		if e.Type()&fs.ModeSymlink != 0 && follow && name != pluginsDir {
			if info, err := fs.Stat(fsys, name); err == nil && info.IsDir() {
				return walk(fsys, name, false, see)
			}
		}
		return see(name, e.IsDir())
	})
}

// textFiles are the kinds of file that a change of is a change of the workspace,
// because file("…") may read them.
var textFiles = map[string]bool{
	".md": true, ".html": true, ".txt": true, ".json": true, ".csv": true, ".pem": true, ".key": true,
}

// pluginsDir holds programs and whatever they bring along, which are no part of the
// rules: the lock file says which of them are trusted.
const pluginsDir = "plugins"

// templatesDir is where the texts of messages live.
const templatesDir = "templates/"

// hiddenName reports what editors and version control keep beside the files.
func hiddenName(base string) bool {
	return strings.HasPrefix(base, ".") || strings.HasSuffix(base, "~") || strings.HasPrefix(base, "#")
}

// parseFile reads one file's syntax. Where it is not sound, the body holds what
// could be made out, or is nil: the names in it are better than none.
func parseFile(r *reporter, name string, src []byte) (body *hclsyntax.Body, sound bool) {
	if at, ok := readable(name, src); !ok {
		r.add(codeUnreadable, at, nil, Doc{"it is not UTF-8", "UTF-8 ではありません"})
		return nil, false
	}
	if at, ok := parsable(name, src); !ok {
		r.add(codeTooLarge, at, nil, Doc{
			fmt.Sprintf("%d brackets or signs inside each other", maxNesting),
			fmt.Sprintf("%d 段のかっこや記号", maxNesting),
		})
		return nil, false
	}
	f, diags := hclsyntax.ParseConfig(src, name, hcl.InitialPos)
	reportSyntax(r, diags, src)
	if f == nil {
		return nil, false
	}
	body, _ = f.Body.(*hclsyntax.Body)
	return body, !diags.HasErrors()
}

// readable finds the first byte that is no UTF-8.
func readable(name string, src []byte) (hcl.Range, bool) {
	if utf8.Valid(src) {
		return hcl.Range{}, true
	}
	at := 0
	for at < len(src) {
		r, size := utf8.DecodeRune(src[at:])
		if r == utf8.RuneError && size == 1 {
			break
		}
		at += size
	}
	start := advance(hcl.InitialPos, src[:at])
	return hcl.Range{Filename: name, Start: start, End: start}, false
}

// parsable bounds what HCL's parser would call itself for. A file that has too few
// brackets and signs altogether need not be scanned for it.
func parsable(name string, src []byte) (hcl.Range, bool) {
	var count [256]int
	for _, c := range src {
		count[c]++
	}
	if count['{']+count['[']+count['('] <= maxNesting && count['!']+count['-'] <= maxNesting && count['?'] <= maxSigns {
		return hcl.Range{}, true
	}
	tokens, _ := hclsyntax.LexConfig(src, name, hcl.InitialPos)
	depth, questions, run := 0, 0, 0
	for _, t := range tokens {
		switch t.Type {
		case hclsyntax.TokenOBrace, hclsyntax.TokenOBrack, hclsyntax.TokenOParen,
			hclsyntax.TokenTemplateInterp, hclsyntax.TokenTemplateControl:
			depth++
		case hclsyntax.TokenCBrace, hclsyntax.TokenCBrack, hclsyntax.TokenCParen, hclsyntax.TokenTemplateSeqEnd:
			depth = max(0, depth-1)
		}
		if t.Type == hclsyntax.TokenBang || t.Type == hclsyntax.TokenMinus {
			run++
		} else {
			run = 0
		}
		if t.Type == hclsyntax.TokenQuestion {
			questions++
		}
		if depth > maxNesting || run > maxNesting || questions > maxSigns {
			return t.Range, false
		}
	}
	return hcl.Range{}, true
}
