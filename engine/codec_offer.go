package engine

func putOffer(b []byte, o *Offer) []byte {
	b = putText(b, o.TossUp)
	b = append(b, byte(o.State))
	b = putMarkedByte(b, flagByte(o.True), uint32(o.Arm))
	b = putTime(b, o.Since)
	b = putTime(b, o.Made)
	b = append(b, o.ID[:]...)
	b = putInt(b, int64(o.Count))
	b = putText(b, o.Cause)
	b = putText(b, o.Owner)
	b = putText(b, o.Account)
	b = putFloat(b, o.Rank)
	b = putTime(b, o.RankAt)
	b = putTime(b, o.Signal)
	b = putTime(b, o.Asked)
	b = putTime(b, o.AnsweredAt)
	b = putText(b, o.Reason)
	b = putText(b, o.Late)
	b = putTime(b, o.Until)
	b = putFlag(b, o.Stale)
	b = putText(b, o.Packet)
	b = putTime(b, o.Opportunity)
	b = putTime(b, o.Closed)
	b = putFlag(b, o.Won)
	b = putFlag(b, o.Doubted)
	b = putUint(b, uint64(o.Revision))
	return putText(b, o.Rule)
}

func (r *reader) offer(o *Offer) {
	o.TossUp = r.text(o.TossUp)
	o.State = OfferState(r.byte())
	up, arm := r.markedByte()
	o.True, o.Arm = up != 0, ArmMark(arm)
	o.Since = r.time()
	o.Made = r.time()
	o.ID = r.key()
	o.Count = int32(r.int())
	o.Cause = r.text(o.Cause)
	o.Owner = r.text(o.Owner)
	o.Account = r.text(o.Account)
	o.Rank = r.float()
	o.RankAt = r.time()
	o.Signal = r.time()
	o.Asked = r.time()
	o.AnsweredAt = r.time()
	o.Reason = r.text(o.Reason)
	o.Late = r.text(o.Late)
	o.Until = r.time()
	o.Stale = r.flag()
	o.Packet = r.text(o.Packet)
	o.Opportunity = r.time()
	o.Closed = r.time()
	o.Won = r.flag()
	o.Doubted = r.flag()
	o.Revision = uint32(r.uint())
	o.Rule = r.text(o.Rule)
}

const offerFormat = 1

// AppendLeadOffer appends the stored form of a row of the register of hand-overs.
func AppendLeadOffer(b []byte, o *LeadOffer) []byte {
	b = append(append(b, offerFormat), o.Lead[:]...)
	return putOffer(b, &o.Offer)
}

// DecodeLeadOffer reads what AppendLeadOffer wrote.
func DecodeLeadOffer(b []byte, o *LeadOffer) error {
	r := &reader{b: b}
	if r.byte() != offerFormat {
		return ErrFormat
	}
	o.Lead = LeadID(r.key())
	r.offer(&o.Offer)
	return r.end()
}
