package engine

func putPasses(b []byte, list []Pass) []byte {
	b = putUint(b, uint64(len(list)))
	for i := range list {
		p := &list[i]
		b = putText(b, p.Funnel)
		b = putText(b, p.Step)
		b = putUint(b, uint64(p.Index))
		b = putTime(b, p.At)
		b = putText(b, p.By)
	}
	return b
}

func (r *reader) passes(into []Pass) []Pass {
	into = list(r, into)
	for i := range into {
		p := &into[i]
		p.Funnel = r.text(p.Funnel)
		p.Step = r.text(p.Step)
		p.Index = int32(r.uint())
		p.At = r.time()
		p.By = r.text(p.By)
	}
	return into
}
