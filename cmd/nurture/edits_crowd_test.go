package main_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// sentEvent is an event that was answered, with the revisions that were in force
// before it was sent and after it was answered.
type sentEvent struct {
	lead, event   string
	before, after uint32
}

// crowd sends events about ever more leads, and again whatever was not answered.
type crowd struct {
	t    *testing.T
	gate *sync.RWMutex // held by who starts the server anew
	url  func() string

	stop     chan struct{}
	done     sync.WaitGroup
	answered atomic.Int64 // batches
	starts   atomic.Int64 // of the server, begun or done

	mu      sync.Mutex
	leads   []string
	sizes   map[string]int
	events  map[string]sentEvent // by messageId
	slowest time.Duration        // of answers while the server ran
	reload  time.Duration        // of those during which another revision came into force
	restart time.Duration        // of answers for which the server was started anew
	failed  int                  // attempts that were not answered
	strange string               // the latest answer that was none
}

// newCrowd starts some senders, each with leads of its own.
func newCrowd(t *testing.T, gate *sync.RWMutex, url func() string, senders int) *crowd {
	c := &crowd{t: t, gate: gate, url: url, stop: make(chan struct{}), sizes: map[string]int{}, events: map[string]sentEvent{}}
	for i := range senders {
		c.done.Go(func() { c.send(i) })
	}
	return c
}

// end lets the senders finish what they have begun.
func (c *crowd) end() {
	close(c.stop)
	c.done.Wait()
}

// crowdEvent is what a lead does next; few stop.
func crowdEvent(rng *rand.Rand) string {
	if rng.IntN(40) == 0 {
		return "stopped"
	}
	return []string{"alpha", "alpha", "beta", "beta", "asked", "asked", "ping"}[rng.IntN(7)]
}

func (c *crowd) send(sender int) {
	rng := rand.New(rand.NewPCG(uint64(sender), 41))
	tick := time.NewTicker(25 * time.Millisecond)
	defer tick.Stop()
	var own []string
	for n := 0; ; n++ {
		select {
		case <-c.stop:
			return
		case <-tick.C:
		}
		var batch []map[string]any
		marks := map[string]sentEvent{}
		add := func(kind, lead, event string, traits map[string]any) {
			id := fmt.Sprintf("m%d-%d-%d", sender, n, len(batch))
			call := map[string]any{"type": kind, "messageId": id, "userId": lead}
			if kind == "track" {
				call["event"] = event
			} else {
				call["traits"] = traits
			}
			batch = append(batch, call)
			marks[id] = sentEvent{lead: lead, event: event}
		}
		if n%8 == 0 {
			lead, size := fmt.Sprintf("lead-%d-%d", sender, len(own)), rng.IntN(10)
			own = append(own, lead)
			c.mu.Lock()
			c.leads, c.sizes[lead] = append(c.leads, lead), size
			c.mu.Unlock()
			add("identify", lead, "", map[string]any{"who": lead, "size": size})
		} else {
			recent := own[max(0, len(own)-40):] // the journals stay short
			first := rng.IntN(len(recent))
			for i := range min(3, len(recent)) {
				add("track", recent[(first+i)%len(recent)], crowdEvent(rng), nil)
			}
		}
		c.deliver(batch, marks)
	}
}

// deliver sends a batch until it is answered.
func (c *crowd) deliver(batch []map[string]any, marks map[string]sentEvent) {
	body, _ := json.Marshal(map[string]any{"batch": batch})
	before := c.revision()
	for {
		began, starts := time.Now(), c.starts.Load()
		if c.post(body) {
			took := time.Since(began)
			c.note(marks, before, c.revision(), took, c.starts.Load() != starts)
			c.answered.Add(1)
			return
		}
		c.mu.Lock()
		c.failed++
		c.mu.Unlock()
		if c.t.Context().Err() != nil {
			return
		}
	}
}

func (c *crowd) note(marks map[string]sentEvent, before, after uint32, took time.Duration, restarted bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for id, e := range marks {
		e.before, e.after = before, after
		c.events[id] = e
	}
	switch {
	case restarted:
		c.restart = max(c.restart, took)
		return
	case before != after:
		c.reload = max(c.reload, took)
	}
	c.slowest = max(c.slowest, took)
}

func (c *crowd) post(body []byte) bool {
	c.gate.RLock() // not while nobody listens; a kill comes at any time all the same
	url := c.url()
	c.gate.RUnlock()
	req, _ := http.NewRequestWithContext(c.t.Context(), http.MethodPost, url+"/v1/batch", bytes.NewReader(body))
	req.SetBasicAuth(webKey, "")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		c.mu.Lock()
		c.strange = fmt.Sprintf("%s %s", resp.Status, answer)
		c.mu.Unlock()
	}
	return err == nil && resp.StatusCode == http.StatusOK
}

// revision is the revision in force, asked for until somebody answers.
func (c *crowd) revision() uint32 {
	for c.t.Context().Err() == nil {
		c.gate.RLock()
		url := c.url()
		c.gate.RUnlock()
		var st liveStatus
		if getJSON(c.t, url+"/api/v1/status", &st) == nil {
			return st.Revision
		}
	}
	return 0
}

// getJSON asks a server that may be gone.
func getJSON(t *testing.T, url string, out any) error {
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", url, resp.Status)
	}
	return json.NewDecoder(resp.Body).Decode(out)
}
