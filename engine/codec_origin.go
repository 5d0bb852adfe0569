package engine

// FactOrigin is what a stored fact says about where its event came from.
type FactOrigin struct {
	Seq        uint64
	Kind       EventKind
	Received   Time
	Source, ID []byte // parts of the row
}

// DecodeFactOrigin reads the beginning of what AppendFact wrote and allocates
// nothing: looking for one message in a journal does not take every fact apart.
func DecodeFactOrigin(b []byte) (o FactOrigin, err error) {
	r := &reader{b: b}
	if r.byte() != factFormat {
		return FactOrigin{}, ErrFormat
	}
	o.Seq = r.uint()
	r.uint() // the revision
	o.Kind = EventKind(r.byte())
	o.Received = r.time() + r.time()
	o.ID = r.bytes()
	o.Source = r.bytes()
	if r.bad {
		return FactOrigin{}, ErrFormat
	}
	return o, nil
}

// bytes is a text that stays where it is.
func (r *reader) bytes() []byte {
	n := r.uint()
	if n > uint64(len(r.b)) {
		r.fail()
		return nil
	}
	return r.take(int(n))
}
