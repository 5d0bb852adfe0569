package main

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"testing/fstest"

	"github.com/spf13/cobra"

	"github.com/seed-456efde2/nurture/dsl"
	"github.com/seed-456efde2/nurture/plugins/channel"
	"github.com/seed-456efde2/nurture/plugins/host"
)

// What locking does with a plugin.
const (
	lockAdded     = "added"
	lockUpdated   = "updated"
	lockUnchanged = "unchanged"
	lockKept      = "kept"    // not on this machine, and a channel names it
	lockDropped   = "dropped" // not on this machine, and nothing names it
)

var lockWords = map[string][2]string{
	lockAdded:     {"added", "追加"},
	lockUpdated:   {"updated", "更新"},
	lockUnchanged: {"unchanged", "変更なし"},
	lockKept:      {"kept, it is not on this machine", "そのまま（このマシンにはない）"},
	lockDropped:   {"dropped, nothing names it", "削除（使われていない）"},
}

// lockChange is what locking did with one plugin.
type lockChange struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	Change  string `json:"change"`
	SHA256  string `json:"sha256,omitempty"`
	Path    string `json:"path,omitempty"`
}

func (c *cli) pluginLockVerb() *cobra.Command {
	var check bool
	verb := &cobra.Command{
		Use: "lock [WORKSPACE]", Short: "Say that the plugins that are here now are trusted",
		Long: `lock writes plugins.lock.json into the workspace: the version, the checksum and the
description of every external plugin in its folder plugins, and of those on PATH
that a channel names. Each is started once to be asked what it is. check reads the
description and starts nothing; serve runs a program only when its checksum is the
locked one. Keep the file with the rules. Exit code 1: a plugin does not describe
itself, or, with --check, the file is not what is here.`,
		Example: "  nurture plugin lock\n  nurture plugin lock ./rules --check",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			dir := folder(args)
			if err := isFolder(dir); err != nil {
				return &exit{code: exitInvalid, err: err}
			}
			return c.lockPlugins(cmd.Context(), dir, check)
		},
	}
	verb.Flags().BoolVar(&check, "check", false, "write nothing, fail when the file is not what is here")
	return verb
}

func (c *cli) lockPlugins(ctx context.Context, dir string, check bool) error {
	files := os.DirFS(dir)
	old, err := host.ReadLock(files)
	if err != nil && check {
		return err
	}
	lock, changes, err := newLock(ctx, old, host.Discover(dir, os.Getenv("PATH")), dsl.NamedPlugins(files))
	if err != nil {
		return err
	}
	if err := readableLock(lock); err != nil {
		return err
	}
	differs := false
	if check {
		differs, err = lockDiffers(dir, lock)
	} else {
		_, err = lock.Write(dir)
	}
	if err != nil {
		return err
	}
	if err := c.tellLock(changes, differs); err != nil {
		return err
	}
	if differs {
		return failed(exitFailed)
	}
	return nil
}

// newLock is the lock of what was found, as far as the workspace wants it, and of
// what it locks already.
func newLock(ctx context.Context, old host.Lock, found []host.Found, named []string) (lock host.Lock, changes []lockChange, err error) {
	here := map[string]bool{}
	for _, f := range found {
		wanted := f.Origin == host.InWorkspace || slices.Contains(named, f.Name)
		switch {
		case !wanted:
			continue
		case isBuiltin(f.Name) && f.Origin == host.InWorkspace:
			return lock, nil, fmt.Errorf("%s: plugin %s is built in; give yours another name", f.Binary.Path, f.Name)
		case isBuiltin(f.Name):
			continue // a channel that names it means the built-in one
		}
		here[f.Name] = true
		locked, change, err := lockOne(ctx, old.Find(f.Name), f)
		if err != nil {
			return lock, nil, err
		}
		lock.Plugins = append(lock.Plugins, locked)
		changes = append(changes, change)
	}
	for _, l := range old.Plugins {
		name := l.Description.Name
		switch {
		case here[name]:
		case slices.Contains(named, name):
			lock.Plugins = append(lock.Plugins, l)
			changes = append(changes, lockChange{Name: name, Version: l.Description.Version, Change: lockKept})
		default:
			changes = append(changes, lockChange{Name: name, Version: l.Description.Version, Change: lockDropped})
		}
	}
	return lock, changes, nil
}

// lockOne asks a plugin what it is. The checksums of other platforms stand as long
// as the description does.
func lockOne(ctx context.Context, old *host.Locked, f host.Found) (host.Locked, lockChange, error) {
	ctx, cancel := context.WithTimeout(ctx, describeTimeout)
	defer cancel()
	d, sum, err := host.Describe(ctx, f.Binary)
	if err != nil {
		return host.Locked{}, lockChange{}, err
	}
	if d.Name != f.Name {
		return host.Locked{}, lockChange{}, fmt.Errorf("%s describes itself as plugin %s; call its program %s", f.Binary.Path, d.Name, host.ProgramPrefix+d.Name)
	}
	locked := host.Locked{SHA256: map[string]string{platform: sum}, Description: d}
	change := lockChange{Name: d.Name, Version: d.Version, Change: lockAdded, SHA256: sum, Path: f.Binary.Path}
	if old == nil {
		return locked, change, nil
	}
	change.Change = lockUpdated
	same, err := sameDescription(old.Description, d)
	if err != nil {
		return locked, change, err
	}
	if same {
		locked.SHA256 = maps.Clone(old.SHA256)
		locked.SHA256[platform] = sum
		if old.SHA256[platform] == sum {
			change.Change = lockUnchanged
		}
	}
	return locked, change, nil
}

func sameDescription(a, b channel.Description) (bool, error) {
	x, err := channel.EncodeDescription(a)
	if err != nil {
		return false, err
	}
	y, err := channel.EncodeDescription(b)
	return bytes.Equal(x, y), err
}

// readableLock makes sure that rules can be checked with the lock before it is
// written.
func readableLock(lock host.Lock) error {
	b, err := lock.Encode()
	if err != nil {
		return err
	}
	if _, problems := dsl.LockedCatalog(fstest.MapFS{dsl.LockFile: &fstest.MapFile{Data: b}}, "en"); problems.HasErrors() {
		return fmt.Errorf("the rules cannot use what a plugin describes: %s", problems.Items[0].Message("en"))
	}
	return nil
}

func lockDiffers(dir string, lock host.Lock) (bool, error) {
	b, err := lock.Encode()
	if err != nil {
		return false, err
	}
	have, err := os.ReadFile(dir + string(os.PathSeparator) + host.LockFile)
	if os.IsNotExist(err) {
		return len(lock.Plugins) > 0, nil
	}
	return !bytes.Equal(b, have), err
}

func (c *cli) tellLock(changes []lockChange, differs bool) error {
	if c.json {
		return c.print(map[string]any{"ok": !differs, "file": host.LockFile, "plugins": changes})
	}
	lang := c.language("")
	if len(changes) == 0 {
		fmt.Fprintln(c.out, words(lang, "There is no external plugin to lock: none in the folder plugins, and no channel names one on PATH.",
			"ロックする外部プラグインはありません（plugins フォルダになく、PATH のものを使うチャネルもありません）。"))
	}
	for _, ch := range changes {
		w := lockWords[ch.Change]
		fmt.Fprintf(c.out, "%s %s  %s  %.12s\n", ch.Name, ch.Version, words(lang, w[0], w[1]), ch.SHA256)
	}
	if differs {
		fmt.Fprintln(c.err, words(lang, host.LockFile+" is not what is here; write it with: nurture plugin lock",
			host.LockFile+" が今あるプラグインと違います。書き直すには: nurture plugin lock"))
	}
	return nil
}
