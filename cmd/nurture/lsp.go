package main

import (
	"log/slog"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/seed-456efde2/nurture/dsl/lsp"
)

func (c *cli) lspVerb() *cobra.Command {
	verb := &cobra.Command{
		Use:   "lsp",
		Short: "Speak with an editor: the language server of the rules",
		Long: `lsp speaks the Language Server Protocol on standard input and output. An editor
starts it and shows what it says: problems while you type, completion, hover,
definitions, references, renaming, formatting and corrections, in *.hcl files and
in the templates of mails. It writes no file. Logs go to standard error.

docs/en/editors.md says how to set it up in VS Code, Neovim, Helix and Zed.`,
		Example: "  nurture lsp",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return lsp.Serve(cmd.Context(), c.in, c.out, lsp.Options{
				After: time.After, Lookup: os.LookupEnv, Language: c.lang, Version: version(),
				Log: slog.New(slog.NewTextHandler(c.err, nil)),
			})
		},
	}
	verb.Flags().Bool("stdio", true, "speak on standard input and output, which it always does")
	return verb
}
