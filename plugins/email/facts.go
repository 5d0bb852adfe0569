package email

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"time"

	"github.com/seed-456efde2/nurture/plugins/channel"
	"github.com/seed-456efde2/nurture/plugins/email/inbound"
)

// The events of mails that came back.
const (
	eventBounced    = "email_bounced"
	eventComplained = "email_complained"
	eventAuto       = "email_auto_replied"
	eventReplied    = "email_replied"
	eventDelivered  = "email_delivered"
)

// factsOf is what a mail that came back tells. Whose mail it is about is known by
// the token in an address, by the Message-ID of ours that it answers, or, of bounces
// and complaints, by the address of the recipient. An answer about nothing of ours
// is somebody's mail to somebody else, and tells nothing.
func (c *Channel) factsOf(raw []byte) []channel.Fact {
	m := inbound.Read(raw)
	about := c.about(m.Ours)
	about.ID, about.At = factID(raw), c.happened(m.Date)
	known := about.Token != "" || about.Action != ""
	switch m.Kind {
	case inbound.Bounce:
		return bounced(about, m.Verdicts, known)
	case inbound.Complaint:
		about.Event, about.Email = eventComplained, m.Ours.Recipient
		about.Fields = map[string]any{"reason": m.Feedback}
		if known || about.Email != "" {
			return []channel.Fact{about}
		}
		return nil
	}
	about.Event = map[inbound.Kind]string{inbound.Auto: eventAuto, inbound.Reply: eventReplied, inbound.Delivered: eventDelivered}[m.Kind]
	if about.Event == "" || !known {
		return nil
	}
	return []channel.Fact{about}
}

// bounced are the facts of a bounce. A mail that is known went to one lead: where
// several recipients are named, it was passed on, and the address is closed when
// all of them are.
func bounced(about channel.Fact, verdicts []inbound.Verdict, known bool) []channel.Fact {
	var facts []channel.Fact
	for i, v := range verdicts {
		one := about
		one.Event, one.Email = eventBounced, v.Address
		one.Fields = map[string]any{"kind": kindOf(v), "reason": string(v.Class)}
		if known && len(facts) > 0 {
			if !v.Hard() {
				facts[0].Fields = one.Fields
			}
			continue
		}
		if i > 0 {
			one.ID += "-" + strconv.Itoa(i)
		}
		if known || one.Email != "" {
			facts = append(facts, one)
		}
	}
	return facts
}

func kindOf(v inbound.Verdict) string {
	if v.Hard() {
		return "hard"
	}
	return "soft"
}

// about says whose mail it is.
func (c *Channel) about(r inbound.References) (f channel.Fact) {
	for _, address := range append([]string{r.Sender}, r.Recipients...) {
		if f.Token == "" {
			f.Token = tokenIn(address)
		}
	}
	for _, id := range append([]string{r.Message}, r.Answers...) {
		if f.Action == "" {
			f.Action = c.settings.keyIn(id)
		}
	}
	return f
}

// happened is when a mail says that it was written, unless its clock is wrong.
func (c *Channel) happened(at time.Time) time.Time {
	now := c.now()
	if at.IsZero() || at.After(now) || at.Before(now.AddDate(0, 0, -14)) {
		return now
	}
	return at
}

// factID is the same for the same mail, however and however often it comes.
func factID(raw []byte) string {
	sum := sha256.Sum256(raw)
	return "mail-" + hex.EncodeToString(sum[:16])
}
