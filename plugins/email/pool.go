package email

import (
	"context"
	"errors"
	"sync"
	"time"
)

// poolLimits bound a pool.
type poolLimits struct {
	connections int           // at the same time
	messages    int           // over one connection
	idle        time.Duration // that an unused connection is kept
}

// freshFor is how long after its last use a connection is trusted without asking
// the server.
const freshFor = 5 * time.Second

// pool keeps connections to the server: setting one up costs more than the mail.
// The last one used is the first one used again, so that the others can go.
type pool struct {
	limits poolLimits
	now    func() time.Time
	dial   func(context.Context) (*conn, error)
	places chan struct{} // one token for each connection in use
	stop   chan struct{}
	done   chan struct{}

	mu     sync.Mutex
	idle   []*conn
	closed bool
}

var errPoolClosed = errors.New("channel is closed")

func newPool(l poolLimits, now func() time.Time, dial func(context.Context) (*conn, error)) *pool {
	p := &pool{
		limits: l, now: now, dial: dial,
		places: make(chan struct{}, l.connections),
		stop:   make(chan struct{}), done: make(chan struct{}),
	}
	go p.tidy()
	return p
}

// get gives a connection that works, as far as can be known. It waits for a
// place as long as ctx lasts. Every connection goes back by put.
func (p *pool) get(ctx context.Context) (*conn, error) {
	select {
	case p.places <- struct{}{}:
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	for {
		c, err := p.pop()
		if err != nil {
			<-p.places
			return nil, err
		}
		if c == nil {
			break
		}
		if p.now().Sub(c.since) < freshFor || c.alive(ctx) {
			return c, nil
		}
		c.drop()
	}
	c, err := p.dial(ctx)
	if err != nil {
		<-p.places
		return nil, err
	}
	return c, nil
}

func (p *pool) pop() (*conn, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil, errPoolClosed
	}
	n := len(p.idle)
	if n == 0 {
		return nil, nil
	}
	c := p.idle[n-1]
	p.idle = p.idle[:n-1]
	return c, nil
}

// put takes a connection back. One that is not good is dropped.
func (p *pool) put(c *conn, good bool) {
	defer func() { <-p.places }()
	c.since = p.now()
	p.mu.Lock()
	keep := good && !p.closed && c.used < p.limits.messages
	if keep {
		p.idle = append(p.idle, c)
	}
	p.mu.Unlock()
	switch {
	case keep:
	case good:
		c.quit()
	default:
		c.drop()
	}
}

// tidy closes connections that nobody uses.
func (p *pool) tidy() {
	defer close(p.done)
	ticker := time.NewTicker(max(p.limits.idle/2, 10*time.Millisecond))
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			for _, c := range p.unused(p.now().Add(-p.limits.idle)) {
				c.quit()
			}
		case <-p.stop:
			return
		}
	}
}

// unused removes the connections that have been idle since before the given
// time. The oldest stand first.
func (p *pool) unused(before time.Time) []*conn {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := 0
	for n < len(p.idle) && p.idle[n].since.Before(before) {
		n++
	}
	old := append([]*conn(nil), p.idle[:n]...)
	p.idle = append(p.idle[:0], p.idle[n:]...)
	return old
}

// close closes the idle connections; those in use go when they come back.
func (p *pool) close() {
	close(p.stop)
	<-p.done
	p.mu.Lock()
	p.closed = true
	idle := p.idle
	p.idle = nil
	p.mu.Unlock()
	for _, c := range idle {
		c.quit()
	}
}
