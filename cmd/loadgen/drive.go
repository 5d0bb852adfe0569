package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// stretch is a part of the workload at one rate: the events from from up to to, in
// calls of size events each.
type stretch struct {
	from, to int
	size     int
	rate     float64 // events a second; 0: as fast as they are answered
}

// calls is how many calls a stretch has.
func (s stretch) calls() int { return (s.to - s.from + s.size - 1) / s.size }

// part is the events of one call.
func (s stretch) part(call int) (from, to int) {
	from = s.from + call*s.size
	return from, min(from+s.size, s.to)
}

// tally is what became of calls. Its counts are of events.
type tally struct {
	accepted   int // answered with 200
	refused    int // answered with 429 or 503: to come again
	unknown    int // no answer came: to come again, and counted once by its id
	wrong      int // answered with anything else, which must not be
	example    string
	again      []int // calls to be made again
	waited     latencies
	answeredBy time.Time
}

func (t *tally) merge(other *tally) {
	t.accepted += other.accepted
	t.refused += other.refused
	t.unknown += other.unknown
	t.wrong += other.wrong
	if t.example == "" {
		t.example = other.example
	}
	t.again = append(t.again, other.again...)
	t.waited.merge(&other.waited)
	if other.answeredBy.After(t.answeredBy) {
		t.answeredBy = other.answeredBy
	}
}

// sender makes the calls.
type sender struct {
	url   string
	key   string
	work  workload
	http  *http.Client
	lanes int // connections at most
}

func newSender(url, key string, w workload, lanes int) *sender {
	transport := &http.Transport{MaxIdleConns: lanes, MaxIdleConnsPerHost: lanes, DisableCompression: true}
	return &sender{url: url, key: key, work: w, lanes: lanes, http: &http.Client{Transport: transport, Timeout: time.Minute}}
}

// drive makes the calls of a stretch by the clock. Call k is due at begin + k ×
// size / rate, whatever became of those before it: a lane that is free takes the
// next call and waits until it is due. How long a call took is counted from when it
// was due and not from when a lane was free for it, so that a server that stalls
// cannot hide the calls that it kept from being made.
func (s *sender) drive(ctx context.Context, st stretch) *tally {
	calls := st.calls()
	var next atomic.Int64
	total := &tally{}
	var mu sync.Mutex
	var lanes sync.WaitGroup
	begin := time.Now()
	for range min(s.lanes, calls) {
		lanes.Go(func() {
			mine := &tally{}
			var body []byte
			for {
				call := int(next.Add(1) - 1)
				if call >= calls {
					break
				}
				due := time.Now()
				if st.rate > 0 {
					due = begin.Add(time.Duration(float64(call*st.size) / st.rate * float64(time.Second)))
					if !waitUntil(ctx, due) {
						break
					}
				}
				body = s.once(ctx, st, call, due, body, mine)
			}
			mu.Lock()
			defer mu.Unlock()
			total.merge(mine)
		})
	}
	lanes.Wait()
	slices.Sort(total.again)
	return total
}

// waitUntil reports whether the time came before ctx ended.
func waitUntil(ctx context.Context, t time.Time) bool {
	d := time.Until(t)
	if d <= 0 {
		return ctx.Err() == nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// once makes one call and notes what became of it.
func (s *sender) once(ctx context.Context, st stretch, call int, due time.Time, body []byte, t *tally) []byte {
	from, to := st.part(call)
	body = s.body(body[:0], from, to, st.size)
	status, answer, err := s.post(ctx, st.size, body)
	now := time.Now()
	t.waited.add(now.Sub(due))
	t.answeredBy = now
	n := to - from
	switch {
	case err != nil:
		t.unknown += n
		t.again = append(t.again, call)
	case status == http.StatusOK && !bytes.Contains(answer, []byte("refused")):
		t.accepted += n
	case status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable:
		t.refused += n
		t.again = append(t.again, call)
	default:
		t.wrong += n
		t.example = strconv.Itoa(status) + " " + string(answer[:min(len(answer), 200)])
	}
	return body
}

// body is a call's: one event, or a batch of them.
func (s *sender) body(b []byte, from, to, size int) []byte {
	at := stamp(time.Now())
	if size == 1 {
		return s.work.appendEvent(b, from, at)
	}
	b = append(b, `{"batch":[`...)
	for i := from; i < to; i++ {
		if i > from {
			b = append(b, ',')
		}
		b = s.work.appendEvent(b, i, at)
	}
	return fmt.Appendf(b, `],"sentAt":"%s"}`, at)
}

func (s *sender) post(ctx context.Context, size int, body []byte) (status int, answer []byte, err error) {
	path := "/v1/batch"
	if size == 1 {
		path = "/v1/track"
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url+path, bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	if s.key != "" {
		req.SetBasicAuth(s.key, "")
	}
	resp, err := s.http.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close()
	answer, err = io.ReadAll(io.LimitReader(resp.Body, 64<<10))
	return resp.StatusCode, answer, err
}

// settle makes the calls again that were told to come again, until all of them are
// taken, as a client's library does. It gives how many events that were.
func (s *sender) settle(ctx context.Context, st stretch, calls []int) (int, error) {
	events, body := 0, []byte(nil)
	const most = 10 * time.Minute
	until := time.Now().Add(most)
	for _, call := range calls {
		for pause := 50 * time.Millisecond; ; pause = min(2*pause, time.Second) {
			var t tally
			body = s.once(ctx, st, call, time.Now(), body, &t)
			if t.wrong > 0 {
				return events, fmt.Errorf("a call that was made again was answered %s", t.example)
			}
			if events += t.accepted; t.accepted > 0 {
				break
			}
			if time.Now().After(until) {
				return events, fmt.Errorf("calls were still refused after %v", most)
			}
			if !waitUntil(ctx, time.Now().Add(pause)) {
				return events, ctx.Err()
			}
		}
	}
	return events, nil
}

// preload makes all leads known, as fast as that is answered.
func (s *sender) preload(ctx context.Context) error {
	const size = 500 // two calls a lead
	var body []byte
	for from := 0; from < s.work.leads; from += size {
		at := stamp(time.Now())
		body = append(body[:0], `{"batch":[`...)
		for lead := from; lead < min(from+size, s.work.leads); lead++ {
			if lead > from {
				body = append(body, ',')
			}
			body = appendLead(body, lead, at)
		}
		body = append(body, `]}`...)
		for {
			status, answer, err := s.post(ctx, size, body)
			if err == nil && status == http.StatusOK {
				break
			}
			if err == nil && status != http.StatusTooManyRequests {
				err = errors.New(strconv.Itoa(status) + " " + string(answer[:min(len(answer), 200)]))
			}
			if err != nil {
				return fmt.Errorf("make the leads known: %w", err)
			}
			waitUntil(ctx, time.Now().Add(200*time.Millisecond))
		}
	}
	return nil
}
