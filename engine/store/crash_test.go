package store

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/seed-456efde2/nurture/engine"
)

// TestMain lets the test binary be the process that is killed.
func TestMain(m *testing.M) {
	if dir := os.Getenv("STORE_CRASH_DIR"); dir != "" {
		if err := crashChild(dir); err != nil {
			fmt.Println("error", err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// crashChild commits without end and prints the number of each commit that was
// acknowledged. What commit n writes follows from n alone, see crashWrite.
func crashChild(dir string) error {
	o := small(dir)
	o.NoSync = os.Getenv("STORE_CRASH_NOSYNC") != ""
	s, err := Open(o)
	if err != nil {
		return err
	}
	out := bufio.NewWriter(os.Stdout)
	w := s.NewWrite()
	for n := s.Commits() + 1; ; n++ {
		crashWrite(w, n)
		if err := s.Commit(w); err != nil {
			return err
		}
		w.Reset()
		fmt.Fprintln(out, n)
		if err := out.Flush(); err != nil {
			return err
		}
	}
}

const crashLeads = 40

// crashWrite is the nth commit: for some partitions a lead, a fact, an outbox row
// and a moved timer; and a counter.
func crashWrite(w *Write, n uint64) {
	for k := range crashParts(n) {
		part := int(n+uint64(k)*7) % 64
		id := leadIn(part, 64, int(n)%crashLeads)
		w.Lead(part, sampleLead(id, int(n)))
		f := sampleFact(id, int(n), n)
		w.Fact(part, id, f)
		w.Seen(part, id, n, f.Event.Source, f.Event.ID)
		w.Outbox(part, engine.LaneNurture, n, id, actionKeyOf(int(n)), "email")
		w.Timer(part, id, 0, start.Add(engine.Span(n)))
		w.Anchor(part, Anchor{Clock: start.Add(engine.Span(n)), Revision: uint32(n)})
	}
	w.Count(engine.Delta{Name: "commits", Hour: 1, N: 1})
}

func crashParts(n uint64) int { return 1 + int(n*2654435761>>7%9) }

// TestCrash kills a writing process at random points, again and again on one
// folder: every acknowledged commit is there, none is there in part, and the
// anchors tell the truth.
func TestCrash(t *testing.T) {
	t.Parallel()
	for _, sync := range []string{"", "no"} {
		t.Run("sync"+sync, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			seed := uint64(20260401)
			rng := rand.New(rand.NewPCG(seed, uint64(len(sync))))
			var acked uint64
			for round := range 8 {
				acked = crash(t, dir, sync, rng.IntN(300))
				s := openAt(t, small(dir))
				if s.Commits() < acked || s.Commits() > acked+1 {
					t.Fatalf("seed %d round %d: %d commits are there, %d were acknowledged", seed, round, s.Commits(), acked)
				}
				checkCrashed(t, s)
				must(t, s.Close())
			}
			t.Logf("%d commits were acknowledged", acked)
		})
	}
}

// crash starts a writer and kills it after it acknowledged so many commits. It
// gives the number of the last one it acknowledged.
func crash(t *testing.T, dir, noSync string, acks int) (last uint64) {
	t.Helper()
	child := exec.Command(os.Args[0], "-test.run=^$")
	child.Env = append(os.Environ(), "STORE_CRASH_DIR="+dir, "STORE_CRASH_NOSYNC="+noSync)
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	must(t, err)
	must(t, child.Start())
	lines := bufio.NewScanner(out)
	for n := 0; lines.Scan(); n++ {
		if strings.HasPrefix(lines.Text(), "error") {
			t.Errorf("the writer: %s", lines.Text())
		}
		if last, err = strconv.ParseUint(lines.Text(), 10, 64); err != nil {
			t.Fatalf("the writer said %q", lines.Text())
		}
		if n == acks {
			must(t, child.Process.Kill())
		}
	}
	_, _ = io.Copy(io.Discard, out)
	_ = child.Wait() // it was killed
	return last
}

// checkCrashed compares all rows with what the commits up to the last one wrote.
func checkCrashed(t *testing.T, s *Store) {
	t.Helper()
	last := s.Commits()
	leads, anchors := map[engine.LeadID]uint64{}, map[int]uint64{}
	facts := 0
	for n := uint64(1); n <= last; n++ {
		for k := range crashParts(n) {
			part := int(n+uint64(k)*7) % 64
			id := leadIn(part, 64, int(n)%crashLeads)
			if seen, err := s.Seen(part, id, &sampleFact(id, int(n), n).Event); !seen || err != nil {
				t.Errorf("the message of commit %d is seen: %v, %v", n, seen, err)
			}
			leads[id], anchors[part] = n, n
			facts++
		}
	}
	for part := range 64 {
		n := anchors[part]
		a := s.Anchor(part)
		if a.Commits != n || n > 0 && (a.Revision != uint32(n) || a.OutboxTail[engine.LaneNurture] != n+1 || a.Clock != start.Add(engine.Span(n))) {
			t.Errorf("the anchor of partition %d is %+v, commit %d was its last", part, a, n)
		}
		must(t, s.Due(part, noRow, 0, func(id engine.LeadID, _ engine.Time) error { facts -= 1000; return nil }))
		must(t, s.Outbox(part, engine.LaneNurture, 0, 0, func(uint64, engine.LeadID, engine.ActionKey, string) error {
			facts += 1000
			return nil
		}))
	}
	for id, n := range leads {
		var l engine.Lead
		if found, err := s.Lead(id, &l); !found || err != nil || l.User != fmt.Sprintf("u%07d", n) {
			t.Errorf("lead %v of commit %d: %v, %v, %s", id, n, found, err, l.User)
		}
		must(t, s.Facts(id.Partition(64), id, func(*engine.Fact) error { facts--; return nil }))
	}
	if facts != 0 {
		t.Errorf("timers, outbox rows and facts do not match: %d", facts)
	}
	must(t, s.Counts("commits", 0, 9, func(d engine.Delta) error {
		if d.N != int64(last) {
			t.Errorf("%d commits were counted, %d are there", d.N, last)
		}
		return nil
	}))
}
