package main

// Outcome is what a run must have come to, whatever program made it.
type Outcome struct {
	TossUps int64 `json:"toss_ups"`
	Mail1   int64 `json:"mail_1"`
	Mail2   int64 `json:"mail_2"`
	Score   int64 `json:"score_sum"`
	// Leads sums a hash of (lead, act), so that the right number of acts for the
	// wrong leads is noticed.
	Leads uint64 `json:"lead_sum"`
}

// Add counts an act that reached the sink.
func (o *Outcome) Add(lead int64, act Act) {
	switch act {
	case TossUp:
		o.TossUps++
	case Mail1:
		o.Mail1++
	case Mail2:
		o.Mail2++
	}
	o.Leads += mix(uint64(lead)<<8 | uint64(act))
}

// Reference does the job in memory: the first n events, and the mails whose
// wait ended by the time of the last of them.
func Reference(w Workload, rules *Rules, n int) Outcome {
	var o Outcome
	leads := make([]Lead, w.Leads)
	for i := range leads {
		id := int64(i)
		leads[i] = Lead{ID: id, Industry: Industry(id), Score: w.Points(id)}
	}
	var arena []byte
	for i := range n {
		arena = arena[:0]
		e := w.Event(i, &arena)
		acts := rules.Decide(&leads[e.Lead], &e)
		for act := TossUp; act <= Mail2; act <<= 1 {
			if acts&act != 0 {
				o.Add(e.Lead, act)
			}
		}
	}
	now := Start + int64(n)*w.Spacing
	for i := range leads {
		l := &leads[i]
		o.Score += l.Score
		if l.Opened && l.Due <= now {
			o.Add(l.ID, Mail2)
		}
	}
	return o
}
