package engine

func putCounts(b []byte, counts []Count) []byte {
	b = putUint(b, uint64(len(counts)))
	for i := range counts {
		c := &counts[i]
		b = putInt(putText(b, c.Event), c.Total)
		b = putTimes(putTime(b, c.Last), c.Recent)
	}
	return b
}

func (r *reader) counts() []Count {
	counts := list[Count](r, nil)
	for i := range counts {
		counts[i] = Count{r.text(""), r.int(), r.time(), r.times(nil)}
	}
	return counts
}

func putAttrs(b []byte, attrs []Attr) []byte {
	b = putUint(b, uint64(len(attrs)))
	for i := range attrs {
		b = putValue(putText(b, attrs[i].Name), attrs[i].Value)
	}
	return b
}

func (r *reader) attrs() []Attr {
	attrs := list[Attr](r, nil)
	for i := range attrs {
		attrs[i] = Attr{r.text(""), r.value(Value{})}
	}
	return attrs
}

// putAccount appends what an account guards and knows.
func putAccount(b []byte, l *Lead) []byte {
	b = putGuards(b, l.Guards)
	a := l.Account
	b = putFlag(b, a != nil)
	if a == nil {
		return b
	}
	b = putFlag(b, a.Full)
	b = putUint(b, uint64(len(a.Members)))
	for i := range a.Members {
		m := &a.Members[i]
		b = putCounts(putUint(append(b, m.Lead[:]...), m.Told), m.Counts)
	}
	b = putUint(b, uint64(len(a.Traits)))
	for i := range a.Traits {
		t := &a.Traits[i]
		b = putTime(putValue(putText(b, t.Name), t.Value), t.At)
		b = putText(b, t.ID)
	}
	return b
}

func (r *reader) account() *AccountState {
	if !r.flag() {
		return nil
	}
	a := &AccountState{Full: r.flag()}
	a.Members = list[Member](r, nil)
	for i := range a.Members {
		a.Members[i] = Member{LeadID(r.key()), r.uint(), r.counts()}
	}
	a.Traits = list[Trait](r, nil)
	for i := range a.Traits {
		a.Traits[i] = Trait{r.text(""), r.value(Value{}), r.time(), r.text("")}
	}
	return a
}

// putOthers appends what a lead knows of others: its conflicts and its account. Of
// a lead that has neither, nothing.
func putOthers(b []byte, l *Lead) []byte {
	c := l.Colleagues
	if c == nil && len(l.Conflicts)+len(l.Apart) == 0 {
		return b
	}
	b = putUint(b, uint64(len(l.Apart)))
	for i := range l.Apart {
		b = append(b, l.Apart[i][:]...)
	}
	b = putUint(b, uint64(len(l.Conflicts)))
	for i := range l.Conflicts {
		k := &l.Conflicts[i]
		b = putTime(putText(append(b, k.Other[:]...), k.Attribute), k.At)
		b = putFlag(b, k.Settled)
	}
	if b = putFlag(b, c != nil); c == nil {
		return b
	}
	b = putUint(putText(b, c.Account), c.Said)
	return putAttrs(putCounts(b, c.Counts), c.Attrs)
}

func (r *reader) others(l *Lead) {
	if len(r.b) == 0 {
		return
	}
	l.Apart = list[LeadID](r, nil)
	for i := range l.Apart {
		l.Apart[i] = LeadID(r.key())
	}
	l.Conflicts = list[Conflict](r, nil)
	for i := range l.Conflicts {
		l.Conflicts[i] = Conflict{LeadID(r.key()), r.text(""), r.time(), r.flag()}
	}
	if r.flag() {
		l.Colleagues = &Colleagues{r.text(""), r.uint(), r.counts(), r.attrs()}
	}
}
