package main_test

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/seed-456efde2/nurture/cmd/nurture/internal/receiver"
	"github.com/seed-456efde2/nurture/engine/enginetest"
)

// A workspace is edited again and again, well and badly, in the manner of many editors
// and deployments, while events stream in and the server is killed at random moments:
// no event is lost or decided twice, every decision names a revision that was in force
// then, leads stand where the rules say, what is refused stays visible while the last
// good rules run, and nothing is sent twice. What each lead should have done is worked
// out by the test's own reading of the rules. NURTURE_EDITS says how many edits.
func TestEditsWhileEventsStream(t *testing.T) {
	t.Parallel()
	edits, seed := 60, uint64(1)
	if n, err := strconv.Atoi(os.Getenv("NURTURE_EDITS")); err == nil {
		edits = n
	}
	if n, err := strconv.ParseUint(os.Getenv("NURTURE_EDITS_SEED"), 10, 64); err == nil {
		seed = n
	}
	t.Logf("%d edits from seed %d", edits, seed)
	d := newEditsDesk(t, seed)
	for d.edits < edits {
		d.step()
	}
	d.finish()
}

// strandedMark stands in a refusal of rules that would lose a lead.
const strandedMark = "which the new rules do not have. Say where they go"

// editsDesk is who edits the rules, restarts the server, and counts.
type editsDesk struct {
	t        *testing.T
	patience context.Context
	rng      *rand.Rand
	bin      string
	data     string
	at       string // address of every server
	folder   *rulesFolder
	sales    *receiver.Receiver
	hook     string
	crowd    *crowd
	gate     sync.RWMutex
	server   *served
	ended    bool
	names    int // of blocks and steps: none is used twice

	book     *ruleBook         // as the good files say
	note     string            // texts/note.txt
	last     map[string]string // the good files
	old      []map[string]string
	stamps   map[uint32]int // by revision, as its archived files say
	archives map[uint32]map[string][]byte

	edits, valid, invalid, refused, held, kills, killsRefused, rollbacks, checkouts int
}

func newEditsDesk(t *testing.T, seed uint64) *editsDesk {
	rng := rand.New(rand.NewPCG(seed, 7))
	sales := newSales(t)
	desk := httptest.NewServer(sales)
	t.Cleanup(desk.Close)
	d := &editsDesk{
		t: t, patience: enginetest.Patience(t), rng: rng, bin: buildProgram(t), data: filepath.Join(t.TempDir(), "data"), at: enginetest.Address(t), folder: newRulesFolder(t, rng),
		sales: sales, hook: desk.URL, note: "a note\n", stamps: map[uint32]int{},
	}
	d.book = &ruleBook{Stamp: 1, Points: 1, Hot: 3}
	d.book.Flows = []*flowRule{d.newFlow("alpha"), d.newFlow("beta")}
	d.last = d.folder.files(d.book, d.note)
	d.folder.commit(d.last)
	d.server = startServer(t, d.bin, d.folder.link, d.data, d.at, d.hook)
	d.crowd = newCrowd(t, &d.gate, func() string { return d.server.url }, 2)
	t.Cleanup(func() {
		select {
		case <-d.crowd.stop:
		default:
			d.crowd.end()
		}
	})
	return d
}

// name is a name that nothing had before.
func (d *editsDesk) name(kind string) string {
	d.names++
	return fmt.Sprintf("%s%d", kind, d.names)
}

func (d *editsDesk) newFlow(on string) *flowRule {
	f := &flowRule{Name: d.name("flow"), On: on, Least: d.rng.IntN(3), Moved: map[string]string{}}
	for range 3 + d.rng.IntN(4) {
		f.Steps = append(f.Steps, d.newStep(true))
	}
	return f
}

func (d *editsDesk) newStep(branches bool) *stepRule {
	s := &stepRule{Recompute: d.rng.IntN(3) == 0, Removed: []string{"", "", "exit", "next"}[d.rng.IntN(4)]}
	switch k := d.rng.IntN(10); {
	case k < 3:
		s.Kind, s.Seconds = "wait", 1+d.rng.IntN(3)
	case k < 5:
		s.Kind, s.Seconds = "wait", d.long()
	case k < 7:
		s.Kind, s.Seconds = "listen", d.long()
	case k < 9 || !branches:
		s.Kind, s.Recompute = "send", false
	default:
		s.Kind, s.Recompute, s.Removed, s.Least = "branch", false, "", 1+d.rng.IntN(9)
		s.Big, s.Other = []*stepRule{d.newStep(false)}, []*stepRule{d.newStep(false)}
	}
	s.Name = d.name(s.Kind)
	return s
}

// long is a wait that no test outlasts.
func (d *editsDesk) long() int { return (1 + d.rng.IntN(30*24)) * 3600 }

// step makes one edit, or a few without a look in between, sees what became of them,
// and now and then kills the server.
func (d *editsDesk) step() {
	switch k := d.rng.IntN(20); {
	case k < 6:
		d.spoil()
	case k == 6 && len(d.old) > 3:
		d.goBack()
	case k == 7:
		d.rollBack()
	default:
		if d.rng.IntN(4) == 0 { // too quick to be looked at
			d.change()
			d.save(d.book.clone(), d.note)
			d.pause(3)
		}
		d.change()
		d.put()
	}
	if d.kills < d.edits/20 {
		d.kill()
		d.settled(d.book.Stamp)
	}
}

// save writes the good files.
func (d *editsDesk) save(book *ruleBook, note string) {
	files := d.folder.files(book, note)
	if d.rng.IntN(8) == 0 {
		d.folder.commit(files)
	} else {
		d.folder.save(files)
	}
	d.last = files
	d.edits++
	d.valid++
}

// put saves a changed book and waits until it runs. Where leads stand on a step that
// is gone without a word it is refused, and mended by the word.
func (d *editsDesk) put() {
	before := d.book.clone()
	d.save(d.book, d.note)
	d.maybeKill()
	if d.settled(d.book.Stamp) {
		d.old = append(d.old, d.last)
		return
	}
	d.held++
	d.maybeKill()
	if d.settled(d.book.Stamp) { // the leads have gone on meanwhile
		d.old = append(d.old, d.last)
		return
	}
	d.book = before
	d.mendStranded()
	d.save(d.book, d.note)
	d.runs(d.book.Stamp)
}

// spoil makes the files bad in one of many ways, sees that they are refused and that
// this stays visible, and mends them.
func (d *editsDesk) spoil() {
	running := d.status()
	bad, mark := d.bad()
	if d.folder.kind == "mount" {
		d.folder.mount(bad)
	} else {
		d.folder.save(bad)
	}
	d.edits++
	d.invalid++
	d.maybeKill()
	d.seen(mark)
	d.refused++
	if d.rng.IntN(5) == 0 || d.killsRefused < d.invalid/10 {
		d.kill()
		d.killsRefused++
	} else {
		d.pause(d.rng.IntN(4))
	}
	d.seen(mark)
	// What was half written may have run for a while, where the machine stopped who wrote
	// it. What has problems may not.
	for number := d.status().Revision; number > running.Revision; number-- {
		if maps.EqualFunc(d.archived(number), sourcesOf(bad), bytes.Equal) {
			d.t.Errorf("files with problems: revision %d became %d", running.Revision, number)
		}
	}
	if d.rng.IntN(2) == 0 {
		d.change()
	}
	d.put()
}

// goBack brings earlier files back, by git where there is git.
func (d *editsDesk) goBack() {
	files := d.old[d.rng.IntN(len(d.old))]
	d.folder.commit(files)
	if n := len(d.folder.past); d.folder.git && n > 3 {
		commit := d.folder.past[d.rng.IntN(n)]
		d.folder.checkout(commit)
		d.checkouts++
		files = d.folder.read()
	}
	d.edits++
	d.valid++
	d.maybeKill()
	earlier := readBook(sourcesOf(files))
	if d.settled(earlier.Stamp) {
		d.book = earlier
		d.refile(files)
		return
	}
	d.held++
	d.put() // what runs, unless the leads have gone on meanwhile
}

// refile notes in which files the blocks of earlier files stand.
func (d *editsDesk) refile(files map[string]string) {
	d.last, d.note = files, files["texts/note.txt"]
	clear(d.folder.home)
	for block := range d.book.blocks() {
		for name, text := range files {
			if strings.Contains(text, blockHead(block)) {
				d.folder.home[block] = name
			}
		}
	}
}

// blockHead is how a block's text begins.
func blockHead(block string) string {
	switch {
	case block == "base":
		return `project "edits"`
	case block == "hot":
		return `toss_up "hot"`
	case strings.HasPrefix(block, "flow_"):
		return fmt.Sprintf("workflow %q", strings.TrimPrefix(block, "flow_"))
	}
	return fmt.Sprintf("score %q", block)
}

// rollBack brings an earlier revision back by the API; it stays until the files change.
func (d *editsDesk) rollBack() {
	now := d.status()
	if now.Revision < 4 {
		return
	}
	number := 1 + uint32(d.rng.IntN(int(now.Revision-1)))
	status, answer, _ := d.server.post(d.t, "/api/v1/rollback", fmt.Sprintf(`{"revision":%d}`, number))
	switch {
	case status == 200:
		d.rollbacks++
		d.maybeKill()
		if !d.settled(d.stampOf(number)) {
			d.t.Errorf("r%d was brought back, and is refused", number)
		}
	case status != 409 && status != 422 && status != 500:
		d.t.Errorf("bringing r%d back: %d %s", number, status, answer)
	}
	d.change()
	d.put()
}

func (d *editsDesk) maybeKill() {
	if d.rng.IntN(20) == 0 {
		d.pause(d.rng.IntN(16))
		d.kill()
	}
}

// kill ends the server as a power cut would, and starts it again.
func (d *editsDesk) kill() {
	d.gate.Lock()
	defer d.gate.Unlock()
	d.crowd.starts.Add(1)
	defer d.crowd.starts.Add(1)
	d.server.kill(d.t)
	d.server = startServer(d.t, d.bin, d.folder.link, d.data, d.at, d.hook)
	d.kills++
}

// pause lets some batches be answered: the world's time, not the machine's.
func (d *editsDesk) pause(batches int) {
	if d.ended {
		return // nobody sends any more
	}
	from := d.crowd.answered.Load()
	d.until(func() bool { return d.crowd.answered.Load() >= from+int64(batches) }, "the crowd is answered")
}

func (d *editsDesk) until(ok func() bool, what string) {
	d.t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-d.patience.Done():
			d.crowd.mu.Lock()
			defer d.crowd.mu.Unlock()
			d.t.Fatalf("%s did not come about: %+v; the crowd was told %q\n%s", what, d.status(), d.crowd.strange, lastLines(d.server.stderr.String(), 10))
		case <-tick.C:
		}
	}
}

func (d *editsDesk) status() (st liveStatus) {
	d.t.Helper()
	if err := getJSON(d.t, d.server.url+"/api/v1/status", &st); err != nil {
		d.t.Fatalf("the server does not answer: %v\n%s", err, lastLines(d.server.stderr.String(), 10))
	}
	return st
}

// seen waits until a refusal that has the mark in it is shown.
func (d *editsDesk) seen(mark string) {
	d.t.Helper()
	d.until(func() bool {
		st := d.status()
		return !st.Rules.OK && strings.Contains(strings.Join(st.Rules.Problems, "\n"), mark)
	}, fmt.Sprintf("a refusal that names %q", mark))
}

// runs waits until the files of a stamp run.
func (d *editsDesk) runs(stamp int) {
	d.t.Helper()
	d.until(func() bool {
		st := d.status()
		return st.Rules.OK && d.stampOf(st.Revision) == stamp
	}, fmt.Sprintf("stamp %d", stamp))
}

// settled waits until the files of a stamp run, or are refused because of leads that
// stand on a step.
func (d *editsDesk) settled(stamp int) (runs bool) {
	d.t.Helper()
	d.until(func() bool {
		st := d.status()
		runs = st.Rules.OK && d.stampOf(st.Revision) == stamp
		return runs || !st.Rules.OK && strings.Contains(strings.Join(st.Rules.Problems, "\n"), strandedMark)
	}, fmt.Sprintf("stamp %d", stamp))
	return runs
}

// stampOf is the stamp that the archived files of a revision carry.
func (d *editsDesk) stampOf(revision uint32) int {
	stamp, ok := d.stamps[revision]
	if !ok {
		stamp = readBook(d.archived(revision)).Stamp
		d.stamps[revision] = stamp
	}
	return stamp
}

func (d *editsDesk) archived(revision uint32) map[string][]byte {
	d.t.Helper()
	var doc struct{ Sources map[string][]byte }
	if err := getJSON(d.t, fmt.Sprintf("%s/api/v1/revisions/%d/sources", d.server.url, revision), &doc); err != nil {
		d.t.Fatalf("the sources of r%d: %v", revision, err)
	}
	return doc.Sources
}

// archivedOnce is archived, remembered: what a revision says never changes.
func (d *editsDesk) archivedOnce(revision uint32) map[string][]byte {
	if d.archives == nil {
		d.archives = map[uint32]map[string][]byte{}
	}
	if d.archives[revision] == nil {
		d.archives[revision] = d.archived(revision)
	}
	return d.archives[revision]
}
