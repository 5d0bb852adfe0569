package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed-456efde2/nurture/workflows"
)

// initOptions are the flags of init.
type initOptions struct {
	starter, ci string
	list        bool
}

func (c *cli) initVerb() *cobra.Command {
	var o initOptions
	verb := &cobra.Command{
		Use:   "init [DIR]",
		Short: "Write a starter workspace: rules, texts and tests to make your own",
		Long: `init writes a starter into an empty or new folder: whole rules with texts and tests,
which check and test find sound as they stand. A file that is there already is
never overwritten: then nothing is written at all. In a terminal it asks which
starter is wanted; otherwise it asks nothing. A name without -ja or -en, like
webinar, means the one in your language.`,
		Example: "  nurture init rules --starter webinar\n  nurture init --list\n  nurture init rules --starter b2b-jp --ci github",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if o.list {
				return c.listStarters()
			}
			return c.initialise(folder(args), o)
		},
	}
	f := verb.Flags()
	f.StringVar(&o.starter, "starter", "", "which starter (--list shows them; default: document-request)")
	f.BoolVar(&o.list, "list", false, "show the starters and write nothing")
	f.StringVar(&o.ci, "ci", "", "also write the pipeline of github or gitlab: check and test at every push, plan a change, apply what is merged")
	return verb
}

// listStarters shows what there is.
func (c *cli) listStarters() error {
	lang := c.language("")
	if c.json {
		var list []map[string]any
		for _, s := range workflows.All() {
			list = append(list, map[string]any{"name": s.Name, "language": s.Language, "about": strings.Join(aboutLines(&s, lang), " ")})
		}
		return c.print(map[string]any{"ok": true, "starters": list})
	}
	for _, s := range workflows.All() {
		fmt.Fprintf(c.out, "%s\n", s.Name)
		for _, line := range aboutLines(&s, lang) {
			fmt.Fprintf(c.out, "    %s\n", line)
		}
	}
	return nil
}

func aboutLines(s *workflows.Starter, lang string) []string {
	about := s.About(lang)
	return about[:]
}

// initialise writes a starter into a folder.
func (c *cli) initialise(dir string, o initOptions) error {
	lang := c.language("")
	pipeline, err := pipelineOf(o.ci, ".")
	if err != nil {
		return err
	}
	name := o.starter
	if name == "" {
		name = c.askStarter(lang)
	}
	starter, err := findStarter(name, lang)
	if err != nil {
		return err
	}
	files, err := starterFiles(starter.Name)
	if err != nil {
		return err
	}
	files = append(files, startFile{path: ".gitignore", content: []byte(ignored[starter.Language])})
	if pipeline != nil {
		files = append(files, *pipeline)
	}
	if err := mayWrite(dir, files); err != nil {
		return err
	}
	if err := writeNew(dir, files); err != nil {
		return err
	}
	return c.tellInit(dir, starter, files)
}

// findStarter is the starter of that name, or, where the name says no language,
// the one in the reader's.
func findStarter(name, lang string) (*workflows.Starter, error) {
	all := workflows.All()
	for _, wanted := range []string{name, name + "-" + lang, name + "-en", name + "-ja"} {
		if i := slices.IndexFunc(all, func(s workflows.Starter) bool { return s.Name == wanted }); i >= 0 {
			return &all[i], nil
		}
	}
	return nil, fmt.Errorf("there is no starter called %q; there are: %s", name, strings.Join(workflows.Names(), ", "))
}

// standardStarter is written when nobody says which.
const standardStarter = "document-request"

// askStarter asks in a terminal which starter is wanted. Where nobody can answer,
// or nobody does, it is the standard one.
func (c *cli) askStarter(lang string) string {
	if c.json || !isTerminal(c.in) || !isTerminal(c.out) {
		return standardStarter
	}
	var offered []workflows.Starter
	for _, s := range workflows.All() {
		if s.Language == lang {
			offered = append(offered, s)
		}
	}
	for i := range offered {
		fmt.Fprintf(c.out, "%2d  %s\n", i+1, offered[i].Name)
		for _, line := range aboutLines(&offered[i], lang) {
			fmt.Fprintf(c.out, "    %s\n", line)
		}
	}
	for lines := bufio.NewScanner(c.in); ; {
		fmt.Fprintf(c.out, words(lang, "Which one? 1-%d, Enter for 1: ", "どれにしますか（1〜%d、Enter で 1）: "), len(offered))
		if !lines.Scan() {
			return standardStarter
		}
		answer := strings.TrimSpace(lines.Text())
		if answer == "" {
			return offered[0].Name
		}
		if n, err := strconv.Atoi(answer); err == nil && n >= 1 && n <= len(offered) {
			return offered[n-1].Name
		}
		if s, err := findStarter(answer, lang); err == nil {
			return s.Name
		}
	}
}

// isTerminal reports whether a person is at the other end. /dev/null looks like
// one and answers nothing, which is an answer too.
func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// startFile is one file to be written.
type startFile struct {
	path    string // below the folder, with slashes
	content []byte
}

// mayWrite refuses a folder that holds rules, or a file of a name that would be
// written. It names the file.
func mayWrite(dir string, files []startFile) error {
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("look at the folder: %w", err)
	case !info.IsDir():
		return fmt.Errorf("%s is a file; name a folder, new or empty", dir)
	}
	for i := range files {
		path := filepath.Join(dir, filepath.FromSlash(files[i].path))
		if _, err := os.Lstat(path); err == nil {
			return fmt.Errorf("%s is there already and is not overwritten; nothing was written: name another folder", path)
		} else if !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("look for files that are there: %w", err)
		}
	}
	rules, err := filepath.Glob(filepath.Join(dir, "*.hcl"))
	if err != nil || len(rules) == 0 {
		return err
	}
	return fmt.Errorf("%s is there already: the folder holds rules, which a starter would mix with; nothing was written: name another folder", rules[0])
}

// writeNew writes files that are not there; one that has come about meanwhile is
// not overwritten either.
func writeNew(dir string, files []startFile) error {
	for i := range files {
		path := filepath.Join(dir, filepath.FromSlash(files[i].path))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return fmt.Errorf("make a folder for the starter: %w", err)
		}
		f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
		if err != nil {
			return fmt.Errorf("write the starter: %w", err)
		}
		_, err = f.Write(files[i].content)
		if err = errors.Join(err, f.Close()); err != nil {
			return fmt.Errorf("write the starter: %w", err)
		}
	}
	return nil
}

// tellInit says what was written and what to do with it.
func (c *cli) tellInit(dir string, s *workflows.Starter, files []startFile) error {
	at := ""
	if filepath.Clean(dir) != "." {
		at = " " + quotedArg(dir)
	}
	next := []string{"nurture check" + at, "nurture test" + at, "nurture dev" + at}
	if c.json {
		var written []string
		for i := range files {
			written = append(written, files[i].path)
		}
		return c.print(map[string]any{"ok": true, "starter": s.Name, "dir": dir, "files": written, "next": next})
	}
	lang := c.language(s.Language)
	fmt.Fprintf(c.out, words(lang, "%s: %d files of the starter %s\n\n", "%s: ひな形 %[3]s のファイル%[2]d個を書きました\n\n"), dir, len(files), s.Name)
	say := func(command, en, ja string) {
		fmt.Fprintf(c.out, "  %s  %s\n", pad(command, 30), words(lang, en, ja))
	}
	fmt.Fprintln(c.out, words(lang, "What to do next:", "次にすること:"))
	say(next[0], "finds what is wrong, at the words that cause it", "問題を、原因の言葉の位置とともに示す")
	say(next[1], "plays the stories in tests/", "tests/ の物語を確かめる")
	say(next[2], "runs it on this machine, with people who come and go", "このマシンで、人の出入りとともに動かす")
	_, err := fmt.Fprintln(c.out, words(lang, "\nThen make it yours: begin with project.hcl, contact.hcl and the texts in templates/.", "\nそのあと自社のものに書き換えます。project.hcl、contact.hcl と templates/ の文面から始めてください。"))
	return err
}

// quotedArg is a path as a shell takes it.
func quotedArg(s string) string {
	if strings.ContainsAny(s, " \t'\"$&;()*?[]{}|<>\\`!#~") {
		return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
	}
	return s
}
