package dsl

import (
	"maps"
	"slices"
)

// stacking is one load: the files, what they stand on, and what was found.
type stacking struct {
	b      *builder
	rd     *reader
	files  []*sourceFile
	ground *ground // nil: it is being made
	below  []*node // top-level blocks of the ground
	above  []*node // workflows and tests
	fileOf map[*node]*sourceFile
	fresh  map[*node]bool // workflows and tests that were read now
	twice  bool           // a name stands twice
	shaky  bool           // a file of the ground has to be read anew the next time
	found  []Diagnostic   // beside what the parser found
}

// stack compiles the files on a ground, or makes the ground first where it is nil.
// It is false where the ground turns out not to stand; nothing of the builder can
// be used then.
func (l *Loader) stack(b *builder, files []*sourceFile, g *ground) bool {
	if g != nil && !g.stands(b, files) {
		return false
	}
	s := &stacking{
		b: b, files: files, ground: g, rd: &reader{r: b.r, partial: len(b.unsound) > 0},
		fileOf: map[*node]*sourceFile{}, fresh: map[*node]bool{},
	}
	if g != nil {
		b.adopt(g)
	} else {
		b.root.spec = language(b.o.Catalog)
	}
	s.tree()
	twice := b.capture(func() { s.rd.names(b.root) })
	s.twice = len(twice) > 0
	if s.twice && g != nil {
		return false
	}
	s.found = append(s.found, twice...)
	b.countFiles()
	if g == nil {
		s.makeGround()
	} else {
		b.enterAll(s.above)
		s.readUnits()
		b.flows(s)
		if !b.sameFlows(g.asked) {
			return false
		}
		s.found = append(s.found, g.found...)
		b.scope.notes.take(g.notes)
	}
	s.units()
	b.r.items = append(b.r.items, s.found...)
	b.r.dropUncertain(b.unsound)
	if !s.shaky {
		l.ground = s.ground
	}
	return true
}

// tree brings the files' blocks under the root, reading those that were not read
// for this ground.
func (s *stacking) tree() {
	for _, f := range s.files {
		reuse := s.ground != nil && f.on == s.ground
		if !reuse {
			f.on, f.kids, f.units = s.ground, nil, map[*node]*unit{}
			f.read = s.b.capture(func() { f.kids = s.readFile(f) })
		}
		s.found = append(s.found, f.read...)
		for _, k := range f.kids {
			s.fileOf[k] = f
			if upperBlocks[k.spec.Name] {
				s.above = append(s.above, k)
				s.fresh[k] = !reuse
			} else {
				s.below = append(s.below, k)
			}
		}
		s.b.root.kids = append(s.b.root.kids, f.kids...)
	}
}

func (s *stacking) readFile(f *sourceFile) []*node {
	if f.body == nil {
		return nil
	}
	top := &node{spec: s.b.root.spec, attrs: map[string]*attribute{}}
	s.rd.file(top, f.body, f.src)
	return top.kids
}

// makeGround compiles everything but workflows and tests, and keeps it where
// nothing of it is wrong.
func (s *stacking) makeGround() {
	b := s.b
	taken := b.scope.notes.mark()
	found := b.capture(func() {
		b.consts()
		for _, k := range s.below {
			s.decode(k)
		}
		s.rd.amounts(b.root)
		b.project()
	})
	own := b.eval.apart()
	s.readUnits()
	units := b.eval.apart()
	b.eval.join(own)
	found = append(found, b.capture(func() {
		b.declare()
		b.flows(s)
		b.standOn(s.below)
		b.groundText = b.meaningOfGround()
	})...)
	s.found = append(s.found, found...)
	defer b.eval.join(units)
	if len(b.unsound) > 0 || s.twice || hasError(found) || s.hasError() {
		return
	}
	s.ground = b.groundOf(s.files, found, b.scope.notes.since(taken))
	for _, f := range s.files {
		f.on = s.ground
	}
}

// hasError reports whether a file of the ground has an error in its form.
func (s *stacking) hasError() bool {
	return slices.ContainsFunc(s.files, func(f *sourceFile) bool { return !f.upper && hasError(f.read) })
}

// decode checks and decodes one top-level block.
func (s *stacking) decode(k *node) {
	s.rd.complete(k)
	k.walk((&decoder{r: s.b.r, eval: s.b.eval}).node)
}

// readUnits decodes the workflows and tests that were read now.
func (s *stacking) readUnits() {
	for _, k := range s.above {
		if !s.fresh[k] {
			continue
		}
		u := &unit{}
		calls := s.b.eval.calls
		u.read = s.b.capture(func() { s.decode(k) })
		u.fixed = s.b.eval.calls == calls
		if k.spec.Name == "workflow" {
			u.info = flowInfo(k)
		}
		s.fileOf[k].units[k] = u
	}
}

// flows makes known what may be asked of the workflows.
func (b *builder) flows(s *stacking) {
	b.scope.Workflows = make(map[string]*workflowInfo, len(b.declared["workflow"]))
	for name, n := range b.declared["workflow"] {
		b.scope.Workflows[name] = s.fileOf[n].units[n].info
	}
}

// units compiles the workflows in order of name, and the tests as they stand.
func (s *stacking) units() {
	b := s.b
	for _, k := range s.above {
		u := s.fileOf[k].units[k]
		if s.fresh[k] {
			u.read = append(u.read, b.capture(func() { b.resolve(k) })...)
		}
		s.found = append(s.found, u.read...)
	}
	b.spec.Flows = nil
	var loads []capLoad
	for _, name := range names(b.declared["workflow"]) {
		n := b.declared["workflow"][name]
		u := s.unit(n)
		b.spec.Flows = append(b.spec.Flows, u.flow)
		b.flowDigests[name] = u.digest
		loads = append(loads, u.loads...)
	}
	b.loads = loads
	s.found = append(s.found, b.capture(b.lanes)...)
	s.found = append(s.found, b.capture(b.tooOftenTogether)...)
	for _, n := range s.above {
		if n.spec.Name == "test" {
			b.tests = append(b.tests, s.unit(n).tests...)
		}
	}
}

// unit is a workflow or test, compiled now or before.
func (s *stacking) unit(n *node) *unit {
	b, f := s.b, s.fileOf[n]
	u := f.units[n]
	if !u.done || !b.sameFlows(u.asked) || !b.sameTemplates(u.templates) {
		s.compile(n, u)
	} else {
		b.scope.notes.take(u.notes)
	}
	s.found = append(s.found, u.found...)
	b.counts.add(u.counts)
	for name := range u.templates {
		b.used[name] = true
	}
	if hasError(u.read) || hasError(u.found) || !u.fixed {
		s.forget(f)
	}
	return u
}

func (s *stacking) compile(n *node, u *unit) {
	b := s.b
	counts, used, asked := b.counts, b.used, b.asked
	b.counts, b.used, b.asked, b.loads = Counts{}, map[string]bool{}, map[string]string{}, nil
	taken := b.scope.notes.mark()
	u.found = b.capture(func() {
		if n.spec.Name == "test" {
			u.tests = b.test(n)
			b.counts = Counts{} // the rules' conditions are counted
			return
		}
		u.flow = b.workflow(n)
		u.digest = b.digestOfFlow(&u.flow)
	})
	u.counts, u.templates, u.asked, u.done = b.counts, b.templatesOf(b.used), maps.Clone(b.asked), true
	u.notes, u.loads = b.scope.notes.since(taken), b.loads
	b.counts, b.used, b.asked = counts, used, asked
}

// forget has a file read anew the next time. A file of the ground takes the ground
// with it.
func (s *stacking) forget(f *sourceFile) {
	f.on = nil
	s.shaky = s.shaky || !f.upper
}

// add sums up what was counted in one part.
func (c *Counts) add(o Counts) {
	c.Workflows += o.Workflows
	c.Steps += o.Steps
	c.Conditions += o.Conditions
}

// mark is how many notes there are.
func (n *noteBook) mark() int {
	if n == nil {
		return 0
	}
	return len(n.notes)
}

// since are the notes that were taken after a mark.
func (n *noteBook) since(mark int) []noted {
	if n == nil {
		return nil
	}
	return slices.Clone(n.notes[mark:])
}

// take adds notes that were taken at an earlier load.
func (n *noteBook) take(notes []noted) {
	if n != nil {
		n.notes = append(n.notes, notes...)
	}
}
