package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"time"
)

// event is one call in the form that Segment's clients send. It carries no
// sentAt: on a fast clock the time a request takes would be taken for a clock
// that is wrong.
type event struct {
	Type       string         `json:"type"`
	MessageID  string         `json:"messageId"`
	UserID     string         `json:"userId"`
	Timestamp  time.Time      `json:"timestamp"`
	Event      string         `json:"event,omitempty"` // of a track
	Name       string         `json:"name,omitempty"`  // of a page
	Properties map[string]any `json:"properties,omitempty"`
	Traits     map[string]any `json:"traits,omitempty"`
}

// collector posts events to a server, in order, and again for as long as they
// are not taken.
type collector struct {
	url    string // of the server
	key    string
	client *http.Client
	clock  Clock
	log    *slog.Logger
	sent   func(n int) // tells how many were taken
}

// maxBatch is how many events one call carries.
const maxBatch = 100

// Bounds of the wait between two tries, on the town's clock.
const (
	firstWait = 10 * time.Minute
	lastWait  = 6 * time.Hour
)

// post brings events to the server and returns when they are there, when it
// refused them for good, or when ctx ends.
func (c *collector) post(ctx context.Context, events []event) {
	for len(events) > 0 && ctx.Err() == nil {
		n := min(len(events), maxBatch)
		if !c.deliver(ctx, events[:n]) {
			return
		}
		c.sent(n)
		events = events[n:]
	}
}

// deliver tries until a batch is over; false when ctx ended before.
func (c *collector) deliver(ctx context.Context, batch []event) bool {
	for wait := firstWait; ; wait = min(2*wait, lastWait) {
		again, err := c.call(ctx, batch)
		if ctx.Err() != nil {
			return false
		}
		if err == nil {
			return true
		}
		c.log.Warn("the server did not take the town's events", "events", len(batch), "again", again, "error", err)
		if !again {
			return true
		}
		fired, stop := c.clock.At(c.clock.Now().Add(wait))
		select {
		case <-fired:
		case <-ctx.Done():
		}
		stop()
	}
}

// call makes one POST. again says whether the same batch may be taken later.
func (c *collector) call(ctx context.Context, batch []event) (again bool, err error) {
	body, err := json.Marshal(map[string]any{"batch": batch})
	if err != nil {
		return false, fmt.Errorf("write a batch: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimSuffix(c.url, "/")+"/v1/batch", bytes.NewReader(body))
	if err != nil {
		return false, fmt.Errorf("make a request: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	if c.key != "" {
		req.SetBasicAuth(c.key, "")
	}
	answer, err := c.client.Do(req)
	if err != nil {
		return true, fmt.Errorf("post a batch: %w", err)
	}
	defer answer.Body.Close()
	_, _ = io.CopyN(io.Discard, answer.Body, 64<<10) // so that the connection can be used again
	if answer.StatusCode == http.StatusOK {
		return false, nil
	}
	again = answer.StatusCode == http.StatusTooManyRequests || answer.StatusCode >= 500
	return again, fmt.Errorf("the server answered %s", answer.Status)
}
