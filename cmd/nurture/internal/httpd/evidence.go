package httpd

import (
	"context"
	"encoding/json"
	"net/netip"

	"github.com/seed-456efde2/nurture/cmd/nurture/internal/lists"
	"github.com/seed-456efde2/nurture/engine"
)

// The evidence of consents: who, when, by what words, from where. It is nothing that
// is kept besides the facts; it is what the journal has to say about leave, a row for
// each thing that gave or took any.

var evidenceColumns = []lists.Column{
	{Name: "lead"},
	{Name: "userId"},
	{Name: "key"},
	{Name: "consent"},
	{Name: "action"},
	{Name: "topic"},
	{Name: "frequency"},
	{Name: "at", Kind: lists.Time},
	{Name: "receivedAt", Kind: lists.Time},
	{Name: "event"},
	{Name: "wording"},
	{Name: "source"},
	{Name: "way"},
	{Name: "address"},
	{Name: "messageId"},
	{Name: "revision", Kind: lists.Number},
	{Name: "stands", Kind: lists.Flag},
}

// The actions of the evidence.
const (
	evidenceAsked     = "asked"     // and it is to be confirmed
	evidenceGiven     = "given"     // by the event alone
	evidenceConfirmed = "confirmed" // on our page
	evidenceWithdrawn = "withdrawn"
	evidenceStopped   = "stopped" // everything, or a topic
	evidenceUndone    = "undone"  // a stop was taken back
	evidenceWished    = "wished"  // how often
	evidenceComplaint = "complained"
)

// exportEvidence writes the evidence of all leads.
func (s *Server) exportEvidence(ctx context.Context, r exportRange, w lists.Writer) error {
	p := s.options.Desk.Program()
	if p == nil {
		return nil
	}
	keys := map[engine.LeadID]*engine.Lead{}
	return s.eachKnownFact(ctx, func(k *knownFact) error {
		whole, l, f := k.whole, k.lead, k.row
		if !r.has(k.true.Now.At) {
			return nil
		}
		for _, e := range s.knownEvidence(p, f, &k.true) {
			if r.consent != "" && e.consent != "" && e.consent != r.consent {
				continue
			}
			of := l
			if whole != l.ID {
				if keys[whole] == nil {
					keys[whole] = &engine.Lead{}
					if _, err := s.options.People.Lead(whole, keys[whole]); err != nil {
						return err
					}
				}
				of = keys[whole]
			}
			row := append(e.cells(whole, of, p.Spec().KeyAttr, f), correctionCells(&k.true)...)
			if err := w.Row(append(row, toldCells(&k.true)[:1]...)); err != nil {
				return err
			}
		}
		return nil
	})
}

// evidence is one thing that gave or took leave.
type evidence struct {
	consent string
	action  string
	address string
	e       *engine.Event
	void    bool // it was told so, and is not so by what is known now
}

// evidenceOf is what a fact says about leave: by the event itself, under the names
// that the rules give it.
func (s *Server) evidenceOf(p *engine.Program, f *engine.Fact) []evidence {
	var list []evidence
	if f.Event.Kind.Outside() {
		list = s.evidenceOfEvent(p, &f.Event, list)
	}
	for i := range f.Derived {
		d := &f.Derived[i]
		own := f.Event
		own.Kind, own.Name, own.At, own.Fields, own.Source = engine.Track, d.Name, d.At, d.Fields, "nurture"
		list = s.evidenceOfEvent(p, &own, list)
	}
	return list
}

func (s *Server) evidenceOfEvent(p *engine.Program, e *engine.Event, list []evidence) []evidence {
	spec := p.Spec()
	is := p.Called(e)
	add := func(consent, action, kept string) {
		list = append(list, evidence{consent: consent, action: action, address: addressOf(e, kept), e: e})
	}
	for i := range spec.Consents {
		c := &spec.Consents[i]
		for _, name := range is {
			switch {
			case name == c.Granted && p.Grants(i, e):
				action := evidenceGiven
				if c.Confirm != nil && p.AsksToConfirm(i, e) {
					action = evidenceAsked
				}
				add(c.Name, action, c.Address)
			case name == engine.ConfirmedEvent && fieldText(e, "consent") == c.Name:
				add(c.Name, evidenceConfirmed, c.Address)
			case name == c.Revoked && name != "unsubscribed":
				add(c.Name, evidenceWithdrawn, c.Address)
			}
		}
	}
	for _, name := range is {
		switch name {
		case "unsubscribed":
			add("", evidenceStopped, "full")
		case "unsubscribe_undone":
			add("", evidenceUndone, "full")
		case engine.WishedEvent:
			add("", evidenceWished, "full")
		case "email_complained":
			add("", evidenceComplaint, "full")
		}
	}
	return list
}

func fieldText(e *engine.Event, name string) string {
	v, _ := engine.Lookup(e.Fields, name)
	return v.Text()
}

// addressOf is the network address that came with an event, as far as it may be
// kept: of our own pages as it was kept, of a client's context as the consent says.
func addressOf(e *engine.Event, kept string) string {
	if own := fieldText(e, "address"); own != "" && e.Source == trackingSource {
		return own
	}
	var context struct {
		IP string `json:"ip"`
	}
	if e.Context == "" || json.Unmarshal([]byte(e.Context), &context) != nil {
		return ""
	}
	a, err := netip.ParseAddr(context.IP)
	if err != nil || kept == addressNone {
		return ""
	}
	if kept == addressFull {
		return a.Unmap().String()
	}
	return truncated(a.Unmap())
}

func (v *evidence) cells(whole engine.LeadID, l *engine.Lead, keyAttr string, f *engine.Fact) []any {
	var key any
	for i := range l.Folds.Attrs {
		if a := &l.Folds.Attrs[i]; keyAttr != "" && a.Name == keyAttr {
			key = textOr(a.Value.Text())
		}
	}
	return []any{
		whole.String(), textOr(l.User), key, textOr(v.consent), v.action, textOr(fieldText(v.e, "topic")), textOr(fieldText(v.e, "frequency")),
		timeOr(v.e.At), timeOr(v.e.Received), textOr(v.e.Name), textOr(fieldText(v.e, "wording")), textOr(v.e.Source), textOr(fieldText(v.e, "source")),
		textOr(v.address), textOr(v.e.ID), float64(f.Revision), !v.void,
	}
}
