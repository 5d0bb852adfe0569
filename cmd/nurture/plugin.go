package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/seed-456efde2/nurture/plugins"
	"github.com/seed-456efde2/nurture/plugins/channel"
)

func (c *cli) pluginVerb() *cobra.Command {
	verb := &cobra.Command{Use: "plugin", Short: "Work with channel plugins", Args: cobra.NoArgs}
	verb.AddCommand(c.pluginListVerb(), c.pluginLockVerb(), c.pluginTestVerb(), c.pluginNewVerb(), c.pluginServeVerb())
	return verb
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
