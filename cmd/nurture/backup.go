package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/seed-456efde2/nurture/engine/store"
)

func (c *cli) backupVerb() *cobra.Command {
	verb := &cobra.Command{
		Use:   "backup FILE",
		Short: "Copy everything that a server keeps into a file",
		Long: `backup writes all that a server keeps (leads, facts, decisions, revisions, keys, the
secret of tracked links) into one file, as of now. The server works on meanwhile; of
one that does not run, --data opens the folder. The file is written whole or not at
all, and only its owner may read it: it has people's data.

restore makes a folder of it again; replay, plan and learn read it as it is (--backup).`,
		Example: "  nurture backup nurture.backup --server https://nurture.example.co.jp\n  nurture backup nurture.backup --data data",
		Args:    cobra.ExactArgs(1),
	}
	cl := c.serverFlags(verb)
	data := verb.Flags().String("data", "", "state folder of a server that is not running")
	verb.RunE = func(cmd *cobra.Command, args []string) error { return c.backup(cmd.Context(), cl, *data, args[0]) }
	return verb
}

func (c *cli) backup(ctx context.Context, cl *client, data, name string) error {
	n, err := writeFile(name, func(w io.Writer) error {
		if data == "" {
			return cl.download(ctx, "/api/v1/backup", w)
		}
		st, err := openState(data)
		if err != nil {
			return err
		}
		defer st.Close() // it was only read
		return st.Backup(w)
	})
	if err != nil {
		return err
	}
	if c.json {
		return c.print(map[string]any{"ok": true, "file": name, "bytes": n})
	}
	fmt.Fprintf(c.out, words(c.language(""), "%s: %d bytes\n", "%s: %d バイト\n"), name, n)
	return nil
}

func (c *cli) restoreVerb() *cobra.Command {
	verb := &cobra.Command{
		Use:   "restore FILE --data DIR",
		Short: "Make a server's folder from a backup",
		Long: `restore makes a state folder of a backup: a new one, or an empty one. A server that is
started on it goes on where the backup was made. Messages that were sent after that
may go a second time, and people who were forgotten after that are there again: forget
them again (nurture lead forget --file) before the server runs.`,
		Example: "  nurture restore nurture.backup --data restored\n  nurture lead forget --file erased.txt --yes --data restored\n  nurture serve ./rules --data restored",
		Args:    cobra.ExactArgs(1),
	}
	data := verb.Flags().String("data", "", "state folder to make; it must be new or empty")
	_ = verb.MarkFlagRequired("data")
	verb.RunE = func(_ *cobra.Command, args []string) error { return c.restore(args[0], *data) }
	return verb
}

func (c *cli) restore(name, data string) error {
	f, err := os.Open(name)
	if err != nil {
		return fmt.Errorf("open the backup: %w", err)
	}
	defer f.Close()
	if err := store.Restore(store.Options{Dir: data}, f); err != nil {
		return err
	}
	if c.json {
		return c.print(map[string]any{"ok": true, "data": data})
	}
	fmt.Fprintf(c.out, words(c.language(""), "%s is ready: nurture serve WORKSPACE --data %[1]s\n", "%s ができました: nurture serve WORKSPACE --data %[1]s\n"), data)
	return nil
}
