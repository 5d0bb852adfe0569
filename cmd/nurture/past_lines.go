package main

import (
	"io"
	"runtime"
	"sync"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/intake"
)

// lineBatch is some lines of a file of events, with what becomes of them.
type lineBatch struct {
	numbers  []int
	ends     []int // of each line in texts; -1: it was too long
	texts    []byte
	events   []engine.Event
	problems []error
	decoded  chan struct{} // closed when events and problems are there
}

// batchBytes is about how much text one batch has.
const batchBytes = 128 << 10

// eachRecorded is intake.Lines on all cores: one goroutine reads and unpacks, others
// decode, and yield is called by this one in the order of the lines.
func eachRecorded(in io.Reader, source string, yield func(e engine.Event, problem error)) error {
	workers := runtime.GOMAXPROCS(0)
	ordered, work := make(chan *lineBatch, 2*workers), make(chan *lineBatch, 2*workers)
	var group sync.WaitGroup
	for range workers {
		group.Go(func() {
			for b := range work {
				b.decode(source)
			}
		})
	}
	var failure error
	group.Go(func() {
		defer close(ordered)
		defer close(work)
		failure = readBatches(in, func(b *lineBatch) {
			work <- b
			ordered <- b
		})
	})
	for b := range ordered {
		<-b.decoded
		for i := range b.events {
			yield(b.events[i], b.problems[i])
		}
	}
	group.Wait()
	return failure
}

// readBatches gives the lines of a file on in batches.
func readBatches(in io.Reader, give func(*lineBatch)) error {
	b := &lineBatch{decoded: make(chan struct{})}
	err := intake.Texts(in, func(line int, text []byte) error {
		b.numbers = append(b.numbers, line)
		if text == nil {
			b.ends = append(b.ends, -1)
			return nil
		}
		b.texts = append(b.texts, text...)
		b.ends = append(b.ends, len(b.texts))
		if len(b.texts) >= batchBytes {
			give(b)
			b = &lineBatch{decoded: make(chan struct{})}
		}
		return nil
	})
	if len(b.numbers) > 0 {
		give(b)
	}
	return err
}

func (b *lineBatch) decode(source string) {
	defer close(b.decoded)
	b.events, b.problems = make([]engine.Event, len(b.ends)), make([]error, len(b.ends))
	from := 0
	for i, end := range b.ends {
		if end < 0 {
			b.events[i], b.problems[i] = intake.Recorded(nil, b.numbers[i], source)
			continue
		}
		b.events[i], b.problems[i] = intake.Recorded(b.texts[from:end], b.numbers[i], source)
		from = end
	}
}
