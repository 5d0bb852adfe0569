package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/seed-456efde2/nurture/cmd/nurture/internal/demo"
	"github.com/seed-456efde2/nurture/cmd/nurture/internal/httpd"
	"github.com/seed-456efde2/nurture/dsl"
	"github.com/seed-456efde2/nurture/engine/runner"
	"github.com/seed-456efde2/nurture/plugins/host"
)

// devOptions says what a demo is like.
type devOptions struct {
	Workspace string        // "" is the demo's own
	Starter   string        // another starter instead; "" is the demo's own
	Home      string        // where it lives on disk; "" is the user's cache folder
	Listen    string        // loopback only
	Speed     time.Duration // that passes in a second
	Seed      uint64
	Visitors  bool // let people come
	Open      bool // show the start page in a browser
}

func (c *cli) devVerb() *cobra.Command {
	o := devOptions{}
	verb := &cobra.Command{
		Use:   "dev [WORKSPACE]",
		Short: "See it work: a server, a mailbox, a sales desk and people, on this machine",
		Long: `dev runs a whole small world on this machine: the server with a demo workspace, a
mailbox that shows every mail, a sales desk that shows every hand-over, and people
who request documents, read mails and compare prices, on a clock that runs fast.

Nothing leaves this machine: whatever a workspace says, mails go to the mailbox
and webhooks to the sales desk. What goes through any other channel (LINE, Slack,
a CRM, letters, a plugin of your own) is shown in the mailbox and goes nowhere.
The demo's workspace is copied to a folder where you can edit it; what you save
takes effect at once. The state begins anew with each start.

The demo speaks your language: that of --lang, else of your environment (LC_ALL,
LC_MESSAGES, LANG), Japanese or English. People, mails and sales follow it.`,
		Example: "  nurture dev\n  nurture dev --lang ja\n  nurture dev ./rules --speed 10m --visitors=false",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 {
				o.Workspace = args[0]
			}
			if o.Starter != "" && o.Workspace != "" {
				return errors.New("dev: a WORKSPACE of your own or a --starter, not both")
			}
			if err := c.chooseDemo(&o); err != nil {
				return err
			}
			return c.dev(cmd.Context(), o)
		},
	}
	flags := verb.Flags()
	flags.StringVar(&o.Listen, "listen", "127.0.0.1:8383", "address to listen on, of this machine; another port is taken when it is in use")
	flags.StringVar(&o.Starter, "starter", "", "run a copy of this starter (nurture init --list shows them; default: document-request in your language)")
	flags.DurationVar(&o.Speed, "speed", time.Hour, "how much time passes in a second, 1s to 24h")
	flags.Uint64Var(&o.Seed, "seed", 1, "what happens follows from this number")
	flags.BoolVar(&o.Visitors, "visitors", true, "let people come, read mails and answer")
	flags.BoolVar(&o.Open, "open", false, "show the start page in a browser")
	return verb
}

// chooseDemo names the starter of a demo: the standard one where none is asked for, in
// the reader's language where the name says none. A workspace of one's own needs none.
func (c *cli) chooseDemo(o *devOptions) error {
	if o.Workspace != "" {
		return nil
	}
	if o.Starter == "" {
		o.Starter = standardStarter
	}
	s, err := findStarter(o.Starter, c.language(""))
	if err != nil {
		return err
	}
	o.Starter = s.Name
	return nil
}

// dev runs a demo until ctx ends.
func (c *cli) dev(ctx context.Context, o devOptions) error {
	d, err := c.startDev(ctx, o)
	if err != nil {
		return err
	}
	if err := c.welcome(d); err != nil {
		return errors.Join(err, d.close(ctx))
	}
	if o.Open {
		openBrowser(d.server.url())
	}
	return d.run(ctx, c)
}

// devWorld is a running demo: the server and the world around it.
type devWorld struct {
	options devOptions
	place   *devPlace
	clock   *demo.Fast
	mailbox *demo.Mailbox
	desk    *demo.Desk
	town    *demo.Town
	server  *server
	kept    atomic.Pointer[map[string]string]
	moved   bool // the port that was asked for is in use
}

// startDev makes a demo. On an error nothing is left of it.
func (c *cli) startDev(ctx context.Context, o devOptions) (d *devWorld, err error) {
	if !onLoopback(o.Listen) {
		return nil, fmt.Errorf("--listen %s: a demo has no keys and is for this machine only; listen on 127.0.0.1, or use `nurture serve`", o.Listen)
	}
	d = &devWorld{options: o}
	defer func() {
		if err != nil {
			err = errors.Join(err, d.close(context.WithoutCancel(ctx)))
		}
	}()
	wall, log := runner.SystemClock(), quietly(c.logger())
	if d.place, err = findPlace(o.Home, o.Workspace, o.Starter); err != nil {
		return d, err
	}
	country := c.countryOf(d.place.workspace)
	if d.clock, err = demo.NewFast(wall, country.Monday(), o.Speed); err != nil {
		return d, fmt.Errorf("--speed: %w", err)
	}
	if d.mailbox, err = demo.NewMailbox(demo.MailboxOptions{Clock: d.clock, Log: log}); err != nil {
		return d, err
	}
	if d.desk, err = demo.NewDesk(demo.DeskOptions{Clock: d.clock, Wall: wall, Seed: o.Seed, Log: log}); err != nil {
		return d, err
	}
	pages, err := demo.NewPages(d.mailbox, d.desk, country)
	if err != nil {
		return d, err
	}
	if err = d.startServer(ctx, c.lang, log, pages); err != nil {
		return d, err
	}
	pages.PutInto(d.server.http)
	d.town, err = demo.NewTown(demo.Options{
		Clock: d.clock, Server: d.server.url(), Mailbox: d.mailbox, Desk: d.desk, Country: country, Seed: o.Seed, Log: log,
	})
	return d, err
}

// countryOf is where the people of a demo live: they speak the language of the rules,
// because those ask what industry they are in, and keep the hours of the rules' zone.
// What is wrong with rules that do not load, the server says.
func (c *cli) countryOf(dir string) *demo.Country {
	w, _ := loadDir(dir, dsl.Options{Lookup: os.LookupEnv})
	if w == nil {
		return demo.CountryOf(c.language(""), nil)
	}
	return demo.CountryOf(w.Language, w.Spec.Zone)
}

// startServer starts the server, on another port when the one asked for is taken.
func (d *devWorld) startServer(ctx context.Context, lang string, log *slog.Logger, pages *demo.Pages) (err error) {
	pace := int64(d.clock.Speed() / time.Second)
	o := serverOptions{
		Workspace: d.place.workspace, Data: d.place.data, Listen: d.options.Listen, Lang: lang, Loopback: true,
		Lookup: d.lookup, OwnURL: true, Reroute: d.reroute, Way: d.way, AtOnce: true, Clock: d.clock, Pace: pace, Ballast: -1, Log: log,
		ReceiptTimeout: time.Duration(pace) * time.Minute, // plugins answer in the machine's time
		Pages: []httpd.Page{
			{Path: "/mailbox", Ja: "受信箱", En: "Mailbox", Handler: pages.Mailbox()},
			{Path: "/sales", Ja: "営業デスク", En: "Sales desk", Handler: pages.Sales()},
		},
	}
	if d.server, err = startServer(ctx, o); errors.Is(err, syscall.EADDRINUSE) {
		name, _, _ := net.SplitHostPort(o.Listen) // it is of that form: onLoopback has read it
		o.Listen, d.moved = net.JoinHostPort(name, "0"), true
		d.server, err = startServer(ctx, o)
	}
	if err == nil {
		return nil
	}
	d.server = nil // it has closed itself
	var refused *exit
	if errors.As(err, &refused) && refused.code == exitInvalid && d.options.Workspace == "" && !d.place.fresh {
		return &exit{code: exitInvalid, err: fmt.Errorf("%w\nThese rules are your copy of the demo's; without the folder %s a demo begins with the original ones", err, d.place.workspace)}
	}
	return err
}

// lookup finds env and secret as everywhere; what is not set is set to something,
// because no channel goes where it says.
func (d *devWorld) lookup(name string) (string, bool) {
	if v, ok := os.LookupEnv(name); ok {
		return v, true
	}
	return "dev", true
}

// way is the way out of the demo.
func (d *devWorld) way(plugins runner.Sender) runner.Sender {
	return &dryWay{plugins: plugins, mailbox: d.mailbox, kept: &d.kept}
}

// reroute keeps everything on this machine: mails go to the mailbox, webhooks to
// the sales desk, and no other plugin is started.
func (d *devWorld) reroute(configs []host.Config) []host.Config {
	names, kept := map[string]string{}, configs[:0]
	for i := range configs {
		if c := &configs[i]; c.Plugin == "email" || c.Plugin == "webhook" {
			names[c.Name] = c.Plugin
			kept = append(kept, *c)
		}
	}
	configs = kept
	d.kept.Store(&names)
	for i := range configs {
		c := &configs[i]
		switch c.Plugin {
		case "email":
			kept := map[string]any{"host": d.mailbox.Addr(), "tls": "none"}
			for _, name := range []string{"from", "reply_to"} {
				if v, ok := c.Values[name]; ok {
					kept[name] = v
				}
			}
			c.Values = kept
		case "webhook":
			c.Values = map[string]any{"url": d.desk.URL(), "secret": d.desk.Secret(), "allow_private": true}
		}
	}
	return configs
}

// run lets the world live until ctx ends or a part of it cannot go on. Then the
// people go home, the server finishes what is under way, and mailbox and desk
// close behind it.
func (d *devWorld) run(ctx context.Context, c *cli) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	behind, closeBehind := context.WithCancel(context.WithoutCancel(ctx))
	defer closeBehind()
	var around, inside sync.WaitGroup
	for _, serve := range []func(context.Context) error{d.mailbox.Serve, d.desk.Serve} {
		around.Go(func() {
			if err := serve(behind); err != nil {
				cancel(err)
			}
		})
	}
	if d.options.Visitors {
		inside.Go(func() { d.town.Run(ctx) })
	}
	inside.Go(func() { d.tellRules(ctx, c) })
	err := d.server.serve(ctx)
	cancel(nil)
	inside.Wait()
	closeBehind()
	around.Wait()
	d.server = nil // serve has closed it
	if cause := context.Cause(ctx); !errors.Is(cause, context.Canceled) {
		err = errors.Join(err, cause)
	}
	return errors.Join(err, d.close(ctx))
}

// close gives back what was taken. What run has closed is closed twice, which
// does nothing.
func (d *devWorld) close(ctx context.Context) error {
	var errs []error
	if d.server != nil {
		errs = append(errs, d.server.close(ctx))
	}
	if d.mailbox != nil {
		d.mailbox.Close()
	}
	if d.desk != nil {
		d.desk.Close()
	}
	if d.place != nil {
		errs = append(errs, d.place.leave())
	}
	return errors.Join(errs...)
}

// look is how often the rules' state is looked at, in the machine's time.
const look = 300 * time.Millisecond

// tellRules prints what became of rules that were saved: that another revision is
// in force, or why not.
func (d *devWorld) tellRules(ctx context.Context, c *cli) {
	clock, lang := runner.SystemClock(), d.lang(c)
	rules, revision := d.server.rules.Rules(), d.server.runner.Program().Revision()
	for {
		fired, stop := clock.At(clock.Now().Add(look))
		select {
		case <-fired:
		case <-ctx.Done():
			stop()
			return
		}
		was, before := rules, revision
		rules, revision = d.server.rules.Rules(), d.server.runner.Program().Revision()
		switch {
		case c.json:
		case !rules.OK && !rules.At.Equal(was.At):
			fmt.Fprintln(c.out, strings.Join(rules.Problems, "\n"))
			fmt.Fprintf(c.out, words(lang, "Not taken over: revision %d goes on.\n", "反映していません：リビジョン %d のまま動いています。\n"), revision)
		case rules.OK && (revision != before || !was.OK):
			fmt.Fprintf(c.out, words(lang, "Rules loaded: revision %d\n", "ルールを読み込みました：リビジョン %d\n"), revision)
		}
	}
}

func (d *devWorld) lang(c *cli) string { return c.language(d.server.runner.Program().Spec().Language) }

// quietly is a log without what only an operator of a real server wants to read.
func quietly(log *slog.Logger) *slog.Logger { return slog.New(atLeastWarn{log.Handler()}) }

type atLeastWarn struct{ slog.Handler }

func (h atLeastWarn) Enabled(_ context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn
}

func (h atLeastWarn) WithAttrs(attrs []slog.Attr) slog.Handler {
	return atLeastWarn{h.Handler.WithAttrs(attrs)}
}

func (h atLeastWarn) WithGroup(name string) slog.Handler {
	return atLeastWarn{h.Handler.WithGroup(name)}
}
