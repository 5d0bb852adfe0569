package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed-456efde2/nurture/dsl"
)

// fmtOptions are the flags of fmt.
type fmtOptions struct{ check, diff bool }

func (c *cli) fmtVerb() *cobra.Command {
	var o fmtOptions
	verb := &cobra.Command{
		Use:   "fmt [FILE or FOLDER …]",
		Short: "Bring *.hcl files and templates into their one form",
		Long: `fmt rewrites the layout of files, of the conditions inside them, and of the {{ }} in
texts and templates, never their meaning. A file that does not parse is not
touched. With - it reads standard input and writes standard output. Exit code 1
with --check or --diff when some file is not in its form, 3 when some file does
not parse.`,
		Example: "  nurture fmt\n  nurture fmt --check ./rules\n  nurture fmt --diff\n  nurture fmt - < rules.hcl",
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				args = []string{"."}
			}
			if slices.Contains(args, "-") {
				if len(args) > 1 {
					return errors.New("fmt: - stands alone: it is standard input")
				}
				return c.formatInput(o)
			}
			files, err := formattedFiles(args)
			if err != nil {
				return err
			}
			return c.formatFiles(files, o)
		},
	}
	verb.Flags().BoolVar(&o.check, "check", false, "change nothing, list the files that would change")
	verb.Flags().BoolVar(&o.diff, "diff", false, "change nothing, show what would change")
	return verb
}

// formattedFiles are the files that the arguments name, folders with all below
// them: *.hcl files, and the templates in folders called templates.
func formattedFiles(args []string) ([]string, error) {
	var files []string
	for _, arg := range args {
		err := filepath.WalkDir(arg, func(path string, d fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case d.IsDir() && path != arg && strings.HasPrefix(d.Name(), "."):
				return fs.SkipDir
			case d.Type()&fs.ModeSymlink != 0 && path != arg:
			case !d.IsDir() && (path == arg || strings.HasSuffix(path, ".hcl") || isTemplate(path)):
				files = append(files, path)
			}
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("find the files: %w", err)
		}
	}
	slices.Sort(files)
	return slices.Compact(files), nil
}

// isTemplate reports a template of a mail below a folder of that name.
func isTemplate(path string) bool {
	return isText(path) && strings.Contains(filepath.ToSlash(path), "templates/")
}

// isText reports a file that is no HCL.
func isText(path string) bool {
	ext := filepath.Ext(path)
	return ext == ".md" || ext == ".html"
}

// format brings a file into its form.
func format(file string, src []byte) ([]byte, dsl.Diagnostics) {
	if isText(file) {
		return dsl.FormatTemplate(file, src)
	}
	return dsl.Format(file, src)
}

// formatInput formats standard input. What does not parse is not written.
func (c *cli) formatInput(o fmtOptions) error {
	const name = "<stdin>"
	src, err := io.ReadAll(c.in)
	if err != nil {
		return fmt.Errorf("read standard input: %w", err)
	}
	out, problems := dsl.Format(name, src)
	if problems.HasErrors() {
		problems.Language = c.language("")
		return c.invalid(problems)
	}
	f := formatted{changes: []change{}}
	if !bytes.Equal(src, out) {
		f.changes = []change{{name, src, out}}
	}
	if o.check || o.diff || c.json {
		return c.reportFormat(f, o)
	}
	if _, err := c.out.Write(out); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

// change is a file that is not in its form.
type change struct {
	file          string
	before, after []byte
}

// formatted is what a run of fmt found.
type formatted struct {
	changes []change
	broken  dsl.Diagnostics
}

func (c *cli) formatFiles(files []string, o fmtOptions) error {
	f := formatted{changes: []change{}, broken: dsl.Diagnostics{Sources: map[string][]byte{}, Language: c.language("")}}
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			return fmt.Errorf("read: %w", err)
		}
		out, problems := format(file, src)
		if problems.HasErrors() {
			f.broken.Items = append(f.broken.Items, problems.Items...)
			f.broken.Sources[file] = src
			continue
		}
		if bytes.Equal(src, out) {
			continue
		}
		f.changes = append(f.changes, change{file, src, out})
		if o.check || o.diff {
			continue
		}
		if err := replaceFile(file, out); err != nil {
			return err
		}
	}
	return c.reportFormat(f, o)
}

func (c *cli) reportFormat(f formatted, o fmtOptions) error {
	broken, differs := len(f.broken.Items) > 0, (o.check || o.diff) && len(f.changes) > 0
	if c.json {
		if err := c.printFormat(f, o, !broken && !differs); err != nil {
			return err
		}
	} else {
		for _, ch := range f.changes {
			if o.diff {
				fmt.Fprint(c.out, unified(ch.file, string(ch.before), string(ch.after), onTerminal(c.out)))
			} else {
				fmt.Fprintln(c.out, ch.file)
			}
		}
		if broken {
			fmt.Fprintln(c.err, f.broken.Render())
		}
	}
	switch {
	case broken:
		return failed(exitInvalid)
	case differs:
		return failed(exitFailed)
	}
	return nil
}

func (c *cli) printFormat(f formatted, o fmtOptions, ok bool) error {
	changed, diffs := []string{}, map[string]string{}
	for _, ch := range f.changes {
		changed = append(changed, ch.file)
		diffs[ch.file] = unified(ch.file, string(ch.before), string(ch.after), false)
	}
	doc := map[string]any{"ok": ok, "changed": changed, "problems": f.broken}
	if o.diff {
		doc["diffs"] = diffs
	}
	return c.print(doc)
}
