// Package receiver is the other end of a webhook, as a careful company would
// write it: it verifies signatures with the public Standard Webhooks library,
// does everything once for each key, and can be told to fail. Tests deliver to
// it; no program imports it.
package receiver

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

// maxBody is more than any webhook of ours may have.
const maxBody = 1 << 20

// Delivery is one message that was verified and taken.
type Delivery struct {
	Key    string // webhook-id
	Header http.Header
	Body   []byte
	Asked  int // how often it was delivered with a right signature, itself included
}

// Tally counts what came in.
type Tally struct {
	Taken     int // distinct keys
	Repeats   int // keys that came again: answered, not done again
	Conflicts int // repeats whose body was not the first one's: a key must mean one message for ever
	Rejected  int // requests whose signature did not hold
	Failed    int // requests that the answer hook turned away or answered wrongly
}

// Answer says what becomes of a delivery, from the second time on as well.
type Answer struct {
	Refuse int // HTTP status to turn the request away with; 0: do it
	Lose   int // HTTP status to answer with although it was done; 0: 200
}

// Receiver is the http.Handler. Its methods may be called from anywhere.
type Receiver struct {
	webhooks []*standardwebhooks.Webhook
	answer   func(key string, asked int) Answer

	mu      sync.Mutex
	byKey   map[string]int // index into taken
	asked   map[string]int // requests with a right signature, those that were turned away included
	taken   []Delivery
	tally   Tally
	changed chan struct{} // closed and replaced at each change
}

// Options says how a Receiver behaves.
type Options struct {
	// Secrets are the signing secrets it accepts, "whsec_…"; several during a
	// rotation. At least one.
	Secrets []string
	// Answer is asked about each delivery with a right signature; asked counts
	// from 1. It must not call the Receiver. Default nil: everything is done and
	// answered with 200.
	Answer func(key string, asked int) Answer
}

// New makes a Receiver.
func New(o Options) (*Receiver, error) {
	if len(o.Secrets) == 0 {
		return nil, fmt.Errorf("a receiver needs a signing secret")
	}
	r := &Receiver{
		answer:  o.Answer,
		byKey:   map[string]int{},
		asked:   map[string]int{},
		changed: make(chan struct{}),
	}
	for i, s := range o.Secrets {
		w, err := standardwebhooks.NewWebhook(s)
		if err != nil {
			return nil, fmt.Errorf("signing secret %d: %w", i+1, err)
		}
		r.webhooks = append(r.webhooks, w)
	}
	return r, nil
}

// ServeHTTP takes one delivery.
func (r *Receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	if req.Method != http.MethodPost {
		http.Error(w, "only POST", http.StatusMethodNotAllowed)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, req.Body, maxBody))
	if err != nil {
		http.Error(w, "the body cannot be read", http.StatusBadRequest)
		return
	}
	w.WriteHeader(r.receive(body, req.Header))
}

// receive does what there is to do and gives the status to answer with.
func (r *Receiver) receive(body []byte, header http.Header) int {
	holds := r.verify(body, header)
	r.mu.Lock()
	defer r.mu.Unlock()
	defer r.announce()
	if !holds {
		r.tally.Rejected++
		return http.StatusUnauthorized
	}
	key := header.Get(standardwebhooks.HeaderWebhookID)
	r.asked[key]++
	var a Answer
	if r.answer != nil {
		a = r.answer(key, r.asked[key])
	}
	if a.Refuse != 0 {
		r.tally.Failed++
		return a.Refuse
	}
	r.take(key, body, header)
	if a.Lose != 0 {
		r.tally.Failed++
		return a.Lose
	}
	return http.StatusOK
}

func (r *Receiver) verify(body []byte, header http.Header) bool {
	return slices.ContainsFunc(r.webhooks, func(w *standardwebhooks.Webhook) bool {
		return w.Verify(body, header) == nil
	})
}

func (r *Receiver) take(key string, body []byte, header http.Header) {
	i, seen := r.byKey[key]
	if !seen {
		r.byKey[key] = len(r.taken)
		r.taken = append(r.taken, Delivery{Key: key, Header: header.Clone(), Body: body, Asked: r.asked[key]})
		r.tally.Taken++
		return
	}
	r.tally.Repeats++
	r.taken[i].Asked = r.asked[key]
	if !bytes.Equal(r.taken[i].Body, body) {
		r.tally.Conflicts++
	}
}

func (r *Receiver) announce() {
	close(r.changed)
	r.changed = make(chan struct{})
}

// Deliveries are the messages taken so far, one a key, in the order in which they
// first came.
func (r *Receiver) Deliveries() []Delivery {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.taken)
}

// Tally is what came in so far.
func (r *Receiver) Tally() Tally {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.tally
}

// Wait returns when enough says so; it is asked after each request. It returns
// the context's error when that ends first, with the tally reached by then.
func (r *Receiver) Wait(ctx context.Context, enough func(Tally) bool) error {
	for {
		r.mu.Lock()
		tally, changed := r.tally, r.changed
		r.mu.Unlock()
		if enough(tally) {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("waiting for webhooks, at %+v: %w", tally, ctx.Err())
		}
	}
}
