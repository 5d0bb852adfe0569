package httpd

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/seed-456efde2/nurture/engine"
)

// budget bounds the bytes of all bodies that are in memory at one time, so that
// many slow or large calls together cannot exhaust the machine. One address may have
// a quarter of it: who holds on to half-sent bodies keeps others out no longer than
// that. Neighbours, behind whom may be a proxy and everybody, have no such bound.
type budget struct {
	left  atomic.Int64
	share int64

	mu sync.Mutex
	by map[netip.Addr]int64
}

func (b *budget) start(size int) {
	b.left.Store(int64(size))
	b.share = int64(size) / 4
	b.by = map[netip.Addr]int64{}
}

func (b *budget) take(n int, from netip.Addr) bool {
	if b.left.Add(int64(-n)) < 0 {
		b.left.Add(int64(n))
		return false
	}
	if !from.IsValid() {
		return true
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.by[from]+int64(n) > b.share {
		b.left.Add(int64(n))
		return false
	}
	b.by[from] += int64(n)
	return true
}

func (b *budget) give(n int, from netip.Addr) {
	b.left.Add(int64(n))
	if !from.IsValid() || n == 0 {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.by[from] -= int64(n); b.by[from] <= 0 {
		delete(b.by, from)
	}
}

// body is one call's bytes, counted against the budget until it is let go.
type body struct {
	bytes  []byte
	budget *budget
	from   netip.Addr
	taken  int
}

func (b *body) release() {
	b.budget.give(b.taken, b.from)
	b.taken = 0
}

var unzippers = sync.Pool{New: func() any { return new(gzip.Reader) }}

// readBody reads a call's body, gzipped or not, whatever its headers say: a
// widespread client labels gzip as a form. It holds at most limit bytes before
// and after unzipping.
func (s *Server) readBody(r *http.Request, limit int) (*body, error) {
	b := &body{budget: &s.budget, from: strangerAt(r.RemoteAddr)}
	if r.ContentLength > int64(limit) {
		return b, tooLarge(limit)
	}
	if err := b.read(r.Body, limit, int(max(r.ContentLength, 0))); err != nil {
		return b, err
	}
	if !bytes.HasPrefix(b.bytes, []byte{0x1f, 0x8b}) {
		return b, nil
	}
	return b, b.unzip(limit)
}

func (b *body) unzip(limit int) error {
	damaged := &engine.Problem{Code: "bad_gzip", Text: "the body begins like gzip and is damaged"}
	z := unzippers.Get().(*gzip.Reader)
	defer unzippers.Put(z)
	if err := z.Reset(bytes.NewReader(b.bytes)); err != nil {
		return damaged
	}
	err := b.read(z, limit, 4*len(b.bytes))
	if errors.Is(err, errRead) {
		return damaged
	}
	return err
}

// errRead marks an error of the reader, as against one of the bounds.
var errRead = errors.New("read body")

// firstRoom is how much of a body is believed to come before any of it has: a call
// may say that it is large and then send nothing.
const firstRoom = 64 << 10

// read replaces the body by what r holds. Room is taken from the budget before
// it is filled, and no more than about twice what has arrived.
func (b *body) read(r io.Reader, limit, hint int) error {
	var buf []byte
	for {
		if len(buf) == cap(buf) {
			size := max(min(hint+1, firstRoom), 2*cap(buf), 4<<10)
			if hint >= len(buf) {
				size = min(size, max(hint+1, 4<<10)) // what it says is enough
			}
			size = min(size, limit+1)
			if !b.budget.take(size-cap(buf), b.from) {
				return busy(time.Second)
			}
			b.taken += size - cap(buf)
			buf = append(make([]byte, 0, size), buf...)
		}
		n, err := r.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		switch {
		case len(buf) > limit:
			return tooLarge(limit)
		case err == io.EOF:
			b.bytes = buf
			return nil
		case errors.Is(err, os.ErrDeadlineExceeded):
			return newProblem(http.StatusRequestTimeout, "too_slow", "the body did not arrive in time")
		case err != nil:
			return fmt.Errorf("%w: %w", errRead, err)
		}
	}
}

func tooLarge(limit int) error {
	return &engine.Problem{Code: "too_large", Text: fmt.Sprintf("the body is larger than %d bytes", limit)}
}
