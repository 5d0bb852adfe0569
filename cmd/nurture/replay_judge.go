package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/seed-456efde2/nurture/cmd/nurture/internal/httpd"
	"github.com/seed-456efde2/nurture/engine/history"
	"github.com/seed-456efde2/nurture/engine/store"
)

// judgeOptions are the flags of replay that ask what came of the hand-overs.
type judgeOptions struct {
	place
	live         bool
	outcome      string
	within, last string
	against      string
	leads        int
}

func (o *judgeOptions) flags(verb *cobra.Command) {
	f := verb.Flags()
	o.place.flags(f)
	f.BoolVar(&o.live, "live", false, "what the running server has recorded (see --server)")
	f.StringVar(&o.outcome, "outcome", "", "event by which toss-ups are judged: event.NAME (default: each one's own success)")
	f.StringVar(&o.within, "within", "", "the outcome counts within this time after the hand-over (default: the toss-up's own, else for ever)")
	f.StringVar(&o.last, "last", "", "count what was done in this time before the end of the record only: 30d")
	f.StringVar(&o.against, "against", "", "other rules to compare with, lead by lead: a folder; a revision (r41), or running, of what --data, --backup or --live names")
	f.IntVar(&o.leads, "leads", 10, "how many leads of each difference to list; 0 lists all")
}

// judged reports whether more is asked for than what the rules would do.
func (o *judgeOptions) judged() bool {
	return o.data != "" || o.backup != "" || o.live || o.outcome != "" || o.within != "" || o.last != "" || o.against != ""
}

// judge runs history against one or two sets of rules and tells what came of it.
func (c *cli) judge(ctx context.Context, cl *client, dir string, o *judgeOptions) error {
	w, err := c.load(dir, loadOptions{quiet: true})
	if err != nil {
		return err
	}
	begin := time.Now()
	doc, err := c.readJudged(ctx, cl, w, dir, o)
	if err != nil {
		return err
	}
	doc.Seconds = time.Since(begin).Seconds()
	doc.Cut(o.leads)
	if c.json {
		return c.print(map[string]any{"ok": true, "replay": doc})
	}
	fmt.Fprint(c.out, httpd.ReplayText(doc, c.language(w.Spec.Language)))
	return nil
}

func (c *cli) readJudged(ctx context.Context, cl *client, w *workspace, dir string, o *judgeOptions) (*httpd.ReplayDoc, error) {
	if o.live {
		return c.judgeLive(ctx, cl, w, dir, o)
	}
	ask := history.ReplayOptions{
		Outcome: strings.TrimPrefix(o.outcome, "event."), Rules: []history.Ruleset{{Name: filepath.Base(dir), Spec: w.Spec}},
		Begin: lowPriority, Stopped: func() bool { return ctx.Err() != nil }, Progress: c.progress(),
	}
	var err error
	if ask.Within, err = spanFlag("within", o.within); err != nil {
		return nil, err
	}
	past, err := c.openPast(&o.place, w.Spec.KeyAttr)
	if err != nil {
		return nil, err
	}
	defer past.close()
	ask.Source, ask.To = past.source, past.to
	if err := c.addAgainst(o, past.store, &ask); err != nil {
		return nil, err
	}
	last, err := spanFlag("last", o.last)
	if err != nil {
		return nil, err
	}
	if last > 0 {
		ask.From = ask.To.Add(-last)
	}
	done, err := history.Replay(ask)
	if err != nil {
		return nil, err
	}
	return httpd.NewReplayDoc(done, w.Spec.Zone), nil
}

// addAgainst puts the rules that are compared with in front.
func (c *cli) addAgainst(o *judgeOptions, st *store.Store, ask *history.ReplayOptions) error {
	if o.against == "" {
		return nil
	}
	against, name, err := c.againstRules(o.against, st)
	if err != nil {
		return err
	}
	ask.Rules = append([]history.Ruleset{{Name: name, Spec: against.Spec}}, ask.Rules...)
	return nil
}

// againstRules are the rules to compare with: a revision of the state, the one that
// was in force for everybody on it last, or those of a folder.
func (c *cli) againstRules(against string, st *store.Store) (*workspace, string, error) {
	number, ok := revisionNumber(against)
	switch {
	case st == nil && (ok || against == "running"):
		return nil, "", fmt.Errorf("a file of events has no revisions: --against %s goes with --data, --backup or --live; name a folder of rules here", against)
	case against == "running":
		last, err := liveRevision(st)
		if err != nil {
			return nil, "", err
		}
		if last == nil {
			return nil, "", errors.New("the state has no rules yet: a server has never run with it, so there is nothing to compare with")
		}
		number, ok = last.Number, true
	}
	if ok {
		w, err := archived(st, number)
		return w, fmt.Sprintf("r%d", number), err
	}
	w, err := c.load(against, loadOptions{quiet: true})
	return w, filepath.Base(against), err
}

// replayOrJudge decides what replay was asked for.
func (c *cli) replayOrJudge(ctx context.Context, cl *client, dir string, o *judgeOptions) error {
	switch {
	case !o.named() && !o.live:
		return errors.New("say what to replay: --events FILE, --data DIR, --backup FILE or --live")
	case o.named() && o.live:
		return errPlaces
	}
	if err := o.atMostOne(); err != nil {
		return err
	}
	if o.judged() {
		return c.judge(ctx, cl, dir, o)
	}
	return c.replayFile(dir, o)
}
