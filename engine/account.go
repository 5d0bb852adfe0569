package engine

import "slices"

// An account lets one of its leads be handed over by a rule at a time. A rule that
// is "once for an account" asks before anything else; the colleague of a lead that
// is with sales already drops out, and that is recorded.

// Guard is a lead of an account that has been handed over by a rule, or waits to
// be.
type Guard struct {
	TossUp string
	Lead   LeadID
	Act    ActionKey
	Until  Time // wall time from which a colleague may be handed over; 0: never while this one stands
}

// What leads ask an account, and what it tells them.
const (
	accountMay     = "may"     // may this lead be handed over?
	accountRelease = "release" // the hand-over is not to be, or was sent back
	accountFree    = "free"
	accountTaken   = "taken"
)

// account decides a fact about an account.
func (f *Frame) account(e *Event, fresh bool) {
	tossUp, _ := Lookup(e.Fields, "toss_up")
	l := f.l
	switch e.Name {
	default:
		f.hears(e, fresh)
	case accountRelease:
		l.Guards = slices.DeleteFunc(l.Guards, func(g Guard) bool { return g.Act == e.Action })
	case accountMay:
		l.Guards = slices.DeleteFunc(l.Guards, func(g Guard) bool {
			return g.TossUp == tossUp.Text() && (g.Until != 0 && g.Until <= e.Received || g.Lead == e.Other)
		})
		if slices.ContainsFunc(l.Guards, func(g Guard) bool { return g.TossUp == tossUp.Text() }) {
			f.tell(e.Other, accountTaken, e.Action, e, Field{"toss_up", tossUp})
			return
		}
		until, _ := Lookup(e.Fields, "until")
		l.Guards = append(l.Guards, Guard{tossUp.Text(), e.Other, e.Action, until.Time()})
		f.tell(e.Other, accountFree, e.Action, e, Field{"toss_up", tossUp})
	}
}

// accountHears reports a fact about an account that is told in the rows of its
// leads, and needs none of its own.
func accountHears(l *Lead, e *Event) bool {
	return l.Entity == EntityAccount && e.Name != accountMay && e.Name != accountRelease
}

// accountTerms is what goes along with the question: for how long a colleague is
// not handed over, which is the rule's cooldown.
func (f *Frame) accountTerms(t *tossUpPlan) []Field {
	fields := []Field{{"toss_up", TextValue(t.spec.Name)}}
	if c := t.spec.Cooldown; c > 0 && c != Forever {
		fields = append(fields, Field{"until", TimeValue(f.wall.Add(c))})
	}
	return fields
}

// accountOf is the key of the lead's account where the rule goes by it, "" where
// it does not or the lead has none.
func (f *Frame) accountOf(t *tossUpPlan) string {
	if t.spec.Account == nil {
		return ""
	}
	return f.textOf(t.spec.Account, "toss_up."+t.spec.Name+".once_for")
}

// accountSays takes a candidate on to its desk, or lets it drop out.
func (f *Frame) accountSays(e *Event) {
	name, _ := Lookup(e.Fields, "toss_up")
	o := f.l.offer(name.Text())
	i, ok := f.p.tossUp[name.Text()]
	mine := o != nil && o.State == OfferQueued && o.ID == e.Action
	switch {
	case e.Name == accountTaken && mine:
		o.Account = "" // it holds nothing there
		f.dropWaiting(o, droppedAccount)
	case e.Name == accountTaken:
	case !ok || !mine || f.p.tossUps[i].spec.On == "" && !f.wanted(&f.p.tossUps[i]):
		f.askEntity(EntityAccount, e.User, accountRelease, e.Action, Field{"toss_up", name})
		if mine {
			o.True, o.Account = false, ""
			f.dropWaiting(o, droppedFell)
		}
	default:
		f.pastAccount(&f.p.tossUps[i], o, e)
	}
}

// pastAccount takes a candidate from its account's gate to the next.
func (f *Frame) pastAccount(t *tossUpPlan, o *Offer, e *Event) {
	if t.spec.Capacity == nil || t.spec.On != "" && !t.spec.Capacity.InquiriesWait {
		f.unwait(t)
	}
	f.toDesk(t, o, e)
}

func putGuards(b []byte, guards []Guard) []byte {
	b = putUint(b, uint64(len(guards)))
	for i := range guards {
		g := &guards[i]
		b = append(putText(b, g.TossUp), g.Lead[:]...)
		b = putTime(append(b, g.Act[:]...), g.Until)
	}
	return b
}

func (r *reader) guards() []Guard {
	guards := list[Guard](r, nil)
	for i := range guards {
		guards[i] = Guard{r.text(""), LeadID(r.key()), r.key(), r.time()}
	}
	return guards
}
