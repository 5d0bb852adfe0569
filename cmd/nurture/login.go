package main

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed-456efde2/nurture/cmd/nurture/internal/httpd"
)

func (c *cli) loginVerb() *cobra.Command {
	var open bool
	verb := &cobra.Command{
		Use: "login", Short: "Make a link that signs in to the console once", Args: cobra.NoArgs,
		Long: `login asks a running server for a link into its console, so that no key has to be
typed into a browser. The link holds once and for ten minutes; what it opens may what
the key may, and ends with the key, or after twelve hours.`,
		Example: "  nurture login\n  nurture login --open --server https://nurture.example.co.jp",
	}
	cl := c.serverFlags(verb)
	verb.Flags().BoolVar(&open, "open", false, "open it in a browser")
	verb.RunE = func(cmd *cobra.Command, _ []string) error {
		var link httpd.LoginLink
		if err := cl.call(cmd.Context(), http.MethodPost, "/api/v1/login-links", nil, &link); err != nil {
			return err
		}
		url := strings.TrimRight(cl.server, "/") + link.Path
		if open {
			openBrowser(url)
		}
		if c.json {
			return c.print(map[string]any{"ok": true, "url": url, "ends": link.Ends})
		}
		fmt.Fprintln(c.out, url)
		fmt.Fprintln(c.err, fmt.Sprintf(words(c.language(""), "The link holds once, until %s.", "このリンクは一度だけ、%s まで使えます。"), c.local(link.Ends).Format("15:04 MST")))
		return nil
	}
	return verb
}
