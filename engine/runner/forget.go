package runner

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/store"
)

// ErrNoLead is returned for a lead that nothing is known of.
var ErrNoLead = errors.New("there is no such lead")

// Forgotten is what an erasure took away.
type Forgotten struct {
	Leads   int `json:"leads" doc:"Rows that became tombstones: the lead and what was merged into it."`
	Names   int `json:"names" doc:"Names taken out of the identity table."`
	Facts   int `json:"facts" doc:"Facts of its journals."`
	Letters int `json:"letters" doc:"Messages that were given up."`
	Refused int `json:"refused" doc:"Events that were refused and named the person."`
}

// wipe is what an erasure asks of a worker, and what it has done.
type wipe struct {
	offers  []engine.LeadOffer
	facts   int
	letters int
	more    bool
}

// Forget erases what is known of a person: the lead, every lead that was merged
// into it, their journals, messages, dead letters and names, and what was refused
// of events that name them. Counters stay. It returns when all of it is durable; it
// may be called again when it was interrupted.
func (r *Runner) Forget(ctx context.Context, id engine.LeadID) (Forgotten, error) {
	var done Forgotten
	person, err := r.personOf(id)
	if err != nil {
		return done, err
	}
	if err := r.forgetRefused(person, &done); err != nil {
		return done, err
	}
	if err := r.forgetOffers(ctx, person); err != nil {
		return done, err
	}
	for _, lead := range person.leads {
		if err := r.forgetLead(ctx, lead, person, &done); err != nil {
			return done, err
		}
	}
	done.Names = len(person.names)
	return done, nil
}

// person is everything under which somebody is known.
type person struct {
	leads []engine.LeadID // the whole lead last: until then it names the others
	names []engine.Identifier
}

func (p *person) name(kind engine.IdentifierKind, value string) {
	if i := (engine.Identifier{Kind: kind, Value: value}); value != "" && !slices.Contains(p.names, i) {
		p.names = append(p.names, i)
	}
}

// personOf finds the whole lead, its parts, and every name in their journals.
func (r *Runner) personOf(id engine.LeadID) (*person, error) {
	whole, err := r.wholeOf(id)
	if err != nil {
		return nil, err
	}
	p := &person{}
	for _, part := range append(slices.Clone(whole.Parts), whole.ID) {
		if err := r.namesOf(part, p); err != nil {
			return nil, err
		}
		p.leads = append(p.leads, part)
	}
	// A name that was never a lead's own has a row all the same, which forwards.
	for _, name := range p.names {
		var l engine.Lead
		own := name.Lead()
		found, err := r.store.Lead(own, &l)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrUnavailable, err)
		}
		if found && (l.Into == whole.ID || slices.Contains(p.leads, l.Into)) && !slices.Contains(p.leads, own) {
			p.leads = append([]engine.LeadID{own}, p.leads...)
		}
	}
	return p, nil
}

// maxChain is how many times a lead can have become a part of another one.
const maxChain = 8

func (r *Runner) wholeOf(id engine.LeadID) (*engine.Lead, error) {
	l := &engine.Lead{}
	for range maxChain {
		found, err := r.store.Lead(id, l)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrUnavailable, err)
		}
		if !found || l.Entity != engine.NoEntity {
			return nil, ErrNoLead
		}
		if l.Into.IsZero() {
			break
		}
		id = l.Into
		l = &engine.Lead{}
	}
	return l, nil
}

// namesOf adds the names in a lead's row and journal.
func (r *Runner) namesOf(id engine.LeadID, p *person) error {
	var l engine.Lead
	if _, err := r.store.Lead(id, &l); err != nil {
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	program := r.Program()
	for _, name := range program.NamesOf(&l) {
		p.name(name.Kind, name.Value)
	}
	return r.store.Facts(id.Partition(r.partitions), id, func(f *engine.Fact) error {
		for _, name := range program.NamesIn(&f.Event) {
			p.name(name.Kind, name.Value)
		}
		return nil
	})
}

// forgetLead takes one lead's journal out and leaves its tombstone. A long journal
// goes in pieces, each durable; the row goes with the last of them.
func (r *Runner) forgetLead(ctx context.Context, id engine.LeadID, p *person, done *Forgotten) error {
	now := r.clock.Now()
	at := engine.TimeOf(now)
	for more := r.journalIsLong(id); more; {
		w := &wipe{}
		if err := r.ask(ctx, fact{event: engine.Event{Lead: id}, since: now, order: orderErase, wipe: w}); err != nil {
			return err
		}
		done.Facts, done.Letters = done.Facts+w.facts, done.Letters+w.letters
		more = w.more && r.journalIsLong(id)
	}
	w := &wipe{}
	e := engine.Event{Kind: engine.Forget, Lead: id, At: at, Received: at}
	fields := map[engine.IdentifierKind]string{engine.ByUser: engine.ForgetUser, engine.ByVisitor: engine.ForgetVisitor, engine.ByKey: engine.ForgetKey, engine.ByAttribute: engine.ForgetName}
	for _, name := range p.names {
		e.Fields = append(e.Fields, engine.Field{Name: fields[name.Kind], Value: engine.TextValue(name.Value)})
	}
	if err := r.ask(ctx, fact{event: e, since: now, wipe: w}); err != nil {
		return err
	}
	done.Leads, done.Facts, done.Letters = done.Leads+1, done.Facts+w.facts, done.Letters+w.letters
	return nil
}

// journalIsLong reports a journal that does not go at once.
func (r *Runner) journalIsLong(id engine.LeadID) bool {
	n := 0
	_ = r.store.Facts(id.Partition(r.partitions), id, func(*engine.Fact) error { // an error shows with the erasing
		if n++; n >= store.MaxErase {
			return store.ErrStop
		}
		return nil
	})
	return n >= store.MaxErase
}

// erase takes out what of the lead's journal may go at once.
func (w *worker) erase(s *slot, done *wipe) (err error) {
	done.facts, done.letters, done.more, err = w.open.write.Erase(s.part, s.lead.ID)
	return err
}

// forgetOffers blanks what the register of hand-overs has of the person beside the
// figures.
func (r *Runner) forgetOffers(ctx context.Context, p *person) error {
	w := &wipe{}
	err := r.store.Offers(store.OfferPlace{}, func(o *engine.LeadOffer) error {
		if slices.Contains(p.leads, o.Lead) {
			row := *o
			row.Offer.Packet, row.Offer.Account, row.Offer.Late = "", "", ""
			w.offers = append(w.offers, row)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	if len(w.offers) == 0 {
		return nil
	}
	return r.ask(ctx, fact{order: orderRegister, wipe: w})
}

// forgetRefused forgets refused events that name the person: by a whole JSON text,
// or by an address wherever it stands.
func (r *Runner) forgetRefused(p *person, done *Forgotten) error {
	var marks [][]byte
	for _, name := range p.names {
		text, err := json.Marshal(name.Value)
		if err != nil {
			continue // names are valid text
		}
		if bytes.ContainsRune(text, '@') {
			text = text[1 : len(text)-1]
		}
		marks = append(marks, bytes.ToLower(text))
	}
	var seqs []uint64
	err := r.store.BadEvents(0, 0, func(b *store.BadEvent) error {
		raw := bytes.ToLower(b.Raw)
		if slices.ContainsFunc(marks, func(mark []byte) bool { return bytes.Contains(raw, mark) }) {
			seqs = append(seqs, b.Seq)
		}
		return nil
	})
	if err == nil {
		err = r.store.ForgetRefused(seqs...)
	}
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	done.Refused = len(seqs)
	return nil
}
