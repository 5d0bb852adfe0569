package dsl

import (
	"time"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/calendar"
)

// TestCorrect says what is true of an event of the story after all: the latest of that
// name.
type TestCorrect struct {
	Event   TestEvent // Fields: what it says otherwise
	Earlier calendar.Length
	Rest    engine.Correction // Never, AsTold, Verdict, NoConsent
}

// correctBlock is a step of a test by which an event before it is corrected.
func correctBlock() *Block {
	return &Block{
		Name: "correct", Label: NameLabel, Space: "-",
		Doc: Doc{
			"Says now what is true of the latest event of that name after all. Scores, stages, segments and figures follow as if it had been known at once; what was done stays done.",
			"その名前のいちばん新しいイベントについて、本当のことがこの時点でわかります。スコア、ステージ、セグメント、指標は、はじめからわかっていたものとして計算し直します。すでに行ったことは、そのままです。",
		},
		Attrs: []*Attr{
			{Name: "never", Type: TypeFlag, Doc: Doc{"It did not happen.", "起きていない。"}},
			{Name: "as_told", Type: TypeFlag, Doc: Doc{"It was as it was first told.", "最初に届いたとおりだった。"}},
			{Name: "by", Type: TypeChoice, Of: []string{"human", "machine"}, Doc: Doc{"Who opened or clicked.", "開いた、またはクリックしたのがだれか。"}},
			{Name: "earlier", Type: TypeLength, Example: `"2d"`, Doc: Doc{"It happened so much earlier.", "これだけ前に起きていた。"}},
			{Name: "no_consent", Type: TypeFlag, Doc: Doc{"It gives no leave to write.", "送る許可にならない。"}},
		},
		Blocks: []*Block{{
			Name: "says", Most: 1, Open: true,
			Doc:     Doc{"What it says otherwise.", "違っていた内容。"},
			Example: "says { path = \"/\" }",
		}},
		Example: "correct \"page_viewed\" { never = true }",
	}
}

// correct reads what is true of an event after all.
func (s *story) correct(n *node) {
	b := s.b
	info := b.scope.Events[n.label]
	if info == nil {
		known := names(b.scope.Events)
		b.r.add(codeUnknownRef, n.labelPlace(), n.parent.trail(), "event", n.label, hintList(known)).
			suggest(quoted(closest(n.label, known)))
		return
	}
	if root := b.rootEvent(n.label); root != n.label {
		b.r.add(codeTestMoment, n.labelPlace(), n.parent.trail(), n.label, root).also(info.Where)
		return
	}
	c := &TestCorrect{Event: TestEvent{Name: n.label, Wire: n.label}}
	if d := b.declared["event"][n.label]; d != nil && d.text("name") != "" {
		c.Event.Wire = d.text("name")
	}
	if says := n.one("says"); says != nil {
		c.Event.Fields = b.testFields(says, "event \""+n.label+"\"", info.Fields)
	}
	if a := n.get("earlier"); a != nil {
		c.Earlier = a.length
	}
	c.Rest.Never, c.Rest.AsTold, c.Rest.NoConsent = n.flag("never"), n.flag("as_told"), n.flag("no_consent")
	c.Rest.Verdict = map[string]engine.Verdict{"human": engine.Human, "machine": engine.Machine}[n.text("by")]
	if len(n.attrs) == 0 && n.one("says") == nil {
		b.r.add(codeMissingAttr, n.place(), n.parent.trail(), n.title(), "never", "true")
		return
	}
	s.add(TestStep{Correct: c}, n)
}

// Says is the correction of an event that happened then.
func (c *TestCorrect) Says(at time.Time) *engine.Correction {
	said := c.Rest
	said.Fields = c.Event.Fields
	if !c.Earlier.IsZero() {
		said.At = engine.TimeOf(at.Add(-c.Earlier.Span))
	}
	return &said
}
