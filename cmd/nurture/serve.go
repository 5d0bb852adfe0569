package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/seed-456efde2/nurture/cmd/nurture/internal/access"
	"github.com/seed-456efde2/nurture/cmd/nurture/internal/httpd"
)

func (c *cli) serveVerb() *cobra.Command {
	var o serverOptions
	var writeKeys, apiKeys []string
	var announce, auditKeep, decisionsKeep string
	verb := &cobra.Command{
		Use:   "serve WORKSPACE --data DIR",
		Short: "Run a workspace: take events, decide, send",
		Long: `serve takes events over HTTP in Segment's form, decides about every lead by the
rules of the workspace, keeps all state in the data folder and sends through the
configured channels. Rules that change on disk take effect while it runs; rules
with problems are refused and shown, and the running ones stay.

Keys are made with nurture key, also before the first start (--data), or given here
as NAME=SECRET, several times or comma-separated in the environment; a key given
here may do everything. While there is no key for the API, only this machine may
operate, and only when the server listens on a loopback address; where others reach
it, it does not start without one.

With --public-url the links of mails to leads lead through this server, so that
clicks, opens and unsubscribes come back by themselves; without it mails have
neither. The addresses are sealed with the secrets in NURTURE_TRACKING_KEYS, the
current one first, older ones behind it for as long as their mails should work;
without any, a secret is made and kept in the data folder.`,
		Example: "  nurture serve ./rules --data ./data\n" +
			"  NURTURE_WRITE_KEYS=web=$WEB_KEY NURTURE_API_KEYS=ops=$OPS_KEY nurture serve ./rules --data /var/lib/nurture --listen :8383",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Workspace, o.Lang = args[0], c.lang
			var err error
			if o.Sources, err = keys(writeKeys, "NURTURE_WRITE_KEYS"); err != nil {
				return err
			}
			if o.APIKeys, err = keys(apiKeys, "NURTURE_API_KEYS"); err != nil {
				return err
			}
			seconds, err := secondsOf(auditKeep, "--audit-keep")
			if err != nil {
				return err
			}
			o.AuditKeep = time.Duration(seconds) * time.Second
			if seconds, err = secondsOf(decisionsKeep, "--decisions-keep"); err != nil {
				return err
			}
			o.DecisionsKeep = time.Duration(seconds) * time.Second
			o.TrackingKeys = os.Getenv("NURTURE_TRACKING_KEYS")
			if o.PublicURL == "" {
				o.PublicURL = os.Getenv("NURTURE_PUBLIC_URL")
			}
			return c.serve(cmd.Context(), o, announce)
		},
	}
	flags := verb.Flags()
	flags.StringVar(&o.Data, "data", "", "folder of the state; it is created when it does not exist")
	flags.StringVar(&o.Listen, "listen", "127.0.0.1:8383", "address to listen on")
	flags.StringArrayVar(&writeKeys, "write-key", nil, "NAME=SECRET of a source that may send events ($NURTURE_WRITE_KEYS)")
	flags.StringArrayVar(&apiKeys, "api-key", nil, "NAME=SECRET that may use the API and the console ($NURTURE_API_KEYS)")
	flags.StringArrayVar(&o.Origins, "origin", nil, "site whose pages may send events, https://www.example.co.jp")
	flags.StringVar(&auditKeep, "audit-keep", "400d", "how long the audit log keeps an entry")
	flags.StringVar(&decisionsKeep, "decisions-keep", "400d", "how long the reasons of decisions are kept; 0: for ever")
	flags.StringVar(&o.PublicURL, "public-url", "", "https address under which readers of mails reach this server: tracked links, unsubscribe ($NURTURE_PUBLIC_URL)")
	flags.StringVar(&announce, "announce", "", "file to write the server's address to once it is ready, for --listen with port 0")
	flags.DurationVar(&o.Poll, "poll", 0, "how often the rules' folder is looked at where the system tells of no change (default 30s, 2s on network file systems)")
	flags.DurationVar(&o.Grace, "grace", 0, "how long a stop waits for calls and messages under way (default 20s)")
	_ = verb.MarkFlagRequired("data")
	return verb
}

// keys reads NAME=SECRET pairs from the flags and the environment.
func keys(flags []string, env string) ([]httpd.Key, error) {
	pairs := flags
	if v := os.Getenv(env); v != "" {
		pairs = append(pairs, strings.Split(v, ",")...)
	}
	var list []httpd.Key
	for i, pair := range pairs {
		name, secret, ok := strings.Cut(strings.TrimSpace(pair), "=")
		if !ok || name == "" || secret == "" {
			return nil, fmt.Errorf("key number %d is not of the form NAME=SECRET", i+1)
		}
		list = append(list, httpd.Key{Name: name, Secret: secret})
	}
	return list, nil
}

func (c *cli) serve(ctx context.Context, o serverOptions, announce string) error {
	if err := isFolder(o.Workspace); err != nil {
		return &exit{code: exitInvalid, err: err}
	}
	o.Log = c.logger()
	// Without a key for the API this machine may do everything, where nobody else
	// reaches the server; a key in the book ends that.
	o.Loopback = len(o.APIKeys) == 0 && onLoopback(o.Listen)
	o.NeedsKey = len(o.APIKeys) == 0 && !o.Loopback
	s, err := startServer(ctx, o)
	if err != nil {
		return err
	}
	if len(o.Sources) == 0 && !o.Loopback && !s.book.Any(access.Write, time.Now()) {
		o.Log.Info("nobody may send events yet: make a write key with nurture key create --source NAME")
	}
	o.Log.Info("ready", "url", s.url(), "revision", s.runner.Program().Revision(), "loopback_without_keys", o.Loopback)
	if err := c.announce(s, announce); err != nil {
		return errors.Join(err, s.close(ctx))
	}
	return s.serve(ctx)
}

// announce tells where the server is reached: on standard output, and in a file
// where one is named.
func (c *cli) announce(s *server, file string) error {
	if file != "" {
		if err := os.WriteFile(file, []byte("nurture "+s.url()+"\n"), 0o644); err != nil {
			return fmt.Errorf("announce the address: %w", err)
		}
	}
	if c.json {
		return c.print(map[string]any{"url": s.url(), "revision": s.runner.Program().Revision()})
	}
	_, err := fmt.Fprintf(c.out, "nurture %s\n", s.url())
	return err
}

// logger writes to standard error: JSON where the verb's own output is JSON too.
func (c *cli) logger() *slog.Logger {
	if c.json {
		return slog.New(slog.NewJSONHandler(c.err, nil))
	}
	return c.log
}
