package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/seed-456efde2/nurture/cmd/nurture/internal/httpd"
	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/history"
	"github.com/seed-456efde2/nurture/engine/intake"
	"github.com/seed-456efde2/nurture/engine/store"
)

// judgeOptions are the flags of replay that ask what came of the hand-overs.
type judgeOptions struct {
	events, source string
	data, backup   string
	live           bool
	outcome        string
	within, last   string
	against        string
	leads          int
}

func (o *judgeOptions) flags(verb *cobra.Command) {
	f := verb.Flags()
	f.StringVar(&o.events, "events", "", "NDJSON file of Segment-shaped events, gzipped or not; - is standard input")
	f.StringVar(&o.source, "source", "replay", "source name that the events are recorded under")
	f.StringVar(&o.data, "data", "", "state folder of a server that is not running")
	f.StringVar(&o.backup, "backup", "", "backup file of a server")
	f.BoolVar(&o.live, "live", false, "what the running server has recorded (see --server)")
	f.StringVar(&o.outcome, "outcome", "", "event by which toss-ups are judged: event.NAME (default: each one's own success)")
	f.StringVar(&o.within, "within", "", "the outcome counts within this time after the hand-over (default: the toss-up's own, else for ever)")
	f.StringVar(&o.last, "last", "", "count what was done in this time before the end of the record only: 30d")
	f.StringVar(&o.against, "against", "", "another folder of rules to compare with, lead by lead; a revision (r41) with --data and --backup; running with --live")
	f.IntVar(&o.leads, "leads", 10, "how many leads of each difference to list; 0 lists all")
}

// judged reports whether more is asked for than what the rules would do.
func (o *judgeOptions) judged() bool {
	return o.data != "" || o.backup != "" || o.live || o.outcome != "" || o.within != "" || o.last != "" || o.against != ""
}

// places counts the places that history was asked to be read from.
func (o *judgeOptions) places() int {
	n := 0
	for _, set := range []bool{o.events != "", o.data != "", o.backup != "", o.live} {
		if set {
			n++
		}
	}
	return n
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
		Begin: lowPriority, Progress: c.progress(),
	}
	var err error
	if ask.Within, err = spanFlag("within", o.within); err != nil {
		return nil, err
	}
	close, err := c.openHistory(o, w, &ask)
	if err != nil {
		return nil, err
	}
	defer close()
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

// openHistory opens what history is read from, and the rules to compare with, which
// stand first then.
func (c *cli) openHistory(o *judgeOptions, w *workspace, ask *history.ReplayOptions) (close func(), err error) {
	close = func() {}
	if o.events != "" {
		events, err := c.readEvents(o.events, o.source)
		if err != nil {
			return close, err
		}
		ask.Source = history.FromEvents(events, w.Spec.KeyAttr)
		for i := range events {
			ask.To = max(ask.To, events[i].At)
		}
		return close, c.addAgainst(o, nil, ask)
	}
	folder, remove := o.data, func() {}
	if o.backup != "" {
		if folder, remove, err = unpackBackup(o.backup); err != nil {
			return close, err
		}
	}
	st, err := openState(folder)
	if err != nil {
		remove()
		return close, err
	}
	close = func() {
		_ = st.Close() // it was only read
		remove()
	}
	ask.Source, ask.To = history.FromRows(st, 0), engine.TimeOf(time.Now())
	if err := c.addAgainst(o, st, ask); err != nil {
		close()
		return func() {}, err
	}
	return close, nil
}

// addAgainst puts the rules that are compared with in front.
func (c *cli) addAgainst(o *judgeOptions, st *store.Store, ask *history.ReplayOptions) error {
	if o.against == "" {
		return nil
	}
	if number, ok := revisionNumber(o.against); ok && st != nil {
		w, err := archived(st, number)
		if err != nil {
			return err
		}
		ask.Rules = append([]history.Ruleset{{Name: o.against, Spec: w.Spec}}, ask.Rules...)
		return nil
	}
	w, err := c.load(o.against, loadOptions{quiet: true})
	if err != nil {
		return err
	}
	ask.Rules = append([]history.Ruleset{{Name: filepath.Base(o.against), Spec: w.Spec}}, ask.Rules...)
	return nil
}

// readEvents reads a file of events to its end. Lines that are no events decide
// nothing, as at the collector.
func (c *cli) readEvents(file, source string) ([]engine.Event, error) {
	in := c.in
	if file != "-" {
		f, err := os.Open(file)
		if err != nil {
			return nil, fmt.Errorf("open the events: %w", err)
		}
		defer f.Close()
		in = f
	}
	var events []engine.Event
	problems := 0
	err := intake.Lines(in, source, func(_ int, e engine.Event, problem error) error {
		if problem != nil {
			problems++
			return nil
		}
		e.Context = ""
		events = append(events, e)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the events: %w", err)
	}
	if problems > 0 {
		c.log.Warn("some lines are no events and were passed over", "lines", problems)
	}
	return events, nil
}

// unpackBackup restores a backup into a folder for the time of one verb.
func unpackBackup(file string) (folder string, remove func(), err error) {
	f, err := os.Open(file)
	if err != nil {
		return "", func() {}, fmt.Errorf("open the backup: %w", err)
	}
	defer f.Close()
	top, err := os.MkdirTemp("", "nurture-replay-")
	if err != nil {
		return "", func() {}, fmt.Errorf("make a folder for the backup: %w", err)
	}
	remove = func() { _ = os.RemoveAll(top) } // it holds a copy only
	folder = filepath.Join(top, "data")
	if err := store.Restore(store.Options{Dir: folder, Ballast: -1}, io.Reader(f)); err != nil {
		remove()
		return "", func() {}, err
	}
	return folder, remove, nil
}

// replayOrJudge decides what replay was asked for.
func (c *cli) replayOrJudge(ctx context.Context, cl *client, dir string, o *judgeOptions) error {
	switch o.places() {
	case 0:
		return errors.New("say what to replay: --events FILE, --data DIR, --backup FILE or --live")
	case 1:
	default:
		return errors.New("--events, --data, --backup and --live each name where history is read from; give one of them")
	}
	if o.judged() {
		return c.judge(ctx, cl, dir, o)
	}
	return c.replayFile(dir, o)
}
