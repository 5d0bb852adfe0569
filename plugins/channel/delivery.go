package channel

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	channelv1 "github.com/seed-456efde2/nurture/plugins/internal/wire/channel/v1"
)

// delivery is one Deliver stream: a reader that queues actions, workers that
// perform them, and a writer that sends what is finished. The reader never waits
// for a worker, because a worker may be waiting for an answer that only the
// reader can bring; the host's window bounds the queue.
type delivery struct {
	s      *server
	stream channelv1.ChannelService_DeliverServer
	ctx    context.Context
	cancel context.CancelFunc

	mu      sync.Mutex
	changed sync.Cond // jobs or ended changed
	jobs    []job
	ended   bool // no more jobs will come
	asked   map[uint64]chan bool
	out     *channelv1.DeliverResponse
	wake    chan struct{} // capacity 1: out is not empty
}

// job is an action that waits for a worker.
type job struct {
	id      uint64
	timeout time.Duration
	request Request
}

func newDelivery(s *server, stream channelv1.ChannelService_DeliverServer) *delivery {
	d := &delivery{
		s: s, stream: stream,
		asked: map[uint64]chan bool{},
		out:   &channelv1.DeliverResponse{},
		wake:  make(chan struct{}, 1),
	}
	d.ctx, d.cancel = context.WithCancel(stream.Context())
	d.changed.L = &d.mu
	return d
}

func (d *delivery) run() error {
	defer d.cancel()
	var workers, writer sync.WaitGroup
	for range d.s.desc.Concurrency {
		workers.Go(d.work)
	}
	finished := make(chan struct{})
	writer.Go(func() { d.write(finished) })

	err := d.read()
	if err != nil {
		d.cancel()
	}
	d.end()
	workers.Wait()
	close(finished)
	writer.Wait()
	return err
}

// read queues what comes until the host closes its side, which is no error.
func (d *delivery) read() error {
	for {
		msg, err := d.stream.Recv()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		d.answer(msg.CommitAnswers)
		d.mu.Lock()
		for _, a := range msg.Actions {
			d.jobs = append(d.jobs, d.job(a))
		}
		d.mu.Unlock()
		d.changed.Broadcast()
	}
}

func (d *delivery) job(a *channelv1.Action) job {
	r := Request{Key: a.Key, Kind: a.Kind, Lead: a.Lead, Attempt: int(a.Attempt), Parts: partsOf(a.Parts)}
	if d.s.desc.Commits {
		r.commit = func(ctx context.Context) error { return d.ask(ctx, a.Id) }
	}
	return job{id: a.Id, timeout: time.Duration(a.TimeoutMs) * time.Millisecond, request: r}
}

func partsOf(parts []*channelv1.Part) []Part {
	out := make([]Part, len(parts))
	for i, p := range parts {
		out[i].Name = p.Name
		switch v := p.Value.(type) {
		case *channelv1.Part_Text:
			out[i].Value = v.Text
		case *channelv1.Part_Number:
			out[i].Value = v.Number
		case *channelv1.Part_Flag:
			out[i].Value = v.Flag
		case *channelv1.Part_TimeMs:
			out[i].Value = time.UnixMilli(v.TimeMs).UTC()
		case *channelv1.Part_Json:
			out[i].Value = json.RawMessage(v.Json)
		}
	}
	return out
}

func (d *delivery) end() {
	d.mu.Lock()
	d.ended = true
	d.mu.Unlock()
	d.changed.Broadcast()
}

// work performs jobs until there will be no more.
func (d *delivery) work() {
	batcher, ok := d.s.channel.(BatchDoer)
	limit := 1
	if ok {
		limit = d.s.desc.BatchMax
	}
	for {
		jobs := d.take(limit)
		if jobs == nil {
			return
		}
		if ok {
			d.doBatch(batcher, jobs)
		} else {
			d.do(jobs[0])
		}
	}
}

// take waits for up to limit jobs; nil means that there will be no more.
func (d *delivery) take(limit int) []job {
	d.mu.Lock()
	defer d.mu.Unlock()
	for len(d.jobs) == 0 {
		if d.ended {
			return nil
		}
		d.changed.Wait()
	}
	n := min(limit, len(d.jobs))
	jobs := d.jobs[:n:n]
	d.jobs = d.jobs[n:]
	return jobs
}

func (d *delivery) do(j job) {
	ctx, cancel := j.context(d.ctx)
	defer cancel()
	var reply Reply
	err := d.s.guard("Do", func() (err error) {
		reply, err = d.s.channel.Do(ctx, j.request)
		return err
	})
	if err != nil {
		reply = replyOf(err)
	}
	d.finish([]job{j}, []Reply{reply})
}

func (d *delivery) doBatch(c BatchDoer, jobs []job) {
	ctx, cancel := jobs[0].context(d.ctx)
	defer cancel()
	requests := make([]Request, len(jobs))
	for i, j := range jobs {
		requests[i] = j.request
	}
	var replies []Reply
	err := d.s.guard("DoBatch", func() (err error) {
		replies, err = c.DoBatch(ctx, requests)
		return err
	})
	if err == nil && len(replies) != len(jobs) {
		err = fmt.Errorf("%d replies to %d requests", len(replies), len(jobs))
	}
	if err != nil {
		replies = slices.Repeat([]Reply{replyOf(err)}, len(jobs))
	}
	d.finish(jobs, replies)
}

func (j job) context(parent context.Context) (context.Context, context.CancelFunc) {
	if j.timeout <= 0 {
		return context.WithCancel(parent)
	}
	return context.WithTimeout(parent, j.timeout)
}

// replyOf makes a Reply of the error that Do returned: the outcome is unknown.
func replyOf(err error) Reply {
	var p *panicError
	switch {
	case errors.As(err, &p):
		return Uncertain("panic", p.Error())
	case errors.Is(err, context.DeadlineExceeded):
		return Uncertain("timeout", "no answer in time")
	case errors.Is(err, context.Canceled):
		return Uncertain("cancelled", "the host cancelled it")
	}
	return Uncertain("error", err.Error())
}

// ask asks the host for leave to pass the point of no return with an action.
func (d *delivery) ask(ctx context.Context, id uint64) error {
	answer := make(chan bool, 1)
	d.mu.Lock()
	d.asked[id] = answer
	d.out.CommitQuestions = append(d.out.CommitQuestions, &channelv1.CommitQuestion{Id: id})
	d.mu.Unlock()
	d.signal()
	select {
	case granted := <-answer:
		if !granted {
			return errors.New("the host has given the action up")
		}
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (d *delivery) answer(answers []*channelv1.CommitAnswer) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, a := range answers {
		if waiting, ok := d.asked[a.Id]; ok {
			delete(d.asked, a.Id)
			waiting <- a.Granted
		}
	}
}

// finish hands the jobs' replies to the writer.
func (d *delivery) finish(jobs []job, replies []Reply) {
	d.mu.Lock()
	for i, j := range jobs {
		delete(d.asked, j.id)
		d.out.Results = append(d.out.Results, wireResult(j.id, replies[i]))
	}
	d.mu.Unlock()
	d.signal()
}

func (d *delivery) signal() {
	select {
	case d.wake <- struct{}{}:
	default:
	}
}

// write sends what is ready, all of it in one message: the faster actions end,
// the larger the messages.
func (d *delivery) write(finished <-chan struct{}) {
	for {
		select {
		case <-d.wake:
			if !d.flush() {
				return
			}
		case <-finished:
			d.flush()
			return
		}
	}
}

func (d *delivery) flush() bool {
	d.mu.Lock()
	msg := d.out
	d.out = &channelv1.DeliverResponse{}
	d.mu.Unlock()
	if len(msg.Results) == 0 && len(msg.CommitQuestions) == 0 {
		return true
	}
	if err := d.stream.Send(msg); err != nil {
		d.cancel() // the host is gone: what is under way is for nobody
		return false
	}
	return true
}

func wireResult(id uint64, r Reply) *channelv1.Result {
	r.Provider, r.Code, r.Detail = clean(r.Provider), clean(r.Code), clean(r.Detail)
	if r.Outcome != Done && r.Code == "" {
		r.Code = "unspecified"
	}
	result := &channelv1.Result{Id: id}
	switch r.Outcome {
	case Done:
		result.Outcome = &channelv1.Result_Done{Done: &channelv1.Done{ProviderId: r.Provider, Cost: r.Cost, Currency: clean(r.Currency)}}
	case Retry:
		result.Outcome = &channelv1.Result_Retry{Retry: &channelv1.Retry{AfterMs: r.After.Milliseconds(), Code: r.Code, Detail: r.Detail}}
	case Refused:
		result.Outcome = &channelv1.Result_Refused{Refused: &channelv1.Refused{Code: r.Code, Detail: r.Detail}}
	default:
		result.Outcome = &channelv1.Result_Unknown{Unknown: &channelv1.Unknown{Code: r.Code, Detail: r.Detail}}
	}
	return result
}

// maxWords bounds the texts of a reply, in bytes.
const maxWords = 500

// clean makes a text fit for the wire, which carries valid UTF-8 only; what
// services answer is in any encoding.
func clean(s string) string {
	if len(s) > maxWords {
		s = s[:maxWords]
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}
