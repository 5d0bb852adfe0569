package engine

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"hash"
	"strconv"

	"github.com/seed-456efde2/nurture/engine/verdict"
)

// hasher builds the names that must be the same for ever: keys of actions, ids
// of runs. Every part carries its length, so that no two lists of parts collide.
type hasher struct{ hash.Hash }

func newHasher(kind string) hasher {
	h := hasher{sha256.New()}
	return h.text(kind)
}

func (h hasher) text(s string) hasher {
	var n [4]byte
	binary.BigEndian.PutUint32(n[:], uint32(len(s)))
	h.Write(n[:])
	h.Write([]byte(s))
	return h
}

func (h hasher) number(n int64) hasher { return h.text(strconv.FormatInt(n, 10)) }

func (h hasher) key() (k ActionKey) {
	copy(k[:], h.Sum(nil))
	return k
}

// factOf starts a hash over what names a fact for ever: its source, its id and
// the identifier that it carries itself, so that a merge of two leads does not
// change it. A fact of the shell has no id: its lead and instant name it.
func factOf(kind string, e *Event) hasher {
	h := newHasher(kind)
	if e.ID == "" {
		return h.text(e.Lead.String()).number(int64(e.At))
	}
	return h.text(e.Source).text(e.ID).text(e.User).text(e.Visitor)
}

func runID(e *Event, workflow string) (id RunID) {
	k := factOf("run", e).text(workflow).key()
	copy(id[:], k[:])
	return id
}

func stepKey(workflow, step string, run RunID, visit int32) ActionKey {
	return newHasher("step").text(workflow).text(step).text(string(run[:])).number(int64(visit)).key()
}

func offerID(e *Event, tossUp string) ActionKey { return factOf("toss_up", e).text(tossUp).key() }

// fraction is a number in [0, 1) that follows from the key and n alone.
func fraction(k ActionKey, n int32) float64 {
	sum := newHasher("fraction").text(string(k[:])).number(int64(n)).key()
	return float64(binary.BigEndian.Uint64(sum[:8])>>11) / (1 << 53)
}

// foldDigest names everything that a fold depends on. Leads folded under another
// digest are folded anew from their facts.
func foldDigest(p *Program) uint64 {
	h := newHasher("folds").text(p.spec.Zone.String()).text(p.spec.KeyAttr)
	for _, a := range p.spec.Attrs {
		h.text(fmt.Sprint("attr", a.Name, a.Wire, a.Kind, a.Choices, a.Default, a.Normalize, a.Identifier, a.Raw))
		if a.Form != nil {
			h.text(a.Form.Name())
		}
	}
	if a := p.spec.Account; a != nil {
		h.text("account").text(a.Key)
		for _, s := range a.Attrs {
			h.text(s.Name).text(s.Wire)
		}
	}
	for i := range p.spec.Events {
		s := &p.spec.Events[i]
		plan := p.events[s.Name]
		h.text(fmt.Sprint("event", s.Name, s.Wire, s.From, s.Fields, plan.counted, int64(plan.window)))
		h.conds(s.When)
	}
	h.text(fmt.Sprint("bars", p.kindOf, p.addresses)) // maps print in the order of their keys
	if p.hits {
		h.text("hits").text(verdict.Known().Digest)
	}
	if p.origins {
		h.text("origins")
	}
	for _, c := range p.spec.Consents {
		h.text(fmt.Sprint("consent", c.Name, c.Granted, c.Revoked))
		h.conds(c.When)
		if c.Confirm != nil {
			h.text(fmt.Sprint("confirm", int64(c.Confirm.Within)))
			h.conds(c.Confirm.When)
		}
	}
	for _, s := range p.spec.Scores {
		h.text(fmt.Sprint("score", s.Name, s.HalfLife, s.Expires, s.Step, s.Range, s.Min, s.Max))
		for _, r := range s.Rules {
			h.text(fmt.Sprint("rule", r.Name, r.On, r.Points, r.PerDay))
			h.conds(r.When)
			if r.Amount != nil {
				h.text(r.Amount.Meaning())
			}
		}
	}
	for i := range p.spec.Funnels {
		p.spec.Funnels[i].meaning(h)
	}
	k := h.key()
	return binary.BigEndian.Uint64(k[:8])
}

func (h hasher) conds(list []Cond) {
	for _, c := range list {
		h.text(c.Meaning())
	}
}
