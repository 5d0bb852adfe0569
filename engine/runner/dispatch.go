package runner

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/seed-456efde2/nurture/engine"
)

// dispatcher takes actions from the outbox to their channels. For each it waits
// for a rate token and room, asks for leave through the door (an Attempt fact),
// hands the finished request over once the leave is durable, and brings the
// answer back through the door (a Settled fact).
//
// The outbox rows in the store are the truth; what is here is a window on them,
// and may be thrown away and read back at any time. Nobody waits for the
// dispatcher: workers, committer and channels leave it mail.
//
//  1. Every durable outbox row is in exactly one of these: a lane's waiting, its
//     domains' parked, the mail, under, or on disk at or behind its lane's next.
//  2. A row leaves under only when the fact that settled its attempt is durable.
type dispatcher struct {
	r      *Runner
	sender Sender
	bell   chan struct{}

	mu      sync.Mutex
	mail    mail
	outlets map[string]*outlet // written by the dispatcher's goroutine only

	// Only the dispatcher's goroutine touches what follows.
	reading   mail
	under     map[engine.ActionKey]*attempt
	born      [][engine.Lanes]uint64 // by partition: rows before it are of an earlier life
	checked   time.Time              // when answers that never came were last looked for
	abandoned bool

	sends    sync.WaitGroup
	sending  atomic.Int64    // of sends
	ctx      context.Context // of Sends
	cancel   context.CancelFunc
	draining atomic.Bool
	posted   atomic.Uint64 // pieces of mail left
	read     atomic.Uint64 // pieces of mail worked through
	active   atomic.Int64  // attempts under way, over all channels
	stray    atomic.Uint64 // receipts that nobody waits for
}

// mail is what others leave for the dispatcher.
type mail struct {
	rows     []row
	judged   []judgement
	settled  []engine.ActionKey
	receipts []engine.Receipt
	returned []returned
	limits   bool // the channels' limits may have changed
	lost     bool // rows were left out because there were too many
	drain    bool
	abandon  bool
}

func (m *mail) reset() {
	clear(m.rows)
	clear(m.judged)
	clear(m.receipts)
	clear(m.returned)
	*m = mail{rows: m.rows[:0], judged: m.judged[:0], settled: m.settled[:0], receipts: m.receipts[:0], returned: m.returned[:0]}
}

// maxMail bounds the rows that wait in the mail; beyond, they are read from disk.
const maxMail = 16 * window

// judgement is what became of an Attempt fact that is durable.
type judgement struct {
	key     engine.ActionKey
	granted bool
	request engine.Request
}

// returned is the end of a Send.
type returned struct {
	outlet   *outlet
	requests []engine.Request
	err      error
}

// attempt is one action under way.
type attempt struct {
	outlet *outlet
	row    row
	number int
	state  attemptState
	since  time.Time // of state
	then   []row     // of the same lead: after this
}

type attemptState uint8

const (
	asked    attemptState = iota // for leave
	granted                      // leave is durable, waits for a Send
	sent                         // handed to the channel
	answered                     // the answer is on its way through the door
)

func newDispatcher(r *Runner, sender Sender) *dispatcher {
	d := &dispatcher{
		r: r, sender: sender, bell: make(chan struct{}, 1),
		outlets: map[string]*outlet{}, under: map[engine.ActionKey]*attempt{}, checked: r.clock.Now(),
	}
	d.ctx, d.cancel = context.WithCancel(context.Background())
	return d
}

// post leaves mail. f must be short: it holds the lock.
func (d *dispatcher) post(f func(*mail)) {
	d.mu.Lock()
	f(&d.mail)
	d.posted.Add(1)
	d.mu.Unlock()
	wake(d.bell)
}

// postBatch takes over what a durable batch did to the outbox.
func (d *dispatcher) postBatch(rows []row, judged []judgement, settled []engine.ActionKey) {
	if len(rows)+len(judged)+len(settled) == 0 {
		return
	}
	d.post(func(m *mail) {
		if len(m.rows)+len(rows) > maxMail {
			m.lost = true
		} else {
			m.rows = append(m.rows, rows...)
		}
		m.judged = append(m.judged, judged...)
		m.settled = append(m.settled, settled...)
	})
}

// report takes a channel's answer, from any goroutine.
func (d *dispatcher) report(receipt engine.Receipt) {
	d.post(func(m *mail) { m.receipts = append(m.receipts, receipt) })
}

// run works until stop is closed.
func (d *dispatcher) run(stop <-chan struct{}) {
	for {
		d.collect()
		next, err := d.pump(d.r.clock.Now())
		if err != nil {
			d.r.fail(err)
			return
		}
		if !d.sleep(next, stop) {
			return
		}
	}
}

// sleep waits for mail, or until the time given unless it is zero. It reports
// false when the dispatcher is to end.
func (d *dispatcher) sleep(next time.Time, stop <-chan struct{}) bool {
	if patrol := d.checked.Add(receiptPatrol); len(d.under) > 0 && (next.IsZero() || patrol.Before(next)) {
		next = patrol
	}
	var fired <-chan time.Time
	if !next.IsZero() {
		var cancel func()
		fired, cancel = d.r.clock.At(next)
		defer cancel()
	}
	select {
	case <-d.bell:
	case <-fired:
	case <-stop:
		return false
	}
	return true
}

// collect works through the mail.
func (d *dispatcher) collect() {
	d.mu.Lock()
	d.mail, d.reading = d.reading, d.mail
	posted := d.posted.Load()
	d.mu.Unlock()
	m := &d.reading
	if m.drain {
		d.draining.Store(true)
	}
	if m.limits {
		d.adoptLimits()
	}
	if m.lost {
		for _, channel := range d.r.depth.channels() {
			for i := range d.outlet(channel).lanes {
				d.outlet(channel).lanes[i].behind = true
			}
		}
	}
	for i := range m.rows {
		d.outlet(m.rows[i].channel).lanes[m.rows[i].lane].offer(m.rows[i])
	}
	for i := range m.judged {
		d.judge(&m.judged[i])
	}
	for i := range m.returned {
		d.sendReturned(&m.returned[i])
	}
	for i := range m.receipts {
		d.answer(m.receipts[i])
	}
	for _, key := range m.settled {
		if a := d.under[key]; a != nil && a.state == answered {
			d.forget(key, a)
		}
	}
	if d.abandoned = d.abandoned || m.abandon; d.abandoned {
		d.abandon()
	}
	m.reset()
	d.read.Store(posted)
	d.r.load.tell()
}

// idle reports whether all mail has been worked through.
func (d *dispatcher) idle() bool { return d.read.Load() == d.posted.Load() }

// drained reports whether nothing is under way and nothing will be.
func (d *dispatcher) drained() bool {
	return d.draining.Load() && d.active.Load() == 0 && d.idle()
}

// outlet is the state of a channel, made when the channel is first heard of.
func (d *dispatcher) outlet(channel string) *outlet {
	o := d.outlets[channel]
	if o == nil {
		o = newOutlet(channel, d.r.partitions, d.r.limitsOf(channel), d.r.clock.Now())
		d.mu.Lock()
		d.outlets[channel] = o
		d.mu.Unlock()
	}
	return o
}

func (d *dispatcher) adoptLimits() {
	now := d.r.clock.Now()
	for name, o := range d.outlets {
		o.limits = d.r.limitsOf(name)
		o.tokens.adopt(o.limits.Rate, o.limits.Burst, now)
		o.adoptDomains(now)
	}
}

// pump starts what may start, and says when a token comes that somebody waits
// for; zero means that nobody does.
func (d *dispatcher) pump(now time.Time) (next time.Time, err error) {
	d.patrol(now)
	for _, o := range d.outlets {
		d.flush(o)
		if d.draining.Load() {
			continue
		}
		wait, err := d.start(o, now)
		if err != nil {
			return next, err
		}
		if token := now.Add(wait); wait > 0 && (next.IsZero() || token.Before(next)) {
			next = token
		}
		d.flush(o) // what an earlier life had leave for goes without asking
	}
	return next, nil
}

// start takes actions from the lanes, most urgent first, as far as there is room
// and tokens. What tries whether a service is back is the least urgent. It says how long the next token takes when one is missing.
func (d *dispatcher) start(o *outlet, now time.Time) (wait time.Duration, err error) {
	if wait = o.breaker.resting(now); wait > 0 {
		return wait, nil
	}
	for i := range engine.Lane(engine.Lanes) {
		lane := o.turnOf(i)
		more, err := d.startParked(o, lane, now, &wait)
		if more && err == nil {
			more, err = d.startWaiting(o, lane, now, &wait)
		}
		if err != nil || !more {
			return wait, err
		}
	}
	return wait, nil
}

// startWaiting starts what waits in a lane. It reports false when the channel has
// no token for anything.
func (d *dispatcher) startWaiting(o *outlet, lane engine.Lane, now time.Time, wait *time.Duration) (more bool, err error) {
	l := &o.lanes[lane]
	for {
		if l.hungry() {
			if err := d.refill(o, lane); err != nil {
				return false, err
			}
		}
		if l.waiting.len() == 0 || o.full(lane) {
			return true, nil
		}
		r := l.waiting.front()
		if before := d.before(l, r); before != nil {
			before.then = append(before.then, l.waiting.pop())
			continue
		}
		if !o.admits(r, now, wait) {
			if l.parked >= maxParked {
				return true, nil
			}
			o.park(l.waiting.pop())
			continue
		}
		if !o.token(r, now, wait) {
			return false, nil
		}
		if err := d.begin(o, l.waiting.pop(), now); err != nil {
			return false, err
		}
	}
}

// before is the attempt that a row of the lane has to wait for: one of the same
// lead, or one of the same action, which went over to another lead by a merge.
func (d *dispatcher) before(l *lane, r *row) *attempt {
	if a := d.under[r.key]; a != nil {
		return a
	}
	return l.busy[r.lead]
}

// begin asks for leave for one action, or takes it up where an earlier life of
// this process left it.
func (d *dispatcher) begin(o *outlet, r row, now time.Time) error {
	a := &attempt{outlet: o, row: r, state: asked, since: now}
	if r.seq < d.born[r.part][r.lane] {
		resumed, err := d.resume(a)
		if err != nil || resumed {
			return err
		}
	}
	d.track(a)
	at := engine.TimeOf(now)
	d.r.post(fact{
		event: engine.Event{Kind: engine.Attempt, Lead: r.lead, Action: r.key, At: at, Received: at},
		since: now,
	})
	return nil
}

func (d *dispatcher) track(a *attempt) {
	d.under[a.row.key] = a
	a.outlet.lanes[a.row.lane].busy[a.row.lead] = a
	a.outlet.under++
	a.outlet.breaker.begun(a.row.key)
	a.outlet.enter(a.row.domain, 1, a.since)
	a.outlet.outstanding.Add(1)
	d.active.Add(1)
}

// forget ends an attempt: its room is free, and what follows it comes next.
func (d *dispatcher) forget(key engine.ActionKey, a *attempt) {
	l := &a.outlet.lanes[a.row.lane]
	delete(d.under, key)
	delete(l.busy, a.row.lead)
	for _, r := range slices.Backward(a.then) {
		l.waiting.unshift(r)
	}
	a.outlet.under--
	a.outlet.breaker.over(key)
	a.outlet.enter(a.row.domain, -1, d.r.clock.Now())
	a.outlet.outstanding.Add(-1)
	d.active.Add(-1)
}

// judge goes on after an Attempt fact is durable: the request waits for a Send,
// or the action may not go and gives its token back.
func (d *dispatcher) judge(j *judgement) {
	a := d.under[j.key]
	if a == nil || a.state != asked {
		return
	}
	if !j.granted {
		a.outlet.tokens.giveBack()
		a.outlet.refundDomain(a.row.domain)
		d.forget(j.key, a)
		return
	}
	a.state, a.number, a.since = granted, j.request.Attempt, d.r.clock.Now()
	a.outlet.granted[a.row.lane].push(j.request)
}

// flush hands granted requests over in as many Sends as may run.
func (d *dispatcher) flush(o *outlet) {
	for o.maySend() {
		requests := o.take()
		now := d.r.clock.Now()
		for i := range requests {
			a := d.under[requests[i].Key]
			a.state, a.since = sent, now
			if !a.row.at.IsZero() {
				d.r.counters.toHandOver.add(now.Sub(a.row.at), 1)
			}
		}
		o.sending++
		o.sent.Add(uint64(len(requests)))
		d.sending.Add(1)
		d.sends.Go(func() { d.send(o, requests) })
	}
}

// send is the goroutine of one Send.
func (d *dispatcher) send(o *outlet, requests []engine.Request) {
	err := d.sender.Send(d.ctx, requests, d.report)
	d.post(func(m *mail) { m.returned = append(m.returned, returned{o, requests, err}) })
	d.sending.Add(-1)
	d.r.load.tell()
}

// sendReturned frees the Send's place. What it did not take is tried again, as
// its channel's retry says.
func (d *dispatcher) sendReturned(s *returned) {
	s.outlet.sending--
	if s.err == nil {
		return
	}
	s.outlet.failures.Add(1)
	d.r.log.Warn("channel did not take messages", "channel", s.outlet.channel, "messages", len(s.requests), "error", s.err)
	for i := range s.requests {
		q := &s.requests[i]
		if a := d.under[q.Key]; a != nil && a.state == sent && a.number == q.Attempt {
			d.settle(a, engine.Receipt{Outcome: engine.Retry, Code: "unavailable", Detail: "the channel did not take the message"})
		}
	}
}

// answer takes a channel's receipt through the door. A second one for the same
// attempt, or one that nobody asked for, is dropped.
func (d *dispatcher) answer(receipt engine.Receipt) {
	a := d.under[receipt.Key]
	if a == nil || a.state != sent || a.number != receipt.Attempt {
		d.stray.Add(1)
		return
	}
	d.settle(a, receipt)
}

// settle brings the end of an attempt through the door.
func (d *dispatcher) settle(a *attempt, receipt engine.Receipt) {
	if receipt.Outcome < engine.Done || receipt.Outcome > engine.Unknown {
		receipt = engine.Receipt{Outcome: engine.Unknown, Code: "bad_receipt", Detail: "the channel's answer has no known outcome"}
	}
	a.outlet.answers[receipt.Outcome].Add(1)
	a.state, a.since = answered, d.r.clock.Now()
	a.outlet.breaker.learn(a.row.key, &receipt, a.since)
	receipt.Key, receipt.Lead, receipt.Attempt = a.row.key, a.row.lead, a.number
	at := engine.TimeOf(a.since)
	d.r.post(fact{since: a.since, event: engine.Event{
		Kind: engine.Settled, Lead: a.row.lead, Action: a.row.key, Receipt: receipt, At: at, Received: at, Fields: receipt.Costs(),
	}})
}

// receiptPatrol is how often answers that never came are looked for.
const receiptPatrol = 30 * time.Second

// patrol gives up on answers that should have come long ago. A channel that owes
// one would otherwise keep a lead on its step for ever.
func (d *dispatcher) patrol(now time.Time) {
	if now.Sub(d.checked) < receiptPatrol {
		return
	}
	d.checked = now
	for _, a := range d.under {
		if a.state == sent && now.Sub(a.since) >= d.r.options.ReceiptTimeout {
			d.settle(a, engine.Receipt{Outcome: engine.Unknown, Code: "no_receipt", Detail: "the channel never answered"})
		}
	}
}

// abandon gives back what has leave but was not handed over, when there is no
// time left to do so: it is certain that it was not done.
func (d *dispatcher) abandon() {
	for _, o := range d.outlets {
		for i := range o.granted {
			for o.granted[i].len() > 0 {
				q := o.granted[i].pop()
				d.settle(d.under[q.Key], engine.Receipt{Outcome: engine.Retry, Code: "stopping", Detail: "the server was stopped before the message went"})
			}
		}
	}
}
