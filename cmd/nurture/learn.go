package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/seed-456efde2/nurture/dsl"
	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/calendar"
	"github.com/seed-456efde2/nurture/engine/history"
	"github.com/seed-456efde2/nurture/engine/intake"
	"github.com/seed-456efde2/nurture/engine/learn"
)

// learnOptions are the flags of `learn`.
type learnOptions struct {
	dir, events, outcome, score string
	since, within, notice       string
	split                       float64
	capacity                    int
	write                       bool
	sinceSpan                   engine.Span
}

func (c *cli) learnVerb() *cobra.Command {
	o := learnOptions{}
	verb := &cobra.Command{
		Use:   "learn TOSS_UP --events FILE --outcome EVENT",
		Short: "Fit a score's points and threshold to what became of the leads",
		Long: `learn looks through recorded events for the moments at which the toss-up could have
handed a lead over, and fits the points of the score that it compares, and the
threshold, to the outcome that came afterwards or did not.

The earlier part of the record is learned from, the later part is only judged on; no
lead is in both. Rules that were known only with or after the outcome are refused.
Rules whose points are a formula stay as they are written. The threshold lets
through as many as today's rule does, or as many as sales can take (--capacity).

Both sets of rules are then replayed, and the change is shown as a difference of the
files; --write makes it.`,
		Example: "  nurture learn toss_up.hot_lead --events history.ndjson.gz --outcome event.opportunity_created --since 1y\n" +
			"  nurture learn toss_up.hot_lead --events history.ndjson.gz --outcome event.deal_won --capacity 300 --write",
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			return c.learn(strings.TrimPrefix(args[0], "toss_up."), o)
		},
	}
	flags := verb.Flags()
	flags.StringVar(&o.dir, "workspace", ".", "folder of the rules")
	flags.StringVar(&o.events, "events", "", "NDJSON file of Segment-shaped events, gzipped or not")
	flags.StringVar(&o.outcome, "outcome", "", "event that is the success: event.NAME (default: the toss-up's own success)")
	flags.StringVar(&o.score, "score", "", "the score to fit, where the toss-up compares several")
	flags.StringVar(&o.since, "since", "", "learn from this long before the end of the record only: 1y, 180d")
	flags.StringVar(&o.within, "within", "", "the outcome counts within this time (default: the toss-up's own, else 60d)")
	flags.StringVar(&o.notice, "notice", "1m", "what is known later than this before the outcome is of no use")
	flags.Float64Var(&o.split, "split", 0.7, "share of the record, in order of time, to learn from")
	flags.IntVar(&o.capacity, "capacity", 0, "leads that sales can take in the time that is learned from (default: as many as today)")
	flags.BoolVar(&o.write, "write", false, "write the points and the threshold into the files")
	_ = verb.MarkFlagRequired("events")
	return verb
}

func (c *cli) learn(tossUp string, o learnOptions) error {
	w, err := c.load(o.dir, loadOptions{quiet: true})
	if err != nil {
		return err
	}
	q, err := o.question(w.Spec, tossUp)
	if err != nil {
		return err
	}
	feed, err := recordedEvents(o.events, o.sinceSpan)
	if err != nil {
		return err
	}
	x, err := history.Collect(w.Spec, q, feed)
	if err != nil {
		return err
	}
	l := &lesson{c: c, dir: o.dir, examples: x, lang: c.language(w.Spec.Language)}
	if err := l.fit(o); err != nil {
		return err
	}
	if err := l.edit(); err != nil {
		return err
	}
	if err := l.replay(w, feed); err != nil {
		return err
	}
	if err := l.print(); err != nil {
		return err
	}
	if !o.write {
		return nil
	}
	if l.ahead < better {
		return fmt.Errorf("the learned points are not clearly better on the later leads (ahead in %s of resamplings, %s are asked for), so nothing was written; give it more outcomes, or rules that say more", percent(l.ahead), percent(better))
	}
	for _, f := range l.files {
		if err := replaceFile(filepath.Join(o.dir, filepath.FromSlash(f.name)), f.after); err != nil {
			return err
		}
	}
	return nil
}

// question makes of the flags what is to be learned.
func (o *learnOptions) question(spec *engine.Spec, tossUp string) (q history.Question, err error) {
	q = history.Question{TossUp: tossUp, Score: strings.TrimPrefix(o.score, "score."), Outcome: strings.TrimPrefix(o.outcome, "event."), Within: 60 * engine.Day}
	i := slices.IndexFunc(spec.TossUps, func(t engine.TossUpSpec) bool { return t.Name == tossUp })
	if i < 0 {
		return q, fmt.Errorf("there is no toss-up called %q", tossUp)
	}
	if s := spec.TossUps[i].Success; s != nil {
		if q.Outcome == "" {
			q.Outcome = s.On
		}
		if s.Within > 0 {
			q.Within = s.Within
		}
	}
	if q.Outcome == "" {
		return q, errors.New("the toss-up has no success; say what counts as one: --outcome event.NAME")
	}
	if !slices.ContainsFunc(spec.Events, func(e engine.EventSpec) bool { return e.Name == q.Outcome }) {
		return q, fmt.Errorf("there is no event called %q for --outcome", q.Outcome)
	}
	if !(o.split > 0.1 && o.split < 0.95) {
		return q, fmt.Errorf("--split is the share of the record to learn from, from 0.1 to 0.95, not %v", o.split)
	}
	for _, f := range []struct {
		flag, text string
		to         *engine.Span
	}{{"--within", o.within, &q.Within}, {"--notice", o.notice, &q.Notice}, {"--since", o.since, &o.sinceSpan}} {
		if f.text == "" {
			continue
		}
		length, err := calendar.ParseLength(strings.Replace(f.text, "1y", "365d", 1))
		span, fixed := length.Fixed()
		if err != nil || !fixed || span <= 0 {
			return q, fmt.Errorf("%s is a length of time like 90d or 12h, not %q", f.flag, f.text)
		}
		*f.to = engine.Span(span / time.Millisecond)
	}
	return q, nil
}

// recordedEvents reads the file each time it is fed, and leaves out what lies before
// since the end of the record; 0 takes all.
func recordedEvents(file string, since engine.Span) (history.Feed, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("open the events: %w", err)
	}
	var last engine.Time
	read := func(yield func(engine.Event) error) error {
		return intake.Lines(bytes.NewReader(data), "learn", func(_ int, e engine.Event, problem error) error {
			if problem != nil {
				return nil // what serve would refuse decides nothing here either
			}
			return yield(e)
		})
	}
	if since > 0 {
		err = read(func(e engine.Event) error { last = max(last, e.At); return nil })
	}
	return func(submit func(engine.Event) error) error {
		return read(func(e engine.Event) error {
			if since > 0 && e.At < last.Add(-since) {
				return nil
			}
			return submit(e)
		})
	}, err
}

// lesson is one run of learn: what was found, and what it would change.
type lesson struct {
	c        *cli
	dir      string
	lang     string
	examples *history.Examples

	cut         engine.Time
	early, late []learn.Example
	model       *learn.Model
	points      learn.Points
	bar         float64
	today       learn.Points
	ahead       float64
	worthToday  history.Worth
	worth       history.Worth
	room        int           // half of what the rules hand over, where both can choose
	topToday    history.Worth // of the leads with the highest scores, as many as there is room for
	top         history.Worth
	files       []changedFile
}

// changedFile is a file of the workspace as it is and as it would be.
type changedFile struct {
	name          string
	before, after []byte
}

// fit learns from the earlier examples: weights, points, threshold.
func (l *lesson) fit(o learnOptions) error {
	x := l.examples
	if len(x.List) < 50 {
		return fmt.Errorf("there are %d moments to learn from, of %d leads; that is too little for any weight to mean something (50 at least)", len(x.List), len(x.Users))
	}
	at := make([]int64, len(x.List))
	for i := range x.List {
		at[i] = x.List[i].At
	}
	slices.Sort(at)
	l.cut = engine.Time(at[int(o.split*float64(len(at)))])
	l.early, l.late = x.Part(l.cut)
	var err error
	if l.model, err = learn.Fit(x.Features, l.early, learn.Options{}); err != nil {
		return fmt.Errorf("learn from the moments before %s: %w", l.cut, err)
	}
	l.points = learn.Round(x.Features, l.model, l.early)
	l.today = learn.Points{Each: make([]float64, len(x.Features)), Step: 1}
	for i := range x.Features {
		l.today.Each[i] = x.Features[i].Points
		switch {
		case x.Rules[i].Kept:
			l.points.Each[i] = 1
		case x.Rules[i].Leak != nil:
			l.points.Each[i] = x.Features[i].Points // not learned, so not changed
		}
	}
	room := o.capacity
	if room <= 0 {
		room = len(learn.Picks(l.early, l.today.Score, x.Bar))
	}
	l.bar = learn.Bar(l.early, l.points.Score, room, l.points.Step)
	if len(l.late) > 0 {
		l.ahead = learn.Ahead(l.late, l.points.Score, l.today.Score, 400, 1)
	}
	return nil
}

// edit writes the points into the files, in memory.
func (l *lesson) edit() error {
	x := l.examples
	change := dsl.Repoint{
		Score: x.Question.Score, TossUp: x.Question.TossUp, Condition: x.Condition.Source(), Bar: l.bar, Points: map[string]float64{},
	}
	for i, r := range x.Rules {
		if !r.Kept && l.points.Each[i] != x.Features[i].Points {
			change.Points[r.Name] = l.points.Each[i]
		}
	}
	files, err := formattedFiles([]string{l.dir})
	if err != nil {
		return err
	}
	for _, file := range files {
		if filepath.Ext(file) != ".hcl" {
			continue
		}
		rel, err := filepath.Rel(l.dir, file)
		if err != nil {
			return fmt.Errorf("name %s: %w", file, err)
		}
		src, err := os.ReadFile(file)
		if err != nil {
			return fmt.Errorf("read the workspace: %w", err)
		}
		rel = filepath.ToSlash(rel)
		after, done, err := dsl.Repointed(rel, src, change)
		if err != nil {
			return err
		}
		if done > 0 && !bytes.Equal(src, after) {
			l.files = append(l.files, changedFile{rel, src, after})
		}
	}
	return nil
}

// changed is the workspace with the change in it.
func (l *lesson) changed() (*dsl.Workspace, error) {
	folder := fs.FS(os.DirFS(l.dir))
	for _, f := range l.files {
		folder = withFile{FS: folder, name: f.name, content: f.after}
	}
	w, problems := dsl.Load(folder, dsl.Options{Lookup: os.LookupEnv, Language: l.c.lang})
	if w == nil {
		problems.Language = l.lang
		return nil, l.c.invalid(problems)
	}
	return w, nil
}

// replay runs the record under today's rules and under the learned ones, whole as
// they are written.
func (l *lesson) replay(w *workspace, feed history.Feed) error {
	next, err := l.changed()
	if err != nil {
		return err
	}
	for _, r := range []struct {
		spec *engine.Spec
		to   *history.Worth
	}{{w.Spec, &l.worthToday}, {next.Spec, &l.worth}} {
		p, err := engine.NewProgram(r.spec, "learn", 1)
		if err != nil {
			return fmt.Errorf("compile the learned rules: %w", err)
		}
		picks, err := history.TossUps(p, l.examples.Question.TossUp, feed)
		if err != nil {
			return err
		}
		*r.to = l.examples.Worth(picks, l.cut)
	}
	l.room = min(l.worthToday.Picked, l.worth.Picked) / 2
	l.topToday, l.top = l.served(&l.today), l.served(&l.points)
	return nil
}

// served is what the later leads with the highest scores are worth, as many as there
// is room for.
func (l *lesson) served(p *learn.Points) history.Worth {
	var picks []history.Picked
	for _, top := range learn.Top(l.late, p.Score, l.room) {
		e := &l.late[top.Example]
		picks = append(picks, history.Picked{User: l.examples.Users[e.Lead], At: engine.Time(e.At)})
	}
	return l.examples.Worth(picks, l.cut)
}

// better is how sure the learned points must be ahead before they are written.
const better = 0.9

// diff is the change of all files.
func (l *lesson) diff(colours bool) string {
	var b strings.Builder
	for _, f := range l.files {
		b.WriteString(unified(f.name, string(f.before), string(f.after), colours))
	}
	return b.String()
}

// share is a rate for JSON, nil where nothing was counted.
func share(n, of int) *float64 {
	if of == 0 {
		return nil
	}
	v := math.Round(float64(n)/float64(of)*1e6) / 1e6
	return &v
}
