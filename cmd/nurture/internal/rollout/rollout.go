// Package rollout says how a change of rules goes live: what comes after what, and
// when. It decides and does nothing: whoever puts rules in force asks it what is next,
// does that, and keeps the State. Everything about one rollout is in its State, so that
// a program which ends at any moment goes on where it was.
//
//	shadow ──▶ canary ──▶ promoted
//	   │          │ ╲
//	   │          │  ▶ not judged ──▶ promoted, by hand
//	   ▼          ▼       ▼
//	      rolled back (by a guard, by hand), or replaced by another change
package rollout

import (
	"reflect"

	"github.com/seed-456efde2/nurture/engine"
)

// Phase is where a rollout stands.
type Phase string

// The phases. The last three are ends.
const (
	Shadow     Phase = "shadow"      // decides beside the running rules, sends nothing
	Canary     Phase = "canary"      // a part of the leads goes by the change
	NotJudged  Phase = "not_judged"  // as canary; the time is over, and there was too little to go by
	Promoted   Phase = "promoted"    // it is in force for everybody
	RolledBack Phase = "rolled_back" // the rules that ran before run for everybody
	Replaced   Phase = "replaced"    // another change took its place
)

// Over reports an end.
func (p Phase) Over() bool { return p == Promoted || p == RolledBack || p == Replaced }

// Ways by which a change comes.
const (
	ByFiles = "files" // it was saved in the folder
	ByApply = "apply" // it was applied by the API
)

// Patience is how many times its length a bake lasts at most, while a guard has too
// little to go by.
const Patience = 3

// Text is a sentence in both languages.
type Text struct {
	En string `json:"en"`
	Ja string `json:"ja"`
}

// In is the sentence in a language.
func (t Text) In(language string) string {
	if language == "ja" {
		return t.Ja
	}
	return t.En
}

// State is one rollout, as it is kept.
//
//  1. Ending is set before anything is done that ends the rollout, and Phase becomes an
//     end after that is durable: between the two the deed may or may not have been done.
//  2. Phase is Canary or NotJudged exactly while the archive's last revision is the
//     canary's, but for the instants of (1) and of its beginning.
//  3. Paused time counts for no phase.
type State struct {
	Phase     Phase    `json:"phase"`
	Candidate string   `json:"candidate"` // digest of the changed rules
	Base      string   `json:"base"`      // digest of the rules that ran when it began
	From      uint32   `json:"from"`      // their number
	Revision  uint32   `json:"revision"`  // number under which the arm decides, 0 before
	Became    uint32   `json:"became"`    // number in force since the end
	Author    string   `json:"author,omitempty"`
	Way       string   `json:"way"`
	Folder    string   `json:"folder,omitempty"` // digest of the files when it began; "": they did not load
	Changed   []string `json:"changed"`          // the blocks that the change is about

	Terms Terms `json:"terms"`

	Began  engine.Time `json:"began"`
	Since  engine.Time `json:"since"`  // of the phase
	Paused engine.Time `json:"paused"` // since when it is paused, 0 while it is not
	Rested engine.Span `json:"rested"` // how long it was paused in this phase

	Nothing   bool    `json:"nothing,omitempty"`   // a canary would have nothing to try
	Obstacles []Text  `json:"obstacles,omitempty"` // why it cannot be tried by a part of the leads
	Blocked   *Text   `json:"blocked,omitempty"`   // why what is next could not be done; it is tried again
	Guards    []Guard `json:"guards,omitempty"`    // as they were seen last
	Ending    *End    `json:"ending,omitempty"`    // how it ends

	Tell engine.Time `json:"tell,omitempty"` // since when there is something that people are to be told
	Told engine.Time `json:"told,omitempty"` // the Tell of what they were told last

	Unheard *Text `json:"unheard,omitempty"` // why nobody would be told that it is taken back
	Untold  *Text `json:"untold,omitempty"`  // why nobody was told
}

// Terms are how long and by how many a change is tried.
type Terms struct {
	Shadow engine.Span `json:"shadow"`
	Canary float64     `json:"canary"` // percent
	Bake   engine.Span `json:"bake"`
}

// TermsOf are the terms of a workspace's block.
func TermsOf(s *engine.RolloutSpec) Terms { return Terms{s.Shadow, s.Canary, s.Bake} }

// End is how a rollout ended, or is about to.
type End struct {
	Phase Phase       `json:"phase"`
	At    engine.Time `json:"at"`
	By    string      `json:"by,omitempty"`    // who, "" for nobody
	Guard int         `json:"guard,omitempty"` // which of Guards, from 1; 0 for none
	Why   Text        `json:"why"`
	Hold  bool        `json:"hold,omitempty"` // the files are not tried again until they mean something else
}

// Guard is a guard of the rollout as it was seen last.
type Guard struct {
	When   string   `json:"when"` // as it is written
	KPI    string   `json:"kpi"`
	Words  Text     `json:"words"`
	State  string   `json:"state"` // "open", "held", "fired"
	Share  bool     `json:"share"` // its figure is a share, N of Of
	Enough bool     `json:"enough"`
	N      int64    `json:"n"`
	Of     int64    `json:"of"`
	Needs  int64    `json:"needs"` // of Of, before it lets a change through
	Value  *float64 `json:"value,omitempty"`
	Low    *float64 `json:"low,omitempty"` // of the interval in which a rate may be trusted
	High   *float64 `json:"high,omitempty"`
}

// Equal reports whether two looks at a guard saw the same.
func (g Guard) Equal(other Guard) bool { return reflect.DeepEqual(g, other) }

// Fired reports a figure that is beyond its limit for sure.
func (g *Guard) Fired() bool { return g.State == "fired" }

// Step is what is next.
type Step uint8

// What may be next.
const (
	Stay        Step = iota
	BeginCanary      // let a part of the leads go by the change
	Promote          // put it in force for everybody
	TakeBack         // a guard speaks: put the rules that ran before in force for everybody
	GiveUp           // the bake has lasted as long as it may, and nobody knows
)

// Next is what is next at an instant, with the guards as they are seen then.
func (s *State) Next(now engine.Time) Step {
	switch {
	case s.Phase.Over():
		return Stay
	case s.Breach() > 0 && s.Phase != Shadow:
		return TakeBack
	case s.Paused != 0:
		return Stay
	case s.Phase == Shadow:
		return s.afterShadow(now)
	case s.Phase == NotJudged || s.Elapsed(now) < s.Terms.Bake:
		return Stay
	case s.Enough():
		return Promote
	case s.Elapsed(now) >= Patience*s.Terms.Bake:
		return GiveUp
	}
	return Stay
}

func (s *State) afterShadow(now engine.Time) Step {
	switch {
	case s.Elapsed(now) < s.Terms.Shadow:
		return Stay
	case s.Terms.Canary == 0 || s.Nothing:
		return Promote
	case len(s.Obstacles) > 0:
		return Stay // somebody has to decide
	}
	return BeginCanary
}

// Breach is which guard speaks, from 1; 0 for none.
func (s *State) Breach() int {
	for i := range s.Guards {
		if s.Guards[i].Fired() {
			return i + 1
		}
	}
	return 0
}

// Enough reports whether every guard has enough to go by.
func (s *State) Enough() bool {
	for i := range s.Guards {
		if !s.Guards[i].Enough {
			return false
		}
	}
	return true
}

// Elapsed is how long the phase has lasted, without the time it was paused.
func (s *State) Elapsed(now engine.Time) engine.Span {
	if s.Paused != 0 {
		now = s.Paused
	}
	return max(0, engine.Span(now-s.Since)-s.Rested)
}

// Length is how long the phase lasts by its terms, 0 for one that has no end of its
// own.
func (s *State) Length() engine.Span {
	switch s.Phase {
	case Shadow:
		return s.Terms.Shadow
	case Canary:
		return s.Terms.Bake
	}
	return 0
}

// Left is how long the phase lasts yet, by its terms.
func (s *State) Left(now engine.Time) engine.Span { return max(0, s.Length()-s.Elapsed(now)) }

// Overtime reports a bake that goes on because there is too little to go by.
func (s *State) Overtime(now engine.Time) bool {
	return s.Phase == Canary && s.Elapsed(now) >= s.Terms.Bake
}

// Waiting reports that nothing goes on until somebody decides.
func (s *State) Waiting(now engine.Time) bool {
	if s.Phase == Shadow {
		return len(s.Obstacles) > 0 && !s.Nothing && s.Terms.Canary > 0 && s.Elapsed(now) >= s.Terms.Shadow
	}
	return s.Phase == NotJudged
}

// Due is the instant at which a phase is over, 0 where nothing is awaited. Until then
// only a guard can change anything.
func (s *State) Due(now engine.Time) engine.Time {
	if s.Paused != 0 || s.Phase.Over() || s.Phase == NotJudged || s.Waiting(now) {
		return 0
	}
	length := s.Length()
	if s.Overtime(now) {
		length = Patience * s.Terms.Bake
	}
	return s.Since.Add(length + s.Rested)
}

// Enter begins a phase.
func (s *State) Enter(p Phase, at engine.Time) {
	s.Phase, s.Since, s.Rested, s.Blocked = p, at, 0, nil
	if s.Paused != 0 {
		s.Paused = at
	}
}

// Pause stops the clock of the phase; guards go on speaking.
func (s *State) Pause(now engine.Time) {
	if s.Paused == 0 {
		s.Paused = now
	}
}

// Resume lets the clock of the phase go on.
func (s *State) Resume(now engine.Time) {
	if s.Paused != 0 {
		s.Rested += max(0, engine.Span(now-s.Paused))
		s.Paused = 0
	}
}
