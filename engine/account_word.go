package engine

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"slices"
)

// Leads of one company share what they do. A lead tells its account how often, and
// when, it did what some condition asks of accounts; the account tells every lead
// what its colleagues did, and what group calls say of the company. So a condition
// about the account is answered from the lead's own row, at any instant and by
// itself: account.times('visit', '14d') is the lead's own visits, as they are folded
// here, and its colleagues' as they were told last.
//
//  1. What a lead tells is its state, never a change of it: a late, repeated,
//     corrected or merged fact folds the lead anew, the lead tells what has come of
//     it, and that takes the place of what it told before. So an account's figures
//     follow from its leads' folds, in whatever order these have come about.
//  2. Who leaves an account takes along what they did, and who joins one brings it.
//     What was said of the company stays with the company: of two group calls the
//     later one's word stands, by (At, ID).
//  3. What an account tells is no fact of the lead: it moves acts (segments, stages,
//     toss-ups, workflows), never folds. It leaves a row in the journal only when the
//     lead acts on it.
//  4. An account knows at most MaxMembers leads, of each event at most
//     MaxMemberRecent instants of each, and what one lead does is told to all others
//     once. A chain of leads that act on each other's acts ends after maxAccountHops.

// Bounds of an account.
const (
	MaxMembers      = 200
	MaxMemberRecent = 256
	MaxTraits       = 64
	maxTraitLength  = 1024
	maxAccountHops  = 16
)

// AccountState is what an account knows.
type AccountState struct {
	Members []Member
	Traits  []Trait
	Full    bool // somebody was turned away
}

// Member is a lead of an account with what it did.
type Member struct {
	Lead   LeadID
	Told   uint64 // hash of what the lead was told last
	Counts []Count
}

// Trait is what a group call says of a company, under its name on the wire.
type Trait struct {
	Name  string
	Value Value
	At    Time
	ID    string // of the fact
}

// Colleagues is what a lead knows of its account.
type Colleagues struct {
	Account string  // the key under which the account was told of this lead, "" for none
	Said    uint64  // hash of what it was told last
	Counts  []Count // what the others did
	Attrs   []Attr  // what is said of the company, under the declared names
}

// What leads tell an account, and what it tells them.
const (
	accountSay    = "say"    // what this lead did
	accountLeave  = "leave"  // this lead belongs to it no more
	accountTraits = "traits" // what a group call says
	accountWord   = "word"
)

// groupID is the field under which a group call names the company.
const groupID = "groupId"

// accountPlan is the account block with everything looked up.
type accountPlan struct {
	spec  *AccountSpec
	key   int            // Spec.Attrs index of the attribute that names the account
	attrs map[string]int // declared or exact wire name → spec.Attrs
	asked []*eventPlan   // that conditions ask of accounts
	read  bool           // some condition or text reads something of the account
	form  uint64         // changes with what leads and accounts tell each other
}

// accountKey is the account that the lead belongs to, as is known now.
func (f *Frame) accountKey() string {
	if f.p.account == nil {
		return ""
	}
	return attr(&f.l.Folds, f.p.account.spec.Key).Text()
}

// colleagues is what the lead knows of the account that it belongs to, nil where it
// knows nothing.
func (f *Frame) colleagues(key string) *Colleagues {
	if c := f.l.Colleagues; c != nil && c.Account == key {
		return c
	}
	return nil
}

func (f *Frame) readAccount(k *keyPlan) Value {
	key := f.accountKey()
	if key == "" {
		return Value{}
	}
	if c := f.colleagues(key); c != nil {
		for i := range c.Attrs {
			if c.Attrs[i].Name == k.key.Name {
				return c.Attrs[i].Value
			}
		}
	}
	if k.index >= 0 {
		return f.p.account.spec.Attrs[k.index].Default
	}
	return Value{}
}

// accountCounts are the two parts of what an account did: the lead's own and its
// colleagues'; nil where there is nothing.
func (f *Frame) accountCounts(event string) (own, others *Count) {
	key := f.accountKey()
	if key == "" {
		return nil, nil
	}
	if c := f.colleagues(key); c != nil {
		others = countIn(c.Counts, event)
	}
	return countOf(f.folds, event), others
}

func (f *Frame) accountTimes(event string, window Span) int64 {
	own, others := f.accountCounts(event)
	n := int64(0)
	for _, c := range [...]*Count{own, others} {
		switch {
		case c == nil:
		case window == 0:
			n += c.Total
		default:
			n += int64(within(c.Recent, f.now, window))
		}
	}
	return n
}

func (f *Frame) accountSince(event string) Value {
	last := f.accountLast(event)
	if last == 0 {
		return Value{}
	}
	return NumberValue(float64(max(0, f.now.Sub(last))) / float64(Day))
}

func (f *Frame) accountLast(event string) Time {
	own, others := f.accountCounts(event)
	last := Time(0)
	for _, c := range [...]*Count{own, others} {
		if c != nil {
			last = max(last, c.Last)
		}
	}
	return last
}

func countIn(counts []Count, event string) *Count {
	for i := range counts {
		if counts[i].Event == event {
			return &counts[i]
		}
	}
	return nil
}

// tellAccount tells the lead's account what has become of the lead by the decision
// that ends, where that is another thing than what it was told last.
func (f *Frame) tellAccount() {
	l := f.l
	if l.FirstSeen == 0 || l.Entity != NoEntity {
		return
	}
	key := ""
	if l.Into.IsZero() {
		key = f.accountKey()
	}
	if c := l.Colleagues; c != nil && c.Account != key {
		f.leaveAccount()
	}
	if key == "" || f.hop >= maxAccountHops {
		return
	}
	b := f.saying()
	hash := hashOf(b) ^ f.p.account.form
	if l.Colleagues == nil {
		l.Colleagues = &Colleagues{Account: key}
	} else if l.Colleagues.Said == hash {
		return
	}
	l.Colleagues.Said = hash
	f.askEntity(EntityAccount, key, accountSay, ActionKey{})
	f.words(append(putUint(nil, uint64(f.hop)), b...))
}

// leaveAccount tells the account that the lead belongs to it no more.
func (f *Frame) leaveAccount() {
	if c := f.l.Colleagues; c != nil {
		f.askEntity(EntityAccount, c.Account, accountLeave, ActionKey{})
		f.words(putUint(nil, uint64(f.hop)))
		f.l.Colleagues = nil
	}
}

// words puts the words of the question that was just posted.
func (f *Frame) words(b []byte) { f.fx.Posts[len(f.fx.Posts)-1].Context = string(b) }

// saying is what the lead did of all that is asked of accounts.
func (f *Frame) saying() []byte {
	var counts []Count
	for _, plan := range f.p.account.asked {
		if c := countOf(&f.l.Folds, plan.name); c != nil {
			told := *c
			told.Recent = told.Recent[max(0, len(told.Recent)-MaxMemberRecent):]
			counts = append(counts, told)
		}
	}
	return putCounts(nil, counts)
}

func hashOf(b []byte) uint64 {
	h := fnv.New64a()
	_, _ = h.Write(b)
	return h.Sum64()
}

// accountTraits tells an account what a group call says of it.
func (f *Frame) accountTraits(e *Event) {
	if f.p.account == nil || e.Kind != Group {
		return
	}
	key := f.accountKey()
	if id, ok := Lookup(e.Fields, groupID); ok && id.Text() != "" {
		if v, ok := convert(id, &f.p.spec.Attrs[f.p.account.key]); ok {
			key = v.Text()
		}
	}
	b := putText(putTime(putUint(nil, uint64(f.hop)), e.At), e.ID)
	var fields []Field
	for _, field := range e.Fields {
		if field.Name != groupID && len(field.Value.Text()) <= maxTraitLength && len(field.Name) <= maxTraitLength {
			fields = append(fields, field)
		}
	}
	if key == "" || len(fields) == 0 {
		return
	}
	f.askEntity(EntityAccount, key, accountTraits, ActionKey{})
	f.words(putFields(b, fields[:min(len(fields), MaxTraits)]))
}

// accountAttr is the place of an account's attribute by its name on the wire, -1
// where there is none.
func (f *Frame) accountAttr(wire string) int {
	a := f.p.account
	if i, ok := a.attrs[wire]; ok {
		return i
	}
	if i, ok := a.attrs[f.fold(wire)]; ok && a.spec.Attrs[i].Wire == "" {
		return i
	}
	return -1
}

// hears takes up what a lead tells the account. A row of the journal is written
// only when somebody is turned away.
func (f *Frame) hears(e *Event, fresh bool) {
	l := f.l
	if l.Account == nil {
		l.Account = &AccountState{}
	}
	a := l.Account
	r := &reader{b: []byte(e.Context)}
	hop := 0
	if e.Kind == Ask {
		hop = int(r.uint())
	}
	switch e.Name {
	case accountSay:
		f.memberSays(e.Other, r.counts())
	case accountLeave:
		a.Members = slices.DeleteFunc(a.Members, func(m Member) bool { return m.Lead == e.Other })
	case accountTraits:
		at, id := r.time(), r.text("")
		for _, field := range r.fields(nil) {
			a.setTrait(Trait{field.Name, field.Value, at, id})
		}
	default:
		if !fresh {
			return
		}
	}
	f.tellMembers(e, hop)
}

func (f *Frame) memberSays(lead LeadID, counts []Count) {
	a := f.l.Account
	i := slices.IndexFunc(a.Members, func(m Member) bool { return m.Lead == lead })
	switch {
	case i >= 0:
		a.Members[i].Counts = counts
	case len(a.Members) < MaxMembers:
		a.Members = append(a.Members, Member{Lead: lead, Counts: counts})
	case !a.Full:
		a.Full = true
		f.decide(Decision{Kind: Fault, At: f.l.Now, Subject: "account", Detail: "it has more leads than an account can have; those who came last share nothing"})
	}
}

// setTrait takes over what is said of the company, unless something later was said.
func (a *AccountState) setTrait(t Trait) {
	i := slices.IndexFunc(a.Traits, func(have Trait) bool { return have.Name == t.Name })
	switch {
	case i < 0 && len(a.Traits) < MaxTraits && !t.Value.IsNone():
		a.Traits = append(a.Traits, t)
	case i < 0:
	case t.ID == a.Traits[i].ID && t.Value.IsNone():
		a.Traits = slices.Delete(a.Traits, i, i+1)
	case t.ID == a.Traits[i].ID || after(t.At, t.ID, a.Traits[i].At, a.Traits[i].ID):
		a.Traits[i] = t
	}
}

// tellMembers tells every lead what it does not know yet.
func (f *Frame) tellMembers(e *Event, hop int) {
	if f.p.account == nil || !f.p.account.read {
		return
	}
	a := f.l.Account
	attrs := putAttrs(nil, f.accountAttrs())
	all := totals(a.Members)
	for i := range a.Members {
		m := &a.Members[i]
		word := append(putCounts(nil, without(all, a.Members, i)), attrs...)
		hash := hashOf(word)
		if hash == m.Told || m.Told == 0 && len(word) <= 2 { // two empty lists: nothing to tell
			continue
		}
		m.Told = hash
		f.tell(m.Lead, accountWord, ActionKey{}, e)
		f.words(append(putUint(nil, uint64(hop)), word...))
	}
}

// accountAttrs is what is said of the company, under the names and in the kinds that
// are declared. Of several spellings of one name the latest stands.
func (f *Frame) accountAttrs() []Attr {
	spec := f.p.account.spec
	best := make([]*Trait, len(spec.Attrs))
	for i := range f.l.Account.Traits {
		t := &f.l.Account.Traits[i]
		if at := f.accountAttr(t.Name); at >= 0 && (best[at] == nil || after(t.At, t.ID, best[at].At, best[at].ID)) {
			best[at] = t
		}
	}
	var attrs []Attr
	for i, t := range best {
		if t == nil {
			continue
		}
		if v, ok := convert(t.Value, &spec.Attrs[i]); ok && !v.IsNone() {
			attrs = append(attrs, Attr{spec.Attrs[i].Name, v})
		}
	}
	return attrs
}

// totals adds up what all members did.
func totals(members []Member) []Count {
	var all []Count
	for i := range members {
		for _, c := range members[i].Counts {
			sum := countIn(all, c.Event)
			if sum == nil {
				all = append(all, Count{Event: c.Event})
				sum = &all[len(all)-1]
			}
			sum.Total += c.Total
			sum.Recent = append(sum.Recent, c.Recent...)
		}
	}
	slices.SortFunc(all, func(a, b Count) int { return cmp.Compare(a.Event, b.Event) })
	for i := range all {
		slices.Sort(all[i].Recent)
	}
	return all
}

// without is what all but one of the members did.
func without(all []Count, members []Member, me int) []Count {
	var rest []Count
	for _, sum := range all {
		c := Count{Event: sum.Event, Total: sum.Total}
		var own []Time
		if mine := countIn(members[me].Counts, sum.Event); mine != nil {
			c.Total -= mine.Total
			own = mine.Recent
		}
		if c.Total == 0 {
			continue
		}
		for i := range members {
			if theirs := countIn(members[i].Counts, sum.Event); theirs != nil && i != me {
				c.Last = max(c.Last, theirs.Last)
			}
		}
		c.Recent = make([]Time, 0, len(sum.Recent)-len(own))
		for _, at := range sum.Recent { // both ascend, and own is a part of it
			if len(own) > 0 && own[0] == at {
				own = own[1:]
				continue
			}
			c.Recent = append(c.Recent, at)
		}
		c.Recent = c.Recent[max(0, len(c.Recent)-MaxRecent):]
		rest = append(rest, c)
	}
	return rest
}

// toldWord takes up what an account tells the lead, and acts on it. What is not for
// the lead any more changes nothing.
func (f *Frame) toldWord(e *Event) error {
	c := f.l.Colleagues
	if c == nil || c.Account != e.User {
		return nil
	}
	r := &reader{b: []byte(e.Context)}
	hop := int(r.uint())
	counts, attrs := r.counts(), r.attrs()
	if err := r.end(); err != nil {
		return fmt.Errorf("read what account %v tells lead %v: %w", e.Other, f.l.ID, err)
	}
	f.runTimers(e.At, e.Received, 0)
	f.wall = e.Received
	f.begin(e)
	was := f.standing()
	f.settleEdges(e.At)
	c.Counts, c.Attrs, f.hop = counts, attrs, hop+1
	f.edges(e)
	f.flowExits(e, nil)
	f.drain(e)
	if !f.silent(was) {
		f.end(e)
	}
	return nil
}

// buildAccount looks up what the account block names.
func (p *Program) buildAccount() error {
	spec := p.spec.Account
	if spec == nil {
		return nil
	}
	at, ok := p.attrs[spec.Key]
	if !ok {
		return accountError(spec.Key)
	}
	p.account = &accountPlan{spec: spec, key: at, attrs: map[string]int{}}
	for i := range spec.Attrs {
		if err := unique(p.account.attrs, "attribute of accounts", spec.Attrs[i].Name, i); err != nil {
			return err
		}
	}
	for i := range spec.Attrs {
		if w := spec.Attrs[i].Wire; w != "" {
			p.account.attrs[w] = i
		}
	}
	return nil
}

type accountError string

func (e accountError) Error() string {
	return "account is named by the attribute \"" + string(e) + "\", which is not declared"
}

// planAccount finds what conditions and texts ask of accounts.
func (p *Program) planAccount() error {
	a := p.account
	if a == nil {
		return nil
	}
	h := newHasher("account").text(a.spec.Key)
	for i := range a.spec.Attrs {
		s := &a.spec.Attrs[i]
		h.text(s.Name).text(s.Wire).number(int64(s.Kind)).text(fmt.Sprint(s.Choices))
	}
	for i := range p.keys {
		switch k := p.keys[i].key; k.Kind {
		case KeyAccount:
			a.read = true
		case KeyAccountTimes, KeyAccountSince:
			a.read = true
			if plan := p.event(k.Name); !slices.Contains(a.asked, plan) {
				a.asked = append(a.asked, plan)
			}
		}
	}
	slices.SortFunc(a.asked, func(x, y *eventPlan) int { return cmp.Compare(x.name, y.name) })
	for _, plan := range a.asked {
		h.text(plan.name).number(int64(plan.window))
	}
	key := h.key()
	a.form = binary.BigEndian.Uint64(key[:8])
	return nil
}
