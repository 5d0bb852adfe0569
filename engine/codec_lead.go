package engine

// AppendLead appends the stored form of l, without its ID (the row's key has it).
func AppendLead(b []byte, l *Lead) []byte {
	b = append(b, leadFormat)
	b = putText(b, l.User)
	b = putText(b, l.Visitor)
	b = putTime(b, l.FirstSeen)
	b = putTime(b, l.Now)
	b = putUint(b, l.Seq)
	b = putUint(b, uint64(l.Revision))
	b = putFolds(b, &l.Folds)
	b = putActs(b, &l.Acts)
	b = putUint(b, uint64(len(l.Timers)))
	for i := range l.Timers {
		t := &l.Timers[i]
		b = append(b, byte(t.Kind))
		b = putText(b, t.Ref)
		b = putTime(b, t.Due)
	}
	return b
}

// DecodeLead reads what AppendLead wrote into l, reusing its slices, and leaves
// l.ID as it is. After an error l must be thrown away.
func DecodeLead(b []byte, l *Lead) error {
	r := &reader{b: b}
	if r.byte() != leadFormat {
		return ErrFormat
	}
	l.User = r.text(l.User)
	l.Visitor = r.text(l.Visitor)
	l.FirstSeen = r.time()
	l.Now = r.time()
	l.Seq = r.uint()
	l.Revision = uint32(r.uint())
	r.folds(&l.Folds)
	r.acts(&l.Acts)
	l.Timers = list(r, l.Timers)
	for i := range l.Timers {
		t := &l.Timers[i]
		t.Kind = TimerKind(r.byte())
		t.Ref = r.text(t.Ref)
		t.Due = r.time()
	}
	return r.end()
}

// Reset makes l the lead of that id of which nothing is known, keeping its
// slices for reuse.
func (l *Lead) Reset(id LeadID) {
	f, a := &l.Folds, &l.Acts
	*l = Lead{
		ID: id,
		Folds: Folds{
			Attrs: f.Attrs[:0], Scores: f.Scores[:0], Counts: f.Counts[:0],
			Consents: f.Consents[:0],
		},
		Acts: Acts{
			Risen: a.Risen[:0], Cohorts: a.Cohorts[:0],
			Offers: a.Offers[:0], Runs: a.Runs[:0], Past: a.Past[:0],
			Pending: a.Pending[:0], Sent: a.Sent[:0], Skipped: a.Skipped[:0],
		},
		Timers: l.Timers[:0],
	}
}

func putFolds(b []byte, f *Folds) []byte {
	b = putUint(b, f.Digest)
	b = putTime(b, f.LastAt)
	b = putText(b, f.LastID)
	b = putUint(b, uint64(len(f.Attrs)))
	for i := range f.Attrs {
		b = putText(b, f.Attrs[i].Name)
		b = putValue(b, f.Attrs[i].Value)
	}
	b = putUint(b, uint64(len(f.Scores)))
	for i := range f.Scores {
		b = putScore(b, &f.Scores[i])
	}
	b = putUint(b, uint64(len(f.Counts)))
	for i := range f.Counts {
		c := &f.Counts[i]
		b = putText(b, c.Event)
		b = putInt(b, c.Total)
		b = putTime(b, c.Last)
		b = putTimes(b, c.Recent)
	}
	b = putUint(b, uint64(len(f.Consents)))
	for i := range f.Consents {
		c := &f.Consents[i]
		b = putText(b, c.Name)
		b = putTime(b, c.Given)
		b = putTime(b, c.Revoked)
		b = putText(b, c.Event)
		b = putText(b, c.Wording)
		b = putText(b, c.Source)
	}
	return b
}

func (r *reader) folds(f *Folds) {
	f.Digest = r.uint()
	f.LastAt = r.time()
	f.LastID = r.text(f.LastID)
	f.Attrs = list(r, f.Attrs)
	for i := range f.Attrs {
		f.Attrs[i].Name = r.text(f.Attrs[i].Name)
		f.Attrs[i].Value = r.value(f.Attrs[i].Value)
	}
	f.Scores = list(r, f.Scores)
	for i := range f.Scores {
		r.score(&f.Scores[i])
	}
	f.Counts = list(r, f.Counts)
	for i := range f.Counts {
		c := &f.Counts[i]
		c.Event = r.text(c.Event)
		c.Total = r.int()
		c.Last = r.time()
		c.Recent = r.times(c.Recent)
	}
	f.Consents = list(r, f.Consents)
	for i := range f.Consents {
		c := &f.Consents[i]
		c.Name = r.text(c.Name)
		c.Given = r.time()
		c.Revoked = r.time()
		c.Event = r.text(c.Event)
		c.Wording = r.text(c.Wording)
		c.Source = r.text(c.Source)
	}
}

func putScore(b []byte, s *Score) []byte {
	b = putText(b, s.Name)
	b = putFloat(b, s.Value)
	b = putTime(b, s.AsOf)
	b = putUint(b, uint64(len(s.Caps)))
	for _, c := range s.Caps {
		b = putText(b, c.Rule)
		b = putInt(b, int64(c.Day))
		b = putInt(b, int64(c.N))
	}
	return b
}

func (r *reader) score(s *Score) {
	s.Name = r.text(s.Name)
	s.Value = r.float()
	s.AsOf = r.time()
	s.Caps = list(r, s.Caps)
	for i := range s.Caps {
		c := &s.Caps[i]
		c.Rule = r.text(c.Rule)
		c.Day = int32(r.int())
		c.N = int32(r.int())
	}
}

func putActs(b []byte, a *Acts) []byte {
	b = putText(b, a.Stage)
	b = putTime(b, a.StageSince)
	b = putUint(b, uint64(len(a.Risen)))
	for _, stage := range a.Risen {
		b = putText(b, stage)
	}
	b = putUint(b, uint64(len(a.Offers)))
	for i := range a.Offers {
		o := &a.Offers[i]
		b = putText(b, o.TossUp)
		b = append(b, byte(o.State))
		b = putFlag(b, o.True)
		b = putTime(b, o.Since)
		b = putTime(b, o.Made)
		b = append(b, o.ID[:]...)
		b = putInt(b, int64(o.Count))
		b = putText(b, o.Cause)
	}
	b = putUint(b, uint64(len(a.Runs)))
	for i := range a.Runs {
		b = putRun(b, &a.Runs[i])
	}
	b = putUint(b, uint64(len(a.Past)))
	for i := range a.Past {
		p := &a.Past[i]
		b = putText(b, p.Workflow)
		b = putInt(b, int64(p.Entries))
		b = putTime(b, p.Entered)
		b = putTime(b, p.Left)
		b = putText(b, p.Exit)
	}
	b = putUint(b, uint64(len(a.Pending)))
	for i := range a.Pending {
		b = putPending(b, &a.Pending[i])
	}
	b = putUint(b, uint64(len(a.Sent)))
	for i := range a.Sent {
		b = putText(b, a.Sent[i].Channel)
		b = putInt(b, a.Sent[i].Total)
		b = putTimes(b, a.Sent[i].Recent)
	}
	b = putUint(b, uint64(len(a.Skipped)))
	for i := range a.Skipped {
		b = putText(b, a.Skipped[i].Channel)
		b = putText(b, a.Skipped[i].Reason)
		b = putInt(b, a.Skipped[i].N)
	}
	b = putUint(b, uint64(len(a.Cohorts)))
	for i := range a.Cohorts {
		c := &a.Cohorts[i]
		b = putText(b, c.KPI)
		b = putTime(b, c.At)
		b = putText(b, c.Message)
		b = putText(b, c.Labels)
		b = putFlag(b, c.Done)
	}
	return b
}

func (r *reader) acts(a *Acts) {
	a.Stage = r.text(a.Stage)
	a.StageSince = r.time()
	a.Risen = list(r, a.Risen)
	for i := range a.Risen {
		a.Risen[i] = r.text(a.Risen[i])
	}
	a.Offers = list(r, a.Offers)
	for i := range a.Offers {
		o := &a.Offers[i]
		o.TossUp = r.text(o.TossUp)
		o.State = OfferState(r.byte())
		o.True = r.flag()
		o.Since = r.time()
		o.Made = r.time()
		o.ID = r.key()
		o.Count = int32(r.int())
		o.Cause = r.text(o.Cause)
	}
	a.Runs = list(r, a.Runs)
	for i := range a.Runs {
		r.readRun(&a.Runs[i])
	}
	a.Past = list(r, a.Past)
	for i := range a.Past {
		p := &a.Past[i]
		p.Workflow = r.text(p.Workflow)
		p.Entries = int32(r.int())
		p.Entered = r.time()
		p.Left = r.time()
		p.Exit = r.text(p.Exit)
	}
	a.Pending = list(r, a.Pending)
	for i := range a.Pending {
		r.pending(&a.Pending[i])
	}
	a.Sent = list(r, a.Sent)
	for i := range a.Sent {
		a.Sent[i].Channel = r.text(a.Sent[i].Channel)
		a.Sent[i].Total = r.int()
		a.Sent[i].Recent = r.times(a.Sent[i].Recent)
	}
	a.Skipped = list(r, a.Skipped)
	for i := range a.Skipped {
		a.Skipped[i].Channel = r.text(a.Skipped[i].Channel)
		a.Skipped[i].Reason = r.text(a.Skipped[i].Reason)
		a.Skipped[i].N = r.int()
	}
	a.Cohorts = list(r, a.Cohorts)
	for i := range a.Cohorts {
		c := &a.Cohorts[i]
		c.KPI = r.text(c.KPI)
		c.At = r.time()
		c.Message = r.text(c.Message)
		c.Labels = r.text(c.Labels)
		c.Done = r.flag()
	}
}

func putRun(b []byte, run *Run) []byte {
	b = putText(b, run.Workflow)
	b = append(b, run.ID[:]...)
	b = putText(b, run.Step)
	b = putInt(b, int64(run.Visit))
	b = putTime(b, run.Entered)
	b = putTime(b, run.Reached)
	b = putText(b, run.Entry)
	b = putUint(b, uint64(len(run.Messages)))
	for _, k := range run.Messages {
		b = append(b, k[:]...)
	}
	return b
}

func (r *reader) readRun(run *Run) {
	run.Workflow = r.text(run.Workflow)
	run.ID = r.run()
	run.Step = r.text(run.Step)
	run.Visit = int32(r.int())
	run.Entered = r.time()
	run.Reached = r.time()
	run.Entry = r.text(run.Entry)
	run.Messages = list(r, run.Messages)
	for i := range run.Messages {
		run.Messages[i] = r.key()
	}
}

func putPending(b []byte, p *Pending) []byte {
	b = append(b, p.Key[:]...)
	b = append(b, byte(p.Lane), byte(p.State))
	b = putUint(b, p.Seq)
	b = putText(b, p.Channel)
	b = putText(b, p.Workflow)
	b = putText(b, p.Step)
	b = append(b, p.Run[:]...)
	b = putText(b, p.TossUp)
	b = putText(b, p.Message)
	b = putTime(b, p.Since)
	b = putTime(b, p.Asked)
	b = putInt(b, int64(p.Attempts))
	b = putTime(b, p.Reserved)
	return putText(b, p.Reasons)
}

func (r *reader) pending(p *Pending) {
	p.Key = r.key()
	p.Lane = Lane(r.byte())
	p.State = PendingState(r.byte())
	p.Seq = r.uint()
	p.Channel = r.text(p.Channel)
	p.Workflow = r.text(p.Workflow)
	p.Step = r.text(p.Step)
	p.Run = r.run()
	p.TossUp = r.text(p.TossUp)
	p.Message = r.text(p.Message)
	p.Since = r.time()
	p.Asked = r.time()
	p.Attempts = int32(r.int())
	p.Reserved = r.time()
	p.Reasons = r.text(p.Reasons)
}
