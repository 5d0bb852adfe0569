// Package verdict tells people from machines among those who open mails and follow
// links. Mail servers follow every link to see whether it is safe, and some mail
// programs fetch every picture before anybody looks; counted as people they would make
// leads hot that never read a word.
//
// It judges twice. At the request, Clients.Class keeps of a client what can be known at
// once. Then Judge looks at all hits of one message together, because a scanner that
// hides behind a browser's name is known by its company only: one click is a person's
// until a second after it another link is followed too. So a later hit may change what
// was said of an earlier one, always from person to machine and never back.
//
// The verdict is a function of the set of hits: in whatever order they become known, it
// is the same in the end. The package has no clock and knows no leads; instants are
// milliseconds of whatever clock its caller uses for all of them.
package verdict

import (
	"cmp"
	"slices"
)

// Verdict says who brought a hit.
type Verdict uint8

// The verdicts.
const (
	Unknown Verdict = iota // nothing is known; who must choose takes it for a person
	Human
	Machine
)

var verdictNames = [...]string{"unknown", "human", "machine"}

// String is the verdict as events carry it.
func (v Verdict) String() string {
	if int(v) >= len(verdictNames) {
		return verdictNames[Unknown]
	}
	return verdictNames[v]
}

// Hit is one open or click of one message.
type Hit struct {
	ID    string  // of the fact, unique for the message
	At    int64   // when
	Link  string  // which link; "" for an open
	Class Class   // what is known of the client
	Told  Verdict // what the channel says of it, which stands; Unknown for nothing
}

// Judgement is what is said of a hit.
type Judgement struct {
	ID      string
	Verdict Verdict
	Reason  Reason
	Settled int64 // the instant after which nothing that happens changes it; late reports of earlier hits still may
}

// rules is the number of the rules below. Whoever changes what Judge says of any hits
// changes it too, so that verdicts that were stored are known to be of other rules.
const rules = 1

// What is too quick or too much for a person, in milliseconds.
const (
	quickOpen    = 2_000   // an open sooner after the hand-over
	quickClick   = 5_000   // a click sooner after it
	likelyWithin = 600_000 // how long a LikelyScanner is taken for a scanner
	nearTrap     = 10_000  // who is as near to a hit on the trap came with it
	nearBurst    = 1_000   // an open as near to a burst came with it
	repeats      = 5       // as many clicks on one link
	repeatWithin = 10_000  // in this time
)

// bursts are numbers of different links of a message that nobody follows in the time.
var bursts = [...]struct {
	links  int
	within int64
}{{2, 1_500}, {3, 5_000}, {5, 20_000}}

// reach is the longest time over which one hit can say something of another.
const reach = 20_000

// Judge says of each hit of one message who brought it, in the order in which they are
// given. sent is when the message was handed over, 0 if that is not known.
func Judge(sent int64, hits []Hit) []Judgement {
	order := make([]int, len(hits))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return compareHits(hits[a], hits[b]) })
	inOrder := make([]Hit, len(hits))
	for i, place := range order {
		inOrder[i] = hits[place]
	}
	company := judgeCompany(inOrder)
	out := make([]Judgement, len(hits))
	for i, place := range order {
		h := inOrder[i]
		j := Judgement{ID: h.ID, Settled: h.At + reach}
		j.Verdict, j.Reason = judgeAlone(sent, h)
		if j.Verdict != Machine && h.Told == Unknown && company[i] != "" {
			j.Verdict, j.Reason = Machine, company[i]
		}
		if j.Verdict == Machine || h.Told != Unknown {
			j.Settled = h.At
		}
		out[place] = j
	}
	return out
}

func compareHits(a, b Hit) int {
	return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.ID, b.ID), cmp.Compare(a.Link, b.Link), cmp.Compare(a.Class, b.Class), cmp.Compare(a.Told, b.Told))
}

// judgeAlone says what a hit by itself shows.
func judgeAlone(sent int64, h Hit) (Verdict, Reason) {
	click := h.Link != ""
	switch {
	case h.Told != Unknown:
		return h.Told, Told
	case machineReason[h.Class] != "":
		return Machine, machineReason[h.Class]
	case h.Class == Prefetcher && !click:
		return Machine, Prefetched
	case h.Class == Nameless && click:
		return Machine, NoAgent
	case sent != 0 && h.At < sent:
		return Machine, Early
	case sent != 0 && h.At-sent < quickClick && (click || h.At-sent < quickOpen):
		return Machine, Instant
	case h.Class == LikelyScanner && sent == 0:
		return Unknown, MaybeFilter
	case h.Class == LikelyScanner && h.At-sent < likelyWithin:
		return Machine, MaybeFilter
	case h.Class == Unseen || h.Class >= Nameless: // a class beyond is of a later version
		return Unknown, NothingKnown
	case h.Class == PictureProxy && !click:
		return Human, ByProxy
	}
	return Human, Ordinary
}

// machineReason is why a class is a machine whatever it does.
var machineReason = map[Class]Reason{
	Scanner: Filter, Tool: Program, Preview: Card, HeadOnly: Head, Trapped: Trap,
}

// judgeCompany says for each hit, in order of time, why those around it show a machine;
// "" where they do not.
func judgeCompany(hits []Hit) []Reason {
	reasons := make([]Reason, len(hits))
	mark := func(i int, why Reason) {
		if reasons[i] == "" {
			reasons[i] = why
		}
	}
	for i := range hits {
		for _, burst := range bursts {
			if last := lastWithin(hits, i, burst.within); followsMany(hits[i:last+1], burst.links) {
				markBurst(hits, i, last, mark)
			}
		}
		if last := lastWithin(hits, i, repeatWithin); hits[i].Link != "" {
			markRepeats(hits, i, last, mark)
		}
	}
	for i, trap := range hits {
		if trap.Class != Trapped {
			continue
		}
		for j, h := range hits {
			if j != i && h.At-trap.At <= nearTrap && trap.At-h.At <= nearTrap {
				mark(j, Company)
			}
		}
	}
	return reasons
}

// lastWithin is the last hit that is no longer than so after the first.
func lastWithin(hits []Hit, first int, within int64) int {
	last := first
	for last+1 < len(hits) && hits[last+1].At-hits[first].At <= within {
		last++
	}
	return last
}

// followsMany reports whether the hits follow at least so many different links; opens
// follow none.
func followsMany(hits []Hit, links int) bool {
	if len(hits) < links {
		return false
	}
	var buffer [8]string // room for the links of any burst
	seen := buffer[:0]
	for _, h := range hits {
		if h.Link != "" && !slices.Contains(seen, h.Link) {
			seen = append(seen, h.Link)
		}
		if len(seen) >= links {
			return true
		}
	}
	return false
}

// markBurst marks the clicks of a burst, and the opens that came with it.
func markBurst(hits []Hit, first, last int, mark func(int, Reason)) {
	begin, end := hits[first].At-nearBurst, hits[last].At+nearBurst
	for i, h := range hits {
		switch {
		case i >= first && i <= last && h.Link != "":
			mark(i, Burst)
		case h.Link == "" && h.At >= begin && h.At <= end:
			mark(i, Company)
		}
	}
}

// markRepeats marks the clicks on the first one's link, if there are too many.
func markRepeats(hits []Hit, first, last int, mark func(int, Reason)) {
	same := 0
	for _, h := range hits[first : last+1] {
		if h.Link == hits[first].Link {
			same++
		}
	}
	for i := first; i <= last && same >= repeats; i++ {
		if hits[i].Link == hits[first].Link {
			mark(i, Repeat)
		}
	}
}
