package engine

import "time"

// AppendFact appends the stored form of f, without its Event.Lead (the row's key
// has it).
func AppendFact(b []byte, f *Fact) []byte {
	b = append(b, factFormat)
	b = putUint(b, f.Seq)
	b = putUint(b, uint64(f.Revision))
	b = putEvent(b, &f.Event)
	b = putUint(b, uint64(len(f.Derived)))
	for i := range f.Derived {
		b = putText(b, f.Derived[i].Name)
		b = putTime(b, f.Derived[i].At)
		b = putFields(b, f.Derived[i].Fields)
	}
	b = putUint(b, uint64(len(f.Decisions)))
	for i := range f.Decisions {
		b = putDecision(b, &f.Decisions[i])
	}
	return putTouches(b, f.LedTo)
}

// DecodeFact reads what AppendFact wrote into f, reusing its slices, and leaves
// f.Event.Lead as it is. After an error f must be thrown away.
func DecodeFact(b []byte, f *Fact) error { return f.decode(&reader{b: b}) }

// DecodeFactIn is DecodeFact for who reads many facts and keeps them together: the
// texts of f are parts of whole, which is b as a string, and cost no memory of their
// own.
func DecodeFactIn(b []byte, whole string, f *Fact) error {
	if len(whole) != len(b) {
		return ErrFormat
	}
	return f.decode(&reader{b: b, whole: whole})
}

func (f *Fact) decode(r *reader) error {
	if r.byte() != factFormat {
		return ErrFormat
	}
	f.Seq = r.uint()
	f.Revision = uint32(r.uint())
	r.event(&f.Event)
	f.Derived = list(r, f.Derived)
	for i := range f.Derived {
		d := &f.Derived[i]
		d.Name = r.text(d.Name)
		d.At = r.time()
		d.Fields = r.fields(d.Fields)
	}
	f.Decisions = list(r, f.Decisions)
	for i := range f.Decisions {
		r.decision(&f.Decisions[i])
	}
	f.LedTo = r.touches(f.LedTo)
	return r.end()
}

func putEvent(b []byte, e *Event) []byte {
	b = append(b, byte(e.Kind))
	b = putTime(b, e.At)
	b = putTime(b, e.Received-e.At)
	b = putText(b, e.ID)
	b = putText(b, e.Source)
	b = putText(b, e.Name)
	b = putText(b, e.User)
	b = putText(b, e.Visitor)
	b = putFields(b, e.Fields)
	b = putText(b, e.Context)
	if e.Kind.Outside() || e.Kind == Tick {
		return b
	}
	b = append(b, e.Action[:]...)
	b = putReceipt(b, &e.Receipt)
	b = putFlag(b, e.Letter != nil)
	if e.Letter != nil {
		b = AppendDeadAction(b, e.Letter)
	}
	if e.Kind >= Merge {
		b = append(b, e.Other[:]...)
	}
	return b
}

func (r *reader) event(e *Event) {
	e.Kind = EventKind(r.byte())
	e.At = r.time()
	e.Received = e.At + r.time()
	e.ID = r.text(e.ID)
	e.Source = r.text(e.Source)
	e.Name = r.text(e.Name)
	e.User = r.text(e.User)
	e.Visitor = r.text(e.Visitor)
	e.Fields = r.fields(e.Fields)
	e.Context = r.text(e.Context)
	e.Action, e.Receipt, e.Letter, e.Other = ActionKey{}, Receipt{}, nil, LeadID{}
	if e.Kind.Outside() || e.Kind == Tick {
		return
	}
	e.Action = r.key()
	r.receipt(&e.Receipt)
	if r.flag() {
		e.Letter = &DeadAction{}
		r.deadAction(e.Letter)
	}
	if e.Kind >= Merge {
		e.Other = LeadID(r.key())
	}
}

func putReceipt(b []byte, c *Receipt) []byte {
	b = append(b, c.Key[:]...)
	b = putInt(b, int64(c.Attempt))
	b = append(b, byte(c.Outcome))
	b = putText(b, c.Provider)
	b = putText(b, c.Code)
	b = putText(b, c.Detail)
	return putInt(b, int64(c.RetryAfter))
}

func (r *reader) receipt(c *Receipt) {
	c.Key = r.key()
	c.Attempt = int(r.int())
	c.Outcome = Outcome(r.byte())
	c.Provider = r.text(c.Provider)
	c.Code = r.text(c.Code)
	c.Detail = r.text(c.Detail)
	c.RetryAfter = time.Duration(r.int())
}

func putDecision(b []byte, d *Decision) []byte {
	b = append(b, byte(d.Kind))
	b = putTime(b, d.At)
	b = putText(b, d.Subject)
	b = putText(b, d.Detail)
	b = putFlag(b, !d.Action.IsZero())
	if !d.Action.IsZero() {
		b = append(b, d.Action[:]...)
	}
	b = putTime(b, d.Until)
	b = putFlag(b, d.Points != 0)
	if d.Points != 0 {
		b = putFloat(b, d.Points)
	}
	b = putUint(b, uint64(len(d.Because)))
	for i := range d.Because {
		b = putText(b, d.Because[i].Source)
		b = putFlag(b, d.Because[i].Holds)
		b = putFields(b, d.Because[i].Facts)
	}
	return b
}

func (r *reader) decision(d *Decision) {
	d.Kind = DecisionKind(r.byte())
	d.At = r.time()
	d.Subject = r.text(d.Subject)
	d.Detail = r.text(d.Detail)
	d.Action = ActionKey{}
	if r.flag() {
		d.Action = r.key()
	}
	d.Until = r.time()
	d.Points = 0
	if r.flag() {
		d.Points = r.float()
	}
	d.Because = list(r, d.Because)
	for i := range d.Because {
		d.Because[i].Source = r.text(d.Because[i].Source)
		d.Because[i].Holds = r.flag()
		d.Because[i].Facts = r.fields(d.Because[i].Facts)
	}
}

// AppendDeadAction appends the stored form of d.
func AppendDeadAction(b []byte, d *DeadAction) []byte {
	b = putPending(b, &d.Pending)
	b = append(b, d.Lead[:]...)
	b = putTime(b, d.At)
	b = append(b, byte(d.Outcome))
	b = putText(b, d.Code)
	return putText(b, d.Detail)
}

// DecodeDeadAction reads what AppendDeadAction wrote.
func DecodeDeadAction(b []byte, d *DeadAction) error {
	r := &reader{b: b}
	r.deadAction(d)
	return r.end()
}

func (r *reader) deadAction(d *DeadAction) {
	r.pending(&d.Pending)
	copy(d.Lead[:], r.take(len(d.Lead)))
	d.At = r.time()
	d.Outcome = Outcome(r.byte())
	d.Code = r.text(d.Code)
	d.Detail = r.text(d.Detail)
}

// AppendFields appends the stored form of a message's finished parts.
func AppendFields(b []byte, fields []Field) []byte { return putFields(b, fields) }

// DecodeFields reads what AppendFields wrote, reusing old.
func DecodeFields(b []byte, old []Field) ([]Field, error) {
	r := &reader{b: b}
	fields := r.fields(old)
	return fields, r.end()
}
