package dsl

import "github.com/seed-456efde2/nurture/engine"

// TestColleague is what another lead of the same account does.
type TestColleague struct {
	Name   string
	Events []TestEvent
}

// colleague reads what another lead of the account does now.
func (s *story) colleague(n *node) {
	if !s.needsAccount(n) {
		return
	}
	c := &TestColleague{Name: n.label}
	for _, k := range n.all("event") {
		if e := s.happening(k); e != nil {
			c.Events = append(c.Events, *e)
		}
	}
	s.add(TestStep{Colleague: c}, n)
}

// company reads what becomes known of the account now.
func (s *story) company(n *node) {
	if s.needsAccount(n) {
		fields := s.b.testFields(n, accountSpace, s.b.scope.Account)
		s.add(TestStep{Account: append([]engine.Field{}, fields...)}, n)
	}
}

func (s *story) needsAccount(n *node) bool {
	if s.b.scope.Account == nil {
		s.b.r.add(codeNeeds, n.place(), n.trail(), n.spec.Name, accountSpace)
		return false
	}
	return true
}
