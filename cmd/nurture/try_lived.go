package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/seed-456efde2/nurture/cmd/nurture/internal/httpd"
	"github.com/seed-456efde2/nurture/dsl"
	"github.com/seed-456efde2/nurture/engine"
)

// lived is a story as it went under some rules. It is lived from its beginning each
// time: so a line more or less, other rules, and a question about what nobody had
// counted yet are all one thing.
type lived struct {
	rules   *dsl.Workspace
	player  *player
	moments []moment
	ends    []storyEnd // of each step
}

// moment is something that happened.
type moment struct {
	step int // of the story; -1: at its beginning
	text string
	doc  tryHappened
}

// storyEnd is how things stood when a step was over.
type storyEnd struct {
	clock  time.Time
	checks []tryCheck // what the step expected
}

// tryCheck is a condition that was expected; Fault is nil where it holds.
type tryCheck struct {
	cond  string
	fault *testFault
}

// live lives a story from its beginning.
func (t *trial) live(s *tryStory) (*lived, error) {
	file := t.rules.storyFile()
	src, first := s.source(t.rules.storyTitle("try"))
	w, problems := t.rules.with(file, src)
	if w == nil {
		problems.Language = t.lang
		return nil, &storyProblem{problems}
	}
	at := slices.IndexFunc(w.Tests, func(test dsl.Test) bool { return test.Place.File == file })
	if at < 0 {
		return nil, errors.New(t.words("the line does not belong into a story", "この行は物語に書けません"))
	}
	conds, err := t.expectations(s, w)
	if err != nil {
		return nil, err
	}
	p, err := t.program(w, &w.Tests[at], conds)
	if err != nil {
		return nil, err
	}
	l := &lived{rules: w}
	return l, l.run(p, &w.Tests[at], t.lang, first, conds)
}

// expectations compiles what is expected, by the number of the step.
func (t *trial) expectations(s *tryStory, w *dsl.Workspace) (map[int]engine.Cond, error) {
	conds := map[int]engine.Cond{}
	for i := range s.steps {
		if s.steps[i].hcl != "" {
			continue
		}
		q, problems := w.Ask(s.steps[i].expect, t.lang)
		if q == nil {
			return nil, &storyProblem{problems}
		}
		if q.Cond == nil {
			return nil, fmt.Errorf(t.words("expect %[1]s: this is a value; say what it must be, for instance: expect %[1]s >= 1", "expect %[1]s: これは値です。どうあるべきかを書いてください。例: expect %[1]s >= 1"), s.steps[i].expect)
		}
		conds[i] = q.Cond
	}
	return conds, nil
}

// program compiles the rules so that the engine counts whatever the story asks.
func (t *trial) program(w *dsl.Workspace, test *dsl.Test, conds map[int]engine.Cond) (*engine.Program, error) {
	spec := *w.Spec
	spec.Asked = slices.Clone(spec.Asked)
	askTest(&spec, test)
	for _, k := range t.asked {
		if !slices.Contains(spec.Asked, k) {
			spec.Asked = append(spec.Asked, k)
		}
	}
	for _, cond := range conds {
		askTest(&spec, &dsl.Test{Never: []engine.Cond{cond}})
	}
	slices.SortFunc(spec.Asked, func(a, b engine.Key) int { return strings.Compare(a.String(), b.String()) })
	own := *w
	own.Spec = &spec
	return (&workspace{Workspace: &own}).program(1)
}

// run plays the story's steps. first are the lines of the file on which they begin.
func (l *lived) run(p *engine.Program, test *dsl.Test, lang string, first []int, conds map[int]engine.Cond) error {
	pl := newPlayer(test, p, lang, &testResult{})
	l.player = pl
	step := -1
	pl.listen = func(row *engine.Fact) {
		l.moments = append(l.moments, moment{step, storyRow(row, lang, pl.zone), happenedOf(row, lang, pl.zone)})
	}
	if err := pl.begin(p.Spec().KeyAttr); err != nil {
		return err
	}
	next := 0
	for step = range len(first) - 1 {
		var end storyEnd
		if cond := conds[step]; cond != nil {
			end.checks = append(end.checks, l.check(cond))
		}
		for ; next < len(test.Steps) && test.Steps[next].Place.Line < first[step+1]; next++ {
			s := &test.Steps[next]
			for _, cond := range s.Expect {
				end.checks = append(end.checks, l.check(cond))
			}
			if len(s.Expect) > 0 {
				continue
			}
			if err := pl.step(s); err != nil {
				return err
			}
		}
		end.clock = l.clock()
		l.ends = append(l.ends, end)
	}
	return nil
}

// check looks whether an expected condition holds now.
func (l *lived) check(cond engine.Cond) tryCheck {
	before := len(l.player.result.Faults)
	l.player.expect(cond)
	c := tryCheck{cond: cond.Source()}
	if faults := l.player.result.Faults; len(faults) > before {
		c.fault = &faults[len(faults)-1]
	}
	return c
}

// clock is the story's time.
func (l *lived) clock() time.Time { return l.player.sim.Now().In(l.player.zone) }

// lead is the story's lead as it stands.
func (l *lived) lead() *engine.Lead { return l.player.sim.Lead(l.player.lead) }

// mails are the messages that were sent to the story's lead.
func (l *lived) mails() []engine.Request {
	var own []engine.Request
	for _, r := range l.player.sim.Sent() {
		if r.Lead == l.player.lead {
			own = append(own, r)
		}
	}
	return own
}

// told is the lead as a server would tell of it.
func (l *lived) told() *httpd.Tried {
	return &httpd.Tried{Program: l.player.sim.Program(), Lead: l.lead(), Now: l.player.sim.Now(), Facts: l.player.sim.Facts}
}

// texts are what happened, line by line.
func (l *lived) texts() []string {
	var list []string
	for i := range l.moments {
		list = append(list, l.moments[i].text)
	}
	return list
}

// mostDue bounds how many timers next lets pass that change nothing anybody sees.
const mostDue = 2000

// next lets time pass until something happens that can be seen. ok is false where
// nothing is due.
func (l *lived) next() (at time.Time, ok bool, err error) {
	before := len(l.moments)
	for range mostDue {
		due := l.lead().NextDue()
		if due == 0 || due == engine.Time(engine.Forever) {
			return at, false, nil
		}
		if err := l.player.sim.Advance(due); err != nil {
			return at, false, err
		}
		if len(l.moments) > before {
			at = l.clock()
			if whole := at.Truncate(time.Second); !whole.Equal(at) {
				at = whole.Add(time.Second)
			}
			return at, true, nil
		}
	}
	return at, false, nil
}

// answer is what the lead's facts say to a question.
func (l *lived) answer(q *dsl.Question, lang string) (*tryAnswer, error) {
	lead := l.lead()
	if q.Cond != nil {
		reason, err := l.player.sim.Test(lead, q.Cond)
		if err != nil {
			return nil, err
		}
		return &tryAnswer{
			Question: q.Cond.Source(), Holds: &reason.Holds, Sentence: dsl.Sentence(q.Cond, lang), Seen: sawFacts(q.Cond, reason.Facts, lang),
			Facts: factValues(reason.Facts, l.player.zone),
		}, nil
	}
	vars := engine.Vars{Facts: map[string]any{}}
	var facts []engine.Field
	for _, k := range q.Value.Reads() {
		v := l.player.sim.Read(lead, k)
		vars.Facts[k.String()] = v.Any(l.player.zone)
		facts = append(facts, engine.Field{Name: k.String(), Value: v})
	}
	v, err := q.Value.Value(&vars)
	if err != nil {
		return nil, err
	}
	return &tryAnswer{Question: q.Value.Source(), Value: v.Any(l.player.zone), Text: tryValue(v, l.player.zone, lang), Facts: factValues(facts, l.player.zone)}, nil
}

func factValues(fields []engine.Field, zone *time.Location) map[string]any {
	values := map[string]any{}
	for _, f := range fields {
		values[f.Name] = f.Value.Any(zone)
	}
	return values
}

// tryValue writes a value for a person.
func tryValue(v engine.Value, zone *time.Location, lang string) string {
	switch v.Kind() {
	case engine.None:
		return words(lang, "empty", "空")
	case engine.Text:
		return quoteHCL(v.Text())
	case engine.Instant:
		return v.Time().In(zone).Format("2006-01-02 15:04:05 -07:00")
	case engine.Flag:
		return words(lang, fmt.Sprint(v.Flag()), map[bool]string{true: "はい", false: "いいえ"}[v.Flag()])
	}
	return v.String()
}
