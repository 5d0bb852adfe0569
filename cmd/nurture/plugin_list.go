package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/seed-456efde2/nurture/plugins/channel"
	"github.com/seed-456efde2/nurture/plugins/host"
)

// describeTimeout bounds the wait for a plugin that is asked what it is.
const describeTimeout = time.Minute

// The states of a plugin in the list.
const (
	pluginReady         = "ready"          // serve runs it
	pluginDescribedOnly = "described_only" // it can be checked, not served
	pluginNotLocked     = "not_locked"     // nobody has said that it is trusted
	pluginChanged       = "changed"        // its program is not the one that was locked
	pluginAbsent        = "absent"         // locked, and not on this machine
)

var pluginStates = map[string][2]string{
	pluginReady:         {"ready", "使用可"},
	pluginDescribedOnly: {"described only", "説明のみ"},
	pluginNotLocked:     {"not locked", "未ロック"},
	pluginChanged:       {"changed since it was locked", "ロック後に変更あり"},
	pluginAbsent:        {"locked, not installed here", "ロック済み・未インストール"},
}

var pluginOrigins = map[host.Origin][2]string{
	host.Builtin:     {"built in", "組み込み"},
	host.InWorkspace: {"workspace", "ワークスペース"},
	host.OnPath:      {"PATH", "PATH"},
}

// pluginRow is one plugin of the list: what it describes, and how it stands here.
type pluginRow struct {
	channel.Description
	From   host.Origin `json:"from,omitempty"`
	Path   string      `json:"path,omitempty"`
	SHA256 string      `json:"sha256,omitempty"`
	State  string      `json:"state"`
	Note   string      `json:"note,omitempty"`
}

func (c *cli) pluginListVerb() *cobra.Command {
	var describe bool
	verb := &cobra.Command{
		Use: "list [WORKSPACE]", Short: "List the channel plugins",
		Long: `list shows the plugins that are built in, those in the workspace's folder plugins,
and those on PATH (programs called nurture-plugin-NAME): where each comes from,
its version and checksum, whether it is locked, and what it is for. Nothing is
started, so that of a plugin that is not locked only its name is known; with
--describe it is started to be asked.`,
		Example: "  nurture plugin list\n  nurture plugin list ./rules --json",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			dir := folder(args)
			if err := isFolder(dir); err != nil {
				return &exit{code: exitInvalid, err: err}
			}
			lock, err := host.ReadLock(os.DirFS(dir))
			if err != nil {
				return &exit{code: exitInvalid, err: err}
			}
			rows := pluginRows(cmd.Context(), lock, host.Discover(dir, os.Getenv("PATH")), describe)
			if c.json {
				return c.print(map[string]any{"plugins": rows})
			}
			return c.printPlugins(rows)
		},
	}
	verb.Flags().BoolVar(&describe, "describe", false, "start plugins that are not locked, to ask what they are")
	return verb
}

// pluginRows are the built-in plugins and then the external ones, each by name.
func pluginRows(ctx context.Context, lock host.Lock, found []host.Found, describe bool) []pluginRow {
	var rows []pluginRow
	external := map[string]bool{}
	for _, f := range found {
		external[f.Name] = true
	}
	for _, d := range host.Catalog() {
		switch {
		case !d.Missing:
			rows = append(rows, pluginRow{Description: d, From: host.Builtin, State: pluginReady})
		case lock.Find(d.Name) == nil && !external[d.Name]:
			rows = append(rows, pluginRow{Description: d, State: pluginDescribedOnly})
		}
	}
	var outside []pluginRow
	for _, f := range found {
		if !isBuiltin(f.Name) {
			outside = append(outside, foundRow(ctx, lock.Find(f.Name), f, describe))
		}
	}
	for _, l := range lock.Plugins {
		if !external[l.Description.Name] {
			outside = append(outside, pluginRow{Description: l.Description, SHA256: l.SHA256[platform], State: pluginAbsent})
		}
	}
	slices.SortFunc(outside, func(a, b pluginRow) int { return strings.Compare(a.Name, b.Name) })
	return append(rows, outside...)
}

// isBuiltin reports whether a plugin of that name belongs to this program.
func isBuiltin(name string) bool {
	return slices.ContainsFunc(host.Catalog(), func(d channel.Description) bool { return d.Name == name && !d.Missing })
}

// foundRow is how a plugin stands that is on this machine.
func foundRow(ctx context.Context, locked *host.Locked, f host.Found, describe bool) pluginRow {
	row := pluginRow{Description: channel.Description{Name: f.Name}, From: f.Origin, Path: f.Binary.Path}
	var err error
	if row.SHA256, err = f.Binary.Sum(); err != nil {
		row.Note = err.Error()
	}
	if locked != nil {
		row.Description, row.State = locked.Description, pluginReady
		if row.SHA256 != locked.SHA256[platform] {
			row.State = pluginChanged
		}
		return row
	}
	row.State = pluginNotLocked
	if !describe {
		return row
	}
	ctx, cancel := context.WithTimeout(ctx, describeTimeout)
	defer cancel()
	d, _, err := host.Describe(ctx, f.Binary)
	if err != nil {
		row.Note = err.Error()
		return row
	}
	row.Description = d
	return row
}

func (c *cli) printPlugins(rows []pluginRow) error {
	lang := c.language("")
	w := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, words(lang, "PLUGIN\tVERSION\tFROM\tCHECKSUM\tSTATE\tWHAT IT IS FOR", "プラグイン\t版\t場所\tチェックサム\t状態\t用途"))
	unlocked := false
	for _, r := range rows {
		state, origin := pluginStates[r.State], pluginOrigins[r.From]
		unlocked = unlocked || r.State == pluginNotLocked || r.State == pluginChanged
		about := r.Summary.In(lang)
		if r.Note != "" {
			about = r.Note
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%.12s\t%s\t%s\n", r.Name, dash(r.Version), dash(words(lang, origin[0], origin[1])), dash(r.SHA256),
			words(lang, state[0], state[1]), about)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if unlocked {
		fmt.Fprintln(c.out, words(lang, "\nA plugin that is not locked, or has changed, is not run. If you trust it: nurture plugin lock",
			"\nロックされていない、または変更されたプラグインは動きません。信頼できるなら: nurture plugin lock"))
	}
	return nil
}

// dash stands where there is nothing to say.
func dash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}
