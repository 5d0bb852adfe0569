package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/pflag"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/history"
	"github.com/seed-456efde2/nurture/engine/store"
)

// place is where recorded events lie, as the flags of replay and learn name it. The
// running server is none of these.
type place struct {
	events, source string
	data, backup   string
}

func (p *place) flags(f *pflag.FlagSet) {
	f.StringVar(&p.events, "events", "", "NDJSON file of Segment-shaped events, gzipped or not; - is standard input")
	f.StringVar(&p.source, "source", "replay", "source name that the events are recorded under")
	f.StringVar(&p.data, "data", "", "state folder of a server that is not running")
	f.StringVar(&p.backup, "backup", "", "backup file of a server")
}

// named reports whether any place was named.
func (p *place) named() bool { return p.events != "" || p.data != "" || p.backup != "" }

// errPlaces is the error of flags that name two places.
var errPlaces = errors.New("--events, --data, --backup and --live each name where history is read from; give one of them")

func (p *place) atMostOne() error {
	n := 0
	for _, name := range []string{p.events, p.data, p.backup} {
		if name != "" {
			n++
		}
	}
	if n > 1 {
		return errPlaces
	}
	return nil
}

// past is recorded events, opened for reading.
type past struct {
	source history.Source
	to     engine.Time  // end of the record
	store  *store.Store // nil for a file of events
	close  func()
}

// openPast opens the place that was named. key is the attribute that identifies a
// lead as well.
func (c *cli) openPast(p *place, key string) (*past, error) {
	if p.events != "" {
		events, err := c.readEvents(p.events, p.source)
		if err != nil {
			return nil, err
		}
		out := &past{source: history.FromEvents(events, key), close: func() {}}
		for i := range events {
			out.to = max(out.to, events[i].At)
		}
		return out, nil
	}
	folder, remove := p.data, func() {}
	if p.backup != "" {
		var err error
		if folder, remove, err = unpackBackup(p.backup); err != nil {
			return nil, err
		}
	}
	st, err := openState(folder)
	if err != nil {
		remove()
		return nil, err
	}
	return &past{source: history.FromRows(st, 0), to: endOf(st), store: st, close: func() {
		_ = st.Close() // it was only read
		remove()
	}}, nil
}

// endOf is the end of a state's record: the latest that any partition's clock has
// come to. What became of the leads afterwards is not known, whatever the time is now.
func endOf(st *store.Store) engine.Time {
	var end engine.Time
	for part := range st.Partitions() {
		end = max(end, st.Anchor(part).Clock)
	}
	return end
}

// readEvents reads a file of events to its end. Lines that are no events decide
// nothing, as at the collector.
func (c *cli) readEvents(file, source string) ([]engine.Event, error) {
	in := c.in
	if file != "-" {
		f, err := os.Open(file)
		if err != nil {
			return nil, fmt.Errorf("open the events: %w", err)
		}
		defer f.Close()
		in = f
	}
	var events []engine.Event
	problems := 0
	err := eachRecorded(in, source, func(e engine.Event, problem error) {
		if problem != nil {
			problems++
			return
		}
		e.Context = ""
		events = append(events, e)
	})
	if err != nil {
		return nil, fmt.Errorf("read the events: %w", err)
	}
	if problems > 0 {
		c.log.Warn("some lines are no events and were passed over", "lines", problems)
	}
	return events, nil
}

// unpackBackup restores a backup into a folder for the time of one verb.
func unpackBackup(file string) (folder string, remove func(), err error) {
	f, err := os.Open(file)
	if err != nil {
		return "", func() {}, fmt.Errorf("open the backup: %w", err)
	}
	defer f.Close()
	top, err := os.MkdirTemp("", "nurture-replay-")
	if err != nil {
		return "", func() {}, fmt.Errorf("make a folder for the backup: %w", err)
	}
	remove = func() { _ = os.RemoveAll(top) } // it holds a copy only
	folder = filepath.Join(top, "data")
	if err := store.Restore(store.Options{Dir: folder, Ballast: -1}, io.Reader(f)); err != nil {
		remove()
		return "", func() {}, err
	}
	return folder, remove, nil
}
