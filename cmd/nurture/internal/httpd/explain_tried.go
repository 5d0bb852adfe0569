package httpd

import (
	"fmt"
	"time"

	"github.com/seed-456efde2/nurture/engine"
)

// Tried is a lead of a story that is told by hand: it lives in memory, and what is
// asked about it is answered as a server answers about its leads.
type Tried struct {
	Program *engine.Program
	Lead    *engine.Lead
	Now     engine.Time
	// Facts are the journals of the story's leads, in order of (At, Seq).
	Facts func(lead engine.LeadID, yield func(*engine.Fact) error) error
}

// Explain tells why something was decided about the lead, or was not. The ask's ID is
// not looked at.
func (t *Tried) Explain(ask ExplainAsk) (*ExplainDoc, error) {
	return t.server().explainLead(t.Lead.ID, &ask)
}

// Describe is how the lead stands, without its facts.
func (t *Tried) Describe() *LeadDoc { return t.server().describe(t.Lead) }

// server is one that knows this lead and nobody else. It answers no requests.
func (t *Tried) server() *Server {
	return &Server{
		options: Options{Desk: triedDesk{program: t.Program}, People: triedPeople{t}},
		now:     func() time.Time { return t.Now.In(time.UTC) },
	}
}

// triedDesk is the Desk of a story: the rules are all that is asked of it.
type triedDesk struct {
	Desk
	program *engine.Program
}

func (d triedDesk) Program() *engine.Program { return d.program }

// triedPeople are the People of a story.
type triedPeople struct{ tried *Tried }

// Lead implements People.
func (p triedPeople) Lead(id engine.LeadID, l *engine.Lead) (found bool, err error) {
	if id != p.tried.Lead.ID {
		return false, nil
	}
	if err := engine.DecodeLead(engine.AppendLead(nil, p.tried.Lead), l); err != nil {
		return false, fmt.Errorf("copy the lead: %w", err)
	}
	return true, nil
}

// Leads implements People.
func (p triedPeople) Leads(_ int, after engine.LeadID, _ int, yield func(engine.LeadID, []byte) error) error {
	if id := p.tried.Lead.ID; string(after[:]) < string(id[:]) {
		return yield(id, engine.AppendLead(nil, p.tried.Lead))
	}
	return nil
}

// Facts implements People.
func (p triedPeople) Facts(_ int, lead engine.LeadID, yield func(*engine.Fact) error) error {
	return p.tried.Facts(lead, yield)
}

// Resolve implements People.
func (p triedPeople) Resolve(engine.Identifier) (engine.LeadID, bool, error) {
	return p.tried.Lead.ID, true, nil
}

// Partitions implements People.
func (p triedPeople) Partitions() int { return 1 }
