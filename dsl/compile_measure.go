package dsl

import "github.com/seed-456efde2/nurture/engine"

// measures compiles the counted figures, and checks what is computed and decided
// from them.
func (b *builder) measures() {
	b.sorted("kpi", b.kpi)
	b.figureCycles()
	b.sorted("funnel", b.funnel)
	b.sorted("review", b.review)
	for _, n := range b.root.all("rollout") {
		b.rollout(n)
	}
}

// staffOnly sees that a note to our own people does not go to leads.
func (b *builder) staffOnly(n *node, attr string) {
	name := n.ref(attr)
	if t := b.pluginOf(name); t != nil && t.Reach == engine.ReachLead {
		a := n.attrs[attr]
		b.r.add(codeToLeads, a.place(), a.in(), name)
	}
}
