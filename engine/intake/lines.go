package intake

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"

	"github.com/seed-456efde2/nurture/engine"
)

// MaxLine bounds one line of a file of events, in bytes.
const MaxLine = 1 << 20

// Lines reads recorded events, one call a line with its type inside, plain or
// gzipped, and hands each to yield with its line number from 1. Recorded events
// have both clocks from their own time, so a line must have one, and sentAt
// corrects nothing. A line that is not an event is handed on with its
// *engine.Problem; empty lines are passed over. Lines ends at the end of the
// file, at the first error of reading, or at the first error of yield, which it
// returns as it is.
func Lines(r io.Reader, source string, yield func(line int, ev engine.Event, err error) error) error {
	return Texts(r, func(line int, text []byte) error {
		e, p := Recorded(text, line, source)
		return yield(line, e, p)
	})
}

// Texts reads the lines of recorded events as Lines does and leaves them as they are,
// for who has several readers of events: Recorded reads one. A line that is too long
// comes as nil. The text is valid during the call only.
func Texts(r io.Reader, yield func(line int, text []byte) error) error {
	buf, err := unzipped(bufio.NewReaderSize(r, 64<<10))
	if err != nil {
		return err
	}
	lines := lineReader{buf: buf}
	for line := 1; ; line++ {
		text, ok, err := lines.next()
		if err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("read line %d: %w", line, err)
		}
		text = trim(text)
		if !ok {
			text = nil
		}
		if !ok || len(text) > 0 {
			if err := yield(line, text); err != nil {
				return err
			}
		}
		if err != nil {
			return nil
		}
	}
}

// unzipped looks at the first two bytes, because names and labels lie.
func unzipped(r *bufio.Reader) (*bufio.Reader, error) {
	if head, _ := r.Peek(2); !bytes.Equal(head, []byte{0x1f, 0x8b}) {
		return r, nil
	}
	z, err := gzip.NewReader(r)
	if err != nil {
		return nil, fmt.Errorf("open gzip: %w", err)
	}
	return bufio.NewReaderSize(z, 64<<10), nil
}

// lineReader reads lines of any length and keeps no more than MaxLine of one.
type lineReader struct {
	buf  *bufio.Reader
	long []byte
}

// next gives a line, valid until the next call; ok is false where it was longer
// than MaxLine. The last line comes with io.EOF.
func (l *lineReader) next() (text []byte, ok bool, err error) {
	text, err = l.buf.ReadSlice('\n')
	if !errors.Is(err, bufio.ErrBufferFull) {
		return text, true, err
	}
	l.long = append(l.long[:0], text...)
	size := len(text)
	for errors.Is(err, bufio.ErrBufferFull) {
		text, err = l.buf.ReadSlice('\n')
		if size += len(text); size <= MaxLine {
			l.long = append(l.long, text...)
		}
	}
	return l.long, size <= MaxLine, err
}

func trim(text []byte) []byte {
	return bytes.TrimSpace(bytes.TrimPrefix(text, []byte("\uFEFF")))
}

// Recorded reads one line that Texts gave. The error, if any, is a *engine.Problem.
func Recorded(text []byte, line int, source string) (engine.Event, error) {
	if text == nil {
		return engine.Event{}, problem("too_large", "the line is longer than %d bytes", MaxLine)
	}
	d := decoder{
		call:     Call{Limits: Limits{Event: MaxLine}},
		recorded: true,
		scan:     scanner{src: string(text)},
		fields:   make([]engine.Field, 0, len(text)/48+4),
	}
	it := d.span()
	if d.scan.failed() || !d.scan.atEnd() {
		return engine.Event{}, problem("bad_json", "the line is not JSON: unexpected content at byte %d", d.scan.pos)
	}
	e := engine.Event{Source: source}
	if p := d.event(&e, line, d.scan.src, it.depth); p != nil {
		return e, p
	}
	return e, nil
}
