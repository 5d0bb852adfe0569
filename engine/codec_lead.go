package engine

// AppendLead appends the stored form of l, without its ID (the row's key has it).
func AppendLead(b []byte, l *Lead) []byte {
	b = append(b, leadFormat, byte(l.Entity))
	b = putText(b, l.User)
	b = putText(b, l.Visitor)
	b = putTime(b, l.FirstSeen)
	b = putTime(b, l.Now)
	b = putUint(b, l.Seq)
	b = putUint(b, uint64(l.Revision))
	b = putUint(b, uint64(l.Ruling))
	b = putFlag(b, !l.Into.IsZero())
	if !l.Into.IsZero() {
		b = append(b, l.Into[:]...)
	}
	b = putUint(b, uint64(len(l.Parts)))
	for i := range l.Parts {
		b = append(b, l.Parts[i][:]...)
	}
	b = putFolds(b, &l.Folds)
	b = putActs(b, &l.Acts)
	b = putUint(b, uint64(len(l.Timers)))
	for i := range l.Timers {
		t := &l.Timers[i]
		b = append(b, byte(t.Kind))
		b = putText(b, t.Ref)
		b = putTime(b, t.Due)
	}
	return putEntity(putPeople(b, l), l)
}

// DecodeLead reads what AppendLead wrote into l, reusing its slices, and leaves
// l.ID as it is. After an error l must be thrown away.
func DecodeLead(b []byte, l *Lead) error {
	r := &reader{b: b}
	if r.byte() != leadFormat {
		return ErrFormat
	}
	l.Entity = EntityKind(r.byte())
	l.User = r.text(l.User)
	l.Visitor = r.text(l.Visitor)
	l.FirstSeen = r.time()
	l.Now = r.time()
	l.Seq = r.uint()
	l.Revision = uint32(r.uint())
	l.Ruling = uint32(r.uint())
	l.Into = LeadID{}
	if r.flag() {
		l.Into = LeadID(r.key())
	}
	l.Parts = list(r, l.Parts)
	for i := range l.Parts {
		l.Parts[i] = LeadID(r.key())
	}
	r.folds(&l.Folds)
	r.acts(&l.Acts)
	l.Timers = list(r, l.Timers)
	for i := range l.Timers {
		t := &l.Timers[i]
		t.Kind = TimerKind(r.byte())
		t.Ref = r.text(t.Ref)
		t.Due = r.time()
	}
	r.people(l)
	r.readEntity(l)
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
			Consents: f.Consents[:0], Barred: f.Barred[:0], Hits: f.Hits[:0],
			Passes: f.Passes[:0], Askings: f.Askings[:0], Wishes: f.Wishes[:0],
		},
		Acts: Acts{
			Risen: a.Risen[:0], Cohorts: a.Cohorts[:0],
			Offers: a.Offers[:0], Former: a.Former[:0], Runs: a.Runs[:0], Past: a.Past[:0],
			Pending: a.Pending[:0], Sent: a.Sent[:0], Skipped: a.Skipped[:0],
			Trials: a.Trials[:0], Inside: a.Inside[:0], Asked: a.Asked[:0], Heard: a.Heard[:0],
		},
		Parts:  l.Parts[:0],
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
	b = putUint(b, uint64(len(f.Barred)))
	for i := range f.Barred {
		bar := &f.Barred[i]
		b = putText(b, bar.Kind)
		b = putText(b, bar.Topic)
		b = putText(b, bar.Reason)
		b = putTime(b, bar.At)
	}
	b = putUint(b, uint64(len(f.Hits)))
	for i := range f.Hits {
		b = putHits(b, &f.Hits[i])
	}
	b = putPasses(b, f.Passes)
	return putOrigins(b, &f.Origins)
}

func putHits(b []byte, m *MessageHits) []byte {
	b = putText(b, m.Message)
	b = putTime(b, m.Sent)
	b = putUint(b, uint64(len(m.Hits)))
	for i := range m.Hits {
		h := &m.Hits[i]
		b = putTime(b, h.At)
		b = putText(b, h.ID)
		b = putText(b, h.Event)
		b = putText(b, h.Link)
		b = append(b, h.Agent, byte(h.Verdict))
		b = putText(b, h.Reason)
	}
	return b
}

func (r *reader) hits(m *MessageHits) {
	m.Message = r.text(m.Message)
	m.Sent = r.time()
	m.Hits = list(r, m.Hits)
	for i := range m.Hits {
		h := &m.Hits[i]
		h.At = r.time()
		h.ID = r.text(h.ID)
		h.Event = r.text(h.Event)
		h.Link = r.text(h.Link)
		h.Agent = r.byte()
		h.Verdict = Verdict(r.byte())
		h.Reason = r.text(h.Reason)
	}
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
	f.Barred = list(r, f.Barred)
	for i := range f.Barred {
		bar := &f.Barred[i]
		bar.Kind = r.text(bar.Kind)
		bar.Topic = r.text(bar.Topic)
		bar.Reason = r.text(bar.Reason)
		bar.At = r.time()
	}
	f.Hits = list(r, f.Hits)
	for i := range f.Hits {
		r.hits(&f.Hits[i])
	}
	f.Passes = r.passes(f.Passes)
	r.origins(&f.Origins)
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
	b = putUint(b, uint64(len(s.Paid)))
	for _, p := range s.Paid {
		b = putTime(b, p.At)
		b = putFloat(b, p.Points)
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
	s.Paid = list(r, s.Paid)
	for i := range s.Paid {
		s.Paid[i] = Point{At: r.time(), Points: r.float()}
	}
}

func putActs(b []byte, a *Acts) []byte {
	b = putText(b, a.Stage)
	b = putTime(b, a.StageSince)
	b = putTexts(b, a.Risen)
	b = putUint(b, uint64(len(a.Offers)))
	for i := range a.Offers {
		b = putOffer(b, &a.Offers[i])
	}
	b = putUint(b, uint64(len(a.Former)))
	for i := range a.Former {
		b = putOffer(b, &a.Former[i])
	}
	b = putUint(b, uint64(len(a.Runs)))
	for i := range a.Runs {
		b = putRun(b, &a.Runs[i])
	}
	b = putUint(b, uint64(len(a.Past)))
	for i := range a.Past {
		p := &a.Past[i]
		b = putText(b, p.Workflow)
		b = putText(b, p.Key)
		b = putInt(b, int64(p.Entries))
		b = putTime(b, p.Entered)
		b = putTime(b, p.Left)
		b = putText(b, p.Exit)
		b = putFlag(b, p.Ghost)
		b = putTexts(b, p.Goals)
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
		b = putMarkedByte(b, flagByte(c.Done), uint32(c.Arm))
		b = putText(b, c.By)
		b = putUint(b, c.Seq)
	}
	b = putUint(b, uint64(len(a.Trials)))
	for i := range a.Trials {
		t := &a.Trials[i]
		b = putText(b, t.Experiment)
		b = putText(b, t.Arm)
		b = putText(b, t.Message)
		b = putTime(b, t.At)
		b = putFlag(b, t.Done)
		b = putText(b, t.By)
		b = putTexts(b, t.Guards)
	}
	return putTexts(b, a.Inside)
}

func (r *reader) acts(a *Acts) {
	a.Stage = r.text(a.Stage)
	a.StageSince = r.time()
	a.Risen = r.texts(a.Risen)
	a.Offers = list(r, a.Offers)
	for i := range a.Offers {
		r.offer(&a.Offers[i])
	}
	a.Former = list(r, a.Former)
	for i := range a.Former {
		r.offer(&a.Former[i])
	}
	a.Runs = list(r, a.Runs)
	for i := range a.Runs {
		r.readRun(&a.Runs[i])
	}
	a.Past = list(r, a.Past)
	for i := range a.Past {
		p := &a.Past[i]
		p.Workflow = r.text(p.Workflow)
		p.Key = r.text(p.Key)
		p.Entries = int32(r.int())
		p.Entered = r.time()
		p.Left = r.time()
		p.Exit = r.text(p.Exit)
		p.Ghost = r.flag()
		p.Goals = r.texts(p.Goals)
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
		done, arm := r.markedByte()
		c.Done, c.Arm = done != 0, ArmMark(arm)
		c.By = r.text(c.By)
		c.Seq = r.uint()
	}
	a.Trials = list(r, a.Trials)
	for i := range a.Trials {
		t := &a.Trials[i]
		t.Experiment = r.text(t.Experiment)
		t.Arm = r.text(t.Arm)
		t.Message = r.text(t.Message)
		t.At = r.time()
		t.Done = r.flag()
		t.By = r.text(t.By)
		t.Guards = r.texts(t.Guards)
	}
	a.Inside = r.texts(a.Inside)
}

func putRun(b []byte, run *Run) []byte {
	b = putText(b, run.Workflow)
	b = putText(b, run.Key)
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
	b = putUint(b, uint64(len(run.Loops)))
	for _, l := range run.Loops {
		b = putText(b, l.Step)
		b = putInt(b, int64(l.N))
	}
	b = putTexts(b, run.Goals)
	b = putText(b, run.Removed)
	b = putMarkedByte(b, byte(run.Hold), run.Canary)
	b = putText(b, run.Way)
	return putTime(b, run.Due)
}

func (r *reader) readRun(run *Run) {
	run.Workflow = r.text(run.Workflow)
	run.Key = r.text(run.Key)
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
	run.Loops = list(r, run.Loops)
	for i := range run.Loops {
		run.Loops[i].Step = r.text(run.Loops[i].Step)
		run.Loops[i].N = int32(r.int())
	}
	run.Goals = r.texts(run.Goals)
	run.Removed = r.text(run.Removed)
	hold, canary := r.markedByte()
	run.Hold, run.Canary = Hold(hold), canary
	run.Way = r.text(run.Way)
	run.Due = r.time()
}

func putPending(b []byte, p *Pending) []byte {
	b = append(b, p.Key[:]...)
	b = putMarkedByte(append(b, byte(p.Lane)), byte(p.State), p.Canary)
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
	b = putText(b, p.Reasons)
	b = putText(b, p.Scores)
	b = putText(b, p.Touches)
	b = putInt(b, int64(p.Priority))
	b = putText(b, p.Arm)
	return putTime(b, p.NotUntil)
}

func (r *reader) pending(p *Pending) {
	p.Key = r.key()
	p.Lane = Lane(r.byte())
	state, canary := r.markedByte()
	p.State, p.Canary = PendingState(state), canary
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
	p.Scores = r.text(p.Scores)
	p.Touches = r.text(p.Touches)
	p.Priority = int32(r.int())
	p.Arm = r.text(p.Arm)
	p.NotUntil = r.time()
}
