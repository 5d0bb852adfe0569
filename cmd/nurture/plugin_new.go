package main

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed-456efde2/nurture/plugins/host"
	"github.com/seed-456efde2/nurture/plugins/scaffold"
)

func (c *cli) pluginNewVerb() *cobra.Command {
	var out string
	var o scaffold.Options
	verb := &cobra.Command{
		Use: "new NAME", Short: "Begin a plugin: a project that passes the tests as it is",
		Long: `new writes a small project in Go, Python or Node.js: a channel that posts messages to
an HTTP service, with a README in both languages, the plan of its tests and the
protocol. Change what it describes and how it sends, and try it with plugin test.`,
		Example: "  nurture plugin new sms --lang python\n  nurture plugin new sms --lang go --out ./sms-plugin\n  nurture plugin new sms --lang node --inbound",
		Args:    cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			o.Name = args[0]
			if out == "" {
				out = host.ProgramPrefix + o.Name
			}
			if v := version(); strings.HasPrefix(v, "v") && !strings.Contains(v, "+") {
				o.Version = v
			}
			if o.SDK != "" {
				abs, err := filepath.Abs(o.SDK)
				if err != nil {
					return err
				}
				o.SDK = abs
			}
			files, err := scaffold.Write(out, o)
			if err != nil {
				return fmt.Errorf("begin a plugin: %w", err)
			}
			return c.tellNew(out, o, files)
		},
	}
	f := verb.Flags()
	f.StringVar(&o.Language, "lang", "go", "language to write it in: "+strings.Join(scaffold.Languages(), ", "))
	f.StringVar(&out, "out", "", "folder to write to, new or empty (default: nurture-plugin-NAME)")
	f.BoolVar(&o.Inbound, "inbound", false, "also hear of the service: ask it, and take its signed requests")
	f.StringVar(&o.SDK, "sdk", "", "folder with the source of nurture, for a plugin in Go that is built against it")
	return verb
}

// tellNew says what to do next.
func (c *cli) tellNew(dir string, o scaffold.Options, files []string) error {
	build := map[string]string{"go": "go mod tidy && go build -o " + host.ProgramPrefix + o.Name + " .", "node": "npm ci", "python": ""}[o.Language]
	next := []string{"cd " + dir}
	if build != "" {
		next = append(next, build)
	}
	next = append(next, "nurture plugin test ./"+host.ProgramPrefix+o.Name)
	if c.json {
		return c.print(map[string]any{"ok": true, "plugin": o.Name, "folder": dir, "files": files, "next": next})
	}
	lang := c.language("")
	fmt.Fprintf(c.out, words(lang, "Plugin %s begins in %s: %s\n\nNext:\n", "プラグイン %s を %s に作りました: %s\n\n次は:\n"),
		o.Name, dir, strings.Join(files, ", "))
	for _, line := range next {
		fmt.Fprintln(c.out, "  "+line)
	}
	return nil
}
