package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed-456efde2/nurture/cmd/nurture/internal/httpd"
	"github.com/seed-456efde2/nurture/engine/store"
)

func (c *cli) revisionsVerb() *cobra.Command {
	var data string
	verb := &cobra.Command{
		Use:   "revisions",
		Short: "List the revisions of the rules that have run",
		Long: `revisions lists every set of rules that was put in force, newest first: its number,
since when, by whom (the last commit of the folder, or the API key), and its digest.
Decisions name the number. Rules of equal meaning are one revision.`,
		Example: "  nurture revisions\n  nurture revisions --data ./data --json",
		Args:    cobra.NoArgs,
	}
	cl := c.serverFlags(verb)
	verb.Flags().StringVar(&data, "data", "", "state folder of a server that does not run, instead of asking one")
	verb.RunE = func(cmd *cobra.Command, _ []string) error {
		list, running, err := c.revisionList(cmd.Context(), cl, data)
		if err != nil {
			return err
		}
		if c.json {
			return c.print(map[string]any{"ok": true, "running": running, "revisions": list})
		}
		lang := c.language("")
		rows := [][]string{{words(lang, "revision", "リビジョン"), words(lang, "since", "いつから"), words(lang, "by", "変更した人"), words(lang, "digest", "ダイジェスト"), ""}}
		for _, r := range list {
			mark := ""
			switch {
			case r.Number == running:
				mark = words(lang, "running", "実行中")
			case r.Base != 0:
				mark = fmt.Sprintf(words(lang, "tried beside r%d", "r%d と並べて試行"), r.Base)
			}
			rows = append(rows, []string{"r" + strconv.FormatUint(uint64(r.Number), 10), c.stamp(r.At), orDash(r.Author), fmt.Sprintf("%.12s", r.Digest), mark})
		}
		c.printRows(rows)
		return nil
	}
	return verb
}

// revisionList asks a server, or reads its folder.
func (c *cli) revisionList(ctx context.Context, cl *client, data string) (list []httpd.RevisionDoc, running uint32, err error) {
	if data == "" {
		if err := cl.call(ctx, http.MethodGet, "/api/v1/revisions", nil, &list); err != nil {
			return nil, 0, err
		}
	} else {
		st, err := openState(data)
		if err != nil {
			return nil, 0, err
		}
		defer st.Close()
		c.zoneOf(st)
		all, err := st.Revisions()
		if err != nil {
			return nil, 0, err
		}
		for _, r := range slices.Backward(all) {
			list = append(list, httpd.NewRevision(r))
		}
	}
	if len(list) > 0 {
		running = list[0].Number
		if base := list[0].Base; base != 0 {
			running = base // the newest is tried by a part of the leads
		}
	}
	return list, running, nil
}

func (c *cli) diffVerb() *cobra.Command {
	var data string
	verb := &cobra.Command{
		Use:   "diff rA [rB]",
		Short: "Tell what two revisions of the rules say differently",
		Long: `diff compares two revisions in meaning: which blocks are new, gone or say something
else, and what; conditions are told in words too. Comments, order and form are no
difference. With one revision it is compared with the one before it.`,
		Example: "  nurture diff r41 r42\n  nurture diff r42 --lang ja",
		Args:    cobra.RangeArgs(1, 2),
	}
	cl := c.serverFlags(verb)
	verb.Flags().StringVar(&data, "data", "", "state folder of a server that does not run, instead of asking one")
	verb.RunE = func(cmd *cobra.Command, args []string) error {
		numbers := make([]uint32, len(args))
		for i, arg := range args {
			var ok bool
			if numbers[i], ok = revisionArg(arg); !ok {
				return fmt.Errorf("%q is no revision; write r42 (nurture revisions lists them)", arg)
			}
		}
		from, to := uint32(0), numbers[0]
		if len(numbers) == 2 {
			from, to = numbers[0], numbers[1]
		}
		d, err := c.diffOf(cmd.Context(), cl, data, from, to)
		if err != nil {
			return err
		}
		if c.json {
			return c.print(map[string]any{"ok": true, "diff": d})
		}
		_, err = fmt.Fprint(c.out, httpd.DiffText(d, c.language("")))
		return err
	}
	return verb
}

// revisionArg reads "r41" or "41".
func revisionArg(text string) (uint32, bool) {
	if !strings.HasPrefix(text, "r") {
		text = "r" + text
	}
	return revisionNumber(text)
}

func (c *cli) diffOf(ctx context.Context, cl *client, data string, from, to uint32) (*httpd.DiffDoc, error) {
	if data == "" {
		var d httpd.DiffDoc
		path := fmt.Sprintf("/api/v1/revisions/%d/diff?from=%d&lang=%s", to, from, c.language(""))
		return &d, cl.call(ctx, http.MethodGet, path, nil, &d)
	}
	if from == 0 {
		from = max(1, to-1)
	}
	st, err := openState(data)
	if err != nil {
		return nil, err
	}
	defer st.Close()
	all, err := st.Revisions()
	if err != nil {
		return nil, err
	}
	var sides [2]*workspace
	var revisions [2]store.Revision
	for i, n := range []uint32{from, to} {
		if sides[i], err = archived(st, n); err != nil {
			return nil, err
		}
		revisions[i] = all[slices.IndexFunc(all, func(r store.Revision) bool { return r.Number == n })]
	}
	return httpd.NewDiff(revisions[0], revisions[1], sides[0].Workspace, sides[1].Workspace, c.language(sides[1].Language)), nil
}

func (c *cli) rollbackVerb() *cobra.Command {
	var dir string
	verb := &cobra.Command{
		Use:   "rollback rN",
		Short: "Bring an earlier revision of the rules back on a running server",
		Long: `rollback puts the archived rules of an earlier revision in force, as a new revision,
all or nothing. They stay, through restarts too, until somebody changes the meaning
of the files on disk. It is refused when leads stand on steps that the earlier rules
do not have.

--write puts the archived files back into a workspace folder too, so that what is in
the files is what runs; files that the revision did not have are named and left.`,
		Example: "  nurture rollback r41\n  nurture rollback r41 --write ./rules",
		Args:    cobra.ExactArgs(1),
	}
	cl := c.serverFlags(verb)
	verb.Flags().StringVar(&dir, "write", "", "workspace folder that gets the archived files back")
	verb.RunE = func(cmd *cobra.Command, args []string) error {
		number, ok := revisionArg(args[0])
		if !ok {
			return fmt.Errorf("%q is no revision; write r42 (nurture revisions lists them)", args[0])
		}
		return c.rollback(cmd.Context(), cl, number, dir)
	}
	return verb
}

func (c *cli) rollback(ctx context.Context, cl *client, number uint32, dir string) error {
	var files httpd.SourceFiles
	if dir != "" {
		if err := isFolder(dir); err != nil {
			return err
		}
		if err := cl.call(ctx, http.MethodGet, fmt.Sprintf("/api/v1/revisions/%d/sources", number), nil, &files); err != nil {
			return err
		}
	}
	var done httpd.AppliedDoc
	if err := cl.call(ctx, http.MethodPost, "/api/v1/rollback", map[string]any{"revision": number}, &done); err != nil {
		return err
	}
	written, others, err := putBack(dir, files.Sources)
	if err != nil {
		return fmt.Errorf("r%d runs as r%d, but the files could not all be put back: %w", number, done.Revision, err)
	}
	if c.json {
		return c.print(map[string]any{"ok": true, "from": number, "revision": done.Revision, "digest": done.Digest, "written": written, "left": others})
	}
	lang := c.language("")
	fmt.Fprintf(c.out, words(lang, "The rules of r%d run again, as r%d.\n", "r%d のルールが r%d として動いています。\n"), number, done.Revision)
	switch {
	case dir == "":
		fmt.Fprintln(c.out, words(lang, "The files on disk still say otherwise; they take effect when they are changed. --write puts these rules into them.",
			"ディスク上のファイルは違う内容のままで、変更されたときに有効になります。--write でこのルールを書き戻せます。"))
	default:
		fmt.Fprintf(c.out, words(lang, "%d files were put back.\n", "%d個のファイルを書き戻しました。\n"), len(written))
		for _, name := range others {
			fmt.Fprintf(c.out, words(lang, "%s is not part of r%d; it was left, and counts again when it is loaded.\n", "%s は r%d にはありません。残してあります。次に読み込むと有効になります。\n"), name, number)
		}
	}
	return nil
}

// putBack writes archived files into a folder, and names the rule files there that
// the archive does not have.
func putBack(dir string, sources map[string][]byte) (written, others []string, err error) {
	if dir == "" {
		return nil, nil, nil
	}
	for _, name := range slices.Sorted(maps.Keys(sources)) {
		if !filepath.IsLocal(filepath.FromSlash(name)) {
			return written, others, errors.New("a file of the archive lies outside the folder")
		}
		file := filepath.Join(dir, filepath.FromSlash(name))
		if old, err := os.ReadFile(file); err == nil && bytes.Equal(old, sources[name]) {
			continue
		}
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return written, others, err
		}
		if err := replaceFile(file, sources[name]); err != nil {
			return written, others, err
		}
		written = append(written, name)
	}
	files, err := formattedFiles([]string{dir})
	if err != nil {
		return written, others, err
	}
	for _, file := range files {
		rel, err := filepath.Rel(dir, file)
		if err != nil {
			return written, others, err
		}
		if _, ok := sources[filepath.ToSlash(rel)]; !ok && filepath.Ext(rel) == ".hcl" {
			others = append(others, filepath.ToSlash(rel))
		}
	}
	return written, others, nil
}
