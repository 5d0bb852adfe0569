package main

import (
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/seed-456efde2/nurture/plugins"
	"github.com/seed-456efde2/nurture/plugins/channel"
	"github.com/seed-456efde2/nurture/plugins/host"
)

func (c *cli) pluginVerb() *cobra.Command {
	verb := &cobra.Command{Use: "plugin", Short: "List channel plugins, or serve a built-in one", Args: cobra.NoArgs}
	verb.AddCommand(c.pluginListVerb(), c.pluginServeVerb())
	return verb
}

func (c *cli) pluginListVerb() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List the channel plugins", Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			catalog := host.Catalog()
			if c.json {
				return c.print(map[string]any{"plugins": catalog})
			}
			lang := c.language("")
			w := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0)
			for _, d := range catalog {
				kind := words(lang, "built in", "組み込み")
				if d.Missing {
					kind = words(lang, "described only", "説明のみ")
				}
				fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", d.Name, d.Version, kind, d.Summary.In(lang))
			}
			return w.Flush()
		},
	}
}

// pluginServeVerb is what the plugin host starts. It answers a plugin host only;
// a person who calls it is told so by the protocol's library.
func (c *cli) pluginServeVerb() *cobra.Command {
	return &cobra.Command{
		Use: "serve NAME", Short: "Serve a built-in plugin to the plugin host", Hidden: true, Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			c := plugins.New(args[0])
			if c == nil {
				return fmt.Errorf("there is no built-in plugin %q; there are %v", args[0], plugins.Names())
			}
			channel.Serve(c)
			return nil
		},
	}
}
