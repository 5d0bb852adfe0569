package main

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed-456efde2/nurture/dsl"
)

func (c *cli) fmtVerb() *cobra.Command {
	var check bool
	verb := &cobra.Command{
		Use:   "fmt [FILE or FOLDER …]",
		Short: "Bring *.hcl files into their one form",
		Long: `fmt rewrites the layout of files and of the conditions inside them, never their
meaning. A file that does not parse is not touched. Exit code 1 with --check when
some file is not in its form, 3 when some file does not parse.`,
		Example: "  nurture fmt\n  nurture fmt --check ./rules",
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				args = []string{"."}
			}
			files, err := hclFiles(args)
			if err != nil {
				return err
			}
			return c.formatFiles(files, check)
		},
	}
	verb.Flags().BoolVar(&check, "check", false, "change nothing, list the files that would change")
	return verb
}

// hclFiles are the files that the arguments name, folders with all below them.
func hclFiles(args []string) ([]string, error) {
	var files []string
	for _, arg := range args {
		err := filepath.WalkDir(arg, func(path string, d fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case d.IsDir() && path != arg && strings.HasPrefix(d.Name(), "."):
				return fs.SkipDir
			case !d.IsDir() && (path == arg || strings.HasSuffix(path, ".hcl")):
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

func (c *cli) formatFiles(files []string, check bool) error {
	changed := []string{}
	broken := dsl.Diagnostics{Sources: map[string][]byte{}, Language: c.language("")}
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			return fmt.Errorf("read: %w", err)
		}
		out, problems := dsl.Format(file, src)
		if problems.HasErrors() {
			broken.Items = append(broken.Items, problems.Items...)
			broken.Sources[file] = src
			continue
		}
		if bytes.Equal(src, out) {
			continue
		}
		changed = append(changed, file)
		if check {
			continue
		}
		if err := replaceFile(file, out); err != nil {
			return err
		}
	}
	return c.reportFormat(changed, broken, check)
}

func (c *cli) reportFormat(changed []string, broken dsl.Diagnostics, check bool) error {
	if c.json {
		if err := c.print(map[string]any{"ok": len(broken.Items) == 0 && (!check || len(changed) == 0), "changed": changed, "problems": broken}); err != nil {
			return err
		}
	} else {
		for _, file := range changed {
			fmt.Fprintln(c.out, file)
		}
		if len(broken.Items) > 0 {
			fmt.Fprintln(c.err, broken.Render())
		}
	}
	switch {
	case len(broken.Items) > 0:
		return failed(exitInvalid)
	case check && len(changed) > 0:
		return failed(exitFailed)
	}
	return nil
}

// replaceFile writes beside the file and renames, so that a watcher never sees
// half of it.
func replaceFile(file string, b []byte) error {
	info, err := os.Stat(file)
	if err != nil {
		return fmt.Errorf("write: %w", err)
	}
	tmp, err := os.CreateTemp(filepath.Dir(file), ".nurture-fmt-*")
	if err != nil {
		return fmt.Errorf("write %s: %w", file, err)
	}
	_, err = tmp.Write(b)
	if closing := tmp.Close(); err == nil {
		err = closing
	}
	if err == nil {
		err = os.Chmod(tmp.Name(), info.Mode())
	}
	if err == nil {
		err = os.Rename(tmp.Name(), file)
	}
	if err != nil {
		_ = os.Remove(tmp.Name())
		return fmt.Errorf("write %s: %w", file, err)
	}
	return nil
}
