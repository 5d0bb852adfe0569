package engine

// What a lead has said about being written to, whether it was forgotten, and which
// facts of it are corrected and have not come. Nearly every lead has nothing of it,
// and costs one byte, which says what follows.
const (
	saidNothing byte = iota
	saidSomething
	factsAwaited // the same after the names of these facts
)

func putPeople(b []byte, l *Lead) []byte {
	f, a := &l.Folds, &l.Acts
	if l.Forgotten == 0 && len(l.Awaited)+len(f.Askings)+len(f.Wishes)+len(a.Asked)+len(a.Heard) == 0 {
		return append(b, saidNothing)
	}
	if len(l.Awaited) == 0 {
		b = append(b, saidSomething)
	} else {
		b = putTexts(append(b, factsAwaited), l.Awaited)
	}
	b = putTime(b, l.Forgotten)
	b = putUint(b, uint64(len(f.Askings)))
	for i := range f.Askings {
		k := &f.Askings[i]
		b = putText(b, k.Consent)
		b = putTime(b, k.At)
		b = putText(b, k.Event)
		b = putText(b, k.Wording)
		b = putText(b, k.Source)
	}
	b = putUint(b, uint64(len(f.Wishes)))
	for i := range f.Wishes {
		w := &f.Wishes[i]
		b = putText(b, w.Topic)
		b = putInt(b, int64(w.Per))
		b = putTime(b, w.At)
	}
	return putTallies(putTallies(b, a.Asked), a.Heard)
}

func putTallies(b []byte, list []Tally) []byte {
	b = putUint(b, uint64(len(list)))
	for i := range list {
		b = putText(b, list[i].Channel)
		b = putInt(b, list[i].Total)
		b = putTimes(b, list[i].Recent)
	}
	return b
}

func (r *reader) people(l *Lead) {
	f, a := &l.Folds, &l.Acts
	l.Forgotten, l.Awaited = 0, l.Awaited[:0]
	f.Askings, f.Wishes = f.Askings[:0], f.Wishes[:0]
	a.Asked, a.Heard = a.Asked[:0], a.Heard[:0]
	switch r.byte() {
	case saidNothing:
		return
	case factsAwaited:
		l.Awaited = r.texts(l.Awaited)
	}
	l.Forgotten = r.time()
	f.Askings = list(r, f.Askings)
	for i := range f.Askings {
		k := &f.Askings[i]
		k.Consent = r.text(k.Consent)
		k.At = r.time()
		k.Event = r.text(k.Event)
		k.Wording = r.text(k.Wording)
		k.Source = r.text(k.Source)
	}
	f.Wishes = list(r, f.Wishes)
	for i := range f.Wishes {
		w := &f.Wishes[i]
		w.Topic = r.text(w.Topic)
		w.Per = Span(r.int())
		w.At = r.time()
	}
	a.Asked = r.tallies(a.Asked)
	a.Heard = r.tallies(a.Heard)
}

func (r *reader) tallies(into []Tally) []Tally {
	into = list(r, into)
	for i := range into {
		into[i].Channel = r.text(into[i].Channel)
		into[i].Total = r.int()
		into[i].Recent = r.times(into[i].Recent)
	}
	return into
}
