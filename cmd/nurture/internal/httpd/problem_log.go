package httpd

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// What a stranger is not told about a fault, the operator finds in the log: both have
// the request's id. A line has the operation, by the pattern of its address, and the
// error; neither holds anything that a lead is called.

// faults are the faults that were logged: a store that is away fails every call, and
// must not fill the disk with lines that all say the same.
type faults struct {
	mu     sync.Mutex
	count  uint64 // of ids that were given
	second time.Time
	lines  int // in that second
	silent int // faults since the last line that have none
}

// faultLines bounds the lines of a second.
const faultLines = 10

// take gives a fault its number, and says whether it has a line in the log and how
// many had none before it.
func (f *faults) take(now time.Time) (number uint64, line bool, silent int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.count++
	if second := now.Truncate(time.Second); !second.Equal(f.second) {
		f.second, f.lines = second, 0
	}
	if f.lines == faultLines {
		f.silent++
		return f.count, false, 0
	}
	f.lines++
	silent, f.silent = f.silent, 0
	return f.count, true, silent
}

// told is a problem as it is told: one whose cause is the server's own is logged, and
// has the id under which the log has it. doing says what was being done.
func (s *Server) told(p *Problem, doing string) *Problem {
	if p.cause == nil || errors.Is(p.cause, context.Canceled) {
		return p // of a client that has gone nobody asks
	}
	number, line, silent := s.faults.take(s.now())
	q := *p
	q.Request = strconv.FormatInt(s.started.Unix(), 16) + "-" + strconv.FormatUint(number, 10)
	q.cause = nil
	if line {
		args := []any{"request", q.Request, "doing", doing, "error", p.cause}
		if silent > 0 {
			args = append(args, "before_it_without_a_line", silent)
		}
		s.log.Error("a request failed", args...)
	}
	return &q
}

// fail answers with what went wrong.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	s.told(problemOf(err), doingOf(r)).write(w)
}

// doingOf names an operation: its method, and its pattern rather than its address,
// which may name a person.
func doingOf(r *http.Request) string {
	if r.Pattern == "" {
		return r.Method
	}
	return r.Pattern
}
