package httpd

import (
	"time"

	"github.com/seed-456efde2/nurture/engine"
)

// ExplainDoc is why something was decided about a lead, or was not: what is asked of
// it, what it is, what would change it, and what the log says.
type ExplainDoc struct {
	Lead     string     `json:"lead" doc:"Internal id."`
	User     string     `json:"userId,omitempty"`
	Title    string     `json:"title" doc:"What the console calls the lead."`
	Subject  string     `json:"subject,omitempty" example:"toss_up.hot_lead"`
	Label    string     `json:"label,omitempty" doc:"What the subject is called."`
	At       *time.Time `json:"at" doc:"The instant that is told about."`
	Past     bool       `json:"past" doc:"It is not now."`
	Revision uint32     `json:"revision" doc:"Of the rules that judge."`
	File     string     `json:"file,omitempty"`
	Line     int        `json:"line,omitempty"`
	Lang     string     `json:"lang" enum:"en,ja"`
	Zone     string     `json:"zone,omitempty" doc:"Time zone of the project, in which the sentences tell times." example:"Asia/Tokyo"`
	Headline string     `json:"headline" doc:"The answer in one sentence."`
	Stage    string     `json:"stage,omitempty" doc:"Of the lead at that instant."`

	Arm *ExplainArm `json:"arm,omitempty" doc:"While a part of the leads tries a change: which rules decide about this lead."`

	Parts     []ExplainPart     `json:"parts" doc:"The rules that the subject consists of, each with its conditions."`
	Decisions []ExplainDecision `json:"decisions" doc:"What was decided about the subject until then, the latest first."`
	More      bool              `json:"moreDecisions" doc:"There are older ones."`
	Unknown   []UnknownDoc      `json:"unknown" doc:"What is not known any more."`

	Corrections []CorrectedDoc `json:"corrections,omitempty" doc:"What was said of facts of the lead after they had come, the latest first."`
}

// CorrectedDoc is what somebody said of a fact after it had come.
type CorrectedDoc struct {
	Fact  string     `json:"fact" doc:"Message id of the fact."`
	Said  *time.Time `json:"said"`
	Who   string     `json:"who,omitempty"`
	Why   string     `json:"why,omitempty"`
	Later bool       `json:"later,omitempty" doc:"It was said after the instant that is told about: it was not known then."`
	Text  string     `json:"text"`
}

// ExplainPart is one rule with its verdict.
type ExplainPart struct {
	Rule       string             `json:"rule" example:"toss_up.hot_lead"`
	Part       string             `json:"part,omitempty" enum:"when,enter,leave,allowed" doc:"Which of its conditions."`
	Label      string             `json:"label,omitempty"`
	Summary    string             `json:"summary" doc:"The verdict in one sentence."`
	Holds      bool               `json:"holds"`
	On         string             `json:"on,omitempty" doc:"Event on which it is judged."`
	Event      *ExplainEvent      `json:"event,omitempty" doc:"The last of them: the conditions are told as they were judged on it."`
	By         uint32             `json:"judgedBy,omitempty" doc:"Revision that judged the event, where it is another one."`
	Conditions []ExplainCondition `json:"conditions"`
	Gates      []ExplainGate      `json:"gates,omitempty" doc:"What is asked besides the conditions."`
	Needs      []ExplainNeed      `json:"needs,omitempty" doc:"What would change the verdict, found by trying it."`
	Advice     []string           `json:"advice,omitempty" doc:"The same in sentences."`
	ChangesAt  *time.Time         `json:"changesAt,omitempty" doc:"When time alone changes the verdict."`
	Value      *float64           `json:"value,omitempty" doc:"Of a score."`
	Points     []ExplainPoints    `json:"points,omitempty" doc:"Of a score: what is left of what its rules paid."`
	File       string             `json:"file,omitempty"`
	Line       int                `json:"line,omitempty"`
}

// ExplainEvent is the fact on which a rule was judged.
type ExplainEvent struct {
	Name string     `json:"event"`
	ID   string     `json:"messageId,omitempty"`
	At   *time.Time `json:"at"`
}

// ExplainCondition is one condition with its answer and what it saw.
type ExplainCondition struct {
	Sentence  string             `json:"sentence"`
	Condition string             `json:"condition" doc:"As it is written."`
	Holds     bool               `json:"holds"`
	Seen      string             `json:"seen,omitempty" doc:"What it saw, in words."`
	Facts     []ExplainFact      `json:"facts,omitempty"`
	Inner     []ExplainCondition `json:"inner,omitempty" doc:"Of the segments that it reads."`
	File      string             `json:"file,omitempty"`
	Line      int                `json:"line,omitempty"`
}

// ExplainFact is one fact that a condition saw.
type ExplainFact struct {
	Key     string     `json:"key" example:"score.interest"`
	Label   string     `json:"label"`
	Value   any        `json:"value"`
	Since   *time.Time `json:"since,omitempty" doc:"When it became so."`
	Message string     `json:"messageId,omitempty" doc:"Of the event that set it."`
}

// ExplainGate is something besides the conditions that decides.
type ExplainGate struct {
	Code  string     `json:"code"`
	Open  bool       `json:"open"`
	Text  string     `json:"text"`
	Until *time.Time `json:"until,omitempty" doc:"When time opens it."`
}

// ExplainNeed is something that would change the answer of a condition.
type ExplainNeed struct {
	Condition int        `json:"condition" doc:"Which of the conditions, from 0."`
	Event     string     `json:"event,omitempty" doc:"That would have to come."`
	Rule      string     `json:"rule,omitempty" doc:"That would pay for it." example:"interest.inquiry"`
	Points    float64    `json:"points,omitempty"`
	Times     int        `json:"times,omitempty"`
	Attribute string     `json:"attribute,omitempty" doc:"That would have to be value."`
	Value     any        `json:"value,omitempty"`
	Consent   string     `json:"consent,omitempty" doc:"That would have to be given."`
	Enough    bool       `json:"enough" doc:"The whole rule would hold by it."`
	Until     *time.Time `json:"until,omitempty" doc:"The last instant at which it would do; absent: later too."`
	Text      string     `json:"text"`
}

// ExplainPoints is what one rule gives to a score.
type ExplainPoints struct {
	Rule       string             `json:"rule"`
	Points     float64            `json:"points" doc:"What is left of them."`
	Paid       float64            `json:"paid,omitempty" doc:"As they were paid."`
	Times      int                `json:"times,omitempty"`
	Last       *time.Time         `json:"last,omitempty"`
	Text       string             `json:"text"`
	Conditions []ExplainCondition `json:"conditions,omitempty"`
}

// ExplainDecision is one decision of the log with the conditions that it rested on,
// judged anew on the facts of then.
type ExplainDecision struct {
	DecisionDoc
	Revision   uint32             `json:"revision"`
	Text       string             `json:"text"`
	Event      ExplainEvent       `json:"cause" doc:"The fact that it followed from."`
	Rule       string             `json:"rule,omitempty"`
	Conditions []ExplainCondition `json:"conditions,omitempty"`
}

// UnknownDoc is something that is not known any more.
type UnknownDoc struct {
	Code  string     `json:"code" enum:"rules_gone,not_reproducible,reasons_expired,forgotten,unknown_then"`
	Since *time.Time `json:"since,omitempty" doc:"From this instant on."`
	Text  string     `json:"text"`
}

// place tells where something stands in the workspace.
func place(p engine.Place) (file string, line int) { return p.File, p.Line }
