package httpd

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/seed-456efde2/nurture/engine"
)

// budget bounds the bytes of all bodies that are in memory at one time, so that
// many slow or large calls together cannot exhaust the machine.
type budget struct {
	left atomic.Int64
}

func (b *budget) take(n int) bool {
	if b.left.Add(int64(-n)) < 0 {
		b.left.Add(int64(n))
		return false
	}
	return true
}

func (b *budget) give(n int) { b.left.Add(int64(n)) }

// body is one call's bytes, counted against the budget until it is let go.
type body struct {
	bytes  []byte
	budget *budget
	taken  int
}

func (b *body) release() {
	b.budget.give(b.taken)
	b.taken = 0
}

var unzippers = sync.Pool{New: func() any { return new(gzip.Reader) }}

// readBody reads a call's body, gzipped or not, whatever its headers say: a
// widespread client labels gzip as a form. It holds at most limit bytes before
// and after unzipping.
func (s *Server) readBody(r *http.Request, limit int) (*body, error) {
	b := &body{budget: &s.budget}
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

// read replaces the body by what r holds. Room is taken from the budget before
// it is filled.
func (b *body) read(r io.Reader, limit, hint int) error {
	var buf []byte
	for {
		if len(buf) == cap(buf) {
			size := min(max(hint+1, 2*cap(buf), 4<<10), limit+1)
			if !b.budget.take(size - cap(buf)) {
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
