package history_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/seed-456efde2/nurture/dsl"
	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/history"
	"github.com/seed-456efde2/nurture/engine/sim"
)

// lone is a world of one lead, told step by step.
type lone struct {
	t *testing.T
	*explainWorld
	n int
}

func newLone(t *testing.T) *lone {
	t.Helper()
	programs := explainVariants(t)
	w := &explainWorld{programs: programs, sim: sim.New(programs[0], sim.Options{Apart: true})}
	return &lone{t: t, explainWorld: w}
}

// at lets the lead do something some days after the beginning.
func (l *lone) at(days float64, kind engine.EventKind, name string, fields ...engine.Field) {
	l.t.Helper()
	l.n++
	at := explainStart.Add(engine.Span(days * float64(engine.Day)))
	_, err := l.sim.Submit(engine.Event{Kind: kind, ID: fmt.Sprint("e", l.n), Source: "test", User: "u1", Name: name, At: at, Received: at, Fields: fields})
	if err != nil {
		l.t.Fatal(err)
	}
}

func (l *lone) explain(subject string, change func(*history.ExplainOptions)) *history.Explained {
	l.t.Helper()
	id := engine.Identifier{Kind: engine.ByUser, Value: "u1"}.Lead()
	o := history.ExplainOptions{Lead: id, Row: l.sim.Lead(id), Now: l.sim.Now(), Program: l.sim.Program(), Values: valuesOf}
	var err error
	if o.Subject, err = history.ParseSubject(l.programs[0].Spec(), subject); err != nil {
		l.t.Fatal(err)
	}
	if change != nil {
		change(&o)
	}
	x, err := l.memory().Explain(o)
	if err != nil {
		l.t.Fatal(err)
	}
	return x
}

func valuesOf(e engine.Expr) map[string][]engine.Value {
	values := map[string][]engine.Value{}
	for _, o := range dsl.Operands(e, "en") {
		values[o.Key] = append(values[o.Key], o.Values...)
	}
	return values
}

func textField(name, v string) engine.Field {
	return engine.Field{Name: name, Value: engine.TextValue(v)}
}

func numberField(name string, n float64) engine.Field {
	return engine.Field{Name: name, Value: engine.NumberValue(n)}
}

// What would change an answer is tried on a copy of the lead: how often something has
// to come, and until when it would do, the fading of scores taken into account.
func TestExplainWhatWouldChangeIt(t *testing.T) {
	t.Parallel()
	l := newLone(t)
	l.at(0, engine.Identify, "", numberField("employees", 50))
	l.at(0, engine.Page, "", textField("path", "/pricing")) // +4 +17, interest 21
	x := l.explain("toss_up.hot", nil)
	if len(x.Parts) != 1 || len(x.Parts[0].Conds) != 3 || x.Parts[0].Holds {
		t.Fatalf("it is explained as %+v", x.Parts)
	}
	p := &x.Parts[0]
	for i, want := range []bool{false, true, true} {
		if p.Conds[i].Reason.Holds != want {
			t.Errorf("condition %d is %v, want %v", i, p.Conds[i].Reason.Holds, want)
		}
	}
	asked := slices.IndexFunc(p.Needs, func(n history.Need) bool { return n.Rule == "interest.asked" })
	if asked < 0 {
		t.Fatalf("an inquiry is not among what would do: %+v", p.Needs)
	}
	n := p.Needs[asked]
	// 21·½^(d/7) + 50 ≥ 60 as long as 21·½^(d/7) ≥ 10: d = 7·log2(2.1) days; but the
	// page view that counts is seven days old before that.
	until := explainStart.Add(7 * engine.Day)
	if n.Points != 50 || n.Times != 1 || !n.Enough || len(n.Asks) != 1 || n.Until > until || until.Sub(n.Until) > engine.Minute {
		t.Errorf("an inquiry would do as %+v, want +50 once until %v", n, until)
	}
	pricing := slices.IndexFunc(p.Needs, func(n history.Need) bool { return n.Rule == "interest.pricing" })
	if pricing < 0 || p.Needs[pricing].Times != 3 || p.Needs[pricing].Points != 17 {
		t.Errorf("pages about prices would do as %+v, want +17 three times", p.Needs)
	}
	// The lead itself is as it was.
	if score := l.sim.Read(x.Lead, engine.Key{Kind: engine.KeyScore, Name: "interest"}).Number(); score != 21 {
		t.Errorf("trying has changed the score to %v", score)
	}
	x = l.explain("segment.target", nil)
	attr := slices.IndexFunc(x.Parts[0].Needs, func(n history.Need) bool { return n.Attr == "employees" })
	if attr < 0 || x.Parts[0].Needs[attr].Value.Number() != 100 || x.Parts[0].Needs[attr].Enough {
		t.Errorf("of a segment: %+v, want employees = 100, which is not enough", x.Parts[0].Needs)
	}
	x = l.explain("segment.quiet", nil)
	if want := explainStart.Add(5 * engine.Day); x.Parts[0].Holds || x.Parts[0].Flips != want {
		t.Errorf("time alone lets the segment hold from %v on, want %v", x.Parts[0].Flips, want)
	}
}

// The past is told as it was known then: with the facts that had come, under the rules
// that decided, or under others as they are asked for.
func TestExplainThePast(t *testing.T) {
	t.Parallel()
	l := newLone(t)
	l.at(0, engine.Identify, "", numberField("employees", 150), textField("industry", "saas"))
	l.at(1, engine.Page, "", textField("path", "/pricing"))
	l.at(2, engine.Track, "asked", numberField("seats", 6))
	if err := l.sim.Advance(explainStart.Add(70 * engine.Hour)); err != nil {
		t.Fatal(err)
	}
	if err := l.sim.Swap(l.programs[1]); err != nil {
		t.Fatal(err)
	}
	l.at(3, engine.Track, "asked", numberField("seats", 7))
	day := func(d float64) func(*history.ExplainOptions) {
		return func(o *history.ExplainOptions) {
			o.At, o.Program = explainStart.Add(engine.Span(d*float64(engine.Day))), nil
		}
	}
	x := l.explain("score.interest", day(1.5))
	if got, want := x.Parts[0].Value, 21*0.9517; got < want-0.01 || got > want+0.01 {
		t.Errorf("on the second day the score was %v, want about %v", got, want)
	}
	x = l.explain("toss_up.inquiry", day(2.5))
	if p := &x.Parts[0]; x.Program.Revision() != 1 || p.Event == nil || p.Holds || p.Conds[0].Reason.Holds || !p.Conds[1].Reason.Holds {
		t.Errorf("six seats are explained as %+v under r%d", x.Parts[0], x.Program.Revision())
	}
	x = l.explain("toss_up.inquiry", nil)
	if p := &x.Parts[0]; x.Program.Revision() != 2 || !p.Holds || len(x.Decisions) != 1 || x.Decisions[0].Decision.Kind != engine.TossedUp {
		t.Errorf("seven seats are explained as %+v with %+v", p, x.Decisions)
	}
	other := func(o *history.ExplainOptions) { day(2.5)(o); o.Program, o.Anew = l.programs[1], true }
	if x = l.explain("toss_up.inquiry", other); !x.Parts[0].Holds {
		t.Error("under the second revision six seats would have been enough")
	}
	if x = l.explain("toss_up.hot", day(-1)); !slices.Contains(x.Gaps, history.GapUnknown) || x.Program != nil {
		t.Errorf("before it was known it is told as %+v", x)
	}
	if x = l.explain("stage.mql", day(2.005)); x.Lead.Acts.Stage != "mql" || len(x.Parts) != 2 || x.Gaps != nil {
		t.Errorf("the stage is told as %+v with %v", x.Parts, x.Gaps)
	}
}

// What cannot be known any more is said, and what the log says is told all the same.
func TestExplainTellsWhatIsNotKnown(t *testing.T) {
	t.Parallel()
	l := newLone(t)
	l.at(0, engine.Page, "", textField("path", "/pricing"))
	l.at(1, engine.Track, "asked", numberField("seats", 9))
	gone := l.memory()
	gone.Program = func(n uint32) (*engine.Program, error) { return nil, fmt.Errorf("revision %d is gone", n) }
	id := engine.Identifier{Kind: engine.ByUser, Value: "u1"}.Lead()
	subject := history.Subject{Kind: "score", Name: "interest"}
	x, err := gone.Explain(history.ExplainOptions{Lead: id, Row: l.sim.Lead(id), Now: l.sim.Now(), Program: l.programs[0], Subject: subject})
	if err != nil || !slices.Contains(x.Gaps, history.GapRules) || len(x.Decisions) != 3 || x.Parts[0].Value < 60 {
		t.Errorf("without the rules of then it is told as %+v, %v", x, err)
	}
	// A ruling of which nothing is left: the journal says that the lead waited, and
	// deciding again does not.
	if err := l.pause(true, l.sim.Now()); err != nil {
		t.Fatal(err)
	}
	l.at(2, engine.Page, "", textField("path", "/pricing"))
	l.at(9, engine.Page, "", textField("path", "/pricing"))
	memory := l.memory()
	if r, err := memory.Recall(id, 0); err != nil || len(r.Gaps) != 0 {
		t.Errorf("with the pause it is recalled with %v, %v", r.Gaps, err)
	}
	memory.Rulings = nil
	r, err := memory.Recall(id, 0)
	if err != nil || !slices.Contains(r.Gaps, history.GapDiffers) || r.From == 0 || r.Lead.Seq != l.sim.Lead(id).Seq {
		t.Errorf("without the pause it is recalled with %v from %v, %v", r.Gaps, r.From, err)
	}
}

// What was decided about a visitor before anybody knew who it was is told of the lead
// that it turned out to be; of a lead that was forgotten nothing is made up.
func TestExplainOfWhatWasMergedOrForgotten(t *testing.T) {
	t.Parallel()
	l := newLone(t)
	at := func(hours int) engine.Time { return explainStart.Add(engine.Span(hours) * engine.Hour) }
	submit := func(e engine.Event) {
		t.Helper()
		e.Received = e.At
		if _, err := l.sim.Submit(e); err != nil {
			t.Fatal(err)
		}
	}
	submit(engine.Event{Kind: engine.Track, ID: "v1", Source: "test", Visitor: "cookie", Name: "asked", At: at(1), Fields: []engine.Field{numberField("seats", 6)}})
	submit(engine.Event{Kind: engine.Identify, ID: "i1", Source: "test", User: "u1", Visitor: "cookie", At: at(2), Fields: []engine.Field{numberField("employees", 150)}})
	x := l.explain("score.interest", nil)
	if len(x.Lead.Parts) == 0 || len(x.Decisions) != 1 || x.Decisions[0].Decision.Subject != "interest.asked" || x.Parts[0].Value < 49 {
		t.Errorf("of a visitor who became known: %+v, parts %v, score %v", x.Decisions, x.Lead.Parts, x.Parts[0].Value)
	}
	if x = l.explain("toss_up.inquiry", nil); x.Parts[0].Event == nil || x.Parts[0].Event.Event.ID != "v1" || x.Parts[0].Holds {
		t.Errorf("the inquiry of the visitor is told as %+v", x.Parts[0])
	}
	before := x.At
	id := engine.Identifier{Kind: engine.ByUser, Value: "u1"}.Lead()
	if err := l.sim.Settle(engine.Event{Kind: engine.Forget, Lead: id, At: at(5), Received: at(5)}); err != nil {
		t.Fatal(err)
	}
	x = l.explain("toss_up.inquiry", func(o *history.ExplainOptions) { o.At, o.Program = before, nil })
	if !slices.Contains(x.Gaps, history.GapForgotten) || x.Program != nil || len(x.Parts) != 0 {
		t.Errorf("of what was before it was forgotten: %v, %+v", x.Gaps, x.Parts)
	}
}

// A thing of the rules is found by what people call it.
func TestParseSubject(t *testing.T) {
	t.Parallel()
	spec := explainVariants(t)[0].Spec()
	for _, c := range []struct{ text, want string }{
		{"toss_up.hot", "toss_up.hot"},
		{"hot", "toss_up.hot"},
		{"stage.mql", "stage.mql"},
		{"mail", "channel.mail"},
		{"care/tips", "workflow.care.step.tips"},
		{"step.tips", "workflow.care.step.tips"},
		{"tips", "workflow.care.step.tips"},
		{"workflow.care.step.case", "workflow.care.step.case"},
		{"", ""},
	} {
		if s, err := history.ParseSubject(spec, c.text); err != nil || s.String() != c.want {
			t.Errorf("%q is %q, %v; want %q", c.text, s.String(), err, c.want)
		}
	}
	for text, want := range map[string]string{
		"toss_up.cold": `the rules have nothing called "toss_up.cold"; there is toss_up.hot, toss_up.inquiry`,
		"channel.fax":  `the rules have nothing called "channel.fax"; there is channel.mail`,
	} {
		if _, err := history.ParseSubject(spec, text); err == nil || err.Error() != want {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}
