package runner

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/enginetest"
	"github.com/seed-456efde2/nurture/engine/store"
)

// childDir is the variable that makes the test binary the child of
// TestKilledProcess, working in that folder.
const childDir = "NURTURE_RUNNER_TEST_CHILD"

const (
	killedLeads  = 200
	killedEvents = 4000
	killedCall   = 20
)

func killedWorkload() enginetest.Workload {
	return enginetest.Workload{Leads: killedLeads, Seed: 3, Start: engine.TimeOf(start)}
}

// fileReceiver is a receiver outside of the process: what it was sent stands in a
// file that survives.
type fileReceiver struct{ file *os.File }

func (f *fileReceiver) Send(_ context.Context, requests []engine.Request, report func(engine.Receipt)) error {
	var lines bytes.Buffer
	for i := range requests {
		q := &requests[i]
		fmt.Fprintf(&lines, "%v %s %q\n", q.Key, q.Channel, fmt.Sprint(q.Parts))
	}
	if _, err := f.file.Write(lines.Bytes()); err != nil {
		return err
	}
	for i := range requests {
		report(engine.Receipt{Key: requests[i].Key, Attempt: requests[i].Attempt, Outcome: engine.Done})
	}
	return nil
}

// child submits the whole workload, from the start, and tells of every call that
// was answered; it says "done" when everything has come to rest. It makes no further
// call before it has heard on its standard input, by a byte, that the last one was
// noted: so it is never far ahead of whoever is to kill it, however busy the machine is.
func child(dir string) error {
	file, err := os.OpenFile(filepath.Join(dir, "received"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	st, err := store.Open(store.Options{Dir: filepath.Join(dir, "data"), Partitions: 8, Ballast: -1, LeadCache: -1, SeenFilter: -1})
	if err != nil {
		return err
	}
	w := killedWorkload()
	p, err := engine.NewProgram(w.Spec(0), "workload", 1)
	if err != nil {
		return err
	}
	clock := enginetest.NewClock(start.Add(time.Hour))
	r, err := New(Options{Store: st, Program: p, Sender: &fileReceiver{file}, Clock: clock, Batch: 30, Workers: 3})
	if err != nil {
		return err
	}
	ctx := context.Background()
	if err := r.Start(ctx); err != nil {
		return err
	}
	for lead := range killedLeads {
		if _, err := r.Submit(ctx, w.Preload(lead)); err != nil {
			return err
		}
	}
	fmt.Println("ready")
	if err := submitAll(ctx, r, w); err != nil {
		return err
	}
	if err := r.Quiet(ctx); err != nil {
		return err
	}
	if err := errors.Join(r.Stop(ctx), st.Close(), file.Close()); err != nil {
		return err
	}
	fmt.Println("done")
	return nil
}

func submitAll(ctx context.Context, r *Runner, w enginetest.Workload) error {
	var all sync.WaitGroup
	errs := make(chan error, 4)
	for g := range 4 {
		all.Go(func() {
			for call := g; call < killedEvents/killedCall; call += 4 {
				events := make([]engine.Event, killedCall)
				for i := range events {
					events[i] = w.Event(call*killedCall + i)
				}
				if _, err := r.Submit(ctx, events); err != nil {
					errs <- err
					return
				}
				fmt.Println("answered", call)
				if _, err := os.Stdin.Read(make([]byte, 1)); err != nil {
					errs <- err
					return
				}
			}
		})
	}
	all.Wait()
	close(errs)
	return <-errs
}

// The process is killed again and again, anywhere. In the end every event counts
// once, nothing that was answered is missing, and a receiver that honours keys has
// every action once.
//
// It runs alone: a process that has been forked holds the locks of all stores of
// this one until it has become another program, and other tests close and open
// theirs.
func TestKilledProcess(t *testing.T) {
	dir := t.TempDir()
	rng := rand.New(rand.NewPCG(5, 5))
	answered := map[string]bool{}
	kills := 0
	for finished := false; !finished; {
		finished = runChild(t, dir, answered, 1+rng.IntN(25)+20*kills)
		kills++
	}
	if len(answered) != killedEvents/killedCall || kills < 4 {
		t.Errorf("%d calls were answered over %d lives", len(answered), kills)
	}
	checkKilled(t, dir)
}

// runChild lets a child live until it has answered so many calls that were not
// answered before. It reports whether the child came to its end.
func runChild(t *testing.T, dir string, answered map[string]bool, life int) bool {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), childDir+"="+dir)
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	noted, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	finished := false
	for lines := bufio.NewScanner(out); lines.Scan(); {
		line := lines.Text()
		finished = finished || line == "done"
		if strings.HasPrefix(line, "answered") && !answered[line] {
			answered[line] = true
			life--
		}
		if life <= 0 {
			if err := cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
				t.Fatal(err)
			}
		} else if strings.HasPrefix(line, "answered") {
			_, _ = noted.Write([]byte{'.'}) // one that has died by itself is told of below
		}
	}
	if err := cmd.Wait(); err != nil && life > 0 {
		t.Fatalf("the child ended by itself: %v\n%s", err, complaints.String())
	}
	return finished
}

func checkKilled(t *testing.T, dir string) {
	t.Helper()
	w := killedWorkload()
	want := w.Reference(killedEvents)
	var got enginetest.Totals
	text, err := os.ReadFile(filepath.Join(dir, "received"))
	if err != nil {
		t.Fatal(err)
	}
	messages := map[string]string{}
	for line := range strings.Lines(string(text)) {
		key, rest, _ := strings.Cut(line, " ")
		if old, known := messages[key]; known && old != rest {
			t.Errorf("one key had two messages: %s and %s", old, rest)
		} else if !known {
			messages[key] = rest
			if strings.HasPrefix(rest, "crm") {
				got.TossUps++
			} else {
				got.Mail1++
			}
		}
	}
	st, err := store.Open(store.Options{Dir: filepath.Join(dir, "data"), Ballast: -1})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	}()
	events := 0
	for part := range st.Partitions() {
		err := st.Leads(part, engine.LeadID{}, 0, func(id engine.LeadID, row []byte) error {
			var l engine.Lead
			if err := engine.DecodeLead(row, &l); err != nil {
				return err
			}
			got.Scores += int64(l.Folds.Scores[0].Value)
			if len(l.Acts.Pending) > 0 {
				t.Errorf("lead %v has an action under way", id)
			}
			return st.Facts(part, id, func(f *engine.Fact) error {
				if f.Event.Kind.Outside() {
					events++
				}
				return nil
			})
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if got != want || events != killedEvents+2*killedLeads {
		t.Errorf("%d events came to %+v; want %d and %+v", events, got, killedEvents+2*killedLeads, want)
	}
}
